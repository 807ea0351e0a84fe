// Runs a list of file system calls, one after the other, and says how each ended. Reads from stdin records of three
// fields (operation, path, argument), each field ended by a NUL byte; writes for each record its errno (0: done), a
// space, what was seen, and a NUL byte. It judges nothing: tests/model compares with what the model foretells.
//
// Static, so that it starts in any view of the host. It gives up all capabilities first: outside the sandbox, as the
// control, root is then held to the permissions of files as it is inside.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;
constexpr time_t kOldTime = 1'000'000'000;
constexpr char kXattr[] = "user.model";

int Result(long result) { return result < 0 ? errno : 0; }

// Opens, writes `text` at the beginning (or the end, with O_APPEND), and closes.
int OpenAndWrite(const std::string& path, int flags, const std::string& text) {
  const int fd = open(path.c_str(), flags | O_WRONLY | O_NONBLOCK | O_CLOEXEC, kFileMode);
  if (fd < 0) return errno;
  const int error = Result(write(fd, text.data(), text.size()));
  close(fd);
  return error;
}

int Stat(const std::string& path, const std::string&, std::string* seen) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return errno;
  const char* const type = S_ISDIR(status.st_mode)   ? "directory"
                           : S_ISREG(status.st_mode) ? "file"
                           : S_ISLNK(status.st_mode) ? "link"
                                                     : "other";
  char text[64];
  snprintf(text, sizeof text, "%s %o %lld", type, S_ISLNK(status.st_mode) ? 0 : status.st_mode & 07777u,
           S_ISDIR(status.st_mode) ? 0LL : static_cast<long long>(status.st_size));
  *seen = text;
  return 0;
}

int List(const std::string& path, const std::string&, std::string* seen) {
  DIR* const directory = opendir(path.c_str());
  if (directory == nullptr) return errno;
  std::vector<std::string> names;
  while (const dirent* const entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) *seen += name + "/";
  return 0;
}

int Read(const std::string& path, const std::string&, std::string* seen) {
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno;
  char buffer[4096];
  const ssize_t size = read(fd, buffer, sizeof buffer);
  const int error = Result(size);
  if (size > 0) seen->assign(buffer, static_cast<size_t>(size));
  close(fd);
  return error;
}

int ReadLink(const std::string& path, const std::string&, std::string* seen) {
  char buffer[4096];
  const ssize_t size = readlink(path.c_str(), buffer, sizeof buffer);
  if (size < 0) return errno;
  seen->assign(buffer, static_cast<size_t>(size));
  return 0;
}

int Write(const std::string& path, const std::string& text, std::string*) { return OpenAndWrite(path, 0, text); }
int Append(const std::string& path, const std::string& text, std::string*) {
  return OpenAndWrite(path, O_APPEND, text);
}
int OpenTruncate(const std::string& path, const std::string& text, std::string*) {
  return OpenAndWrite(path, O_TRUNC, text);
}
int Create(const std::string& path, const std::string& text, std::string*) {
  return OpenAndWrite(path, O_CREAT | O_EXCL, text);
}
int CreateOrWrite(const std::string& path, const std::string& text, std::string*) {
  return OpenAndWrite(path, O_CREAT, text);
}
int Truncate(const std::string& path, const std::string&, std::string*) { return Result(truncate(path.c_str(), 0)); }
int MakeDirectory(const std::string& path, const std::string&, std::string*) {
  return Result(mkdir(path.c_str(), kDirectoryMode));
}
int RemoveDirectory(const std::string& path, const std::string&, std::string*) { return Result(rmdir(path.c_str())); }
int Unlink(const std::string& path, const std::string&, std::string*) { return Result(unlink(path.c_str())); }

int Rename(const std::string& from, const std::string& to, std::string*) {
  return Result(rename(from.c_str(), to.c_str()));
}
int Exchange(const std::string& one, const std::string& other, std::string*) {
  return Result(syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE));
}
int Link(const std::string& from, const std::string& to, std::string*) {
  return Result(linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0));
}
int LinkFollowing(const std::string& from, const std::string& to, std::string*) {
  return Result(linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), AT_SYMLINK_FOLLOW));
}
int SymbolicLink(const std::string& path, const std::string& target, std::string*) {
  return Result(symlink(target.c_str(), path.c_str()));
}

// A file without a name, given one afterwards.
int TemporaryFile(const std::string& path, const std::string& text, std::string*) {
  const size_t slash = path.rfind('/');
  const int fd = open(path.substr(0, slash).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kFileMode);
  if (fd < 0) return errno;
  const std::string from = "/proc/self/fd/" + std::to_string(fd);
  int error = Result(write(fd, text.data(), text.size()));
  if (error == 0) error = Result(linkat(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW));
  close(fd);
  return error;
}

int ChangeMode(const std::string& path, const std::string& mode, std::string*) {
  return Result(chmod(path.c_str(), static_cast<mode_t>(strtoul(mode.c_str(), nullptr, 8))));
}
int ChangeOwner(const std::string& path, const std::string&, std::string*) {
  return Result(chown(path.c_str(), geteuid(), getegid()));
}
int ChangeTimes(const std::string& path, const std::string&, std::string*) {
  const timespec times[2] = {{kOldTime, 0}, {kOldTime, 0}};
  return Result(utimensat(AT_FDCWD, path.c_str(), times, 0));
}
int SetXattr(const std::string& path, const std::string& text, std::string*) {
  return Result(setxattr(path.c_str(), kXattr, text.data(), text.size(), 0));
}

struct Operation {
  const char* name;
  int (*run)(const std::string& path, const std::string& argument, std::string* seen);
};

constexpr Operation kOperations[] = {
    // clang-format off
    {"stat", Stat},           {"list", List},         {"read", Read},              {"readlink", ReadLink},
    {"write", Write},         {"append", Append},     {"truncate", Truncate},      {"opentrunc", OpenTruncate},
    {"create", Create},       {"creat", CreateOrWrite}, {"mkdir", MakeDirectory},  {"rmdir", RemoveDirectory},
    {"unlink", Unlink},       {"rename", Rename},     {"exchange", Exchange},      {"link", Link},
    {"linkf", LinkFollowing}, {"symlink", SymbolicLink}, {"tmpfile", TemporaryFile}, {"chmod", ChangeMode},
    {"chown", ChangeOwner},   {"utimens", ChangeTimes}, {"setxattr", SetXattr},
    // clang-format on
};

int Run(const std::string& name, const std::string& path, const std::string& argument, std::string* seen) {
  for (const Operation& operation : kOperations) {
    if (name == operation.name) return operation.run(path, argument, seen);
  }
  fprintf(stderr, "prober: no operation %s\n", name.c_str());
  exit(2);
}

void DropCapabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) {
    perror("prober: capset");
    exit(2);
  }
}

std::string ReadAll() {
  std::string all;
  char buffer[65536];
  for (ssize_t size; (size = read(STDIN_FILENO, buffer, sizeof buffer)) != 0;) {
    if (size < 0) {
      perror("prober: stdin");
      exit(2);
    }
    all.append(buffer, static_cast<size_t>(size));
  }
  return all;
}

bool NextField(const std::string& input, size_t* at, std::string* field) {
  const size_t end = input.find('\0', *at);
  if (end == std::string::npos) return false;
  field->assign(input, *at, end - *at);
  *at = end + 1;
  return true;
}

}  // namespace

int main() {
  DropCapabilities();
  umask(022);
  const std::string input = ReadAll();
  std::string name, path, argument, output;
  for (size_t at = 0;
       NextField(input, &at, &name) && NextField(input, &at, &path) && NextField(input, &at, &argument);) {
    std::string seen;
    const int error = Run(name, path, argument, &seen);
    output += std::to_string(error) + " " + seen;
    output.push_back('\0');
  }
  return fwrite(output.data(), 1, output.size(), stdout) == output.size() && fflush(stdout) == 0 ? 0 : 2;
}
