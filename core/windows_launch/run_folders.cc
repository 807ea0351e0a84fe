#include "core/windows_launch/run_folders.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/sddl.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/ntfs_volume.h"

namespace paddock {
namespace {

constexpr absl::string_view kLockSuffix = ".lock";

std::string RunsIn(const std::string& state_dir) { return absl::StrCat(state_dir, "\\runs"); }

absl::Status Unusable(const absl::Status& status) {
  return ReasonError(absl::StatusCode::kUnavailable, "state_dir_unusable", status.message());
}

// A directory whose content is being removed.
struct Level {
  std::unique_ptr<AclFile> directory;
  std::vector<std::string> names;  // still to be removed
};

// Goes down by handles: a link that takes a directory's place meanwhile is removed itself.
absl::Status RemoveBelow(std::unique_ptr<AclFile> top) {
  std::vector<Level> levels;
  ASSIGN_OR_RETURN(std::vector<std::string> names, top->List());
  levels.push_back({std::move(top), std::move(names)});
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.names.empty()) {
      RETURN_IF_ERROR(level.directory->Remove());
      levels.pop_back();
      continue;
    }
    ASSIGN_OR_RETURN(std::unique_ptr<AclFile> child, level.directory->OpenChild(level.names.back()));
    level.names.pop_back();
    if (child->info().directory && !child->info().reparse_point) {
      ASSIGN_OR_RETURN(std::vector<std::string> below, child->List());
      levels.push_back({std::move(child), std::move(below)});
    } else {
      RETURN_IF_ERROR(child->Remove());
    }
  }
  return absl::OkStatus();
}

absl::Status AddEntry(AclFile& folder, const access::Ace& entry) {
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor, folder.Read());
  if (descriptor.dacl_state != access::AclState::kPresent) {
    return absl::FailedPreconditionError("a folder of Paddock's state has no access control list");
  }
  auto& aces = descriptor.dacl.aces;
  if (std::find(aces.begin(), aces.end(), entry) != aces.end()) return absl::OkStatus();
  aces.push_back(entry);
  return folder.WriteDacl(access::Canonical(descriptor.dacl), descriptor.control);
}

}  // namespace

absl::Status ReadBackEntry(AclFile& file, const access::Ace& entry) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
  const auto& aces = descriptor.dacl.aces;
  const bool found =
      descriptor.dacl_state == access::AclState::kPresent && std::find(aces.begin(), aces.end(), entry) != aces.end();
  if (found) return absl::OkStatus();
  return ReadBackFailed(absl::StrCat("the entry ", access::ToSddl(entry).value_or("of the run"),
                                     " was written to a list and does not stand there"));
}

absl::Status RemoveFolder(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<AclFile> top, MakeNtfsVolumes()->Open(path));
  if (!top->info().directory || top->info().reparse_point) return top->Remove();
  return RemoveBelow(std::move(top));
}

absl::StatusOr<std::unique_ptr<RunFolders>> RunFolders::Make(const std::string& state_dir, Symbols* symbols) {
  if (state_dir.empty()) {
    return Unusable(
        absl::FailedPreconditionError("there is no place for Paddock's state: %LOCALAPPDATA% is not known"));
  }
  std::unique_ptr<RunFolders> made(new RunFolders);
  // Short, since programs put long names below it.
  ASSIGN_OR_RETURN(made->name_, RandomHex(12));
  auto runs = OpenLeaseState(RunsIn(state_dir));
  if (!runs.ok()) return Unusable(runs.status());
  made->runs_ = *std::move(runs);
  auto lock = made->runs_->Acquire(made->name_, LeaseState::LockKind::kExclusive);
  if (!lock.ok()) return Unusable(lock.status());
  made->lock_ = *std::move(lock);
  made->path_ = absl::StrCat(RunsIn(state_dir), "\\", made->name_);
  made->to_remove_.push_back(made->path_);
  const absl::Status status = MakeDirectories(made->path_);
  if (!status.ok()) return Unusable(status);
  symbols->Set("{run_folder}", made->path_);
  return made;
}

RunFolders::~RunFolders() {
  std::vector<std::string> nobody;
  Remove(&nobody);
}

absl::Status RunFolders::Add(const std::vector<OwnFolder>& folders, const Symbols& symbols, const EntryCheck& check) {
  for (const OwnFolder& folder : folders) {
    const std::string path = symbols.Fill(folder.path);
    if (!folder.kept && path != path_) to_remove_.push_back(path);
    absl::Status status = MakeDirectories(path);
    if (!status.ok()) return Unusable(status);
    if (folder.ace.empty()) continue;
    ASSIGN_OR_RETURN(const access::SecurityDescriptor wanted, symbols.FillDescriptor(absl::StrCat("D:", folder.ace)));
    auto opened = MakeNtfsVolumes()->Open(path);
    if (!opened.ok()) return Unusable(opened.status());
    for (const access::Ace& entry : wanted.dacl.aces) {
      status = AddEntry(**opened, entry);
      if (!status.ok()) return Unusable(status);
      RETURN_IF_ERROR(check(**opened, entry));
    }
  }
  return absl::OkStatus();
}

void RunFolders::Remove(std::vector<std::string>* notices) {
  for (; !to_remove_.empty(); to_remove_.pop_back()) {
    const absl::Status status = RemoveFolder(to_remove_.back());
    if (status.ok() || absl::IsNotFound(status)) continue;
    notices->push_back(absl::StrCat("the run's folder ", to_remove_.back(), " could not be removed (", status.message(),
                                    "); `paddock gc` tries again"));
  }
  if (lock_ == nullptr) return;
  (void)runs_->Remove(absl::StrCat(name_, kLockSuffix));
  lock_.reset();
}

absl::StatusOr<std::vector<std::string>> CollectRunFolders(const std::string& state_dir,
                                                           std::vector<std::string>* stuck) {
  std::vector<std::string> removed;
  auto directory = MakeNtfsVolumes()->Open(RunsIn(state_dir));
  if (absl::IsNotFound(directory.status())) return removed;
  if (!directory.ok()) return directory.status();
  ASSIGN_OR_RETURN(const std::unique_ptr<LeaseState> runs, OpenLeaseState(RunsIn(state_dir)));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, (*directory)->List());
  for (const std::string& name : names) {
    if (absl::EndsWith(name, kLockSuffix)) continue;
    ASSIGN_OR_RETURN(const auto lock, runs->TryAcquire(name, LeaseState::LockKind::kExclusive));
    if (lock == nullptr) continue;
    const std::string path = absl::StrCat(RunsIn(state_dir), "\\", name);
    const absl::Status status = RemoveFolder(path);
    if (status.ok()) {
      removed.push_back(path);
      (void)runs->Remove(absl::StrCat(name, kLockSuffix));
    } else {
      stuck->push_back(absl::StrCat(path, ": ", status.message()));
    }
  }
  return removed;
}

}  // namespace paddock
