#include "tests/windows/confined_launch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/launch_enforcement.h"
#include "backends/appcontainer/launcher.h"
#include "backends/appcontainer/package_plan.h"
#include "backends/low_integrity/launch_enforcement.h"
#include "backends/low_integrity/launcher.h"
#include "backends/low_integrity/low_plan.h"

namespace paddock {
namespace {

class NoPackage : public PackageEnforcement {
 public:
  const ContainerOrder* Container(const ContainerOrder&) override { return nullptr; }
  absl::Status CheckJob(HANDLE, const JobSpec&) override { return absl::OkStatus(); }
  absl::Status CheckProcess(HANDLE, HANDLE, const ContainerOrder&) override { return absl::OkStatus(); }
  absl::Status CheckEntry(AclFile&, const access::Ace&) override { return absl::OkStatus(); }
};

class NoLevel : public LowEnforcement {
 public:
  absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                     LaunchRecorder& recorder) override {
    return ComposeToken(base, order, recorder);
  }
  absl::Status CheckJob(HANDLE, const JobSpec&) override { return absl::OkStatus(); }
  absl::Status CheckProcess(HANDLE, HANDLE, const TokenOrder&) override { return absl::OkStatus(); }
  absl::Status CheckLabel(AclFile&, const access::Acl&) override { return absl::OkStatus(); }
};

ProcessSpec ProcessFor(const std::vector<std::string>& command, const std::string& cwd) {
  ProcessSpec process;
  process.command = command;
  process.cwd = cwd;
  process.environment = {"SystemRoot=C:\\windows"};
  process.handles = {"stdin", "stdout", "stderr"};
  process.mitigations = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};
  return process;
}

ConfinedLaunch Package(const std::vector<std::string>& command, const std::string& workspace,
                       const std::string& state) {
  auto body = std::make_shared<AppContainerPlan>();
  body->package = {"paddock.{run}", "A run", {{"internetClient", "S-1-15-3-1"}}, true};
  body->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{package})", false}};
  WritableRoot root = {workspace, "{package}", {}, {}};
  root.changes = {{workspace, "(A;;0x1201bf;;;{package})", AceScope::kObject, true, false, "write"},
                  {workspace, "(A;OICIIO;0x1301bf;;;{package})", AceScope::kBelow, true, false, "write"}};
  root.absent = {{absl::StrCat(workspace, "\\.mcp.json"), false, "", "protect"}};
  body->roots = {root};
  body->state_dir = state;
  body->process = ProcessFor(command, workspace);
  AppContainerLauncherOptions options;
  options.enforcement = std::make_unique<NoPackage>();
  ConfinedLaunch made{MakeAppContainerLauncher(std::move(options)), {}};
  made.plan.backend = {"appcontainer", ""};
  made.plan.body = std::move(body);
  return made;
}

ConfinedLaunch Low(const std::vector<std::string>& command, const std::string& workspace, const std::string& state) {
  auto body = std::make_shared<LowIntegrityPlan>();
  body->token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GRGX;;;{logon})";
  body->copies = {{workspace, "{run_folder}\\1\\ws", true, absl::StrCat(state, "\\copies\\{run}-1"), "write"}};
  body->folders = {"{run_folder}\\tmp", "{run_folder}\\home"};
  body->label = "S:(ML;OICI;NW;;;LW)";
  body->state_dir = state;
  body->process = ProcessFor(command, "{run_folder}\\1\\ws");
  LowIntegrityLauncherOptions options;
  options.enforcement = std::make_unique<NoLevel>();
  ConfinedLaunch made{MakeLowIntegrityLauncher(std::move(options)), {}};
  made.plan.backend = {"low_integrity", ""};
  made.plan.body = std::move(body);
  return made;
}

}  // namespace

ConfinedLaunch MakeConfinedLaunch(const std::string& backend, const std::vector<std::string>& command,
                                  const std::string& workspace, const std::string& state) {
  return backend == "appcontainer" ? Package(command, workspace, state) : Low(command, workspace, state);
}

}  // namespace paddock
