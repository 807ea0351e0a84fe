#include "core/audit/snapshot_findings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/audit/icacls_command.h"
#include "core/audit/judge_parts.h"

namespace paddock::audit {
namespace {

// Of one finding; somebody is to read them.
constexpr size_t kMaxCommands = 10;

enum class Remedy : uint8_t { kNone, kTakeAway, kDenyDeletion, kReset };

struct KindRow {
  SnapshotKind kind;
  absl::string_view id;
  Severity severity;
  Remedy remedy;
};

// In the order of SnapshotKind.
constexpr KindRow kKinds[] = {
    {SnapshotKind::kNullDacl, "windows_null_dacl", Severity::kHigh, Remedy::kReset},
    {SnapshotKind::kCapabilityOutside, "windows_capability_outside", Severity::kHigh, Remedy::kTakeAway},
    {SnapshotKind::kPermissionsOpen, "windows_permissions_open", Severity::kHigh, Remedy::kTakeAway},
    {SnapshotKind::kWritableOutside, "windows_writable_outside", Severity::kHigh, Remedy::kTakeAway},
    {SnapshotKind::kProtectedWritable, "windows_protected_writable", Severity::kHigh, Remedy::kTakeAway},
    {SnapshotKind::kProtectedDeletable, "windows_protected_deletable", Severity::kHigh, Remedy::kDenyDeletion},
    {SnapshotKind::kDeletableOutside, "windows_deletable_outside", Severity::kMedium, Remedy::kDenyDeletion},
    {SnapshotKind::kAttributesOpen, "windows_attributes_open", Severity::kLow, Remedy::kTakeAway},
    {SnapshotKind::kUnknown, "windows_unknown", Severity::kMedium, Remedy::kNone},
    {SnapshotKind::kUnreadable, "windows_unreadable", Severity::kMedium, Remedy::kNone},
    {SnapshotKind::kReparse, "windows_reparse_points", Severity::kInfo, Remedy::kNone},
};

class Writer {
 public:
  Writer(const SnapshotQuestion& question, const Reach& reach) : question_(question), reach_(reach) {}

  Draft Finding(const KindRow& row, std::vector<const Group*> groups) const;

 private:
  const std::string& PathOf(int32_t entry) const { return question_.snapshot.entries[static_cast<size_t>(entry)].path; }
  // The topmost path, or what holds several of them.
  std::string Place(const Group& group) const {
    if (group.tops == 1 || group.above < 0) return PathOf(group.first);
    const std::string& above = PathOf(group.above);
    return absl::StrCat(above, absl::EndsWith(above, "\\") ? "*" : "\\*");
  }
  std::vector<std::vector<std::string>> Commands(const KindRow& row, const Group& group) const;
  std::vector<std::vector<std::string>> TakeAway(const Group& group, const Cause& cause) const;
  std::vector<std::vector<std::string>> DenyDeletion(const Group& group, const Cause& cause) const;

  const SnapshotQuestion& question_;
  const Reach& reach_;
};

// icacls takes SIDs behind an asterisk.
std::string Star(const access::Sid& sid) { return absl::StrCat("*", sid.ToString()); }

std::vector<std::vector<std::string>> Writer::TakeAway(const Group& group, const Cause& cause) const {
  std::vector<std::vector<std::string>> commands;
  std::string place = Place(group);
  if (cause.owner) {
    commands.push_back({std::move(place), "/setowner", Star(question_.run.token.user)});
  } else if (cause.sid) {
    // What comes from above is copied first; else there is nothing to take away here.
    if (cause.inherited) commands.push_back({place, "/inheritance:d"});
    commands.push_back({std::move(place), "/remove:g", Star(*cause.sid)});
  }
  for (std::vector<std::string>& command : commands) {
    if (group.count > 1) command.push_back("/t");
  }
  return commands;
}

std::vector<std::vector<std::string>> Writer::DenyDeletion(const Group& group, const Cause& cause) const {
  // By DELETE on the file itself.
  if (!absl::StrContains(reach_.note(group.verdict.note).text, "FILE_DELETE_CHILD")) return TakeAway(group, cause);
  if (group.above < 0) return {};
  const bool deeper = group.count > group.tops;
  return {{PathOf(group.above), "/deny", absl::StrCat(Star(question_.run.token.user), deeper ? ":(CI)(DC)" : ":(DC)")}};
}

std::vector<std::vector<std::string>> Writer::Commands(const KindRow& row, const Group& group) const {
  const Cause& cause = reach_.note(group.verdict.note).cause;
  switch (row.remedy) {
    case Remedy::kNone:
      return {};
    case Remedy::kTakeAway:
      if (!cause.no_dacl) return TakeAway(group, cause);
      [[fallthrough]];
    case Remedy::kReset: {
      std::vector<std::string> command = {Place(group), "/reset"};
      if (group.count > 1) command.push_back("/t");
      return {command};
    }
    case Remedy::kDenyDeletion:
      return DenyDeletion(group, cause);
  }
  return {};
}

Draft Writer::Finding(const KindRow& row, std::vector<const Group*> groups) const {
  // The largest are listed.
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group* left, const Group* right) { return left->count > right->count; });
  Draft draft(row.id, row.severity);
  std::vector<std::string> commands;
  for (size_t i = 0; i < groups.size(); ++i) {
    const Group& group = *groups[i];
    if (i >= kMaxListed) {
      draft.AddUnlisted(group.count);
      continue;
    }
    const std::string& note = reach_.note(group.verdict.note).text;
    const std::string several = group.count > 1 ? absl::StrCat(group.count, " entries", note.empty() ? "" : ", ") : "";
    draft.Add(Place(group), absl::StrCat(several, note), group.count);
    for (const std::vector<std::string>& arguments : Commands(row, group)) {
      const std::optional<std::string> command = IcaclsCommand(arguments);
      const bool known = command && std::find(commands.begin(), commands.end(), *command) != commands.end();
      if (command && !known && commands.size() < kMaxCommands) commands.push_back(*command);
    }
  }
  for (std::string& command : commands) draft.Command(std::move(command));
  return draft;
}

std::string Statement(const SnapshotQuestion& question, const ModelScan& model) {
  return absl::StrCat(
      "By the model, this token (", Name(question.run.kind), " of ", question.run.token.user.ToString(),
      ") could write, or delete, where the findings say; ", question.snapshot.entries.size(), " entries visited, ",
      model.unreadable,
      " of them unreadable. Nothing is said of services, the registry, COM, filter drivers, or what is not below the "
      "roots.");
}

void AddModel(const SnapshotQuestion& question, const std::vector<int32_t>& parents, AuditReport* report) {
  Draft draft("windows_model", Severity::kInfo);
  std::vector<std::string> cannot_tell = question.snapshot.cannot_tell;
  std::string detail = report->model->statement;
  if (!cannot_tell.empty()) absl::StrAppend(&detail, " Of this source: ", absl::StrJoin(cannot_tell, "; "), ".");
  draft.SetDetail(std::move(detail));
  for (size_t i = 0; i < parents.size(); ++i) {
    const SnapshotEntry& entry = question.snapshot.entries[i];
    if (parents[i] >= 0) continue;
    const bool top = SnapshotParent(entry.path).empty();
    draft.Add(entry.path, top ? "" : "whether it can be deleted itself also goes by its directory, which is not here");
  }
  draft.AddTo(&report->findings);
}

void AddIncomplete(const Snapshot& snapshot, AuditReport* report) {
  Draft draft("windows_snapshot_incomplete", Severity::kMedium);
  if (!snapshot.complete) draft.Add(snapshot.source, "it has no last line: it was cut short");
  if (snapshot.skipped > 0) draft.Add(snapshot.source, absl::StrCat(snapshot.skipped, " entries were skipped"));
  draft.AddTo(&report->findings);
}

}  // namespace

AuditReport ReportOf(const SnapshotQuestion& question, const Reach&, const std::vector<int32_t>& parents) {
  const Snapshot& snapshot = question.snapshot;
  ModelScan model;
  model.source = snapshot.source;
  model.roots = snapshot.roots;
  model.grants = question.grants;
  model.skipped = snapshot.skipped;
  model.descriptors = snapshot.descriptors.size();
  model.unreadable = static_cast<uint64_t>(std::count_if(snapshot.entries.begin(), snapshot.entries.end(),
                                                         [](const SnapshotEntry& e) { return e.descriptor < 0; }));
  model.statement = Statement(question, model);
  AuditReport report;
  report.workspace = question.grants.empty() ? "" : question.grants.front();
  report.backend = std::string(Name(question.run.kind));
  report.scan.entries = snapshot.entries.size();
  report.scan.complete = snapshot.complete && snapshot.skipped == 0;
  report.model = std::move(model);
  AddModel(question, parents, &report);
  AddIncomplete(snapshot, &report);
  return report;
}

void AddFindings(const SnapshotQuestion& question, const Reach& reach, const std::vector<Group>& groups,
                 AuditReport* report) {
  const Writer writer(question, reach);
  for (const KindRow& row : kKinds) {
    std::vector<const Group*> matching;
    for (const Group& group : groups) {
      if (group.verdict.kind == static_cast<uint8_t>(row.kind)) matching.push_back(&group);
    }
    if (!matching.empty()) writer.Finding(row, std::move(matching)).AddTo(&report->findings);
  }
}

void AddUnseenGrants(const std::vector<std::string>& grants, AuditReport* report) {
  Draft draft("windows_grant_not_seen", Severity::kLow);
  for (const std::string& grant : grants) draft.Add(grant);
  draft.AddTo(&report->findings);
}

}  // namespace paddock::audit
