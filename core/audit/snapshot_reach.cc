#include "core/audit/snapshot_reach.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/access/sddl.h"

namespace paddock::audit {
namespace {

using access::AclState;
using access::Decision;
using access::Pass;
using access::SecurityDescriptor;
using access::Sid;

struct WayRow {
  Ways way;
  uint32_t right;
  absl::string_view name;
};

// The same words for files and directories, so that a tree reads as one.
constexpr WayRow kWays[] = {
    {kWayPermissions, access::kWriteDac, "change permissions"},
    {kWayOwner, access::kWriteOwner, "take ownership"},
    {kWayWrite, access::kFileWriteData, "write"},
    {kWayAppend, access::kFileAppendData, "append"},
    {kWayDelete, access::kDelete, "delete"},
    {kWayDeleteChild, access::kFileDeleteChild, "delete what is in it"},
    {kWayAttributes, access::kFileWriteAttributes, "change attributes"},
    {kWayExtended, access::kFileWriteEa, "change extended attributes"},
};

Ways WaysOf(uint32_t mask) {
  Ways ways = 0;
  for (const WayRow& row : kWays) {
    if ((mask & row.right) != 0) ways = static_cast<Ways>(ways | row.way);
  }
  return ways;
}

// The right that is told about first.
uint32_t FirstRight(Ways ways) {
  for (const WayRow& row : kWays) {
    if ((ways & row.way) != 0) return row.right;
  }
  return 0;
}

std::string InWords(Ways ways) {
  std::vector<absl::string_view> words;
  for (const WayRow& row : kWays) {
    if ((ways & row.way) != 0) words.push_back(row.name);
  }
  return absl::StrJoin(words, ", ");
}

// Without flags, so that an entry and its inherited copies read alike.
std::string EntryText(access::Ace ace) {
  ace.flags = 0;
  return access::ToSddl(ace).value_or(absl::StrCat("an entry of the type ", static_cast<int>(ace.type)));
}

uint64_t Key(int32_t descriptor, Ways ways, unsigned what) {
  return static_cast<uint64_t>(static_cast<uint32_t>(descriptor)) << 16 | uint64_t{ways} << 8 | what;
}

Cause Because(std::string text) {
  Cause cause;
  cause.text = std::move(text);
  return cause;
}

const access::Ace* EntryOf(const SecurityDescriptor& descriptor, const access::Verdict& verdict) {
  const bool in_sacl = verdict.pass == Pass::kIntegrity || verdict.pass == Pass::kSacl;
  const std::vector<access::Ace>& aces = in_sacl ? descriptor.sacl.aces : descriptor.dacl.aces;
  return verdict.ace >= 0 && static_cast<size_t>(verdict.ace) < aces.size() ? &aces[static_cast<size_t>(verdict.ace)]
                                                                            : nullptr;
}

}  // namespace

Reach::Reach(const Snapshot& snapshot, const RunToken& run) : snapshot_(snapshot), run_(run) {
  const access::GenericMapping& mapping = access::MappingOf(access::ObjectType::kFile);
  ways_.reserve(snapshot.descriptors.size());
  for (const SecurityDescriptor& descriptor : snapshot.descriptors) {
    const access::Rights rights = access::MaximumAllowed(run.token, descriptor, mapping);
    ways_.push_back({WaysOf(rights.granted), WaysOf(rights.possible & ~rights.granted)});
  }
}

std::string Reach::Who(const Sid& sid) const {
  const struct {
    Sid sid;
    absl::string_view name;
  } kKnown[] = {
      {access::kEveryone, "Everyone"},
      {access::kUsers, "every user (BU)"},
      {access::kAuthenticatedUsers, "Authenticated Users"},
      {access::kInteractive, "INTERACTIVE"},
      {access::kOwnerRights, "OWNER RIGHTS"},
      {access::kAllApplicationPackages, "ALL APPLICATION PACKAGES"},
      {access::kAllRestrictedApplicationPackages, "ALL RESTRICTED APPLICATION PACKAGES"},
  };
  for (const auto& known : kKnown) {
    if (sid == known.sid) return std::string(known.name);
  }
  if (sid == run_.token.user) return "the user";
  if (std::find(run_.named.begin(), run_.named.end(), sid) != run_.named.end()) return "a capability of the run";
  const bool logon = std::any_of(run_.token.groups.begin(), run_.token.groups.end(),
                                 [&](const access::Group& group) { return group.logon && group.sid == sid; });
  return logon ? "the logon session" : sid.ToString();
}

Cause Reach::CauseOf(int32_t index, Ways ways) const {
  const SecurityDescriptor& descriptor = snapshot_.descriptors[static_cast<size_t>(index)];
  const access::Verdict verdict =
      access::Check(run_.token, descriptor, FirstRight(ways), access::MappingOf(access::ObjectType::kFile));
  Cause cause;
  if (verdict.pass == Pass::kOwner) {
    cause.owner = true;
    cause.text = absl::StrCat(descriptor.owner ? Who(*descriptor.owner) : "the token", " owns it");
  } else if (descriptor.dacl_state != AclState::kPresent) {
    cause.no_dacl = true;
    cause.text = "it has no DACL";
  } else if (const access::Ace* const ace = EntryOf(descriptor, verdict)) {
    cause.sid = ace->sid;
    cause.inherited = (ace->flags & access::kInherited) != 0;
    cause.text = absl::StrCat(Who(ace->sid), " has ", EntryText(*ace));
  } else {
    cause.text = access::Describe(verdict, descriptor);
  }
  return cause;
}

Cause Reach::DoubtAbout(int32_t index, Ways ways) const {
  const SecurityDescriptor& descriptor = snapshot_.descriptors[static_cast<size_t>(index)];
  const access::Verdict verdict =
      access::Check(run_.token, descriptor, FirstRight(ways), access::MappingOf(access::ObjectType::kFile));
  const access::Ace* const ace = EntryOf(descriptor, verdict);
  if (verdict.pass == Pass::kIntegrity && !descriptor.sacl_known) return Because("its mandatory label is not known");
  if (!descriptor.owner && (ace == nullptr || ace->sid == access::kOwnerRights)) {
    return Because("its owner is not known");
  }
  if (ace == nullptr) return Because(access::Describe(verdict, descriptor));
  return Because(absl::StrCat("it depends on ", EntryText(*ace), ", which is not modelled"));
}

int32_t Reach::Intern(Note note) {
  const auto [at, added] = by_text_.emplace(note.text, static_cast<int32_t>(notes_.size()));
  if (added) notes_.push_back(std::move(note));
  return at->second;
}

template <typename Make>
int32_t Reach::Cached(uint64_t key, Make make) {
  const auto found = cache_.find(key);
  if (found != cache_.end()) return found->second;
  const int32_t number = Intern(make());
  cache_.emplace(key, number);
  return number;
}

int32_t Reach::NoteOf(int32_t descriptor, Ways ways) {
  return Cached(Key(descriptor, ways, 0), [&] {
    Cause cause = CauseOf(descriptor, ways);
    std::string text = absl::StrCat(InWords(ways), ": ", cause.text);
    return Note{std::move(text), std::move(cause)};
  });
}

int32_t Reach::DoubtOf(int32_t descriptor, Ways ways) {
  return Cached(Key(descriptor, ways, 1), [&] {
    Cause cause = DoubtAbout(descriptor, ways);
    std::string text = absl::StrCat("perhaps ", InWords(ways), ": ", cause.text);
    return Note{std::move(text), std::move(cause)};
  });
}

int32_t Reach::ThroughParent(int32_t parent, bool certain) {
  return Cached(Key(parent, kWayDeleteChild, certain ? 2 : 3), [&] {
    Cause cause = certain ? CauseOf(parent, kWayDeleteChild) : DoubtAbout(parent, kWayDeleteChild);
    std::string text =
        absl::StrCat(certain ? "delete" : "perhaps delete", ", by FILE_DELETE_CHILD of its directory: ", cause.text);
    return Note{std::move(text), std::move(cause)};
  });
}

int32_t Reach::Plain(absl::string_view text) { return Intern({std::string(text), {}}); }

}  // namespace paddock::audit
