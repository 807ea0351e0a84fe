// A stand-in for wsl.exe, for tests under Wine: a Windows program to who starts it, built by winegcc, so that it can
// fork and execute a Linux program and pump its streams. Its distributions are directories below $WSL_STANDIN; each
// holds a file `wrapper`, the absolute path of a Linux program that is started in place of the command and gets it as
// arguments.
//
// A distribution with a file `hang`, a fifo, never starts anything: whoever reads there knows that it has come so far.
//
// It speaks before the command does, as wsl.exe at times does, and takes two exit codes for itself, as wsl.exe does.
// What it was started with stands in the distribution's file `arguments`, a line for each.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <windows.h>

#define OWN_FAILURE 0xFFFFFFFF

static char root[4096], distribution[256];

static void Say(DWORD stream, const char* text) {
  DWORD written;
  WriteFile(GetStdHandle(stream), text, (DWORD)strlen(text), &written, NULL);
}

// As wsl.exe without WSL_UTF8=1.
static void SayWide(DWORD stream, const char* text) {
  for (; *text != '\0'; ++text) {
    const char pair[2] = {*text, 0};
    DWORD written;
    WriteFile(GetStdHandle(stream), pair, 2, &written, NULL);
  }
}

static void Place(char* path, size_t size, const char* name) {
  snprintf(path, size, "%s/%s/%s", root, distribution, name);
}

static int ReadLine(const char* name, char* line, size_t size) {
  char path[4600];
  Place(path, sizeof(path), name);
  FILE* const file = fopen(path, "r");
  if (file == NULL || fgets(line, (int)size, file) == NULL) {
    if (file != NULL) fclose(file);
    return 0;
  }
  fclose(file);
  line[strcspn(line, "\n")] = '\0';
  return 1;
}

struct Pump {
  HANDLE windows;
  int linux_end;
};

static DWORD WINAPI PumpIn(void* argument) {
  const struct Pump* const pump = argument;
  char buffer[65536];
  DWORD got;
  while (ReadFile(pump->windows, buffer, sizeof(buffer), &got, NULL) && got > 0) {
    for (DWORD at = 0; at < got;) {
      const ssize_t done = write(pump->linux_end, buffer + at, got - at);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return 0;
      at += (DWORD)done;
    }
  }
  close(pump->linux_end);
  return 0;
}

static DWORD WINAPI PumpOut(void* argument) {
  const struct Pump* const pump = argument;
  char buffer[65536];
  while (1) {
    const ssize_t got = read(pump->linux_end, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    for (ssize_t at = 0; at < got;) {
      DWORD done;
      if (!WriteFile(pump->windows, buffer + at, (DWORD)(got - at), &done, NULL)) return 0;
      at += done;
    }
  }
}

static void NoteArguments(int argc, char** argv) {
  char path[4600];
  Place(path, sizeof(path), "arguments");
  FILE* const file = fopen(path, "a");
  if (file == NULL) return;
  for (int i = 0; i < argc; ++i) fprintf(file, "%s\n", argv[i]);
  // Of Windows; getenv has those of the Linux process.
  fprintf(file, "WSLENV=%s WSL_UTF8=%s\n\n", GetEnvironmentVariableA("WSLENV", NULL, 0) != 0 ? "set" : "unset",
          GetEnvironmentVariableA("WSL_UTF8", NULL, 0) != 0 ? "set" : "unset");
  fclose(file);
}

static void Become(char** command, int in, int out, int err) {
  char wrapper[4096];
  if (!ReadLine("wrapper", wrapper, sizeof(wrapper))) _exit(126);
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  for (int fd = 3; fd < 1024; ++fd) close(fd);
  // What Wine set up for itself is not the command's.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  command[-1] = wrapper;
  execv(wrapper, command - 1);
  _exit(127);
}

static void HangIfAsked(void) {
  char path[4600];
  Place(path, sizeof(path), "hang");
  const int fifo = open(path, O_WRONLY | O_CLOEXEC);
  if (fifo < 0) return;
  close(fifo);
  while (1) Sleep(1000);
}

static DWORD Run(char** command) {
  int in[2], out[2], err[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return OWN_FAILURE;
  const pid_t child = fork();
  if (child == 0) Become(command, in[0], out[1], err[1]);
  close(in[0]);
  close(out[1]);
  close(err[1]);
  if (child < 0) return OWN_FAILURE;
  struct Pump pumps[3] = {{GetStdHandle(STD_INPUT_HANDLE), in[1]},
                          {GetStdHandle(STD_OUTPUT_HANDLE), out[0]},
                          {GetStdHandle(STD_ERROR_HANDLE), err[0]}};
  CreateThread(NULL, 0, PumpIn, &pumps[0], 0, NULL);
  const HANDLE outputs[2] = {CreateThread(NULL, 0, PumpOut, &pumps[1], 0, NULL),
                             CreateThread(NULL, 0, PumpOut, &pumps[2], 0, NULL)};
  WaitForMultipleObjects(2, outputs, TRUE, INFINITE);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return (DWORD)status;
  const DWORD code = (DWORD)WEXITSTATUS(status);
  return code == 67 || code == 87 ? 1 : code;
}

int main(int argc, char** argv) {
  const char* const place = getenv("WSL_STANDIN");
  snprintf(root, sizeof(root), "%s", place == NULL ? "/nonexistent" : place);
  signal(SIGPIPE, SIG_IGN);
  if (argc < 7 || strcmp(argv[1], "-d") != 0 || strcmp(argv[3], "--cd") != 0 || strcmp(argv[5], "--exec") != 0) {
    SayWide(STD_OUTPUT_HANDLE, "Invalid command line argument.\r\n");
    return (int)OWN_FAILURE;
  }
  snprintf(distribution, sizeof(distribution), "%s", argv[2]);
  char word[256];
  if (!ReadLine("wrapper", word, sizeof(word))) {
    Say(STD_OUTPUT_HANDLE,
        "There is no distribution with the supplied name.\r\n"
        "Error code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND\r\n");
    return (int)OWN_FAILURE;
  }
  NoteArguments(argc, argv);
  HangIfAsked();
  if (ReadLine("failure", word, sizeof(word))) {
    SayWide(STD_OUTPUT_HANDLE, "Something is wrong.\r\nError code: Wsl/Service/");
    SayWide(STD_OUTPUT_HANDLE, word);
    SayWide(STD_OUTPUT_HANDLE, "\r\n");
    return (int)OWN_FAILURE;
  }
  SayWide(STD_OUTPUT_HANDLE, "wsl: A localhost proxy configuration was detected but not mirrored into WSL.\r\n");
  Say(STD_ERROR_HANDLE, "wsl: Failed to translate 'C:\\Windows'\r\n");
  return (int)Run(argv + 6);
}
