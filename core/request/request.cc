#include "core/request/request.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/policy/schema.h"
#include "core/request/environment.h"
#include "core/request/resolve.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kInvalidArgument, code, detail);
}

bool HasNul(absl::string_view text) { return text.find('\0') != absl::string_view::npos; }

absl::Status CheckCommand(const std::vector<std::string>& command) {
  if (command.empty()) return Refuse("command_empty", "no command was given");
  for (const std::string& argument : command) {
    if (HasNul(argument))
      return Refuse("command_invalid", absl::StrCat("argument ", Quote(argument), " of the command holds a NUL byte"));
  }
  return absl::OkStatus();
}

absl::Status CheckPathArgument(absl::string_view path, absl::string_view flag) {
  if (HasNul(path)) return Refuse("path_invalid", absl::StrCat(flag, " ", Quote(path), " holds a NUL byte"));
  return absl::OkStatus();
}

// A whole desktop or a packaged app works without the user's files, unless told otherwise.
bool WorksWithoutWorkspace(const Policy& policy) {
  const bool may = policy.workload == Workload::kComputerUse || policy.workload == Workload::kPackagedApp;
  return may && policy.filesystem.write.empty() && policy.filesystem.read_only.empty();
}

// `text` as seen from `base`.
absl::StatusOr<std::string> WindowsWorkspace(absl::string_view base, absl::string_view text) {
  const auto from = WindowsPath::Parse(base);
  const auto path = from.ok() ? from->Join(text) : from;
  const absl::Status usual = path.ok() ? path->CheckUsual() : path.status();
  if (!usual.ok()) return Refuse("path_invalid", absl::StrCat("workspace ", Quote(text), " ", usual.message()));
  return path->ToString();
}

absl::StatusOr<std::string> ChooseWorkspace(const Policy& policy, const RequestOptions& options, const Caller& caller) {
  RETURN_IF_ERROR(CheckPathArgument(options.workspace, "--workspace"));
  if (options.workspace.empty() && WorksWithoutWorkspace(policy)) return std::string();
  const std::string& text = options.workspace.empty() ? caller.cwd : options.workspace;
  const bool home_relative = text == "~" || absl::StartsWith(text, "~/");
  if (home_relative && caller.home.empty())
    return Refuse("home_unknown", "--workspace starts at the home directory, which is not known");
  const std::string expanded = home_relative ? absl::StrCat(caller.home, text.substr(1)) : text;
  if (LooksLikeWindowsPath(expanded)) return WindowsWorkspace(expanded, expanded);
  if (LooksLikeWindowsPath(caller.cwd)) return WindowsWorkspace(caller.cwd, expanded);
  if (!IsAbsolutePath(expanded) && !IsAbsolutePath(caller.cwd)) {
    return Refuse("path_invalid",
                  absl::StrCat("workspace ", Quote(text), " is relative, and the current directory is not known"));
  }
  return JoinPath(caller.cwd, expanded);
}

enum class Kind : uint8_t { kGrants, kDenials };

absl::Status ResolveAll(const std::vector<PathEntry>& entries, Kind kind, absl::string_view key,
                        const Resolver& resolver, std::vector<PathRule>* rules) {
  rules->reserve(entries.size());
  for (const PathEntry& entry : entries) {
    const bool rooted = resolver.IsAbsolute(entry.text) || absl::StartsWith(entry.text, "~");
    // Without a workspace there is nothing that a relative denial could protect.
    if (kind == Kind::kDenials && !rooted && resolver.workspace().empty()) continue;
    ASSIGN_OR_RETURN(PathRule rule, resolver.Resolve(entry, key));
    rules->push_back(std::move(rule));
  }
  return absl::OkStatus();
}

absl::Status ResolvePaths(const Resolver& resolver, Request* request) {
  const FilesystemPolicy& fs = request->policy.filesystem;
  RETURN_IF_ERROR(ResolveAll(fs.write, Kind::kGrants, "filesystem.write", resolver, &request->write));
  RETURN_IF_ERROR(ResolveAll(fs.deny_write, Kind::kDenials, "filesystem.deny_write", resolver, &request->deny_write));
  RETURN_IF_ERROR(ResolveAll(fs.read_only, Kind::kGrants, "filesystem.read_only", resolver, &request->read_only));
  RETURN_IF_ERROR(ResolveAll(fs.deny_read, Kind::kDenials, "filesystem.deny_read", resolver, &request->deny_read));
  return ResolveAll(request->policy.network.unix_sockets, Kind::kGrants, "network.unix_sockets", resolver,
                    &request->unix_sockets);
}

std::string Shown(absl::string_view key, const PathRule& rule) {
  return absl::StrCat(key, " ", Quote(rule.text), " (", rule.origin.file,
                      rule.origin.line == 0 ? "" : absl::StrCat(":", rule.origin.line), ")");
}

// A place that is hidden, or that holds what the profile knows as a secret, is no place to work in: a rename of the
// secret's parent, or a new file in its place, would be as good as reading it.
absl::Status CheckAgainstSecrets(const Request& request, const Resolver& resolver, absl::string_view path,
                                 absl::string_view what) {
  if (const PathRule* denial = resolver.FindPossiblyCovering(request.deny_read, path); denial != nullptr) {
    return Refuse("workspace_denied", absl::StrCat(what, " is hidden by ", Shown("filesystem.deny_read", *denial)));
  }
  for (const PathRule& denial : request.deny_read) {
    const bool known_secret = absl::StartsWith(denial.origin.file, "built-in:") && absl::StartsWith(denial.text, "~");
    if (known_secret && !denial.glob && resolver.MayBeWithin(denial.path, path)) {
      return Refuse("workspace_holds_secret",
                    absl::StrCat(what, " holds ", denial.path, ", where credentials are kept"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPlaces(const Request& request, const Resolver& resolver) {
  if (!request.workspace.empty()) {
    const std::string what = absl::StrCat("the workspace ", Quote(request.workspace));
    RETURN_IF_ERROR(CheckWritablePlace(resolver, request.workspace, what));
    RETURN_IF_ERROR(CheckAgainstSecrets(request, resolver, request.workspace, what));
  }
  for (const PathRule& grant : request.write) {
    const std::string what = Shown("filesystem.write", grant);
    RETURN_IF_ERROR(CheckWritablePlace(resolver, grant.path, what));
    RETURN_IF_ERROR(CheckAgainstSecrets(request, resolver, grant.path, what));
  }
  return absl::OkStatus();
}

bool IsReadable(const Request& request, const Resolver& resolver, absl::string_view path) {
  if (request.policy.filesystem.read == ReadMode::kHost) return true;
  if (!request.workspace.empty() && resolver.IsWithin(path, request.workspace)) return true;
  return resolver.FindCovering(request.write, path) != nullptr ||
         resolver.FindCovering(request.read_only, path) != nullptr;
}

absl::StatusOr<std::string> ChooseCwd(const Request& request, const RequestOptions& options, const Caller& caller,
                                      const Resolver& resolver) {
  RETURN_IF_ERROR(CheckPathArgument(options.cwd, "--cwd"));
  if (options.cwd.empty()) {
    if (request.workspace.empty())
      return resolver.home().empty() ? std::string(resolver.windows() ? "C:\\" : "/") : resolver.home();
    if (!resolver.IsAbsolute(caller.cwd)) return request.workspace;
    const auto cwd = resolver.Join(caller.cwd, ".");
    return cwd.ok() && resolver.IsWithin(*cwd, request.workspace) ? *cwd : request.workspace;
  }
  const bool home_relative = options.cwd == "~" || absl::StartsWith(options.cwd, "~/");
  if (home_relative && resolver.home().empty())
    return Refuse("home_unknown", "--cwd starts at the home directory, which is not known");
  const auto joined =
      home_relative ? resolver.Join(resolver.home(), absl::StrCat(".", options.cwd.substr(1)))
                    : resolver.Join(resolver.IsAbsolute(caller.cwd) ? caller.cwd : request.workspace, options.cwd);
  if (!joined.ok())
    return Refuse("path_invalid", absl::StrCat("--cwd ", Quote(options.cwd), " ", joined.status().message()));
  const std::string& cwd = *joined;
  if (!resolver.IsAbsolute(cwd))
    return Refuse("path_invalid", absl::StrCat("--cwd ", Quote(options.cwd), " is relative to an unknown directory"));
  if (!IsReadable(request, resolver, cwd)) {
    return Refuse("cwd_unusable",
                  absl::StrCat("--cwd ", Quote(cwd), " is neither in the workspace nor in a readable place"));
  }
  if (const PathRule* denial = resolver.FindPossiblyCovering(request.deny_read, cwd); denial != nullptr) {
    return Refuse("cwd_unusable",
                  absl::StrCat("--cwd ", Quote(cwd), " is hidden by ", Shown("filesystem.deny_read", *denial)));
  }
  return cwd;
}

}  // namespace

absl::StatusOr<Request> MakeRequest(Policy policy, const RequestOptions& options, const Caller& caller) {
  RETURN_IF_ERROR(CheckCommand(options.command));
  Request request;
  request.policy = std::move(policy);
  request.command = options.command;
  request.tty = options.tty;
  ASSIGN_OR_RETURN(const std::string workspace, ChooseWorkspace(request.policy, options, caller));
  const Resolver resolver(workspace, caller.home);
  request.workspace = resolver.workspace();
  RETURN_IF_ERROR(ResolvePaths(resolver, &request));
  RETURN_IF_ERROR(CheckPlaces(request, resolver));
  ASSIGN_OR_RETURN(request.cwd, ChooseCwd(request, options, caller, resolver));
  request.environment = CommandEnvironment(request.policy, caller.environment);
  return request;
}

std::map<std::string, std::string> ParseEnvironment(const std::vector<std::string>& entries) {
  std::map<std::string, std::string> environment;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

}  // namespace paddock
