#include "core/platform/posix/file_system.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

// statfs(2) and linux/magic.h; numbers that Debian 12's header does not have are written out.
struct MagicName {
  unsigned long magic;
  const char* name;
};
constexpr MagicName kMagicNames[] = {
    {EXT4_SUPER_MAGIC, "ext4"},     {XFS_SUPER_MAGIC, "xfs"},   {BTRFS_SUPER_MAGIC, "btrfs"},
    {TMPFS_MAGIC, "tmpfs"},         {RAMFS_MAGIC, "ramfs"},     {OVERLAYFS_SUPER_MAGIC, "overlay"},
    {NFS_SUPER_MAGIC, "nfs"},       {0xff534d42, "cifs"},       {0xfe534d42, "smb3"},
    {SMB_SUPER_MAGIC, "smbfs"},     {V9FS_MAGIC, "9p"},         {FUSE_SUPER_MAGIC, "fuse"},
    {MSDOS_SUPER_MAGIC, "vfat"},    {0x2011bab0, "exfat"},      {0x5346544e, "ntfs"},
    {0x7366746e, "ntfs3"},          {F2FS_SUPER_MAGIC, "f2fs"}, {0x2fc12fc1, "zfs"},
    {0xca451a4e, "bcachefs"},       {0x00c36400, "ceph"},       {AFS_SUPER_MAGIC, "afs"},
    {SQUASHFS_MAGIC, "squashfs"},   {0xe0f5e1e2, "erofs"},      {REISERFS_SUPER_MAGIC, "reiserfs"},
    {ISOFS_SUPER_MAGIC, "iso9660"}, {0x53464846, "wslfs"},      {0x65735546, "fuse"},
};

std::string NameOfMagic(unsigned long magic) {
  for (const MagicName& row : kMagicNames) {
    if (row.magic == magic) return row.name;
  }
  return absl::StrCat("0x", absl::Hex(magic));
}

// 9p and virtiofs carry a folder of the machine that hosts this one.
constexpr std::array<absl::string_view, 16> kNetworkTypes = {
    "nfs",  "nfs4",       "cifs",        "smb3",   "smbfs",          "9p",        "virtiofs",     "afs",
    "ceph", "fuse.sshfs", "fuse.rclone", "lustre", "fuse.glusterfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.davfs"};
constexpr std::array<absl::string_view, 7> kFatLikeTypes = {"vfat",  "msdos",   "exfat", "ntfs",
                                                            "ntfs3", "fuseblk", "drvfs"};
// Those whose directories may be made case-insensitive one by one, and say so by FS_CASEFOLD_FL.
constexpr std::array<absl::string_view, 5> kCasefoldTypes = {"ext4", "f2fs", "tmpfs", "bcachefs", "ext3"};
constexpr std::array<absl::string_view, 5> kCaseSensitiveTypes = {"btrfs", "ext2", "ramfs", "squashfs", "erofs"};

template <size_t N>
bool IsIn(const std::array<absl::string_view, N>& table, absl::string_view type) {
  return std::find(table.begin(), table.end(), type) != table.end();
}

bool IsDrvfs(absl::string_view type, absl::string_view source, absl::string_view super_options) {
  if (type == "drvfs") return true;
  if (type != "9p" && type != "virtiofs") return false;
  return absl::StrContains(super_options, "aname=drvfs") || absl::StartsWith(source, "drvfs");
}

// Looks the directory up by its own name with the case of every letter changed: the answer of file systems where case
// is a matter of the server, or of how they were made. Unknown for a mount point, whose name belongs to another.
Fact CaseByName(int fd, const std::string& path, absl::string_view type) {
  Fact unknown = {Tri::kUnknown, absl::StrCat("file system ", type)};
  const std::string parent(ParentPath(path));
  std::string name(PathBasename(path));
  for (char& c : name) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) c = static_cast<char>(c ^ 0x20);
  }
  struct stat own = {}, above = {}, other = {};
  if (name == PathBasename(path) || fstat(fd, &own) != 0 || lstat(parent.c_str(), &above) != 0) return unknown;
  if (own.st_dev != above.st_dev) return unknown;
  const bool found = lstat(absl::StrCat(parent, "/", name).c_str(), &other) == 0;
  return YesIf(found && other.st_ino == own.st_ino, absl::StrCat("looking up the workspace as ", name));
}

Fact CaseInsensitive(int fd, const std::string& path, absl::string_view type) {
  if (IsIn(kFatLikeTypes, type)) return Yes(absl::StrCat("file system ", type));
  if (IsIn(kCasefoldTypes, type)) {
    int flags = 0;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
      return YesIf((flags & FS_CASEFOLD_FL) != 0, "FS_IOC_GETFLAGS on the workspace");
    }
    // File systems without the call have no case folding either.
    return No(absl::StrCat("file system ", type, " without FS_IOC_GETFLAGS"));
  }
  if (IsIn(kCaseSensitiveTypes, type)) return No(absl::StrCat("file system ", type));
  return CaseByName(fd, path, type);
}

// The mount that `fd` is on, by its id (statx(2), STATX_MNT_ID, Linux 5.8), else by name.
const MountEntry* MountOf(int fd, const std::string& path, const MountTable& mounts) {
  struct statx status = {};
  if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) == 0 && (status.stx_mask & STATX_MNT_ID) != 0) {
    const MountEntry* entry = mounts.FindById(status.stx_mnt_id);
    if (entry != nullptr) return entry;
  }
  return mounts.FindByPath(path);
}

}  // namespace

WorkspaceLocation LocationOf(absl::string_view type, absl::string_view source, absl::string_view super_options,
                             absl::string_view mount_point) {
  if (IsDrvfs(type, source, super_options)) return WorkspaceLocation::kDrvfs;
  if (IsIn(kNetworkTypes, type)) return WorkspaceLocation::kNetworkFilesystem;
  // A FUSE program may keep its files anywhere.
  if (type == "fuse" || absl::StartsWith(type, "fuse.")) return WorkspaceLocation::kUnknown;
  if (PathIsWithin(mount_point, "/media") || PathIsWithin(mount_point, "/run/media")) {
    return WorkspaceLocation::kRemovable;
  }
  return WorkspaceLocation::kLocal;
}

FileSystemFacts LookAtFileSystem(int fd, const std::string& path, const MountTable& mounts) {
  FileSystemFacts facts;
  struct statfs status = {};
  if (fstatfs(fd, &status) != 0) {
    facts.location_source = "fstatfs failed";
    return facts;
  }
  const MountEntry* mount = MountOf(fd, path, mounts);
  if (mount == nullptr) {
    facts.name = NameOfMagic(static_cast<unsigned long>(status.f_type));
    facts.location = LocationOf(facts.name, "", "", "");
    facts.location_source = absl::StrCat("statfs: ", facts.name);
  } else {
    facts.location = LocationOf(mount->type, mount->source, mount->super_options, mount->mount_point);
    facts.name = facts.location == WorkspaceLocation::kDrvfs ? "drvfs" : std::string(mount->type);
    facts.location_source = absl::StrCat("mountinfo: ", mount->type, " on ", mount->mount_point);
  }
  facts.read_only = YesIf((static_cast<unsigned long>(status.f_flags) & ST_RDONLY) != 0, "statfs(2)");
  facts.case_insensitive = CaseInsensitive(fd, path, facts.name);
  return facts;
}

}  // namespace paddock
