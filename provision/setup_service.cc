#include "provision/setup_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"
#include "core/platform/files.h"
#include "core/platform/windows/machine/message_pipe.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::provision {
namespace {

using machine::MessagePipe;

constexpr size_t kMostRunnerBytes = 256u << 20;

// By which the helper says that it listens. In the session's own namespace, which elevation does not leave.
std::wstring EventName(const std::string& name) { return ToWide(absl::StrCat("Local\\", name)); }

absl::StatusOr<UniqueHandle> MakeReadyEvent(const std::string& name) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor parsed,
                   access::ParseSddl("D:P(A;;0x1f0003;;;OW)(A;;0x100002;;;BA)(A;;0x1f0003;;;SY)"));
  ASSIGN_OR_RETURN(std::string descriptor, access::ToBinary(parsed));
  SECURITY_ATTRIBUTES attributes = {sizeof(SECURITY_ATTRIBUTES), descriptor.data(), FALSE};
  UniqueHandle event(CreateEventW(&attributes, TRUE, FALSE, EventName(name).c_str()));
  if (!event.valid() || GetLastError() == ERROR_ALREADY_EXISTS) return Win32Status(GetLastError(), "CreateEvent");
  return event;
}

absl::Status SayReady(const std::string& name) {
  const UniqueHandle event(OpenEventW(EVENT_MODIFY_STATE, FALSE, EventName(name).c_str()));
  if (!event.valid() || !SetEvent(event.get())) return Win32Status(GetLastError(), "telling that set-up listens");
  return absl::OkStatus();
}

struct Asked {
  SetupRequest request;
  UniqueHandle caller;
  std::string owner;
};

absl::StatusOr<Asked> TakeRequest(MessagePipe& pipe) {
  Asked asked;
  ASSIGN_OR_RETURN(const std::string text, pipe.Receive());
  ASSIGN_OR_RETURN(asked.request, ParseSetupRequest(text));
  ASSIGN_OR_RETURN(asked.caller, pipe.ClientToken());
  ASSIGN_OR_RETURN(const access::Sid user, UserOf(asked.caller.get()));
  asked.owner = user.ToString();
  return asked;
}

}  // namespace

absl::StatusOr<SetupPlan> PlanFrom(const SetupSurroundings& surroundings,
                                   const std::vector<std::string>& tool_directories) {
  SetupInputs inputs;
  inputs.domain_controller = surroundings.domain_controller;
  inputs.program_files = surroundings.program_files;
  inputs.tool_directories = tool_directories;
  ASSIGN_OR_RETURN(const std::string runner, ReadWholeFile(surroundings.runner, kMostRunnerBytes));
  inputs.runner_sha256 = Sha256Hex(Sha256Of(runner));
  return PlanSetup(inputs);
}

absl::Status DoSetup(const SetupRequest& request, const SetupSurroundings& surroundings, const std::string& owner,
                     HANDLE caller, const StepListener& listener) {
  ASSIGN_OR_RETURN(const machine::MachineCalls calls, machine::MachineCalls::Load(surroundings.libraries));
  WindowsHostOptions options;
  options.calls = &calls;
  options.passwords = request.passwords;
  options.runner = surroundings.runner;
  options.caller = caller;
  options.record_key = surroundings.record_key;
  options.sign_in_key = surroundings.sign_in_key;
  const std::unique_ptr<ProvisionHost> host = MakeWindowsHost(std::move(options));
  if (request.action == SetupAction::kTearDown) return UndoSetup(*host, listener);
  ASSIGN_OR_RETURN(const SetupPlan plan, PlanFrom(surroundings, request.tool_directories));
  return MakeSetup(plan, owner, request.number, *host, listener).status();
}

absl::Status ServeSetup(const std::string& name, uint32_t caller, const SetupSurroundings& surroundings) {
  ASSIGN_OR_RETURN(MessagePipe pipe, MessagePipe::Listen(name, kMaxSetupMessage));
  RETURN_IF_ERROR(SayReady(name));
  RETURN_IF_ERROR(pipe.Accept(caller));
  const absl::StatusOr<Asked> asked = TakeRequest(pipe);
  absl::Status result = asked.status();
  if (asked.ok()) {
    // Whoever asked may be gone by now: what is begun is finished, or undone, all the same.
    const StepListener tell = [&](const Step& step, StepEvent event, absl::string_view detail) {
      pipe.Send(FormatSetupNews(StepNews{step, event, std::string(detail)})).IgnoreError();
    };
    result = DoSetup(asked->request, surroundings, asked->owner, asked->caller.get(), tell);
  }
  pipe.Send(FormatSetupNews(result)).IgnoreError();
  return result;
}

absl::Status AskForSetup(const SetupRequest& request, const StartHelper& start, const StepListener& listener) {
  ASSIGN_OR_RETURN(const std::string random, RandomHex(32));
  const std::string name = absl::StrCat("paddock-setup-", random);
  ASSIGN_OR_RETURN(const UniqueHandle ready, MakeReadyEvent(name));
  ASSIGN_OR_RETURN(const UniqueHandle helper, start(name, GetCurrentProcessId()));
  const HANDLE handles[] = {ready.get(), helper.get()};
  if (WaitForMultipleObjects(2, handles, FALSE, INFINITE) != WAIT_OBJECT_0) {
    return absl::UnavailableError("the elevated process has ended without a word");
  }
  ASSIGN_OR_RETURN(MessagePipe pipe, MessagePipe::Connect(name, kMaxSetupMessage, GetProcessId(helper.get())));
  RETURN_IF_ERROR(pipe.Send(FormatSetupRequest(request)));
  for (;;) {
    ASSIGN_OR_RETURN(const std::string text, pipe.Receive());
    ASSIGN_OR_RETURN(const SetupNews news, ParseSetupNews(text));
    if (const auto* const result = std::get_if<absl::Status>(&news)) return *result;
    const auto& step = std::get<StepNews>(news);
    listener(step.step, step.event, step.detail);
  }
}

}  // namespace paddock::provision
