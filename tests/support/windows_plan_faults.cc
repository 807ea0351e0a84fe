#include "tests/support/windows_plan_faults.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/windows_token/assess.h"
#include "core/access/check.h"
#include "core/access/compose.h"
#include "core/access/sddl.h"
#include "tests/support/windows_model.h"

namespace paddock {
namespace {

using access::Decision;
using access::FileOp;
using access::NormalTreePath;

// What a run may do: read, write (of a directory: make something in it), change attributes, delete.
struct Row {
  PlaceKind kind;
  const char* own;        // on the developer's account; '-' denied
  const char* dedicated;  // as a dedicated user
};
constexpr Row kExpected[] = {
    {PlaceKind::kSystem, "r---", "r---"},        {PlaceKind::kSystemTop, "r---", "r---"},
    {PlaceKind::kOwn, "r--d", "----"},           {PlaceKind::kOwnTop, "r---", "----"},
    {PlaceKind::kOther, "----", "----"},         {PlaceKind::kEveryone, "rwad", "rwad"},
    {PlaceKind::kAuthenticated, "r---", "r---"}, {PlaceKind::kRoot, "rwa-", "rwa-"},
    {PlaceKind::kGranted, "rwad", "rwad"},       {PlaceKind::kWay, "rwa-", "rwa-"},
    {PlaceKind::kProtected, "r---", "r---"},     {PlaceKind::kDeep, "r--d", "r---"},
    {PlaceKind::kHidden, "rwad", "----"},        {PlaceKind::kAllPackages, "r---", "r---"},
    {PlaceKind::kLowLabelled, "r--d", "----"},
};

bool IsBelow(const std::string& path, const std::string& directory) {
  return absl::StartsWith(path, absl::StrCat(directory, "\\"));
}

class Faults {
 public:
  Faults(const WindowsScene& scene, const WindowsTokenPlan& plan)
      : scene_(scene),
        plan_(plan),
        dedicated_(UsesDedicatedUser(scene.request, scene.facts)),
        model_(scene, dedicated_) {}

  std::vector<std::string> Find() && {
    const bool open = scene_.request.policy.network.mode == NetworkMode::kOpen;
    if (plan_.dedicated_user != dedicated_) Add("token", "the wrong account");
    if (plan_.filtered_network != (dedicated_ && !open)) Add("token", "the wrong one of the dedicated accounts");
    CheckToken();
    if (!faults_.empty()) return std::move(faults_);
    CheckHost(model_);
    CheckHost(WindowsModel(scene_, dedicated_, /*locked=*/true));
    if (const absl::Status applied = model_.Apply(plan_); !applied.ok()) {
      Add("leases", applied.message());
      return std::move(faults_);
    }
    Classify();
    CheckFiles();
    CheckMoves();
    CheckObjects();
    CheckLeases();
    CheckFolders();
    CheckJob();
    CheckDesktop();
    CheckProcess();
    return std::move(faults_);
  }

 private:
  void Add(absl::string_view subject, absl::string_view what) { faults_.push_back(absl::StrCat(subject, ": ", what)); }
  void Same(absl::string_view subject, bool same, absl::string_view what) {
    if (!same) Add(subject, what);
  }

  void CheckToken() {
    for (const bool elevated : {false, true}) {
      access::RunTokenSpec spec;
      for (const WritableRoot& root : plan_.roots) spec.capabilities.push_back(model_.SidOf(root.capability));
      const std::set<access::Sid> different(spec.capabilities.begin(), spec.capabilities.end());
      Same("token", different.size() == plan_.roots.size(), "two roots share a capability");
      spec.run = model_.SidOf("{run}");
      spec.dedicated_user = dedicated_;
      if (dedicated_) spec.developer = model_.SidOf("{developer}");
      const auto wanted = access::ComposeRunToken(model_.Base(elevated), spec);
      const auto composed = model_.Compose(plan_.token, elevated);
      if (!wanted.ok() || !composed.ok()) {
        Add("token", wanted.ok() ? composed.status().message() : wanted.status().message());
      } else {
        Same("token", *wanted == *composed, "not what ComposeRunToken makes");
        token_ = *composed;
      }
    }
    if (const auto composed = model_.Compose(plan_.token); composed.ok()) token_ = *composed;
  }

  // Whatever the developer could do before, the developer can do with the entries in place.
  void CheckHost(WindowsModel model) {
    const access::MemoryTree before = model.tree();
    const std::vector<ModelFile> files = model.files();
    if (!model.Apply(plan_).ok()) return;
    const access::Token host = model.Host();
    for (const ModelFile& file : files) {
      for (int op = 0; op <= static_cast<int>(FileOp::kLink); ++op) {
        const bool creates =
            op == static_cast<int>(FileOp::kCreateFile) || op == static_cast<int>(FileOp::kCreateDirectory);
        const std::string path = creates ? absl::StrCat(file.path, "\\new") : file.path;
        const std::string target = absl::StrCat(access::TreeParent(file.path), "\\other name");
        const auto could = access::CheckFileOp(before, path, static_cast<FileOp>(op), host, target);
        const auto can = access::CheckFileOp(model.tree(), path, static_cast<FileOp>(op), host, target);
        if (could.decision == Decision::kGranted && can.decision != Decision::kGranted) {
          Add("host", absl::StrCat("the developer can no longer ", ToString(static_cast<FileOp>(op)), " ", path));
        }
      }
    }
  }

  std::vector<std::string> Roots() const {
    std::vector<std::string> roots;
    for (const PathRule& rule : scene_.request.write) roots.push_back(NormalTreePath(rule.path));
    return roots;
  }

  std::vector<std::string> Protected() const {
    std::vector<std::string> names;
    for (const auto* const rules : {&scene_.request.deny_write, &scene_.request.read_only}) {
      for (const PathRule& rule : *rules) names.push_back(NormalTreePath(rule.path));
    }
    for (const RepositoryFacts& repository : scene_.facts.workspace.repositories) AddSteering(repository, &names);
    return names;
  }

  void AddThere(const std::string& path, std::vector<std::string>* names) const {
    const auto found = scene_.facts.workspace.paths.find(path);
    if (found == scene_.facts.workspace.paths.end() || found->second.type == PathType::kAbsent) return;
    names->push_back(NormalTreePath(path));
  }

  // What git on the host would run, or be led by, of a repository that somebody looked at.
  void AddSteering(const RepositoryFacts& repository, std::vector<std::string>* names) const {
    const bool odd = repository.well_formed.no();
    if (odd || repository.kind == RepositoryKind::kGitFile) AddThere(absl::StrCat(repository.root, "\\.git"), names);
    if (odd) return;
    std::vector<std::string> directories = repository.modules;
    directories.insert(directories.end(), repository.worktrees.begin(), repository.worktrees.end());
    directories.insert(directories.end(), {repository.git_dir, repository.common_dir});
    for (const std::string& directory : directories) {
      for (const char* name : {"hooks", "config", "config.worktree", "commondir", "gitdir", "info\\attributes"}) {
        AddThere(absl::StrCat(directory, "\\", name), names);
      }
    }
    for (const std::string& target : repository.include_targets) AddThere(target, names);
  }

  PlaceKind KindOf(const ModelFile& file) const {
    const std::vector<std::string> roots = Roots(), names = Protected();
    const bool granted = std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
      return file.path == root || IsBelow(file.path, root);
    });
    const bool in_workspace =
        file.path == NormalTreePath(model_.Fill("{ws}")) || IsBelow(file.path, NormalTreePath(model_.Fill("{ws}")));
    if (!granted && !in_workspace) return file.kind;
    if (!granted) return PlaceKind::kOwn;
    for (const std::string& name : names) {
      if (file.path == name || access::TreeParent(file.path) == name) return PlaceKind::kProtected;
      if (IsBelow(file.path, name)) return PlaceKind::kDeep;
    }
    for (const std::string& root : roots) {
      if (file.path == root) return PlaceKind::kRoot;
    }
    for (const PathRule& rule : scene_.request.deny_read) {
      const std::string path = NormalTreePath(rule.path);
      if (!rule.glob && (path == file.path || IsBelow(file.path, path))) return PlaceKind::kHidden;
    }
    for (const auto& [pattern, matches] : scene_.facts.workspace.globs) {
      for (const std::string& match : matches) {
        if (!scene_.request.deny_read.empty() && NormalTreePath(match) == file.path) return PlaceKind::kHidden;
      }
    }
    // The directories above a name that is there are held; above one that is not, where a placeholder stands.
    for (const std::string& name : names) {
      if (IsBelow(name, file.path) && model_.tree().Find(name) != nullptr) return PlaceKind::kWay;
    }
    return PlaceKind::kGranted;
  }

  void Classify() {
    for (const ModelFile& file : model_.files()) files_.push_back({file.path, file.directory, KindOf(file)});
  }

  bool Expected(const ModelFile& file, char what) const {
    const Row* const row =
        std::find_if(std::begin(kExpected), std::end(kExpected), [&](const Row& r) { return r.kind == file.kind; });
    const std::string allowed = dedicated_ ? row->dedicated : row->own;
    // A grant of a file by itself is written in place; and what stands in a directory of the developer's own can be
    // deleted through it, the root included (delete_child).
    const bool own_above = !dedicated_ && IsBelow(file.path, "c:\\users\\dev");
    if (what == 'd' && (file.kind == PlaceKind::kRoot || file.kind == PlaceKind::kDeep)) return own_above;
    return absl::StrContains(allowed, what);
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

  // Renaming follows deletion: into the grant, and, atomically, over another file of it.
  void CheckMoves() {
    const auto root = std::find_if(files_.begin(), files_.end(), [](const ModelFile& file) {
      return file.kind == PlaceKind::kRoot && file.directory;
    });
    if (root == files_.end()) return;
    const std::string to = root->path;
    ModelFile made{absl::StrCat(to, "\\main.cc"), false, PlaceKind::kGranted};
    const bool has_made = model_.tree().Find(made.path) != nullptr;
    for (const ModelFile& file : files_) {
      if (file.path != to) Expect(file, 'd', file.path, FileOp::kRename, absl::StrCat(to, "\\moved"));
      if (has_made && !file.directory && file.path != made.path && !IsBelow(file.path, "c:\\users\\dev\\appdata")) {
        if (Expected(file, 'd')) Expect(file, 'd', file.path, FileOp::kRename, made.path);
        // What stands where nothing may be made is no target, though it may be deleted.
        const bool in_grant = file.kind == PlaceKind::kGranted || file.kind == PlaceKind::kProtected;
        if (in_grant) Expect(file, 'd', made.path, FileOp::kRename, file.path);
      }
    }
  }

  void CheckObjects() {
    const std::string process = absl::StrCat("O:{user}G:BU", plan_.token.default_dacl);
    const std::string desktop = absl::StrCat("O:{user}G:BU", plan_.desktop.descriptor);
    for (const ModelObject& object : WindowsModel::Objects()) {
      std::string sddl = model_.Fill(object.sddl);
      if (object.sddl == "process") sddl = model_.Fill(process);
      if (object.sddl == "other process") sddl = model_.FillForOtherRun(process);
      if (object.sddl == "desktop") sddl = model_.Fill(desktop);
      if (object.sddl == "other desktop") sddl = model_.FillForOtherRun(desktop);
      const auto descriptor = access::ParseSddl(sddl);
      if (!descriptor.ok()) {
        Add("objects", absl::StrCat(object.name, ": ", descriptor.status().message()));
        continue;
      }
      const auto verdict = access::Check(token_, *descriptor, object.rights, access::MappingOf(object.type));
      const Decision expected =
          (dedicated_ ? object.dedicated : object.own_user) ? Decision::kGranted : Decision::kDenied;
      if (verdict.decision == expected) continue;
      Add("objects", absl::StrCat(object.name, " should be ", access::ToString(expected)));
    }
  }

  void CheckLeases() {
    Same("leases", plan_.state_dir == scene_.facts.leases.state_dir, "the journal is elsewhere");
    for (const WritableRoot& root : plan_.roots) {
      for (const AceChange& change : root.changes) CheckChange(root, change);
    }
    for (const auto& [path, facts] : scene_.facts.workspace.paths) {
      if (facts.type == PathType::kAbsent) CheckAbsent(path);
    }
  }

  void CheckChange(const WritableRoot& root, const AceChange& change) {
    const std::string path = NormalTreePath(change.path), top = NormalTreePath(root.path);
    Same("leases", path == top || IsBelow(path, top), absl::StrCat(change.path, " lies outside its root"));
    const auto node = model_.tree().Find(path);
    if (node == nullptr) return Add("leases", absl::StrCat(change.path, " is not there"));
    Same("leases", node->directory == change.directory, absl::StrCat(change.path, " is another kind of file"));
    const bool inherits = absl::StrContains(change.ace, "OICI");
    Same("leases", inherits == (change.scope == AceScope::kTree), absl::StrCat(change.ace, " reaches another scope"));
    const bool takes_from_user = absl::StrContains(change.ace, "{user}");
    Same("leases", takes_from_user == change.if_children_grant_delete,
         absl::StrCat(change.ace, " on ", change.path, " is not conditional as it should be"));
    Same("leases", !change.rule.empty(), "an entry belongs to no rule");
    // Runs share a lease whose tokens have nothing else in common than its capability.
    const std::string sid = change.ace.substr(change.ace.rfind(';') + 1);
    const bool of_account = sid == "{group})" || (takes_from_user && absl::StartsWith(change.ace, "(D;;0x40;"));
    Same("leases", of_account || sid == absl::StrCat(root.capability, ")"),
         absl::StrCat(change.ace, " on ", change.path, " is for somebody else"));
  }

  void CheckAbsent(const std::string& path) {
    const std::string name = NormalTreePath(path);
    const std::vector<std::string> names = Protected(), roots = Roots();
    const bool wanted = absl::StrContains(name, "\\.git\\")
                            ? !scene_.facts.workspace.repositories.empty() && !scene_.request.deny_write.empty()
                            : std::find(names.begin(), names.end(), name) != names.end();
    const bool granted =
        std::any_of(roots.begin(), roots.end(), [&](const std::string& root) { return IsBelow(name, root); });
    if (!wanted || !granted) return;
    const AbsentName* found = nullptr;
    for (const WritableRoot& root : plan_.roots) {
      for (const AbsentName& absent : root.absent) {
        if (NormalTreePath(absent.path) == name) found = &absent;
      }
    }
    if (found == nullptr) return Add("leases", absl::StrCat(path, " may be made and stays"));
    const bool directory = absl::EndsWith(name, "\\.vscode") && !scene_.facts.workspace.empty.yes();
    Same("leases", found->placeholder == directory, absl::StrCat(path, " is held in the wrong way"));
    Same("leases", !found->rule.empty(), "an absent name belongs to no rule");
  }

  void CheckFolders() {
    bool run_folder = false;
    for (const OwnFolder& folder : plan_.folders) {
      const bool of_run = folder.path == "{run_folder}";
      run_folder |= of_run;
      Same("folders", folder.kept != of_run, absl::StrCat(folder.path, " is kept, or removed, by mistake"));
      const bool leased = std::any_of(plan_.roots.begin(), plan_.roots.end(),
                                      [&](const WritableRoot& root) { return root.path == folder.path; });
      Same("folders", leased == folder.kept && leased == folder.ace.empty(),
           absl::StrCat(folder.path, " has no lease"));
      Same("folders",
           of_run || IsBelow(NormalTreePath(folder.path), NormalTreePath(absl::StrCat(plan_.state_dir, "\\caches"))),
           absl::StrCat(folder.path, " lies elsewhere"));
      const auto other = access::ParseSddl(absl::StrCat("D:", model_.FillForOtherRun(folder.ace)));
      Same("folders", other.ok(), "an entry that cannot be read");
      const bool for_run_alone = folder.ace.empty() || absl::StrContains(folder.ace, "{run}");
      Same("folders",
           for_run_alone && !absl::StrContains(folder.ace, "{user}") && !absl::StrContains(folder.ace, "S-1-"),
           absl::StrCat(folder.path, " is open to somebody else"));
    }
    Same("folders", run_folder, "the run has no folder");
  }

  void CheckJob() {
    const LimitsPolicy& limits = scene_.request.policy.limits;
    Same("job", plan_.job.kill_on_close, "the tree outlives Paddock");
    Same("job", plan_.job.die_on_unhandled_exception, "a crash waits for somebody to click");
    std::optional<uint64_t> processes;
    if (limits.processes) processes = *limits.processes;
    Same("job", plan_.job.processes == processes, "another number of processes");
    Same("job", plan_.job.memory == limits.memory, "another amount of memory");
    Same("job", plan_.job.cpu == limits.cpu, "another time");
    std::set<std::string> wanted = {"desktop", "displaysettings", "exitwindows",      "globalatoms",
                                    "handles", "readclipboard",   "systemparameters", "writeclipboard"};
    if (!dedicated_ && !scene_.facts.host.windows_host.in_job.no()) wanted.clear();
    Same("job", std::set<std::string>(plan_.job.ui_limits.begin(), plan_.job.ui_limits.end()) == wanted,
         "other limits on windows");
    Same("job", plan_.limits.wall == limits.wall, "another wall-clock time");
    Same("job", plan_.limits.output == limits.output, "another amount of output");
  }

  void CheckDesktop() {
    const bool shown = scene_.request.policy.workload == Workload::kComputerUse;
    const bool own = !shown && scene_.facts.host.windows_host.window_station.yes();
    Same("desktop", plan_.desktop.own_station == own, "the wrong window station");
    Same("desktop", plan_.desktop.station == (own ? "paddock-{run}" : ""), "a station of another name");
    Same("desktop", plan_.desktop.desktop == "paddock-{run}", "a desktop that another run may have");
  }

  std::string Variable(absl::string_view name) const {
    for (const std::string& entry : plan_.process.environment) {
      const size_t split = entry.find('=');
      if (absl::EqualsIgnoreCase(entry.substr(0, split), name)) return entry.substr(split + 1);
    }
    return "";
  }

  void CheckProcess() {
    const ProcessSpec& process = plan_.process;
    Same("process", process.command == scene_.request.command, "another command");
    const std::string cwd = scene_.request.cwd.empty() ? "{run_folder}" : scene_.request.cwd;
    Same("process", NormalTreePath(process.cwd) == NormalTreePath(cwd), "another working directory");
    Same("process", process.tty == (scene_.request.tty == TtyMode::kAlways), "another kind of stream");
    const std::vector<std::string> streams = {"stdin", "stdout", "stderr"};
    Same("process", process.handles == (process.tty ? std::vector<std::string>() : streams), "other handles inherited");
    const std::set<std::string> mitigations(process.mitigations.begin(), process.mitigations.end());
    const std::set<std::string> wanted = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};
    Same("process", mitigations == wanted, "other mitigations");
    CheckEnvironment();
  }

  void CheckEnvironment() {
    std::set<std::string> names;
    std::string last;
    for (const std::string& entry : plan_.process.environment) {
      const std::string name = absl::AsciiStrToUpper(entry.substr(0, entry.find('=')));
      Same("process", names.insert(name).second && last < name, absl::StrCat(name, " is there twice, or out of order"));
      last = name;
    }
    Same("process", Variable("PADDOCK_SANDBOX") == "windows_token", "the command cannot tell where it runs");
    for (const char* const name : {"TEMP", "TMP"}) {
      Same("process", Variable(name) == "{run_folder}", absl::StrCat(name, " lies elsewhere"));
    }
    std::map<std::string, std::string> wanted;
    if (scene_.request.policy.network.mode != NetworkMode::kOpen) {
      for (const char* const proxy : {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) wanted[proxy] = "http://127.0.0.1:9";
      wanted.insert(
          {{"npm_config_offline", "true"}, {"PIP_NO_INDEX", "1"}, {"CARGO_NET_OFFLINE", "true"}, {"GOPROXY", "off"}});
    }
    for (const auto& [name, value] : scene_.request.policy.environment.set) {
      for (auto& [other, of_plan] : wanted) {
        if (absl::EqualsIgnoreCase(name, other)) of_plan = value;
      }
    }
    for (const auto& [name, value] : wanted) {
      Same("process", Variable(name) == value, absl::StrCat(name, " does not say that there is no network"));
    }
    if (scene_.request.policy.filesystem.home == HomeMode::kReadOnly) return;
    for (const char* const name :
         {"npm_config_cache", "PIP_CACHE_DIR", "NUGET_PACKAGES", "CARGO_HOME", "GOCACHE", "DOTNET_CLI_HOME"}) {
      const std::string path = Variable(name);
      const bool in_folder = std::any_of(plan_.folders.begin(), plan_.folders.end(),
                                         [&](const OwnFolder& f) { return absl::StartsWith(path, f.path); });
      Same("process", in_folder, absl::StrCat(name, " leads to where nothing can be written"));
    }
  }

  const WindowsScene& scene_;
  const WindowsTokenPlan& plan_;
  const bool dedicated_;
  WindowsModel model_;
  access::Token token_;
  std::vector<ModelFile> files_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> PlanFaults(const WindowsScene& scene, const WindowsTokenPlan& plan) {
  return Faults(scene, plan).Find();
}

}  // namespace paddock
