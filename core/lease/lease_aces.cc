#include "core/lease/lease_aces.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/access/check.h"
#include "core/access/inherit.h"
#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr uint8_t kTreeFlags = access::kObjectInherit | access::kContainerInherit;

absl::Status BadChange(const AceChange& change, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the change ", change.ace, " of ", change.path, " ", what));
}

absl::string_view NameOf(AceScope scope) {
  return scope == AceScope::kTree ? "|tree" : scope == AceScope::kBelow ? "|below" : "|object";
}

absl::StatusOr<access::Ace> ParseAce(const AceChange& change, absl::string_view text) {
  const auto parsed = access::ParseSddl(absl::StrCat("D:", text));
  if (!parsed.ok()) return BadChange(change, parsed.status().message());
  if (parsed->dacl.aces.size() != 1 || parsed->control != 0) return BadChange(change, "is not one entry");
  return parsed->dacl.aces.front();
}

uint8_t FlagsOf(const AceChange& change) {
  if (change.scope == AceScope::kObject || !change.directory) return 0;
  return change.scope == AceScope::kTree ? kTreeFlags : kTreeFlags | access::kInheritOnly;
}

absl::Status CheckEntry(const AceChange& change, const LeaseEntry& entry, const access::Sid& capability) {
  const access::Ace& ace = entry.ace;
  if (ace.type != access::AceType::kAllow && ace.type != access::AceType::kDeny) return BadChange(change, "is special");
  if (entry.users) {
    // Nothing but the journal tells such an entry from the user's own, so it is one of a single kind.
    if (ace != access::DenyAce(ace.sid, access::kFileDeleteChild)) {
      return BadChange(change, "is of the user's SID and does not deny the deletion of children alone");
    }
    return absl::OkStatus();
  }
  if (ace.sid != capability) return BadChange(change, "is neither of the capability nor of the user");
  if (ace.flags != FlagsOf(change)) return BadChange(change, "has flags that do not go with its scope");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> NamesBelow(absl::string_view root, absl::string_view path) {
  while (!root.empty() && root.back() == '\\') root.remove_suffix(1);
  const absl::string_view rest = path.size() >= root.size() ? path.substr(root.size()) : absl::string_view();
  if (!absl::StartsWithIgnoreCase(path, root) || (!rest.empty() && rest.front() != '\\')) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not below ", root));
  }
  std::vector<std::string> names = absl::StrSplit(rest, '\\', absl::SkipEmpty());
  for (const std::string& name : names) {
    if (name == "." || name == ".." || absl::StrContains(name, '/')) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is not in canonical form"));
    }
  }
  return names;
}

absl::StatusOr<std::vector<LeaseEntry>> ResolveChanges(const WritableRoot& root, const access::Sid& capability,
                                                       const access::Sid& user) {
  std::vector<LeaseEntry> entries;
  for (const AceChange& change : root.changes) {
    LeaseEntry entry;
    entry.path = change.path;
    entry.directory = change.directory;
    entry.if_children_grant_delete = change.if_children_grant_delete;
    entry.cut_off = change.cut_off;
    ASSIGN_OR_RETURN(entry.names, NamesBelow(root.path, change.path));
    const std::string text =
        absl::StrReplaceAll(change.ace, {{root.capability, capability.ToString()}, {"{user}", user.ToString()}});
    ASSIGN_OR_RETURN(entry.ace, ParseAce(change, text));
    entry.users = entry.ace.sid == user;
    RETURN_IF_ERROR(CheckEntry(change, entry, capability));
    entries.push_back(std::move(entry));
  }
  const bool has_root = std::any_of(entries.begin(), entries.end(),
                                    [](const LeaseEntry& entry) { return entry.names.empty() && !entry.users; });
  if (!has_root) return absl::InvalidArgumentError(absl::StrCat("no change grants anything on ", root.path, " itself"));
  return entries;
}

absl::StatusOr<std::string> ChangesText(const WritableRoot& root) {
  std::vector<std::string> lines;
  for (const AceChange& change : root.changes) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesBelow(root.path, change.path));
    std::string line = absl::StrReplaceAll(change.ace, {{root.capability, "{capability}"}});
    for (const std::string& name : names) absl::StrAppend(&line, "\\", name);
    absl::StrAppend(&line, NameOf(change.scope), change.directory ? "|d" : "|f",
                    change.if_children_grant_delete ? "|if" : "", change.cut_off ? "|cut" : "", "\n");
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line);
  return text;
}

access::Acl EntriesOf(const access::Acl& parents, const std::vector<access::Ace>& own, bool directory,
                      bool is_protected) {
  access::SecurityDescriptor parent;
  parent.set_dacl(parents);
  access::Acl inherited =
      access::NewChild(parent, access::Token(), directory, access::MappingOf(access::ObjectType::kFile)).dacl;
  access::Acl entries;
  entries.aces = own;
  for (access::Ace& ace : inherited.aces) {
    if (is_protected) ace.flags = static_cast<uint8_t>(ace.flags & ~access::kInherited);
    if (std::find(entries.aces.begin(), entries.aces.end(), ace) == entries.aces.end()) {
      entries.aces.push_back(std::move(ace));
    }
  }
  return access::Canonical(entries);
}

access::Acl WithEntries(const access::Acl& dacl, const access::Sid& sid, const access::Acl& entries) {
  return MergeEntries(WithoutSid(dacl, sid), entries);
}

access::Acl MergeEntries(access::Acl merged, const access::Acl& entries) {
  merged.revision = std::max(merged.revision, entries.revision);
  const auto inherited = [](const access::Ace& ace) { return (ace.flags & access::kInherited) != 0; };
  // Behind the list's leading denials; before its first inherited entry. Both as counted without ours.
  size_t denials = 0;
  while (denials < merged.aces.size() && merged.aces[denials].type == access::AceType::kDeny &&
         !inherited(merged.aces[denials])) {
    ++denials;
  }
  size_t first_inherited =
      static_cast<size_t>(std::find_if(merged.aces.begin(), merged.aces.end(), inherited) - merged.aces.begin());
  for (const access::Ace& ace : entries.aces) {
    const bool deny = ace.type == access::AceType::kDeny && !inherited(ace);
    size_t& place = deny ? denials : first_inherited;
    merged.aces.insert(merged.aces.begin() + static_cast<std::ptrdiff_t>(place), ace);
    ++place;
    if (deny) ++first_inherited;
  }
  return merged;
}

access::Acl WithoutSid(const access::Acl& dacl, const access::Sid& sid) {
  access::Acl left;
  left.revision = dacl.revision;
  std::copy_if(dacl.aces.begin(), dacl.aces.end(), std::back_inserter(left.aces),
               [&](const access::Ace& ace) { return !access::HasSid(ace.type) || ace.sid != sid; });
  return left;
}

bool Holds(const access::Acl& dacl, const access::Ace& ace) {
  return std::find(dacl.aces.begin(), dacl.aces.end(), ace) != dacl.aces.end();
}

bool GrantsDelete(const access::SecurityDescriptor& descriptor, const access::Token& user) {
  return access::Check(user, descriptor, access::kDelete, access::MappingOf(access::ObjectType::kFile)).decision ==
         access::Decision::kGranted;
}

}  // namespace paddock
