#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/lease/lease.h"
#include "core/lease/lease_stamp.h"
#include "core/lease/lease_store.h"
#include "core/lease/lease_walk.h"

namespace paddock {
namespace {

class Scanner {
 public:
  Scanner(const LeaseHost& host, ScanReport* report) : host_(host), report_(*report), log_(&report->report) {}

  absl::Status Run(std::shared_ptr<AclFile> top, const std::string& path, int threads) {
    const WalkVisitor visitor = {
        [this](AclFile& file, const std::string& at, const access::Acl&) -> absl::StatusOr<access::Acl> {
          log_.Count(&LeaseCounts::entries);
          if (const absl::Status status = Look(file); !status.ok()) log_.Failed(at, status);
          return access::Acl();
        },
        [this](const std::string& at, const absl::Status& status) { log_.Failed(at, status); }};
    return WalkTree(std::move(top), path, threads, visitor);
  }

 private:
  absl::Status Look(AclFile& file) {
    ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
    std::set<access::Sid> ours;
    for (const access::Ace& ace : descriptor.dacl.aces) {
      if (access::HasSid(ace.type) && IsLeaseSid(ace.sid)) ours.insert(ace.sid);
    }
    if (ours.empty()) return absl::OkStatus();
    access::Acl dacl = descriptor.dacl;
    bool recorded = false;
    for (const access::Sid& sid : ours) {
      ASSIGN_OR_RETURN(const bool orphan, IsOrphan(sid));
      recorded = recorded || !orphan;
      if (orphan) dacl = WithoutSid(dacl, sid);
    }
    ASSIGN_OR_RETURN(const bool written, ReplaceDacl(file, descriptor, dacl));
    if (written) log_.Count(&LeaseCounts::written);
    const std::lock_guard<std::mutex> lock(mutex_);
    ++report_.found;
    ++(recorded ? report_.recorded : report_.removed);
    return absl::OkStatus();
  }

  // A record is written before the first entry of its SID: a SID without one is nobody's, and stays so, since none is
  // used twice. The records are read again for each SID that is new to this scan.
  absl::StatusOr<bool> IsOrphan(const access::Sid& sid) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto known = orphans_.find(sid); known != orphans_.end()) return known->second;
    bool orphan = true;
    ASSIGN_OR_RETURN(const std::vector<LeaseRecord> records, OtherRecords(host_, ""));
    for (const LeaseRecord& record : records) orphan = orphan && record.capability != sid;
    orphans_[sid] = orphan;
    if (orphan) report_.orphans.push_back(sid);
    return orphan;
  }

  const LeaseHost& host_;
  std::mutex mutex_;
  ScanReport& report_;
  WalkLog log_;
  std::map<access::Sid, bool> orphans_;
};

}  // namespace

absl::StatusOr<ScanReport> ScanLeases(const LeaseHost& host, absl::string_view path, int threads) {
  absl::StatusOr<std::unique_ptr<AclFile>> top = host.volumes.Open(path);
  if (!top.ok()) return top.status();
  if ((*top)->info().reparse_point) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is a link or a junction: name what it leads to"));
  }
  ScanReport report;
  Scanner scanner(host, &report);
  RETURN_IF_ERROR(scanner.Run(*std::move(top), std::string(path), threads));
  return report;
}

}  // namespace paddock
