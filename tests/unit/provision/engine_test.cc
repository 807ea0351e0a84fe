#include "provision/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "tests/support/memory_machine.h"

namespace paddock::provision {
namespace {

using ::testing::HasSubstr;
using Hurt = MemoryHost::Hurt;

constexpr char kOwner[] = "S-1-5-21-1-2-3-500";
constexpr char kNumber[] = "00112233445566778899aabbccddeeff";

void Nobody(const Step&, StepEvent, absl::string_view) {}

SetupInputs Inputs() {
  SetupInputs inputs;
  inputs.domain_controller = No("test");
  inputs.program_files = "C:\\Program Files";
  inputs.runner_sha256 = std::string(64, 'a');
  inputs.tool_directories = {"C:\\Users\\dev\\tools", "D:\\sdk"};
  return inputs;
}

SetupPlan Plan(const SetupInputs& inputs = Inputs()) { return *PlanSetup(inputs); }

absl::StatusOr<SetupRecord> SetUpBy(MemoryHost& host, const SetupPlan& plan = Plan()) {
  return MakeSetup(plan, kOwner, kNumber, host, Nobody);
}

// What was there before anybody set anything up.
MemoryMachine Before() {
  MemoryMachine machine;
  machine.users["dev"] = {kOwner, "the developer"};
  machine.groups["Users"] = {"S-1-5-32-545", ""};
  machine.sign_in["dev"] = 1;
  machine.folders["C:\\Program Files"] = "D:";
  return machine;
}

MemoryMachine After(const SetupPlan& plan = Plan()) {
  MemoryMachine machine = Before();
  MemoryHost host(&machine);
  EXPECT_TRUE(SetUpBy(host, plan).ok());
  return machine;
}

int CallsOf(const std::function<absl::Status(MemoryHost&)>& act, MemoryMachine machine) {
  MemoryHost host(&machine);
  EXPECT_TRUE(act(host).ok());
  return host.calls;
}

TEST(MakeSetup, MakesAllOfItAndTearDownUndoesAllOfIt) {
  MemoryMachine machine = Before();
  MemoryHost host(&machine);
  const auto record = SetUpBy(host);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_TRUE(record->complete);
  EXPECT_EQ(*ReadSetup(host), *record);

  const std::string group = machine.groups.at("PaddockUsers").sid;
  const std::string offline = machine.users.at("PaddockOffline").sid;
  const std::string online = machine.users.at("PaddockOnline").sid;
  EXPECT_TRUE(machine.members.contains({offline, group}));
  EXPECT_TRUE(machine.members.contains({online, group}));
  EXPECT_EQ(machine.filtered, std::set<std::string>{offline});
  EXPECT_EQ(machine.sign_in.at("PaddockOffline"), 0);
  EXPECT_TRUE(machine.rights.contains({group, "SeDenyNetworkLogonRight"}));
  EXPECT_TRUE(machine.entries.contains({"D:\\sdk", absl::StrCat("(A;OICI;0x1200a9;;;", group, ")")}));
  EXPECT_THAT(machine.users.at("PaddockOnline").comment, HasSubstr(kNumber));

  ASSERT_TRUE(UndoSetup(host, Nobody).ok());
  EXPECT_EQ(machine, Before());
}

TEST(MakeSetup, IsIdempotent) {
  MemoryMachine machine = After();
  const MemoryMachine once = machine;
  MemoryHost host(&machine);
  std::vector<StepEvent> events;
  ASSERT_TRUE(
      MakeSetup(Plan(), kOwner, std::string(32, 'b'), host, [&](const Step&, StepEvent event, absl::string_view) {
        events.push_back(event);
      }).ok());
  EXPECT_EQ(machine, once);
  EXPECT_EQ(events, std::vector<StepEvent>(Plan().steps.size(), StepEvent::kKept));
}

TEST(UndoSetup, OfNothingIsNothing) {
  MemoryMachine machine = Before();
  MemoryHost host(&machine);
  EXPECT_TRUE(UndoSetup(host, Nobody).ok());
  EXPECT_EQ(host.calls, 0);
  EXPECT_EQ(ReasonOf(ReadSetup(host).status())->code, "not_provisioned");
}

TEST(MakeSetup, EachFailureIsRolledBack) {
  const int calls = CallsOf([](MemoryHost& host) { return SetUpBy(host).status(); }, Before());
  ASSERT_GT(calls, 40);
  for (int call = 1; call <= calls; ++call) {
    MemoryMachine machine = Before();
    MemoryHost host(&machine);
    host.hurt = Hurt::kFail;
    host.at = call;
    const auto record = SetUpBy(host);
    ASSERT_FALSE(record.ok()) << call;
    EXPECT_THAT(std::string(record.status().message()), HasSubstr("injected"));
    if (machine == Before()) continue;
    // The last record alone could not be written: everything is there, and is known to be.
    EXPECT_EQ(call, calls);
    host.hurt = Hurt::kNone;
    ASSERT_TRUE(UndoSetup(host, Nobody).ok());
    EXPECT_EQ(machine, Before()) << call;
  }
}

TEST(MakeSetup, AFailureLeavesWhatAnEarlierOneMade) {
  SetupInputs more = Inputs();
  more.tool_directories.push_back("E:\\more");
  more.runner_sha256 = std::string(64, 'c');
  const SetupPlan plan = Plan(more);
  const auto again = [&](MemoryHost& host) { return SetUpBy(host, plan).status(); };
  const int calls = CallsOf(again, After());
  int rolled_back = 0;
  for (int call = 1; call <= calls; ++call) {
    MemoryMachine machine = After();
    MemoryHost host(&machine);
    host.hurt = Hurt::kFail;
    host.at = call;
    const absl::Status failed = again(host);
    if (machine == After()) ++rolled_back;
    // Whatever the call, nothing is lost of what was there, or the error said so and the same call mends it.
    host.hurt = Hurt::kNone;
    ASSERT_TRUE(again(host).ok()) << call;
    MemoryMachine wanted = After(plan);
    EXPECT_EQ(ReadSetup(host)->steps.size(), plan.steps.size());
    wanted.record = machine.record;  // the same steps in another order
    EXPECT_EQ(machine, wanted) << call;
    ASSERT_TRUE(UndoSetup(host, Nobody).ok());
    EXPECT_EQ(machine, Before()) << call;
  }
  EXPECT_GT(rolled_back, calls / 2);
}

// Whenever the process dies: the same call goes on, and a teardown undoes it.
TEST(MakeSetup, EachDeathIsMended) {
  const int calls = CallsOf([](MemoryHost& host) { return SetUpBy(host).status(); }, Before());
  for (const Hurt hurt : {Hurt::kDieBefore, Hurt::kDieAfter}) {
    for (int call = 1; call <= calls; ++call) {
      for (const bool resumed : {false, true}) {
        MemoryMachine machine = Before();
        MemoryHost dying(&machine);
        dying.hurt = hurt;
        dying.at = call;
        ASSERT_FALSE(SetUpBy(dying).ok());
        MemoryHost next(&machine);
        if (resumed) {
          ASSERT_TRUE(SetUpBy(next).ok()) << call;
          MemoryMachine whole = After();
          // Of another process's making: another number of SIDs went before.
          EXPECT_EQ(machine.users.size(), whole.users.size());
          EXPECT_EQ(machine.rights.size(), whole.rights.size());
        }
        ASSERT_TRUE(UndoSetup(next, Nobody).ok()) << call;
        EXPECT_EQ(machine, Before()) << call << (resumed ? ", resumed" : "");
      }
    }
  }
}

TEST(UndoSetup, EachFailureAndDeathIsMendedByTheNext) {
  const int calls = CallsOf([](MemoryHost& host) { return UndoSetup(host, Nobody); }, After());
  for (const Hurt hurt : {Hurt::kFail, Hurt::kDieBefore, Hurt::kDieAfter}) {
    for (int call = 1; call <= calls; ++call) {
      MemoryMachine machine = After();
      MemoryHost host(&machine);
      host.hurt = hurt;
      host.at = call;
      EXPECT_FALSE(UndoSetup(host, Nobody).ok()) << call;
      MemoryHost next(&machine);
      ASSERT_TRUE(UndoSetup(next, Nobody).ok()) << call;
      EXPECT_EQ(machine, Before()) << call;
    }
  }
}

TEST(MakeSetup, TakesNothingThatIsSomebodyElses) {
  struct Case {
    const char* name;
    std::function<void(MemoryMachine&)> act;
  };
  const Case cases[] = {
      {"a user",
       [](MemoryMachine& m) {
         m.users["PaddockOnline"] = {"S-1-5-21-1-2-3-900", "mine"};
       }},
      {"a group",
       [](MemoryMachine& m) {
         m.groups["PaddockUsers"] = {"S-1-5-21-1-2-3-900", "mine"};
       }},
      {"a folder", [](MemoryMachine& m) { m.folders["C:\\Program Files\\Paddock"] = "O:WD"; }},
      {"a program",
       [](MemoryMachine& m) { m.programs["C:\\Program Files\\Paddock\\paddock-runner-aaaaaaaaaaaaaaaa.exe"] = "x"; }},
  };
  for (const Case& c : cases) {
    MemoryMachine machine = Before();
    c.act(machine);
    const MemoryMachine before = machine;
    MemoryHost host(&machine);
    const auto record = SetUpBy(host);
    EXPECT_EQ(ReasonOf(record.status())->code, "setup_name_taken") << c.name;
    EXPECT_EQ(machine, before) << c.name;
  }
}

// An account that was removed and made again by somebody is not ours any more.
TEST(UndoSetup, LeavesAnAccountThatSomebodyMadeAnew) {
  MemoryMachine machine = After();
  machine.users["PaddockOnline"] = {"S-1-5-21-1-2-3-900", "mine"};
  MemoryHost host(&machine);
  std::string not_undone;
  const absl::Status status = UndoSetup(host, [&](const Step& step, StepEvent event, absl::string_view) {
    if (event == StepEvent::kNotUndone) not_undone = Describe(step);
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(not_undone, "local user PaddockOnline");
  MemoryMachine wanted = Before();
  wanted.users["PaddockOnline"] = {"S-1-5-21-1-2-3-900", "mine"};
  wanted.record = machine.record;
  EXPECT_EQ(machine, wanted);
  EXPECT_EQ(ReadSetup(host)->steps.size(), 1u);
}

// What was there before a set-up stays after it.
TEST(UndoSetup, LeavesWhatWasThereBefore) {
  MemoryMachine machine = Before();
  machine.sign_in["PaddockOnline"] = 0;
  const MemoryMachine before = machine;
  MemoryHost host(&machine);
  ASSERT_TRUE(SetUpBy(host).ok());
  ASSERT_TRUE(UndoSetup(host, Nobody).ok());
  EXPECT_EQ(machine, before);
}

TEST(MakeSetup, IsOneUsersAlone) {
  MemoryMachine machine = After();
  const MemoryMachine before = machine;
  MemoryHost host(&machine);
  const auto record = MakeSetup(Plan(), "S-1-5-21-1-2-3-501", kNumber, host, Nobody);
  EXPECT_EQ(ReasonOf(record.status())->code, "provisioned_for_another");
  EXPECT_EQ(machine, before);
}

TEST(MakeSetup, ANewVersionTakesAwayWhatTheOldOneNeeded) {
  MemoryMachine machine = After();
  SetupInputs newer = Inputs();
  newer.runner_sha256 = std::string(64, 'b');
  newer.tool_directories = {"D:\\sdk"};
  MemoryHost host(&machine);
  ASSERT_TRUE(SetUpBy(host, Plan(newer)).ok());
  EXPECT_EQ(machine.programs.size(), 1u);
  EXPECT_EQ(machine.programs.begin()->second, newer.runner_sha256);
  EXPECT_EQ(machine.entries.size(), 1u);
  EXPECT_EQ(machine.users.at("PaddockOnline").sid, After().users.at("PaddockOnline").sid);
}

// Another comment, or another descriptor, is a change of what is there, and no reason to take an account away.
TEST(MakeSetup, ANewVersionKeepsItsAccounts) {
  MemoryMachine machine = After();
  SetupPlan newer = Plan();
  for (Step& step : newer.steps) {
    if (step.kind == StepKind::kUser) step.value += ", and more";
  }
  MemoryHost host(&machine);
  const auto record = SetUpBy(host, newer);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->steps.size(), newer.steps.size());
  EXPECT_EQ(machine.users.at("PaddockOnline").sid, After().users.at("PaddockOnline").sid);
  ASSERT_TRUE(UndoSetup(host, Nobody).ok());
  EXPECT_EQ(machine, Before());
}

TEST(MakeSetup, DoesNothingWithABrokenRecord) {
  MemoryMachine machine = After();
  machine.record = "{}";
  const MemoryMachine before = machine;
  MemoryHost host(&machine);
  EXPECT_EQ(ReasonOf(SetUpBy(host).status())->code, "setup_record_broken");
  EXPECT_EQ(ReasonOf(UndoSetup(host, Nobody))->code, "setup_record_broken");
  EXPECT_EQ(machine, before);
}

}  // namespace
}  // namespace paddock::provision
