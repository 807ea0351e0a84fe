#include "provision/setup_request.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>
#include "absl/strings/str_cat.h"
#include "core/base/json_members.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "provision/setup_plan.h"

namespace paddock::provision {
namespace {

constexpr char kRequestSchema[] = "paddock.setup-request/1";
constexpr char kNewsSchema[] = "paddock.setup-news/1";
constexpr absl::string_view kActions[] = {"setup", "teardown"};
constexpr absl::string_view kEvents[] = {"made", "kept", "removed", "not_undone"};

absl::Status CheckSchema(const JsonMembers& members, absl::string_view schema) {
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const std::string found, members.Text("schema"));
  if (found != schema) return absl::InvalidArgumentError(absl::StrCat("another schema than ", schema));
  return absl::OkStatus();
}

template <typename Names>
absl::StatusOr<size_t> IndexIn(const Names& names, const std::string& name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return absl::InvalidArgumentError("a word that is none of those known");
  return static_cast<size_t>(found - std::begin(names));
}

bool IsPassword(const std::string& text) {
  return text.size() >= 24 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

absl::Status CheckPasswords(const SetupRequest& request) {
  const auto& passwords = request.passwords;
  if (request.action == SetupAction::kTearDown) {
    return passwords.empty() ? absl::OkStatus() : absl::InvalidArgumentError("a teardown takes no passwords");
  }
  const bool both = passwords.size() == 2 && passwords.contains(std::string(kOfflineUser)) &&
                    passwords.contains(std::string(kOnlineUser));
  const bool good = std::all_of(passwords.begin(), passwords.end(), [](const auto& p) { return IsPassword(p.second); });
  return both && good ? absl::OkStatus() : absl::InvalidArgumentError("passwords of other users, or too weak ones");
}

Json StatusJson(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return {{"code", static_cast<uint64_t>(status.code())},
          {"message", std::string(status.message())},
          {"reason", reason ? ToJson(*reason) : Json()}};
}

// A status that was read is no status of the reading: it goes to `read`.
absl::Status ReadStatus(const Json& json, absl::Status* read) {
  const JsonMembers members(json, 3, "status");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const uint64_t number, members.Number("code", 16));
  const auto code = static_cast<absl::StatusCode>(number);
  ASSIGN_OR_RETURN(const std::string message, members.Text("message"));
  const auto reason = json.find("reason");
  if (reason == json.end()) return absl::InvalidArgumentError("status: \"reason\" is missing");
  if (code == absl::StatusCode::kOk || reason->is_null()) {
    *read = absl::Status(code, message);
    return absl::OkStatus();
  }
  const JsonMembers parts(*reason, 3, "reason");
  RETURN_IF_ERROR(parts.Check());
  Reason found;
  ASSIGN_OR_RETURN(found.code, parts.Text("code"));
  ASSIGN_OR_RETURN(found.detail, parts.Text("detail"));
  ASSIGN_OR_RETURN(found.remedy, parts.Text("remedy"));
  if (FindReasonCode(found.code) == nullptr) return absl::InvalidArgumentError("a reason that is none");
  *read = ReasonError(code, found);
  return absl::OkStatus();
}

absl::StatusOr<StepNews> StepNewsOf(const JsonMembers& members) {
  StepNews news;
  ASSIGN_OR_RETURN(const Json* step, members.Object("step"));
  ASSIGN_OR_RETURN(news.step, ParseStep(*step));
  ASSIGN_OR_RETURN(const std::string event, members.Text("event"));
  ASSIGN_OR_RETURN(const size_t index, IndexIn(kEvents, event));
  news.event = static_cast<StepEvent>(index);
  ASSIGN_OR_RETURN(news.detail, members.Text("detail"));
  return news;
}

}  // namespace

std::string FormatSetupRequest(const SetupRequest& request) {
  return DumpJson({{"schema", kRequestSchema},
                   {"action", std::string(kActions[static_cast<size_t>(request.action)])},
                   {"number", request.number},
                   {"passwords", request.passwords},
                   {"tool_directories", request.tool_directories}});
}

absl::StatusOr<SetupRequest> ParseSetupRequest(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "request", kMaxSetupMessage));
  const JsonMembers members(json, 5, "request");
  RETURN_IF_ERROR(CheckSchema(members, kRequestSchema));
  SetupRequest request;
  ASSIGN_OR_RETURN(const std::string action, members.Text("action"));
  ASSIGN_OR_RETURN(const size_t index, IndexIn(kActions, action));
  request.action = static_cast<SetupAction>(index);
  ASSIGN_OR_RETURN(request.number, members.Text("number"));
  if (!IsSetupNumber(request.number)) return absl::InvalidArgumentError("request: no number of a set-up");
  ASSIGN_OR_RETURN(request.passwords, members.TextMap("passwords"));
  RETURN_IF_ERROR(CheckPasswords(request));
  ASSIGN_OR_RETURN(request.tool_directories, members.Texts("tool_directories"));
  if (request.tool_directories.size() > kMostToolDirectories) {
    return absl::InvalidArgumentError("request: too many tool directories");
  }
  return request;
}

absl::string_view Name(StepEvent event) { return kEvents[static_cast<size_t>(event)]; }

std::string FormatSetupNews(const SetupNews& news) {
  if (const auto* const status = std::get_if<absl::Status>(&news)) {
    return DumpJson({{"schema", kNewsSchema}, {"result", StatusJson(*status)}});
  }
  const auto& step = std::get<StepNews>(news);
  return DumpJson({{"schema", kNewsSchema},
                   {"step", ToJson(step.step)},
                   {"event", std::string(Name(step.event))},
                   {"detail", step.detail}});
}

absl::StatusOr<SetupNews> ParseSetupNews(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "news", kMaxSetupMessage));
  const bool result = json.is_object() && json.contains("result");
  const JsonMembers members(json, result ? 2 : 4, "news");
  RETURN_IF_ERROR(CheckSchema(members, kNewsSchema));
  if (!result) {
    ASSIGN_OR_RETURN(StepNews news, StepNewsOf(members));
    return SetupNews(std::move(news));
  }
  ASSIGN_OR_RETURN(const Json* status, members.Object("result"));
  absl::Status read;
  RETURN_IF_ERROR(ReadStatus(*status, &read));
  return SetupNews(read);
}

}  // namespace paddock::provision
