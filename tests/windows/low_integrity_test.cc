// The launch path of low_integrity: what a command gets, and what becomes of its copies. Nothing here says that it is
// confined: the enforcement composes, and reads nothing back.
#include <gmock/gmock.h>
#include <windows.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/low_integrity/launch_copies.h"
#include "backends/low_integrity/launch_enforcement.h"
#include "backends/low_integrity/launcher.h"
#include "backends/low_integrity/low_plan.h"
#include "core/base/reason.h"
#include "core/windows_launch/launch_error.h"
#include "tests/windows/confined_fixture.h"

namespace paddock {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Composes, and refuses the step of a number.
class ComposeOnly : public LowEnforcement {
 public:
  explicit ComposeOnly(int refuse) : refuse_(refuse) {}
  absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                     LaunchRecorder& recorder) override {
    if (absl::Status step = Step(); !step.ok()) return step;
    return ComposeToken(base, order, recorder);
  }
  absl::Status CheckJob(HANDLE, const JobSpec&) override { return Step(); }
  absl::Status CheckProcess(HANDLE, HANDLE, const TokenOrder&) override { return Step(); }
  absl::Status CheckLabel(AclFile&, const access::Acl&) override { return Step(); }

 private:
  absl::Status Step() {
    return step_++ == refuse_ ? ReadBackFailed(absl::StrCat("step ", refuse_, " of the test")) : absl::OkStatus();
  }
  const int refuse_;
  int step_ = 0;
};

class LowIntegrityTest : public ConfinedFixture {
 protected:
  LowIntegrityTest() : body_(std::make_shared<LowIntegrityPlan>()) {
    body_->token.default_dacl = "D:(A;;GA;;;{user})(A;;GA;;;SY)(A;;GRGX;;;{logon})";
    body_->copies = {{ws_, "{run_folder}\\1\\ws", true, In("state\\copies\\{run}-1"), "write"}};
    body_->folders = {"{run_folder}\\tmp", "{run_folder}\\home"};
    body_->label = "S:(ML;OICI;NW;;;LW)";
    body_->state_dir = state_;
    Command("exit 37");
  }
  void Command(const std::string& line) {
    Prepare(&body_->process, {"C:\\windows\\system32\\cmd.exe", "/c", line});
    body_->process.cwd = "{run_folder}\\1\\ws";
    body_->process.environment.push_back("TEMP={run_folder}\\tmp");
  }
  std::unique_ptr<Launcher> Make(std::unique_ptr<LowEnforcement> enforcement) {
    LowIntegrityLauncherOptions options;
    options.enforcement = std::move(enforcement);
    options.recorder = &recorder_;
    return MakeLowIntegrityLauncher(std::move(options));
  }
  LaunchPlan Plan() const {
    LaunchPlan plan;
    plan.backend = {"low_integrity", ""};
    plan.body = body_;
    return plan;
  }
  RunResult RunOnce() {
    const auto launcher = Make(std::make_unique<ComposeOnly>(-1));
    return Run(*launcher, Plan());
  }

  std::shared_ptr<LowIntegrityPlan> body_;
};

TEST_F(LowIntegrityTest, ACopyThatIsNotChangedGoes) {
  const RunResult result = RunOnce();
  EXPECT_EQ(result.outcome.code, 37);
  EXPECT_EQ(absl::StrJoin(result.notices, "\n"), "");
  ExpectNothingLeft();
  EXPECT_THAT(NamesIn(In("state\\copies")), IsEmpty());
  EXPECT_EQ(recorder_.calls["CreateRestrictedToken"]["disable_max_privilege"], true);
  EXPECT_EQ(recorder_.calls["CreateRestrictedToken"]["restricting"], Json::array());
  EXPECT_EQ(recorder_.calls["SetKernelObjectSecurity"]["label"], "S:(ML;OICI;NW;;;LW)");
}

TEST_F(LowIntegrityTest, ACopyThatIsChangedIsKeptAndTheTreeIsNot) {
  Command("echo changed> main.c");
  const RunResult result = RunOnce();
  EXPECT_EQ(result.outcome.code, 0);
  EXPECT_EQ(Read(ws_ + "\\main.c"), "int main;");
  ASSERT_THAT(result.notices, SizeIs(1));
  EXPECT_THAT(result.notices[0], HasSubstr("which is kept in"));
  const std::vector<std::string> kept = NamesIn(In("state\\copies"));
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_THAT(result.notices[0], HasSubstr(kept[0]));
  EXPECT_EQ(Read(In("state\\copies\\" + kept[0] + "\\main.c")), "changed\r\n");
  EXPECT_EQ(Read(In("state\\copies\\" + kept[0] + "\\.git\\config")), "[core]");
  ExpectNothingLeft();
}

TEST_F(LowIntegrityTest, WhatIsMadeOrRemovedIsAChange) {
  for (const char* const line : {"echo x> new.txt", "del main.c", "md sub", "rd /s /q .git"}) {
    Command(line);
    EXPECT_THAT(RunOnce().notices, SizeIs(1)) << line;
    EXPECT_EQ(Read(ws_ + "\\main.c"), "int main;") << line;
    EXPECT_EQ(Read(ws_ + "\\.git\\config"), "[core]") << line;
    EXPECT_FALSE(IsThere(ws_ + "\\new.txt"));
  }
  EXPECT_THAT(NamesIn(In("state\\copies")), SizeIs(4));
}

TEST_F(LowIntegrityTest, AFileAloneIsCopied) {
  body_->copies.push_back({ws_ + "\\main.c", "{run_folder}\\2\\main.c", false, In("state\\copies\\{run}-2"), "write"});
  Command("echo changed> ..\\..\\2\\main.c");
  const RunResult result = RunOnce();
  EXPECT_THAT(result.notices, SizeIs(1));
  EXPECT_EQ(Read(ws_ + "\\main.c"), "int main;");
  ASSERT_THAT(NamesIn(In("state\\copies")), SizeIs(1));
  EXPECT_EQ(Read(In("state\\copies\\" + NamesIn(In("state\\copies"))[0])), "changed\r\n");
}

TEST_F(LowIntegrityTest, AReadBackThatDiffersAtEachStepLeavesNothing) {
  int refused = 0;
  for (;; ++refused) {
    ASSERT_LT(refused, 20);
    const auto launcher = Make(std::make_unique<ComposeOnly>(refused));
    auto sandbox = launcher->Launch(Plan(), stdio_, *this);
    if (sandbox.ok()) {
      (*sandbox)->Wait();
      break;
    }
    EXPECT_EQ(ReasonOf(sandbox.status()).value_or(Reason()).code, "readback_failed") << sandbox.status();
    ExpectNothingLeft();
    EXPECT_THAT(NamesIn(In("state\\copies")), IsEmpty());
  }
  EXPECT_EQ(refused, 4) << "the token, the label, the job, the process";
}

TEST_F(LowIntegrityTest, OtherFailuresLeaveNothing) {
  const auto launcher = Make(std::make_unique<ComposeOnly>(-1));
  body_->copies[0].from = In("gone");
  EXPECT_FALSE(launcher->Launch(Plan(), stdio_, *this).ok());
  ExpectNothingLeft();
  body_->copies[0].from = ws_;
  body_->process.command = {"no-such-program"};
  EXPECT_EQ(Run(*launcher, Plan()).outcome.kind, ExitKind::kNotFound);
  ExpectNothingLeft();
}

// The real one: Wine lowers nothing, which the token says before anything is copied.
TEST_F(LowIntegrityTest, WhereLevelsAreNotEnforcedNothingRuns) {
  if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == nullptr) {
    GTEST_SKIP() << "this is Windows, which has integrity levels";
  }
  const auto launcher = Make(MakeLowEnforcement());
  const auto sandbox = launcher->Launch(Plan(), stdio_, *this);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_TRUE(absl::IsUnavailable(sandbox.status())) << sandbox.status();
  EXPECT_EQ(ReasonOf(sandbox.status()).value_or(Reason()).code, "readback_failed") << sandbox.status();
  EXPECT_FALSE(IsThere(In("state\\runs")));
}

}  // namespace
}  // namespace paddock
