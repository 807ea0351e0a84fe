#ifndef PADDOCK_BACKENDS_WSL2_PATH_MAP_H_
#define PADDOCK_BACKENDS_WSL2_PATH_MAP_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// What a Windows path is called inside a distribution. By text alone, and nothing is asked: the plan says by which
// mounts, and the launcher compares these with those that it finds.

namespace paddock::wsl2 {

class PathMap {
 public:
  explicit PathMap(const WslDistribution& distribution) : distribution_(distribution) {}

  // The path inside. FailedPrecondition with a reason, for
  //   - wsl_drive_not_mounted: a drive that the distribution is known not to mount;
  //   - wsl_path_unmappable: a share (unless it is known to be mounted), another distribution, a device, a volume
  //   without
  //     a letter, a stream, whatever depends on a current directory; and names that Linux does not hold as they are:
  //     not UTF-8, or longer than 255 bytes (Windows: 255 units of UTF-16), or with characters by which WSL shows what
  //     Windows cannot hold (U+F001 to U+F0FF); a path of more than 4095 bytes.
  // A drive of which nothing is known is taken to be mounted where WSL does it by default, at /mnt/ and its letter.
  // "\\?\" changes nothing but that names are taken as they stand, which is what WSL does with them, too.
  absl::StatusOr<std::string> ToLinux(absl::string_view path);

  // An entry of a policy: relative to the workspace, which only gets other separators, "~/...", which stays, or
  // absolute. With wildcards too.
  absl::StatusOr<std::string> EntryToLinux(absl::string_view text);

  // The mounts by which the paths so far were mapped: "C:" -> "/mnt/c".
  const std::map<std::string, std::string>& used() const { return used_; }

 private:
  absl::StatusOr<std::string> Mapped(absl::string_view path, bool pattern);
  absl::StatusOr<std::string> MountOf(absl::string_view path, const std::string& volume);

  const WslDistribution& distribution_;
  std::map<std::string, std::string> used_;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_PATH_MAP_H_
