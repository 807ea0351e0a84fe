// Files: writing, marking, linking and reading what lies outside the workspace.

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/cases/attacker.h"

namespace attacker {
namespace {

// Since Linux 6.6; Debian 12's headers do not know it.
constexpr long kFchmodat2 = 452;

int Done(long result) { return result < 0 ? 1 : 0; }

int WriteVia(const std::string& path, int flags, const std::string& text) {
  const int fd = static_cast<int>(Step(path.c_str(), open(path.c_str(), flags | O_CLOEXEC, 0644)));
  if (fd < 0) return 1;
  const bool ok = WriteAll(fd, text);
  if (!ok) Step("write", -1);
  close(fd);
  return ok ? 0 : 1;
}

int Write(const Args& a) { return WriteVia(a[0], O_WRONLY, a[1]); }
int Append(const Args& a) { return WriteVia(a[0], O_WRONLY | O_APPEND, a[1]); }
int Create(const Args& a) { return WriteVia(a[0], O_WRONLY | O_CREAT, a[1]); }
int OpenTruncating(const Args& a) { return WriteVia(a[0], O_RDONLY | O_TRUNC, ""); }
int Truncate(const Args& a) { return Done(Step("truncate", truncate(a[0].c_str(), 0))); }
int Unlink(const Args& a) { return Done(Step("unlink", unlink(a[0].c_str()))); }
int MakeDirectory(const Args& a) { return Done(Step("mkdir", mkdir(a[0].c_str(), 0755))); }
int Chmod(const Args& a) {
  return Done(Step("chmod", chmod(a[0].c_str(), static_cast<mode_t>(std::strtoul(a[1].c_str(), nullptr, 8)))));
}
int Chown(const Args& a) { return Done(Step("chown", chown(a[0].c_str(), getuid(), getgid()))); }

int SetTimes(const Args& a) {
  const std::array<timespec, 2> times{{{1, 0}, {1, 0}}};
  return Done(Step("utimensat", utimensat(AT_FDCWD, a[0].c_str(), times.data(), 0)));
}

int SetXattr(const Args& a) {
  return Done(Step("setxattr", setxattr(a[0].c_str(), a[1].c_str(), a[2].data(), a[2].size(), 0)));
}

int SetFlags(const Args& a) {
  const int fd = static_cast<int>(Step("open", open(a[0].c_str(), O_RDONLY | O_CLOEXEC)));
  int flags = 0;
  if (fd < 0 || Step("FS_IOC_GETFLAGS", ioctl(fd, FS_IOC_GETFLAGS, &flags)) < 0) return 1;
  flags |= FS_NODUMP_FL;
  return Done(Step("FS_IOC_SETFLAGS", ioctl(fd, FS_IOC_SETFLAGS, &flags)));
}

int LinkThenWrite(const Args& a) {
  if (Step("link", link(a[0].c_str(), a[1].c_str())) < 0) return 1;
  return WriteVia(a[1], O_WRONLY, a[2]);
}

int LinkThenRead(const Args& a) {
  if (Step("link", link(a[0].c_str(), a[1].c_str())) < 0) return 1;
  const int fd = open(a[1].c_str(), O_RDONLY | O_CLOEXEC);
  return Show(fd) ? 0 : 1;
}

int Rename(const Args& a) { return Done(Step("rename", rename(a[0].c_str(), a[1].c_str()))); }

int Exchange(const Args& a) {
  return Done(Step("renameat2", renameat2(AT_FDCWD, a[0].c_str(), AT_FDCWD, a[1].c_str(), RENAME_EXCHANGE)));
}

int TmpfileLink(const Args& a) {
  const int fd = static_cast<int>(Step("O_TMPFILE", open(a[0].c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644)));
  if (fd < 0) return 1;
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  return Done(Step("linkat", linkat(AT_FDCWD, self.c_str(), AT_FDCWD, a[1].c_str(), AT_SYMLINK_FOLLOW)));
}

int SymlinkThenWrite(const Args& a) {
  Step("symlink", symlink(a[0].c_str(), a[1].c_str()));
  return WriteVia(a[1], O_WRONLY, a[2]);
}

int SymlinkThenRead(const Args& a) {
  Step("symlink", symlink(a[0].c_str(), a[1].c_str()));
  const int fd = static_cast<int>(Step("open", open(a[1].c_str(), O_RDONLY | O_CLOEXEC)));
  return Show(fd) ? 0 : 1;
}

int Read(const Args& a) {
  const int fd = static_cast<int>(Step(a[0].c_str(), open(a[0].c_str(), O_RDONLY | O_CLOEXEC)));
  return Show(fd) ? 0 : 1;
}

int List(const Args& a) {
  DIR* dir = opendir(a[0].c_str());
  if (dir == nullptr) return Done(Step("opendir", -1));
  while (const dirent* entry = readdir(dir)) WriteAll(STDOUT_FILENO, std::string(entry->d_name) + "\n");
  closedir(dir);
  return 0;
}

// Size and times of a masked file tell what is in it, and when it is used.
int Stat(const Args& a) {
  struct stat info {};
  if (Step("stat", stat(a[0].c_str(), &info)) < 0) return 1;
  std::printf("size=%lld inode=%llu\n", static_cast<long long>(info.st_size),
              static_cast<unsigned long long>(info.st_ino));
  return 0;
}

// Holds a watch on `path`; after the suite has touched the file on the host, says whether the watch saw it.
int Watch(const Args& a) {
  const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (Step("inotify_add_watch", inotify_add_watch(fd, a[0].c_str(), IN_OPEN | IN_MODIFY | IN_ACCESS)) < 0) return 1;
  Hold();
  alignas(inotify_event) std::array<char, 4096> buffer;
  if (read(fd, buffer.data(), buffer.size()) <= 0) return 1;
  WriteAll(STDOUT_FILENO, "watched\n");
  return 0;
}

// Through the links of /proc that lead out of the view: PID's own, pid 1's, this process's.
int ReadThroughProc(const Args& a) {
  bool shown = false;
  for (const std::string& pid : {a[0], std::string("1"), std::string("self"), std::to_string(getppid())}) {
    const std::string path = "/proc/" + pid + "/" + a[1];
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    Step(path.c_str(), fd);
    if (fd >= 0) shown |= Show(fd);
  }
  return shown ? 0 : 1;
}

int ReopenToWrite(const Args& a) { return WriteVia("/proc/self/fd/" + a[0], O_WRONLY, a[1]); }
int ReopenTruncating(const Args& a) { return WriteVia("/proc/self/fd/" + a[0], O_WRONLY | O_TRUNC, ""); }

int Fd(const Args& a) { return std::atoi(a[0].c_str()); }
int TruncateFd(const Args& a) { return Done(Step("ftruncate", ftruncate(Fd(a), 0))); }
int ChmodFd(const Args& a) { return Done(Step("fchmod", fchmod(Fd(a), 0666))); }
int ChownFd(const Args& a) { return Done(Step("fchown", fchown(Fd(a), getuid(), getgid()))); }
int XattrFd(const Args& a) { return Done(Step("fsetxattr", fsetxattr(Fd(a), "user.planted", "x", 1, 0))); }
int WriteFd(const Args& a) { return WriteAll(Fd(a), a[1]) ? 0 : static_cast<int>(Step("write", -1)) + 2; }

int TimesFd(const Args& a) {
  const std::array<timespec, 2> times{{{1, 0}, {1, 0}}};
  return Done(Step("futimens", futimens(Fd(a), times.data())));
}

int OpenatFd(const Args& a) {
  const int fd = static_cast<int>(Step("openat", openat(Fd(a), a[1].c_str(), O_WRONLY | O_CLOEXEC)));
  if (fd < 0) return 1;
  return WriteAll(fd, a[2]) ? 0 : 1;
}

int ReadatFd(const Args& a) {
  const int fd = static_cast<int>(Step("openat", openat(Fd(a), a[1].c_str(), O_RDONLY | O_CLOEXEC)));
  return Show(fd) ? 0 : 1;
}

int LockFile(const Args& a) {
  const int fd = static_cast<int>(Step("open", open(a[0].c_str(), O_RDONLY | O_CLOEXEC)));
  if (fd < 0 || Step("flock", flock(fd, LOCK_EX)) < 0) return 1;
  Hold();
  return 0;
}

// A character device 1:3, which is harmless wherever it lands.
int MakeNode(const Args& a) { return Done(Step("mknod", mknod(a[0].c_str(), S_IFCHR | 0666, makedev(1, 3)))); }

int OpenDevice(const Args& a) {
  const int fd = static_cast<int>(Step(a[0].c_str(), open(a[0].c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)));
  if (fd < 0) return 1;
  Hold();
  return 0;
}

int WriteAndHold(const Args& a) {
  if (WriteVia(a[0], O_WRONLY, a[1]) != 0) return 1;
  Hold();
  return 0;
}

int WriteFifo(const Args& a) { return WriteVia(a[0], O_WRONLY | O_NONBLOCK, a[1]); }

// Set-uid bits, by each call that can set them.
int SuidByChmod(const Args& a) {
  WriteVia(a[0], O_WRONLY | O_CREAT, "#!");
  return Done(Step("chmod", chmod(a[0].c_str(), 04755)));
}
int SuidByFchmodat2(const Args& a) {
  WriteVia(a[0], O_WRONLY | O_CREAT, "#!");
  return Done(Step("fchmodat2", syscall(kFchmodat2, AT_FDCWD, a[0].c_str(), 04755, 0)));
}
int SuidByCreate(const Args& a) {
  umask(0);
  return Done(Step("open", open(a[0].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 04755)));
}
int SuidByMknod(const Args& a) {
  umask(0);
  return Done(Step("mknod", mknod(a[0].c_str(), S_IFREG | 04755, 0)));
}

// security.capability, version 2: CAP_DAC_OVERRIDE permitted and effective.
int FileCapability(const Args& a) {
  WriteVia(a[0], O_WRONLY | O_CREAT, "#!");
  const std::array<uint32_t, 5> value{0x02000001U, 1U << 1, 0, 0, 0};
  return Done(Step("setxattr", setxattr(a[0].c_str(), "security.capability", value.data(), sizeof(value), 0)));
}

std::string Hex(const unsigned char* bytes, size_t size) {
  std::string text;
  std::array<char, 3> pair{};
  for (size_t i = 0; i < size; ++i) {
    std::snprintf(pair.data(), pair.size(), "%02x", bytes[i]);
    text += pair.data();
  }
  return text;
}

// A file_handle with room for its bytes.
class Handle {
 public:
  file_handle* get() { return reinterpret_cast<file_handle*>(storage_.data()); }
  unsigned char* bytes() { return storage_.data() + sizeof(file_handle); }

 private:
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + MAX_HANDLE_SZ> storage_{};
};

// Run outside, by the suite: prints what open-by-handle takes.
int MakeHandle(const Args& a) {
  Handle handle;
  handle.get()->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  if (Step("name_to_handle_at", name_to_handle_at(AT_FDCWD, a[0].c_str(), handle.get(), &mount, 0)) < 0) return 1;
  std::printf("%d:%s", handle.get()->handle_type, Hex(handle.bytes(), handle.get()->handle_bytes).c_str());
  return 0;
}

int OpenByHandle(const Args& a) {
  Handle handle;
  handle.get()->handle_type = std::atoi(a[1].c_str());
  for (size_t i = a[1].find(':') + 1; i + 1 < a[1].size() && handle.get()->handle_bytes < MAX_HANDLE_SZ; i += 2) {
    handle.bytes()[handle.get()->handle_bytes++] =
        static_cast<unsigned char>(std::strtoul(a[1].substr(i, 2).c_str(), nullptr, 16));
  }
  const int mount = open(a[0].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int fd = static_cast<int>(Step("open_by_handle_at", open_by_handle_at(mount, handle.get(), O_RDONLY)));
  return Show(fd) ? 0 : 1;
}

constexpr Attack kAttacks[] = {
    {"write", "PATH TEXT", 2, Write},
    {"append", "PATH TEXT", 2, Append},
    {"create", "PATH TEXT", 2, Create},
    {"truncate", "PATH", 1, Truncate},
    {"open-truncating", "PATH", 1, OpenTruncating},
    {"unlink", "PATH", 1, Unlink},
    {"mkdir", "PATH", 1, MakeDirectory},
    {"chmod", "PATH OCTAL", 2, Chmod},
    {"chown", "PATH", 1, Chown},
    {"set-times", "PATH", 1, SetTimes},
    {"set-xattr", "PATH NAME VALUE", 3, SetXattr},
    {"set-flags", "PATH", 1, SetFlags},
    {"link-then-write", "TARGET LINK TEXT", 3, LinkThenWrite},
    {"link-then-read", "TARGET LINK", 2, LinkThenRead},
    {"rename", "FROM TO", 2, Rename},
    {"exchange", "ONE OTHER", 2, Exchange},
    {"tmpfile-link", "DIRECTORY NEW", 2, TmpfileLink},
    {"symlink-then-write", "TARGET LINK TEXT", 3, SymlinkThenWrite},
    {"symlink-then-read", "TARGET LINK", 2, SymlinkThenRead},
    {"read", "PATH", 1, Read},
    {"list", "DIRECTORY", 1, List},
    {"stat", "PATH", 1, Stat},
    {"watch", "PATH", 1, Watch},
    {"read-through-proc", "PID REST", 2, ReadThroughProc},
    {"reopen-to-write", "FD TEXT", 2, ReopenToWrite},
    {"reopen-truncating", "FD", 1, ReopenTruncating},
    {"truncate-fd", "FD", 1, TruncateFd},
    {"chmod-fd", "FD", 1, ChmodFd},
    {"chown-fd", "FD", 1, ChownFd},
    {"xattr-fd", "FD", 1, XattrFd},
    {"times-fd", "FD", 1, TimesFd},
    {"write-fd", "FD TEXT", 2, WriteFd},
    {"openat-fd", "FD NAME TEXT", 3, OpenatFd},
    {"readat-fd", "FD NAME", 2, ReadatFd},
    {"lock-file", "PATH", 1, LockFile},
    {"make-node", "PATH", 1, MakeNode},
    {"open-device", "PATH", 1, OpenDevice},
    {"write-and-hold", "PATH TEXT", 2, WriteAndHold},
    {"write-fifo", "PATH TEXT", 2, WriteFifo},
    {"suid-by-chmod", "PATH", 1, SuidByChmod},
    {"suid-by-fchmodat2", "PATH", 1, SuidByFchmodat2},
    {"suid-by-create", "PATH", 1, SuidByCreate},
    {"suid-by-mknod", "PATH", 1, SuidByMknod},
    {"file-capability", "PATH", 1, FileCapability},
    {"make-handle", "PATH", 1, MakeHandle},
    {"open-by-handle", "MOUNT HANDLE", 2, OpenByHandle},
};

}  // namespace

std::span<const Attack> FileAttacks() { return kAttacks; }

}  // namespace attacker
