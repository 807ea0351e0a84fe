#include "compose/registry.h"

#include "backends/appcontainer/backend.h"
#include "backends/linux_landlock/backend.h"
#include "backends/low_integrity/backend.h"
#include "backends/windows_sandbox/backend.h"
#include "backends/windows_token/backend.h"
#include "backends/wsl2/backend.h"

namespace paddock {

void RegisterBackends(Runtime* runtime) {
  runtime->Register(MakeLinuxLandlockBackend());
  runtime->Register(MakeWindowsTokenBackend());
  runtime->Register(MakeWsl2Backend());
  runtime->Register(MakeWindowsSandboxBackend());
  runtime->Register(MakeAppContainerBackend());
  runtime->Register(MakeLowIntegrityBackend());
}

std::unique_ptr<Runtime> MakeOfflineRuntime() {
  auto runtime = std::make_unique<Runtime>(nullptr);
  RegisterBackends(runtime.get());
  return runtime;
}

}  // namespace paddock
