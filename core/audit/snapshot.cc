#include "core/audit/snapshot.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/access/binary.h"

namespace paddock::audit {
namespace {

bool IsDriveRoot(absl::string_view path) {
  return path.size() >= 3 && absl::ascii_isalpha(static_cast<unsigned char>(path[0])) && path[1] == ':' &&
         path[2] == '\\';
}

}  // namespace

DescriptorTable::Place DescriptorTable::Keep(absl::string_view key,
                                             absl::StatusOr<access::SecurityDescriptor> descriptor) {
  Place place;
  if (descriptor.ok()) {
    place.descriptor = static_cast<int32_t>(snapshot_.descriptors.size());
    snapshot_.descriptors.push_back(*std::move(descriptor));
  } else {
    place.problem = Problem(descriptor.status().message());
  }
  known_.emplace(std::string(key), place);
  return place;
}

DescriptorTable::Place DescriptorTable::Sddl(absl::string_view text, const access::SddlDomains& domains,
                                             const Assumptions& assume) {
  const auto found = known_.find(std::string(text));
  if (found != known_.end()) return found->second;
  absl::StatusOr<access::SecurityDescriptor> descriptor = access::ParseSddl(text, domains);
  if (descriptor.ok()) {
    descriptor->sacl_known = assume.has_labels;
    if (!descriptor->owner && assume.owner != nullptr) descriptor->owner = *assume.owner;
  }
  return Keep(text, std::move(descriptor));
}

DescriptorTable::Place DescriptorTable::Binary(absl::string_view bytes) {
  const auto found = known_.find(std::string(bytes));
  if (found != known_.end()) return found->second;
  return Keep(bytes, access::ParseBinary(bytes));
}

int32_t DescriptorTable::Problem(absl::string_view text) {
  const auto [at, added] = problems_.emplace(std::string(text), static_cast<int32_t>(snapshot_.problems.size()));
  if (added) snapshot_.problems.emplace_back(text);
  return at->second;
}

absl::string_view SnapshotParent(absl::string_view path) {
  const size_t split = path.rfind('\\');
  if (split == absl::string_view::npos) return {};
  if (IsDriveRoot(path)) {
    if (path.size() == 3) return {};
    return path.substr(0, split == 2 ? 3 : split);
  }
  // "\\server\share" is a top.
  const size_t share = path.find('\\', 2);
  if (share == absl::string_view::npos || split <= share) return {};
  return path.substr(0, split);
}

absl::string_view PathProblem(absl::string_view path) {
  const bool drive = IsDriveRoot(path);
  if (!drive && !absl::StartsWith(path, "\\\\")) return R"(is not absolute: C:\a or \\server\share\a)";
  absl::string_view rest = path.substr(drive ? 3 : 2);
  if (drive && rest.empty()) return "";
  size_t names = 0;
  for (const absl::string_view name : absl::StrSplit(rest, '\\')) {
    if (name.empty()) return R"(holds an empty name: '\' stands once between names, and not at the end)";
    if (name == "." || name == "..") return "holds . or .. instead of what they lead to";
    if (names == 0 && !drive && (name == "?" || name == ".")) return R"(begins with \\?\ or \\.\: leave it out)";
    if (name.find('/') != absl::string_view::npos) return R"(holds a slash: '\' stands between names)";
    if (name.find('\0') != absl::string_view::npos) return "holds a NUL";
    ++names;
  }
  return drive || names >= 2 ? "" : R"(names a server without a share: \\server\share\a)";
}

bool IsBelowRoot(absl::string_view path, absl::string_view root) {
  while (!root.empty() && root.back() == '\\') root.remove_suffix(1);
  if (!absl::StartsWithIgnoreCase(path, root)) return false;
  return path.size() == root.size() || path[root.size()] == '\\';
}

}  // namespace paddock::audit
