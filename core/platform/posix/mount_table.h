#ifndef PADDOCK_CORE_PLATFORM_POSIX_MOUNT_TABLE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_MOUNT_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/fact.h"

namespace paddock {

// One line of /proc/PID/mountinfo (proc(5)). The views point into the table.
struct MountEntry {
  uint64_t id = 0;
  uint64_t parent = 0;
  absl::string_view device;  // "major:minor" of the file system
  absl::string_view root;    // the directory of the file system that is mounted, as the kernel escapes it
  std::string mount_point;   // unescaped
  absl::string_view options;
  absl::string_view type;
  absl::string_view source;
  absl::string_view super_options;
};

// All mounts of a mount namespace, in the kernel's order. Lines that cannot be parsed are left out.
class MountTable {
 public:
  explicit MountTable(std::string mountinfo);
  MountTable(MountTable&&) = default;
  MountTable& operator=(MountTable&&) = default;

  // Of the calling process; empty if `proc_root` has none.
  static MountTable Read(const std::string& proc_root);

  const std::vector<MountEntry>& entries() const { return entries_; }

  // Sorted, each once.
  std::vector<std::string> MountPoints() const;
  // Those strictly below `directory`, sorted, each once. `directory` is absolute, normal, without symbolic links.
  std::vector<std::string> MountPointsBelow(absl::string_view directory) const;

  const MountEntry* FindById(uint64_t id) const;
  // Other paths that lead to the same file through other mounts of its file system, sorted. `path` is without symbolic
  // links.
  std::vector<std::string> AliasesOf(absl::string_view path) const;
  // The topmost mount that holds `path`, by its name alone; nullptr in an empty table.
  const MountEntry* FindByPath(absl::string_view path) const;

 private:
  std::unique_ptr<const std::string> text_;
  std::vector<MountEntry> entries_;
};

// "a\040b" -> "a b": octal escapes of space, tab, newline, backslash and #.
std::string UnescapeMount(absl::string_view text);

// Whether `name` is one of the comma-separated `options`.
bool HasMountOption(absl::string_view options, absl::string_view name);

// Whether a new procfs may be mounted in a user namespace made from here: the kernel wants to see one that nothing
// covers (fs/namespace.c, mnt_already_visible). Containers cover parts of /proc, so that there it is refused.
Fact FreshProcAllowed(const MountTable& mounts);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_MOUNT_TABLE_H_
