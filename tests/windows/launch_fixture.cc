#include "tests/windows/launch_fixture.h"

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_enforcement.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "backends/windows_token/launch_leases.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/run_folders.h"
#include "tests/windows/compose_only.h"
#include "tests/windows/lease_plan.h"

namespace paddock {
namespace {

std::string Variable(const wchar_t* name) {
  std::wstring value(32768, L'\0');
  value.resize(GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size())));
  return ToUtf8(value);
}

}  // namespace

void CallTable::OnCall(absl::string_view function, const Json& parameters) {
  std::string key(function);
  if (parameters.contains("class")) absl::StrAppend(&key, " ", parameters["class"].get<std::string>());
  calls[key] = parameters;
}

class LaunchFixture::Collector : public EventSink {
 public:
  void OnEvent(const Event& event) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    Take(event);
    changed_.notify_all();
  }

  bool Await(absl::string_view text) {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto written = [&] { return absl::StrContains(ran.out, text); };
    changed_.wait(lock, [&] { return written() || ran.exits > 0; });
    return written();
  }

  Ran ran;

 private:
  void Take(const Event& event) {
    ran.exit_was_last = std::holds_alternative<ExitedEvent>(event);
    if (ran.exit_was_last) ++ran.exits;
    if (std::holds_alternative<StartedEvent>(event)) ran.started = true;
    const auto* const output = std::get_if<OutputEvent>(&event);
    if (output == nullptr) return;
    (output->stream == StreamId::kStdout ? ran.out : ran.err).append(output->bytes.data(), output->bytes.size());
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

LaunchFixture::LaunchFixture() : plan_(std::make_shared<WindowsTokenPlan>()), collector_(new Collector) {
  place_ = absl::StrCat(Variable(L"TEMP"), "\\paddock-launch-", GetCurrentProcessId());
  plan_->token.restricting = {"{run}", "{logon}", "S-1-1-0"};
  plan_->token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GA;;;{run})(A;;GRGX;;;{logon})";
  plan_->desktop.station = "paddock-{run}";
  plan_->desktop.desktop = "paddock-{run}";
  plan_->desktop.descriptor = "D:(A;;GA;;;{user})(A;;GA;;;{run})";
  plan_->job.ui_limits = {"readclipboard", "writeclipboard"};
  plan_->process.cwd = MakeDirectory("work");
  plan_->process.environment = {"SystemRoot=C:\\windows"};
  plan_->process.handles = {"stdin", "stdout", "stderr"};
  plan_->process.mitigations = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};
  plan_->state_dir = absl::StrCat(place_, "\\state");
  stdio_.in.kind = StreamSpec::Kind::kNull;
  stdio_.out.kind = stdio_.err.kind = StreamSpec::Kind::kPipe;
  WindowsTokenLauncherOptions options;
  options.enforcement = std::make_unique<ComposeOnly>();
  options.recorder = &recorder_;
  launcher_ = MakeWindowsTokenLauncher(std::move(options));
}

LaunchFixture::~LaunchFixture() { EXPECT_TRUE(RemoveFolder(place_).ok()); }

void LaunchFixture::UseRealEnforcement() {
  WindowsTokenLauncherOptions options;
  options.enforcement = MakeEnforcement();
  options.recorder = &recorder_;
  launcher_ = MakeWindowsTokenLauncher(std::move(options));
}

std::string LaunchFixture::MakeLeasedWorkspace() {
  WindowsTokenLauncherOptions options;
  options.enforcement = std::make_unique<ComposeOnly>();
  options.leases = MakeLeaseGrants();
  options.recorder = &recorder_;
  launcher_ = MakeWindowsTokenLauncher(std::move(options));

  const std::string ws = MakeDirectory("ws");
  MakeDirectory("ws\\.git");
  MakeFile("ws\\.git\\config", "[core]");
  plan_->roots = {LeasePlanFor(ws)};
  plan_->token.restricting = {"{capability}", "{run}", "{logon}", "S-1-1-0"};
  return ws;
}

std::string LaunchFixture::Beside(absl::string_view program) {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return absl::StrCat(ToUtf8(path.substr(0, path.rfind(L'\\') + 1)), program);
}

std::string LaunchFixture::Child() { return Beside("launch_child.exe"); }

void LaunchFixture::Use(WindowsTokenLauncherOptions options) {
  options.recorder = &recorder_;
  launcher_ = MakeWindowsTokenLauncher(std::move(options));
}

std::string LaunchFixture::MakeDirectory(const std::string& below) {
  const std::string path = absl::StrCat(place_, "\\", below);
  EXPECT_TRUE(MakeDirectories(path).ok()) << path;
  return path;
}

std::string LaunchFixture::MakeFile(const std::string& name, absl::string_view content) {
  const std::string path = absl::StrCat(place_, "\\", name);
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr));
  DWORD written = 0;
  EXPECT_TRUE(WriteFile(file.get(), content.data(), static_cast<DWORD>(content.size()), &written, nullptr)) << path;
  return path;
}

absl::StatusOr<std::unique_ptr<Sandbox>> LaunchFixture::Launch() {
  LaunchPlan plan;
  plan.backend = {"windows_token", ""};
  plan.body = plan_;
  return launcher_->Launch(plan, stdio_, *collector_);
}

bool LaunchFixture::AwaitOutput(absl::string_view text) { return collector_->Await(text); }

Ran LaunchFixture::Run(const std::function<void(Sandbox&)>& meanwhile) {
  collector_->ran = Ran();
  auto sandbox = Launch();
  EXPECT_TRUE(sandbox.ok()) << sandbox.status();
  if (!sandbox.ok()) return Ran();
  std::thread other;
  if (meanwhile) other = std::thread([&] { meanwhile(**sandbox); });
  RunResult result = (*sandbox)->Wait();
  if (other.joinable()) other.join();
  collector_->ran.result = std::move(result);
  return collector_->ran;
}

}  // namespace paddock
