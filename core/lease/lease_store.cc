#include "core/lease/lease_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr size_t kMaxNotes = 100;

}  // namespace

std::string LiveLockName(absl::string_view record) { return absl::StrCat(record, ".live.lock"); }
std::string StampLockName(absl::string_view record) { return absl::StrCat(record, ".stamp.lock"); }

absl::StatusOr<std::optional<LeaseRecord>> ReadLeaseRecord(const LeaseHost& host, absl::string_view name,
                                                           LeaseReport* report) {
  const absl::StatusOr<std::string> text = host.state.Read(name);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  absl::StatusOr<LeaseRecord> record = ParseLeaseRecord(*text);
  if (record.ok() && LeaseRecordName(record->root.key, record->changes) != name) {
    record = absl::InvalidArgumentError("it is of another lease than its name says");
  }
  if (record.ok()) return std::optional<LeaseRecord>(*std::move(record));
  if (report == nullptr) return std::nullopt;
  const std::string broken = absl::StrCat("broken-", RandomName(host), "-", name);
  RETURN_IF_ERROR(host.state.Rename(name, broken));
  AddNote("lease_record_broken", broken, record.status().message(), report);
  return std::nullopt;
}

absl::Status WriteLeaseRecord(const LeaseHost& host, absl::string_view name, const LeaseRecord& record) {
  const std::string text = FormatLeaseRecord(record);
  if (text.size() > kMaxRecordBytes) return absl::ResourceExhaustedError("the record of the lease grew too large");
  return host.state.Replace(name, text);
}

absl::StatusOr<std::vector<LeaseRecord>> OtherRecords(const LeaseHost& host, absl::string_view name) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, host.state.List());
  std::vector<LeaseRecord> records;
  for (const std::string& other : names) {
    if (!IsLeaseRecordName(other) || other == name) continue;
    const absl::StatusOr<std::string> text = host.state.Read(other);
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return text.status();
    absl::StatusOr<LeaseRecord> record = ParseLeaseRecord(*text);
    if (record.ok()) records.push_back(*std::move(record));
  }
  return records;
}

std::string RandomName(const LeaseHost& host) {
  std::string name;
  for (const uint32_t word : host.random()) absl::StrAppend(&name, absl::Hex(word, absl::kZeroPad8));
  return name;
}

void AddNote(absl::string_view code, absl::string_view path, absl::string_view detail, LeaseReport* report) {
  if (report->notes.size() >= kMaxNotes) {
    ++report->more_notes;
    return;
  }
  report->notes.push_back({std::string(code), std::string(path), std::string(detail)});
}

void WalkLog::Count(uint64_t LeaseCounts::*counter) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const uint64_t value = ++(report_->counts.*counter);
  if (counter == &LeaseCounts::entries && progress_ != nullptr) progress_(value);
}

bool WalkLog::Failed(const std::string& path, const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    Count(&LeaseCounts::vanished);
    return false;
  }
  const bool refused = absl::IsPermissionDenied(status);
  Count(refused ? &LeaseCounts::unreadable : &LeaseCounts::failed);
  Note("lease_entry_skipped", path, status.message());
  return !refused;
}

void WalkLog::Note(absl::string_view code, absl::string_view path, absl::string_view detail) {
  const std::lock_guard<std::mutex> lock(mutex_);
  AddNote(code, path, detail, report_);
}

std::vector<std::string> NoteLines(const LeaseReport& report) {
  std::vector<std::string> lines;
  for (const LeaseNote& note : report.notes) {
    lines.push_back(absl::StrCat(note.path, ": ", note.detail, " (", note.code, ")"));
  }
  if (report.more_notes > 0) lines.push_back(absl::StrCat("and ", report.more_notes, " more of this kind"));
  return lines;
}

}  // namespace paddock
