/*
 * A program that embeds Paddock on Windows, for capi_wsl_test.py: does what the order in the file ORDER says, puts the
 * report into the file REPORT, and ends as the run did. MODE:
 *
 *   feed     its own standard input goes to the command
 *   stop     the command's first output is answered by signal 9
 *   free     the sandbox is freed at the command's first output
 *   handle   the command's output goes to a file, by its handle: REPORT.out
 *   console  the command has a terminal
 *
 *   capi_driver MODE ORDER REPORT [TOOL]
 */
#include <fcntl.h>
#include <io.h>
#include <paddock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { kFailed = 99 };

static HANDLE first_output;

static void on_event(void* user, const paddock_event* event) {
  (void)user;
  if (event->kind != PADDOCK_EVENT_OUTPUT) return;
  fwrite(event->data, 1, event->length, event->stream == PADDOCK_STDERR ? stderr : stdout);
  fflush(stdout);
  SetEvent(first_output);
}

static int fail(const char* tried, paddock_error* error) {
  fprintf(stderr, "capi_driver: %s: %s (%s)\n", tried, error == NULL ? "" : paddock_error_message(error),
          error == NULL ? "" : paddock_error_reason(error));
  paddock_error_free(error);
  return kFailed;
}

static char* read_file(const char* path) {
  static char text[1 << 16];
  FILE* const file = fopen(path, "rb");
  if (file == NULL) return NULL;
  text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void keep(const char* path, paddock_text* report) {
  FILE* const file = fopen(path, "wb");
  if (file != NULL && report != NULL) fwrite(paddock_text_data(report), 1, paddock_text_length(report), file);
  if (file != NULL) fclose(file);
  paddock_text_free(report);
}

static HANDLE open_output(const char* report) {
  char path[MAX_PATH];
  snprintf(path, sizeof(path), "%s.out", report);
  return CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
}

static int feed(paddock_sandbox* sandbox) {
  static char bytes[1 << 16];
  paddock_error* error = NULL;
  size_t size = 0;
  /* The command waits for input, so that it has not ended. */
  if (WaitForSingleObject((HANDLE)paddock_sandbox_wait_handle(sandbox), 0) != WAIT_TIMEOUT)
    return fail("waiting", NULL);
  while ((size = fread(bytes, 1, sizeof(bytes), stdin)) > 0) {
    if (paddock_sandbox_write(sandbox, bytes, size, &error) != PADDOCK_OK) return fail("writing", error);
  }
  return paddock_sandbox_close_input(sandbox, &error) == PADDOCK_OK ? 0 : fail("closing the input", error);
}

static int finish(paddock_sandbox* sandbox, const char* report_path) {
  paddock_error* error = NULL;
  paddock_text* report = NULL;
  int32_t status = kFailed;
  if (WaitForSingleObject((HANDLE)paddock_sandbox_wait_handle(sandbox), INFINITE) != WAIT_OBJECT_0)
    return fail("waiting", NULL);
  if (paddock_sandbox_wait(sandbox, &status, &report, &error) != PADDOCK_OK) status = fail("the run", error);
  keep(report_path, report);
  /* What has ended takes no more. */
  if (paddock_sandbox_write(sandbox, "x", 1, NULL) != PADDOCK_FAILED_PRECONDITION) status = fail("writing late", NULL);
  paddock_sandbox_free(sandbox);
  return status;
}

int main(int argc, char** argv) {
  if (argc < 4) return kFailed;
  for (int stream = 0; stream < 3; ++stream) _setmode(stream, _O_BINARY);
  const char* const mode = argv[1];
  const char* const order = read_file(argv[2]);
  first_output = CreateEventA(NULL, TRUE, FALSE, NULL);
  paddock_context_options options = {.size = sizeof(options)};
  if (argc > 4) options.tool = argv[4], options.tool_length = strlen(argv[4]);
  paddock_error* error = NULL;
  paddock_context* context = NULL;
  if (order == NULL || paddock_context_new(&options, &context, &error) != PADDOCK_OK) return fail("the context", error);

  const int to_file = strcmp(mode, "handle") == 0;
  const HANDLE output = to_file ? open_output(argv[3]) : NULL;
  paddock_stdio stdio = {.size = sizeof(stdio)};
  stdio.in.kind = strcmp(mode, "feed") == 0 ? PADDOCK_STREAM_PIPE : PADDOCK_STREAM_NULL;
  stdio.out.kind = to_file ? PADDOCK_STREAM_HANDLE : PADDOCK_STREAM_PIPE;
  stdio.out.handle = (intptr_t)output;
  stdio.err.kind = PADDOCK_STREAM_PIPE;
  if (strcmp(mode, "console") == 0) stdio.tty = 1, stdio.columns = 91, stdio.rows = 23;
  paddock_sandbox* sandbox = NULL;
  paddock_text* report = NULL;
  if (paddock_spawn(context, order, strlen(order), &stdio, on_event, NULL, &sandbox, &report, &error) != PADDOCK_OK) {
    keep(argv[3], report);
    return fail("the launch", error);
  }
  paddock_context_free(context); /* no run needs it any more */

  if (stdio.in.kind == PADDOCK_STREAM_PIPE && feed(sandbox) != 0) return kFailed;
  if (strcmp(mode, "stop") == 0 || strcmp(mode, "free") == 0) WaitForSingleObject(first_output, INFINITE);
  if (strcmp(mode, "free") == 0) {
    paddock_sandbox_free(sandbox);
    return 0;
  }
  if (strcmp(mode, "stop") == 0 && paddock_sandbox_signal(sandbox, 9, &error) != PADDOCK_OK)
    return fail("signal 9", error);
  const int status = finish(sandbox, argv[3]);
  if (output != NULL) CloseHandle(output);
  return status;
}
