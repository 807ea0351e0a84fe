#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/appcontainer/plan_builder.h"
#include "backends/appcontainer/plan_entries.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/windows_plan/git_names.h"

namespace paddock {
namespace {

constexpr char kHeldBy[] = "no entry that lets the package write it; the directories above keep the name";
constexpr char kHiddenBy[] = "no entry that lets the package read it; the directories above keep the name";
// A file that takes the name's place inherits what the package has in its directory, whoever puts it there.
constexpr char kReplaced[] = "what a program of the user's puts in its place while the run lasts";

// A name in a grant that the package is not to write, or not even to read.
struct Leaf {
  WritableRoot* root = nullptr;
  std::string path;
  bool directory = false;
  bool hidden = false;
  std::string rule;
};

bool Strictly(const std::string& path, const std::string& directory) {
  return MayLieIn(path, directory) && !SameWindowsPath(path, directory);
}

// Read-only roots have nothing to protect from being written.
bool IsWritable(const WritableRoot& root) {
  return root.changes.size() > 1 || root.changes.front().scope != AceScope::kTree;
}

// Gathers the leaves of all rules before any entry is made, since one may lie in another.
class Names {
 public:
  explicit Names(AppContainerBuilder& b) : b_(b) {}

  absl::Status Gather() {
    for (const PathRule& path_rule : b_.request.deny_write) {
      RETURN_IF_ERROR(Take(path_rule, absl::StrCat("filesystem.deny_write ", path_rule.text), false));
    }
    for (const PathRule& path_rule : b_.request.read_only) {
      RETURN_IF_ERROR(Take(path_rule, absl::StrCat("filesystem.read_only ", path_rule.text), false));
    }
    for (const PathRule& path_rule : b_.request.deny_read) {
      RETURN_IF_ERROR(Take(path_rule, absl::StrCat("filesystem.deny_read ", path_rule.text), true));
    }
    TakeRepositories();
    return absl::OkStatus();
  }

  void MakeEntries() {
    // Of one name the stricter rule counts; what lies in another name is held by it.
    for (const Leaf& leaf : leaves_) {
      const Leaf* around = nullptr;
      bool held = false;
      for (const Leaf& other : leaves_) {
        if (&other == &leaf) continue;
        const bool same = SameWindowsPath(leaf.path, other.path);
        held = held || (same && (other.hidden > leaf.hidden || (other.hidden == leaf.hidden && &other < &leaf)));
        if (!Strictly(leaf.path, other.path)) continue;
        held = held || other.hidden || !leaf.hidden;
        around = &other;
      }
      if (held) continue;
      if (around == nullptr && IsWritable(*leaf.root)) HoldAbove(leaf);
      AddLeaf(*leaf.root, leaf.path, leaf.directory, leaf.hidden, leaf.rule);
    }
  }

 private:
  static void HoldAbove(const Leaf& leaf) {
    for (std::string above = DirectoryOf(leaf.path); !above.empty() && !SameWindowsPath(above, leaf.root->path);
         above = DirectoryOf(above)) {
      AddWay(*leaf.root, above, leaf.rule);
    }
  }

  absl::Status Refuse(absl::string_view code, absl::string_view detail) const {
    return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
  }

  absl::Status Take(const PathRule& path_rule, const std::string& rule, bool hidden) {
    return path_rule.glob ? TakeGlob(path_rule, rule, hidden) : TakeLiteral(path_rule, rule, hidden);
  }

  absl::Status TakeLiteral(const PathRule& path_rule, const std::string& rule, bool hidden) {
    const std::string path = b_.places.Located(path_rule.path);
    for (const WritableRoot& other : b_.body.roots) {
      if (!MayLieIn(other.path, path)) continue;
      if (!hidden && !IsWritable(other)) continue;
      return Refuse("deny_covers_grant", absl::StrCat(rule, " covers the grant of ", other.path));
    }
    WritableRoot* const root = b_.RootOf(path);
    if (root == nullptr || (!hidden && !IsWritable(*root))) {
      b_.DecideByAbsence(rule, "outside every grant of the package");
      return absl::OkStatus();
    }
    const PathFacts* const found = b_.places.Find(path_rule.path);
    // A probe looks at every name of the request, or at none. Facts from a file may be another request's.
    if (found == nullptr && !b_.facts.workspace.paths.empty() && LiesIn(path, root->path)) {
      b_.Decide(rule, Verdict::kNotEnforced, "none", "the facts do not tell whether it exists");
      return absl::OkStatus();
    }
    if (found == nullptr || found->type == PathType::kUnreadable || !LiesIn(path, root->path)) {
      return Refuse("deny_unreadable",
                    absl::StrCat(rule, ": ", path, " cannot be looked up, or may have another name in ", root->path));
    }
    if (found->type == PathType::kAbsent) {
      TakeAbsent(*root, path, rule, hidden);
      return absl::OkStatus();
    }
    const bool elsewhere = found->crosses_symlink && !SameWindowsPath(found->real_path, path);
    if (found->type == PathType::kSymlink || elsewhere) {
      return Refuse("deny_crosses_symlink", absl::StrCat(rule, ": ", path, " is a link, or is reached through one"));
    }
    leaves_.push_back({root, path, found->type == PathType::kDirectory, hidden, rule});
    b_.Decide(rule, Verdict::kApproximated, hidden ? kHiddenBy : kHeldBy, kReplaced);
    return absl::OkStatus();
  }

  void TakeAbsent(WritableRoot& root, const std::string& path, const std::string& rule, bool hidden) {
    if (hidden) {
      return b_.Decide(rule, Verdict::kApproximated, kHiddenBy,
                       "it does not exist; what comes to be there is readable");
    }
    const PathFacts* const above = b_.places.Find(DirectoryOf(path));
    const bool has_place =
        SameWindowsPath(DirectoryOf(path), root.path) || (above != nullptr && above->type == PathType::kDirectory);
    // A placeholder could not be held: from its directory the package has a grant, and no denial takes it back.
    root.absent.push_back({path, /*placeholder=*/false, "", rule});
    b_.Decide(rule, Verdict::kApproximated, "what the run makes of the name goes into quarantine after it",
              has_place ? "the name is not held while the run lasts"
                        : "neither the name nor its directory is held while the run lasts");
  }

  absl::Status TakeGlob(const PathRule& path_rule, const std::string& rule, bool hidden) {
    const auto matches = b_.facts.workspace.globs.find(path_rule.path);
    if (matches == b_.facts.workspace.globs.end()) {
      b_.Decide(rule, Verdict::kNotEnforced, "none", "nobody has searched for what it matches");
      return absl::OkStatus();
    }
    for (const std::string& match : matches->second) {
      const std::string path = b_.places.Located(match);
      WritableRoot* const root = b_.RootOf(path);
      if (root == nullptr || !LiesIn(path, root->path) || (!hidden && !IsWritable(*root))) continue;
      if (MayLieIn(root->path, path)) {
        return Refuse("deny_covers_grant", absl::StrCat(rule, " covers the grant of ", root->path));
      }
      const PathFacts* const found = b_.places.Find(match);
      leaves_.push_back({root, path, found != nullptr && found->type == PathType::kDirectory, hidden, rule});
    }
    b_.Decide(rule, Verdict::kApproximated, hidden ? kHiddenBy : kHeldBy,
              b_.facts.workspace.scan_complete ? "files that come to match during the run"
                                               : "the search for matches was cut short");
    return absl::OkStatus();
  }

  void TakeRepositories() {
    if (b_.request.deny_write.empty()) return;
    std::vector<std::string> missing;
    bool inside = false;
    for (const RepositoryFacts& repository : b_.facts.workspace.repositories) {
      const WritableRoot* const root = b_.RootOf(b_.places.Located(repository.root));
      if (root == nullptr || !IsWritable(*root)) continue;
      inside = true;
      for (const GitName& name : GitNamesOf(repository)) TakeGitName(name, &missing);
    }
    const bool writes = std::any_of(b_.body.roots.begin(), b_.body.roots.end(), IsWritable);
    if (!b_.facts.workspace.scan_complete && writes) missing.push_back("nested repositories were not all searched for");
    if (!inside && missing.empty()) return;
    missing.emplace_back(kReplaced);
    b_.Decide(kGitNamesRule, Verdict::kApproximated, kHeldBy, absl::StrJoin(missing, "; "));
  }

  void TakeGitName(const GitName& name, std::vector<std::string>* missing) {
    const std::string path = b_.places.Located(name.path);
    WritableRoot* const root = b_.RootOf(path);
    if (root == nullptr || !IsWritable(*root) || MayLieIn(root->path, path)) return;
    const PathFacts* const found = b_.places.Find(name.path);
    const PathType type = found != nullptr ? found->type : name.exists ? PathType::kFile : PathType::kUnreadable;
    switch (type) {
      case PathType::kDirectory:
      case PathType::kFile:
        leaves_.push_back({root, path, type == PathType::kDirectory, false, kGitNamesRule});
        return;
      case PathType::kAbsent:
        if (std::none_of(root->absent.begin(), root->absent.end(),
                         [&](const AbsentName& other) { return SameWindowsPath(other.path, path); })) {
          root->absent.push_back({path, /*placeholder=*/false, "", kGitNamesRule});
        }
        missing->push_back(absl::StrCat(path, " is not held, and goes into quarantine"));
        return;
      default:
        missing->push_back(
            absl::StrCat(path, type == PathType::kSymlink ? " is a link, which holds no entry" : " was not looked at"));
    }
  }

  AppContainerBuilder& b_;
  std::vector<Leaf> leaves_;
};

}  // namespace

absl::Status PlanPackageNames(AppContainerBuilder& b) {
  Names names(b);
  RETURN_IF_ERROR(names.Gather());
  names.MakeEntries();
  return absl::OkStatus();
}

}  // namespace paddock
