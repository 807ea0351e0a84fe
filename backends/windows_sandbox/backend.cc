#include "backends/windows_sandbox/backend.h"

#include "backends/windows_sandbox/assess.h"
#include "core/backend/decision_only.h"

namespace paddock {

std::unique_ptr<Backend> MakeWindowsSandboxBackend() {
  return MakeDecisionOnlyBackend(
      {"windows_sandbox", "a disposable virtual machine with a desktop of its own", OsFamily::kWindows, {}},
      &AssessWindowsSandbox);
}

}  // namespace paddock
