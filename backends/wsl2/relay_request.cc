#include "backends/wsl2/relay_request.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

constexpr char kRelay[] = "the relay";
constexpr size_t kKeptWhenShortened = 64;         // elements of each list
constexpr size_t kKeptOfText = 4u << 10;          // bytes of each text
constexpr size_t kMaxNotice = kMaxFrameJson / 8;  // six bytes a character at worst

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Where the host places relays, below the home (docs/backends/wsl2.md). One that lies elsewhere was put there by
// somebody who guards it, with programs beside it that the command may need.
constexpr char kPlaced[] = ".local/share/paddock";

// What must neither be seen nor written: the directory of placed relays, else the program alone; empty if that is not
// known.
std::string HeldPath(const Caller& caller) {
  if (!IsAbsolutePath(caller.executable)) return "";
  const std::string placed = IsAbsolutePath(caller.home) ? JoinPath(caller.home, kPlaced) : "";
  return !placed.empty() && PathIsWithin(caller.executable, placed) ? placed : caller.executable;
}

absl::Status CheckHeld(const Request& request, const std::string& held) {
  for (const PathRule& grant : request.write) {
    if (!PathIsWithin(grant.path, held) && !PathIsWithin(held, grant.path)) continue;
    return ReasonError(absl::StatusCode::kFailedPrecondition, "grant_holds_paddock",
                       absl::StrCat(grant.path, " would let the command write the relay's program in ", held));
  }
  return absl::OkStatus();
}

void Shorten(std::string* text) {
  if (text->size() > kKeptOfText) text->resize(kKeptOfText);
}

void Shorten(Report* report) {
  RunResult& result = report->result;
  if (report->command.size() > kKeptWhenShortened) report->command.resize(kKeptWhenShortened);
  if (result.violations.size() > kKeptWhenShortened) result.violations.resize(kKeptWhenShortened);
  if (result.left_behind.size() > kKeptWhenShortened) result.left_behind.resize(kKeptWhenShortened);
  if (result.notices.size() > kKeptWhenShortened) result.notices.resize(kKeptWhenShortened);
  if (report->verdicts.size() > kKeptWhenShortened) report->verdicts.resize(kKeptWhenShortened);
  for (std::string& argument : report->command) Shorten(&argument);
  for (std::string& notice : result.notices) Shorten(&notice);
  Shorten(&result.outcome.reason.detail);
  result.notices.emplace_back("the far report was too long for the relay, and was cut short");
}

}  // namespace

absl::StatusOr<Request> RelayRequest(const NestedRun& run, const Caller& caller) {
  Policy policy = run.policy;
  for (const auto& [name, value] : run.environment) policy.environment.set[name] = value;
  const std::string held = HeldPath(caller);
  const bool placed = !held.empty() && held != caller.executable;
  if (placed) policy.filesystem.deny_read.push_back({EscapeGlob(held), {kRelay, 0}});
  RequestOptions options;
  options.workspace = run.workspace;
  options.cwd = run.cwd;
  options.command = run.command;
  options.tty = run.tty.has_value() ? TtyMode::kAlways : TtyMode::kNever;
  ASSIGN_OR_RETURN(Request request, MakeRequest(std::move(policy), options, caller));
  if (!held.empty()) RETURN_IF_ERROR(CheckHeld(request, held));
  return request;
}

std::string ExitedPayload(Report report) {
  std::string payload = Dump(ToJson(report));
  if (payload.size() <= kMaxFrameJson) return payload;
  Shorten(&report);
  return Dump(ToJson(report));
}

std::string StartedPayload(int64_t process_id) { return Dump({{"process_id", process_id}}); }

std::string ViolationPayload(const Violation& violation) {
  return Dump({{"evidence", violation.observed ? "observed" : "inferred"},
               {"what", violation.what},
               {"rule", violation.rule},
               {"path", violation.path}});
}

std::string NoticePayload(absl::string_view text) { return Dump({{"text", std::string(text.substr(0, kMaxNotice))}}); }

}  // namespace paddock::wsl2
