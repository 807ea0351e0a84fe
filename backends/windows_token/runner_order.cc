#include "backends/windows_token/runner_order.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/sid.h"
#include "core/base/json.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr char kSchema[] = "paddock.runner/1";
constexpr absl::string_view kMagic = "PRN1";
constexpr size_t kMaxTries = 2;

absl::Status Broken(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("no message of launcher and runner: ", what));
}

Json Begin(const char* member, const char* what) { return {{"schema", kSchema}, {member, what}}; }

Json TokenJson(const TokenSpec& token) {
  return {{"disable_max_privilege", token.disable_max_privilege},
          {"lua_token", token.lua_token},
          {"write_restricted", token.write_restricted},
          {"restricting", token.restricting},
          {"integrity", token.integrity},
          {"owner", token.owner},
          {"default_dacl", token.default_dacl}};
}

bool Has(const std::vector<std::string>& list, absl::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

absl::StatusOr<TokenSpec> TokenOf(const JsonMembers& order) {
  ASSIGN_OR_RETURN(const Json* json, order.Object("token"));
  const JsonMembers members(*json, 7, "the token");
  RETURN_IF_ERROR(members.Check());
  TokenSpec token;
  ASSIGN_OR_RETURN(token.disable_max_privilege, members.Flag("disable_max_privilege"));
  ASSIGN_OR_RETURN(token.lua_token, members.Flag("lua_token"));
  ASSIGN_OR_RETURN(token.write_restricted, members.Flag("write_restricted"));
  ASSIGN_OR_RETURN(token.restricting, members.Texts("restricting"));
  ASSIGN_OR_RETURN(token.integrity, members.Text("integrity"));
  ASSIGN_OR_RETURN(token.owner, members.Text("owner"));
  ASSIGN_OR_RETURN(token.default_dacl, members.Text("default_dacl"));
  if (!token.disable_max_privilege || !token.lua_token || !token.write_restricted ||
      !Has(token.restricting, "{user}") || !Has(token.restricting, "{run}")) {
    return Broken("a token that is not restricted as a dedicated user's has to be");
  }
  return token;
}

Json DesktopJson(const DesktopSpec& desktop) {
  return {{"own_station", desktop.own_station},
          {"station", desktop.station},
          {"desktop", desktop.desktop},
          {"descriptor", desktop.descriptor}};
}

absl::StatusOr<DesktopSpec> DesktopOf(const JsonMembers& order) {
  ASSIGN_OR_RETURN(const Json* json, order.Object("desktop"));
  const JsonMembers members(*json, 4, "the desktop");
  RETURN_IF_ERROR(members.Check());
  DesktopSpec desktop;
  ASSIGN_OR_RETURN(desktop.own_station, members.Flag("own_station"));
  ASSIGN_OR_RETURN(desktop.station, members.Text("station"));
  ASSIGN_OR_RETURN(desktop.desktop, members.Text("desktop"));
  ASSIGN_OR_RETURN(desktop.descriptor, members.Text("descriptor"));
  return desktop;
}

Json ProcessJson(const ProcessSpec& process) {
  return {{"command", process.command}, {"cwd", process.cwd},         {"environment", process.environment},
          {"tty", process.tty},         {"handles", process.handles}, {"mitigations", process.mitigations}};
}

absl::StatusOr<ProcessSpec> ProcessOf(const JsonMembers& order) {
  ASSIGN_OR_RETURN(const Json* json, order.Object("process"));
  const JsonMembers members(*json, 6, "the process");
  RETURN_IF_ERROR(members.Check());
  ProcessSpec process;
  ASSIGN_OR_RETURN(process.command, members.Texts("command"));
  ASSIGN_OR_RETURN(process.cwd, members.Text("cwd"));
  ASSIGN_OR_RETURN(process.environment, members.Texts("environment"));
  ASSIGN_OR_RETURN(process.tty, members.Flag("tty"));
  ASSIGN_OR_RETURN(process.handles, members.Texts("handles"));
  ASSIGN_OR_RETURN(process.mitigations, members.Texts("mitigations"));
  if (process.command.empty()) return Broken("an order without a command");
  return process;
}

template <typename Number>
absl::Status Read(const JsonMembers& members, const char* name, uint64_t most, Number* number) {
  ASSIGN_OR_RETURN(const uint64_t read, members.Number(name, most));
  *number = static_cast<Number>(read);
  return absl::OkStatus();
}

absl::Status CheckSymbols(const std::map<std::string, std::string>& symbols) {
  for (const auto& [symbol, value] : symbols) {
    if (symbol.size() < 3 || symbol.front() != '{' || symbol.back() != '}') return Broken("a symbol that is none");
    if (symbol == "{user}" || symbol == "{logon}") return Broken("a symbol that only the runner knows");
  }
  return absl::OkStatus();
}

Json Format(const RunnerCheck& check) {
  Json json = Begin("order", "check");
  json["symbols"] = check.symbols.empty() ? Json::object() : Json(check.symbols);
  json["token"] = TokenJson(check.token);
  json["connect"] = JsonArray(check.connect, [](const ConnectTry& one) {
    return Json({{"ipv6", one.ipv6}, {"port", one.port}});
  });
  return json;
}

Json Format(const RunnerRun& run) {
  Json json = Begin("order", "run");
  json["symbols"] = run.symbols.empty() ? Json::object() : Json(run.symbols);
  json["token"] = TokenJson(run.token);
  json["desktop"] = DesktopJson(run.desktop);
  json["process"] = ProcessJson(run.process);
  json["job"] = run.job;
  json["stdin"] = run.in;
  json["stdout"] = run.out;
  json["stderr"] = run.err;
  json["columns"] = run.columns;
  json["rows"] = run.rows;
  return json;
}

Json Format(const RunnerTaken&) { return Begin("order", "taken"); }

Json Format(const RunnerResize& resize) {
  Json json = Begin("order", "resize");
  json["columns"] = resize.columns;
  json["rows"] = resize.rows;
  return json;
}

Json Format(const RunnerChecked& checked) {
  Json json = Begin("answer", "checked");
  json["user"] = checked.user;
  json["logon"] = checked.logon;
  json["connect"] = JsonArray(checked.connect, [](const ConnectResult& one) {
    return Json({{"ipv6", one.ipv6}, {"error", one.error}});
  });
  return json;
}

Json Format(const RunnerMade& made) {
  Json json = Begin("answer", "made");
  json["process"] = made.process;
  json["thread"] = made.thread;
  json["station"] = made.station;
  json["desktop"] = made.desktop;
  json["process_id"] = made.process_id;
  json["terminal"] = made.terminal;
  json["applied"] = made.applied;
  json["notices"] = made.notices;
  return json;
}

Json Format(const RunnerEnded& ended) {
  Json json = Begin("answer", ended.kind == ExitKind::kNotFound ? "not_found" : "not_executable");
  json["code"] = ended.code;
  json["detail"] = ended.detail;
  return json;
}

Json Format(const RunnerRefused& refused) {
  Json json = Begin("answer", refused.unavailable ? "unavailable" : "refused");
  json["code"] = refused.code;
  json["detail"] = refused.detail;
  return json;
}

absl::StatusOr<RunnerOrder> ParseCheck(const Json& json) {
  const JsonMembers members(json, 5, "the order");
  RETURN_IF_ERROR(members.Check());
  RunnerCheck check;
  ASSIGN_OR_RETURN(check.symbols, members.TextMap("symbols"));
  RETURN_IF_ERROR(CheckSymbols(check.symbols));
  ASSIGN_OR_RETURN(check.token, TokenOf(members));
  ASSIGN_OR_RETURN(const Json* tries, members.List("connect", kMaxTries));
  for (const Json& one : *tries) {
    const JsonMembers inner(one, 2, "a connection");
    RETURN_IF_ERROR(inner.Check());
    ConnectTry connect;
    ASSIGN_OR_RETURN(connect.ipv6, inner.Flag("ipv6"));
    RETURN_IF_ERROR(Read(inner, "port", UINT16_MAX, &connect.port));
    check.connect.push_back(connect);
  }
  return check;
}

absl::StatusOr<RunnerOrder> ParseRun(const Json& json) {
  const JsonMembers members(json, 12, "the order");
  RETURN_IF_ERROR(members.Check());
  RunnerRun run;
  ASSIGN_OR_RETURN(run.symbols, members.TextMap("symbols"));
  RETURN_IF_ERROR(CheckSymbols(run.symbols));
  ASSIGN_OR_RETURN(run.token, TokenOf(members));
  ASSIGN_OR_RETURN(run.desktop, DesktopOf(members));
  ASSIGN_OR_RETURN(run.process, ProcessOf(members));
  RETURN_IF_ERROR(Read(members, "job", UINT64_MAX, &run.job));
  RETURN_IF_ERROR(Read(members, "stdin", UINT64_MAX, &run.in));
  RETURN_IF_ERROR(Read(members, "stdout", UINT64_MAX, &run.out));
  RETURN_IF_ERROR(Read(members, "stderr", UINT64_MAX, &run.err));
  RETURN_IF_ERROR(Read(members, "columns", INT16_MAX, &run.columns));
  RETURN_IF_ERROR(Read(members, "rows", INT16_MAX, &run.rows));
  if (run.job == 0) return Broken("an order without a job");
  return run;
}

absl::StatusOr<RunnerOrder> ParseTaken(const Json& json) {
  RETURN_IF_ERROR(JsonMembers(json, 2, "the order").Check());
  return RunnerTaken();
}

absl::StatusOr<RunnerOrder> ParseResize(const Json& json) {
  const JsonMembers members(json, 4, "the order");
  RETURN_IF_ERROR(members.Check());
  RunnerResize resize;
  RETURN_IF_ERROR(Read(members, "columns", INT16_MAX, &resize.columns));
  RETURN_IF_ERROR(Read(members, "rows", INT16_MAX, &resize.rows));
  return resize;
}

absl::StatusOr<RunnerAnswer> ParseChecked(const Json& json) {
  const JsonMembers members(json, 5, "the answer");
  RETURN_IF_ERROR(members.Check());
  RunnerChecked checked;
  ASSIGN_OR_RETURN(checked.user, members.Text("user"));
  ASSIGN_OR_RETURN(checked.logon, members.Text("logon"));
  RETURN_IF_ERROR(access::Sid::Parse(checked.user).status());
  RETURN_IF_ERROR(access::Sid::Parse(checked.logon).status());
  ASSIGN_OR_RETURN(const Json* results, members.List("connect", kMaxTries));
  for (const Json& one : *results) {
    const JsonMembers inner(one, 2, "a connection");
    RETURN_IF_ERROR(inner.Check());
    ConnectResult result;
    ASSIGN_OR_RETURN(result.ipv6, inner.Flag("ipv6"));
    RETURN_IF_ERROR(Read(inner, "error", UINT32_MAX, &result.error));
    checked.connect.push_back(result);
  }
  return checked;
}

absl::StatusOr<RunnerAnswer> ParseMade(const Json& json) {
  const JsonMembers members(json, 10, "the answer");
  RETURN_IF_ERROR(members.Check());
  RunnerMade made;
  RETURN_IF_ERROR(Read(members, "process", UINT64_MAX, &made.process));
  RETURN_IF_ERROR(Read(members, "thread", UINT64_MAX, &made.thread));
  RETURN_IF_ERROR(Read(members, "station", UINT64_MAX, &made.station));
  RETURN_IF_ERROR(Read(members, "desktop", UINT64_MAX, &made.desktop));
  RETURN_IF_ERROR(Read(members, "process_id", UINT32_MAX, &made.process_id));
  ASSIGN_OR_RETURN(made.terminal, members.Flag("terminal"));
  ASSIGN_OR_RETURN(made.applied, members.Texts("applied"));
  ASSIGN_OR_RETURN(made.notices, members.Texts("notices"));
  if (made.process == 0 || made.thread == 0 || made.desktop == 0) return Broken("a command without a process");
  return made;
}

template <typename Answer>
absl::StatusOr<RunnerAnswer> ParseReason(const Json& json, Answer answer) {
  const JsonMembers members(json, 4, "the answer");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(answer.code, members.Text("code"));
  ASSIGN_OR_RETURN(answer.detail, members.Text("detail"));
  return answer;
}

struct OrderKind {
  absl::string_view name;
  absl::StatusOr<RunnerOrder> (*parse)(const Json& json);
};
constexpr OrderKind kOrders[] = {
    {"check", &ParseCheck}, {"run", &ParseRun}, {"taken", &ParseTaken}, {"resize", &ParseResize}};

struct AnswerKind {
  absl::string_view name;
  absl::StatusOr<RunnerAnswer> (*parse)(const Json& json);
};
constexpr AnswerKind kAnswers[] = {
    {"checked", &ParseChecked},
    {"made", &ParseMade},
    {"not_found",
     [](const Json& json) {
       return ParseReason(json, RunnerEnded{ExitKind::kNotFound, "", ""});
     }},
    {"not_executable",
     [](const Json& json) {
       return ParseReason(json, RunnerEnded{ExitKind::kNotExecutable, "", ""});
     }},
    {"unavailable",
     [](const Json& json) {
       return ParseReason(json, RunnerRefused{true, "", ""});
     }},
    {"refused",
     [](const Json& json) {
       return ParseReason(json, RunnerRefused{false, "", ""});
     }},
};

// The text of `member`, once the schema is the right one.
absl::StatusOr<std::string> KindOf(const Json& json, const char* member) {
  if (!json.is_object()) return Broken("no object");
  const JsonMembers members(json, json.size(), "the message");
  ASSIGN_OR_RETURN(const std::string schema, members.Text("schema"));
  if (schema != kSchema) return Broken(absl::StrCat("another schema: ", schema));
  return members.Text(member);
}

}  // namespace

absl::StatusOr<std::string> FormatRunnerOrder(const RunnerOrder& order) {
  const Json json = std::visit([](const auto& one) { return Format(one); }, order);
  try {
    return json.dump();
  } catch (const Json::exception&) {
    return absl::InvalidArgumentError(
        "a path, an argument or a variable is not UTF-8, and cannot be told to the runner");
  }
}

std::string FormatRunnerAnswer(const RunnerAnswer& answer) {
  const Json json = std::visit([](const auto& one) { return Format(one); }, answer);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<RunnerOrder> ParseRunnerOrder(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the runner's order", kMaxRunnerText));
  ASSIGN_OR_RETURN(const std::string kind, KindOf(json, "order"));
  for (const OrderKind& row : kOrders) {
    if (row.name == kind) return row.parse(json);
  }
  return Broken(absl::StrCat("an order of another kind: ", kind));
}

absl::StatusOr<RunnerAnswer> ParseRunnerAnswer(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the runner's answer", kMaxRunnerText));
  ASSIGN_OR_RETURN(const std::string kind, KindOf(json, "answer"));
  for (const AnswerKind& row : kAnswers) {
    if (row.name == kind) return row.parse(json);
  }
  return Broken(absl::StrCat("an answer of another kind: ", kind));
}

absl::StatusOr<std::string> RunnerFrame(absl::string_view text) {
  if (text.empty() || text.size() > kMaxRunnerText) {
    return absl::InvalidArgumentError(
        absl::StrCat("a message of ", text.size(), " bytes for the runner; ", kMaxRunnerText, " at most are sent"));
  }
  std::string frame(kMagic);
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(text.size() >> shift & 0xff);
  absl::StrAppend(&frame, text);
  return frame;
}

absl::StatusOr<uint32_t> RunnerTextLength(absl::string_view header) {
  if (header.size() != kRunnerHeader || !absl::StartsWith(header, kMagic)) return Broken("no header of a frame");
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) {
    length |= static_cast<uint32_t>(static_cast<uint8_t>(header[kMagic.size() + i])) << 8 * i;
  }
  if (length == 0 || length > kMaxRunnerText) return Broken(absl::StrCat("a frame of ", length, " bytes"));
  return length;
}

}  // namespace paddock
