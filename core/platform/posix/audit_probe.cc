#include "core/platform/posix/audit_probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/git_config.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

using audit::Node;
using audit::Observations;
using audit::Place;

constexpr size_t kMaxAccounts = 8u << 20;
constexpr size_t kMaxConfig = 1u << 20;

// Directories that everybody may write on usual systems; what lies in these is looked at too.
constexpr const char* kUsualPlaces[] = {"/tmp",      "/var/tmp",        "/dev/shm",      "/dev/mqueue",
                                        "/run/lock", "/run/shm",        "/run/screen",   "/var/crash",
                                        "/var/lock", "/var/spool/mail", "/tmp/.X11-unix"};
constexpr const char* kParentsOfPlaces[] = {"/", "/var", "/opt", "/srv", "/mnt", "/usr/local", "/home"};
constexpr uint64_t kMaxPlaces = 2000;  // names in one of them

// What the path itself is, without waking an automounter or a file server that sleeps.
bool QuietStat(const std::string& path, struct stat* status) {
  struct statx answer = {};
  if (statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_BASIC_STATS,
            &answer) != 0) {
    return false;
  }
  *status = {};
  status->st_mode = answer.stx_mode;
  status->st_uid = answer.stx_uid;
  status->st_gid = answer.stx_gid;
  status->st_nlink = answer.stx_nlink;
  status->st_dev = makedev(answer.stx_dev_major, answer.stx_dev_minor);
  status->st_ino = answer.stx_ino;
  return true;
}

// ---- Places.

void AppendWay(const std::string& path, std::set<std::string>* known, std::vector<Node>* chain) {
  std::string at;
  const auto append = [&](const std::string& step) {
    struct stat status = {};
    if (lstat(step.c_str(), &status) == 0 && known->insert(step).second) chain->push_back(MakeNode(step, status));
  };
  append("/");
  for (const absl::string_view component : PathComponents(path)) {
    absl::StrAppend(&at, "/", component);
    append(at);
  }
}

Place LookAtPlace(const std::string& role, const std::string& path) {
  const PathLook look = LookAtPathAndLinks(path);
  Place place;
  place.role = role;
  place.path = path;
  const bool there = look.facts.type != PathType::kAbsent && look.facts.type != PathType::kUnreadable;
  if (there) place.real_path = look.facts.real_path;
  std::set<std::string> known;
  // A link can be replaced by whoever may write the directory that holds it.
  for (const std::string& link : look.links) AppendWay(link, &known, &place.chain);
  AppendWay(look.facts.real_path.empty() ? path : look.facts.real_path, &known, &place.chain);
  return place;
}

// ---- Accounts.

// passwd(5), group(5). Read here and not by getgrgid(3), for which a static program would load the name service's
// libraries; what another service knows is unknown.
class Accounts {
 public:
  explicit Accounts(const std::string& root) {
    constexpr size_t kPasswdFields = 7, kGroupFields = 4;
    for (const absl::string_view line : Lines(root, "/etc/passwd")) {
      const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
      int64_t gid = 0;
      if (fields.size() == kPasswdFields && absl::SimpleAtoi(fields[3], &gid)) members_[gid].emplace(fields[0]);
    }
    for (const absl::string_view line : Lines(root, "/etc/group")) {
      const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
      int64_t gid = 0;
      if (fields.size() != kGroupFields || !absl::SimpleAtoi(fields[2], &gid)) continue;
      std::set<std::string>& members = members_[gid];
      for (const absl::string_view name : absl::StrSplit(fields[3], ',', absl::SkipEmpty())) members.emplace(name);
      named_.insert(gid);
    }
  }

  Fact IsShared(int64_t gid) const {
    if (!named_.contains(gid)) return {Tri::kUnknown, "not in /etc/group"};
    return YesIf(members_.at(gid).size() > 1, "/etc/group, /etc/passwd");
  }

 private:
  std::vector<absl::string_view> Lines(const std::string& root, const char* file) {
    text_.push_back(ReadRawFile(AT_FDCWD, root + file, kMaxAccounts).value_or(""));
    return absl::StrSplit(absl::string_view(text_.back()), '\n');
  }
  std::vector<std::string> text_;
  std::map<int64_t, std::set<std::string>> members_;
  std::set<int64_t> named_;
};

void NoteGroups(const std::string& root, Observations* seen) {
  const Accounts accounts(root);
  const auto note = [&](const Node& node) {
    if ((node.mode & 020) != 0) seen->group_shared.try_emplace(node.group, accounts.IsShared(node.group));
  };
  const auto note_place = [&](const Place& place) { std::for_each(place.chain.begin(), place.chain.end(), note); };
  for (const auto& [group, sample] : seen->group_writable_directories) note(sample.kept.front());
  for (const auto& [group, sample] : seen->group_writable_files) note(sample.kept.front());
  for (const Place& tree : seen->trees) note_place(tree);
  for (const Place& file : seen->own_files) note_place(file);
  for (const audit::SearchDirectory& entry : seen->search_path) note_place(entry.place);
  note_place(seen->state_directory);
}

// ---- World-writable places of the host.

bool IsInTrees(const Observations& seen, const std::string& path) {
  return std::any_of(seen.trees.begin(), seen.trees.end(),
                     [&](const Place& tree) { return PathIsWithin(path, tree.real_path); });
}

void FindWorldWritablePlaces(const std::string& root, Observations* seen) {
  std::set<std::string> candidates(std::begin(kUsualPlaces), std::end(kUsualPlaces));
  for (const char* const parent : kParentsOfPlaces) {
    const UniqueFd fd = OpenWithoutLinks(NormalizePath(absl::StrCat(root, "/", parent)), O_RDONLY | O_DIRECTORY);
    if (!fd.valid()) continue;
    WalkDirectory(fd.get(), kMaxPlaces, [&](const WalkEntry& entry) {
      if (entry.is_directory) candidates.insert(JoinPath(parent, entry.name));
      return false;
    });
  }
  for (const std::string& path : candidates) {
    struct stat status = {};
    const std::string real = NormalizePath(absl::StrCat(root, "/", path));
    if (!QuietStat(real, &status) || !S_ISDIR(status.st_mode) || (status.st_mode & 02) == 0) continue;
    if (!IsInTrees(*seen, real)) seen->world_writable_places.push_back(MakeNode(path, status));
  }
}

// ---- git's configuration.

// Keys whose value git executes, or takes further configuration from. An empty section or subsection: any.
struct ProgramKey {
  absl::string_view section;
  absl::string_view key;
};
constexpr ProgramKey kProgramKeys[] = {{"core", "fsmonitor"},
                                       {"core", "hookspath"},
                                       {"core", "sshcommand"},
                                       {"core", "pager"},
                                       {"core", "editor"},
                                       {"core", "askpass"},
                                       {"core", "gitproxy"},
                                       {"core", "alternaterefscommand"},
                                       {"sequence", "editor"},
                                       {"diff", "external"},
                                       {"diff", "textconv"},
                                       {"diff", "command"},
                                       {"merge", "driver"},
                                       {"filter", "clean"},
                                       {"filter", "smudge"},
                                       {"filter", "process"},
                                       {"credential", "helper"},
                                       {"gpg", "program"},
                                       {"include", "path"},
                                       {"includeif", "path"},
                                       {"difftool", "cmd"},
                                       {"mergetool", "cmd"},
                                       {"pager", ""},
                                       {"remote", "vcs"},
                                       {"remote", "uploadpack"},
                                       {"remote", "receivepack"},
                                       {"uploadpack", "packobjectshook"},
                                       {"interactive", "difffilter"},
                                       {"trailer", "command"},
                                       {"trailer", "cmd"},
                                       {"browser", "cmd"},
                                       {"man", "cmd"},
                                       {"web", "browser"},
                                       {"sendemail", "smtpserver"}};

bool NamesProgram(const GitConfigEntry& entry) {
  // An alias that begins with "!" is a shell command.
  if (entry.section == "alias") return absl::StartsWith(entry.value, "!");
  if (entry.section == "submodule" && entry.key == "update") return absl::StartsWith(entry.value, "!");
  if (entry.section == "remote" && entry.key == "url") return absl::StartsWith(entry.value, "ext::");
  // git's own monitor.
  const bool boolean = entry.value == "true" || entry.value == "false" || entry.value.empty();
  if (entry.section == "core" && entry.key == "fsmonitor" && boolean) return false;
  return std::any_of(std::begin(kProgramKeys), std::end(kProgramKeys), [&](const ProgramKey& row) {
    return row.section == entry.section && (row.key.empty() || row.key == entry.key);
  });
}

// "https://user:password@host/": a password and no placeholder for one.
bool HoldsPassword(const GitConfigEntry& entry) {
  const bool address = entry.key == "url" || entry.key == "pushurl" || entry.key == "proxy" || entry.section == "url";
  if (!address) return false;
  const absl::string_view text = entry.section == "url" && entry.key != "url" ? absl::string_view(entry.subsection)
                                                                              : absl::string_view(entry.value);
  const size_t scheme = text.find("://");
  if (scheme == absl::string_view::npos) return false;
  const absl::string_view authority = text.substr(scheme + 3, text.find('/', scheme + 3) - (scheme + 3));
  const size_t at = authority.rfind('@');
  if (at == absl::string_view::npos) return false;
  const size_t colon = authority.substr(0, at).find(':');
  return colon != absl::string_view::npos && colon + 1 < at;
}

// The first word of a command, as a path: where it is one, seen from the top of the worktree.
std::string ProgramPath(absl::string_view value, const std::string& root) {
  while (!value.empty() &&
         (value.front() == '!' || value.front() == ' ' || value.front() == '"' || value.front() == '\'')) {
    value.remove_prefix(1);
  }
  const absl::string_view word = value.substr(0, value.find_first_of(" \t\"';|&"));
  if (!absl::StrContains(word, "/") || absl::StrContains(word, "://") || word.find('\0') != absl::string_view::npos) {
    return "";
  }
  return JoinPath(root, word);
}

void ReadGitConfig(const RepositoryFacts& repository, const std::string& file, Observations* seen) {
  const std::optional<std::string> text = ReadRawFile(AT_FDCWD, file, kMaxConfig, /*follow_link=*/false);
  if (!text.has_value()) return;
  for (const GitConfigEntry& entry : ParseGitConfig(*text)) {
    audit::GitSetting setting;
    setting.file = file;
    // A subsection may be an address with a password itself.
    const bool shows =
        !entry.subsection.empty() && entry.section != "url" && !absl::StrContains(entry.subsection, "://");
    setting.key = absl::StrCat(entry.section, shows ? "." : "", shows ? entry.subsection : "", ".", entry.key);
    setting.password = HoldsPassword(entry);
    if (!setting.password && !NamesProgram(entry)) continue;
    if (!setting.password) {
      std::string path = ProgramPath(entry.value, repository.root);
      if (!path.empty() && IsInTrees(*seen, path)) setting.runs = std::move(path);
    }
    seen->git_settings.Add(std::move(setting));
  }
}

void ReadGitConfigs(const std::vector<RepositoryFacts>& repositories, Observations* seen) {
  std::set<std::string> done;
  for (const RepositoryFacts& repository : repositories) {
    std::vector<std::string> directories = repository.modules;
    for (const std::string& directory : {repository.common_dir, repository.git_dir}) {
      if (!directory.empty()) directories.push_back(directory);
    }
    for (const std::string& directory : directories) {
      for (const char* const name : {"config", "config.worktree"}) {
        const std::string file = AppendPath(directory, name);
        if (done.insert(file).second) ReadGitConfig(repository, file, seen);
      }
    }
  }
}

// ---- Sockets.

void LookAtSockets(const std::vector<std::string>& paths, Observations* seen) {
  for (const std::string& path : paths) {
    if (!IsAbsolutePath(path) || path.find('\0') != std::string::npos) continue;
    const PathFacts facts = LookAtPath(path);
    PathFacts end = facts;
    if (facts.type == PathType::kSymlink) end = facts.real_path.empty() ? PathFacts() : LookAtPath(facts.real_path);
    if (end.type != PathType::kSocket) continue;
    const bool permitted = faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
    seen->sockets.push_back({path, facts.real_path, permitted});
  }
  const auto by_path = [](const auto& left, const auto& right) { return left.path < right.path; };
  const auto same = [](const auto& left, const auto& right) { return left.path == right.path; };
  std::sort(seen->sockets.begin(), seen->sockets.end(), by_path);
  seen->sockets.erase(std::unique(seen->sockets.begin(), seen->sockets.end(), same), seen->sockets.end());
}

// Those that lie in no other, sorted.
std::vector<std::string> Outermost(std::vector<std::string> paths) {
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> outermost;
  for (std::string& path : paths) {
    const bool inside = std::any_of(outermost.begin(), outermost.end(),
                                    [&](const std::string& other) { return PathIsWithin(path, other); });
    if (!path.empty() && !inside) outermost.push_back(std::move(path));
  }
  return outermost;
}

}  // namespace

std::vector<std::string> UsualLinkStores(const std::string& home, const std::vector<RepositoryFacts>& repositories) {
  constexpr const char* kInHome[] = {
      ".local/share/pnpm/store", ".pnpm-store", ".cache/uv", ".cache/ccache", ".cache/pnpm",
      ".bun/install/cache",      ".ssh",        ".aws",      ".gnupg",        ".kube"};
  std::vector<std::string> stores;
  for (const char* const name : kInHome) {
    if (!home.empty()) stores.push_back(JoinPath(home, name));
  }
  for (const RepositoryFacts& repository : repositories) {
    const std::string file = AppendPath(repository.common_dir, "objects/info/alternates");
    const std::string text = ReadRawFile(AT_FDCWD, file, kMaxConfig, /*follow_link=*/false).value_or("");
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (IsAbsolutePath(line)) stores.push_back(NormalizePath(line));
    }
  }
  return stores;
}

Observations ObserveForAudit(const AuditInputs& inputs) {
  Observations seen;
  const std::vector<std::string> trees = Outermost(inputs.trees);
  for (const std::string& tree : trees) seen.trees.push_back(LookAtPlace("", tree));
  WalkForAudit(trees, inputs.stores, inputs.limits, &seen);
  LookAtSockets(inputs.sockets, &seen);
  for (const std::string& path : inputs.look_at) seen.looked_at[path] = LookAtPath(path);
  for (const absl::string_view entry : absl::StrSplit(inputs.search_path, ':')) {
    if (inputs.search_path.empty()) break;
    audit::SearchDirectory directory;
    directory.text = std::string(entry);
    if (IsAbsolutePath(entry)) directory.place = LookAtPlace("", NormalizePath(entry));
    seen.search_path.push_back(std::move(directory));
  }
  for (const OwnFile& file : inputs.own_files) {
    Place place = LookAtPlace(file.role, file.path);
    place.only_tightens = file.only_tightens;
    // What only tightens may be made by anybody.
    if (!file.only_tightens || !place.real_path.empty()) seen.own_files.push_back(std::move(place));
  }
  if (!inputs.state_directory.empty()) {
    seen.state_directory = LookAtPlace("the state directory", inputs.state_directory);
  }
  ReadGitConfigs(inputs.repositories, &seen);
  FindWorldWritablePlaces(inputs.root, &seen);
  NoteGroups(inputs.root, &seen);
  return seen;
}

}  // namespace paddock
