#include "backends/wsl2/backend.h"

#include "backends/wsl2/assess.h"
#include "core/backend/decision_only.h"

namespace paddock {

std::unique_ptr<Backend> MakeWsl2Backend() {
  return MakeDecisionOnlyBackend(
      {"wsl2", "the Linux sandbox inside a WSL2 distribution, through a relay", OsFamily::kWindows, {}}, &AssessWsl2);
}

}  // namespace paddock
