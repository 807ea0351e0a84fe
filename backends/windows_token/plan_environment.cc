#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_token/plan_builder.h"
#include "core/windows_plan/environment.h"

namespace paddock {
namespace {

// The developer's profile, which a dedicated user does not have: the runner brings its own.
constexpr absl::string_view kProfileVariables[] = {"APPDATA",      "HOME",       "HOMEDRIVE", "HOMEPATH",
                                                   "LOCALAPPDATA", "USERDOMAIN", "USERNAME",  "USERPROFILE"};

std::string WorkspaceKey(const Facts& facts) {
  const PathFacts& root = facts.workspace.root;
  if (!facts.leases.key.empty() || root.device == 0 || root.inode == 0) return facts.leases.key;
  return absl::StrCat(absl::Hex(root.device), "-", absl::Hex(root.inode));
}

// One folder for each workspace, whatever the policy. Its lease is its own, so that policies that differ in what they
// deny in the workspace, and so have other capabilities there, find each other's caches writable.
std::string CacheFolder(TokenPlanBuilder& b) {
  const std::string key = b.request.workspace.empty() ? "" : WorkspaceKey(b.facts);
  if (key.empty()) return BelowDirectory(kRunFolder, "home");
  std::string path = BelowDirectory(BelowDirectory(b.facts.leases.state_dir, "caches"), key);
  b.AddRoot(path, /*directory=*/true, "filesystem.home");
  b.body.folders.push_back({path, "", /*kept=*/true});
  return path;
}

void PlanHome(TokenPlanBuilder& b, WindowsEnvironment& environment) {
  if (b.request.policy.filesystem.home == HomeMode::kReadOnly) {
    const char* const missing = b.dedicated() ? "the dedicated user's own profile can be written"
                                              : "deletion, where the user may delete what lies in a directory";
    return b.Decide("filesystem.home", Verdict::kApproximated, "nothing in the profile is granted", missing);
  }
  const std::string folder = CacheFolder(b);
  const bool kept = folder.front() != '{';
  environment.Redirect(folder);
  b.Decide("filesystem.home", Verdict::kApproximated,
           kept ? "variables of common tools name a folder of the workspace's own, kept for its next run"
                : "variables of common tools name a folder of the run's own",
           "other programs find the profile not writable, and there is no layer over it");
}

void PlanTmp(TokenPlanBuilder& b, WindowsEnvironment& environment) {
  std::string entries = EntryText('A', "OICI", kModify, "{run}");
  if (b.dedicated()) absl::StrAppend(&entries, EntryText('A', "OICI", kModify, "{group}"));
  b.body.folders.insert(b.body.folders.begin(), {kRunFolder, entries, /*kept=*/false});
  // Even where the policy sets them: elsewhere the command could not write.
  for (const char* const name : {"TEMP", "TMP"}) environment.Force(name, kRunFolder);
  const bool asked_private = b.request.policy.filesystem.tmp == TmpMode::kPrivate;
  b.Decide("filesystem.tmp", asked_private ? Verdict::kApproximated : Verdict::kNotEnforced,
           "TEMP and TMP name a folder of the run's own",
           asked_private ? "the user's temporary folder can be read" : "the user's temporary folder is not writable");
}

void PlanNetwork(TokenPlanBuilder& b, WindowsEnvironment& environment) {
  const Level level = b.plan.promised[Guarantee::kNetwork];
  if (b.request.policy.network.mode == NetworkMode::kOpen) {
    return b.Decide("network.mode", Verdict::kEnforced, "the host's network");
  }
  environment.GoOffline();
  if (level >= network_level::kFiltered) {
    return b.Decide("network.mode", Verdict::kApproximated, "filters of the dedicated user's traffic",
                    "services of the system send on its behalf");
  }
  b.Decide("network.mode", Verdict::kNotEnforced, "proxy and offline variables",
           "a program that does not heed them connects");
}

// Git refuses a checkout that belongs to another user, as the developer's does to the dedicated one.
void TrustWorkspace(const TokenPlanBuilder& b, WindowsEnvironment& environment) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (!b.dedicated() || root.empty() || environment.UserSet("GIT_CONFIG_COUNT")) return;
  environment.Set("GIT_CONFIG_COUNT", "1");
  environment.Set("GIT_CONFIG_KEY_0", "safe.directory");
  environment.Set("GIT_CONFIG_VALUE_0", absl::StrReplaceAll(root, {{"\\", "/"}}));
}

}  // namespace

void PlanEnvironment(TokenPlanBuilder& b) {
  WindowsEnvironment environment(b.request);
  if (b.dedicated()) {
    for (const absl::string_view name : kProfileVariables) environment.Erase(name);
  }
  environment.Force("PADDOCK_SANDBOX", b.plan.backend.name);
  PlanTmp(b, environment);
  PlanHome(b, environment);
  PlanNetwork(b, environment);
  TrustWorkspace(b, environment);
  b.body.process.environment = environment.Entries();
}

}  // namespace paddock
