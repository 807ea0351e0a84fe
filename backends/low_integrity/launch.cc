#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/low_integrity/launch_copies.h"
#include "backends/low_integrity/launch_enforcement.h"
#include "backends/low_integrity/launcher.h"
#include "backends/low_integrity/low_plan.h"
#include "core/access/sddl.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"
#include "core/windows_launch/command_start.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/wide.h"

namespace paddock {

LowIntegrityLauncherOptions::LowIntegrityLauncherOptions() = default;
LowIntegrityLauncherOptions::LowIntegrityLauncherOptions(LowIntegrityLauncherOptions&&) noexcept = default;
LowIntegrityLauncherOptions& LowIntegrityLauncherOptions::operator=(LowIntegrityLauncherOptions&&) noexcept = default;
LowIntegrityLauncherOptions::~LowIntegrityLauncherOptions() = default;

namespace {

constexpr int kInterrupt = 2;
constexpr size_t kRunDigits = 24;

absl::StatusOr<TokenOrder> OrderOf(const LowTokenSpec& spec, const Symbols& symbols) {
  TokenOrder order;
  order.flags = (spec.disable_max_privilege ? DISABLE_MAX_PRIVILEGE : 0u) | (spec.lua_token ? LUA_TOKEN : 0u);
  if (spec.integrity != "low") {
    return absl::InvalidArgumentError(absl::StrCat("the plan asks for the integrity level ", spec.integrity));
  }
  order.integrity = access::kLowIntegrity;
  ASSIGN_OR_RETURN(order.owner, symbols.FillSid(spec.owner));
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, symbols.FillDescriptor(spec.default_dacl));
  if (descriptor.dacl_state != access::AclState::kPresent) {
    return absl::InvalidArgumentError("the plan's default DACL is no list, which would let everybody in");
  }
  order.default_dacl = descriptor.dacl;
  return order;
}

// The run's folder, which the command may write, cannot be moved away while this is open.
class HeldFolder : public HostChange {
 public:
  static absl::StatusOr<std::unique_ptr<HeldFolder>> Hold(const std::string& path) {
    ASSIGN_OR_RETURN(const std::wstring wide, WidePath(path));
    auto held = std::make_unique<HeldFolder>();
    held->folder_.reset(CreateFileW(wide.c_str(), FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                    OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (!held->folder_.valid()) return StepFailed("holding the run's folder");
    return held;
  }
  void Undo(RunResult*) override { folder_.reset(); }

 private:
  UniqueFileHandle folder_;
};

// One launch, step by step. What is made is held by parts_, and goes with it where a step fails.
class LowRun {
 public:
  LowRun(LowEnforcement& enforcement, LaunchRecorder& recorder, const LowIntegrityPlan& plan, const Stdio& stdio)
      : enforcement_(enforcement),
        recorder_(recorder),
        plan_(plan),
        start_({plan.job, plan.process, plan.limits}, stdio, symbols_, recorder, &parts_) {}

  absl::StatusOr<std::unique_ptr<Sandbox>> Run(EventSink& sink);

 private:
  absl::Status MakeToken();
  absl::Status MakeCopies(EventSink& sink);
  absl::Status Label();

  LowEnforcement& enforcement_;
  LaunchRecorder& recorder_;
  const LowIntegrityPlan& plan_;
  Symbols symbols_;
  TokenOrder order_;
  UniqueHandle token_;
  RunParts parts_;
  CommandStart start_;
};

absl::Status LowRun::MakeToken() {
  ASSIGN_OR_RETURN(const BaseToken base, OpenBaseToken());
  ASSIGN_OR_RETURN(const std::string run, RandomHex(kRunDigits));
  symbols_.Set("{user}", base.user.ToString());
  symbols_.Set("{logon}", base.logon.ToString());
  symbols_.Set("{run}", run);
  ASSIGN_OR_RETURN(order_, OrderOf(plan_.token, symbols_));
  ASSIGN_OR_RETURN(token_, enforcement_.Token(base, order_, recorder_));
  parts_.applied.push_back("low integrity token");
  return absl::OkStatus();
}

absl::Status LowRun::MakeCopies(EventSink& sink) {
  ASSIGN_OR_RETURN(parts_.folders, RunFolders::Make(plan_.state_dir, &symbols_));
  recorder_.OnCall("symbols", Json(symbols_.values()));
  for (const TreeCopy& copy : plan_.copies) sink.OnEvent(ProgressEvent{absl::StrCat("copying ", copy.from)});
  ASSIGN_OR_RETURN(std::unique_ptr<LabelledCopies> copies,
                   LabelledCopies::Make(plan_, symbols_, [this] { return start_.Interrupted(); }));
  parts_.changes.push_back(std::move(copies));
  return absl::OkStatus();
}

absl::Status LowRun::Label() {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor label, access::ParseSddl(plan_.label));
  const std::string& folder = parts_.folders->path();
  ASSIGN_OR_RETURN(std::unique_ptr<HeldFolder> held, HeldFolder::Hold(folder));
  recorder_.OnCall("SetKernelObjectSecurity", {{"path", folder}, {"label", plan_.label}});
  RETURN_IF_ERROR(LabelTree(folder, label.sacl));
  ASSIGN_OR_RETURN(const std::unique_ptr<AclFile> top, MakeNtfsVolumes()->Open(folder));
  RETURN_IF_ERROR(enforcement_.CheckLabel(*top, label.sacl));
  // Behind the copies: undone before them, so that the folder can be taken apart.
  parts_.changes.push_back(std::move(held));
  parts_.applied.push_back("low label on the run's folder");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Sandbox>> LowRun::Run(EventSink& sink) {
  RETURN_IF_ERROR(MakeToken());
  const absl::Status copied = MakeCopies(sink);
  // A large tree takes long, and whoever waits for it may give up.
  if (absl::IsCancelled(copied)) return EndedSandbox({ExitKind::kSignalled, 0, kInterrupt, {}}, sink);
  RETURN_IF_ERROR(copied);
  // In the copy, where the command may name it.
  RETURN_IF_ERROR(start_.Find());
  if (!start_.has_program()) return EndedSandbox(start_.outcome(), sink);
  RETURN_IF_ERROR(Label());
  const CommandChecks checks = {
      [this](HANDLE job) { return enforcement_.CheckJob(job, plan_.job); },
      [this](HANDLE process, HANDLE job) { return enforcement_.CheckProcess(process, job, order_); }};
  RETURN_IF_ERROR(start_.Make(token_.get(), nullptr, checks));
  if (!start_.has_program()) return EndedSandbox(start_.outcome(), sink);
  return start_.Start(sink);
}

class LowIntegrityLauncher : public Launcher {
 public:
  explicit LowIntegrityLauncher(LowIntegrityLauncherOptions options) : options_(std::move(options)) {}

  absl::string_view backend() const override { return "low_integrity"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto* const body = dynamic_cast<const LowIntegrityPlan*>(plan.body.get());
    if (body == nullptr) return absl::InvalidArgumentError("the plan is not one of low_integrity");
    NoRecorder nobody;
    LowRun run(*options_.enforcement, options_.recorder != nullptr ? *options_.recorder : nobody, *body, stdio);
    auto sandbox = run.Run(sink);
    if (sandbox.ok() || ReasonOf(sandbox.status()).has_value()) return sandbox;
    return AsUnavailable(sandbox.status());
  }

 private:
  LowIntegrityLauncherOptions options_;
};

}  // namespace

std::unique_ptr<Launcher> MakeLowIntegrityLauncher(LowIntegrityLauncherOptions options) {
  return std::make_unique<LowIntegrityLauncher>(std::move(options));
}

}  // namespace paddock
