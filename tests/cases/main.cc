#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

constexpr int kUsage = 64;

std::array<std::span<const Attack>, 7> AllAttacks() {
  return {FileAttacks(),     MountAttacks(), NetworkAttacks(),  ProcessAttacks(),
          ResourceAttacks(), AgentAttacks(), WorkspaceAttacks()};
}

int Usage() {
  std::fprintf(stderr, "usage: attacker [--mark FILE] ATTACK [ARG...]\n");
  for (const auto& table : AllAttacks()) {
    for (const Attack& attack : table) std::fprintf(stderr, "  %s %s\n", attack.name, attack.usage);
  }
  return kUsage;
}

// The suite tells an attack that failed from one that never ran by this file in the workspace.
void Mark(const char* path, const char* text) {
  if (path == nullptr) return;
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    std::fprintf(stderr, "attacker: mark %s: %s\n", path, std::strerror(errno));
    return;
  }
  WriteAll(fd, text);
  close(fd);
}

}  // namespace

const Attack* Find(const std::string& name) {
  for (const auto& table : AllAttacks()) {
    for (const Attack& attack : table) {
      if (name == attack.name) return &attack;
    }
  }
  return nullptr;
}

long Step(const char* what, long result) {
  if (result < 0) std::fprintf(stderr, "attacker: %s: %s\n", what, std::strerror(errno));
  return result;
}

bool WriteAll(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<size_t>(written);
  }
  return true;
}

bool Show(int fd) {
  std::array<char, 4096> buffer;
  bool any = false;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) return any;
    any = true;
    if (!WriteAll(STDOUT_FILENO, std::string(buffer.data(), static_cast<size_t>(got)))) return true;
  }
}

void Hold() {
  WriteAll(STDOUT_FILENO, "holding\n");
  std::array<char, 256> buffer;
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return;
  }
}

}  // namespace attacker

int main(int argc, char** argv) {
  int next = 1;
  const char* mark = nullptr;
  if (argc > next + 1 && std::strcmp(argv[next], "--mark") == 0) {
    mark = argv[next + 1];
    next += 2;
  }
  const attacker::Attack* attack = argc > next ? attacker::Find(argv[next]) : nullptr;
  if (attack == nullptr) return attacker::Usage();
  const attacker::Args args(argv + next + 1, argv + argc);
  if (static_cast<int>(args.size()) < attack->arguments) return attacker::Usage();
  attacker::Mark(mark, "started\n");
  const int status = attack->run(args);
  attacker::Mark(mark, "finished\n");
  return status;
}
