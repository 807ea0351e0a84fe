#ifndef PADDOCK_TESTS_SUPPORT_LINUX_FACTS_H_
#define PADDOCK_TESTS_SUPPORT_LINUX_FACTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/linux_landlock/linux_plan.h"
#include "core/host/facts.h"
#include "core/plan/launch_plan.h"
#include "core/request/request.h"

namespace paddock {

// A Linux host, a workspace and a request that exist only as data: what a probe would find is worked out from a tree of
// names. Starts as an ordinary user's host that has everything, with an empty request for /home/dev/proj.
class LinuxScene {
 public:
  LinuxScene();

  // ---- The tree. Directories above are made; a path of another type replaces what was there.
  void Dir(const std::string& path, int64_t owner = -1);  // -1: the caller
  void File(const std::string& path, int64_t owner = -1);
  void Link(const std::string& path, const std::string& target);
  void Socket(const std::string& path);  // something listens on it
  void Remove(const std::string& path);  // with what is below
  // `root`/.git as git init makes it.
  void Repository(const std::string& root);
  // A linked worktree of the repository at `main_root`. `vouched`: its git directory names it back.
  void Worktree(const std::string& root, const std::string& main_root, const std::string& name, bool vouched = true);
  void Submodule(const std::string& super_root, const std::string& name, const std::string& at);

  // ---- The request. `text` is absolute, "~/...", or relative to the workspace; a glob if it has wildcards.
  void Workspace(const std::string& path);  // the cwd too
  void Write(const std::string& text);
  void DenyWrite(const std::string& text, const std::string& origin = "policy.toml");
  void ReadOnly(const std::string& text);
  void DenyRead(const std::string& text);
  void GrantSocket(const std::string& text);
  // What the profile for coding agents asks, in a short form.
  void Coding();

  // A caller with this uid and gid, whose home is /root for 0.
  void RunAs(int64_t uid);
  // A run may have a cgroup of its own, with these controllers.
  void Cgroup(std::vector<std::string> controllers);
  // A placeholder of another run's stands at `path`.
  void LeasePlaceholder(const std::string& path);

  Request request;
  HostFacts host;
  Fact empty;
  bool scan_complete = true;

  Facts MakeFacts() const;
  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier = "namespaces") const;

  // Every name of the tree, sorted.
  std::vector<std::string> AllPaths() const;
  // As core/platform/posix/path_lookup.h describes it.
  PathFacts Look(const std::string& path) const;

 private:
  struct Node {
    PathType type = PathType::kDirectory;
    int64_t owner = -1;
    std::string target;
  };
  void Put(const std::string& path, Node node);
  PathRule Rule(const std::string& text, const std::string& origin) const;
  std::string Resolve(const std::string& path, int depth) const;
  void AddFacts(const std::string& path, WorkspaceFacts* facts) const;
  void AddRuleFacts(WorkspaceFacts* facts) const;
  void AddGlobs(WorkspaceFacts* facts) const;
  void AddGitFacts(WorkspaceFacts* facts) const;

  std::map<std::string, Node> tree_;
  std::vector<RepositoryFacts> repositories_;
  std::vector<Lease> leases_;
};

// The body of a plan of linux_landlock.
const LinuxPlan& BodyOf(const LaunchPlan& plan);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_LINUX_FACTS_H_
