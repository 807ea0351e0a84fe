// The rules of core/host/git_repository.h where they differ on Windows, over files in memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"
#include "core/host/git_repository.h"

namespace paddock {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Directories, files with their text, and links with where they lead, by paths in any case.
class MemoryFiles : public GitFiles {
 public:
  explicit MemoryFiles(std::string workspace) : workspace_(std::move(workspace)) {}

  void File(const std::string& path, const std::string& text) {
    entries_[Key(path)] = {PathType::kFile, path, text};
    Directory(path.substr(0, path.rfind('\\')));
  }
  void Directory(const std::string& path) {
    for (std::string at = path; at.size() > 3; at = at.substr(0, at.rfind('\\'))) {
      entries_.try_emplace(Key(at), Item{PathType::kDirectory, at, ""});
    }
  }
  void Link(const std::string& path, const std::string& to) { entries_[Key(path)] = {PathType::kSymlink, path, to}; }
  void Repository(const std::string& git_dir) {
    for (const char* name : {"objects", "refs"}) Directory(absl::StrCat(git_dir, "\\", name));
    File(absl::StrCat(git_dir, "\\HEAD"), "ref: refs/heads/main\n");
  }

  char separator() const override { return '\\'; }
  std::string PathFrom(const std::string& directory, absl::string_view text) const override {
    absl::StatusOr<WindowsPath> path = WindowsPath::Parse(directory.empty() ? text : directory);
    if (path.ok() && !directory.empty()) path = path->Join(text);
    return path.ok() && path->IsAbsolute() ? path->ToString() : "";
  }
  std::string Normal(const std::string& path) const override { return PathFrom("", path); }
  bool Same(absl::string_view a, absl::string_view b) const override { return absl::EqualsIgnoreCase(a, b); }
  bool IsWithin(const std::string& path, const std::string& directory) const override {
    return Same(path, directory) || absl::StartsWithIgnoreCase(path, absl::StrCat(directory, "\\"));
  }
  bool MayLook(const std::string& path) const override {
    return !path.empty() && (!absl::StartsWith(path, "\\\\") || IsWithin(path, workspace_));
  }
  PathType TypeOf(const std::string& path) const override {
    Look(path);
    const auto found = entries_.find(Key(path));
    return found == entries_.end() ? PathType::kAbsent : found->second.type;
  }
  std::string RealPath(const std::string& path) const override {
    if (!MayLook(path)) return "";
    Look(path);
    for (const auto& [key, item] : entries_) {
      if (item.type != PathType::kSymlink || !IsWithin(path, item.path)) continue;
      return absl::StrCat(item.text, path.substr(item.path.size()));
    }
    const auto found = entries_.find(Key(path));
    return found == entries_.end() ? path : found->second.path;
  }
  std::string LinkOnTheWay(const std::string& path, const std::string& workspace) const override {
    Look(path);
    return IsWithin(path, workspace) && !Same(RealPath(path), path) ? path : "";
  }
  std::optional<std::string> Read(const std::string& path, size_t most, bool) const override {
    Look(path);
    const auto found = entries_.find(Key(path));
    if (found == entries_.end() || found->second.type != PathType::kFile || found->second.text.size() > most) {
      return std::nullopt;
    }
    return found->second.text;
  }
  bool Walk(const std::string& directory, uint64_t, absl::FunctionRef<bool(const Entry&)> visit) const override {
    Look(directory);
    std::string skipped;
    for (const auto& [key, item] : entries_) {
      if (!IsWithin(item.path, directory) || Same(item.path, directory)) continue;
      if (!skipped.empty() && IsWithin(item.path, skipped)) continue;
      const bool is_directory = item.type == PathType::kDirectory;
      const bool enter =
          visit({item.path.substr(directory.size() + 1), item.path.substr(item.path.rfind('\\') + 1), is_directory});
      if (is_directory && !enter) skipped = item.path;
    }
    return true;
  }

  // Paths that were looked at although nobody may.
  const std::set<std::string>& forbidden_looks() const { return forbidden_looks_; }

 private:
  struct Item {
    PathType type;
    std::string path;
    std::string text;  // of a link: where it leads
  };
  static std::string Key(absl::string_view path) { return absl::AsciiStrToLower(path); }
  void Look(const std::string& path) const {
    if (!MayLook(path)) forbidden_looks_.insert(path);
  }

  std::string workspace_;
  std::map<std::string, Item> entries_;
  mutable std::set<std::string> forbidden_looks_;
};

class GitRepositoryOnWindowsTest : public testing::Test {
 protected:
  RepositoryFacts Look(const std::string& root = "C:\\src\\app") {
    GitLookInputs inputs;
    inputs.workspace = "C:\\src\\app";
    inputs.home = "C:\\Users\\me";
    inputs.global_configs = {"C:\\Users\\me\\.gitconfig"};
    return LookAtGitRepository(root, inputs, files_);
  }
  MemoryFiles files_{"C:\\src\\app"};
};

TEST_F(GitRepositoryOnWindowsTest, AnOrdinaryRepository) {
  files_.Repository("C:\\src\\app\\.git");
  const RepositoryFacts facts = Look();
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_EQ(facts.git_dir, "C:\\src\\app\\.git");
  const auto guarded = GuardedGitPaths(facts, files_.separator());
  EXPECT_EQ(guarded.size(), 10u);
  for (const char* name : {"", "\\hooks", "\\config.worktree", "\\info\\attributes"}) {
    EXPECT_THAT(guarded, Contains(absl::StrCat("C:\\src\\app\\.git", name)));
  }
}

TEST_F(GitRepositoryOnWindowsTest, AWorktreeIsNamedBackInAnyCaseAndWithSlashes) {
  files_.Repository("C:\\src\\main\\.git");
  files_.File("C:\\src\\main\\.git\\worktrees\\w\\HEAD", "ref: refs/heads/w\n");
  files_.File("C:\\src\\main\\.git\\worktrees\\w\\commondir", "../..\n");
  files_.File("C:\\src\\main\\.git\\worktrees\\w\\gitdir", "c:/SRC/app/.git\n");
  files_.File("C:\\src\\app\\.git", "gitdir: C:/src/main/.git/worktrees/w\n");
  const RepositoryFacts facts = Look();
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_TRUE(facts.back_linked.yes()) << facts.back_linked.source;
  EXPECT_EQ(facts.common_dir, "C:\\src\\main\\.git");
  EXPECT_THAT(facts.worktrees, ElementsAre("C:\\src\\main\\.git\\worktrees\\w"));
  files_.File("C:\\src\\main\\.git\\worktrees\\w\\gitdir", "C:/src/other/.git\n");
  EXPECT_FALSE(Look().back_linked.yes());
}

TEST_F(GitRepositoryOnWindowsTest, AServerIsNeverAsked) {
  struct Way {
    const char* file;
    const char* text;
  };
  constexpr Way kWays[] = {
      {"C:\\src\\app\\.git", "gitdir: \\\\evil.example\\share\\.git\n"},
      {"C:\\src\\app\\.git", "gitdir: //evil.example/share/.git\n"},
      {"C:\\src\\app\\.git\\commondir", "\\\\evil.example\\share\n"},
      {"C:\\src\\app\\.git\\config", "[include]\n\tpath = //evil.example/share/config\n"},
      {"C:\\src\\app\\.git\\config", "[includeIf \"onbranch:x\"]\n\tpath = \"\\\\\\\\wsl$\\\\Debian\\\\config\"\n"},
  };
  for (const Way& way : kWays) {
    files_ = MemoryFiles("C:\\src\\app");
    if (std::string(way.file) != "C:\\src\\app\\.git") files_.Repository("C:\\src\\app\\.git");
    files_.File(way.file, way.text);
    const RepositoryFacts facts = Look();
    EXPECT_FALSE(facts.well_formed.yes()) << way.text;
    EXPECT_THAT(facts.well_formed.source, HasSubstr("which is not looked at")) << way.text;
    EXPECT_THAT(files_.forbidden_looks(), IsEmpty()) << way.text;
  }
}

TEST_F(GitRepositoryOnWindowsTest, NamesOfAServerThatLeadNowhereAreNoLook) {
  files_.Repository("C:\\src\\main\\.git\\modules\\lib");
  files_.File("C:\\src\\main\\.git\\modules\\lib\\config",
              "[core]\n\tworktree = //evil.example/share\n\thooksPath = h\n");
  files_.File("C:\\src\\app\\.git", "gitdir: C:/src/main/.git/modules/lib\n");
  EXPECT_FALSE(Look().back_linked.yes());
  files_.File("C:\\src\\main\\.git\\modules\\lib\\gitdir", "//evil.example/share/.git\n");
  EXPECT_FALSE(Look().back_linked.yes());
  EXPECT_THAT(files_.forbidden_looks(), IsEmpty());
}

TEST_F(GitRepositoryOnWindowsTest, AJunctionOfTheWorkspaceIsDistrusted) {
  files_.Repository("D:\\elsewhere\\.git");
  files_.Link("C:\\src\\app\\deps", "D:\\elsewhere");
  files_.File("C:\\src\\app\\.git", "gitdir: deps/.git\n");
  EXPECT_THAT(Look().well_formed.source, HasSubstr("a link in the workspace"));
  files_.File("C:\\src\\app\\.git", "gitdir: D:/elsewhere/.git\n");
  EXPECT_TRUE(Look().well_formed.yes());
  files_.Link("C:\\src\\app\\.git", "D:\\elsewhere\\.git");
  EXPECT_THAT(Look().well_formed.source, HasSubstr("is a link"));
}

TEST_F(GitRepositoryOnWindowsTest, TargetsInTheWorkspace) {
  files_.Repository("C:\\src\\app\\.git");
  files_.File("C:\\Users\\me\\.gitconfig", "[core]\n\thooksPath = tools/hooks\n[include]\n\tpath = ~/team.config\n");
  files_.File("C:\\Users\\me\\team.config", "[include]\n\tpath = C:/SRC/App/shared.config\n\tpath = C:/src/other/x\n");
  files_.File("C:\\src\\app\\shared.config", "[include]\n\tpath = sub/further.config\n");
  const RepositoryFacts facts = Look();
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_THAT(facts.include_targets, Contains("C:\\src\\app\\tools\\hooks"));
  EXPECT_THAT(facts.include_targets, Contains("C:\\src\\app\\shared.config"));
  EXPECT_THAT(facts.include_targets, Contains("C:\\SRC\\App\\sub\\further.config"));
  for (const std::string& target : facts.include_targets)
    EXPECT_TRUE(files_.IsWithin(target, "C:\\src\\app")) << target;
}

TEST_F(GitRepositoryOnWindowsTest, TheRootOfADrive) {
  files_.Repository("D:\\.git");
  const RepositoryFacts facts = Look("D:\\");
  EXPECT_TRUE(facts.well_formed.yes()) << facts.well_formed.source;
  EXPECT_EQ(facts.git_dir, "D:\\.git");
  EXPECT_THAT(GuardedGitPaths(facts, '\\'), Contains("D:\\.git\\config"));
}

}  // namespace
}  // namespace paddock
