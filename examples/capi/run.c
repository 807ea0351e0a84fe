/*
 * Runs a command in Paddock's sandbox from C: `run DIR CMD [ARG...]` gives CMD the workspace DIR, streams its output,
 * and says how it was confined.
 *
 *   cc -std=c11 run.c $(pkg-config --cflags --libs paddock-c) -o run
 *
 * Windows: against the unpacked zip, with paddock.dll beside the program. Arguments are taken to be ASCII here; a
 * program for all of them has wmain(), and converts to UTF-8.
 *
 *   x86_64-w64-mingw32-gcc -std=c11 run.c -I ZIP/include -L ZIP/lib -l paddock -o run.exe
 */
#include <paddock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON strings of what came from the command line. */
static void append_string(char** at, const char* text) {
  *(*at)++ = '"';
  for (; *text != '\0'; ++text) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == '"' || c == '\\') {
      *at += sprintf(*at, "\\u%04x", c);
    } else {
      *(*at)++ = (char)c;
    }
  }
  *(*at)++ = '"';
}

static char* make_order(const char* workspace, int count, char** command) {
  size_t size = 64 + 6 * strlen(workspace);
  for (int i = 0; i < count; ++i) size += 8 + 6 * strlen(command[i]);
  char* const order = malloc(size);
  if (order == NULL) abort();
  char* at = order + sprintf(order, "{\"workspace\": ");
  append_string(&at, workspace);
  at += sprintf(at, ", \"command\": [");
  for (int i = 0; i < count; ++i) {
    if (i > 0) *at++ = ',';
    append_string(&at, command[i]);
  }
  strcpy(at, "]}");
  return order;
}

static void on_event(void* user, const paddock_event* event) {
  (void)user;
  if (event->kind == PADDOCK_EVENT_OUTPUT) {
    fwrite(event->data, 1, event->length, event->stream == PADDOCK_STDERR ? stderr : stdout);
  } else if (event->kind == PADDOCK_EVENT_VIOLATION || event->kind == PADDOCK_EVENT_NOTICE) {
    fprintf(stderr, "run: %.*s\n", (int)event->length, event->data);
  }
}

static int complain(paddock_error* error) {
  fprintf(stderr, "run: %s (%s)\n", paddock_error_message(error), paddock_error_reason(error));
  if (*paddock_error_remedy(error) != '\0') fprintf(stderr, "run: remedy: %s\n", paddock_error_remedy(error));
  paddock_error_free(error);
  return 125;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: run DIR CMD [ARG...]\n");
    return 2;
  }
  if (paddock_abi_version() != PADDOCK_ABI_VERSION) {
    fprintf(stderr, "run: libpaddock %s has another interface\n", paddock_version());
    return 125;
  }
  paddock_error* error = NULL;
  paddock_context* context = NULL;
  if (paddock_context_new(NULL, &context, &error) != PADDOCK_OK) return complain(error);

  paddock_stdio stdio = {.size = sizeof(stdio)};
  stdio.in.kind = PADDOCK_STREAM_NULL;
  stdio.out.kind = stdio.err.kind = PADDOCK_STREAM_PIPE;
  char* const order = make_order(argv[1], argc - 2, argv + 2);
  int32_t status = 125;
  paddock_text* report = NULL;
  const paddock_code code =
      paddock_run(context, order, strlen(order), &stdio, on_event, NULL, &status, &report, &error);
  free(order);
  paddock_context_free(context);
  if (report != NULL && getenv("RUN_REPORT") != NULL) fputs(paddock_text_data(report), stderr);
  paddock_text_free(report);
  return code == PADDOCK_OK ? status : complain(error);
}
