#include "core/lease/lease_absent.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/mapping.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_walk.h"

namespace paddock {
namespace {

// What a write-restricted token has checked against its restricting SIDs, for files.
const uint32_t kWrites = access::WriteMask(access::MappingOf(access::ObjectType::kFile)) & access::kFileAllAccess;

bool AnyHolds(const std::vector<LeaseRecord>& records, const FileKey& key) {
  return std::any_of(records.begin(), records.end(), [&](const LeaseRecord& record) {
    return std::any_of(record.placeholders.begin(), record.placeholders.end(),
                       [&](const LeasedDirectory& placeholder) { return placeholder.key == key; });
  });
}

// The capability may neither remove, rename nor fill the placeholder, whatever it inherits.
absl::Status DenyWrites(AclFile& file, const access::Sid& capability) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
  const access::Ace deny = access::DenyAce(capability, kWrites, access::kObjectInherit | access::kContainerInherit);
  if (descriptor.dacl_state != access::AclState::kPresent || Holds(descriptor.dacl, deny)) return absl::OkStatus();
  access::Acl ours;
  ours.aces = {deny};
  for (const access::Ace& ace : descriptor.dacl.aces) {
    if (access::HasSid(ace.type) && ace.sid == capability) ours.aces.push_back(ace);
  }
  return ReplaceDacl(file, descriptor, WithEntries(descriptor.dacl, capability, access::Canonical(ours))).status();
}

// OK if it is gone. `placeholder` of ours, by its key or by its temporary name.
absl::Status RemovePlaceholder(const LeaseHost& host, const LeasedDirectory& placeholder, LeaseReport* report) {
  const std::string path = JoinName(placeholder.parent.path, placeholder.name);
  absl::StatusOr<std::unique_ptr<AclFile>> file = absl::NotFoundError("");
  if (placeholder.key) {
    file = host.volumes.OpenByKey(*placeholder.key, path);
  } else {
    const absl::StatusOr<std::unique_ptr<AclFile>> parent =
        host.volumes.OpenByKey(placeholder.parent.key, placeholder.parent.path);
    file = parent.ok() ? (*parent)->OpenChild(placeholder.temporary) : parent.status();
  }
  if (absl::IsNotFound(file.status())) return absl::OkStatus();
  if (!file.ok()) return file.status();
  if (!(*file)->info().directory || (*file)->info().reparse_point) return absl::OkStatus();
  const absl::Status removed = (*file)->Remove();
  if (absl::IsFailedPrecondition(removed)) {
    AddNote("lease_placeholder_kept", path, "something was put into it", report);
    return absl::OkStatus();
  }
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

class AbsentPlacer {
 public:
  AbsentPlacer(const LeaseHost& host, absl::string_view name, const StampTask& task, LeaseRecord* record,
               LeaseReport* report)
      : host_(host), name_(name), task_(task), record_(*record), report_(report) {}

  absl::Status Place(const AbsentName& absent) {
    ASSIGN_OR_RETURN(std::vector<std::string> names, NamesBelow(record_.root.path, absent.path));
    if (names.empty()) return absl::InvalidArgumentError("the root itself is no absent name");
    std::shared_ptr<AclFile> parent = task_.root;
    std::string path = task_.path;
    while (names.size() > 1) {
      absl::StatusOr<std::unique_ptr<AclFile>> next = parent->OpenChild(names.front());
      if (absl::IsNotFound(next.status())) break;
      if (!next.ok()) return next.status();
      if ((*next)->info().reparse_point || !(*next)->info().directory) {
        AddNote("lease_name_unreached", absent.path, "it lies behind a link or a file", report_);
        return absl::OkStatus();
      }
      path = JoinName(path, names.front());
      names.erase(names.begin());
      parent = *std::move(next);
    }
    const FilePlace place = {parent->info().key, path};
    if (!absent.placeholder || names.size() > 1) return Watch(place, std::move(names), *parent, absent);
    return Stand(place, names.front(), *parent, absent);
  }

 private:
  absl::Status Appeared(const AbsentName& absent) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "lease_deny_failed",
                       absl::StrCat(absent.path, " appeared since the run was planned"));
  }

  absl::Status Watch(const FilePlace& place, std::vector<std::string> names, AclFile& parent,
                     const AbsentName& absent) {
    const auto known = std::find_if(record_.watched.begin(), record_.watched.end(), [&](const WatchedName& watched) {
      return watched.parent.key == place.key && watched.names == names;
    });
    if (known != record_.watched.end()) return absl::OkStatus();
    if (parent.OpenChild(names.front()).ok()) return Appeared(absent);
    record_.watched.push_back({place, std::move(names)});
    return WriteLeaseRecord(host_, name_, record_);
  }

  absl::Status Stand(const FilePlace& place, const std::string& leaf, AclFile& parent, const AbsentName& absent) {
    absl::StatusOr<std::unique_ptr<AclFile>> there = parent.OpenChild(leaf);
    if (!there.ok() && !absl::IsNotFound(there.status())) return there.status();
    const auto known =
        std::find_if(record_.placeholders.begin(), record_.placeholders.end(), [&](const LeasedDirectory& placeholder) {
          return placeholder.parent.key == place.key && placeholder.name == leaf;
        });
    const bool is_known = known != record_.placeholders.end();
    if (there.ok() && is_known && known->key == (*there)->info().key) return DenyWrites(**there, task_.capability);
    if (is_known) {  // a crash came between, or somebody moved it
      RETURN_IF_ERROR(RemovePlaceholder(host_, *known, report_));
      record_.placeholders.erase(known);
      RETURN_IF_ERROR(WriteLeaseRecord(host_, name_, record_));
    }
    if (!there.ok()) return Make(place, leaf, parent);
    ASSIGN_OR_RETURN(const std::vector<LeaseRecord> others, OtherRecords(host_, name_));
    if (!AnyHolds(others, (*there)->info().key)) return Appeared(absent);
    record_.placeholders.push_back({place, leaf, leaf, (*there)->info().key});
    RETURN_IF_ERROR(WriteLeaseRecord(host_, name_, record_));
    return DenyWrites(**there, task_.capability);
  }

  absl::Status Make(const FilePlace& place, const std::string& leaf, AclFile& parent) {
    const std::string temporary = absl::StrCat(".paddock-placeholder-", RandomName(host_));
    record_.placeholders.push_back({place, leaf, temporary, std::nullopt});
    RETURN_IF_ERROR(WriteLeaseRecord(host_, name_, record_));
    ASSIGN_OR_RETURN(const std::unique_ptr<AclFile> made, parent.MakeHiddenDirectory(temporary));
    record_.placeholders.back().key = made->info().key;
    RETURN_IF_ERROR(WriteLeaseRecord(host_, name_, record_));
    RETURN_IF_ERROR(DenyWrites(*made, task_.capability));
    return made->MoveTo(parent, leaf);
  }

  const LeaseHost& host_;
  const absl::string_view name_;
  const StampTask& task_;
  LeaseRecord& record_;
  LeaseReport* report_;
};

// The first of `names` that is no directory to go on from, or the last: what has to be moved.
absl::StatusOr<std::unique_ptr<AclFile>> FindAppeared(std::unique_ptr<AclFile> parent,
                                                      const std::vector<std::string>& names) {
  std::unique_ptr<AclFile> file = std::move(parent);
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(file, file->OpenChild(name));
    if (file->info().reparse_point) break;  // a link in the place of a directory: what it shows appears there too
  }
  return file;
}

absl::StatusOr<std::unique_ptr<AclFile>> MakeQuarantine(const LeaseHost& host, absl::string_view name,
                                                        LeaseRecord* record) {
  ASSIGN_OR_RETURN(const std::unique_ptr<AclFile> root, host.volumes.OpenByKey(record->root.key, record->root.path));
  record->quarantines.push_back(absl::StrCat(".paddock-quarantine-", RandomName(host)));
  RETURN_IF_ERROR(WriteLeaseRecord(host, name, *record));
  return root->MakeHiddenDirectory(record->quarantines.back());
}

absl::Status DropQuarantines(const LeaseHost& host, LeaseRecord* record, LeaseReport* report) {
  if (record->quarantines.empty()) return absl::OkStatus();
  const absl::StatusOr<std::unique_ptr<AclFile>> root = host.volumes.OpenByKey(record->root.key, record->root.path);
  if (!root.ok()) return absl::IsNotFound(root.status()) ? absl::OkStatus() : root.status();
  for (const std::string& name : record->quarantines) {
    const absl::StatusOr<std::unique_ptr<AclFile>> directory = (*root)->OpenChild(name);
    if (absl::IsNotFound(directory.status())) continue;
    if (!directory.ok()) return directory.status();
    absl::Status removed = (*directory)->Remove();
    if (absl::IsFailedPrecondition(removed)) {
      AddNote("lease_quarantine_kept", JoinName(record->root.path, name), "it is yours to look at and to delete",
              report);
    } else if (!removed.ok() && !absl::IsNotFound(removed)) {
      return removed;
    }
  }
  record->quarantines.clear();
  return absl::OkStatus();
}

}  // namespace

absl::Status PlaceAbsentNames(const LeaseHost& host, absl::string_view name, const StampTask& task,
                              const std::vector<AbsentName>& absent, LeaseRecord* record, LeaseReport* report) {
  AbsentPlacer placer(host, name, task, record, report);
  for (const AbsentName& item : absent) RETURN_IF_ERROR(placer.Place(item));
  return absl::OkStatus();
}

absl::Status QuarantineWatched(const LeaseHost& host, absl::string_view name, absl::string_view whose,
                               LeaseRecord* record, LeaseReport* report) {
  if (record->watched.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<LeaseRecord> others, OtherRecords(host, name));
  std::unique_ptr<AclFile> quarantine;
  const std::vector<WatchedName> all = record->watched;
  for (const WatchedName& watched : all) {
    absl::StatusOr<std::unique_ptr<AclFile>> parent = host.volumes.OpenByKey(watched.parent.key, watched.parent.path);
    absl::StatusOr<std::unique_ptr<AclFile>> file =
        parent.ok() ? FindAppeared(*std::move(parent), watched.names) : parent.status();
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) return file.status();
    if (AnyHolds(others, (*file)->info().key)) continue;
    if (quarantine == nullptr) {
      ASSIGN_OR_RETURN(quarantine, MakeQuarantine(host, name, record));
    }
    const std::string& leaf = watched.names.back();
    absl::Status moved = (*file)->MoveTo(*quarantine, leaf);
    if (absl::IsAlreadyExists(moved)) moved = (*file)->MoveTo(*quarantine, absl::StrCat(leaf, "-", RandomName(host)));
    if (absl::IsNotFound(moved)) continue;
    RETURN_IF_ERROR(moved);
    std::string path = watched.parent.path;
    for (const std::string& part : watched.names) path = JoinName(path, part);
    AddNote("lease_quarantined", path, absl::StrCat("moved to ", record->quarantines.back(), " in the root; ", whose),
            report);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DropAbsentNames(const LeaseHost& host, absl::string_view name, LeaseRecord* record,
                                     LeaseReport* report) {
  std::vector<LeasedDirectory> left;
  if (!record->placeholders.empty()) {
    ASSIGN_OR_RETURN(const std::vector<LeaseRecord> others, OtherRecords(host, name));
    for (const LeasedDirectory& placeholder : record->placeholders) {
      if (placeholder.key && AnyHolds(others, *placeholder.key)) continue;
      const absl::Status removed = RemovePlaceholder(host, placeholder, report);
      if (removed.ok()) continue;
      AddNote("lease_entry_skipped", JoinName(placeholder.parent.path, placeholder.name), removed.message(), report);
      left.push_back(placeholder);
    }
  }
  record->placeholders = std::move(left);
  record->watched.clear();
  RETURN_IF_ERROR(DropQuarantines(host, record, report));
  return record->placeholders.empty();
}

}  // namespace paddock
