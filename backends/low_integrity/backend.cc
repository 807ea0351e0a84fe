#include "backends/low_integrity/backend.h"

#include "backends/low_integrity/assess.h"
#include "core/backend/decision_only.h"

namespace paddock {

std::unique_ptr<Backend> MakeLowIntegrityBackend() {
  return MakeDecisionOnlyBackend(
      {"low_integrity", "a low-integrity process over a labelled copy", OsFamily::kWindows, {}}, &AssessLowIntegrity);
}

}  // namespace paddock
