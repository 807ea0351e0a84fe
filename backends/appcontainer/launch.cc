#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/launch_enforcement.h"
#include "backends/appcontainer/launch_profile.h"
#include "backends/appcontainer/launcher.h"
#include "backends/appcontainer/package_plan.h"
#include "core/access/app_container.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_progress.h"
#include "core/platform/windows/random.h"
#include "core/windows_launch/command_start.h"
#include "core/windows_launch/held_leases.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/token.h"

namespace paddock {

AppContainerLauncherOptions::AppContainerLauncherOptions() = default;
AppContainerLauncherOptions::AppContainerLauncherOptions(AppContainerLauncherOptions&&) noexcept = default;
AppContainerLauncherOptions& AppContainerLauncherOptions::operator=(AppContainerLauncherOptions&&) noexcept = default;
AppContainerLauncherOptions::~AppContainerLauncherOptions() = default;

namespace {

constexpr int kInterrupt = 2;
constexpr size_t kRunDigits = 24;

// One launch, step by step. What is made is held by parts_, and goes with it where a step fails.
class PackageRun {
 public:
  PackageRun(PackageEnforcement& enforcement, LaunchRecorder& recorder, const AppContainerPlan& plan,
             const Stdio& stdio)
      : enforcement_(enforcement),
        recorder_(recorder),
        plan_(plan),
        start_({plan.job, plan.process, plan.limits}, stdio, symbols_, recorder, &parts_) {}

  absl::StatusOr<std::unique_ptr<Sandbox>> Run(EventSink& sink);

 private:
  absl::Status NamePackage();
  absl::Status MakeProfile();
  absl::Status MakeFolders();
  absl::Status TakeLeases(EventSink& sink);
  EntryCheck Check() {
    return [this](AclFile& file, const access::Ace& entry) { return enforcement_.CheckEntry(file, entry); };
  }

  PackageEnforcement& enforcement_;
  LaunchRecorder& recorder_;
  const AppContainerPlan& plan_;
  Symbols symbols_;
  PackageOrder package_;
  ContainerOrder container_;
  RunParts parts_;
  CommandStart start_;
};

absl::Status PackageRun::NamePackage() {
  ASSIGN_OR_RETURN(const std::string run, RandomHex(kRunDigits));
  symbols_.Set("{run}", run);
  package_.name = symbols_.Fill(plan_.package.name);
  package_.display_name = plan_.package.display_name;
  ASSIGN_OR_RETURN(package_.sid, access::PackageSid(package_.name));
  symbols_.Set("{package}", package_.sid.ToString());
  for (const CapabilitySpec& capability : plan_.package.capabilities) {
    ASSIGN_OR_RETURN(const access::Sid sid, access::Sid::Parse(capability.sid));
    package_.capabilities.push_back(sid);
  }
  container_ = {package_.sid, package_.capabilities, plan_.package.lpac};
  return absl::OkStatus();
}

absl::Status PackageRun::MakeProfile() {
  ASSIGN_OR_RETURN(std::unique_ptr<PackageProfile> profile, PackageProfile::Make(plan_.state_dir, package_, recorder_));
  parts_.changes.push_back(std::move(profile));
  return absl::OkStatus();
}

absl::Status PackageRun::MakeFolders() {
  ASSIGN_OR_RETURN(parts_.folders, RunFolders::Make(plan_.state_dir, &symbols_));
  return parts_.folders->Add(plan_.folders, symbols_, Check());
}

absl::Status PackageRun::TakeLeases(EventSink& sink) {
  recorder_.OnCall("symbols", Json(symbols_.values()));
  if (plan_.roots.empty()) return absl::OkStatus();
  LeaseOptions options;
  options.package = package_.name;
  options.cancelled = [this] { return start_.Interrupted(); };
  options.threads = LeaseThreads();
  ASSIGN_OR_RETURN(options.user, ReadUserToken());
  ASSIGN_OR_RETURN(LeasedHost host, OpenLeasedHost(plan_.state_dir));
  auto held = std::make_unique<LeasedGrants>(std::move(host));
  for (const WritableRoot& root : plan_.roots) {
    options.progress =
        StampProgress(root.path, [&sink](std::string text) { sink.OnEvent(ProgressEvent{std::move(text)}); });
    RETURN_IF_ERROR(held->Take(root, options, Check()));
  }
  parts_.changes.push_back(std::move(held));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Sandbox>> PackageRun::Run(EventSink& sink) {
  RETURN_IF_ERROR(NamePackage());
  RETURN_IF_ERROR(MakeProfile());
  RETURN_IF_ERROR(MakeFolders());
  RETURN_IF_ERROR(start_.Find());
  if (!start_.has_program()) return EndedSandbox(start_.outcome(), sink);
  const absl::Status leased = TakeLeases(sink);
  // A large tree takes long, and whoever waits for it may give up.
  if (absl::IsCancelled(leased)) return EndedSandbox({ExitKind::kSignalled, 0, kInterrupt, {}}, sink);
  RETURN_IF_ERROR(leased);
  parts_.applied.push_back(container_.lpac ? "less privileged AppContainer" : "AppContainer");
  const CommandChecks checks = {
      [this](HANDLE job) { return enforcement_.CheckJob(job, plan_.job); },
      [this](HANDLE process, HANDLE job) { return enforcement_.CheckProcess(process, job, container_); }};
  RETURN_IF_ERROR(start_.Make(nullptr, enforcement_.Container(container_), checks));
  if (!start_.has_program()) return EndedSandbox(start_.outcome(), sink);
  return start_.Start(sink);
}

class AppContainerLauncher : public Launcher {
 public:
  explicit AppContainerLauncher(AppContainerLauncherOptions options) : options_(std::move(options)) {}

  absl::string_view backend() const override { return "appcontainer"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto* const body = dynamic_cast<const AppContainerPlan*>(plan.body.get());
    if (body == nullptr) return absl::InvalidArgumentError("the plan is not one of appcontainer");
    NoRecorder nobody;
    PackageRun run(*options_.enforcement, options_.recorder != nullptr ? *options_.recorder : nobody, *body, stdio);
    auto sandbox = run.Run(sink);
    if (sandbox.ok() || ReasonOf(sandbox.status()).has_value()) return sandbox;
    return AsUnavailable(sandbox.status());
  }

 private:
  AppContainerLauncherOptions options_;
};

}  // namespace

std::unique_ptr<Launcher> MakeAppContainerLauncher(AppContainerLauncherOptions options) {
  return std::make_unique<AppContainerLauncher>(std::move(options));
}

}  // namespace paddock
