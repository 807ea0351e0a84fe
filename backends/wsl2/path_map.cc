#include "backends/wsl2/path_map.h"

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/base/windows_path.h"

namespace paddock::wsl2 {
namespace {

constexpr size_t kLongestName = 255;   // NAME_MAX of Linux, bytes
constexpr size_t kLongestPath = 4095;  // PATH_MAX, without the NUL

absl::Status Unmappable(absl::string_view path, absl::string_view why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "wsl_path_unmappable", absl::StrCat(path, " ", why));
}

absl::Status CheckName(absl::string_view path, absl::string_view name) {
  constexpr char16_t kFirstShown = 0xF000, kLastShown = 0xF0FF;
  if (name.size() > kLongestName) {
    return Unmappable(path, absl::StrCat("has a name of ", name.size(), " bytes, and Linux holds ", kLongestName));
  }
  const auto units = Utf8ToUtf16(name);
  if (!units.ok()) return Unmappable(path, "is not UTF-8");
  for (size_t i = 0; i < units->size(); ++i) {
    const char16_t unit = (*units)[i];
    const bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
    const bool paired = high && i + 1 < units->size() && (*units)[i + 1] >= 0xDC00 && (*units)[i + 1] < 0xE000;
    if ((high && !paired) || low) return Unmappable(path, "holds half a surrogate pair, which no name on Linux can");
    if (paired) ++i;
    if (unit >= kFirstShown && unit <= kLastShown) {
      return Unmappable(path, "has a name that WSL shows under another one");
    }
  }
  return absl::OkStatus();
}

// "\\server\share" and "\\?\UNC\server\share" alike: {"server", "share"}.
std::optional<std::pair<std::string, std::string>> ServerAndShare(absl::string_view root) {
  if (!absl::ConsumePrefix(&root, "\\\\?\\UNC\\") && !absl::ConsumePrefix(&root, "\\\\")) return std::nullopt;
  const size_t at = root.find('\\');
  if (at == absl::string_view::npos) return std::nullopt;
  return std::make_pair(std::string(root.substr(0, at)), std::string(absl::StripSuffix(root.substr(at + 1), "\\")));
}

bool IsWslServer(absl::string_view server) {
  return absl::EqualsIgnoreCase(server, "wsl$") || absl::EqualsIgnoreCase(server, "wsl.localhost");
}

}  // namespace

absl::StatusOr<std::string> PathMap::MountOf(absl::string_view path, const std::string& volume) {
  for (const auto& [known, mount] : distribution_.mounts) {
    if (!absl::EqualsIgnoreCase(known, volume)) continue;
    used_[volume] = mount;
    return mount;
  }
  if (absl::StartsWith(volume, "\\\\"))
    return Unmappable(path, "lies on a share, which the distribution does not mount");
  if (!distribution_.mounts.empty()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "wsl_drive_not_mounted",
                       absl::StrCat(path, " lies on ", volume, ", which ", distribution_.name, " does not mount"));
  }
  return used_[volume] = absl::StrCat("/mnt/", absl::AsciiStrToLower(volume.substr(0, 1)));
}

absl::StatusOr<std::string> PathMap::Mapped(absl::string_view path, bool pattern) {
  const auto wildcards = pattern ? WindowsPath::Wildcards::kAllowed : WindowsPath::Wildcards::kRefused;
  const auto parsed = WindowsPath::Parse(path, wildcards);
  if (!parsed.ok()) return Unmappable(path, parsed.status().message());
  if (!parsed->stream().empty()) return Unmappable(path, "names a stream, and Linux has none");
  if (parsed->Device() != WindowsDevice::kNo) return Unmappable(path, "may name a device");
  std::string mapped;
  switch (parsed->kind()) {
    case WindowsPathKind::kDrive:
    case WindowsPathKind::kVerbatimDrive: {
      const size_t colon = parsed->root().find(':');
      ASSIGN_OR_RETURN(mapped, MountOf(path, absl::AsciiStrToUpper(parsed->root().substr(colon - 1, 2))));
      break;
    }
    case WindowsPathKind::kUnc:
    case WindowsPathKind::kWsl:
    case WindowsPathKind::kVerbatimUnc: {
      const auto place = ServerAndShare(parsed->root());
      if (!place.has_value()) return Unmappable(path, "has no server and share");
      if (!IsWslServer(place->first)) {
        ASSIGN_OR_RETURN(mapped, MountOf(path, absl::StrCat("\\\\", place->first, "\\", place->second)));
      } else if (!absl::EqualsIgnoreCase(place->second, distribution_.name)) {
        return Unmappable(path, absl::StrCat("lies in another distribution than ", distribution_.name));
      }
      break;
    }
    default:
      return Unmappable(path, "is no path on a drive or in a distribution");
  }
  for (const std::string& name : parsed->components()) {
    RETURN_IF_ERROR(CheckName(path, name));
    absl::StrAppend(&mapped, "/", name);
  }
  if (mapped.empty()) mapped.push_back('/');
  if (mapped.size() > kLongestPath) {
    return Unmappable(path, absl::StrCat("has more than ", kLongestPath, " bytes inside the distribution"));
  }
  return mapped;
}

absl::StatusOr<std::string> PathMap::ToLinux(absl::string_view path) { return Mapped(path, false); }

absl::StatusOr<std::string> PathMap::EntryToLinux(absl::string_view text) {
  if (text == "~" || absl::StartsWith(text, "~/")) return std::string(text);
  if (LooksLikeWindowsPath(text)) return Mapped(text, true);
  const auto parsed = WindowsPath::Parse(text, WindowsPath::Wildcards::kAllowed);
  if (!parsed.ok()) return Unmappable(text, parsed.status().message());
  if (parsed->kind() != WindowsPathKind::kRelative) return Unmappable(text, "depends on a current directory");
  if (!parsed->stream().empty()) return Unmappable(text, "names a stream, and Linux has none");
  // "~\x" is a directory of that name in the workspace, "~/x" would be the home.
  if (!parsed->components().empty() && absl::StartsWith(parsed->components().front(), "~")) {
    return Unmappable(text, "begins with ~, which is the home directory inside");
  }
  for (const std::string& name : parsed->components()) RETURN_IF_ERROR(CheckName(text, name));
  return parsed->components().empty() ? "." : absl::StrJoin(parsed->components(), "/");
}

}  // namespace paddock::wsl2
