// The launch path of appcontainer over a userenv.dll that keeps profiles as files (fake_userenv.c): what is called with
// what, and that a failure at each step leaves nothing. Nothing here says that a command is confined: Wine has no
// AppContainers, and the enforcement of these tests asks for none.
#include <gmock/gmock.h>
#include <windows.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/appcontainer/launch_enforcement.h"
#include "backends/appcontainer/launch_profile.h"
#include "backends/appcontainer/launcher.h"
#include "backends/appcontainer/package_plan.h"
#include "core/access/app_container.h"
#include "core/base/reason.h"
#include "core/windows_launch/held_leases.h"
#include "core/windows_launch/launch_error.h"
#include "tests/windows/confined_fixture.h"

namespace paddock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kFake[] = "C:\\fake_userenv";

// Starts the command without a container, since there are none, and refuses the step of a number.
class Without : public PackageEnforcement {
 public:
  explicit Without(int refuse) : refuse_(refuse) {}
  const ContainerOrder* Container(const ContainerOrder&) override { return nullptr; }
  absl::Status CheckJob(HANDLE, const JobSpec&) override { return Step(); }
  absl::Status CheckProcess(HANDLE, HANDLE, const ContainerOrder&) override { return Step(); }
  absl::Status CheckEntry(AclFile&, const access::Ace&) override { return Step(); }

 private:
  absl::Status Step() {
    return step_++ == refuse_ ? ReadBackFailed(absl::StrCat("step ", refuse_, " of the test")) : absl::OkStatus();
  }
  const int refuse_;
  int step_ = 0;
};

class PackageTest : public ConfinedFixture {
 protected:
  PackageTest() : body_(std::make_shared<AppContainerPlan>()) {
    MakeFile(absl::StrCat(kFake, "\\calls.txt"), "");
    Fail("");
    body_->package = {"paddock.{run}", "A run", {{"internetClient", "S-1-15-3-1"}}, true};
    body_->folders = {{"{run_folder}", "(A;OICI;0x1301bf;;;{package})", false}};
    WritableRoot root = {ws_, "{package}", {}, {}};
    root.changes = {{ws_, "(A;;0x1201bf;;;{package})", AceScope::kObject, true, false, "write"},
                    {ws_, "(A;OICIIO;0x1301bf;;;{package})", AceScope::kBelow, true, false, "write"}};
    body_->roots = {root};
    body_->state_dir = state_;
    Prepare(&body_->process, {Child(), "exit", "37"});
  }

  // What the fake is to fail at from now on.
  static void Fail(const std::string& what) { MakeFile(absl::StrCat(kFake, "\\fail.txt"), what); }
  static std::vector<std::string> Profiles() { return NamesIn(absl::StrCat(kFake, "\\profiles")); }

  std::unique_ptr<Launcher> Make(std::unique_ptr<PackageEnforcement> enforcement) {
    AppContainerLauncherOptions options;
    options.enforcement = std::move(enforcement);
    options.recorder = &recorder_;
    return MakeAppContainerLauncher(std::move(options));
  }
  LaunchPlan Plan() const {
    LaunchPlan plan;
    plan.backend = {"appcontainer", ""};
    plan.body = body_;
    return plan;
  }
  // A launch that fails, with its reason's code.
  std::string Refused(int step = -1) {
    const auto launcher = Make(std::make_unique<Without>(step));
    const auto sandbox = launcher->Launch(Plan(), stdio_, *this);
    EXPECT_FALSE(sandbox.ok());
    EXPECT_TRUE(sandbox.ok() || absl::IsUnavailable(sandbox.status()) || absl::IsFailedPrecondition(sandbox.status()))
        << sandbox.status();
    return ReasonOf(sandbox.status()).value_or(Reason()).code;
  }
  void ExpectAllUndone() const {
    ExpectNothingLeft();
    EXPECT_THAT(Profiles(), IsEmpty());
  }

  std::shared_ptr<AppContainerPlan> body_;
};

TEST_F(PackageTest, ARunHasAProfileWhileItLasts) {
  const auto launcher = Make(std::make_unique<Without>(-1));
  auto sandbox = launcher->Launch(Plan(), stdio_, *this);
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  ASSERT_THAT(Profiles(), SizeIs(1)) << "the control: it is there";
  const std::string name = Profiles().front();
  EXPECT_TRUE(absl::StartsWith(name, "paddock."));
  EXPECT_THAT(NamesIn(In("state\\profiles")), testing::Contains(name));
  const RunResult result = (*sandbox)->Wait();
  EXPECT_EQ(result.outcome.code, 37);
  EXPECT_THAT(result.notices, IsEmpty());
  ExpectAllUndone();

  const std::string package = access::PackageSid(name)->ToString();
  EXPECT_EQ(recorder_.calls["symbols"]["{package}"], package);
  EXPECT_EQ(recorder_.calls["CreateAppContainerProfile"]["name"], name);
  EXPECT_EQ(recorder_.calls["CreateAppContainerProfile"]["capabilities"], Json({"S-1-15-3-1"}));
  EXPECT_THAT(recorder_.order, ElementsAre("DeriveAppContainerSidFromAppContainerName", "CreateAppContainerProfile",
                                           "symbols", "CreateJobObject", "CreateProcess"));
  const std::string calls = Read(absl::StrCat(kFake, "\\calls.txt"));
  EXPECT_THAT(calls, HasSubstr(absl::StrCat("Derive ", name, " 0")));
  EXPECT_THAT(calls, HasSubstr(absl::StrCat("Create ", name, " 1")));
  EXPECT_THAT(calls, HasSubstr(absl::StrCat("Delete ", name, " 0")));
}

TEST_F(PackageTest, EachRunHasAPackageOfItsOwn) {
  const auto launcher = Make(std::make_unique<Without>(-1));
  Run(*launcher, Plan());
  const Json first = recorder_.calls["symbols"]["{package}"];
  Run(*launcher, Plan());
  EXPECT_NE(recorder_.calls["symbols"]["{package}"], first);
}

TEST_F(PackageTest, AFailureOfTheSystemAtEachCallLeavesNothing) {
  const struct {
    const char* what;
    const char* code;
  } kCases[] = {{"Derive", "setup_failed"},
                {"Derive!", "readback_failed"},
                {"Create", "setup_failed"},
                {"Create!", "readback_failed"}};
  for (const auto& test : kCases) {
    Fail(test.what);
    EXPECT_EQ(Refused(), test.code) << test.what;
    ExpectAllUndone();
  }
}

TEST_F(PackageTest, AReadBackThatDiffersAtEachStepLeavesNothing) {
  int refused = 0;
  for (;; ++refused) {
    ASSERT_LT(refused, 20);
    const auto launcher = Make(std::make_unique<Without>(refused));
    auto sandbox = launcher->Launch(Plan(), stdio_, *this);
    if (sandbox.ok()) {
      (*sandbox)->Wait();
      break;
    }
    EXPECT_EQ(ReasonOf(sandbox.status()).value_or(Reason()).code, "readback_failed") << sandbox.status();
    ExpectAllUndone();
  }
  EXPECT_EQ(refused, 5) << "the run's folder, two entries, the job, the process";
  ExpectAllUndone();
}

TEST_F(PackageTest, OtherFailuresLeaveNothing) {
  body_->process.cwd = In("nowhere");
  EXPECT_EQ(Refused(), "cwd_unusable");
  ExpectAllUndone();
  body_->process.cwd = ws_;
  body_->roots[0].path = body_->roots[0].changes[0].path = body_->roots[0].changes[1].path = In("gone");
  EXPECT_EQ(Refused(), "lease_root_unusable");
  ExpectAllUndone();
  body_->roots.clear();
  body_->process.command = {"no-such-program"};
  const auto launcher = Make(std::make_unique<Without>(-1));
  EXPECT_EQ(Run(*launcher, Plan()).outcome.kind, ExitKind::kNotFound);
  ExpectAllUndone();
}

// The real one: Wine gives no AppContainer, which the command's process says before it runs.
TEST_F(PackageTest, WithoutAppContainersNothingRuns) {
  const auto launcher = Make(MakePackageEnforcement());
  const auto sandbox = launcher->Launch(Plan(), stdio_, *this);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_TRUE(absl::IsUnavailable(sandbox.status())) << sandbox.status();
  EXPECT_TRUE(ReasonOf(sandbox.status()).has_value()) << sandbox.status();
  ExpectAllUndone();
}

TEST_F(PackageTest, AProfileThatCannotBeRemovedIsCollectedLater) {
  const auto launcher = Make(std::make_unique<Without>(-1));
  Fail("Delete");
  const RunResult result = Run(*launcher, Plan());
  ASSERT_THAT(result.notices, SizeIs(1));
  EXPECT_THAT(result.notices[0], HasSubstr("paddock gc"));
  ASSERT_THAT(Profiles(), SizeIs(1));
  std::vector<std::string> stuck;
  auto collected = CollectPackages(state_, &stuck);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_THAT(*collected, IsEmpty());
  EXPECT_THAT(stuck, SizeIs(1));
  Fail("");
  stuck.clear();
  const std::string name = Profiles().front();
  collected = CollectPackages(state_, &stuck);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_THAT(*collected, ElementsAre(name));
  EXPECT_THAT(stuck, IsEmpty());
  ExpectAllUndone();
}

TEST_F(PackageTest, OnlyWhatIsPaddocksAndDeadIsCollected) {
  const auto launcher = Make(std::make_unique<Without>(-1));
  auto sandbox = launcher->Launch(Plan(), stdio_, *this);
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
  // Somebody has put the name of another app into the journal.
  MakeFile(In("state\\profiles\\microsoft.app_1"), "");
  MakeFile(In("state\\profiles\\paddock.UPPER"), "");
  MakeFile(absl::StrCat(kFake, "\\profiles\\microsoft.app_1"), "");
  std::vector<std::string> stuck;
  const auto collected = CollectPackages(state_, &stuck);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_THAT(*collected, IsEmpty());
  EXPECT_THAT(Profiles(), SizeIs(2)) << "the run's, and the other app's";
  (*sandbox)->Wait();
  DeleteFileA(absl::StrCat(kFake, "\\profiles\\microsoft.app_1").c_str());
}

}  // namespace
}  // namespace paddock
