#include "core/audit/icacls_reader.h"

#include <string_view>
#include <unordered_set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"

namespace paddock::audit {
namespace {

constexpr char16_t kByteOrderMark = 0xFEFF;

// Entries that came down from above, or go further down: only a directory has the latter.
bool PassesOn(const access::SecurityDescriptor& descriptor) {
  for (const access::Ace& ace : descriptor.dacl.aces) {
    if ((ace.flags & (access::kObjectInherit | access::kContainerInherit)) != 0) return true;
  }
  return false;
}

// What icacls does not say, as far as the tree itself tells.
void FindDirectories(Snapshot* snapshot) {
  std::unordered_set<std::string_view> parents;
  for (const SnapshotEntry& entry : snapshot->entries) {
    const absl::string_view parent = SnapshotParent(entry.path);
    parents.emplace(parent.data(), parent.size());
  }
  for (SnapshotEntry& entry : snapshot->entries) {
    const bool passes_on =
        entry.descriptor >= 0 && PassesOn(snapshot->descriptors[static_cast<size_t>(entry.descriptor)]);
    if (passes_on || parents.contains(entry.path)) entry.kind = EntryKind::kDirectory;
  }
}

}  // namespace

IcaclsReader::IcaclsReader(std::string source, IcaclsContext context) : context_(std::move(context)) {
  snapshot_.source = std::move(source);
  snapshot_.account = context_.account;
  snapshot_.roots = {context_.root};
  if (!context_.owner) snapshot_.cannot_tell.emplace_back("owners are not in a file of icacls (--assume-owner SID)");
  if (!context_.no_labels) {
    snapshot_.cannot_tell.emplace_back(
        "mandatory labels are not in a file of icacls: what the DACL grants is unknown as long as one could forbid it "
        "(--assume-no-labels)");
  }
  snapshot_.cannot_tell.emplace_back(
      "what icacls could not read, whether the file was cut short, and what is read-only or a link is not in it");
}

absl::Status IcaclsReader::Error(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(snapshot_.source, ":", line_, ": ", what));
}

absl::Status IcaclsReader::Add(absl::string_view bytes) {
  for (const char byte : bytes) {
    if (!low_byte_) {
      low_byte_ = byte;
      continue;
    }
    const auto low = static_cast<unsigned char>(*low_byte_);
    low_byte_.reset();
    RETURN_IF_ERROR(Unit(static_cast<char16_t>(low | static_cast<unsigned char>(byte) << 8)));
  }
  return absl::OkStatus();
}

absl::Status IcaclsReader::Unit(char16_t unit) {
  if (!began_) {
    began_ = true;
    const absl::string_view problem = PathProblem(context_.root);
    if (!problem.empty()) return absl::InvalidArgumentError(absl::StrCat("the root \"", context_.root, "\" ", problem));
    if (unit == kByteOrderMark) return absl::OkStatus();
  }
  if (unit == u'\n') return Line();
  if (units_.size() >= kMaxSnapshotLine / 2) return Error("a line that no path and no descriptor needs");
  // Texts of other encodings show it here first: two letters of ASCII make one unit of another script.
  if (unit == 0) return Error("a NUL: this is no UTF-16LE, as `icacls /save` writes");
  units_.push_back(unit);
  return absl::OkStatus();
}

absl::Status IcaclsReader::Line() {
  if (!units_.empty() && units_.back() == u'\r') units_.pop_back();
  const std::string text = Utf16ToUtf8(units_);
  units_.clear();
  const bool blank = text.empty() && (path_.empty() || no_name_);
  if (blank) {
    no_name_ = true;
    path_ = context_.root;
  } else {
    RETURN_IF_ERROR(path_.empty() ? Path(text) : Dacl(text));
    no_name_ = false;
  }
  ++line_;
  return absl::OkStatus();
}

absl::Status IcaclsReader::Path(const std::string& text) {
  const absl::string_view separator = absl::EndsWith(context_.root, "\\") ? "" : "\\";
  std::string path = absl::StrCat(context_.root, separator, text);
  const absl::string_view problem = PathProblem(path);
  if (text.find(':') != std::string::npos || !problem.empty()) {
    return Error(absl::StrCat("\"", text, "\" is no path relative to the root",
                              problem.empty() ? "" : absl::StrCat(": ", problem),
                              "; lines are by turns a path and the SDDL of what lies there, in UTF-16LE"));
  }
  path_ = std::move(path);
  return absl::OkStatus();
}

absl::Status IcaclsReader::Dacl(const std::string& text) {
  if (!absl::StartsWith(text, "D:") && !absl::StartsWith(text, "O:") && !absl::StartsWith(text, "G:") &&
      !absl::StartsWith(text, "S:")) {
    return Error("no SDDL (\"D:...\"), which follows each path");
  }
  if (snapshot_.entries.size() >= kMaxSnapshotEntries) {
    return Error(absl::StrCat("more than ", kMaxSnapshotEntries, " entries; save parts of the tree"));
  }
  const access::Sid* const owner = context_.owner ? &*context_.owner : nullptr;
  const DescriptorTable::Place place = table_.Sddl(text, context_.account.domains, {context_.no_labels, owner});
  SnapshotEntry entry;
  entry.path = std::exchange(path_, {});
  entry.line = line_;
  entry.kind = EntryKind::kUnknown;
  entry.descriptor = place.descriptor;
  entry.problem = place.problem;
  snapshot_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> IcaclsReader::Finish() && {
  if (low_byte_) return Error("an odd number of bytes: this is no UTF-16LE, as `icacls /save` writes");
  if (!units_.empty()) RETURN_IF_ERROR(Line());
  if (!path_.empty() && !no_name_) return Error("the last path has no SDDL behind it: the file was cut short");
  if (snapshot_.entries.empty()) return Error("no entries; a file of `icacls /save` has two lines for each");
  FindDirectories(&snapshot_);
  return std::move(snapshot_);
}

}  // namespace paddock::audit
