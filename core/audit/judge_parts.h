#ifndef PADDOCK_CORE_AUDIT_JUDGE_PARTS_H_
#define PADDOCK_CORE_AUDIT_JUDGE_PARTS_H_

#include <string>
#include <utility>
#include <vector>

#include "core/audit/judge.h"

// What the parts of the judgement share. Internal to core/audit.

namespace paddock::audit {

// One finding in the making. Nothing is added to `out` if no path was.
class Draft {
 public:
  Draft(absl::string_view id, Severity severity) {
    finding_.kind = &KindOf(id);
    finding_.severity = severity;
  }

  void Raise(Severity severity) { finding_.severity = std::max(finding_.severity, severity); }
  void SetDetail(std::string detail) { finding_.detail = std::move(detail); }
  void Add(std::string path, std::string note = "", uint64_t count = 1) {
    finding_.paths.push_back({std::move(path), std::move(note), count});
  }
  // Things of the same kind that were seen and not kept.
  void AddUnlisted(uint64_t count) { unlisted_ += count; }
  void Command(std::string command) { finding_.commands.push_back(std::move(command)); }
  // `command` with each listed path as an argument of its own, if there are any.
  void CommandOnPaths(absl::string_view command);
  // "paddock run --hide A --hide B -- CMD".
  void CommandHide();

  bool empty() const { return finding_.paths.empty() && unlisted_ == 0; }
  void AddTo(std::vector<Finding>* out);

 private:
  void Sort();
  Finding finding_;
  uint64_t unlisted_ = 0;
};

// Who else may write, as far as permission bits tell.
class Others {
 public:
  Others(const Observations& seen, int64_t caller) : seen_(seen), caller_(caller) {}

  // Why users beside root and the caller may write what the node stands for; empty: they may not. A group counts unless
  // it is known to have one member.
  std::string MayWrite(const Node& node) const;
  // The same for replacing what lies in a directory: a sticky one keeps others from it.
  std::string MayReplaceIn(const Node& directory) const;
  // The first node of the way by which others can change what a path leads to, and how; nullptr: none. `adding`: a new
  // name in the directory at its end is such a change too, be it sticky or not.
  const Node* WeakLink(const Place& place, bool adding, std::string* how) const;
  // True if nobody else gets as far as the end of the way: some directory has no right to search for others and group.
  static bool IsClosed(const Place& place, std::string* by);

 private:
  bool GroupIsShared(int64_t group) const;
  const Observations& seen_;
  int64_t caller_;
};

std::string Octal(uint32_t mode);

void JudgeTree(const Evidence& e, std::vector<Finding>* out);  // judge_tree.cc: what lies in the workspace
void JudgeGit(const Evidence& e, std::vector<Finding>* out);   // judge_git.cc
void JudgeHost(const Evidence& e, std::vector<Finding>* out);  // judge_host.cc: sockets, PATH, Paddock's own files

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_JUDGE_PARTS_H_
