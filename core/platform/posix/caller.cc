#include "core/platform/caller.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/posix_path.h"
#include "core/platform/files.h"

namespace paddock {
namespace {

constexpr size_t kLargestPasswd = 1 << 20;

// passwd(5): name:password:uid:gid:comment:home:shell. Read here and not by getpwuid(3), for which a static program
// would load the name service's libraries.
std::string HomeOfAccount(uid_t uid) {
  constexpr size_t kFields = 7, kUid = 2, kHome = 5;
  const auto text = ReadWholeFile("/etc/passwd", kLargestPasswd);
  if (!text.ok()) return "";
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    if (fields.size() == kFields && fields[kUid] == absl::StrCat(uid)) return std::string(fields[kHome]);
  }
  return "";
}

}  // namespace

absl::StatusOr<Caller> ReadCaller() {
  Caller caller;
  // getcwd(3): a directory outside the root of this process is given as "(unreachable)...".
  char buffer[PATH_MAX] = {};
  if (getcwd(buffer, sizeof(buffer)) == nullptr) {
    const absl::Status error = absl::ErrnoToStatus(errno, "the current directory cannot be read");
    return absl::FailedPreconditionError(absl::StrCat(error.message(), "; change to one that exists"));
  }
  if (buffer[0] != '/') {
    return absl::FailedPreconditionError("the current directory is out of reach; change to one that exists");
  }
  caller.cwd = buffer;
  const ssize_t size = readlink("/proc/self/exe", buffer, sizeof(buffer));
  if (size > 0 && buffer[0] == '/') caller.executable.assign(buffer, static_cast<size_t>(size));
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || equals == 0) continue;
    caller.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  const auto home = caller.environment.find("HOME");
  if (home != caller.environment.end() && absl::StartsWith(home->second, "/")) {
    caller.home = home->second;
  } else {
    caller.home = HomeOfAccount(geteuid());
  }
  return caller;
}

void EndProcess(int status) { std::exit(status); }

std::vector<std::string> ProgramArguments(int argc, char** argv) { return {argv + (argc > 0 ? 1 : 0), argv + argc}; }

absl::Status ReplaceByProgram(absl::string_view name, absl::string_view otherwise,
                              const std::vector<std::string>& args) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return caller.status();
  const std::string own(ParentPath(caller->executable));
  std::string program = JoinPath(own, name);
  if (access(program.c_str(), X_OK) != 0) program = JoinPath(JoinPath(own, otherwise), name);
  if (access(program.c_str(), X_OK) != 0) {
    return absl::NotFoundError(
        absl::StrCat(name, " is neither in ", own, " nor in ", ParentPath(program), "; it is installed with paddockd"));
  }
  std::vector<char*> argv = {program.data()};
  std::vector<std::string> copies = args;
  for (std::string& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  return absl::ErrnoToStatus(errno, absl::StrCat("execv ", program));
}

}  // namespace paddock
