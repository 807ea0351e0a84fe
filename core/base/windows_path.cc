#include "core/base/windows_path.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"

namespace paddock {
namespace {

// What Win32 can hold in a path at all, in 16-bit units [N].
constexpr size_t kMaxPath = 32767;

constexpr absl::string_view kVerbatimPrefix = "\\\\?\\";
constexpr absl::string_view kDevicePrefix = "\\\\.\\";
constexpr absl::string_view kNtPrefix = "\\??\\";
constexpr absl::string_view kWslServers[] = {"wsl$", "wsl.localhost"};
constexpr absl::string_view kWslVolume = "wsl\\";

bool IsSeparator(char byte) { return byte == '\\' || byte == '/'; }

absl::Status Bad(absl::string_view why) { return absl::InvalidArgumentError(why); }

bool HasDrive(absl::string_view text) {
  return text.size() >= 2 && absl::ascii_isalpha(static_cast<unsigned char>(text[0])) && text[1] == ':';
}

std::string DriveOf(absl::string_view text) { return absl::AsciiStrToUpper(text.substr(0, 2)); }

bool IsOfDotsAndSpaces(absl::string_view name) { return name.find_first_not_of(". ") == absl::string_view::npos; }

// "Volume{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}" [V].
bool IsVolumeGuid(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "Volume{") && !absl::ConsumePrefix(&name, "volume{")) return false;
  if (!absl::ConsumeSuffix(&name, "}") || name.size() != 36) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? name[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(name[i]))) return false;
  }
  return true;
}

}  // namespace

// One pass over a text. The steps are called in order; each takes its part off the front of `rest_`.
class WindowsPathParser {
 public:
  WindowsPathParser(absl::string_view text, bool wildcards) : rest_(text), wildcards_(wildcards) {}

  absl::StatusOr<WindowsPath> Run() {
    RETURN_IF_ERROR(CheckText());
    RETURN_IF_ERROR(TakeRoot());
    RETURN_IF_ERROR(path_.IsVerbatim() ? TakeVerbatimNames() : TakeNames());
    // Written back as "\??\", it would be a name of the object manager.
    if (path_.kind_ == WindowsPathKind::kRooted && !path_.components_.empty() && path_.components_[0] == "??")
      return Bad("has ?? as its first name");
    return std::move(path_);
  }

 private:
  absl::Status CheckText() const {
    if (rest_.empty()) return Bad("is empty");
    if (rest_.find('\0') != absl::string_view::npos) return Bad("holds a NUL byte");
    RETURN_IF_ERROR(Utf8ToUtf16(rest_).status());
    if (const size_t length = Utf16Length(rest_); length > kMaxPath)
      return Bad(absl::StrCat("is ", length, " characters long; Windows takes ", kMaxPath));
    return absl::OkStatus();
  }

  absl::Status TakeRoot() {
    if (absl::ConsumePrefix(&rest_, kVerbatimPrefix)) return TakeDevice(kVerbatimPrefix);
    if (absl::ConsumePrefix(&rest_, kNtPrefix)) return TakeDevice(kNtPrefix);
    if (rest_.size() >= 3 && IsSeparator(rest_[0]) && IsSeparator(rest_[1])) {
      if ((rest_[2] == '.' || rest_[2] == '?') && (rest_.size() == 3 || IsSeparator(rest_[3]))) {
        rest_.remove_prefix(std::min<size_t>(rest_.size(), 4));
        return TakeDevice(kDevicePrefix);
      }
      if (IsSeparator(rest_[2])) return Bad("begins with three separators; a UNC path begins with two");
    }
    if (rest_.size() >= 2 && IsSeparator(rest_[0]) && IsSeparator(rest_[1])) {
      rest_.remove_prefix(2);
      path_.kind_ = WindowsPathKind::kUnc;
      return TakeShare("\\\\");
    }
    if (HasDrive(rest_)) {
      const std::string drive = DriveOf(rest_);
      rest_.remove_prefix(2);
      path_.volume_ = absl::AsciiStrToLower(drive);
      const bool absolute = !rest_.empty() && IsSeparator(rest_[0]);
      path_.kind_ = absolute ? WindowsPathKind::kDrive : WindowsPathKind::kDriveRelative;
      path_.root_ = absolute ? absl::StrCat(drive, "\\") : drive;
    } else if (IsSeparator(rest_[0])) {
      path_.kind_ = WindowsPathKind::kRooted;
      path_.root_.assign(1, '\\');
    }
    return absl::OkStatus();
  }

  bool IsSeparatorHere(char byte) const { return path_.IsVerbatim() ? byte == '\\' : IsSeparator(byte); }

  // Up to the next separator, which goes too. `*followed`: there was one.
  absl::string_view TakeSegment(bool* followed) {
    size_t end = 0;
    while (end < rest_.size() && !IsSeparatorHere(rest_[end])) ++end;
    const absl::string_view segment = rest_.substr(0, end);
    *followed = end < rest_.size();
    rest_.remove_prefix(*followed ? end + 1 : end);
    return segment;
  }

  // Behind \\?\, \\.\ or \??\: a drive, "UNC", a volume, or the name of a device.
  absl::Status TakeDevice(absl::string_view prefix) {
    path_.kind_ = prefix == kVerbatimPrefix ? WindowsPathKind::kVerbatimOther
                  : prefix == kNtPrefix     ? WindowsPathKind::kNt
                                            : WindowsPathKind::kDevice;
    if (path_.IsVerbatim() && absl::StrContains(rest_, "/"))
      return Bad("holds a slash behind \\\\?\\ or \\??\\, where only \\ separates; write \\ for it");
    const auto verbatim = [&](WindowsPathKind kind) {
      if (prefix == kVerbatimPrefix) path_.kind_ = kind;
    };
    bool followed = false;
    const absl::string_view device = TakeSegment(&followed);
    if (IsOfDotsAndSpaces(device)) return Bad(absl::StrCat("names nothing behind ", prefix));
    if (followed && absl::EqualsIgnoreCase(device, "UNC")) {
      verbatim(WindowsPathKind::kVerbatimUnc);
      return TakeShare(absl::StrCat(prefix, "UNC\\"));
    }
    const bool drive = device.size() == 2 && HasDrive(device);
    if (followed && (drive || IsVolumeGuid(device))) {
      verbatim(drive ? WindowsPathKind::kVerbatimDrive : WindowsPathKind::kVerbatimVolume);
      path_.root_ = absl::StrCat(prefix, drive ? DriveOf(device) : std::string(device), "\\");
      path_.volume_ = absl::AsciiStrToLower(device);
      return absl::OkStatus();
    }
    if (absl::StartsWithIgnoreCase(device, "Volume{") && !IsVolumeGuid(device))
      return Bad("names a volume by something else than Volume{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}");
    // A colon may stand in the name of a device ("C:"), everything else is held to the rules of names.
    for (absl::string_view part = device; !part.empty();) {
      const size_t colon = part.find(':');
      if (colon != 0) RETURN_IF_ERROR(CheckWindowsName(part.substr(0, colon), false));
      part.remove_prefix(colon == absl::string_view::npos ? part.size() : colon + 1);
    }
    path_.root_ = absl::StrCat(prefix, device);
    path_.volume_ = absl::StrCat("device\\", absl::AsciiStrToLower(device));
    return absl::OkStatus();
  }

  absl::Status TakeShare(absl::string_view prefix) {
    bool followed = false;
    const absl::string_view server = TakeSegment(&followed);
    const absl::string_view share = TakeSegment(&followed);
    if (server.empty() || share.empty())
      return Bad("is a UNC path without a server or without a share; write \\\\server\\share\\name");
    RETURN_IF_ERROR(CheckWindowsName(server, false));
    RETURN_IF_ERROR(CheckWindowsName(share, false));
    if (IsOfDotsAndSpaces(server) || IsOfDotsAndSpaces(share))
      return Bad("has a server or a share of dots and spaces alone");
    path_.root_ = absl::StrCat(prefix, server, "\\", share);
    const bool wsl = std::any_of(std::begin(kWslServers), std::end(kWslServers),
                                 [&](absl::string_view name) { return absl::EqualsIgnoreCase(server, name); });
    if (wsl && path_.kind_ == WindowsPathKind::kUnc) path_.kind_ = WindowsPathKind::kWsl;
    const std::string name = absl::AsciiStrToLower(share);
    path_.volume_ =
        wsl ? absl::StrCat(kWslVolume, name) : absl::StrCat("unc\\", absl::AsciiStrToLower(server), "\\", name);
    return absl::OkStatus();
  }

  absl::Status TakeVerbatimNames() {
    while (!rest_.empty()) {
      bool followed = false;
      const absl::string_view name = TakeSegment(&followed);
      if (name == "." || name == "..")
        return Bad("holds . or .. behind \\\\?\\ or \\??\\, where they stand for nothing; write the path without");
      RETURN_IF_ERROR(Add(name, !followed));
    }
    return absl::OkStatus();
  }

  absl::Status TakeNames() {
    while (!rest_.empty()) {
      bool followed = false;
      absl::string_view name = TakeSegment(&followed);
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        RETURN_IF_ERROR(GoUp());
        continue;
      }
      if (IsOfDotsAndSpaces(name))
        return Bad("has a name of dots and spaces alone, which Windows drops or keeps by where it stands");
      if (!followed) {
        name = name.substr(0, name.find_last_not_of(". ") + 1);
      } else if (absl::EndsWith(name, ".") && !absl::EndsWith(name, "..")) {
        name.remove_suffix(1);
      }
      RETURN_IF_ERROR(Add(name, !followed));
    }
    return absl::OkStatus();
  }

  absl::Status GoUp() {
    std::vector<std::string>& components = path_.components_;
    if (!components.empty() && components.back() != "..") {
      components.pop_back();
    } else if (!path_.IsAbsolute() && path_.kind_ != WindowsPathKind::kRooted) {
      components.push_back("..");
    } else if (path_.kind_ == WindowsPathKind::kDevice) {
      return Bad("leaves its device by ..");
    }
    return absl::OkStatus();
  }

  absl::Status Add(absl::string_view name, bool last) {
    const size_t colon = name.find(':');
    if (colon != absl::string_view::npos) {
      if (!last)
        return Bad("holds a colon in the middle; one may stand behind a drive letter, or before a stream at the end");
      RETURN_IF_ERROR(SetStream(name.substr(0, colon), name.substr(colon + 1)));
      name = name.substr(0, colon);
      if (IsOfDotsAndSpaces(name)) return Bad("names a stream of nothing");
    }
    RETURN_IF_ERROR(CheckWindowsName(name, wildcards_));
    path_.components_.emplace_back(name);
    return absl::OkStatus();
  }

  // "stream", "stream:$TYPE" or ":$TYPE" [S].
  absl::Status SetStream(absl::string_view file, absl::string_view stream) {
    const size_t colon = stream.find(':');
    const absl::string_view name = stream.substr(0, colon);
    const absl::string_view type = colon == absl::string_view::npos ? "" : stream.substr(colon + 1);
    if (stream.empty()) return Bad("ends with a colon");
    if (!name.empty()) RETURN_IF_ERROR(CheckWindowsName(name, wildcards_));
    if (colon != absl::string_view::npos && (!absl::StartsWith(type, "$") || absl::StrContains(type, ":")))
      return Bad("has a stream of no type; a type is $DATA or $INDEX_ALLOCATION");
    RETURN_IF_ERROR(type.empty() ? absl::OkStatus() : CheckWindowsName(type, false));
    const absl::string_view end = name.empty() ? file : name;
    const bool cut = !path_.IsVerbatim() && (absl::EndsWith(end, ".") || absl::EndsWith(end, " "));  // without the type
    path_.stream_ = std::string(absl::EqualsIgnoreCase(type, "$DATA") && !cut ? name : stream);
    return absl::OkStatus();
  }

  absl::string_view rest_;
  bool wildcards_;
  WindowsPath path_;
};

absl::StatusOr<WindowsPath> WindowsPath::Parse(absl::string_view text, Wildcards wildcards) {
  return WindowsPathParser(text, wildcards == Wildcards::kAllowed).Run();
}

bool WindowsPath::IsRoot() const {
  if (!components_.empty() || !IsAbsolute()) return false;
  return !absl::StartsWith(volume_, "device\\");
}

WindowsDevice WindowsPath::Device() const {
  WindowsDevice device = WindowsDevice::kNo;
  if (kind_ > WindowsPathKind::kDrive) return device;
  for (const std::string& name : components_) device = std::max(device, DeviceOfName(name));
  // Alone, without an extension, every device is one on Windows 11 too.
  const bool alone = kind_ == WindowsPathKind::kRelative && components_.size() == 1;
  if (alone && device == WindowsDevice::kBeforeWindows11 && !absl::StrContains(components_[0], "."))
    return WindowsDevice::kAlways;
  return device;
}

absl::Status WindowsPath::CheckUsual() const {
  if (kind_ != WindowsPathKind::kDrive && kind_ != WindowsPathKind::kUnc && kind_ != WindowsPathKind::kWsl) {
    return absl::FailedPreconditionError(IsAbsolute() ? "is a device path; write the drive or UNC path"
                                                      : "is relative; write the path from the drive or share on");
  }
  if (!stream_.empty()) return absl::FailedPreconditionError("names a stream of a file; write the path of the file");
  if (Device() != WindowsDevice::kNo)
    return absl::FailedPreconditionError("has a name that Windows takes for a device; no file can be called so");
  return absl::OkStatus();
}

std::string WindowsPath::ToString() const {
  std::string text = root_;
  for (size_t i = 0; i < components_.size(); ++i) {
    const bool joined = i == 0 && (text.empty() || text.back() == '\\' || kind_ == WindowsPathKind::kDriveRelative);
    absl::StrAppend(&text, joined ? "" : "\\", components_[i]);
  }
  if (!stream_.empty()) {
    // Without the dot, ".\c:s" would be a name on drive C:.
    const bool like_drive = kind_ == WindowsPathKind::kRelative && text.size() == 1;
    return absl::StrCat(like_drive ? ".\\" : "", text, ":", stream_);
  }
  if (text.empty()) return ".";
  const bool cut =
      !IsVerbatim() && !components_.empty() && components_.back() != ".." && (text.back() == '.' || text.back() == ' ');
  return cut ? absl::StrCat(text, "\\") : text;
}

absl::StatusOr<std::string> WindowsPath::ToVerbatim() const {
  if (!IsAbsolute())
    return absl::FailedPreconditionError("is not absolute, and only an absolute path has a form behind \\\\?\\");
  if (Device() != WindowsDevice::kNo)
    return absl::FailedPreconditionError(
        "has a name that Windows takes for a device; behind \\\\?\\ it would be a file");
  std::string text = ToString();
  if (!IsVerbatim() && (absl::EndsWith(text, ".\\") || absl::EndsWith(text, " \\"))) text.pop_back();
  if (kind_ == WindowsPathKind::kDrive) {
    text = absl::StrCat(kVerbatimPrefix, text);
  } else if (kind_ == WindowsPathKind::kUnc || kind_ == WindowsPathKind::kWsl) {
    text = absl::StrCat(kVerbatimPrefix, "UNC", text.substr(1));
  } else {  // behind \\.\ and \??\, which are as long
    text = absl::StrCat(kVerbatimPrefix, text.substr(kVerbatimPrefix.size()));
  }
  ASSIGN_OR_RETURN(const WindowsPath verbatim, Parse(text, Wildcards::kAllowed));
  return verbatim.ToString();
}

absl::StatusOr<WindowsPath> WindowsPath::Join(absl::string_view below, Wildcards wildcards) const {
  ASSIGN_OR_RETURN(WindowsPath tail, Parse(below, wildcards));
  if (tail.IsAbsolute()) return tail;
  if (tail.kind_ == WindowsPathKind::kDriveRelative)
    return absl::FailedPreconditionError(absl::StrCat("is relative to the current directory of drive ", tail.root_,
                                                      ", which is not known; write ", tail.root_,
                                                      "\\ and the whole path"));
  if (!stream_.empty()) return absl::FailedPreconditionError("would lie below a stream of a file");
  WindowsPath joined = *this;
  if (tail.kind_ == WindowsPathKind::kRooted) {
    if (!IsAbsolute())
      return absl::FailedPreconditionError("is relative to the root of the current drive, which is not known");
    joined.components_.clear();
  }
  const bool clamped = IsAbsolute() || kind_ == WindowsPathKind::kRooted;
  for (const std::string& name : tail.components_) {
    if (name != "..") {
      joined.components_.push_back(name);
    } else if (!joined.components_.empty() && joined.components_.back() != "..") {
      joined.components_.pop_back();
    } else if (!clamped) {
      joined.components_.push_back(name);
    }
  }
  joined.stream_ = tail.stream_;
  // It may be too long, or stand behind "\\.\C:", a device, where "\\.\C:\a" is a file of the volume on it.
  ASSIGN_OR_RETURN(WindowsPath whole, Parse(joined.ToString(), Wildcards::kAllowed));
  if (whole.root_ != joined.root_)
    return absl::FailedPreconditionError(
        absl::StrCat("would lie in a device; write ", root_, "\\ for its root directory"));
  return whole;
}

namespace {

WindowsContainment No() { return {}; }

WindowsContainment Unknown(PathDoubt doubt, std::string why) { return {Containment::kUnknown, doubt, std::move(why)}; }

WindowsContainment UnknownName(NameMatch match, absl::string_view name, absl::string_view other) {
  switch (match) {
    case NameMatch::kShort:
      return Unknown(PathDoubt::kShortName,
                     absl::StrCat(MayBeShortName(name) ? name : other, " may be the short name of ",
                                  MayBeShortName(name) ? other : name, "; write the long one, which \"dir /x\" shows"));
    case NameMatch::kCase:
      return Unknown(PathDoubt::kCase,
                     absl::StrCat(name, " and ", other,
                                  " differ in case alone, and the volume decides whether they are one; "
                                  "write the name as the directory shows it"));
    default:
      return Unknown(PathDoubt::kTrailing,
                     absl::StrCat("\"", name, "\" and \"", other,
                                  "\" differ in dots or spaces at the end alone, which Windows may drop; write the "
                                  "name without"));
  }
}

// "c$" of the share "unc\server\c$" and of the drive "c:", which that share shows if the server is this host.
std::string ShareOf(absl::string_view volume) {
  if (volume.size() == 2 && volume[1] == ':') return absl::StrCat(volume.substr(0, 1), "$");
  return absl::StartsWith(volume, "unc\\") ? std::string(volume.substr(volume.rfind('\\') + 1)) : "";
}

size_t LeadingUps(const std::vector<std::string>& components) {
  const auto end = std::find_if(components.begin(), components.end(), [](const std::string& c) { return c != ".."; });
  return static_cast<size_t>(end - components.begin());
}

}  // namespace

WindowsContainment WindowsPath::IsWithin(const WindowsPath& root) const {
  if (!IsAbsolute() || !root.IsAbsolute()) {
    const size_t ups = LeadingUps(components_), root_ups = LeadingUps(root.components_);
    const bool above = root.components_.size() == root_ups && ups <= root_ups;
    if (kind_ != root.kind_ || root_ != root.root_ || (ups != root_ups && !above))
      return Unknown(PathDoubt::kBase, "one of them is relative to a directory that is not known");
    if (above && ups != root_ups && Device() == WindowsDevice::kNo) return {Containment::kYes, PathDoubt::kNone, ""};
  } else if (volume_ != root.volume_) {
    if (const std::string share = ShareOf(volume_); !share.empty() && share == ShareOf(root.volume_)) {
      WindowsPath here = *this;
      here.volume_ = root.volume_;
      if (here.IsWithin(root).MayBe())
        return Unknown(PathDoubt::kShare,
                       absl::StrCat(root_, " and ", root.root_, " may be one; write the path of the ",
                                    "drive, or the server's name as everywhere else"));
    }
    return Unknown(PathDoubt::kVolume, "two drives, shares or volumes may show the same directory");
  }
  if (components_.size() < root.components_.size()) return No();
  WindowsContainment found{Containment::kYes, PathDoubt::kNone, ""};
  const bool case_sensitive = absl::StartsWith(volume_, kWslVolume);
  for (size_t i = 0; i < root.components_.size(); ++i) {
    const NameMatch match = MatchWindowsNames(components_[i], root.components_[i], case_sensitive);
    if (match == NameMatch::kDifferent) return No();
    if (match != NameMatch::kSame && found.Certain()) found = UnknownName(match, components_[i], root.components_[i]);
  }
  if (!found.Certain()) return found;
  if (Device() != WindowsDevice::kNo || root.Device() != WindowsDevice::kNo)
    return Unknown(PathDoubt::kDevice, "it has a name that Windows takes for a device; write another name");
  const bool same_stream =
      components_.size() == root.components_.size() && absl::EqualsIgnoreCase(stream_, root.stream_);
  if (!root.stream_.empty() && !same_stream)
    return Unknown(PathDoubt::kStream, "a stream of a file is taken for a directory; write the path without \":\"");
  return found;
}

bool LooksLikeWindowsPath(absl::string_view text) {
  return absl::StartsWith(text, "\\\\") || (text.size() >= 3 && HasDrive(text) && IsSeparator(text[2]));
}

}  // namespace paddock
