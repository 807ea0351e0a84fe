#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/audit/judge_parts.h"
#include "core/audit/sockets.h"
#include "core/base/posix_path.h"

namespace paddock::audit {
namespace {

// Landlock refuses connections to sockets that were bound outside from this version on.
constexpr int kAbiOfSockets = 9;

const std::string& End(const std::string& path, const std::string& real) { return real.empty() ? path : real; }

bool IsGranted(const Request& request, const SeenSocket& socket) {
  return std::any_of(request.unix_sockets.begin(), request.unix_sockets.end(),
                     [&](const PathRule& rule) { return rule.path == socket.path || rule.path == socket.real_path; });
}

void JudgeSockets(const Evidence& e, std::vector<Finding>* out) {
  Draft granted("host_socket_granted", Severity::kMedium), reachable("host_socket_reachable", Severity::kMedium),
      hidden("host_sockets_hidden", Severity::kInfo);
  for (const SeenSocket& socket : e.seen.sockets) {
    const SocketKind& kind = KindOfSocket(socket.path);
    const Sight sight = e.view.SightOf(End(socket.path, socket.real_path));
    const bool is_granted = IsGranted(e.request, socket);
    if (!is_granted && ((!IsVisible(sight) && !e.view.any_socket) || !socket.permitted)) {
      hidden.Add(socket.path, socket.permitted ? std::string(Name(sight)) : "closed to you by its permissions");
      continue;
    }
    Draft& draft = is_granted ? granted : reachable;
    draft.Add(socket.path, std::string(kind.what));
    if (kind.escape) draft.Raise(Severity::kHigh);
  }
  reachable.CommandHide();
  granted.AddTo(out);
  reachable.AddTo(out);
  hidden.AddTo(out);
  if (e.view.planned && e.view.landlock_abi < kAbiOfSockets) {
    Draft later("later_sockets_reachable", Severity::kInfo);
    later.Add("/", absl::StrCat("Landlock ABI ", e.view.landlock_abi));
    later.AddTo(out);
  }
}

void JudgePlaces(const Evidence& e, std::vector<Finding>* out) {
  Draft shared("host_place_shared", Severity::kMedium), closed("world_writable_places", Severity::kInfo);
  for (const Node& node : e.seen.world_writable_places) {
    const Sight sight = e.view.SightOf(node.path);
    if (!e.view.planned && sight != Sight::kWritable) continue;  // no sandbox, so none that closes it
    (sight == Sight::kWritable ? shared : closed).Add(node.path, std::string(Name(sight)));
  }
  shared.AddTo(out);
  closed.AddTo(out);
}

void JudgeSearchPath(const Evidence& e, std::vector<Finding>* out) {
  const Others others(e.seen, e.facts.host.linux_host.uid);
  Draft relative("path_entry_relative", Severity::kMedium), inside("path_entry_in_workspace", Severity::kMedium),
      open("path_entry_writable_by_others", Severity::kHigh);
  for (const SearchDirectory& entry : e.seen.search_path) {
    if (!IsAbsolutePath(entry.text)) {
      relative.Add(entry.text, entry.text.empty() ? "an empty entry: the current directory" : "relative");
      continue;
    }
    const std::string& end = End(entry.place.path, entry.place.real_path);
    if (e.view.SightOf(end) == Sight::kWritable) inside.Add(entry.text, std::string(Name(Sight::kWritable)));
    std::string how;
    const Node* const weak = others.WeakLink(entry.place, /*adding=*/true, &how);
    if (weak != nullptr) open.Add(entry.text, absl::StrCat(weak->path, ": ", how));
  }
  open.AddTo(out);
  inside.AddTo(out);
  relative.AddTo(out);
}

void JudgeOwnFiles(const Evidence& e, std::vector<Finding>* out) {
  const int64_t caller = e.facts.host.linux_host.uid;
  const Others others(e.seen, caller);
  Draft open("own_files_writable_by_others", Severity::kLow), inside("own_files_writable_inside", Severity::kLow);
  for (const Place& file : e.seen.own_files) {
    const Severity severity = file.only_tightens ? Severity::kLow : Severity::kHigh;
    std::string how;
    const Node* const weak = others.WeakLink(file, /*adding=*/file.real_path.empty(), &how);
    if (weak != nullptr) {
      open.Add(file.path, absl::StrCat(file.role, ": ", weak->path, ": ", how));
      open.Raise(severity);
    }
    if (!file.real_path.empty() && e.view.SightOf(file.real_path) == Sight::kWritable) {
      inside.Add(file.path, file.role);
      inside.Raise(severity);
    }
  }
  open.AddTo(out);
  inside.AddTo(out);

  Draft state("state_directory_open", Severity::kMedium);
  const Place& directory = e.seen.state_directory;
  std::string how;
  if (directory.real_path.empty() || directory.chain.empty()) return;
  const Node& node = directory.chain.back();
  if (const Node* const weak = others.WeakLink(directory, /*adding=*/false, &how); weak != nullptr) {
    state.Add(directory.path, absl::StrCat(weak->path, ": ", how));
  } else if ((node.mode & 077) != 0) {
    state.Add(directory.path, absl::StrCat("mode ", Octal(node.mode)));
  }
  state.CommandOnPaths("chmod go-rwx");
  state.AddTo(out);
}

}  // namespace

void JudgeHost(const Evidence& e, std::vector<Finding>* out) {
  JudgeSockets(e, out);
  JudgePlaces(e, out);
  JudgeSearchPath(e, out);
  JudgeOwnFiles(e, out);
}

}  // namespace paddock::audit
