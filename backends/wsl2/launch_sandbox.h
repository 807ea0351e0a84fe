#ifndef PADDOCK_BACKENDS_WSL2_LAUNCH_SANDBOX_H_
#define PADDOCK_BACKENDS_WSL2_LAUNCH_SANDBOX_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/wsl2/launch_session.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/backend/launcher.h"

namespace paddock::wsl2 {

// A run whose kStart has been sent, up to the first frame that says how that went.
struct StartedRun {
  RelaySession session;
  std::vector<Frame> frames;  // those that came; the last is kStarted or kExited
  std::shared_ptr<const Wsl2Plan> plan;
  Stdio stdio;
};

std::unique_ptr<Sandbox> MakeWsl2Sandbox(StartedRun run, EventSink& sink);

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_LAUNCH_SANDBOX_H_
