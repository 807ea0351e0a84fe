#include "core/base/system_places.h"

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

enum class Extent : unsigned char { kItself, kTree };

struct SystemPlace {
  absl::string_view path;
  Extent extent;
};

// The longest row that holds a path decides, so that a checkout below /usr/src, /var/lib or /run/media is possible
// while the rest of their parents is not. File Hierarchy Standard 3.0, systemd's file-hierarchy(7).
constexpr SystemPlace kPosixPlaces[] = {
    {"/bin", Extent::kTree},
    {"/boot", Extent::kTree},
    {"/dev", Extent::kTree},
    {"/efi", Extent::kTree},
    {"/etc", Extent::kTree},
    {"/gnu/store", Extent::kTree},
    {"/home", Extent::kItself},
    {"/lib", Extent::kTree},
    {"/lib32", Extent::kTree},
    {"/lib64", Extent::kTree},
    {"/libx32", Extent::kTree},
    {"/media", Extent::kItself},
    {"/mnt", Extent::kItself},
    {"/nix", Extent::kItself},
    {"/nix/store", Extent::kTree},
    {"/opt", Extent::kItself},
    {"/proc", Extent::kTree},
    {"/root", Extent::kItself},
    {"/run", Extent::kTree},
    {"/run/media", Extent::kItself},
    {"/sbin", Extent::kTree},
    {"/snap", Extent::kTree},
    {"/srv", Extent::kItself},
    {"/sys", Extent::kTree},
    {"/tmp", Extent::kItself},
    {"/usr", Extent::kTree},
    {"/usr/local", Extent::kItself},
    {"/usr/local/bin", Extent::kTree},
    {"/usr/local/etc", Extent::kTree},
    {"/usr/local/lib", Extent::kTree},
    {"/usr/local/libexec", Extent::kTree},
    {"/usr/local/sbin", Extent::kTree},
    {"/usr/local/share", Extent::kItself},
    {"/usr/local/src", Extent::kItself},
    {"/usr/src", Extent::kItself},
    {"/var", Extent::kItself},
    {"/var/backups", Extent::kTree},
    {"/var/cache", Extent::kItself},
    {"/var/lib", Extent::kItself},
    {"/var/lib/containerd", Extent::kTree},
    {"/var/lib/docker", Extent::kTree},
    {"/var/lib/dpkg", Extent::kTree},
    {"/var/lib/systemd", Extent::kTree},
    {"/var/log", Extent::kTree},
    {"/var/mail", Extent::kTree},
    {"/var/run", Extent::kTree},
    {"/var/spool", Extent::kTree},
    {"/var/tmp", Extent::kItself},
};

constexpr SystemPlace kWindowsPlaces[] = {
    {"Windows", Extent::kTree},
    {"Program Files", Extent::kTree},
    {"Program Files (x86)", Extent::kTree},
    {"ProgramData", Extent::kItself},
    {"Users", Extent::kItself},
    {"Users\\Public", Extent::kItself},
    {"System Volume Information", Extent::kTree},
    {"$Recycle.Bin", Extent::kTree},
};

// "\\server\C$", which shows the whole drive of that server, this host or another.
bool IsShareOfDrive(absl::string_view root) {
  return root.size() > 3 && root[root.size() - 3] == '\\' && root.back() == '$';
}

// The root of the drive that `path` is on, in whatever spelling; empty if there is none. Of a volume without a letter
// it is not known what it is: the system's usual drive, so that containment is unknown, too.
std::string RootOfDrive(const WindowsPath& path) {
  const std::string& root = path.root();
  switch (path.kind()) {
    case WindowsPathKind::kUnc:
    case WindowsPathKind::kVerbatimUnc:
      return IsShareOfDrive(root) ? root : "";
    case WindowsPathKind::kDrive:
    case WindowsPathKind::kVerbatimDrive:
    case WindowsPathKind::kVerbatimVolume:
    case WindowsPathKind::kVerbatimOther:
    case WindowsPathKind::kDevice:
    case WindowsPathKind::kNt: {
      const size_t colon = root.rfind(':');
      return colon == std::string::npos || colon == 0 ? "C:" : root.substr(colon - 1, 2);
    }
    default:
      return "";
  }
}

}  // namespace

std::optional<FoundSystemPlace> FindPosixSystemPlace(absl::string_view path) {
  const SystemPlace* found = nullptr;
  for (const SystemPlace& place : kPosixPlaces) {
    if (PathIsWithin(path, place.path) && (found == nullptr || place.path.size() > found->path.size())) found = &place;
  }
  if (found == nullptr || (found->extent == Extent::kItself && path != found->path)) return std::nullopt;
  return FoundSystemPlace{found->path, found->extent == Extent::kTree, ""};
}

std::optional<FoundSystemPlace> FindWindowsSystemPlace(absl::string_view path) {
  const auto parsed = WindowsPath::Parse(path);
  const std::string drive = parsed.ok() ? RootOfDrive(*parsed) : "";
  if (drive.empty()) return std::nullopt;
  for (const SystemPlace& place : kWindowsPlaces) {
    const auto root = WindowsPath::Parse(absl::StrCat(drive, "\\", place.path));
    if (!root.ok()) continue;
    const WindowsContainment within = parsed->IsWithin(*root);
    const bool itself = parsed->components().size() == root->components().size();
    if (!within.MayBe() || (place.extent == Extent::kItself && !itself)) continue;
    return FoundSystemPlace{place.path, place.extent == Extent::kTree, within.why};
  }
  return std::nullopt;
}

}  // namespace paddock
