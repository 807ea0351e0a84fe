#include "provision/setup_plan.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/system_places.h"
#include "core/base/windows_path.h"

namespace paddock::provision {
namespace {

constexpr absl::string_view kComment = "Runs commands for Paddock; `paddock teardown` removes it ({setup})";

// A runner is started by a logon that is interactive in kind (CreateProcessWithLogonW). Everything else that a password
// opens is closed: the account is for nothing else.
constexpr absl::string_view kRights[] = {
    "SeInteractiveLogonRight", "SeDenyNetworkLogonRight", "SeDenyRemoteInteractiveLogonRight",
    "SeDenyBatchLogonRight",   "SeDenyServiceLogonRight",
};

// Administrators and the system may change what is in it, everyone may read and execute: the dedicated users, who are
// started with it, and the developer, who finds it.
constexpr absl::string_view kFolderDescriptor =
    "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;OICI;0x1200a9;;;{group})";

constexpr absl::string_view kToolEntry = "(A;OICI;0x1200a9;;;{group})";

absl::Status Refused(absl::string_view directory, absl::string_view why) {
  return ReasonError(absl::StatusCode::kInvalidArgument,
                     Reason{"path_invalid", absl::StrCat("tool directory ", directory, ": ", why),
                            "Name a directory that holds tools alone, such as C:\\Users\\dev\\scoop\\apps."});
}

// As it is written into the plan.
absl::StatusOr<std::string> ToolDirectory(const std::string& text) {
  const auto path = WindowsPath::Parse(text);
  if (!path.ok()) return Refused(text, path.status().message());
  const absl::Status usual = path->CheckUsual();
  if (!usual.ok()) return Refused(text, usual.message());
  if (path->kind() != WindowsPathKind::kDrive)
    return Refused(text, "is not an absolute path on a drive of this machine");
  if (path->IsRoot()) return Refused(text, "is a whole drive");
  if (FindWindowsSystemPlace(path->ToString()).has_value()) {
    return Refused(text, "belongs to the system, where the dedicated users can read without a grant");
  }
  const auto users = WindowsPath::Parse(absl::StrCat(path->root(), "Users"));
  if (!users.ok()) return users.status();
  // "C:\Users\dev" and what stands for it; "C:\Users\dev\tools" is one of its own.
  if (path->IsWithin(*users).MayBe() && path->components().size() < 3) {
    return Refused(text, "is a whole profile, with its keys and documents");
  }
  return path->ToString();
}

void AddAccounts(std::vector<Step>* steps) {
  const std::string group(kUsersGroup);
  steps->push_back({StepKind::kGroup, group, std::string(kComment)});
  for (const absl::string_view right : kRights) steps->push_back({StepKind::kRight, group, std::string(right)});
  for (const absl::string_view name : {kOfflineUser, kOnlineUser}) {
    const std::string user(name);
    // Hidden before it exists, so that no sign-in screen ever shows it.
    steps->push_back({StepKind::kHidden, user, ""});
    steps->push_back({StepKind::kUser, user, std::string(kComment)});
    steps->push_back({StepKind::kMember, user, group});
  }
}

}  // namespace

absl::StatusOr<SetupPlan> PlanSetup(const SetupInputs& inputs) {
  if (!inputs.domain_controller.no()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "domain_controller",
                       inputs.domain_controller.yes() ? "this machine is a domain controller"
                                                      : "it is not known that this machine is no domain controller");
  }
  ASSIGN_OR_RETURN(const WindowsPath program_files, WindowsPath::Parse(inputs.program_files));
  if (program_files.kind() != WindowsPathKind::kDrive || program_files.IsRoot()) {
    return absl::InvalidArgumentError(absl::StrCat("%ProgramFiles% is \"", inputs.program_files,
                                                   "\", which is no directory on a drive of this machine"));
  }
  SetupPlan plan;
  AddAccounts(&plan.steps);
  // Before anything can be started as that user.
  plan.steps.push_back({StepKind::kNetworkFilter, std::string(kOfflineUser), ""});
  const std::string folder = absl::StrCat(program_files.ToString(), "\\Paddock");
  plan.steps.push_back({StepKind::kFolder, folder, std::string(kFolderDescriptor)});
  // Named by its content: two versions stand beside each other, and none is written over while it runs.
  plan.steps.push_back({StepKind::kRunner,
                        absl::StrCat(folder, "\\paddock-runner-", inputs.runner_sha256.substr(0, 16), ".exe"),
                        inputs.runner_sha256});
  if (inputs.tool_directories.size() > kMostToolDirectories) {
    return Refused(inputs.tool_directories.back(), absl::StrCat("is one of more than ", kMostToolDirectories));
  }
  for (const std::string& text : inputs.tool_directories) {
    ASSIGN_OR_RETURN(std::string directory, ToolDirectory(text));
    const Step step = {StepKind::kToolAccess, std::move(directory), std::string(kToolEntry)};
    bool known = false;
    for (const Step& other : plan.steps) known = known || absl::EqualsIgnoreCase(other.name, step.name);
    if (!known) plan.steps.push_back(step);
  }
  return plan;
}

Json ToJson(const SetupPlan& plan) {
  Json objects = Json::array();
  for (const FilterObject& object : FilterObjects()) {
    constexpr absl::string_view kKinds[] = {"provider", "sublayer", "filter"};
    Json json = {{"kind", std::string(kKinds[static_cast<size_t>(object.kind)])},
                 {"key", std::string(object.key)},
                 {"name", std::string(object.name)}};
    if (!object.layer.empty()) json["layer"] = std::string(object.layer);
    objects.push_back(std::move(json));
  }
  return {{"schema", "paddock.setup-plan/1"}, {"steps", JsonArray(plan.steps)}, {"network_filter_objects", objects}};
}

}  // namespace paddock::provision
