#include "core/lease/lease_stamp.h"

#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_group.h"
#include "core/lease/lease_walk.h"

namespace paddock {
namespace {

absl::Status RootUnusable(const std::string& path, absl::string_view what) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "lease_root_unusable", absl::StrCat(path, " ", what));
}

absl::Status DenyFailed(const std::string& path, const absl::Status& status) {
  return ReasonError(absl::StatusCode::kPermissionDenied, "lease_deny_failed",
                     absl::StrCat("the entry that protects ", path, " could not be written: ", status.message()));
}

access::Acl Without(const access::Acl& dacl, const access::Sid& capability, bool group) {
  return group ? WithoutGroupEntries(dacl, capability) : WithoutSid(dacl, capability);
}

using EntriesByKey = std::map<FileKey, std::vector<access::Ace>>;

// Makes the list of one file what it has to be.
class Stamper {
 public:
  Stamper(const StampTask& task, WalkLog* log) : task_(task), log_(log) {}

  // Entries are found by the key of their file, so that a walk knows it by whatever name it comes.
  absl::Status FindNames() {
    for (const LeaseEntry& entry : task_.entries) {
      if (entry.users) continue;
      absl::StatusOr<std::shared_ptr<AclFile>> file = OpenNames(task_.root, entry.names);
      if (!file.ok()) continue;
      own_[(*file)->info().key].push_back(entry.ace);
      if (entry.cut_off) cut_off_.insert((*file)->info().key);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<access::Acl> Visit(AclFile& file, const std::string& path, const access::Acl& from_above) {
    if (task_.cancelled && task_.cancelled()) return absl::CancelledError("interrupted while files were stamped");
    log_->Count(&LeaseCounts::entries);
    const auto own = own_.find(file.info().key);
    const bool named = own != own_.end();
    const access::Acl inherited = cut_off_.contains(file.info().key) ? access::Acl() : from_above;
    const access::Acl fallback =
        EntriesOf(inherited, named ? own->second : std::vector<access::Ace>(), file.info().directory, false);
    absl::StatusOr<access::Acl> entries =
        Stamp(file, path, inherited, named ? own->second : std::vector<access::Ace>());
    if (entries.ok()) return entries;
    if (named && !absl::IsNotFound(entries.status())) return DenyFailed(path, entries.status());
    if (log_->Failed(path, entries.status())) complete_ = false;
    return fallback;
  }

  void Failed(const std::string& path, const absl::Status& status) {
    if (log_->Failed(path, status)) complete_ = false;
  }

  bool complete() const { return complete_; }
  const EntriesByKey& own() const { return own_; }

 private:
  absl::StatusOr<access::Acl> Stamp(AclFile& file, const std::string& path, const access::Acl& inherited,
                                    const std::vector<access::Ace>& own) {
    const FileInfo& info = file.info();
    ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
    access::Acl entries = EntriesOf(inherited, own, info.directory, (descriptor.control & access::kDaclProtected) != 0);
    if (info.reparse_point) {
      log_->Count(&LeaseCounts::reparse_points);
      entries.aces.clear();
    } else if (!info.directory && info.links > 1) {
      // Its other name may lie outside the root, where the grant would go with it. What is denied stays denied.
      log_->Count(&LeaseCounts::links);
      std::erase_if(entries.aces, [](const access::Ace& ace) { return ace.type == access::AceType::kAllow; });
    }
    if (descriptor.dacl_state != access::AclState::kPresent) {
      if (file.info().key == task_.root->info().key) return RootUnusable(path, "has no list of entries");
      log_->Count(&LeaseCounts::without_list);
      log_->Note("lease_entry_skipped", path, "it has no list of entries: everybody may write it");
      return entries;
    }
    ASSIGN_OR_RETURN(
        const bool written,
        ReplaceDacl(file, descriptor, MergeEntries(Without(descriptor.dacl, task_.capability, task_.group), entries)));
    if (written) log_->Count(&LeaseCounts::written);
    return entries;
  }

  const StampTask& task_;
  WalkLog* log_;
  EntriesByKey own_;
  std::set<FileKey> cut_off_;
  std::atomic<bool> complete_ = true;
};

WalkVisitor VisitorOf(Stamper* stamper) {
  return {[stamper](AclFile& file, const std::string& path, const access::Acl& inherited) {
            return stamper->Visit(file, path, inherited);
          },
          [stamper](const std::string& path, const absl::Status& status) { stamper->Failed(path, status); }};
}

// Whether `entry` stands on the file that `names` lead to now.
absl::StatusOr<bool> StandsThere(AclFile& file, const LeaseEntry& entry) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
  return descriptor.dacl_state != access::AclState::kPresent || Holds(descriptor.dacl, entry.ace);
}

// Stamps what `names` lead to: the lists on the way say what comes down to it.
absl::Status StampBelow(const StampTask& task, Stamper* stamper, const LeaseEntry& entry) {
  access::Acl passed;
  std::shared_ptr<AclFile> file = task.root;
  std::string path = task.path;
  ASSIGN_OR_RETURN(passed, stamper->Visit(*file, path, passed));
  for (size_t i = 0; i < entry.names.size(); ++i) {
    path = JoinName(path, entry.names[i]);
    ASSIGN_OR_RETURN(file, file->OpenChild(entry.names[i]));
    ASSIGN_OR_RETURN(passed, stamper->Visit(*file, path, passed));
  }
  if (!file->info().directory || file->info().reparse_point) return absl::OkStatus();
  // The walk begins with what is passed down to `file`, which it visits again: with its own entries in the list that it
  // gets, it comes to the same.
  const WalkVisitor all = VisitorOf(stamper);
  const FileKey top = file->info().key;
  const WalkVisitor below = {[&all, &passed, &top](AclFile& visited, const std::string& at,
                                                   const access::Acl& inherited) -> absl::StatusOr<access::Acl> {
                               if (visited.info().key == top) return passed;
                               return all.visit(visited, at, inherited);
                             },
                             all.failed};
  return WalkTree(file, path, task.threads, below);
}

}  // namespace

absl::StatusOr<bool> StampTree(const StampTask& task, WalkLog* log) {
  Stamper stamper(task, log);
  RETURN_IF_ERROR(stamper.FindNames());
  RETURN_IF_ERROR(WalkTree(task.root, task.path, task.threads, VisitorOf(&stamper)));
  return stamper.complete();
}

absl::StatusOr<bool> RootHoldsEntries(const StampTask& task) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, task.root->Read());
  if (descriptor.dacl_state != access::AclState::kPresent) return RootUnusable(task.path, "has no list of entries");
  for (const LeaseEntry& entry : task.entries) {
    if (!entry.users && entry.names.empty() && !Holds(descriptor.dacl, entry.ace)) return false;
  }
  return true;
}

absl::Status StampNames(const StampTask& task, WalkLog* log, std::vector<const LeaseEntry*>* absent) {
  Stamper stamper(task, log);
  RETURN_IF_ERROR(stamper.FindNames());
  for (const LeaseEntry& entry : task.entries) {
    if (entry.users || entry.names.empty()) continue;
    const absl::StatusOr<std::shared_ptr<AclFile>> file = OpenNames(task.root, entry.names);
    if (absl::IsNotFound(file.status())) {
      absent->push_back(&entry);
      continue;
    }
    if (absl::IsFailedPrecondition(file.status()) || (file.ok() && (*file)->info().reparse_point)) {
      log->Note("lease_name_unreached", entry.path, "it is, or lies behind, a link that no lease follows");
      continue;
    }
    if (!file.ok()) return DenyFailed(entry.path, file.status());
    const absl::StatusOr<bool> stands = StandsThere(**file, entry);
    if (!stands.ok()) return DenyFailed(entry.path, stands.status());
    if (*stands) continue;
    absl::Status stamped = StampBelow(task, &stamper, entry);
    if (absl::IsCancelled(stamped)) return stamped;
    if (!stamped.ok()) return DenyFailed(entry.path, stamped);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> UnstampTree(std::shared_ptr<AclFile> root, const std::string& path, const access::Sid& capability,
                                 bool group, int threads, WalkLog* log) {
  std::atomic<bool> complete = true;
  const auto failed = [&](const std::string& at, const absl::Status& status) {
    if (log->Failed(at, status)) complete = false;
  };
  const auto remove = [&](AclFile& file) -> absl::Status {
    ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
    if (descriptor.dacl_state != access::AclState::kPresent) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool written, ReplaceDacl(file, descriptor, Without(descriptor.dacl, capability, group)));
    if (written) log->Count(&LeaseCounts::written);
    return absl::OkStatus();
  };
  const WalkVisitor visitor = {[&](AclFile& file, const std::string& at, const access::Acl&) {
                                 log->Count(&LeaseCounts::entries);
                                 if (const absl::Status status = remove(file); !status.ok()) failed(at, status);
                                 return absl::StatusOr<access::Acl>(access::Acl());
                               },
                               failed};
  RETURN_IF_ERROR(WalkTree(std::move(root), path, threads, visitor));
  return complete.load();
}

absl::StatusOr<std::shared_ptr<AclFile>> OpenNames(std::shared_ptr<AclFile> root,
                                                   const std::vector<std::string>& names) {
  std::shared_ptr<AclFile> file = std::move(root);
  for (const std::string& name : names) {
    if (file->info().reparse_point) return absl::FailedPreconditionError("a reparse point on the way");
    ASSIGN_OR_RETURN(file, file->OpenChild(name));
  }
  return file;
}

absl::StatusOr<bool> ReplaceDacl(AclFile& file, const access::SecurityDescriptor& descriptor, const access::Acl& dacl) {
  if (dacl.aces == descriptor.dacl.aces) return false;
  RETURN_IF_ERROR(file.WriteDacl(dacl, descriptor.control));
  return true;
}

}  // namespace paddock
