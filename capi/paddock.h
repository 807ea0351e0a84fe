#ifndef PADDOCK_CAPI_PADDOCK_H_
#define PADDOCK_CAPI_PADDOCK_H_

/*
 * Paddock as a C library: selects the strongest sandbox that this host can give a command, runs the command in it, and
 * reports what was enforced. For programs in any language that can call C. C11.
 *
 * Conventions
 *   - Texts go in as a pointer and a length in bytes, and need no NUL. They come out as paddock_text, UTF-8.
 *   - A function that can fail returns a paddock_code. Unless it is PADDOCK_OK, `*error` is set to an error that the
 *     caller frees; `error` may be NULL for a caller that does not care. Results are set on success alone, but where it
 *     says otherwise.
 *   - Whatever a function hands out is the caller's, to be freed by the function named *_free, which takes NULL, too.
 *   - Orders (what to run, and how) and answers are JSON, each with a schema in share/doc/paddock/schema:
 *     run.schema.json for orders; facts, decision, plan and report for answers.
 *
 * Threads: every function may be called from any thread, also at the same time on the same object, but for the *_free
 * of an object that another call still uses. No function changes the process's signals, directory, environment or
 * umask; children are not announced by SIGCHLD and are invisible to waitpid(-1).
 *
 * Windows: 64-bit alone, whose one calling convention functions and callbacks have. A handle, where one goes in or
 * comes out, is a HANDLE. The DLL has a C runtime of its own: no FILE, descriptor or allocation of another crosses this
 * interface. Call nothing from DllMain, and unload the DLL only when every object has been freed.
 *
 * Nothing is thrown across this interface. Structs that the caller fills begin with their size, so that a library that
 * knows more members than the caller takes the rest for zero.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(_WIN64)
#error "Paddock is for 64-bit Windows"
#endif

/* PADDOCK_STATIC: the program links the archives in place of the shared object or DLL. */
#if defined(PADDOCK_STATIC)
#define PADDOCK_API
#elif defined(_WIN32)
#if defined(PADDOCK_BUILDING)
#define PADDOCK_API __declspec(dllexport)
#else
#define PADDOCK_API __declspec(dllimport)
#endif
#else
#define PADDOCK_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a function or struct changes in a way that a program compiled before does not survive. */
#define PADDOCK_ABI_VERSION 1

/* PADDOCK_ABI_VERSION of the library that is loaded; compare it before anything else. */
PADDOCK_API uint32_t paddock_abi_version(void);
/* "0.1.0" */
PADDOCK_API const char* paddock_version(void);

/* ---- errors ---- */

/* The numbers of google.rpc.Code. */
typedef int32_t paddock_code;
enum {
  PADDOCK_OK = 0,
  PADDOCK_UNKNOWN = 2,
  PADDOCK_INVALID_ARGUMENT = 3, /* the order, the policy, an argument */
  PADDOCK_NOT_FOUND = 5,
  PADDOCK_FAILED_PRECONDITION = 9, /* refused: nothing ran */
  PADDOCK_UNIMPLEMENTED = 12,
  PADDOCK_INTERNAL = 13,
  PADDOCK_UNAVAILABLE = 14
};

typedef struct paddock_error paddock_error;

PADDOCK_API paddock_code paddock_error_code(const paddock_error* error);
/* A stable word in snake_case, "policy_invalid"; see reasons.md. Never NULL; empty if there is none. */
PADDOCK_API const char* paddock_error_reason(const paddock_error* error);
/* What was tried, and what went wrong. Never NULL. */
PADDOCK_API const char* paddock_error_message(const paddock_error* error);
/* What to do about it. Never NULL; empty if nothing is known. */
PADDOCK_API const char* paddock_error_remedy(const paddock_error* error);
PADDOCK_API void paddock_error_free(paddock_error* error);

/* ---- texts ---- */

typedef struct paddock_text paddock_text;

/* The bytes, followed by a NUL that paddock_text_length() does not count. Valid until the text is freed. */
PADDOCK_API const char* paddock_text_data(const paddock_text* text);
PADDOCK_API size_t paddock_text_length(const paddock_text* text);
PADDOCK_API void paddock_text_free(paddock_text* text);

/* ---- contexts ---- */

/* Who asks, and where: environment, home and current directory of the process, read once when the context is made. */
typedef struct paddock_context paddock_context;

typedef struct paddock_context_options {
  size_t size; /* sizeof(paddock_context_options) */
  /* Absolute path of the tool `paddock` of the same version, or NULL: what needs a program of Paddock's inside of the
   * sandbox (tier bubblewrap of linux_landlock) is unavailable then. Windows: those programs, paddock-guest.exe and
   * paddock-linux-x86_64, are looked for in the tool's directory, with NULL in that of the calling program. */
  const char* tool;
  size_t tool_length;
} paddock_context_options;

/* `options` may be NULL. FAILED_PRECONDITION if the current directory has been removed. */
PADDOCK_API paddock_code paddock_context_new(const paddock_context_options* options, paddock_context** context,
                                             paddock_error** error);
PADDOCK_API void paddock_context_free(paddock_context* context);

/* ---- questions: nothing runs, nothing changes ---- */

/* The facts of this host and of the order's workspace (facts.schema.json). */
PADDOCK_API paddock_code paddock_probe(const paddock_context* context, const char* order, size_t order_length,
                                       paddock_text** facts, paddock_error** error);

/* The decision for the order (decision.schema.json): what would run, by which rule, and why nothing else. `facts` are
 * those of another host, as paddock_probe() gave them there; NULL: of this one. */
PADDOCK_API paddock_code paddock_explain(const paddock_context* context, const char* order, size_t order_length,
                                         const char* facts, size_t facts_length, paddock_text** decision,
                                         paddock_error** error);

/* The launch plan of the backend that was chosen (plan.schema.json). FAILED_PRECONDITION if none was. */
PADDOCK_API paddock_code paddock_plan(const paddock_context* context, const char* order, size_t order_length,
                                      const char* facts, size_t facts_length, paddock_text** plan,
                                      paddock_error** error);

/* ---- runs ---- */

enum {
  PADDOCK_STREAM_INHERIT = 0, /* the process's own stream of that number */
  PADDOCK_STREAM_NULL = 1,    /* reads end at once, writes vanish */
  /* `handle`: a descriptor, on Windows a HANDLE, inheritable or not. Stays the caller's, who closes it only when the
   * run has ended. */
  PADDOCK_STREAM_HANDLE = 2,
  PADDOCK_STREAM_PIPE = 3 /* stdin: paddock_sandbox_write(); stdout and stderr: PADDOCK_EVENT_OUTPUT */
};

typedef struct paddock_stream {
  int32_t kind;
  intptr_t handle;
} paddock_stream;

typedef struct paddock_stdio {
  size_t size; /* sizeof(paddock_stdio) */
  paddock_stream in, out, err;
  /* Not 0: a terminal of the sandbox's own in place of the three streams, of this size in characters. Input by
   * paddock_sandbox_write(), output as PADDOCK_EVENT_OUTPUT of PADDOCK_STDOUT, whatever in, out and err say. */
  int32_t tty;
  uint16_t columns, rows;
} paddock_stdio;

enum { PADDOCK_STDIN = 0, PADDOCK_STDOUT = 1, PADDOCK_STDERR = 2 };

enum {
  PADDOCK_EVENT_STARTED = 1,   /* process_id */
  PADDOCK_EVENT_OUTPUT = 2,    /* stream, data */
  PADDOCK_EVENT_VIOLATION = 3, /* data: a sentence */
  PADDOCK_EVENT_NOTICE = 4,    /* data: a sentence */
  PADDOCK_EVENT_EXITED = 5,    /* last, once, also when nothing ran: exit_status; data: how, "exited", "wall", ... */
  PADDOCK_EVENT_PROGRESS = 6   /* before STARTED, where setting up takes long; data: a sentence */
};

typedef struct paddock_event {
  size_t size; /* of this struct in the library */
  int32_t kind;
  int32_t stream;
  int64_t process_id;
  int32_t exit_status;
  const char* data; /* valid during the call */
  size_t length;
} paddock_event;

/* Events come one at a time, on one thread for each run; those of progress on any of the library's. A function that
 * blocks holds the command back, while limits keep running. It may call every function of the run's sandbox but
 * paddock_sandbox_wait(). */
typedef void (*paddock_event_function)(void* user, const paddock_event* event);

/* Runs the order's command to its end on the calling thread. `stdio` NULL: all streams inherited; `on_event` NULL:
 * nobody listens (no stream may be a pipe then). PADDOCK_OK: it ran, or was not there to be run; `*exit_status` is that
 * of `paddock run`: the command's own (Windows: 32 bits, an NTSTATUS is negative), 128+N for signal N, 124 for the wall
 * clock, 125 for other limits, 126 and 127 as in shells. Else Paddock refused it, so that nothing ran, or failed, and
 * `*error` says why. `*report` (report.schema.json) and `*exit_status` are set in all these cases, but not if the order
 * itself was at fault. Both may be NULL. */
PADDOCK_API paddock_code paddock_run(const paddock_context* context, const char* order, size_t order_length,
                                     const paddock_stdio* stdio, paddock_event_function on_event, void* user,
                                     int32_t* exit_status, paddock_text** report, paddock_error** error);

/* A command that runs in its sandbox, on a thread of the library's. */
typedef struct paddock_sandbox paddock_sandbox;

/* Comes back when the command has been launched, or cannot be; `*report` is set in the latter case alone, as above. */
PADDOCK_API paddock_code paddock_spawn(const paddock_context* context, const char* order, size_t order_length,
                                       const paddock_stdio* stdio, paddock_event_function on_event, void* user,
                                       paddock_sandbox** sandbox, paddock_text** report, paddock_error** error);

/* Writes all of it to the command's stdin or terminal; may block until the command reads. */
PADDOCK_API paddock_code paddock_sandbox_write(paddock_sandbox* sandbox, const char* data, size_t length,
                                               paddock_error** error);
PADDOCK_API paddock_code paddock_sandbox_close_input(paddock_sandbox* sandbox, paddock_error** error);
PADDOCK_API paddock_code paddock_sandbox_resize(paddock_sandbox* sandbox, uint16_t columns, uint16_t rows,
                                                paddock_error** error);
/* Signals by their number on Linux; 9 ends the whole tree at once. Windows has none, but behind wsl2: 2 is Ctrl+C where
 * there is a terminal, and every other one ends the tree, with the exit status 128+N. Each of these:
 * FAILED_PRECONDITION when it has ended. */
PADDOCK_API paddock_code paddock_sandbox_signal(paddock_sandbox* sandbox, int32_t signal, paddock_error** error);

/* Readable (a descriptor), signalled (a HANDLE, an event that stays set) from when paddock_sandbox_wait() will not
 * block. The sandbox's own: neither close nor set it, and do not wait for it once the sandbox is freed. */
PADDOCK_API intptr_t paddock_sandbox_wait_handle(const paddock_sandbox* sandbox);

/* Waits for the end. May be called again, and by several threads. `exit_status` and `report` may be NULL. */
PADDOCK_API paddock_code paddock_sandbox_wait(paddock_sandbox* sandbox, int32_t* exit_status, paddock_text** report,
                                              paddock_error** error);

/* Ends the tree, if it still runs, and waits for that; called from the run's own event function, it does not wait. No
 * event comes afterwards. */
PADDOCK_API void paddock_sandbox_free(paddock_sandbox* sandbox);

#ifdef __cplusplus
}
#endif

#endif /* PADDOCK_CAPI_PADDOCK_H_ */
