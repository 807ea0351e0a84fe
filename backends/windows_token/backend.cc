#include "backends/windows_token/backend.h"

#include "backends/windows_token/assess.h"
#include "core/backend/decision_only.h"

namespace paddock {

std::unique_ptr<Backend> MakeWindowsTokenBackend() {
  return MakeDecisionOnlyBackend(
      {"windows_token",
       "a restricted token with its own SIDs, job and desktop; a dedicated user where provisioned",
       OsFamily::kWindows,
       {}},
      &AssessWindowsToken);
}

}  // namespace paddock
