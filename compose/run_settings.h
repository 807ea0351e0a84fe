#ifndef PADDOCK_COMPOSE_RUN_SETTINGS_H_
#define PADDOCK_COMPOSE_RUN_SETTINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/request/request.h"

namespace paddock {

// How a run is asked for, as texts: each field but one is the option of `paddock run` of that name, and what it means
// is said there (docs/cli.md). Policy files and defaults are not in it.
struct RunSettings {
  std::optional<std::string> workspace, cwd, tty;
  std::optional<std::string> policy, profile, workload, command_os;
  std::optional<std::string> policy_text;  // a policy in JSON, in place of a file: not with `policy`
  std::optional<std::string> backend, prefer, wsl_distribution;
  std::optional<std::string> net;
  std::optional<std::string> wall, memory, processes, output;
  std::vector<std::string> rw, ro, hide, env, require;
  bool strict = false;
  // A policy file that bounds the request as the administrator's does, of a service that takes orders. No option and no
  // order sets it.
  std::optional<std::string> ceiling;
};

// InvalidArgument names --tty.
absl::StatusOr<TtyMode> ParseTtyMode(absl::string_view text);
// What it takes: auto, always, never.
std::vector<std::string> TtyModeNames();

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_RUN_SETTINGS_H_
