#include "core/audit/judge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/audit/judge_parts.h"

namespace paddock::audit {
namespace {

constexpr uint32_t kSticky = 01000, kGroupWrite = 020, kOthersWrite = 02;
constexpr uint32_t kGroupSearch = 010, kOthersSearch = 01;
// A command line that somebody is to read.
constexpr size_t kMaxArguments = 10;

}  // namespace

void Draft::Sort() {
  std::stable_sort(finding_.paths.begin(), finding_.paths.end(),
                   [](const FindingPath& left, const FindingPath& right) { return left.path < right.path; });
}

void Draft::CommandOnPaths(absl::string_view command) {
  if (finding_.paths.empty()) return;
  Sort();
  std::string line(command);
  const std::string* before = nullptr;
  for (size_t i = 0; i < std::min(finding_.paths.size(), kMaxArguments); ++i) {
    const std::string& path = finding_.paths[i].path;
    if (before == nullptr || *before != path) absl::StrAppend(&line, " ", ShellWord(path));
    before = &path;
  }
  Command(std::move(line));
}

void Draft::CommandHide() {
  if (finding_.paths.empty()) return;
  Sort();
  std::string line = "paddock run";
  const std::string* before = nullptr;
  for (size_t i = 0; i < std::min(finding_.paths.size(), kMaxArguments); ++i) {
    const std::string& path = finding_.paths[i].path;
    if (before == nullptr || *before != path) absl::StrAppend(&line, " --hide ", ShellWord(path));
    before = &path;
  }
  Command(absl::StrCat(line, " -- CMD"));
}

void Draft::AddTo(std::vector<Finding>* out) {
  if (empty()) return;
  Sort();
  finding_.count = unlisted_;
  for (const FindingPath& path : finding_.paths) finding_.count += path.count;
  if (finding_.paths.size() > kMaxListed) finding_.paths.resize(kMaxListed);
  out->push_back(std::move(finding_));
}

bool Others::GroupIsShared(int64_t group) const {
  const auto found = seen_.group_shared.find(group);
  return found == seen_.group_shared.end() || !found->second.no();
}

std::string Others::MayWrite(const Node& node) const {
  if (node.type == PathType::kSymlink) return "";
  if ((node.mode & kOthersWrite) != 0) return absl::StrCat("everybody may write it (mode ", Octal(node.mode), ")");
  if ((node.mode & kGroupWrite) != 0 && GroupIsShared(node.group)) {
    return absl::StrCat("group ", node.group, " may write it (mode ", Octal(node.mode), ")");
  }
  return "";
}

std::string Others::MayReplaceIn(const Node& directory) const {
  if (directory.owner > 0 && directory.owner != caller_) return absl::StrCat("belongs to uid ", directory.owner);
  return (directory.mode & kSticky) != 0 && directory.type == PathType::kDirectory ? "" : MayWrite(directory);
}

const Node* Others::WeakLink(const Place& place, bool adding, std::string* how) const {
  for (const Node& node : place.chain) {
    *how = MayReplaceIn(node);
    if (how->empty() && adding && &node == &place.chain.back()) *how = MayWrite(node);
    if (!how->empty()) return &node;
  }
  return nullptr;
}

bool Others::IsClosed(const Place& place, std::string* by) {
  for (const Node& node : place.chain) {
    if (node.type != PathType::kDirectory || (node.mode & (kGroupSearch | kOthersSearch)) != 0) continue;
    *by = node.path;
    return true;
  }
  return false;
}

std::string Octal(uint32_t mode) { return absl::StrFormat("%04o", mode); }

Finding RunRefused(const Reason& reason, const std::string& workspace) {
  Draft draft("run_refused", Severity::kHigh);
  const ReasonCode* const row = FindReasonCode(reason.code);
  const absl::string_view remedy =
      reason.remedy.empty() && row != nullptr ? row->remedy : absl::string_view(reason.remedy);
  draft.SetDetail(absl::StrCat(reason.detail, " (", reason.code, ")", remedy.empty() ? "" : ". ", remedy));
  draft.Add(workspace);
  std::vector<Finding> out;
  draft.AddTo(&out);
  return std::move(out.front());
}

std::vector<Finding> Judge(const Evidence& e) {
  std::vector<Finding> findings;
  if (e.refusal.has_value()) findings.push_back(RunRefused(*e.refusal, e.request.workspace));
  JudgeTree(e, &findings);
  JudgeGit(e, &findings);
  JudgeHost(e, &findings);
  SortFindings(&findings);
  return findings;
}

}  // namespace paddock::audit
