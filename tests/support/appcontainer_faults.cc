#include "tests/support/appcontainer_faults.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/app_container.h"
#include "core/access/check.h"
#include "core/access/sddl.h"
#include "tests/support/process_faults.h"

namespace paddock {
namespace {

using access::Decision;
using access::FileOp;
using access::NormalTreePath;

// What a run may do: read, write (of a directory: make something in it), change attributes, delete.
struct Row {
  PlaceKind kind;
  const char* lpac;
  const char* other;  // of an AppContainer that is not less privileged
};
constexpr Row kExpected[] = {
    {PlaceKind::kSystem, "r---", "r---"},        {PlaceKind::kSystemTop, "----", "----"},
    {PlaceKind::kOwn, "----", "----"},           {PlaceKind::kOwnTop, "----", "----"},
    {PlaceKind::kOther, "----", "----"},         {PlaceKind::kEveryone, "----", "----"},
    {PlaceKind::kAuthenticated, "----", "----"}, {PlaceKind::kAllPackages, "----", "rwad"},
    {PlaceKind::kLowLabelled, "----", "----"},   {PlaceKind::kRoot, "rwa-", "rwa-"},
    {PlaceKind::kGranted, "rwad", "rwad"},       {PlaceKind::kWay, "rwa-", "rwa-"},
    {PlaceKind::kProtected, "r---", "r---"},     {PlaceKind::kHidden, "----", "----"},
};

bool IsBelow(const std::string& path, const std::string& directory) {
  return absl::StartsWith(path, absl::StrCat(directory, "\\"));
}
bool IsIn(const std::string& path, const std::string& directory) {
  return path == directory || IsBelow(path, directory);
}
bool IsInAny(const std::string& path, const std::vector<std::string>& directories) {
  return std::any_of(directories.begin(), directories.end(),
                     [&](const std::string& directory) { return IsIn(path, directory); });
}

class Faults {
 public:
  Faults(const WindowsScene& scene, const AppContainerPlan& plan)
      : scene_(scene), plan_(plan), model_(scene, /*dedicated=*/false) {}

  std::vector<std::string> Find() && {
    Gather();
    CheckPackage();
    CheckHost();
    CheckLeases();
    if (const absl::Status applied = model_.Apply(plan_.roots, plan_.folders); !applied.ok()) {
      Add("leases", applied.message());
      return std::move(faults_);
    }
    token_ = LowboxToken(model_, plan_.package);
    for (const ModelFile& file : model_.files()) files_.push_back({file.path, file.directory, KindOf(file)});
    CheckFiles();
    CheckMoves();
    CheckObjects();
    CheckFolders();
    CheckProcess();
    return std::move(faults_);
  }

 private:
  void Add(absl::string_view subject, absl::string_view what) { faults_.push_back(absl::StrCat(subject, ": ", what)); }
  void Same(absl::string_view subject, bool same, absl::string_view what) {
    if (!same) Add(subject, what);
  }
  bool IsThere(const std::string& path) const { return model_.tree().Find(path) != nullptr; }

  // What the scene asks for.
  void Gather() {
    for (const PathRule& rule : scene_.request.write) write_.push_back(NormalTreePath(rule.path));
    if (!scene_.request.workspace.empty()) read_.push_back(NormalTreePath(scene_.facts.workspace.root.real_path));
    for (const auto* const rules : {&scene_.request.deny_write, &scene_.request.read_only}) {
      for (const PathRule& rule : *rules) {
        const std::string name = NormalTreePath(rule.path);
        if (IsThere(name) && IsInAny(name, write_)) protected_.push_back(name);
        if (rules == &scene_.request.read_only && !absl::StartsWith(name, "c:\\windows")) read_.push_back(name);
      }
    }
    for (const RepositoryFacts& repository : scene_.facts.workspace.repositories) AddSteering(repository);
    for (const PathRule& rule : scene_.request.deny_read) {
      const auto matches = scene_.facts.workspace.globs.find(rule.path);
      if (rule.glob && matches != scene_.facts.workspace.globs.end()) {
        for (const std::string& match : matches->second) hidden_.push_back(NormalTreePath(match));
      }
      if (!rule.glob && IsThere(NormalTreePath(rule.path))) hidden_.push_back(NormalTreePath(rule.path));
    }
  }

  void AddThere(const std::string& path) {
    const auto found = scene_.facts.workspace.paths.find(path);
    const bool there = found != scene_.facts.workspace.paths.end() && found->second.type != PathType::kAbsent;
    if (there && IsInAny(NormalTreePath(path), write_)) protected_.push_back(NormalTreePath(path));
  }

  // What git on the host would run, or be led by, of a repository that somebody looked at.
  void AddSteering(const RepositoryFacts& repository) {
    if (scene_.request.deny_write.empty()) return;
    const bool odd = repository.well_formed.no();
    if (odd || repository.kind == RepositoryKind::kGitFile) AddThere(absl::StrCat(repository.root, "\\.git"));
    if (odd) return;
    std::vector<std::string> directories = repository.modules;
    directories.insert(directories.end(), repository.worktrees.begin(), repository.worktrees.end());
    directories.insert(directories.end(), {repository.git_dir, repository.common_dir});
    for (const std::string& directory : directories) {
      for (const char* const name : {"hooks", "config", "config.worktree", "commondir", "gitdir", "info\\attributes"}) {
        AddThere(absl::StrCat(directory, "\\", name));
      }
    }
    for (const std::string& target : repository.include_targets) AddThere(target);
  }

  PlaceKind KindOf(const ModelFile& file) const {
    if (file.path == "c:\\users") return PlaceKind::kOther;
    if (file.path == "c:\\run\\1") return PlaceKind::kGranted;
    const bool granted = IsInAny(file.path, write_);
    const bool read = granted || IsInAny(file.path, read_);
    const bool of_workspace = IsIn(file.path, NormalTreePath(model_.Fill("{ws}")));
    if (!read) return of_workspace ? PlaceKind::kOwn : file.kind;
    if (IsInAny(file.path, hidden_)) return PlaceKind::kHidden;
    if (!granted || IsInAny(file.path, protected_)) return PlaceKind::kProtected;
    if (std::find(write_.begin(), write_.end(), file.path) != write_.end()) return PlaceKind::kRoot;
    for (const auto* const names : {&protected_, &hidden_}) {
      for (const std::string& name : *names) {
        if (IsBelow(name, file.path) && IsThere(name)) return PlaceKind::kWay;
      }
    }
    return PlaceKind::kGranted;
  }

  void CheckPackage() {
    const PackageSpec& package = plan_.package;
    Same("token", package.name == "paddock.{run}", "a package that another run may be, or that is not Paddock's");
    Same("token", package.lpac == scene_.facts.host.windows_host.lpac.yes(), "not as little privileged as it could be");
    const std::vector<std::string>& declared = scene_.request.policy.capabilities;
    Same("token", package.capabilities.size() == declared.size(), "other capabilities than were declared");
    for (size_t i = 0; i < package.capabilities.size() && i < declared.size(); ++i) {
      const auto sid = access::CapabilitySid(declared[i]);
      Same("token",
           sid.ok() && sid->ToString() == package.capabilities[i].sid && declared[i] == package.capabilities[i].name,
           absl::StrCat("not the capability ", declared[i]));
    }
  }

  // Whatever the developer could do before, the developer can do with the entries in place.
  void CheckHost() {
    WindowsModel model(scene_, /*dedicated=*/false);
    const access::MemoryTree before = model.tree();
    const std::vector<ModelFile> files = model.files();
    if (!model.Apply(plan_.roots, plan_.folders).ok()) return;
    for (const ModelFile& file : files) {
      for (const FileOp op : {FileOp::kRead, FileOp::kList, FileOp::kExecute, FileOp::kWrite, FileOp::kRemove,
                              FileOp::kSetDacl, FileOp::kSetAttributes}) {
        const auto could = access::CheckFileOp(before, file.path, op, model.Host());
        const auto can = access::CheckFileOp(model.tree(), file.path, op, model.Host());
        if (could.decision == can.decision) continue;
        Add("host", absl::StrCat("the developer's right to ", ToString(op), " ", file.path, " has changed"));
      }
    }
  }

  bool Expected(const ModelFile& file, char what) const {
    const Row* const row =
        std::find_if(std::begin(kExpected), std::end(kExpected), [&](const Row& r) { return r.kind == file.kind; });
    return absl::StrContains(scene_.facts.host.windows_host.lpac.yes() ? row->lpac : row->other, what);
  }

  void Expect(const ModelFile& file, char what, const std::string& path, FileOp op, const std::string& target = "") {
    const auto verdict = access::CheckFileOp(model_.tree(), path, op, token_, target);
    const bool expected = what != '\0' && Expected(file, what);
    if ((verdict.decision == Decision::kGranted) == expected && verdict.decision != Decision::kUnknown) return;
    Add("files", absl::StrCat(ToString(op), " ", path, target.empty() ? "" : " to ", target, " should be ",
                              expected ? "granted" : "denied", ": ", verdict.Describe(model_.tree())));
  }

  void CheckFiles() {
    for (const ModelFile& file : files_) {
      Expect(file, 'r', file.path, file.directory ? FileOp::kList : FileOp::kRead);
      Expect(file, 'r', file.path, FileOp::kExecute);
      if (file.directory) {
        Expect(file, 'w', absl::StrCat(file.path, "\\new.txt"), FileOp::kCreateFile);
        Expect(file, 'w', absl::StrCat(file.path, "\\new"), FileOp::kCreateDirectory);
      } else {
        Expect(file, 'w', file.path, FileOp::kWrite);
        Expect(file, 'w', file.path, FileOp::kAppend);
      }
      Expect(file, 'a', file.path, FileOp::kSetAttributes);
      Expect(file, 'd', file.path, FileOp::kRemove);
      Expect(file, '\0', file.path, FileOp::kSetDacl);
      Expect(file, '\0', file.path, FileOp::kSetOwner);
    }
  }

  // Renaming follows deletion: into the grant, and over what is in it.
  void CheckMoves() {
    const auto root = std::find_if(files_.begin(), files_.end(), [](const ModelFile& file) {
      return file.kind == PlaceKind::kRoot && file.directory;
    });
    if (root == files_.end()) return;
    const std::string made = absl::StrCat(root->path, "\\main.cc");
    for (const ModelFile& file : files_) {
      if (file.path != root->path) Expect(file, 'd', file.path, FileOp::kRename, absl::StrCat(root->path, "\\moved"));
      if (IsThere(made) && !file.directory && file.path != made && IsBelow(file.path, root->path)) {
        Expect(file, 'd', made, FileOp::kRename, file.path);
      }
    }
  }

  // What of the user's is no file: nothing of it is granted to a package.
  void CheckObjects() {
    for (const ModelObject& object : WindowsModel::Objects()) {
      const auto descriptor = access::ParseSddl(model_.Fill(object.sddl));
      if (!descriptor.ok()) continue;  // of windows_token's own plans
      const auto verdict = access::Check(token_, *descriptor, object.rights, access::MappingOf(object.type));
      Same("objects", verdict.decision == Decision::kDenied, absl::StrCat(object.name, " should be denied"));
    }
  }

  void CheckLeases() {
    Same("leases", plan_.state_dir == scene_.facts.leases.state_dir, "the journal is elsewhere");
    for (const WritableRoot& root : plan_.roots) {
      Same("leases", root.capability == "{package}", absl::StrCat(root.path, " is leased for somebody else"));
      for (const AceChange& change : root.changes) CheckChange(root, change);
    }
    for (const auto* const rules : {&scene_.request.deny_write, &scene_.request.read_only}) {
      for (const PathRule& rule : *rules) {
        const auto facts = scene_.facts.workspace.paths.find(rule.path);
        if (facts == scene_.facts.workspace.paths.end() || facts->second.type != PathType::kAbsent) continue;
        if (IsInAny(NormalTreePath(rule.path), write_)) CheckAbsent(rule.path);
      }
    }
  }

  void CheckChange(const WritableRoot& root, const AceChange& change) {
    const std::string path = NormalTreePath(change.path), top = NormalTreePath(root.path);
    Same("leases", IsIn(path, top), absl::StrCat(change.path, " lies outside its root"));
    const auto node = model_.tree().Find(path);
    if (node == nullptr) return Add("leases", absl::StrCat(change.path, " is not there"));
    Same("leases", node->directory == change.directory, absl::StrCat(change.path, " is another kind of file"));
    Same("leases", absl::StartsWith(change.ace, "(A;"),
         absl::StrCat(change.ace, " is a denial, which binds no package"));
    Same("leases", absl::EndsWith(change.ace, ";;;{package})"), absl::StrCat(change.ace, " is for somebody else"));
    const char* const flags = change.scope == AceScope::kTree    ? "(A;OICI;"
                              : change.scope == AceScope::kBelow ? "(A;OICIIO;"
                                                                 : "(A;;";
    Same("leases", absl::StartsWith(change.ace, flags), absl::StrCat(change.ace, " reaches another scope"));
    Same("leases", change.cut_off == (path != top),
         absl::StrCat(change.path, " takes what comes down to it, or does not"));
    Same("leases", !change.rule.empty() && !change.if_children_grant_delete, "an entry belongs to no rule");
  }

  void CheckAbsent(const std::string& path) {
    const AbsentName* found = nullptr;
    for (const WritableRoot& root : plan_.roots) {
      for (const AbsentName& absent : root.absent) {
        if (NormalTreePath(absent.path) == NormalTreePath(path)) found = &absent;
      }
    }
    if (found == nullptr) return Add("leases", absl::StrCat(path, " may be made and stays"));
    Same("leases", !found->placeholder, absl::StrCat(path, " has a placeholder, which the package could move away"));
    Same("leases", !found->rule.empty(), "an absent name belongs to no rule");
  }

  void CheckFolders() {
    const bool one = plan_.folders.size() == 1 && plan_.folders[0].path == "{run_folder}";
    if (!one) return Add("folders", "not the run's folder alone");
    Same("folders", !plan_.folders[0].kept, "the run's folder stays");
    Same("folders", plan_.folders[0].ace == "(A;OICI;0x1301bf;;;{package})",
         "the run's folder is open to somebody else");
    PackageSpec other = plan_.package;
    access::Token stranger = LowboxToken(model_, other);
    stranger.package = access::PackageSid("paddock.2").value();
    const auto verdict = access::CheckFileOp(model_.tree(), "c:\\run\\1\\made.txt", FileOp::kRead, stranger);
    Same("folders", verdict.decision == Decision::kDenied, "another run reads the folder of this one");
  }

  void CheckProcess() {
    const bool opens = std::any_of(
        plan_.package.capabilities.begin(), plan_.package.capabilities.end(), [](const CapabilitySpec& capability) {
          return capability.sid == "S-1-15-3-1" || capability.sid == "S-1-15-3-2" || capability.sid == "S-1-15-3-3";
        });
    ProcessExpectation expected = {"appcontainer", scene_.request.cwd, "{run_folder}", "{run_folder}", !opens};
    if (expected.cwd.empty()) expected.cwd = "{run_folder}";
    for (std::string& fault : ProcessFaults(scene_, expected, plan_.job, plan_.limits, plan_.process)) {
      faults_.push_back(std::move(fault));
    }
  }

  const WindowsScene& scene_;
  const AppContainerPlan& plan_;
  WindowsModel model_;
  access::Token token_;
  std::vector<ModelFile> files_;
  std::vector<std::string> write_, read_, protected_, hidden_;
  std::vector<std::string> faults_;
};

}  // namespace

access::Token LowboxToken(const WindowsModel& model, const PackageSpec& package) {
  access::Token token = model.Base();
  token.integrity = access::kLowIntegrity;
  token.package = model.SidOf("{package}");
  token.lpac = package.lpac;
  for (const CapabilitySpec& capability : package.capabilities)
    token.capabilities.push_back(model.SidOf(capability.sid));
  return token;
}

std::vector<std::string> PackageFaults(const WindowsScene& scene, const AppContainerPlan& plan) {
  return Faults(scene, plan).Find();
}

}  // namespace paddock
