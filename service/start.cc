#include "service/start.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backends/wsl2/frame.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

absl::Status Wrong(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "order_invalid", what);
}

// A start is a sequence of entries NAME=VALUE, each followed by a NUL: arguments and paths are any bytes but that one.
struct TextEntry {
  absl::string_view name;
  std::optional<std::string> RunSettings::*field;
};
constexpr TextEntry kTexts[] = {
    {"workspace", &RunSettings::workspace},
    {"cwd", &RunSettings::cwd},
    {"policy", &RunSettings::policy},
    {"policy_text", &RunSettings::policy_text},
    {"profile", &RunSettings::profile},
    {"workload", &RunSettings::workload},
    {"command_os", &RunSettings::command_os},
    {"backend", &RunSettings::backend},
    {"prefer", &RunSettings::prefer},
    {"net", &RunSettings::net},
    {"wsl_distribution", &RunSettings::wsl_distribution},
    {"wall", &RunSettings::wall},
    {"memory", &RunSettings::memory},
    {"processes", &RunSettings::processes},
    {"output", &RunSettings::output},
    {"ceiling", &RunSettings::ceiling},
};
struct ListEntry {
  absl::string_view name;
  std::vector<std::string> RunSettings::*field;
};
constexpr ListEntry kLists[] = {
    {"rw", &RunSettings::rw},   {"ro", &RunSettings::ro},           {"hide", &RunSettings::hide},
    {"env", &RunSettings::env}, {"require", &RunSettings::require},
};
struct TaskName {
  Task task;
  absl::string_view name;
};
constexpr TaskName kTasks[] = {{Task::kRun, "run"},
                               {Task::kProbe, "probe"},
                               {Task::kExplain, "explain"},
                               {Task::kPlan, "plan"},
                               {Task::kAudit, "audit"}};

class Encoder {
 public:
  void Add(absl::string_view name, absl::string_view value) {
    clean_ = clean_ && value.find('\0') == absl::string_view::npos;
    absl::StrAppend(&text_, name, "=", value, absl::string_view("\0", 1));
  }
  absl::StatusOr<std::string> Take() {
    if (!clean_) return Wrong("the order: a text holds a NUL, which no argument, path or variable can");
    if (text_.size() <= wsl2::kMaxFrameJson) return std::move(text_);
    return Wrong(absl::StrCat("the order: ", text_.size(), " bytes, and at most ", wsl2::kMaxFrameJson, " are taken"));
  }

 private:
  std::string text_;
  bool clean_ = true;
};

absl::Status ParseTerminal(absl::string_view value, std::optional<Terminal>* tty) {
  const size_t cross = value.find('x');
  uint32_t columns = 0, rows = 0;
  const bool read = cross != absl::string_view::npos && absl::SimpleAtoi(value.substr(0, cross), &columns) &&
                    absl::SimpleAtoi(value.substr(cross + 1), &rows);
  if (!read || columns > UINT16_MAX || rows > UINT16_MAX) return Wrong("the start: a terminal of no size");
  *tty = Terminal{static_cast<uint16_t>(columns), static_cast<uint16_t>(rows)};
  return absl::OkStatus();
}

absl::Status ParseOther(absl::string_view name, std::string value, Start* start) {
  if (name == "arg") {
    start->command.push_back(std::move(value));
  } else if (name == "variable") {
    start->environment.push_back(std::move(value));
  } else if (name == "caller_cwd") {
    start->cwd = std::move(value);
  } else if (name == "facts") {
    start->facts = std::move(value);
  } else if (name == "strict") {
    start->settings.strict = true;
  } else if (name == "stdin") {
    start->in = true;
  } else if (name == "no_report") {
    start->report = false;
  } else if (name == "tty") {
    return ParseTerminal(value, &start->tty);
  } else if (name == "task") {
    const auto found =
        std::find_if(std::begin(kTasks), std::end(kTasks), [&](const auto& t) { return t.name == value; });
    if (found == std::end(kTasks)) return Wrong("the start: an unknown task");
    start->task = found->task;
  } else {
    return Wrong(absl::StrCat("the start: an unknown entry '", name, "'"));
  }
  return absl::OkStatus();
}

absl::Status ParseEntry(absl::string_view name, std::string value, Start* start) {
  const auto is_named = [&](const auto& entry) { return entry.name == name; };
  if (const auto text = std::find_if(std::begin(kTexts), std::end(kTexts), is_named); text != std::end(kTexts)) {
    start->settings.*text->field = std::move(value);
    return absl::OkStatus();
  }
  if (const auto list = std::find_if(std::begin(kLists), std::end(kLists), is_named); list != std::end(kLists)) {
    (start->settings.*list->field).push_back(std::move(value));
    return absl::OkStatus();
  }
  return ParseOther(name, std::move(value), start);
}

Json StatusToJson(const absl::Status& status) {
  const Reason reason = ReasonOf(status).value_or(
      Reason{absl::IsInvalidArgument(status) ? "request_invalid" : "launch_failed", std::string(status.message()), ""});
  return {{"status", static_cast<int>(status.code())},
          {"code", reason.code},
          {"detail", reason.detail},
          {"remedy", reason.remedy}};
}

absl::Status StatusFromJson(const Json& json) {
  if (json.is_null()) return absl::OkStatus();
  return ReasonError(static_cast<absl::StatusCode>(json.value("status", 2)),
                     Reason{json.value("code", ""), json.value("detail", ""), json.value("remedy", "")});
}

}  // namespace

absl::StatusOr<std::string> EncodeStart(const Start& start) {
  Encoder encoder;
  for (const TaskName& task : kTasks) {
    if (task.task == start.task) encoder.Add("task", task.name);
  }
  for (const TextEntry& text : kTexts) {
    const std::optional<std::string>& value = start.settings.*text.field;
    if (value.has_value()) encoder.Add(text.name, *value);
  }
  for (const ListEntry& list : kLists) {
    for (const std::string& value : start.settings.*list.field) encoder.Add(list.name, value);
  }
  for (const std::string& argument : start.command) encoder.Add("arg", argument);
  for (const std::string& variable : start.environment) encoder.Add("variable", variable);
  encoder.Add("caller_cwd", start.cwd);
  if (start.settings.strict) encoder.Add("strict", "");
  if (start.in) encoder.Add("stdin", "");
  if (!start.report) encoder.Add("no_report", "");
  if (start.tty.has_value()) encoder.Add("tty", absl::StrCat(start.tty->columns, "x", start.tty->rows));
  if (!start.facts.empty()) encoder.Add("facts", start.facts);
  return encoder.Take();
}

absl::StatusOr<Start> ParseStart(absl::string_view payload) {
  Start start;
  while (!payload.empty()) {
    const size_t end = payload.find('\0');
    if (end == absl::string_view::npos) return Wrong("the start: its last entry has no end");
    const absl::string_view entry = payload.substr(0, end);
    payload.remove_prefix(end + 1);
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos) return Wrong("the start: an entry without a value");
    RETURN_IF_ERROR(ParseEntry(entry.substr(0, equals), std::string(entry.substr(equals + 1)), &start));
  }
  return start;
}

// One line of JSON about it, then the report or answer as it is: nothing reads that on the way.
std::string EncodeEnding(const Ending& ending) {
  Json head = {{"exit_status", ending.exit_status}, {"kind", ending.kind}, {"would_run", ending.would_run}};
  if (!ending.status.ok()) head["error"] = StatusToJson(ending.status);
  if (!ending.refusal.ok()) head["refusal"] = StatusToJson(ending.refusal);
  std::string text = absl::StrCat(head.dump(-1, ' ', false, Json::error_handler_t::replace), "\n", ending.json);
  if (text.size() <= wsl2::kMaxFrameJson) return text;
  return EncodeEnding(
      {ReasonError(absl::StatusCode::kInternal, "launch_failed",
                   absl::StrCat("the answer has ", text.size(), " bytes, which is too long to be sent")),
       ending.exit_status, ending.kind, "", absl::OkStatus(), false});
}

absl::StatusOr<Ending> ParseEnding(absl::string_view payload) {
  const size_t line = std::min(payload.find('\n'), payload.size());
  ASSIGN_OR_RETURN(const Json head, ParseJson(payload.substr(0, line), "a runner"));
  if (!head.is_object()) return absl::InternalError("a runner: its ending is no object");
  Ending ending;
  ending.exit_status = head.value("exit_status", 0);
  ending.kind = head.value("kind", "");
  ending.would_run = head.value("would_run", false);
  ending.status = StatusFromJson(head.value("error", Json()));
  ending.refusal = StatusFromJson(head.value("refusal", Json()));
  ending.json = std::string(payload.substr(std::min(line + 1, payload.size())));
  return ending;
}

}  // namespace paddock::service
