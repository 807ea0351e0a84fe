#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_token/plan_builder.h"

namespace paddock {
namespace {

// Where programs that write below the profile are sent instead. `below`: a directory of the folder; else `value`.
struct Redirection {
  absl::string_view variable;
  absl::string_view below;
  absl::string_view value;
};
constexpr Redirection kRedirections[] = {
    {"npm_config_cache", "npm", ""},      {"PIP_CACHE_DIR", "pip", ""}, {"NUGET_PACKAGES", "nuget", ""},
    {"CARGO_HOME", "cargo", ""},          {"GOCACHE", "go-build", ""},  {"DOTNET_CLI_HOME", "dotnet", ""},
    {"MSBUILDDISABLENODEREUSE", "", "1"},
};

// An address that nobody listens at: discard, which Windows has no service for.
constexpr char kNowhere[] = "http://127.0.0.1:9";

// What programs that heed such variables do without a network.
struct OfflineSwitch {
  absl::string_view variable;
  absl::string_view value;
};
constexpr OfflineSwitch kOfflineSwitches[] = {
    {"HTTP_PROXY", kNowhere}, {"HTTPS_PROXY", kNowhere},     {"ALL_PROXY", kNowhere}, {"npm_config_offline", "true"},
    {"PIP_NO_INDEX", "1"},    {"CARGO_NET_OFFLINE", "true"}, {"GOPROXY", "off"},
};

// The developer's profile, which a dedicated user does not have: the runner brings its own.
constexpr absl::string_view kProfileVariables[] = {"APPDATA",      "HOME",       "HOMEDRIVE", "HOMEPATH",
                                                   "LOCALAPPDATA", "USERDOMAIN", "USERNAME",  "USERPROFILE"};

// Names as Windows compares and sorts them.
struct ByUpperCase {
  bool operator()(const std::string& a, const std::string& b) const {
    return absl::AsciiStrToUpper(a) < absl::AsciiStrToUpper(b);
  }
};
using Environment = std::map<std::string, std::string, ByUpperCase>;

bool UserSet(const TokenPlanBuilder& b, absl::string_view name) {
  const auto& set = b.request.policy.environment.set;
  return std::any_of(set.begin(), set.end(),
                     [name](const auto& variable) { return absl::EqualsIgnoreCase(variable.first, name); });
}

void Set(const TokenPlanBuilder& b, absl::string_view name, std::string value, Environment& environment) {
  if (UserSet(b, name)) return;
  environment.erase(std::string(name));
  environment[std::string(name)] = std::move(value);
}

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

void PlanHome(TokenPlanBuilder& b, Environment& environment) {
  if (b.request.policy.filesystem.home == HomeMode::kReadOnly) {
    const char* const missing = b.dedicated() ? "the dedicated user's own profile can be written"
                                              : "deletion, where the user may delete what lies in a directory";
    return b.Decide("filesystem.home", Verdict::kApproximated, "nothing in the profile is granted", missing);
  }
  const std::string folder = CacheFolder(b);
  const bool kept = folder.front() != '{';
  for (const Redirection& row : kRedirections) {
    const bool fixed = row.below.empty();
    Set(b, row.variable, fixed ? std::string(row.value) : BelowDirectory(folder, row.below), environment);
  }
  b.Decide("filesystem.home", Verdict::kApproximated,
           kept ? "variables of common tools name a folder of the workspace's own, kept for its next run"
                : "variables of common tools name a folder of the run's own",
           "other programs find the profile not writable, and there is no layer over it");
}

void PlanTmp(TokenPlanBuilder& b, Environment& environment) {
  std::string entries = EntryText('A', "OICI", kModify, "{run}");
  if (b.dedicated()) absl::StrAppend(&entries, EntryText('A', "OICI", kModify, "{group}"));
  b.body.folders.insert(b.body.folders.begin(), {kRunFolder, entries, /*kept=*/false});
  // Even where the policy sets them: elsewhere the command could not write.
  for (const char* const name : {"TEMP", "TMP"}) environment[name] = kRunFolder;
  const bool asked_private = b.request.policy.filesystem.tmp == TmpMode::kPrivate;
  b.Decide("filesystem.tmp", asked_private ? Verdict::kApproximated : Verdict::kNotEnforced,
           "TEMP and TMP name a folder of the run's own",
           asked_private ? "the user's temporary folder can be read" : "the user's temporary folder is not writable");
}

void PlanNetwork(TokenPlanBuilder& b, Environment& environment) {
  const Level level = b.plan.promised[Guarantee::kNetwork];
  if (b.request.policy.network.mode == NetworkMode::kOpen) {
    return b.Decide("network.mode", Verdict::kEnforced, "the host's network");
  }
  for (const OfflineSwitch& row : kOfflineSwitches) Set(b, row.variable, std::string(row.value), environment);
  if (level >= network_level::kFiltered) {
    return b.Decide("network.mode", Verdict::kApproximated, "filters of the dedicated user's traffic",
                    "services of the system send on its behalf");
  }
  b.Decide("network.mode", Verdict::kNotEnforced, "proxy and offline variables",
           "a program that does not heed them connects");
}

// Git refuses a checkout that belongs to another user, as the developer's does to the dedicated one.
void TrustWorkspace(const TokenPlanBuilder& b, Environment& environment) {
  const std::string& root = b.facts.workspace.root.real_path;
  if (!b.dedicated() || root.empty() || UserSet(b, "GIT_CONFIG_COUNT")) return;
  Set(b, "GIT_CONFIG_COUNT", "1", environment);
  Set(b, "GIT_CONFIG_KEY_0", "safe.directory", environment);
  Set(b, "GIT_CONFIG_VALUE_0", absl::StrReplaceAll(root, {{"\\", "/"}}), environment);
}

}  // namespace

void PlanEnvironment(TokenPlanBuilder& b) {
  Environment environment;
  for (const auto& [name, value] : b.request.environment) environment.emplace(name, value);
  if (b.dedicated()) {
    for (const absl::string_view name : kProfileVariables) {
      if (!UserSet(b, name)) environment.erase(std::string(name));
    }
  }
  environment["PADDOCK_SANDBOX"] = b.plan.backend.name;
  PlanTmp(b, environment);
  PlanHome(b, environment);
  PlanNetwork(b, environment);
  TrustWorkspace(b, environment);
  for (const auto& [name, value] : environment) b.body.process.environment.push_back(absl::StrCat(name, "=", value));
}

}  // namespace paddock
