#include <vector>

#include "core/base/reason.h"

namespace paddock {

// Sorted by code (checked by a test). docs/reasons.md is generated from this table.
const std::vector<ReasonCode>& ReasonCodes() {
  static const std::vector<ReasonCode> kTable = {
      {"guarantee_unreachable", "No backend that could be chosen here reaches the level that the request requires.",
       "Lower the requirement, or mend what `paddock explain` lists for the backend that would reach it."},
      {"launch_failed", "The sandbox could not be set up, and the host gave no more precise reason.",
       "Read the detail: it says what was tried and what the system answered. `paddock doctor` checks the host."},
      {"no_launcher", "This build cannot start the backend on this operating system.",
       "Use a build for that system; `paddock plan` still shows what it would do."},
      {"no_rule", "No selection rule covers this workload on this host.",
       "Choose another workload or profile; `paddock explain` lists the rules."},
      {"probe_failed", "The host or the workspace could not be looked at, so that nothing can be decided.",
       "Read the detail; `paddock probe` repeats the look without running anything."},
      {"unknown_backend", "No backend of this name is part of this build.",
       "`paddock explain` lists the backends; check `--backend` and `backend.allow`."},
  };
  return kTable;
}

}  // namespace paddock
