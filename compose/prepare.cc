#include "compose/prepare.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/json.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/administrator_policy.h"
#include "core/platform/files.h"
#include "core/policy/load.h"

namespace paddock {
namespace {

constexpr size_t kLargestFacts = 8u << 20;

// The flags that are one key of the policy each.
struct SingleFlag {
  absl::string_view flag;
  Key key;
  std::optional<std::string> RunSettings::*value;
};
constexpr SingleFlag kSingleFlags[] = {
    {"--workload", Key::kWorkload, &RunSettings::workload},
    {"--command-os", Key::kCommandOs, &RunSettings::command_os},
    {"--backend", Key::kBackendForced, &RunSettings::backend},
    {"--prefer", Key::kPrefer, &RunSettings::prefer},
    {"--wsl-distribution", Key::kWslDistribution, &RunSettings::wsl_distribution},
    {"--wall", Key::kWall, &RunSettings::wall},
    {"--memory", Key::kMemory, &RunSettings::memory},
    {"--processes", Key::kProcesses, &RunSettings::processes},
    {"--output", Key::kOutput, &RunSettings::output},
};

struct PathFlag {
  absl::string_view flag;
  Key key;
  std::vector<std::string> RunSettings::*values;
};
constexpr PathFlag kPathFlags[] = {
    {"--rw", Key::kWrite, &RunSettings::rw},
    {"--ro", Key::kReadOnly, &RunSettings::ro},
    {"--hide", Key::kDenyRead, &RunSettings::hide},
};

// The style of paths is that of the caller's directory: this host's, or another one's whose facts were handed in.
bool UsesWindowsPaths(const Caller& caller) { return LooksLikeWindowsPath(caller.cwd); }

// What cannot be joined on Windows stays as it is, and is refused with its reason where the request is made.
std::string JoinHere(const Caller& caller, absl::string_view base, absl::string_view path) {
  if (!UsesWindowsPaths(caller)) return JoinPath(base, path);
  const auto from = WindowsPath::Parse(base);
  const auto joined = from.ok() ? from->Join(path) : from;
  return joined.ok() ? joined->ToString() : std::string(path);
}

// For files that have to be protected: what may lie below `root` counts.
bool MayBeWithinHere(const Caller& caller, absl::string_view text, absl::string_view root_text) {
  if (!UsesWindowsPaths(caller)) return PathIsWithin(text, root_text);
  const auto path = WindowsPath::Parse(text), root = WindowsPath::Parse(root_text);
  return !path.ok() || !root.ok() || path->IsWithin(*root).MayBe();
}

// A policy takes relative paths from the workspace; a user types them from where they are, and that directory's name is
// no pattern, whatever it looks like.
std::string FromHere(const std::string& path, const std::string& workspace, const Caller& caller) {
  const bool absolute = IsAbsolutePath(path) || (UsesWindowsPaths(caller) && LooksLikeWindowsPath(path));
  const bool own_root = path.empty() || absolute || path[0] == '~';
  if (own_root || HasGlob(path) || caller.cwd == workspace) return path;
  return JoinHere(caller, EscapeGlob(caller.cwd), path);
}

RequestOptions OptionsFor(const RunSettings& options, const std::vector<std::string>& command) {
  RequestOptions result;
  result.workspace = options.workspace.value_or("");
  result.cwd = options.cwd.value_or("");
  result.command = command;
  return result;
}

absl::Status CheckNotEmpty(const std::optional<std::string>& value, absl::string_view flag) {
  if (!value.has_value() || !value->empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(flag, ": the value is empty"));
}

// An empty value would mean "the default" further on, which is not what `--workspace "$UNSET"` asks for.
absl::Status CheckValues(const RunSettings& options) {
  RETURN_IF_ERROR(CheckNotEmpty(options.workspace, "--workspace"));
  RETURN_IF_ERROR(CheckNotEmpty(options.cwd, "--cwd"));
  RETURN_IF_ERROR(CheckNotEmpty(options.policy, "--policy"));
  if (options.policy.has_value() && options.policy_text.has_value()) {
    return absl::InvalidArgumentError("--policy: both a file and a text were given");
  }
  return CheckNotEmpty(options.profile, "--profile");
}

// The policy that takes the place of the user's own, if one was given.
absl::StatusOr<std::optional<PolicyFile>> GivenPolicy(const RunSettings& options) {
  if (options.policy.has_value()) return LoadPolicyFile(*options.policy);
  if (!options.policy_text.has_value()) return std::nullopt;
  PolicyFile given{"the policy given", {}};
  ASSIGN_OR_RETURN(given.spec, ParsePolicy(*options.policy_text, given.path, PolicyFormat::kJson));
  return given;
}

absl::StatusOr<Request> Make(const PolicySources& sources, const RunSettings& options, RequestOptions request_options,
                             const Caller& caller) {
  request_options.tty = TtyMode::kAuto;
  if (options.tty.has_value()) {
    ASSIGN_OR_RETURN(request_options.tty, ParseTtyMode(*options.tty));
  }
  ASSIGN_OR_RETURN(Policy policy, BuildPolicy(sources));
  return MakeRequest(std::move(policy), request_options, caller);
}

}  // namespace

std::string WorkspaceOf(const RunSettings& options, const Caller& caller) {
  return JoinHere(caller, caller.cwd, options.workspace.value_or("."));
}

absl::StatusOr<PolicySpec> SpecFromFlags(const RunSettings& options, const std::string& workspace,
                                         const Caller& caller) {
  PolicySpec spec;
  for (const SingleFlag& single : kSingleFlags) {
    const std::optional<std::string>& value = options.*single.value;
    if (value.has_value()) RETURN_IF_ERROR(SetFlag(&spec, single.key, *value, single.flag));
  }
  for (const PathFlag& paths : kPathFlags) {
    for (const std::string& path : options.*paths.values) {
      RETURN_IF_ERROR(SetFlag(&spec, paths.key, FromHere(path, workspace, caller), paths.flag));
    }
  }
  if (options.net.has_value()) RETURN_IF_ERROR(SetNetFlag(&spec, *options.net, "--net"));
  for (const std::string& variable : options.env) RETURN_IF_ERROR(SetEnvFlag(&spec, variable, "--env"));
  for (const std::string& level : options.require) RETURN_IF_ERROR(SetFlag(&spec, Key::kRequire, level, "--require"));
  return spec;
}

absl::StatusOr<PolicySources> LoadSources(const RunSettings& options, const Caller& caller) {
  RETURN_IF_ERROR(CheckValues(options));
  PolicySources sources;
  sources.workspace = WorkspaceOf(options, caller);
  sources.home = caller.home;
  sources.profile = options.profile.value_or("");
  sources.strict = options.strict;
  const PolicyPaths paths = UsesWindowsPaths(caller)
                                ? WindowsPolicyPaths(caller.environment, sources.workspace)
                                : PosixPolicyPaths(caller.environment, caller.home, sources.workspace);
  ASSIGN_OR_RETURN(const std::string admin, AdministratorPolicy());
  ASSIGN_OR_RETURN(sources.admin, LoadPolicyFileIfPresent(admin));
  if (options.ceiling.has_value()) {
    ASSIGN_OR_RETURN(sources.service, LoadPolicyFile(*options.ceiling));
  }
  ASSIGN_OR_RETURN(sources.user, GivenPolicy(options));
  if (!sources.user.has_value()) {
    ASSIGN_OR_RETURN(sources.user, LoadPolicyFileIfPresent(paths.user));
  }
  ASSIGN_OR_RETURN(sources.repo, LoadPolicyFileIfPresent(paths.repo));
  ASSIGN_OR_RETURN(sources.flags, SpecFromFlags(options, sources.workspace, caller));
  for (const std::optional<std::string>* policy : {&options.policy, &options.ceiling}) {
    if (!policy->has_value()) continue;
    // A policy that the command may rewrite is none for the next run.
    const std::string file = JoinHere(caller, caller.cwd, **policy);
    if (MayBeWithinHere(caller, file, sources.workspace)) {
      RETURN_IF_ERROR(SetFlag(&sources.flags, Key::kDenyWrite, EscapeGlob(file), "--policy"));
    }
  }
  // Nor is a Paddock that the command may replace.
  if (!caller.executable.empty() && MayBeWithinHere(caller, caller.executable, sources.workspace)) {
    RETURN_IF_ERROR(SetFlag(&sources.flags, Key::kDenyWrite, EscapeGlob(caller.executable), "Paddock itself"));
  }
  return sources;
}

absl::StatusOr<Request> PrepareRequest(const RunSettings& options, const std::vector<std::string>& command,
                                       const Caller& caller) {
  ASSIGN_OR_RETURN(const PolicySources sources, LoadSources(options, caller));
  return Make(sources, options, OptionsFor(options, command), caller);
}

absl::StatusOr<Request> PrepareRequestFor(const Facts& facts, const RunSettings& options,
                                          const std::vector<std::string>& command, const Caller& caller) {
  RETURN_IF_ERROR(CheckValues(options));
  Caller there;
  there.home = facts.host.home;
  there.cwd = options.workspace.value_or(facts.workspace.root.real_path);
  if (there.cwd.empty()) there.cwd = facts.host.home.empty() ? caller.cwd : facts.host.home;
  PolicySources sources;
  sources.workspace = there.cwd;
  sources.home = there.home;
  sources.profile = options.profile.value_or("");
  sources.strict = options.strict;
  ASSIGN_OR_RETURN(sources.user, GivenPolicy(options));
  ASSIGN_OR_RETURN(sources.flags, SpecFromFlags(options, sources.workspace, there));
  RequestOptions request_options = OptionsFor(options, command);
  request_options.workspace = options.workspace.value_or(facts.workspace.root.real_path);
  return Make(sources, options, std::move(request_options), there);
}

absl::StatusOr<Facts> LoadFacts(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path, kLargestFacts));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  return FactsFromJson(json, path);
}

}  // namespace paddock
