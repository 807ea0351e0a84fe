#include "core/platform/posix/landlock_abi.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

// include/uapi/linux/landlock.h; Debian 12's header knows only the first.
constexpr unsigned kVersionFlag = 1u << 0;
constexpr unsigned kErrataFlag = 1u << 1;

long Ask(unsigned flag) { return syscall(SYS_landlock_create_ruleset, nullptr, size_t{0}, flag); }

}  // namespace

Known<int> LandlockAbi() {
  const long answer = Ask(kVersionFlag);
  if (answer >= 0) return {static_cast<int>(answer), "landlock_create_ruleset(VERSION)"};
  const std::string source = absl::StrCat("landlock_create_ruleset(VERSION): ", std::strerror(errno));
  if (errno == ENOSYS) return {0, source + ": not in this kernel"};
  if (errno == EOPNOTSUPP) return {0, source + ": disabled at boot"};
  return {std::nullopt, source};
}

Known<int> LandlockErrata() {
  const long answer = Ask(kErrataFlag);
  if (answer >= 0) return {static_cast<int>(answer), "landlock_create_ruleset(ERRATA)"};
  return {std::nullopt, absl::StrCat("landlock_create_ruleset(ERRATA): ", std::strerror(errno))};
}

}  // namespace paddock
