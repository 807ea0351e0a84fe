#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/host_environment.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/raw_file.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr size_t kMaxFile = 64 << 10;
constexpr char kDefaultAutomount[] = "/mnt";
// What WSL's init registers itself as, and what it registers for (Microsoft Learn, "Advanced settings configuration in
// WSL", [interop]; binfmt-misc.rst in the kernel's sources).
constexpr char kInit[] = "/init";
constexpr absl::string_view kInteropPrefix = "WSLInterop";
constexpr std::array<absl::string_view, 3> kWindowsFilesystems = {"9p", "drvfs", "virtiofs"};

// [automount] root = /windows/ (Microsoft Learn, "Advanced settings configuration in WSL").
std::string Automount(absl::string_view wsl_conf) {
  std::string root = kDefaultAutomount;
  bool in_section = false;
  for (absl::string_view line : absl::StrSplit(wsl_conf, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::StartsWith(line, "[")) in_section = absl::EqualsIgnoreCase(line, "[automount]");
    const std::pair<absl::string_view, absl::string_view> setting = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (!in_section || !absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(setting.first), "root")) continue;
    absl::string_view value = absl::StripAsciiWhitespace(setting.second);
    if (absl::ConsumePrefix(&value, "\"")) absl::ConsumeSuffix(&value, "\"");
    if (IsAbsolutePath(value)) root = NormalizePath(value);
  }
  return root;
}

// "aname=drvfs;path=C:\;uid=1000;...", "path=UNC\server\share"; else the mount's source, where it is a path of Windows.
std::string WindowsPathOf(const MountEntry& mount) {
  for (absl::string_view option : absl::StrSplit(mount.super_options, absl::ByAnyChar(",;"))) {
    if (!absl::ConsumePrefix(&option, "path=")) continue;
    const std::string path = UnescapeMount(option);
    return absl::StartsWith(path, "UNC\\") ? absl::StrCat("\\\\", path.substr(4)) : path;
  }
  const std::string source = UnescapeMount(mount.source);
  const bool drive =
      source.size() >= 2 && absl::ascii_isalpha(static_cast<unsigned char>(source[0])) && source[1] == ':';
  return drive || absl::StartsWith(source, "\\\\") ? source : "";
}

std::vector<WindowsMount> WindowsMounts(const MountTable& mounts) {
  std::vector<WindowsMount> found;
  for (const MountEntry& mount : mounts.entries()) {
    if (std::find(kWindowsFilesystems.begin(), kWindowsFilesystems.end(), mount.type) == kWindowsFilesystems.end()) {
      continue;
    }
    found.push_back({mount.mount_point, WindowsPathOf(mount), std::string(mount.type)});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return found;
}

// The interpreter of an entry of binfmt_misc that starts programs of Windows by WSL's interop; empty for others, as
// that of Wine. A disabled entry counts: whoever enables it again does so for running sandboxes too.
std::string InteropInterpreter(absl::string_view name, absl::string_view entry) {
  for (absl::string_view line : absl::StrSplit(entry, '\n')) {
    if (!absl::ConsumePrefix(&line, "interpreter ")) continue;
    return line == kInit || absl::StartsWith(name, kInteropPrefix) ? std::string(line) : "";
  }
  return "";
}

void ReadInterop(const std::string& directory, WslFacts* facts) {
  const UniqueFd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto names = fd.valid() ? NamesIn(fd.get()) : std::nullopt;
  if (!names.has_value()) return;
  for (const std::string& name : *names) {
    if (name == "register" || name == "status") continue;
    std::string interpreter = InteropInterpreter(name, ReadRawFile(fd.get(), name, kMaxFile).value_or(""));
    if (!interpreter.empty()) facts->interpreters.push_back(std::move(interpreter));
  }
  facts->interop = YesIf(!facts->interpreters.empty(), directory);
}

}  // namespace

WslFacts ReadWslFacts(const MountTable& mounts, const std::string& root) {
  WslFacts facts;
  facts.automount = Automount(ReadRawFile(AT_FDCWD, root + "/etc/wsl.conf", kMaxFile).value_or(""));
  facts.mounts = WindowsMounts(mounts);
  facts.interop = {Tri::kUnknown, "binfmt_misc is not mounted here, and may be in force all the same"};
  for (const MountEntry& mount : mounts.entries()) {
    if (mount.type == "binfmt_misc") ReadInterop(mount.mount_point, &facts);
  }
  // Where nobody can look, what WSL does by itself counts.
  if (facts.interop.unknown()) facts.interpreters.emplace_back(kInit);
  std::sort(facts.interpreters.begin(), facts.interpreters.end());
  facts.interpreters.erase(std::unique(facts.interpreters.begin(), facts.interpreters.end()), facts.interpreters.end());
  return facts;
}

}  // namespace paddock
