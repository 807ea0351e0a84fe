#include "core/audit/judge_snapshot.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/audit/snapshot_findings.h"
#include "core/audit/snapshot_groups.h"
#include "core/audit/snapshot_reach.h"
#include "core/base/status_macros.h"

namespace paddock::audit {
namespace {

constexpr Ways kWrites = kWayWrite | kWayAppend;
constexpr Ways kPermissions = kWayPermissions | kWayOwner;
constexpr Ways kAttributes = kWayAttributes | kWayExtended;
constexpr Ways kStrong = kWrites | kPermissions | kWayDelete;

constexpr Ways Both(Ways left, Ways right) { return static_cast<Ways>(left & right); }
constexpr Ways Without(Ways ways, Ways what) { return static_cast<Ways>(ways & ~what); }

// How an entry lies to the grants.
enum class Where : uint8_t {
  kOutside,
  kInside,
  kLeads,      // inside, a directory on the way to a protected name
  kProtected,  // a protected name, or below one
};

class Judgement {
 public:
  explicit Judgement(const SnapshotQuestion& question)
      : question_(question),
        snapshot_(question.snapshot),
        reach_(question.snapshot, question.run),
        parents_(question.snapshot.entries.size(), -1),
        where_(question.snapshot.entries.size(), Where::kOutside),
        found_(parents_),
        doubts_(parents_) {}

  absl::StatusOr<AuditReport> Run() {
    RETURN_IF_ERROR(Arrange());
    FindProtected();
    for (const int32_t entry : order_) {
      where_[At(entry)] = WhereIs(entry);
      Judge(entry);
    }
    AuditReport report = ReportOf(question_, reach_, parents_);
    AddFindings(question_, reach_, found_.groups(), &report);
    AddFindings(question_, reach_, doubts_.groups(), &report);
    AddGrantsNotSeen(&report);
    SortFindings(&report.findings);
    return report;
  }

 private:
  static size_t At(int32_t index) { return static_cast<size_t>(index); }
  const SnapshotEntry& EntryAt(int32_t index) const { return snapshot_.entries[At(index)]; }

  absl::Status Arrange();
  absl::Status Duplicate(const SnapshotEntry& left, const SnapshotEntry& right) const;
  void FindProtected();
  Where WhereIs(int32_t index) const;
  void Judge(int32_t index);
  bool JudgeOwn(int32_t index, Ways ways);
  bool JudgeDeletion(int32_t index, Ways own);
  void JudgeDoubts(int32_t index, Ways possible, bool deletable);
  void AddGrantsNotSeen(AuditReport* report) const;
  void Found(int32_t entry, SnapshotKind kind, int32_t note) { found_.Add(entry, {static_cast<uint8_t>(kind), note}); }
  void Doubt(int32_t entry, SnapshotKind kind, int32_t note) { doubts_.Add(entry, {static_cast<uint8_t>(kind), note}); }

  const SnapshotQuestion& question_;
  const Snapshot& snapshot_;
  Reach reach_;
  std::vector<int32_t> order_;    // entries, parents first, each path once
  std::vector<int32_t> parents_;  // by entry; -1: not in the snapshot
  std::vector<Where> where_;
  std::unordered_set<std::string> protected_, leads_;  // paths in lower case
  GroupTable found_, doubts_;
};

absl::Status Judgement::Duplicate(const SnapshotEntry& left, const SnapshotEntry& right) const {
  return absl::InvalidArgumentError(
      absl::StrCat(snapshot_.source, ":", right.line, ": \"", right.path, "\" is listed differently in line ",
                   left.line, "; take the snapshot again while nothing changes, or list each path once"));
}

// By depth, then in the order of the source: whatever order that is, parents come first.
absl::Status Judgement::Arrange() {
  if (snapshot_.entries.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(snapshot_.source, ": no entries, so that nothing can be judged"));
  }
  std::unordered_map<std::string_view, int32_t> by_path;
  by_path.reserve(snapshot_.entries.size());
  std::vector<std::vector<int32_t>> by_depth;
  for (size_t i = 0; i < snapshot_.entries.size(); ++i) {
    const SnapshotEntry& entry = snapshot_.entries[i];
    const auto [known, added] = by_path.emplace(entry.path, static_cast<int32_t>(i));
    if (!added) {
      const SnapshotEntry& other = EntryAt(known->second);
      if (other.descriptor != entry.descriptor || other.kind != entry.kind) return Duplicate(other, entry);
      continue;
    }
    const size_t depth = static_cast<size_t>(std::count(entry.path.begin(), entry.path.end(), '\\')) -
                         (absl::EndsWith(entry.path, "\\") ? 1 : 0);
    if (by_depth.size() <= depth) by_depth.resize(depth + 1);
    by_depth[depth].push_back(static_cast<int32_t>(i));
  }
  for (const std::vector<int32_t>& level : by_depth) {
    for (const int32_t entry : level) {
      order_.push_back(entry);
      const absl::string_view above = SnapshotParent(EntryAt(entry).path);
      const auto parent = by_path.find(std::string_view(above.data(), above.size()));
      if (parent != by_path.end()) parents_[At(entry)] = parent->second;
    }
  }
  return absl::OkStatus();
}

void Judgement::FindProtected() {
  const auto protect = [&](absl::string_view base, absl::string_view name) {
    const std::string below = absl::AsciiStrToLower(name);
    const std::string top = absl::AsciiStrToLower(absl::StripSuffix(base, "\\"));
    protected_.insert(absl::StrCat(top, "\\", below));
    for (size_t split = below.find('\\'); split != std::string::npos; split = below.find('\\', split + 1)) {
      leads_.insert(absl::StrCat(top, "\\", below.substr(0, split)));
    }
  };
  for (const std::string& grant : question_.grants) {
    for (const std::string& name : question_.protected_names) protect(grant, name);
  }
  for (const SnapshotEntry& entry : snapshot_.entries) {
    if (!absl::EndsWithIgnoreCase(entry.path, "\\.git")) continue;
    for (const std::string& name : question_.protected_names) {
      if (absl::StartsWithIgnoreCase(name, ".git\\")) protect(SnapshotParent(entry.path), name);
    }
  }
}

Where Judgement::WhereIs(int32_t index) const {
  const absl::string_view path = EntryAt(index).path;
  const int32_t parent = parents_[At(index)];
  const bool parent_inside = parent >= 0 && where_[At(parent)] != Where::kOutside;
  if (!parent_inside && std::none_of(question_.grants.begin(), question_.grants.end(),
                                     [&](const std::string& grant) { return IsBelowRoot(path, grant); })) {
    return Where::kOutside;
  }
  if (parent >= 0 && where_[At(parent)] == Where::kProtected) return Where::kProtected;
  const std::string lower = absl::AsciiStrToLower(path);
  if (protected_.contains(lower)) return Where::kProtected;
  return leads_.contains(lower) ? Where::kLeads : Where::kInside;
}

// What the entry's own descriptor grants, deletion apart. One finding for each entry, the strongest: its note has all
// ways that matter beside it.
bool Judgement::JudgeOwn(int32_t index, Ways ways) {
  const SnapshotEntry& entry = EntryAt(index);
  if (Both(ways, kWrites | kPermissions) == 0) return false;
  const int32_t note = reach_.NoteOf(entry.descriptor, Both(ways, kStrong));
  const Cause& cause = reach_.note(note).cause;
  const bool named = cause.sid && std::find(question_.run.named.begin(), question_.run.named.end(), *cause.sid) !=
                                      question_.run.named.end();
  if (where_[At(index)] == Where::kProtected) {
    Found(index, SnapshotKind::kProtectedWritable, note);
  } else if (cause.no_dacl) {
    Found(index, SnapshotKind::kNullDacl, note);
  } else if (named) {
    Found(index, SnapshotKind::kCapabilityOutside, note);
  } else {
    Found(index, Both(ways, kPermissions) != 0 ? SnapshotKind::kPermissionsOpen : SnapshotKind::kWritableOutside, note);
  }
  return true;
}

// NTFS asks for DELETE on what is to go, or else for FILE_DELETE_CHILD on the directory that it goes from.
bool Judgement::JudgeDeletion(int32_t index, Ways own) {
  const SnapshotEntry& entry = EntryAt(index);
  const SnapshotKind kind =
      where_[At(index)] == Where::kOutside ? SnapshotKind::kDeletableOutside : SnapshotKind::kProtectedDeletable;
  if (Both(own, kWayDelete) != 0) {
    Found(index, kind, reach_.NoteOf(entry.descriptor, Both(own, kWayDelete)));
    return true;
  }
  const int32_t parent = parents_[At(index)];
  if (parent < 0 || EntryAt(parent).descriptor < 0) return false;
  if (Both(reach_.Granted(EntryAt(parent).descriptor), kWayDeleteChild) == 0) return false;
  Found(index, kind, reach_.ThroughParent(EntryAt(parent).descriptor, true));
  return true;
}

void Judgement::JudgeDoubts(int32_t index, Ways possible, bool deletable) {
  const SnapshotEntry& entry = EntryAt(index);
  if (deletable) possible = Without(possible, kWayDelete);
  if (Both(possible, kStrong) != 0) {
    Doubt(index, SnapshotKind::kUnknown, reach_.DoubtOf(entry.descriptor, Both(possible, kStrong)));
    return;
  }
  const int32_t parent = parents_[At(index)];
  if (parent < 0 || deletable) return;
  const int32_t above = EntryAt(parent).descriptor;
  if (above < 0) {
    Doubt(index, SnapshotKind::kUnknown, reach_.Plain("perhaps delete: the descriptor of its directory was not read"));
  } else if (Both(reach_.Possible(above), kWayDeleteChild) != 0) {
    Doubt(index, SnapshotKind::kUnknown, reach_.ThroughParent(above, false));
  }
}

void Judgement::Judge(int32_t index) {
  const SnapshotEntry& entry = EntryAt(index);
  const Where where = where_[At(index)];
  if (where == Where::kInside) {
    if (entry.reparse) Doubt(index, SnapshotKind::kReparse, reach_.Plain(""));
    return;
  }
  if (entry.descriptor < 0) {
    Doubt(index, SnapshotKind::kUnreadable, reach_.Plain(snapshot_.problems[At(entry.problem)]));
    JudgeDeletion(index, 0);
    return;
  }
  Ways ways = reach_.Granted(entry.descriptor);
  Ways possible = reach_.Possible(entry.descriptor);
  if (entry.kind == EntryKind::kFile) {
    ways = Without(ways, kWayDeleteChild);
    // Who may not take the attribute away does not write a read-only file either; deleting it by renaming it first is
    // no matter of the attribute.
    if (entry.read_only && Both(ways, kWayAttributes) == 0) {
      const bool perhaps = Both(possible, kWayAttributes) != 0;
      possible = perhaps ? static_cast<Ways>(possible | Both(ways, kWrites)) : Without(possible, kWrites);
      ways = Without(ways, kWrites);
    }
  }
  // What lies on the way to a protected name is the command's to write, but not to put away.
  if (where != Where::kLeads && JudgeOwn(index, ways)) return;
  const bool deletable = JudgeDeletion(index, ways);
  if (!deletable && where == Where::kOutside && Both(ways, kAttributes) != 0) {
    Found(index, SnapshotKind::kAttributesOpen, reach_.NoteOf(entry.descriptor, Both(ways, kAttributes)));
  }
  JudgeDoubts(index, where == Where::kLeads ? Both(possible, kWayDelete) : possible, deletable);
}

void Judgement::AddGrantsNotSeen(AuditReport* report) const {
  std::vector<std::string> unseen;
  for (const std::string& grant : question_.grants) {
    const bool seen = std::any_of(snapshot_.entries.begin(), snapshot_.entries.end(), [&](const SnapshotEntry& entry) {
      return entry.path.size() == grant.size() && IsBelowRoot(entry.path, grant);
    });
    if (!seen) unseen.push_back(grant);
  }
  AddUnseenGrants(unseen, report);
}

}  // namespace

absl::StatusOr<AuditReport> JudgeSnapshot(const SnapshotQuestion& question) { return Judgement(question).Run(); }

}  // namespace paddock::audit
