#include <cstdlib>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_dedicated.h"
#include "backends/windows_token/launch_filter_record.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "backends/windows_token/launch_logon.h"
#include "cli/command.h"
#include "cli/render_setup.h"
#include "cli/setup_run.h"
#include "compose/dedicated_users_windows.h"
#include "compose/registry.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/windows/machine/elevation.h"
#include "core/platform/windows/machine/user_secret.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/windows_probe.h"
#include "provision/credentials.h"
#include "provision/setup_service.h"

namespace paddock::cli {
namespace {

using provision::Passwords;
using provision::SetupAction;
using provision::SetupRecord;
using provision::SetupRequest;
using provision::SetupSurroundings;
using provision::StepEvent;
using provision::StepNews;

constexpr absl::string_view kHelperCommand = "setup-helper";

absl::StatusOr<SetupSurroundings> Surroundings(const Caller& caller) {
  SetupSurroundings surroundings;
  const std::string own = machine::OwnProgram();
  surroundings.runner = absl::StrCat(own.substr(0, own.find_last_of('\\')), "\\paddock-runner.exe");
  ASSIGN_OR_RETURN(surroundings.program_files, machine::ProgramFilesFolder());
  surroundings.domain_controller = WindowsProbe(caller).ProbeHost(Request()).windows_host.domain_controller;
  return surroundings;
}

absl::StatusOr<std::optional<SetupRecord>> Record() {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, provision::ReadRecordAt(provision::kRecordKey));
  if (!text) return std::optional<SetupRecord>();
  ASSIGN_OR_RETURN(SetupRecord record, provision::ParseSetupRecord(*text));
  return std::optional<SetupRecord>(std::move(record));
}

// Given at all, --tool-dir says all of them; else those on record stay.
absl::StatusOr<std::vector<std::string>> ToolDirectories(const SetupOptions& options) {
  if (!options.tool_directories.empty()) return options.tool_directories;
  std::vector<std::string> directories;
  ASSIGN_OR_RETURN(const std::optional<SetupRecord> record, Record());
  if (!record) return directories;
  for (const provision::RecordedStep& recorded : record->steps) {
    if (recorded.step.kind == provision::StepKind::kToolAccess) directories.push_back(recorded.step.name);
  }
  return directories;
}

absl::StatusOr<provision::SetupPlan> PlanHere(const SetupOptions& options, const Caller& caller) {
  ASSIGN_OR_RETURN(const SetupSurroundings surroundings, Surroundings(caller));
  ASSIGN_OR_RETURN(const std::vector<std::string> tools, ToolDirectories(options));
  return provision::PlanFrom(surroundings, tools);
}

// What is kept, if all of it is there; else new ones, which are kept before they are used anywhere.
absl::StatusOr<Passwords> PasswordsToSet(const std::string& state) {
  const auto kept = provision::ReadPasswords(state);
  if (kept.ok() && kept->has_value() && (*kept)->size() == 2) return **kept;
  Passwords passwords;
  for (const absl::string_view user : {provision::kOfflineUser, provision::kOnlineUser}) {
    ASSIGN_OR_RETURN(passwords[std::string(user)], provision::RandomPassword());
  }
  RETURN_IF_ERROR(provision::KeepPasswords(state, passwords));
  return passwords;
}

// In this process if it may, else in one that Windows asks the user about.
absl::Status Carry(const SetupRequest& request, const Caller& caller, const provision::StepListener& listener) {
  ASSIGN_OR_RETURN(const bool elevated, machine::IsElevated());
  if (elevated) {
    ASSIGN_OR_RETURN(const SetupSurroundings surroundings, Surroundings(caller));
    ASSIGN_OR_RETURN(const access::Sid owner, machine::OwnUser());
    return provision::DoSetup(request, surroundings, owner.ToString(), nullptr, listener);
  }
  const provision::StartHelper start = [](const std::string& name, uint32_t self) {
    return machine::StartElevated(machine::OwnProgram(), absl::StrCat(kHelperCommand, " ", name, " ", self));
  };
  return provision::AskForSetup(request, start, listener);
}

// Does it, and prints what is done as it is done, or all of it as JSON.
absl::Status CarryOut(const Context& context, const SetupOptions& options, const SetupRequest& request,
                      const Caller& caller, int* printed) {
  std::vector<StepNews> news;
  const absl::Status done =
      Carry(request, caller, [&](const provision::Step& step, StepEvent event, absl::string_view detail) {
        news.push_back({step, event, std::string(detail)});
        if (!options.json) *printed = Print(context, RenderStepNews(news.back()));
      });
  if (options.json) *printed = Print(context, DumpJson(SetupResultJson(news, done)));
  return done;
}

absl::StatusOr<SetupRequest> RequestFor(const SetupOptions& options, const std::string& state) {
  SetupRequest request;
  ASSIGN_OR_RETURN(request.number, RandomHex(32));
  ASSIGN_OR_RETURN(request.tool_directories, ToolDirectories(options));
  ASSIGN_OR_RETURN(request.passwords, PasswordsToSet(state));
  return request;
}

int HelperMain(const std::vector<std::string>& args, const Context& context) {
  uint32_t caller = 0;
  if (args.size() != 2 || !absl::SimpleAtoi(args[1], &caller)) {
    context.messages.Error("`paddock setup` starts this by itself");
    return kExitUsage;
  }
  const auto self = ReadCaller();
  if (!self.ok()) return Failed(context, self.status());
  const auto surroundings = Surroundings(*self);
  if (!surroundings.ok()) return Failed(context, surroundings.status());
  const absl::Status served = provision::ServeSetup(args[0], caller, *surroundings);
  return served.ok() ? kExitOk : Failed(context, served);
}

// Entries that name the group, on workspaces, would name nobody afterwards, and nothing would find them.
absl::Status TakeBackEntries(const std::string& state) {
  ASSIGN_OR_RETURN(const CollectReport collected, CollectGrants(state));
  if (collected.live == 0 && collected.kept == 0) return absl::OkStatus();
  std::string text = absl::StrCat(collected.live, " leases are held by runs, ", collected.kept, " could not be undone");
  for (const std::string& note : NoteLines(collected.report)) absl::StrAppend(&text, "; ", note);
  return ReasonError(
      absl::StatusCode::kFailedPrecondition,
      Reason{"lease_group_entry", absl::StrCat("workspaces still have entries of the dedicated users: ", text),
             "End those runs, make their volumes available, run `paddock gc`, then `paddock teardown` again."});
}

// What a standard user can learn of the filter is tried at once, and kept for the probe. Set-up is done whatever comes
// of it, since each launch without a network tries again.
std::string TryFilter(const std::string& state) {
  auto user = MakeDedicatedUsers(state)->Find(/*offline=*/true);
  if (!user.ok()) return absl::StrCat("not tried: ", user.status().message());
  const std::string setup = user->setup;
  const std::unique_ptr<RunnerStarter> starter = MakeLogonStarter();
  std::mutex station;
  const auto tested = VerifyNetworkFilter(*std::move(user), *starter, station);
  if (!tested.ok()) return absl::StrCat("not tried: ", tested.status().message());
  RememberNetworkFilter(state, setup, tested->finding);
  return absl::StrCat(tested->finding == FilterFinding::kHolds ? "seen to hold" : "not seen to hold",
                      tested->detail.empty() ? "" : ": ", tested->detail);
}

constexpr Command kInner[] = {{kHelperCommand, "the elevated part of `paddock setup`", HelperMain}};

}  // namespace

int SetUpHere(const Context& context, const SetupOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  // Refused before anybody is asked for an administrator.
  const auto plan = PlanHere(options, *caller);
  if (!plan.ok()) return Failed(context, plan.status());
  const std::string state = StateDirectory(*caller);
  const auto request = RequestFor(options, state);
  if (!request.ok()) return Failed(context, request.status());
  int printed = kExitOk;
  const absl::Status done = CarryOut(context, options, *request, *caller, &printed);
  if (done.ok()) {
    const std::string tried = TryFilter(state);
    if (!options.json) printed = Print(context, RenderFilterTry(tried));
    return printed;
  }
  const auto record = Record();
  if (record.ok() && !record->has_value()) provision::ForgetPasswords(state).IgnoreError();
  return Failed(context, done);
}

int PlanSetupHere(const Context& context, const SetupOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const auto plan = PlanHere(options, *caller);
  if (!plan.ok()) return Failed(context, plan.status());
  return Print(context, options.json ? DumpJson(ToJson(*plan)) : RenderSetupPlan(*plan));
}

int ShowSetup(const Context& context, const SetupOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  SetupStatus status;
  auto record = Record();
  if (!record.ok()) return Failed(context, record.status());
  status.record = *std::move(record);
  const auto user = machine::OwnUser();
  if (!user.ok()) return Failed(context, user.status());
  status.user = user->ToString();
  const auto passwords = provision::ReadPasswords(StateDirectory(*caller));
  status.passwords = passwords.ok() && passwords->has_value();
  for (size_t i = 0; status.record && i < status.record->steps.size(); ++i) {
    const provision::Step& step = status.record->steps[i].step;
    if (step.kind != provision::StepKind::kRunner) continue;
    status.runner = machine::IsThere(step.name);
  }
  WindowsFacts facts;
  MakeSetupProbe(StateDirectory(*caller))->AddSetupFacts(&facts);
  status.network_filter = facts.network_filter_verified;
  return Print(context, options.json ? DumpJson(ToJson(status)) : RenderSetupStatus(status));
}

int TearDownHere(const Context& context, const SetupOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const auto record = Record();
  if (!record.ok()) return Failed(context, record.status());
  const std::string state = StateDirectory(*caller);
  if (!record->has_value()) {
    const absl::Status forgotten = options.dry_run ? absl::OkStatus() : provision::ForgetPasswords(state);
    if (!forgotten.ok()) return Failed(context, forgotten);
    return Print(context, options.json ? DumpJson(SetupResultJson({}, absl::OkStatus())) : "nothing is set up\n");
  }
  if (options.dry_run) {
    provision::SetupPlan undone;
    const auto& steps = (*record)->steps;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) undone.steps.push_back(step->step);
    return Print(context, options.json ? DumpJson(ToJson(undone)) : RenderSetupPlan(undone));
  }
  const absl::Status taken_back = TakeBackEntries(state);
  if (!taken_back.ok()) return Failed(context, taken_back);
  SetupRequest request;
  request.action = SetupAction::kTearDown;
  request.number = (*record)->number;
  int printed = kExitOk;
  absl::Status done = CarryOut(context, options, request, *caller, &printed);
  if (done.ok()) done = provision::ForgetPasswords(state);
  return done.ok() ? printed : Failed(context, done);
}

absl::Span<const Command> InnerCommands() { return kInner; }

}  // namespace paddock::cli
