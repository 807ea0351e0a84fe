#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/rubric/rubric.h"

namespace paddock {
namespace {

constexpr char kRulesIntroduction[] = R"(# The selection rubric

This page is generated from the table in `core/rubric/rules.cc` and from what the backends say of themselves. Do not edit
it: run `scripts/update_goldens`.

Input: the request (workload, requirements, workspace) and the host's facts. Output: a ranked list of backends, with a
reason for each place and for each rejection. `paddock explain` prints it, for this host or for one whose facts are in a
file.

## How the table is read

1. `subst` drives are resolved first; the facts say what kind of volume holds the workspace.
2. The rules of the host's operating system are walked from top to bottom. Every rule that matches adds its backends, in
   order; a backend keeps its first mention. A rule marked *stop* hides the rules below.
3. What is not known counts as the weaker answer, with one exception: whether user namespaces can be had is learnt by
   trying. A launcher that finds its sandbox impossible has run nothing, and the next candidate is tried.
4. A backend that the policy's `backend.allow` does not name, or that finds a blocker on this host, is rejected.
5. A rule may ask the request to *accept* levels: a requirement on that guarantee which is no higher, from the profile or
   from `--require`. Silence is no consent.
6. A backend that does not reach a *required* level is rejected with `guarantee_unreachable:NAME`. One placed behind it
   carries `moved_by_requirement`. A *preferred* level that is not reached is told in the report.
7. Every backend that is not ranked appears with at least one reason and a remedy ([reasons.md](reasons.md)).

`command_os` says what the command is: `native` (the default), `linux`, or `any`. A Windows command cannot run in wsl2, so
wsl2 is a candidate only under `linux` and `any`, or where the workspace lies inside a distribution; under `linux` no
backend that runs Windows commands is one.

`prefer` is `auto` (the table as it stands), `isolation` (W4b matches whatever `command_os` says) or `fidelity` (only
backends that work on the live checkout without drift).

`--backend NAME[:TIER]` replaces the order of the table, not the checks: blockers, `backend.allow` and required levels
hold.
)";

constexpr char kReasonsIntroduction[] = R"(# Reason codes

This page is generated from the table in `core/base/reason_codes.cc`. Do not edit it: run `scripts/update_goldens`.

Every refusal carries a code. Codes are stable: programs may match them. A code may have an argument after a colon
(`guarantee_unreachable:network`). The remedy printed with a refusal is the one given here unless the host calls for a
more precise one.

| code | what it means | what to do |
|---|---|---|
)";

// Inside a table a bar would end the cell.
std::string Cell(absl::string_view text) { return absl::StrReplaceAll(text, {{"|", "\\|"}}); }

std::string Adds(const Rule& rule) {
  std::string text = absl::StrJoin(
      rule.adds, ", ", [](std::string* out, const BackendRef& ref) { absl::StrAppend(out, "`", ToString(ref), "`"); });
  if (rule.adds.empty()) text = absl::StrCat("nothing: `", rule.reason_if_empty, "`");
  if (!rule.accepts.empty()) {
    absl::StrAppend(&text, ", if the request accepts ",
                    absl::StrJoin(rule.accepts, ", ", [](std::string* out, const Requirement& asked) {
                      absl::StrAppend(out, "`", GuaranteeName(asked.guarantee), "=",
                                      LevelName(asked.guarantee, asked.level), "`");
                    }));
  }
  return absl::StrCat(text, rule.stop ? "; stop" : "");
}

void AppendRules(absl::string_view title, OsFamily os, std::string& page) {
  absl::StrAppend(&page, "\n## ", title, "\n\n| id | when | adds, in order | why | source |\n|---|---|---|---|---|\n");
  for (const Rule& rule : Rules()) {
    if (rule.os != os) continue;
    absl::StrAppend(&page, "| ", rule.id, " | ", Cell(rule.when_text), " | ", Cell(Adds(rule)), " | ", Cell(rule.why),
                    " | ", Cell(rule.source), " |\n");
  }
}

}  // namespace

std::string RulesAsMarkdown() {
  std::string page = kRulesIntroduction;
  AppendRules("Rules on Windows", OsFamily::kWindows, page);
  AppendRules("Rules on Linux, WSL included", OsFamily::kLinux, page);
  return page;
}

std::string ReasonCodesAsMarkdown() {
  std::string page = kReasonsIntroduction;
  for (const ReasonCode& row : ReasonCodes()) {
    absl::StrAppend(&page, "| `", row.code, "` | ", Cell(row.meaning), " | ", Cell(row.remedy), " |\n");
  }
  return page;
}

}  // namespace paddock
