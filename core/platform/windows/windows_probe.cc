#include "core/platform/windows/windows_probe.h"

#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"
#include "core/host/wsl.h"
#include "core/platform/windows/feature_facts.h"
#include "core/platform/windows/process_facts.h"
#include "core/platform/windows/version_facts.h"
#include "core/platform/windows/workspace_probe.h"

namespace paddock {

std::string WindowsProbe::Variable(const char* name) const {
  const auto found = caller_.environment.find(name);
  if (found == caller_.environment.end()) return "";
  const auto path = WindowsPath::Parse(found->second);
  return path.ok() && path->IsAbsolute() && path->CheckUsual().ok() ? path->ToString() : "";
}

HostFacts WindowsProbe::ProbeHost(const Request& request) const {
  HostFacts facts;
  facts.os = OsFamily::kWindows;
  facts.home = caller_.home;
  AddVersionFacts(&facts);
  AddHypervisorFacts(&facts.windows_host);
  AddSandboxFacts(&facts.windows_host);
  AddWslFacts(caller_.home, &facts.windows_host);
  AddProcessFacts(&facts.windows_host);
  if (setup_ != nullptr) setup_->AddSetupFacts(&facts.windows_host);
  if (distributions_ != nullptr && MayUseWsl2(request)) distributions_->Ask(request, &facts);
  return facts;
}

absl::StatusOr<WorkspaceFacts> WindowsProbe::ProbeWorkspace(const Request& request) const {
  WorkspaceFacts facts = LookAtWorkspace(request, caller_.environment, caller_.home);
  // Only from dedicated users do lists of access hide anything.
  WindowsFacts setup;
  if (setup_ != nullptr) setup_->AddSetupFacts(&setup);
  if (setup.provisioned.yes() && facts.location != WorkspaceLocation::kWslDistribution) AddSecrets(request, &facts);
  return facts;
}

LeaseFacts WindowsProbe::ProbeLeases(const Request&) const {
  LeaseFacts facts;
  const std::string base = Variable("LOCALAPPDATA");
  if (!base.empty()) facts.state_dir = absl::StrCat(base, "\\paddock\\state");
  return facts;
}

}  // namespace paddock
