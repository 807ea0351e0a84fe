#include "core/platform/posix/home_layer_record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/remove_tree.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

constexpr char kRecord[] = "workspace";
constexpr char kNewRecord[] = "workspace.new";
constexpr char kHeader[] = "paddock-home 1 ";
constexpr size_t kMaxRecord = PATH_MAX + 64;

}  // namespace

std::optional<HomeLayerRecord> LookAtWorkspaceRoot(const std::string& workspace, absl::string_view key) {
  struct statx st = {};
  if (statx(AT_FDCWD, workspace.c_str(), 0, STATX_BASIC_STATS | STATX_BTIME, &st) != 0) return std::nullopt;
  if (LeaseKey(makedev(st.stx_dev_major, st.stx_dev_minor), st.stx_ino) != key) return std::nullopt;
  const bool born = (st.stx_mask & STATX_BTIME) != 0;
  return HomeLayerRecord{born ? absl::StrCat(st.stx_btime.tv_sec, ".", st.stx_btime.tv_nsec) : "-", workspace};
}

bool IsSameWorkspace(const HomeLayerRecord& record, const HomeLayerRecord& now) {
  return record.born == now.born && (now.born != "-" || record.workspace == now.workspace);
}

std::optional<HomeLayerRecord> ReadHomeLayerRecord(int layer) {
  const UniqueFd file(openat(layer, kRecord, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  char buffer[kMaxRecord];
  const ssize_t size = file.valid() ? read(file.get(), buffer, sizeof(buffer)) : 0;
  absl::string_view text(buffer, size > 0 ? static_cast<size_t>(size) : 0);
  const size_t line = text.find('\n');
  if (!absl::ConsumePrefix(&text, kHeader) || line == absl::string_view::npos) return std::nullopt;
  const size_t born = line - (sizeof(kHeader) - 1);
  HomeLayerRecord record = {std::string(text.substr(0, born)), std::string(text.substr(born + 1))};
  if (record.born.empty() || !absl::StartsWith(record.workspace, "/")) return std::nullopt;
  return record;
}

bool WriteHomeLayerRecord(int layer, const HomeLayerRecord& record) {
  const std::string text = absl::StrCat(kHeader, record.born, "\n", record.workspace);
  const UniqueFd file(openat(layer, kNewRecord, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return false;
  const ssize_t written = write(file.get(), text.data(), text.size());
  if (written < 0) return false;
  if (written != static_cast<ssize_t>(text.size())) {
    errno = ENOSPC;
    return false;
  }
  return renameat(layer, kNewRecord, layer, kRecord) == 0;
}

bool RemoveHomeLayer(int homes, const char* name) {
  const std::string aside = absl::StrCat(kRemovedLayer, name, "-", getpid());
  return renameat(homes, name, homes, aside.c_str()) == 0 && RemoveTree(homes, aside.c_str());
}

}  // namespace paddock
