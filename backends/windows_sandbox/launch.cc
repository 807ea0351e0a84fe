#include <memory>
#include <utility>

#include "backends/windows_sandbox/launch_sandbox.h"
#include "backends/windows_sandbox/launcher.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"

namespace paddock {
namespace {

std::string GuestBesideThis() {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return ToUtf8(path.substr(0, path.rfind(L'\\') + 1)) + kGuestProgram;
}

absl::Status AsUnavailable(const absl::Status& status) {
  if (ReasonOf(status).has_value()) return status;
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", status.message());
}

class WindowsSandboxLauncher : public Launcher {
 public:
  explicit WindowsSandboxLauncher(WindowsSandboxLauncherOptions options) : options_(std::move(options)) {
    if (options_.guest_program.empty()) options_.guest_program = GuestBesideThis();
  }

  absl::string_view backend() const override { return "windows_sandbox"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto* const body = dynamic_cast<const WindowsSandboxPlan*>(plan.body.get());
    if (body == nullptr) return absl::InvalidArgumentError("the plan is not one of windows_sandbox");
    if (stdio.tty) return absl::InvalidArgumentError("a Windows Sandbox machine has no terminal to give");
    auto sandbox = Start(*body, stdio, sink);
    if (!sandbox.ok()) return AsUnavailable(sandbox.status());
    return sandbox;
  }

 private:
  absl::StatusOr<std::unique_ptr<Sandbox>> Start(const WindowsSandboxPlan& plan, const Stdio& stdio, EventSink& sink) {
    MachineParts parts;
    parts.limits = plan.limits;
    parts.stdio = stdio;
    parts.options = options_;
    ASSIGN_OR_RETURN(parts.folder, MachineFolder::Make(plan.state_dir));
    RETURN_IF_ERROR(parts.folder->Fill(plan, options_.guest_program));
    ASSIGN_OR_RETURN(parts.mail, HostMailFolder::Open(parts.folder->out()));
    parts.names = std::make_unique<ProtectedNames>(plan.watched);
    ASSIGN_OR_RETURN(parts.machine, HostMachine::Start(parts.folder->configuration(), parts.folder->text()));
    return BootSandbox(std::move(parts), sink);
  }

  WindowsSandboxLauncherOptions options_;
};

}  // namespace

std::unique_ptr<Launcher> MakeWindowsSandboxLauncher(WindowsSandboxLauncherOptions options) {
  return std::make_unique<WindowsSandboxLauncher>(std::move(options));
}

}  // namespace paddock
