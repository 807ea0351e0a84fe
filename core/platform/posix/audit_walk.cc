#include "core/platform/posix/audit_walk.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/audit/secrets.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/directory_walk.h"
#include "core/platform/posix/path_lookup.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

using audit::Node;
using audit::Observations;

// A NUL among the first bytes: not a text (the rule of git and grep).
constexpr size_t kBytesThatTell = 8000;

using FileId = std::pair<uint64_t, uint64_t>;  // device, inode

bool IsExecutable(const struct stat& status) { return (status.st_mode & 0111) != 0; }

// `text`, read from a link in `directory`, stays in `tree` if it is taken literally. If a link on the way leads out all
// the same, that link is reported by itself.
bool StaysInside(const std::string& tree, const std::string& directory, absl::string_view text) {
  return PathIsWithin(JoinPath(directory, text), tree);
}

class Auditor {
 public:
  Auditor(const std::vector<std::string>& trees, const AuditLimits& limits, Observations* seen)
      : trees_(trees), limits_(limits), seen_(*seen), buffer_(std::make_unique<char[]>(limits.max_file_bytes)) {}

  void Run(const std::vector<std::string>& stores) {
    for (const std::string& tree : trees_) WalkTree(tree);
    ResolveLinks();
    JudgeLinkedFiles(stores);
  }

 private:
  struct Linked {
    Node node;
    uint64_t found = 0;
    bool git_object = false;
  };

  void WalkTree(const std::string& tree) {
    const UniqueFd start = OpenWithoutLinks(tree, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    if (!start.valid()) {
      struct stat status = {};
      // A grant may be a single file; it is looked at through its directory.
      const bool file = lstat(tree.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
      if (!file) seen_.scan.complete = false;
      if (file) VisitSingle(tree);
      return;
    }
    const auto entered = [&](absl::string_view path, const struct stat& status) {
      in_git_ = absl::StartsWith(path, ".git/") || path == ".git" || absl::StrContains(path, "/.git/") ||
                absl::EndsWith(path, "/.git");
      in_objects_ = in_git_ && absl::StrContains(path, "/objects");
      // A bind mount shows a directory twice, and does not give its files more names.
      repeated_ = !directories_.insert({status.st_dev, status.st_ino}).second;
      if (path.empty()) AddWritable(MakeNode(tree, status));
    };
    const auto visit = [&](const WalkEntry& entry) {
      Visit(tree, entry.path, std::string(entry.name), entry.directory_fd);
      return true;
    };
    const WalkResult walk = WalkDirectory(start.get(), limits_.max_entries, visit, entered);
    seen_.scan.entries += walk.entries;
    seen_.scan.complete = seen_.scan.complete && walk.complete;
  }

  void VisitSingle(const std::string& path) {
    const std::string parent(ParentPath(path));
    const UniqueFd directory = OpenWithoutLinks(parent, O_PATH | O_DIRECTORY);
    if (!directory.valid()) return;
    in_git_ = in_objects_ = repeated_ = false;
    ++seen_.scan.entries;
    Visit(parent, PathBasename(path), std::string(PathBasename(path)), directory.get());
  }

  void Visit(const std::string& tree, absl::string_view below, const std::string& name, int directory) {
    struct stat status = {};
    if (fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) seen_.scan.complete = false;
      return;
    }
    const auto path = [&] { return AppendPath(tree, below); };
    if (S_ISLNK(status.st_mode)) return VisitLink(tree, path(), name, directory);
    if ((status.st_mode & 022) != 0) AddWritable(MakeNode(path(), status));
    if (S_ISDIR(status.st_mode)) return;
    if (S_ISSOCK(status.st_mode)) {
      seen_.sockets.push_back({path(), path(), faccessat(directory, name.c_str(), W_OK, AT_EACCESS) == 0});
    } else if (!S_ISREG(status.st_mode)) {
      seen_.special.Add(MakeNode(path(), status));
    } else {
      VisitFile(path(), name, directory, status);
    }
  }

  void AddWritable(Node node) {
    const bool directory = node.type == PathType::kDirectory;
    if ((node.mode & 02) != 0) {
      (directory ? seen_.world_writable_directories : seen_.world_writable_files).Add(std::move(node));
    } else if ((node.mode & 020) != 0) {
      auto& by_group = directory ? seen_.group_writable_directories : seen_.group_writable_files;
      audit::Sample<Node>& sample = by_group[node.group];
      sample.Add(std::move(node));
    }
  }

  void VisitFile(const std::string& path, const std::string& name, int directory, const struct stat& status) {
    const bool capabilities = IsExecutable(status) && HasCapabilities(directory, name);
    if ((status.st_mode & (S_ISUID | S_ISGID)) != 0 || capabilities) {
      seen_.privileged.Add({MakeNode(path, status), capabilities});
    }
    if (status.st_nlink > 1 && !repeated_) {
      Linked& linked = linked_[{status.st_dev, status.st_ino}];
      if (linked.found++ == 0) linked.node = MakeNode(path, status);
      linked.git_object = linked.git_object || in_objects_;
    }
    if (!in_git_ && status.st_size > 0 && !repeated_) LookForSecrets(path, name, directory, status);
  }

  // Asked through procfs, since a descriptor that may be asked (fgetxattr(2)) would have to be opened for reading.
  static bool HasCapabilities(int directory, const std::string& name) {
    const std::string path = absl::StrCat("/proc/self/fd/", directory, "/", name);
    return lgetxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  }

  // ---- Secrets.

  void LookForSecrets(const std::string& path, const std::string& name, int directory, const struct stat& status) {
    const audit::SecretName* const by_name = audit::FindSecretName(path);
    if (by_name != nullptr && by_name->needle.empty()) {
      return seen_.secrets.Add({MakeNode(path, status), std::string(by_name->what), 0});
    }
    const absl::string_view text = ReadText(name, directory, status);
    if (by_name != nullptr && absl::StrContains(text, by_name->needle)) {
      return seen_.secrets.Add({MakeNode(path, status), std::string(by_name->what), 0});
    }
    for (const audit::SecretText& found : audit::FindSecretTexts(text)) {
      const auto lines = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(found.offset), '\n');
      seen_.secrets.Add({MakeNode(path, status), std::string(found.what), static_cast<int>(lines) + 1});
    }
  }

  // The beginning of the file, in buffer_; empty if it is no text, or not to be had.
  absl::string_view ReadText(const std::string& name, int directory, const struct stat& status) {
    audit::Scan& scan = seen_.scan;
    if (scan.files_read >= limits_.max_files_read || scan.bytes_read >= limits_.max_bytes_read) {
      ++scan.not_read;
      return "";
    }
    const UniqueFd fd = OpenFile(name, directory);
    if (!fd.valid()) {
      if (errno == EACCES && status.st_uid == geteuid()) ++scan.not_read;
      return "";
    }
    struct stat now = {};
    if (fstat(fd.get(), &now) != 0 || now.st_dev != status.st_dev || now.st_ino != status.st_ino) {
      scan.complete = false;
      return "";
    }
    ++scan.files_read;
    size_t size = 0;
    bool at_end = false;
    while (size < limits_.max_file_bytes && !at_end) {
      const size_t wanted =
          std::min(limits_.max_file_bytes - size, size == 0 ? kBytesThatTell : limits_.max_file_bytes);
      const ssize_t got = read(fd.get(), buffer_.get() + size, wanted);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) ++scan.not_read;
      if (got > 0 && size < kBytesThatTell && memchr(buffer_.get() + size, 0, static_cast<size_t>(got)) != nullptr) {
        scan.bytes_read += static_cast<uint64_t>(got);
        return "";
      }
      at_end = got <= 0;
      if (got > 0) size += static_cast<size_t>(got);
    }
    scan.bytes_read += size;
    if (!at_end && now.st_size > static_cast<off_t>(size)) ++scan.read_in_part;
    return {buffer_.get(), size};
  }

  // Never blocks: what was a file when it was looked at may be a FIFO by now. O_NOATIME is for the owner alone.
  static UniqueFd OpenFile(const std::string& name, int directory) {
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    UniqueFd fd(openat(directory, name.c_str(), kFlags | O_NOATIME));
    if (!fd.valid() && errno == EPERM) fd = UniqueFd(openat(directory, name.c_str(), kFlags));
    return fd;
  }

  // ---- Symbolic links.

  void VisitLink(const std::string& tree, const std::string& path, const std::string& name, int directory) {
    char target[PATH_MAX];
    const ssize_t length = readlinkat(directory, name.c_str(), target, sizeof target);
    if (length <= 0) return;
    const absl::string_view text(target, static_cast<size_t>(length));
    if (StaysInside(tree, std::string(ParentPath(path)), text)) return;
    if (links_.size() >= limits_.max_links_resolved) {
      ++seen_.scan.links_unresolved;
    } else {
      links_.push_back(path);
    }
  }

  void ResolveLinks() {
    std::sort(links_.begin(), links_.end());
    for (std::string& path : links_) {
      std::string real = LookAtPath(path).real_path;
      const bool inside = !real.empty() && std::any_of(trees_.begin(), trees_.end(), [&](const std::string& tree) {
        return PathIsWithin(real, tree);
      });
      if (!inside) seen_.links_out.Add({std::move(path), std::move(real)});
    }
  }

  // ---- Hard links.

  void JudgeLinkedFiles(const std::vector<std::string>& stores) {
    std::map<FileId, std::string> elsewhere;
    for (const auto& [id, linked] : linked_) {
      if (linked.found < linked.node.links) {
        elsewhere[id];
      } else {
        ++seen_.linked_inside;
      }
    }
    if (!elsewhere.empty()) SearchStores(stores, &elsewhere);
    for (auto& [id, other] : elsewhere) {
      Linked& linked = linked_[id];
      auto& sample = linked.git_object ? seen_.git_objects_outside : seen_.linked_outside;
      sample.Add({std::move(linked.node), linked.found, std::move(other)});
    }
  }

  void SearchStores(const std::vector<std::string>& stores, std::map<FileId, std::string>* wanted) {
    uint64_t left = limits_.max_store_entries;
    for (const std::string& store : stores) {
      const bool walked =
          std::any_of(trees_.begin(), trees_.end(), [&](const std::string& tree) { return PathIsWithin(store, tree); });
      const UniqueFd start = OpenWithoutLinks(store, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
      if (walked || !start.valid()) continue;
      const auto visit = [&](const WalkEntry& entry) {
        struct stat status = {};
        if (entry.is_directory) return true;
        if (fstatat(entry.directory_fd, std::string(entry.name).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
          return false;
        const auto found = wanted->find({status.st_dev, status.st_ino});
        if (found != wanted->end() && found->second.empty()) found->second = AppendPath(store, entry.path);
        return false;
      };
      const WalkResult walk = WalkDirectory(start.get(), left, visit);
      left -= std::min(left, walk.entries);
      if (!walk.complete) ++seen_.scan.stores_incomplete;
    }
  }

  const std::vector<std::string>& trees_;
  const AuditLimits& limits_;
  Observations& seen_;
  std::unique_ptr<char[]> buffer_;
  std::map<FileId, Linked> linked_;
  std::set<FileId> directories_;
  std::vector<std::string> links_;
  // Of the directory that is being read.
  bool in_git_ = false, in_objects_ = false, repeated_ = false;
};

}  // namespace

Node MakeNode(std::string path, const struct stat& status) {
  PathFacts facts;
  FillPathFacts(status, facts);
  return {std::move(path), facts.type,   facts.mode,  facts.owner,
          status.st_gid,   facts.device, facts.inode, static_cast<uint64_t>(status.st_nlink)};
}

void WalkForAudit(const std::vector<std::string>& trees, const std::vector<std::string>& stores,
                  const AuditLimits& limits, Observations* seen) {
  Auditor(trees, limits, seen).Run(stores);
}

}  // namespace paddock
