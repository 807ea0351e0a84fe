#ifndef PADDOCK_BENCH_LAUNCHERS_CONTENDERS_H_
#define PADDOCK_BENCH_LAUNCHERS_CONTENDERS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bench/launchers/spawn.h"

// Who is measured, and with which command line each is asked for the same thing: the host readable, one workspace
// writable, no network.

namespace paddock::bench {

struct Contender {
  std::string name;
  Command command;
  bool is_yardstick = false;  // ratios are taken against it: bare bubblewrap
};

// Absolute paths; empty: not there, left out of the table and named below it.
struct Programs {
  std::string paddock, bwrap, codex, srt, mxc;
};

struct Scene {
  Programs programs;
  std::string workspace;  // a git repository
  std::string policies;   // directory of the policy files beside this program's source
  std::string scratch;    // where settings files of others may be written
};

// `payload` run by everybody that is installed. The first is the payload alone.
std::vector<Contender> AllContenders(const Scene& scene, const std::vector<std::string>& payload);

// `directories` of the workspace made read-only (`masked`: hidden), by bubblewrap and by Paddock.
std::vector<Contender> ManyRules(const Scene& scene, const std::vector<std::string>& directories, bool masked);

// The first executable `name` on the caller's PATH, absolute; empty if there is none.
std::string FindOnPath(absl::string_view name);

}  // namespace paddock::bench

#endif  // PADDOCK_BENCH_LAUNCHERS_CONTENDERS_H_
