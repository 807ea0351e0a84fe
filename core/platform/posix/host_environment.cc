#include "core/platform/posix/host_environment.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

// Takes a decimal number off the front of `text`; false if there is none.
bool TakeNumber(absl::string_view& text, int& number) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  if (digits == 0 || !absl::SimpleAtoi(text.substr(0, digits), &number)) return false;
  text.remove_prefix(digits);
  return true;
}

bool TakeDot(absl::string_view& text) {
  if (text.empty() || text.front() != '.') return false;
  text.remove_prefix(1);
  return true;
}

// The value of `key` in the shell-like lines of os-release(5), unquoted.
std::string OsReleaseValue(absl::string_view text, absl::string_view key) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, key) || line.substr(key.size(), 1) != "=") continue;
    absl::string_view value = absl::StripAsciiWhitespace(line.substr(key.size() + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return "";
}

constexpr std::array<absl::string_view, 3> kContainerFiles = {"/.dockerenv", "/run/.containerenv",
                                                              "/run/systemd/container"};
constexpr std::array<absl::string_view, 5> kContainerCgroups = {"kubepods", "docker", "libpod", "containerd", "lxc"};
constexpr std::array<absl::string_view, 2> kContainerVariables = {"container", "KUBERNETES_SERVICE_HOST"};

constexpr std::array<absl::string_view, 2> kWslInterop = {"/WSLInterop", "/WSLInterop-late"};

// include/uapi/linux/net.h: __SO_ACCEPTCON, set on a socket that listens.
constexpr uint32_t kAcceptsConnections = 1u << 16;
constexpr absl::string_view kDatagram = "0002";

}  // namespace

KernelVersion ParseKernelVersion(absl::string_view release) {
  KernelVersion version;
  if (!TakeNumber(release, version.major) || !TakeDot(release) || !TakeNumber(release, version.minor)) return {};
  if (TakeDot(release)) TakeNumber(release, version.patch);
  return version;
}

std::string OsName(const std::string& root) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const std::optional<std::string> text = ReadRawFile(AT_FDCWD, root + path, 64 << 10);
    if (!text.has_value()) continue;
    std::string pretty = OsReleaseValue(*text, "PRETTY_NAME");
    if (!pretty.empty()) return pretty;
    return std::string(absl::StripAsciiWhitespace(
        absl::StrCat(OsReleaseValue(*text, "NAME"), " ", OsReleaseValue(*text, "VERSION_ID"))));
  }
  return "";
}

Known<int> WslVersion(absl::string_view kernel_release, const MountTable& mounts) {
  const std::string source = absl::StrCat("kernel release ", kernel_release);
  if (absl::StrContains(kernel_release, "WSL2") || absl::StrContains(kernel_release, "microsoft-standard")) {
    return {2, source};
  }
  if (absl::StrContains(absl::AsciiStrToLower(kernel_release), "microsoft")) return {1, source};
  for (const MountEntry& mount : mounts.entries()) {
    if (mount.type != "binfmt_misc") continue;
    for (absl::string_view name : kWslInterop) {
      std::string path = absl::StrCat(mount.mount_point, name);
      if (Exists(path)) return {2, std::move(path)};
    }
  }
  return {0, source};
}

std::vector<std::string> ContainerHints(const std::string& root, absl::string_view self_cgroup,
                                        const std::map<std::string, std::string>& environment) {
  std::vector<std::string> hints;
  for (absl::string_view path : kContainerFiles) {
    if (Exists(absl::StrCat(root, path))) hints.emplace_back(path);
  }
  for (absl::string_view name : kContainerCgroups) {
    if (absl::StrContains(self_cgroup, name)) hints.push_back(absl::StrCat("cgroup:", name));
  }
  for (absl::string_view name : kContainerVariables) {
    const auto found = environment.find(std::string(name));
    if (found != environment.end()) hints.push_back(absl::StrCat("env:", name, "=", found->second));
  }
  return hints;
}

Fact OverlayInUserns(const KernelVersion& kernel, const std::string& proc_root, const std::string& root) {
  const std::string version = absl::StrCat("kernel ", kernel.major, ".", kernel.minor);
  if (!kernel.AtLeast(5, 11)) return No(version + " is older than 5.11");
  // Cheaper than the list below; a kernel without module support does not show it.
  const std::string module = absl::StrCat(root, "/sys/module/overlay");
  if (Exists(module)) return Yes(absl::StrCat(version, ", ", module));
  const std::string path = absl::StrCat(proc_root, "/filesystems");
  const std::string text = ReadRawFile(AT_FDCWD, path, 64 << 10).value_or("");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::EndsWith(line, "\toverlay")) return Yes(absl::StrCat(version, ", overlay in ", path));
  }
  return {Tri::kUnknown, absl::StrCat("overlay is not in ", path, "; it may be a module")};
}

std::vector<std::string> SocketPaths(absl::string_view proc_net_unix) {
  std::vector<std::string> paths;
  for (absl::string_view line : absl::StrSplit(proc_net_unix, '\n')) {
    // Num RefCount Protocol Flags Type St Inode Path, the path as it was bound: it may hold blanks.
    const size_t path_at = line.find(" /");
    if (path_at == absl::string_view::npos) continue;
    const std::vector<absl::string_view> fields = absl::StrSplit(line.substr(0, path_at), ' ', absl::SkipEmpty());
    uint32_t flags = 0;
    if (fields.size() != 7 || !absl::SimpleHexAtoi(fields[3], &flags)) continue;
    if ((flags & kAcceptsConnections) == 0 && fields[4] != kDatagram) continue;
    paths.emplace_back(line.substr(path_at + 1));
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

}  // namespace paddock
