#include "cli/render_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace paddock::cli {
namespace {

// More of one kind than this says nothing more on a terminal; the report file has them all.
constexpr size_t kMostLines = 8;

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
  std::string remedy = outcome.reason.remedy;
  const ReasonCode* row = FindReasonCode(outcome.reason.code);
  if (remedy.empty() && row != nullptr) remedy = std::string(row->remedy);
  if (!remedy.empty()) messages->errors.push_back(absl::StrCat("remedy: ", remedy));
}

std::string UnmetLine(const Report& report) {
  return absl::StrCat("weaker here than preferred: ",
                      absl::StrJoin(report.unmet, ", ",
                                    [&](std::string* out, const Requirement& asked) {
                                      const Guarantee g = asked.guarantee;
                                      absl::StrAppend(out, GuaranteeName(g), "=", LevelName(g, report.promised[g]),
                                                      " instead of ", LevelName(g, asked.level));
                                    }),
                      " (`paddock explain` says why)");
}

}  // namespace

RunMessages MessagesFor(const Report& report) {
  RunMessages messages;
  AddEnd(report, &messages);
  for (const FallbackStep& step : report.fallbacks) {
    messages.notices.push_back(absl::StrCat("fell back: ", ToString(step.backend),
                                            " was unavailable: ", step.reason.detail, " (", step.reason.code, ")"));
  }
  if (!report.unmet.empty()) messages.notices.push_back(UnmetLine(report));
  std::vector<std::string> lines;
  for (const Violation& violation : report.result.violations) {
    lines.push_back(absl::StrCat(violation.observed ? "violation: " : "violation (inferred): ", violation.what,
                                 violation.rule.empty() ? "" : absl::StrCat(" (", violation.rule, ")")));
  }
  AddCapped(lines, "violations", &messages.notices);
  lines.clear();
  for (const LeftBehind& left : report.result.left_behind) {
    lines.push_back(absl::StrCat("left behind: ", left.path, " was ", left.change, ": ", left.why));
  }
  AddCapped(lines, "left behind", &messages.notices);
  AddCapped(report.result.notices, "notices", &messages.notices);
  return messages;
}

}  // namespace paddock::cli
