#include "cli/render_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/base/posix_path.h"

namespace paddock::cli {
namespace {

// More of one kind than this says nothing more on a terminal; the report file has them all.
constexpr size_t kMostLines = 8;
// The same for the names in one line.
constexpr size_t kMostNames = 4;

// How the ends that are not the command's own are told.
struct EndText {
  ExitKind kind;
  absl::string_view text;
};
constexpr EndText kEnds[] = {
    {ExitKind::kWallLimit, "ended by the wall-clock limit"},
    {ExitKind::kOutputLimit, "ended by the limit on output"},
    {ExitKind::kMemoryLimit, "ended by the memory limit"},
    {ExitKind::kProcessLimit, "ended by the limit on processes"},
    {ExitKind::kCpuLimit, "ended by the limit on CPU time"},
    {ExitKind::kNotFound, "command not found"},
    {ExitKind::kNotExecutable, "cannot be executed"},
    {ExitKind::kRefused, "refused"},
    {ExitKind::kFailed, "failed"},
};

// Linux's numbers, on every host: the sandbox is where they come from. A shell would name these; those that a user
// sends on purpose (INT, TERM, HUP, PIPE) go without saying.
struct SignalText {
  int signal;
  absl::string_view name;
};
constexpr SignalText kWorthSaying[] = {
    {4, "SIGILL"}, {6, "SIGABRT"}, {7, "SIGBUS"}, {8, "SIGFPE"}, {9, "SIGKILL"}, {11, "SIGSEGV"}, {31, "SIGSYS"},
};

void AddCapped(const std::vector<std::string>& lines, absl::string_view what, std::vector<std::string>* out) {
  const size_t shown = std::min(lines.size(), kMostLines);
  out->insert(out->end(), lines.begin(), lines.begin() + static_cast<ptrdiff_t>(shown));
  if (shown < lines.size()) {
    out->push_back(absl::StrCat("and ", lines.size() - shown, " more ", what, "; --report FILE has them all"));
  }
}

// A path as the user knows it: without the workspace in front.
std::string Shown(absl::string_view path, const Report& report) {
  if (absl::string_view below = path; !report.workspace.empty() && absl::ConsumePrefix(&below, report.workspace) &&
                                      absl::ConsumePrefix(&below, "\\") && !below.empty()) {
    return std::string(below);
  }
  if (report.workspace.empty() || path == report.workspace || !PathIsWithin(path, report.workspace))
    return std::string(path);
  return std::string(PathBelow(path, report.workspace));
}

std::string Names(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMostNames);
  std::string text = absl::StrJoin(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", ");
  if (shown < names.size()) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

// What is inferred names paths by the dozen (`git clone` into an empty workspace): "what: a, b, c", a line for each
// "what", in place of one for each path.
std::vector<std::string> ViolationLines(const Report& report) {
  std::vector<std::string> lines;
  std::vector<std::pair<std::string, std::vector<std::string>>> inferred;
  for (const Violation& violation : report.result.violations) {
    const std::string rule = violation.rule.empty() ? "" : absl::StrCat(" (", violation.rule, ")");
    if (violation.observed || violation.path.empty()) {
      lines.push_back(
          absl::StrCat(violation.observed ? "violation: " : "violation (inferred): ", violation.what, rule));
      continue;
    }
    absl::string_view what = violation.what;
    absl::ConsumeSuffix(&what, absl::StrCat(": ", violation.path));
    auto group = std::find_if(inferred.begin(), inferred.end(), [&](const auto& known) { return known.first == what; });
    if (group == inferred.end()) group = inferred.insert(inferred.end(), {std::string(what), {}});
    group->second.push_back(Shown(violation.path, report));
  }
  for (const auto& [what, names] : inferred)
    lines.push_back(absl::StrCat("violation (inferred): ", what, ": ", Names(names)));
  return lines;
}

// Changing a Makefile is a command's work, and no news to who asked for it: one line for all.
std::string LeftBehindLine(const Report& report) {
  std::vector<std::string> names;
  for (const LeftBehind& left : report.result.left_behind) names.push_back(Shown(left.path, report));
  return absl::StrCat("changed, and executed on the host later: ", Names(names), " (--report FILE says by what)");
}

void AddEnd(const Report& report, RunMessages* messages) {
  const Outcome& outcome = report.result.outcome;
  if (outcome.kind == ExitKind::kSignalled) {
    for (const SignalText& signal : kWorthSaying) {
      if (signal.signal == outcome.signal)
        messages->notices.push_back(absl::StrCat("the command was ended by ", signal.name));
    }
  }
  const auto end =
      std::find_if(std::begin(kEnds), std::end(kEnds), [&](const EndText& e) { return e.kind == outcome.kind; });
  if (end == std::end(kEnds)) return;
  std::string line(end->text);
  const bool about_command = outcome.kind == ExitKind::kNotFound || outcome.kind == ExitKind::kNotExecutable;
  if (!outcome.reason.detail.empty()) {
    absl::StrAppend(&line, ": ", outcome.reason.detail);
  } else if (about_command && !report.command.empty()) {
    absl::StrAppend(&line, ": ", report.command.front());
  }
  if (!outcome.reason.code.empty()) absl::StrAppend(&line, " (", outcome.reason.code, ")");
  messages->errors.push_back(std::move(line));
  if (about_command) return;  // what a shell says in one line
  std::string remedy = outcome.reason.remedy;
  const ReasonCode* row = FindReasonCode(outcome.reason.code);
  if (remedy.empty() && row != nullptr) remedy = std::string(row->remedy);
  if (!remedy.empty()) messages->errors.push_back(absl::StrCat("remedy: ", remedy));
}

std::string Levels(const std::vector<Requirement>& unmet, const GuaranteeLevels& promised) {
  return absl::StrJoin(unmet, ", ", [&](std::string* out, const Requirement& asked) {
    const Guarantee g = asked.guarantee;
    absl::StrAppend(out, GuaranteeName(g), "=", LevelName(g, promised[g]), " instead of ", LevelName(g, asked.level));
  });
}

std::string UnmetLine(const Report& report) {
  return absl::StrCat("weaker here than preferred: ", Levels(report.unmet, report.promised),
                      " (`paddock explain` says why)");
}

std::string FallbackLine(const FallbackStep& step) {
  return absl::StrCat("fell back: ", ToString(step.backend), " was unavailable: ", step.reason.detail, " (",
                      step.reason.code, ")");
}

// What a relay's far side decided and the plan on this side could not know. Its notices, violations and what it left
// are the run's own already.
void AddInner(const Report& report, std::vector<std::string>* notices) {
  const Report& inner = *report.inner;
  for (const FallbackStep& step : inner.fallbacks) notices->push_back(absl::StrCat("inside: ", FallbackLine(step)));
  std::vector<Requirement> unmet;
  for (const Requirement& asked : inner.unmet) {
    const bool told = std::any_of(report.unmet.begin(), report.unmet.end(),
                                  [&](const Requirement& outer) { return outer.guarantee == asked.guarantee; });
    if (!told) unmet.push_back(asked);
  }
  if (!unmet.empty()) notices->push_back(absl::StrCat("weaker inside than preferred: ", Levels(unmet, inner.promised)));
}

}  // namespace

RunMessages MessagesFor(const Report& report, bool reported) {
  RunMessages messages;
  AddEnd(report, &messages);
  for (const FallbackStep& step : report.fallbacks) {
    messages.notices.push_back(FallbackLine(step));
  }
  if (!report.unmet.empty()) messages.notices.push_back(UnmetLine(report));
  if (report.inner != nullptr) AddInner(report, &messages.notices);
  AddCapped(ViolationLines(report), "violations", &messages.notices);
  if (!report.result.left_behind.empty() && !reported) messages.notices.push_back(LeftBehindLine(report));
  AddCapped(report.result.notices, "notices", &messages.notices);
  return messages;
}

}  // namespace paddock::cli
