#include "core/platform/windows/descriptor_walk.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

using audit::EntryKind;
using audit::Snapshot;
using audit::SnapshotEntry;

constexpr SECURITY_INFORMATION kParts =
    OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION;

// Names as they are, half surrogate pairs included, so that each is found again.
std::string NameOf(const wchar_t* text) {
  std::u16string units;
  for (; *text != L'\0'; ++text) units.push_back(static_cast<char16_t>(*text));
  return Utf16ToUtf8(units);
}

// Without the limit of MAX_PATH, and with names taken as they stand.
absl::StatusOr<std::wstring> Verbatim(absl::string_view path) {
  const bool share = absl::StartsWith(path, "\\\\");
  ASSIGN_OR_RETURN(const std::u16string units,
                   Utf8ToUtf16(share ? absl::StrCat("\\\\?\\UNC", path.substr(1)) : absl::StrCat("\\\\?\\", path)));
  std::wstring wide;
  for (const char16_t unit : units) wide.push_back(static_cast<wchar_t>(unit));
  return wide;
}

std::string Below(absl::string_view directory, absl::string_view name) {
  return absl::StrCat(directory, absl::EndsWith(directory, "\\") ? "" : "\\", name);
}

absl::StatusOr<audit::SnapshotAccount> OwnAccount() {
  HANDLE opened = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &opened)) {
    return Win32Status(GetLastError(), "opening this process's token");
  }
  const UniqueHandle token(opened);
  audit::SnapshotAccount account;
  ASSIGN_OR_RETURN(account.user, UserOf(token.get()));
  ASSIGN_OR_RETURN(account.integrity, IntegrityOf(token.get()));
  ASSIGN_OR_RETURN(account.groups, GroupsOf(token.get()));
  return account;
}

class Walker {
 public:
  explicit Walker(Snapshot* snapshot) : snapshot_(*snapshot), table_(snapshot) {}

  absl::Status Walk(const std::string& root);

 private:
  bool Full() const { return snapshot_.entries.size() >= audit::kMaxSnapshotEntries; }
  void Entry(std::string path, const std::wstring& verbatim, DWORD attributes);
  audit::DescriptorTable::Place Read(const std::wstring& verbatim);
  void List(const std::string& directory);

  Snapshot& snapshot_;
  audit::DescriptorTable table_;
  std::vector<std::string> directories_;  // to be listed
  std::string buffer_ = std::string(4096, '\0');
};

audit::DescriptorTable::Place Walker::Read(const std::wstring& verbatim) {
  DWORD needed = 0;
  const auto size = [&] { return static_cast<DWORD>(buffer_.size()); };
  while (!GetFileSecurityW(verbatim.c_str(), kParts, buffer_.data(), size(), &needed)) {
    const DWORD error = GetLastError();
    if (error != ERROR_INSUFFICIENT_BUFFER || needed <= size()) return {-1, table_.Problem(Win32Message(error))};
    buffer_.resize(needed);
  }
  const DWORD length = GetSecurityDescriptorLength(buffer_.data());
  return table_.Binary(absl::string_view(buffer_).substr(0, length));
}

void Walker::Entry(std::string path, const std::wstring& verbatim, DWORD attributes) {
  SnapshotEntry entry;
  entry.path = std::move(path);
  const auto has = [&](DWORD attribute) { return (attributes & attribute) != 0; };
  entry.kind = has(FILE_ATTRIBUTE_DIRECTORY) ? EntryKind::kDirectory : EntryKind::kFile;
  entry.reparse = has(FILE_ATTRIBUTE_REPARSE_POINT);
  entry.read_only = has(FILE_ATTRIBUTE_READONLY);
  const audit::DescriptorTable::Place place = Read(verbatim);
  entry.descriptor = place.descriptor;
  entry.problem = place.problem;
  snapshot_.entries.push_back(std::move(entry));
}

void Walker::List(const std::string& directory) {
  const absl::StatusOr<std::wstring> pattern = Verbatim(Below(directory, "*"));
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(pattern.ok() ? FindFirstFileExW(pattern->c_str(), FindExInfoBasic, &data,
                                                              FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH)
                                           : INVALID_HANDLE_VALUE);
  // An empty top directory has not even "." in it.
  if (!find.valid()) {
    if (!pattern.ok() || GetLastError() != ERROR_FILE_NOT_FOUND) ++snapshot_.skipped;
    return;
  }
  do {
    const std::string name = NameOf(data.cFileName);
    if (name == "." || name == "..") continue;
    if (Full()) {
      snapshot_.complete = false;
      return;
    }
    std::string path = Below(directory, name);
    const absl::StatusOr<std::wstring> verbatim = Verbatim(path);
    if (!verbatim.ok() || !audit::PathProblem(path).empty()) {
      ++snapshot_.skipped;
      continue;
    }
    const bool deeper = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 &&
                        (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0;
    if (deeper) directories_.push_back(path);
    Entry(std::move(path), *verbatim, data.dwFileAttributes);
  } while (FindNextFileW(find.get(), &data));
  if (GetLastError() != ERROR_NO_MORE_FILES) ++snapshot_.skipped;
}

absl::Status Walker::Walk(const std::string& root) {
  ASSIGN_OR_RETURN(const std::wstring verbatim, Verbatim(root));
  const DWORD attributes = GetFileAttributesW(verbatim.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return Win32Status(GetLastError(), absl::StrCat("looking up ", root));
  Entry(root, verbatim, attributes);
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) directories_.push_back(root);
  while (!directories_.empty()) {
    const std::string directory = std::move(directories_.back());
    directories_.pop_back();
    List(directory);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Snapshot> WalkDescriptors(const std::vector<std::string>& roots) {
  Snapshot snapshot;
  ASSIGN_OR_RETURN(snapshot.account, OwnAccount());
  Walker walker(&snapshot);
  for (size_t i = 0; i < roots.size(); ++i) {
    bool within = false;
    for (size_t j = 0; j < roots.size(); ++j) {
      const bool same = audit::IsBelowRoot(roots[j], roots[i]);
      within = within || (i != j && audit::IsBelowRoot(roots[i], roots[j]) && (!same || j < i));
    }
    if (within) continue;
    snapshot.roots.push_back(roots[i]);
    RETURN_IF_ERROR(walker.Walk(roots[i]));
  }
  return snapshot;
}

}  // namespace paddock
