#include "core/platform/posix/mount_table.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/raw_file.h"

namespace paddock {
namespace {

// The largest table that is read: some 50,000 mounts.
constexpr size_t kMaxBytes = 16 << 20;

// Takes the next field, fields being separated by one space, off the front of `line`.
absl::string_view TakeField(absl::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const absl::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
bool ParseLine(absl::string_view line, MountEntry& entry) {
  if (!absl::SimpleAtoi(TakeField(line), &entry.id) || !absl::SimpleAtoi(TakeField(line), &entry.parent)) return false;
  entry.device = TakeField(line);
  entry.root = TakeField(line);
  entry.mount_point = UnescapeMount(TakeField(line));
  entry.options = TakeField(line);
  while (!line.empty() && TakeField(line) != "-") {
  }
  entry.type = TakeField(line);
  entry.source = TakeField(line);
  entry.super_options = line;
  return !entry.mount_point.empty() && !entry.type.empty();
}

// Directories of procfs that are made to be mounted on and hold nothing: covering them hides nothing
// (proc_create_mount_point and register_sysctl_mount_point in the kernel's sources).
constexpr std::array<absl::string_view, 4> kEmptyInProc = {"sys/fs/binfmt_misc", "fs/nfsd", "xen", "openprom"};

}  // namespace

MountTable::MountTable(std::string mountinfo) : text_(std::make_unique<const std::string>(std::move(mountinfo))) {
  entries_.reserve(static_cast<size_t>(std::count(text_->begin(), text_->end(), '\n')));
  for (absl::string_view line : absl::StrSplit(absl::string_view(*text_), '\n', absl::SkipEmpty())) {
    MountEntry entry;
    if (ParseLine(line, entry)) entries_.push_back(std::move(entry));
  }
}

MountTable MountTable::Read(const std::string& proc_root) {
  return MountTable(ReadRawFile(AT_FDCWD, absl::StrCat(proc_root, "/self/mountinfo"), kMaxBytes).value_or(""));
}

std::vector<std::string> MountTable::MountPoints() const {
  std::vector<std::string> points;
  points.reserve(entries_.size());
  for (const MountEntry& entry : entries_) points.push_back(entry.mount_point);
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

std::vector<std::string> MountTable::AliasesOf(absl::string_view path) const {
  std::vector<std::string> aliases;
  const MountEntry* const holder = FindByPath(path);
  if (holder == nullptr || !PathIsWithin(path, holder->mount_point)) return aliases;
  const auto shares_device = [&](const MountEntry& entry) {
    return &entry != holder && entry.device == holder->device;
  };
  if (std::none_of(entries_.begin(), entries_.end(), shares_device)) return aliases;
  const std::string inside = JoinPath(UnescapeMount(holder->root), PathBelow(path, holder->mount_point));
  for (const MountEntry& entry : entries_) {
    if (!shares_device(entry)) continue;
    const std::string root = UnescapeMount(entry.root);
    if (!PathIsWithin(inside, root)) continue;
    std::string alias = JoinPath(entry.mount_point, PathBelow(inside, root));
    if (alias != path && FindByPath(alias) == &entry) aliases.push_back(std::move(alias));
  }
  std::sort(aliases.begin(), aliases.end());
  return aliases;
}

std::vector<std::string> MountTable::MountPointsBelow(absl::string_view directory) const {
  std::vector<std::string> points = MountPoints();
  points.erase(
      std::remove_if(points.begin(), points.end(),
                     [&](const std::string& point) { return point == directory || !PathIsWithin(point, directory); }),
      points.end());
  return points;
}

const MountEntry* MountTable::FindById(uint64_t id) const {
  for (const MountEntry& entry : entries_) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

const MountEntry* MountTable::FindByPath(absl::string_view path) const {
  const MountEntry* best = nullptr;
  for (const MountEntry& entry : entries_) {
    if (!PathIsWithin(path, entry.mount_point)) continue;
    if (best == nullptr || entry.mount_point.size() >= best->mount_point.size()) best = &entry;
  }
  return best;
}

std::string UnescapeMount(absl::string_view text) {
  if (text.find('\\') == absl::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  const auto octal = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

bool HasMountOption(absl::string_view options, absl::string_view name) {
  for (absl::string_view option : absl::StrSplit(options, ',')) {
    if (option == name) return true;
  }
  return false;
}

Fact FreshProcAllowed(const MountTable& mounts) {
  std::string reason = "no procfs is mounted";
  for (const MountEntry& proc : mounts.entries()) {
    if (proc.type != "proc" || proc.root != "/") continue;
    if (HasMountOption(proc.options, "ro") || absl::StrContains(proc.super_options, "subset=pid")) {
      reason = absl::StrCat(proc.mount_point, " is read-only or a part of procfs only");
      continue;
    }
    const auto covers = [&](const MountEntry& mount) {
      if (mount.parent != proc.id || !PathIsWithin(mount.mount_point, proc.mount_point)) return false;
      const absl::string_view below = PathBelow(mount.mount_point, proc.mount_point);
      return std::find(kEmptyInProc.begin(), kEmptyInProc.end(), below) == kEmptyInProc.end();
    };
    const auto cover = std::find_if(mounts.entries().begin(), mounts.entries().end(), covers);
    if (cover == mounts.entries().end()) return Yes("mountinfo: nothing covers " + proc.mount_point);
    reason = absl::StrCat(cover->mount_point, " is covered by a mount");
  }
  if (mounts.entries().empty()) return {Tri::kUnknown, "mountinfo cannot be read"};
  return No("mountinfo: " + reason);
}

}  // namespace paddock
