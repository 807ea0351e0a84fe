#ifndef PADDOCK_BACKENDS_WSL2_WSL2_PLAN_H_
#define PADDOCK_BACKENDS_WSL2_WSL2_PLAN_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backends/wsl2/nested_run.h"
#include "core/plan/launch_plan.h"

// The plan body of wsl2: what wsl.exe is called with, and what the relay is asked for then. {hash} stands for the
// relay's SHA-256, {nonce} for the run's random number.

namespace paddock::wsl2 {

struct Wsl2Plan : PlanBody {
  std::string distribution;
  std::string relay_file;              // beside this program: "paddock-linux-x86_64"
  std::vector<std::string> arguments;  // of wsl.exe
  std::map<std::string, std::string>
      mounts;  // "C:" -> "/mnt/c": by these were paths mapped; looked for before the start
  NestedRun run;
  // What the far report calls a rule or the workspace, and what it is called here.
  std::vector<std::pair<std::string, std::string>> rules;
  std::string workspace;
  // Rules that hold by name on a volume of Windows, which compares names in its own way, and what is missing of each.
  std::map<std::string, std::string> by_name;
  // Protected paths on a volume of Windows that do not exist, and the rule of each: looked for after the run by Windows
  // itself, which takes every spelling for the name.
  std::vector<std::pair<std::string, std::string>> absent;

  Json ToJson() const override;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_WSL2_PLAN_H_
