#ifndef PADDOCK_CORE_AUDIT_FINDING_H_
#define PADDOCK_CORE_AUDIT_FINDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/audit/observations.h"
#include "core/base/json.h"

namespace paddock::audit {

enum class Severity : uint8_t {
  kInfo,    // to know
  kLow,     // matters together with something else
  kMedium,  // somebody else, or the command, gets further than this policy means
  kHigh,    // the sandbox does not hold, or what it holds back is open another way
};
absl::string_view Name(Severity severity);

// One row of the table of findings, which docs/audit.md lists.
struct FindingKind {
  absl::string_view id;      // stable, snake_case
  absl::string_view title;   // what was found
  absl::string_view why;     // why it matters
  absl::string_view remedy;  // what to do about it
};
const std::vector<FindingKind>& FindingKinds();   // sorted by id
const FindingKind& KindOf(absl::string_view id);  // `id` must be in the table

struct FindingPath {
  std::string path;
  std::string note;    // what is particular about this one
  uint64_t count = 1;  // how many it stands for: what is alike below one directory is one
};

// Of one finding, as many paths and commands are listed.
inline constexpr size_t kMaxListed = 100;

struct Finding {
  const FindingKind* kind = nullptr;
  Severity severity = Severity::kInfo;
  std::string detail;                 // what holds under this policy, beyond the kind's `why`; may be empty
  uint64_t count = 0;                 // of paths, those that are not listed, and that others stand for, too
  std::vector<FindingPath> paths;     // sorted; at most kMaxListed
  std::vector<std::string> commands;  // literal, for a shell; for Windows, PowerShell
};

struct Summary {
  uint64_t high = 0, medium = 0, low = 0, info = 0;
};
Summary Summarize(const std::vector<Finding>& findings);

// What is particular of an audit of descriptors (judge_snapshot.h), which is a model's answer.
struct ModelScan {
  std::string source;     // the file; empty: the host itself
  std::string statement;  // what the findings are, and are not, in two sentences
  std::vector<std::string> roots, grants;
  uint64_t unreadable = 0;   // entries whose descriptor is not known
  uint64_t skipped = 0;      // what the source could not name
  uint64_t descriptors = 0;  // distinct ones
};

// Strongest first, then by id.
void SortFindings(std::vector<Finding>* findings);

struct AuditReport {
  std::string workspace;  // real path, where there is one
  std::string backend;    // that was planned for; empty: none
  Scan scan;
  std::optional<ModelScan> model;
  std::vector<Finding> findings;
};

// Schema "paddock.audit/1".
Json ToJson(const AuditReport& report);

// `argument` as one word of a POSIX shell, or, if it holds a byte that is not printable ASCII, of bash, ksh and zsh
// ($'...').
std::string ShellWord(absl::string_view argument);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_FINDING_H_
