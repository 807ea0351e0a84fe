#ifndef PADDOCK_TESTS_CASES_ATTACKER_H_
#define PADDOCK_TESTS_CASES_ATTACKER_H_

#include <span>
#include <string>
#include <vector>

// The attack program: one static binary, one function an attack, run inside the sandbox and, as the control, outside.
// What a function returns or prints is for the reader of a failing test: the suite decides by the state of the host.

namespace attacker {

using Args = std::vector<std::string>;

struct Attack {
  const char* name;
  const char* usage;  // its arguments
  int arguments;      // how many it needs
  int (*run)(const Args& args);
};

// One table a section of the suite.
std::span<const Attack> FileAttacks();
std::span<const Attack> MountAttacks();
std::span<const Attack> NetworkAttacks();
std::span<const Attack> ProcessAttacks();
std::span<const Attack> ResourceAttacks();
std::span<const Attack> AgentAttacks();
std::span<const Attack> WorkspaceAttacks();

const Attack* Find(const std::string& name);

// Reports a failed step on stderr with errno, and passes `result` on.
long Step(const char* what, long result);

// Writes all of `text`, however short the writes. False on error.
bool WriteAll(int fd, const std::string& text);

// Copies what `fd` holds to stdout. False if nothing could be read.
bool Show(int fd);

// Says "holding" on stdout and waits for the end of stdin: meanwhile the suite looks at this process from the host.
void Hold();

}  // namespace attacker

#endif  // PADDOCK_TESTS_CASES_ATTACKER_H_
