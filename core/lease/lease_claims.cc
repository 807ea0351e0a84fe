#include "core/lease/lease_claims.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/inherit.h"
#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

bool Claims(const LeaseRecord& record, const FileKey& key, absl::string_view ace) {
  return std::any_of(record.user_denies.begin(), record.user_denies.end(),
                     [&](const UserDeny& deny) { return deny.place.key == key && deny.ace == ace; });
}

bool AnyClaims(const std::vector<LeaseRecord>& records, const FileKey& key, absl::string_view ace) {
  return std::any_of(records.begin(), records.end(),
                     [&](const LeaseRecord& record) { return Claims(record, key, ace); });
}

struct Target {
  const LeaseEntry* entry;
  std::string ace;
  std::shared_ptr<AclFile> file;
  access::SecurityDescriptor descriptor;
};

// Why the user could not delete some child of `directory` by DELETE on the child; empty: all can be, and what will be
// made there too.
absl::StatusOr<std::string> ChildWithoutDelete(AclFile& directory, const access::SecurityDescriptor& descriptor,
                                               const access::Token& user) {
  for (const bool container : {false, true}) {
    const auto child = access::NewChild(descriptor, user, container, access::MappingOf(access::ObjectType::kFile));
    if (!GrantsDelete(child, user)) return "what is made there does not grant the user DELETE";
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, directory.List());
  for (const std::string& name : names) {
    const absl::StatusOr<std::unique_ptr<AclFile>> child = directory.OpenChild(name);
    if (absl::IsNotFound(child.status())) continue;
    if (!child.ok()) return absl::StrCat(name, " cannot be opened");
    const absl::StatusOr<access::SecurityDescriptor> own = (*child)->Read();
    if (absl::IsNotFound(own.status())) continue;
    if (!own.ok() || !GrantsDelete(*own, user)) return absl::StrCat(name, " does not grant the user DELETE");
  }
  return "";
}

absl::StatusOr<std::vector<Target>> FindTargets(const StampTask& task, LeaseReport* report) {
  std::vector<Target> targets;
  for (const LeaseEntry& entry : task.entries) {
    if (!entry.users) continue;
    absl::StatusOr<std::shared_ptr<AclFile>> file = OpenNames(task.root, entry.names);
    if (!file.ok() || !(*file)->info().directory || (*file)->info().reparse_point) {
      AddNote("lease_name_unreached", entry.path, file.ok() ? "no directory" : file.status().message(), report);
      continue;
    }
    ASSIGN_OR_RETURN(std::string ace, access::ToSddl(entry.ace));
    ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor, (*file)->Read());
    targets.push_back({&entry, std::move(ace), *std::move(file), std::move(descriptor)});
  }
  return targets;
}

absl::Status AddDeny(AclFile& file, const access::Ace& ace) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
  if (Holds(descriptor.dacl, ace)) return absl::OkStatus();
  access::Acl one;
  one.aces = {ace};
  // No entry has this SID, so that nothing of the user's is taken for ours.
  const access::Sid nobody;
  return ReplaceDacl(file, descriptor, WithEntries(descriptor.dacl, nobody, one)).status();
}

absl::Status RemoveOne(AclFile& file, const access::Ace& ace) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
  access::Acl dacl = descriptor.dacl;
  const auto found = std::find(dacl.aces.begin(), dacl.aces.end(), ace);
  if (found != dacl.aces.end()) dacl.aces.erase(found);
  return ReplaceDacl(file, descriptor, dacl).status();
}

}  // namespace

absl::Status PlaceUserDenies(const LeaseHost& host, absl::string_view name, const StampTask& task,
                             const access::Token& user, LeaseRecord* record, LeaseReport* report) {
  ASSIGN_OR_RETURN(std::vector<Target> targets, FindTargets(task, report));
  const bool stand = std::all_of(targets.begin(), targets.end(), [&](const Target& target) {
    return Holds(target.descriptor.dacl, target.entry->ace) && Claims(*record, target.file->info().key, target.ace);
  });
  if (stand) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto lock, host.state.Acquire(kClaimsLock, LeaseState::LockKind::kExclusive));
  ASSIGN_OR_RETURN(const std::vector<LeaseRecord> others, OtherRecords(host, name));
  const LeaseRecord before = *record;
  std::vector<const Target*> missing;
  for (Target& target : targets) {
    const FileKey key = target.file->info().key;
    ASSIGN_OR_RETURN(target.descriptor, target.file->Read());
    const bool holds = Holds(target.descriptor.dacl, target.entry->ace);
    if (holds && !AnyClaims(others, key, target.ace)) continue;  // ours already, or the user's own
    if (!holds) {
      std::string why;
      if (target.descriptor.dacl_state != access::AclState::kPresent) why = "it has no list of entries";
      if (why.empty() && target.entry->if_children_grant_delete) {
        ASSIGN_OR_RETURN(why, ChildWithoutDelete(*target.file, target.descriptor, user));
      }
      if (!why.empty()) {
        AddNote("lease_deny_left_out", target.entry->path, why, report);
        continue;
      }
      missing.push_back(&target);
    }
    if (!Claims(*record, key, target.ace)) record->user_denies.push_back({{key, target.entry->path}, target.ace});
  }
  if (!(*record == before)) RETURN_IF_ERROR(WriteLeaseRecord(host, name, *record));
  for (const Target* target : missing) RETURN_IF_ERROR(AddDeny(*target->file, target->entry->ace));
  return absl::OkStatus();
}

absl::StatusOr<bool> DropUserDenies(const LeaseHost& host, absl::string_view name, LeaseRecord* record,
                                    LeaseReport* report) {
  if (record->user_denies.empty()) return true;
  ASSIGN_OR_RETURN(const std::vector<LeaseRecord> others, OtherRecords(host, name));
  std::vector<UserDeny> left;
  for (const UserDeny& deny : record->user_denies) {
    if (AnyClaims(others, deny.place.key, deny.ace)) continue;
    absl::StatusOr<std::unique_ptr<AclFile>> file = host.volumes.OpenByKey(deny.place.key, deny.place.path);
    absl::Status status = file.status();
    if (file.ok()) {
      ASSIGN_OR_RETURN(const access::SecurityDescriptor parsed, access::ParseSddl(absl::StrCat("D:", deny.ace)));
      status = RemoveOne(**file, parsed.dacl.aces.front());
    }
    if (status.ok() || absl::IsNotFound(status)) continue;
    AddNote("lease_entry_skipped", deny.place.path, absl::StrCat("removing ", deny.ace, ": ", status.message()),
            report);
    left.push_back(deny);
  }
  record->user_denies = std::move(left);
  return record->user_denies.empty();
}

}  // namespace paddock
