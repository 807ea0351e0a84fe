#include "core/access/file_ops.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace paddock::access {
namespace {

struct OpName {
  absl::string_view name;
  uint32_t node_rights;  // asked of the node alone; 0: the operation has a function of its own
  absl::string_view right_name;
};

// In the order of FileOp.
constexpr std::array<OpName, 15> kOps = {{
    {"read", kFileReadData, "FILE_READ_DATA"},
    {"list", kFileListDirectory, "FILE_LIST_DIRECTORY"},
    {"execute", kFileExecute, "FILE_EXECUTE"},
    {"write", kFileWriteData, "FILE_WRITE_DATA"},
    {"append", kFileAppendData, "FILE_APPEND_DATA"},
    {"read attributes", 0, ""},
    {"set attributes", kFileWriteAttributes, "FILE_WRITE_ATTRIBUTES"},
    {"read descriptor", kReadControl, "READ_CONTROL"},
    {"set DACL", kWriteDac, "WRITE_DAC"},
    {"set owner", kWriteOwner, "WRITE_OWNER"},
    {"create file", 0, ""},
    {"create directory", 0, ""},
    {"delete", 0, ""},
    {"rename", 0, ""},
    {"link", 0, ""},
}};

const OpName& RowOf(FileOp op) { return kOps[static_cast<size_t>(op)]; }

// Both have to be granted; either suffices.
Decision Both(Decision a, Decision b) {
  if (a == Decision::kDenied || b == Decision::kDenied) return Decision::kDenied;
  return a == Decision::kUnknown || b == Decision::kUnknown ? Decision::kUnknown : Decision::kGranted;
}
Decision Either(Decision a, Decision b) {
  if (a == Decision::kGranted || b == Decision::kGranted) return Decision::kGranted;
  return a == Decision::kUnknown || b == Decision::kUnknown ? Decision::kUnknown : Decision::kDenied;
}

// False if Win32 would open something else than what the names say ("." and "..", dots and spaces at an end), or a
// stream. `path` is normal.
bool IsResolved(absl::string_view path) {
  if (path.find(':', 2) != absl::string_view::npos) return false;
  for (const absl::string_view name : absl::StrSplit(path, '\\')) {
    if (!name.empty() && (name.back() == '.' || name.back() == ' ')) return false;
  }
  return true;
}

class Operation {
 public:
  Operation(const FileTree& tree, const Token& token) : tree_(tree), token_(token) {}

  Decision Do(const std::string& path, FileOp op, const std::string& target);
  std::vector<FileOpStep> TakeSteps() { return std::move(steps_); }

 private:
  Decision Ask(const std::string& path, uint32_t wanted, absl::string_view rule);
  Decision Rule(const std::string& path, Decision decision, absl::string_view rule);
  Decision Traverse(const std::string& path);
  Decision Create(const std::string& path, bool directory);
  Decision Delete(const std::string& path);
  Decision Rename(const std::string& path, const std::string& target);
  Decision Link(const std::string& path, const std::string& target);
  bool MayOpen(const std::string& path);
  Decision ReadAttributes(const std::string& path);
  Decision OnNode(const std::string& path, FileOp op);

  const FileTree& tree_;
  const Token& token_;
  std::vector<FileOpStep> steps_;
};

Decision Operation::Ask(const std::string& path, uint32_t wanted, absl::string_view rule) {
  const FileNode* node = tree_.Find(path);
  if (node == nullptr)
    return Rule(path, Decision::kUnknown, absl::StrCat(rule, ", of a directory that is not in the tree"));
  if (!node->descriptor)
    return Rule(path, Decision::kUnknown, absl::StrCat(rule, ", of a descriptor that was not read"));
  FileOpStep step{path, wanted, Check(token_, *node->descriptor, wanted, MappingOf(ObjectType::kFile)),
                  std::string(rule)};
  steps_.push_back(std::move(step));
  return steps_.back().verdict.decision;
}

Decision Operation::Rule(const std::string& path, Decision decision, absl::string_view rule) {
  steps_.push_back({path, 0, {decision, 0, Pass::kRequest, -1}, std::string(rule)});
  return decision;
}

// SeChangeNotifyPrivilege, which every token has by default and CreateRestrictedToken leaves, skips this.
Decision Operation::Traverse(const std::string& path) {
  Decision decision = Decision::kGranted;
  if (token_.privileges.Has(Privilege::kChangeNotify)) return decision;
  for (std::string above(TreeParent(path)); !above.empty() && decision != Decision::kDenied;
       above = std::string(TreeParent(above))) {
    decision = Both(decision, Ask(above, kFileTraverse, "FILE_TRAVERSE of a directory above"));
  }
  if (decision != Decision::kDenied) return decision;
  return Rule(path, Decision::kUnknown,
              "the way is closed, which opening by file id or from a directory's handle skips");
}

Decision Operation::Create(const std::string& path, bool directory) {
  const std::string parent(TreeParent(path));
  if (parent.empty()) return Rule(path, Decision::kDenied, "the top of a volume cannot be created");
  const FileNode* above = tree_.Find(parent);
  if (above != nullptr && !above->directory) return Rule(parent, Decision::kDenied, "not a directory");
  return directory ? Ask(parent, kFileAddSubdirectory, "FILE_ADD_SUBDIRECTORY of its directory")
                   : Ask(parent, kFileAddFile, "FILE_ADD_FILE of its directory");
}

Decision Operation::Delete(const std::string& path) {
  const Decision own = Ask(path, kDelete, "DELETE");
  if (own == Decision::kGranted) return own;
  const std::string parent(TreeParent(path));
  if (parent.empty()) return own;
  return Either(own, Ask(parent, kFileDeleteChild, "FILE_DELETE_CHILD of its directory"));
}

Decision Operation::Rename(const std::string& path, const std::string& target) {
  const FileNode* node = tree_.Find(path);
  const FileNode* replaced = target == path ? nullptr : tree_.Find(target);
  if (target.empty()) return Rule(path, Decision::kDenied, "a rename without a target");
  if (replaced != nullptr && replaced->directory && !node->directory)
    return Rule(target, Decision::kDenied, "a file replaces no directory");
  Decision decision = Delete(path);
  if (decision == Decision::kDenied) return decision;
  if (replaced != nullptr) decision = Both(decision, Delete(target));
  if (decision == Decision::kDenied) return decision;
  if (replaced != nullptr && node->directory)
    decision = Both(decision, Rule(target, Decision::kUnknown, "whether a directory replaces this, as an empty one"));
  decision = Both(decision, Traverse(target));
  const Decision added = Create(target, node->directory);
  if (added == Decision::kDenied && TreeParent(target) == TreeParent(path)) {
    return Rule(target, Decision::kUnknown, "the directory may not be added to, which a rename within it may not ask");
  }
  return Both(decision, added);
}

Decision Operation::Link(const std::string& path, const std::string& target) {
  if (tree_.Find(path)->directory) return Rule(path, Decision::kDenied, "a directory has one name");
  if (target.empty()) return Rule(path, Decision::kDenied, "a link without a new name");
  const FileNode* replaced = target == path ? nullptr : tree_.Find(target);
  if (replaced != nullptr && replaced->directory)
    return Rule(target, Decision::kDenied, "a link replaces no directory");
  Decision decision = Ask(path, kFileWriteAttributes, "FILE_WRITE_ATTRIBUTES");
  // CreateHardLinkW asks for it, and the system below it only of tokens that it takes for sandboxed ones; which these
  // are, no document says.
  if (decision == Decision::kDenied && MayOpen(path))
    decision = Rule(path, Decision::kUnknown, "FILE_WRITE_ATTRIBUTES, which not every token is asked for");
  if (decision != Decision::kDenied && replaced != nullptr) decision = Both(decision, Delete(target));
  if (decision == Decision::kDenied) return decision;
  decision = Both(decision, Traverse(target));
  return Both(decision, Create(target, false));
}

// Whether some handle may be had on the node, whose descriptor is known.
bool Operation::MayOpen(const std::string& path) {
  const Rights rights = MaximumAllowed(token_, *tree_.Find(path)->descriptor, MappingOf(ObjectType::kFile));
  return rights.possible != 0 || ReadAttributes(path) != Decision::kDenied;
}

Decision Operation::ReadAttributes(const std::string& path) {
  const Decision own = Ask(path, kFileReadAttributes, "FILE_READ_ATTRIBUTES");
  const std::string parent(TreeParent(path));
  if (own == Decision::kGranted || parent.empty()) return own;
  return Either(own, Ask(parent, kFileListDirectory, "FILE_LIST_DIRECTORY of its directory"));
}

Decision Operation::OnNode(const std::string& path, FileOp op) {
  if (op == FileOp::kRemove) return Delete(path);
  if (op == FileOp::kReadAttributes) return ReadAttributes(path);
  const Decision decision = Ask(path, RowOf(op).node_rights, RowOf(op).right_name);
  const FileNode* node = tree_.Find(path);
  const bool writes = op == FileOp::kWrite || op == FileOp::kAppend;
  if (decision == Decision::kDenied || !writes || node->directory || !node->read_only) return decision;
  return Both(decision, Ask(path, kFileWriteAttributes, "FILE_WRITE_ATTRIBUTES, which makes it no longer read-only"));
}

Decision Operation::Do(const std::string& path, FileOp op, const std::string& target) {
  const bool creates = op == FileOp::kCreateFile || op == FileOp::kCreateDirectory;
  const bool there = tree_.Find(path) != nullptr;
  if (!IsResolved(path) || (op == FileOp::kRename && !IsResolved(target)) ||
      (op == FileOp::kLink && !IsResolved(target)))
    return Rule(path, Decision::kUnknown, "a path that is not resolved, and may be another's");
  if (creates && there) return Rule(path, Decision::kDenied, "the name is taken");
  if (!creates && !there) {
    return tree_.Find(TreeParent(path)) == nullptr
               ? Rule(path, Decision::kUnknown, "neither it nor its directory is in the tree")
               : Rule(path, Decision::kDenied, "nothing is there");
  }
  const Decision reached = Traverse(path);
  if (creates) return Both(reached, Create(path, op == FileOp::kCreateDirectory));
  if (op == FileOp::kRename) return Both(reached, Rename(path, target));
  if (op == FileOp::kLink) return Both(reached, Link(path, target));
  return Both(reached, OnNode(path, op));
}

}  // namespace

absl::string_view ToString(FileOp op) { return RowOf(op).name; }

FileOpVerdict CheckFileOp(const FileTree& tree, absl::string_view path, FileOp op, const Token& token,
                          absl::string_view target) {
  Operation operation(tree, token);
  FileOpVerdict verdict;
  verdict.decision = operation.Do(NormalTreePath(path), op, NormalTreePath(target));
  verdict.steps = operation.TakeSteps();
  return verdict;
}

std::string FileOpVerdict::Describe(const FileTree& tree) const {
  std::string text = absl::StrCat(ToString(decision), "\n");
  for (const FileOpStep& step : steps) {
    absl::StrAppend(&text, "  ", step.path, ": ", step.rule, ": ");
    const FileNode* node = tree.Find(step.path);
    if (step.verdict.pass == Pass::kRequest || node == nullptr || !node->descriptor) {
      absl::StrAppend(&text, ToString(step.verdict.decision), "\n");
    } else {
      absl::StrAppend(&text, access::Describe(step.verdict, *node->descriptor), "\n");
    }
  }
  return text;
}

}  // namespace paddock::access
