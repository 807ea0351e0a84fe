#include "backends/appcontainer/backend.h"

#include "backends/appcontainer/assess.h"
#include "core/backend/decision_only.h"

namespace paddock {

std::unique_ptr<Backend> MakeAppContainerBackend() {
  return MakeDecisionOnlyBackend(
      {"appcontainer", "an AppContainer with the capabilities that the app declares", OsFamily::kWindows, {}},
      &AssessAppContainer);
}

}  // namespace paddock
