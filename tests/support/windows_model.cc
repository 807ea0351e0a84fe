#include "tests/support/windows_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/access/app_container.h"
#include "core/access/inherit.h"
#include "core/access/restrict.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

using access::FileNode;
using access::SecurityDescriptor;
using access::Sid;
using access::Token;

constexpr Sid kDeveloper(5, {21, 10, 20, 30, 1001});
constexpr Sid kDedicatedGroup(5, {21, 10, 20, 30, 1009});
constexpr Sid kDedicatedUser(5, {21, 10, 20, 30, 1010});
constexpr Sid kLogon(5, {5, 0, 77});
constexpr Sid kDedicatedLogon(5, {5, 0, 78});

// Descriptors as Windows 11 has them after installation (icacls on a clean system, to the rights that matter here).
// {dev}, {other}: the developer and another user. Entries of the first kind are protected from what is above.
constexpr char kTop[] =
    "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICIIO;SDGXGWGR;;;AU)"
    "(A;;LC;;;AU)";
constexpr char kSystemTree[] =
    "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;0x1301bf;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICI;0x1200a9;;;S-1-15-2-1)"
    "(A;OICI;0x1200a9;;;S-1-15-2-2)";
constexpr char kUsersTop[] =
    "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICI;0x1200a9;;;WD)";
constexpr char kProfile[] = "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{dev})";
constexpr char kOtherProfile[] = "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{other})";
constexpr char kEveryones[] = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;WD)";
constexpr char kAuthenticateds[] = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;AU)";
constexpr char kPackages[] =
    "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;BU)(A;OICI;0x1301bf;;;S-1-15-2-1)";
constexpr char kLowProfile[] = "O:{dev}G:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{dev})S:(ML;OICI;NW;;;LW)";

struct Row {
  const char* path;  // ending in '\': a directory
  PlaceKind kind;
  const char* descriptor = "";  // "": inherited, and owned by whoever owns what is above
};

constexpr Row kTree[] = {
    {"C:\\", PlaceKind::kSystemTop, kTop},
    {"C:\\Windows\\", PlaceKind::kSystem, kSystemTree},
    {"C:\\Windows\\System32\\", PlaceKind::kSystem},
    {"C:\\Windows\\System32\\kernel32.dll", PlaceKind::kSystem},
    {"C:\\Program Files\\", PlaceKind::kSystem, kSystemTree},
    {"C:\\Program Files\\Git\\", PlaceKind::kSystem},
    {"C:\\Program Files\\Git\\git.exe", PlaceKind::kSystem},
    {"C:\\tools\\", PlaceKind::kAuthenticated, kAuthenticateds},
    {"C:\\tools\\make.exe", PlaceKind::kAuthenticated},
    {"C:\\shared\\", PlaceKind::kEveryone, kEveryones},
    {"C:\\shared\\drop.txt", PlaceKind::kEveryone},
    {"C:\\packages\\", PlaceKind::kAllPackages, kPackages},
    {"C:\\packages\\shared.txt", PlaceKind::kAllPackages},
    {"C:\\Users\\", PlaceKind::kSystem, kUsersTop},
    {"C:\\Users\\guest\\", PlaceKind::kOther, kOtherProfile},
    {"C:\\Users\\guest\\diary.txt", PlaceKind::kOther},
    {"C:\\Users\\dev\\", PlaceKind::kOwnTop, kProfile},
    {"C:\\Users\\dev\\notes.txt", PlaceKind::kOwn},
    {"C:\\Users\\dev\\.ssh\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\.ssh\\id_ed25519", PlaceKind::kOwn},
    {"C:\\Users\\dev\\out\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\out\\a.o", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\LocalLow\\", PlaceKind::kLowLabelled, kLowProfile},
    {"C:\\Users\\dev\\AppData\\LocalLow\\cache.bin", PlaceKind::kLowLabelled},
    {"C:\\Users\\dev\\AppData\\Local\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\Local\\paddock\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\Local\\paddock\\state\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\Local\\paddock\\state\\journal.json", PlaceKind::kOwn},
    {"C:\\Users\\dev\\AppData\\Local\\paddock\\state\\caches\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\src\\", PlaceKind::kOwn},
    {"C:\\Users\\dev\\src\\elsewhere.txt", PlaceKind::kOwn},
    {"{ws}\\", PlaceKind::kRoot},
    {"{ws}\\main.cc", PlaceKind::kGranted},
    {"{ws}\\README.md", PlaceKind::kGranted},
    {"{ws}\\.env", PlaceKind::kGranted},
    {"{ws}\\src\\", PlaceKind::kGranted},
    {"{ws}\\src\\lib.cc", PlaceKind::kGranted},
    {"{ws}\\node_modules\\", PlaceKind::kGranted},
    {"{ws}\\node_modules\\lib\\", PlaceKind::kGranted},
    {"{ws}\\node_modules\\lib\\index.js", PlaceKind::kGranted},
    {"{ws}\\node_modules\\lib\\other.js", PlaceKind::kGranted},
    {"{ws}\\.git\\", PlaceKind::kGranted},
    {"{ws}\\.git\\HEAD", PlaceKind::kGranted},
    {"{ws}\\.git\\index", PlaceKind::kGranted},
    {"{ws}\\.git\\config", PlaceKind::kGranted},
    {"{ws}\\.git\\info\\", PlaceKind::kGranted},
    {"{ws}\\.git\\info\\attributes", PlaceKind::kGranted},
    {"{ws}\\.git\\refs\\", PlaceKind::kGranted},
    {"{ws}\\.git\\refs\\main", PlaceKind::kGranted},
    {"{ws}\\.git\\hooks\\", PlaceKind::kGranted},
    {"{ws}\\.git\\hooks\\pre-commit", PlaceKind::kGranted},
    {"{ws}\\.git\\hooks\\lib\\", PlaceKind::kGranted},
    {"{ws}\\.git\\hooks\\lib\\common.sh", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\wt\\", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\wt\\HEAD", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\wt\\commondir", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\wt\\config.worktree", PlaceKind::kGranted},
    {"{ws}\\.git\\worktrees\\wt\\gitdir", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\lib\\", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\lib\\HEAD", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\lib\\config", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\lib\\hooks\\", PlaceKind::kGranted},
    {"{ws}\\.git\\modules\\lib\\hooks\\post-checkout", PlaceKind::kGranted},
    {"{ws}\\lib\\", PlaceKind::kGranted},
    {"{ws}\\lib\\.git", PlaceKind::kGranted},
    {"{ws}\\lib\\lib.cc", PlaceKind::kGranted},
    {"{ws}\\tools\\", PlaceKind::kGranted},
    {"{ws}\\tools\\hooks\\", PlaceKind::kGranted},
    {"{ws}\\tools\\hooks\\pre-push", PlaceKind::kGranted},
    {"{ws}\\vendor\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\zlib.h", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\.git\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\.git\\HEAD", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\.git\\config", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\.git\\hooks\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\zlib\\.git\\hooks\\post-merge", PlaceKind::kGranted},
    {"{ws}\\vendor\\odd\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\odd\\.git\\", PlaceKind::kGranted},
    {"{ws}\\vendor\\odd\\.git\\anything", PlaceKind::kGranted},
    {"{ws}\\.vscode\\", PlaceKind::kGranted},
    {"{ws}\\.vscode\\tasks.json", PlaceKind::kGranted},
    {"C:\\run\\", PlaceKind::kOwnTop, kProfile},
};

constexpr Row kDataVolume[] = {
    {"D:\\", PlaceKind::kAuthenticated, kAuthenticateds},
    {"D:\\agent\\", PlaceKind::kAuthenticated},
    {"D:\\agent\\_work\\", PlaceKind::kAuthenticated},
    {"D:\\agent\\_work\\1\\", PlaceKind::kAuthenticated},
};
constexpr Row kLocked = {"{ws}\\.git\\locked", PlaceKind::kGranted, "O:SYG:SYD:PAI(A;;FA;;;SY)(A;;0x1200a9;;;{dev})"};

constexpr char kHostProcess[] = "O:{dev}G:BUD:(A;;GA;;;{dev})(A;;GA;;;SY)(A;;GRGX;;;{dev_logon})";
constexpr char kInteractive[] = "O:SYG:SYD:(A;;GA;;;SY)(A;;GA;;;{dev_logon})";
constexpr char kPipe[] = "O:{user}G:BUD:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GA;;;BA)(A;;GR;;;WD)";

constexpr uint32_t kTerminate = 0x1, kCreateThread = 0x2, kVmRead = 0x10, kVmWrite = 0x20, kDupHandle = 0x40;
constexpr uint32_t kAccessClipboard = 0x4, kCreateDesktop = 0x8, kHookControl = 0x8, kWriteObjects = 0x80;

SecurityDescriptor Inherited(const SecurityDescriptor& above, const Sid& owner, bool directory) {
  Token maker;
  maker.user = maker.owner = owner;
  maker.primary_group = access::kUsers;
  return access::NewChild(above, maker, directory, access::MappingOf(access::ObjectType::kFile));
}

std::vector<access::Group> Groups(const Sid& logon, bool administrator) {
  constexpr Sid kLocal(2, {0}), kLocalAccount(5, {113});
  std::vector<access::Group> groups;
  for (const Sid& sid :
       {access::kUsers, access::kEveryone, access::kInteractive, access::kAuthenticatedUsers, kLocal, kLocalAccount}) {
    groups.push_back({sid, true, false, false});
  }
  groups.push_back({logon, true, false, true});
  if (administrator) groups.push_back({access::kAdministrators, false, true, false});
  return groups;
}

}  // namespace

WindowsModel::WindowsModel(const WindowsScene& scene, bool dedicated, bool locked) : dedicated_(dedicated) {
  const auto capability = [](uint32_t number) { return Sid(5, {21, 777, 1, 1, number}).ToString(); };
  symbols_ = {
      {"{capability}", capability(1)},
      {"{capability:2}", capability(2)},
      {"{capability:3}", capability(3)},
      {"{capability:4}", capability(4)},
      {"{run}", Sid(5, {21, 778, 1, 1, 1}).ToString()},
      {"{package}", access::PackageSid("paddock.1")->ToString()},
      {"{dev}", kDeveloper.ToString()},
      {"{developer}", kDeveloper.ToString()},
      {"{dev_logon}", kLogon.ToString()},
      {"{other}", Sid(5, {21, 10, 20, 30, 1002}).ToString()},
      {"{user}", (dedicated ? kDedicatedUser : kDeveloper).ToString()},
      {"{logon}", (dedicated ? kDedicatedLogon : kLogon).ToString()},
      {"{group}", kDedicatedGroup.ToString()},
      {"{run_folder}", "C:\\run\\1"},
      {"{ws}", scene.request.workspace.empty() ? "C:\\Users\\dev\\src\\app" : scene.facts.workspace.root.real_path}};
  std::vector<Row> rows(std::begin(kTree), std::end(kTree));
  if (absl::StartsWith(Fill("{ws}"), "D:")) rows.insert(rows.begin(), std::begin(kDataVolume), std::end(kDataVolume));
  if (locked) rows.push_back(kLocked);
  const auto& paths = scene.facts.workspace.paths;
  const std::string top = access::NormalTreePath(Fill("{ws}"));
  for (const Row& row : rows) {
    const std::string path = access::NormalTreePath(Fill(row.path));
    const bool below_top = absl::StartsWith(path, absl::StrCat(top, "\\"));
    const bool absent = std::any_of(paths.begin(), paths.end(), [&](const auto& known) {
      const std::string name = access::NormalTreePath(known.first);
      return known.second.type == PathType::kAbsent &&
             (path == name || absl::StartsWith(path, absl::StrCat(name, "\\")));
    });
    if (absent || (below_top && scene.facts.workspace.empty.yes())) continue;
    const bool directory = absl::EndsWith(row.path, "\\");
    SecurityDescriptor descriptor;
    if (row.descriptor[0] != '\0') {
      descriptor = *access::ParseSddl(Fill(row.descriptor));
    } else {
      const FileNode* above = tree_.Find(access::TreeParent(path));
      const bool own = absl::StartsWith(path, "c:\\users\\dev") || absl::StartsWith(path, top);
      descriptor = Inherited(*above->descriptor, own ? kDeveloper : *above->descriptor->owner, directory);
    }
    tree_.Add(path, {descriptor, directory}).IgnoreError();
    files_.push_back({path, directory, row.kind});
  }
}

std::string WindowsModel::Fill(absl::string_view text) const { return absl::StrReplaceAll(text, symbols_); }

std::string WindowsModel::FillForOtherRun(absl::string_view text) const {
  auto symbols = symbols_;
  symbols["{run}"] = Sid(5, {21, 778, 1, 1, 2}).ToString();
  symbols["{package}"] = access::PackageSid("paddock.2")->ToString();
  for (uint32_t number = 1; number <= 4; ++number) {
    const std::string symbol = number == 1 ? "{capability}" : absl::StrCat("{capability:", number, "}");
    symbols[symbol] = Sid(5, {21, 779, 1, 1, number}).ToString();
  }
  return absl::StrReplaceAll(text, symbols);
}

Sid WindowsModel::SidOf(absl::string_view symbol) const { return Sid::Parse(Fill(symbol)).value_or(Sid()); }

Token WindowsModel::Host() const {
  Token token;
  token.user = token.owner = kDeveloper;
  token.primary_group = access::kUsers;
  token.groups = Groups(kLogon, /*administrator=*/true);
  token.privileges = {access::Privilege::kChangeNotify, access::Privilege::kShutdown, access::Privilege::kUndock,
                      access::Privilege::kIncreaseWorkingSet, access::Privilege::kTimeZone};
  return token;
}

Token WindowsModel::Base(bool elevated) const {
  Token token = Host();
  if (dedicated_) {
    token.user = token.owner = kDedicatedUser;
    token.groups = Groups(kDedicatedLogon, /*administrator=*/false);
    token.groups.push_back({kDedicatedGroup, true, false, false});
  } else if (elevated) {
    token.integrity = access::kHighIntegrity;
    token.owner = access::kAdministrators;
    token.groups.back() = {access::kAdministrators, true, false, false};
    token.privileges = {access::Privilege::kChangeNotify,  access::Privilege::kBackup,
                        access::Privilege::kRestore,       access::Privilege::kDebug,
                        access::Privilege::kTakeOwnership, access::Privilege::kSecurity};
  }
  return token;
}

absl::StatusOr<Token> WindowsModel::Compose(const TokenSpec& spec, bool elevated) const {
  access::Restriction restriction;
  restriction.disable_max_privilege = spec.disable_max_privilege;
  restriction.lua_token = spec.lua_token;
  restriction.write_restricted = spec.write_restricted;
  for (const std::string& text : spec.restricting) {
    ASSIGN_OR_RETURN(const Sid sid, Sid::Parse(Fill(text)));
    restriction.restricting.push_back(sid);
  }
  Token token = access::Restrict(Base(elevated), restriction);
  if (spec.integrity == "medium") token.integrity = std::min(token.integrity, access::kMediumIntegrity);
  ASSIGN_OR_RETURN(token.owner, Sid::Parse(Fill(spec.owner)));
  ASSIGN_OR_RETURN(const SecurityDescriptor defaults, access::ParseSddl(Fill(spec.default_dacl)));
  token.default_dacl = defaults.dacl;
  return token;
}

const std::vector<ModelObject>& WindowsModel::Objects() {
  using access::ObjectType;
  static const std::vector<ModelObject> kObjects = {
      {"a process of the run, written", ObjectType::kProcess, "process", kVmWrite, true, true},
      {"a process of the run, ended", ObjectType::kProcess, "process", kTerminate, true, true},
      {"a process of another run, read", ObjectType::kProcess, "other process", kVmRead, true, true},
      {"a process of another run, written", ObjectType::kProcess, "other process", kVmWrite, false, true},
      {"a process of another run, a thread in it", ObjectType::kProcess, "other process", kCreateThread, false, true},
      {"a process of another run, its handles", ObjectType::kProcess, "other process", kDupHandle, false, true},
      {"a process of another run, ended", ObjectType::kProcess, "other process", kTerminate, true, true},
      {"a process of the developer's, read", ObjectType::kProcess, kHostProcess, kVmRead, true, false},
      {"a process of the developer's, written", ObjectType::kProcess, kHostProcess, kVmWrite, false, false},
      {"a process of the developer's, its handles", ObjectType::kProcess, kHostProcess, kDupHandle, false, false},
      {"a process of the developer's, ended", ObjectType::kProcess, kHostProcess, kTerminate, true, false},
      {"a pipe without a descriptor, read", ObjectType::kFile, kPipe, access::kFileReadData, true, true},
      {"a pipe without a descriptor, written", ObjectType::kFile, kPipe, access::kFileWriteData, false, true},
      {"a pipe without a descriptor, as libuv opens it", ObjectType::kFile, kPipe, access::kFileWriteAttributes, false,
       true},
      {"the interactive station's clipboard", ObjectType::kWindowStation, kInteractive, kAccessClipboard, true, false},
      {"the interactive desktop, hooked", ObjectType::kDesktop, kInteractive, kHookControl, true, false},
      {"the run's station, its clipboard", ObjectType::kWindowStation, "desktop", kAccessClipboard, true, true},
      {"the run's station, a desktop on it", ObjectType::kWindowStation, "desktop", kCreateDesktop, true, true},
      {"the run's desktop, written", ObjectType::kDesktop, "desktop", kWriteObjects, true, true},
      {"another run's station, its clipboard", ObjectType::kWindowStation, "other desktop", kAccessClipboard, false,
       true},
      {"another run's station, a desktop on it", ObjectType::kWindowStation, "other desktop", kCreateDesktop, false,
       true},
      {"another run's desktop, hooked", ObjectType::kDesktop, "other desktop", kHookControl, false, true},
      {"another run's desktop, written", ObjectType::kDesktop, "other desktop", kWriteObjects, false, true},
  };
  return kObjects;
}

namespace {

// The files of a tree with further entries, each list in canonical order, inheritance brought down object by object as
// the leases do it.
class Stamping {
 public:
  explicit Stamping(const access::MemoryTree& before) {
    for (const auto& [path, node] : before.nodes()) nodes_[path] = node;
  }

  void Add(const std::string& path, const access::Ace& ace) {
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return;
    Put(ace, &*found->second.descriptor);
    if ((ace.flags & (access::kObjectInherit | access::kContainerInherit)) == 0) return;
    const std::string below = absl::StrCat(path, "\\");
    const auto cut_off = [&](const std::string& other) {
      return std::any_of(cut_off_.begin(), cut_off_.end(), [&](const std::string& cut) {
        return absl::StartsWith(cut, below) && (other == cut || absl::StartsWith(other, absl::StrCat(cut, "\\")));
      });
    };
    for (auto& [other, node] : nodes_) {
      if (!absl::StartsWith(other, below) || cut_off(other)) continue;
      if ((ace.flags & (node.directory ? access::kContainerInherit : access::kObjectInherit)) == 0) continue;
      access::Ace inherited = ace;
      const uint8_t passed_on = node.directory ? static_cast<uint8_t>(ace.flags & ~access::kInheritOnly) : uint8_t{0};
      inherited.flags = static_cast<uint8_t>(passed_on | access::kInherited);
      Insert(other, inherited, path, &node);
    }
  }

  // Nothing that is added above `path` comes down to it.
  void CutOff(const std::string& path) { cut_off_.push_back(path); }

  bool ChildrenGrantDelete(absl::string_view directory, const Token& host) const {
    const std::string above = access::NormalTreePath(directory);
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& entry) {
      if (access::TreeParent(entry.first) != above) return true;
      return access::Check(host, *entry.second.descriptor, access::kDelete,
                           access::MappingOf(access::ObjectType::kFile))
                 .decision == access::Decision::kGranted;
    });
  }

  void Make(const std::string& path, const Sid& owner, bool directory) {
    const FileNode& above = nodes_.at(std::string(access::TreeParent(path)));
    nodes_[path] = {Inherited(*above.descriptor, owner, directory), directory};
  }

  access::MemoryTree Take() {
    access::MemoryTree tree;
    for (auto& [path, node] : nodes_) tree.Add(path, std::move(node)).IgnoreError();
    return tree;
  }

 private:
  static void Put(const access::Ace& ace, SecurityDescriptor* descriptor) {
    descriptor->dacl.aces.insert(descriptor->dacl.aces.begin(), ace);
    descriptor->dacl = access::Canonical(descriptor->dacl);
  }

  // Entries of a nearer directory come before those of a further one, denials of one directory before its grants.
  void Insert(const std::string& path, const access::Ace& ace, const std::string& from, FileNode* node) {
    auto& aces = node->descriptor->dacl.aces;
    const bool deny = ace.type == access::AceType::kDeny;
    auto& origins = origins_[path];
    size_t inherited_at = 0;
    while (inherited_at < aces.size() && (aces[inherited_at].flags & access::kInherited) == 0) ++inherited_at;
    size_t at = 0;  // among those that were put here
    while (at < origins.size() && (origins[at].first.size() > from.size() ||
                                   (origins[at].first.size() == from.size() && (origins[at].second || !deny)))) {
      ++at;
    }
    origins.insert(origins.begin() + static_cast<std::ptrdiff_t>(at), {from, deny});
    aces.insert(aces.begin() + static_cast<std::ptrdiff_t>(inherited_at + at), ace);
  }

  std::vector<std::string> cut_off_;
  std::map<std::string, FileNode> nodes_;
  std::map<std::string, std::vector<std::pair<std::string, bool>>> origins_;
};

absl::StatusOr<access::Acl> Entries(const std::string& text) {
  ASSIGN_OR_RETURN(const SecurityDescriptor parsed, access::ParseSddl(absl::StrCat("D:", text)));
  return parsed.dacl;
}

}  // namespace

absl::Status WindowsModel::Add(const std::string& path, bool directory, PlaceKind kind, const std::string& label) {
  const std::string normal = access::NormalTreePath(Fill(path));
  const FileNode* above = tree_.Find(access::TreeParent(normal));
  if (above == nullptr) return absl::NotFoundError(normal);
  SecurityDescriptor descriptor = Inherited(*above->descriptor, kDeveloper, directory);
  if (!label.empty()) {
    ASSIGN_OR_RETURN(const SecurityDescriptor labelled, access::ParseSddl(label));
    descriptor.set_sacl(labelled.sacl);
  }
  files_.push_back({normal, directory, kind});
  return tree_.Add(normal, {descriptor, directory});
}

absl::Status WindowsModel::Apply(const std::vector<WritableRoot>& roots, const std::vector<OwnFolder>& folders) {
  Stamping stamping(tree_);
  const auto add = [&](const std::string& path, const std::string& text) -> absl::Status {
    if (text.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const access::Acl entries, Entries(Fill(text)));
    for (const access::Ace& ace : entries.aces) stamping.Add(path, ace);
    return absl::OkStatus();
  };
  const auto make = [&](const std::string& text, bool directory, PlaceKind kind) {
    std::string path = access::NormalTreePath(Fill(text));
    stamping.Make(path, kDeveloper, directory);
    files_.push_back({path, directory, kind});
    return path;
  };
  for (const WritableRoot& root : roots) {
    for (const AceChange& change : root.changes) {
      if (change.cut_off) stamping.CutOff(access::NormalTreePath(Fill(change.path)));
    }
  }
  for (const OwnFolder& folder : folders) {
    const std::string path =
        make(folder.path, /*directory=*/true, folder.kept ? PlaceKind::kRoot : PlaceKind::kGranted);
    RETURN_IF_ERROR(add(path, folder.ace));
  }
  for (const WritableRoot& root : roots) {
    for (const AceChange& change : root.changes) {
      if (change.if_children_grant_delete && !stamping.ChildrenGrantDelete(Fill(change.path), Host())) continue;
      RETURN_IF_ERROR(add(access::NormalTreePath(Fill(change.path)), change.ace));
    }
    for (const AbsentName& name : root.absent) {
      if (!name.placeholder) continue;
      RETURN_IF_ERROR(add(make(name.path, /*directory=*/true, PlaceKind::kProtected), name.ace));
    }
  }
  for (const OwnFolder& folder : folders) {
    make(absl::StrCat(folder.path, "\\made.txt"), /*directory=*/false, PlaceKind::kGranted);
  }
  tree_ = stamping.Take();
  return absl::OkStatus();
}

}  // namespace paddock
