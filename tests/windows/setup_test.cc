// Set-up on a machine of which the accounts, rights, lists and filters are stood in for (setup_fake.cc), and the files
// and the registry are this one's: for a prefix of Wine's alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/sha256.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/wide.h"
#include "provision/engine.h"
#include "provision/windows_host.h"
#include "tests/support/golden.h"

namespace paddock::provision {
namespace {

constexpr char kFake[] = "paddock_setup_fake.dll";
constexpr char kOwner[] = "S-1-5-21-1-2-3-500";
constexpr char kNumber[] = "00112233445566778899aabbccddeeff";
constexpr char kProgramFiles[] = "C:\\paddock-setup-test\\Program Files";
constexpr char kTools[] = "C:\\paddock-setup-test\\tools";
constexpr char kRunner[] = "C:\\paddock-setup-test\\runner.exe";
constexpr char kRunnerContent[] = "the runner";

void Nobody(const Step&, StepEvent, absl::string_view) {}

std::string System32() {
  wchar_t path[MAX_PATH];
  return ToUtf8({path, GetSystemDirectoryW(path, MAX_PATH)});
}

std::string OwnFolder() {
  wchar_t path[MAX_PATH];
  const std::string self = ToUtf8({path, GetModuleFileNameW(nullptr, path, MAX_PATH)});
  return self.substr(0, self.rfind('\\'));
}

bool Exists(const std::string& path) { return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES; }

class SetupTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::string fake = absl::StrCat(System32(), "\\", kFake);
    ASSERT_TRUE(CopyFileW(ToWide(absl::StrCat(OwnFolder(), "\\", kFake)).c_str(), ToWide(fake).c_str(), FALSE));
  }
  static void TearDownTestSuite() { DeleteFileW(ToWide(absl::StrCat(System32(), "\\", kFake)).c_str()); }

  void SetUp() override {
    for (const char* folder : {"C:\\paddock-setup-test", kProgramFiles, kTools}) {
      CreateDirectoryW(ToWide(folder).c_str(), nullptr);
    }
    std::ofstream(kRunner, std::ios::binary) << kRunnerContent;
    auto library = SystemLibrary::Load(kFake);
    ASSERT_TRUE(library.ok()) << library.status();
    library_.emplace(*std::move(library));
    auto calls = machine::MachineCalls::Load({kFake, kFake, kFake, kFake});
    ASSERT_TRUE(calls.ok()) << calls.status();
    calls_.emplace(*std::move(calls));
    Refuse(0);
  }
  void TearDown() override {
    EXPECT_TRUE(UndoSetup(*Host(), Nobody).ok());
    DeleteFileW(ToWide(kRunner).c_str());
    for (const char* folder : {kTools, kProgramFiles, "C:\\paddock-setup-test"}) {
      EXPECT_TRUE(RemoveDirectoryW(ToWide(folder).c_str())) << folder;
    }
  }

  void Refuse(int call) { library_->Find<void (*)(int)>("FakeReset")(call); }
  std::string Calls(int* count = nullptr) { return Text("FakeCalls", count); }
  std::string State() { return Text("FakeState", nullptr); }

  std::unique_ptr<ProvisionHost> Host() {
    WindowsHostOptions options;
    options.calls = &*calls_;
    options.passwords = {{"PaddockOffline", "secret one"}, {"PaddockOnline", "secret two"}};
    options.runner = kRunner;
    options.record_key = "SOFTWARE\\Paddock setup test";
    options.sign_in_key = "SOFTWARE\\Paddock setup test sign-in";
    return MakeWindowsHost(std::move(options));
  }
  static SetupPlan Plan() {
    SetupInputs inputs;
    inputs.domain_controller = No("test");
    inputs.program_files = kProgramFiles;
    inputs.runner_sha256 = Sha256Hex(Sha256Of(kRunnerContent));
    inputs.tool_directories = {kTools};
    return *PlanSetup(inputs);
  }
  absl::StatusOr<SetupRecord> Make() { return MakeSetup(Plan(), kOwner, kNumber, *Host(), Nobody); }

  void ExpectNothing(absl::string_view when) {
    EXPECT_EQ(State(), "") << when;
    EXPECT_FALSE(Exists(absl::StrCat(kProgramFiles, "\\Paddock"))) << when;
    for (const char* key : {"SOFTWARE\\Paddock setup test", "SOFTWARE\\Paddock setup test sign-in"}) {
      EXPECT_FALSE(RegistryKey::Open(HKEY_LOCAL_MACHINE, key).ok()) << when;
    }
  }

 private:
  std::string Text(const char* function, int* count) {
    std::string text(1u << 16, '\0');
    const int result = library_->Find<int (*)(char*, int)>(function)(text.data(), static_cast<int>(text.size()));
    if (count != nullptr) *count = result;
    text.resize(strlen(text.c_str()));
    return text;
  }

  std::optional<SystemLibrary> library_;
  std::optional<machine::MachineCalls> calls_;
};

// Every call in order, and what is there afterwards. Written anew by this program with --update_goldens.
TEST_F(SetupTest, CallsAreWhatTheyWere) {
  const auto record = Make();
  ASSERT_TRUE(record.ok()) << record.status();
  std::string text = absl::StrCat("paddock setup\n", Calls(), "\nwhat is there\n", State());
  Refuse(0);
  ASSERT_TRUE(Make().ok());
  absl::StrAppend(&text, "\npaddock setup, again\n", Calls());
  Refuse(0);
  ASSERT_TRUE(UndoSetup(*Host(), Nobody).ok());
  absl::StrAppend(&text, "\npaddock teardown\n", Calls());
  ExpectGolden("tests/golden/provision/calls.txt", text);
  ExpectNothing("after teardown");
}

TEST_F(SetupTest, PutsFilesAndValuesWhereTheyBelong) {
  ASSERT_TRUE(Make().ok());
  const SetupPlan plan = Plan();
  for (const Step& step : plan.steps) {
    const bool file = step.kind == StepKind::kFolder || step.kind == StepKind::kRunner;
    EXPECT_TRUE(!file || Exists(step.name)) << step.name;
  }
  const auto sign_in = RegistryKey::Open(HKEY_LOCAL_MACHINE, "SOFTWARE\\Paddock setup test sign-in");
  ASSERT_TRUE(sign_in.ok());
  EXPECT_EQ(sign_in->Number("PaddockOffline"), 0u);
  EXPECT_EQ(sign_in->Number("PaddockOnline"), 0u);
  EXPECT_TRUE(absl::StrContains(State(), "password secret one"));
  const auto record = ReadRecordAt("SOFTWARE\\Paddock setup test");
  ASSERT_TRUE(record.ok() && record->has_value());
  EXPECT_FALSE(absl::StrContains(**record, "secret"));
}

TEST_F(SetupTest, EachRefusedCallIsRolledBack) {
  int calls = 0;
  ASSERT_TRUE(Make().ok());
  Calls(&calls);
  ASSERT_TRUE(UndoSetup(*Host(), Nobody).ok());
  ASSERT_GT(calls, 50);
  for (int call = 1; call <= calls; ++call) {
    Refuse(call);
    const auto record = Make();
    EXPECT_FALSE(record.ok()) << call << ": " << Calls();
    ExpectNothing(absl::StrCat("call ", call, ", ", record.status().message()));
  }
}

TEST_F(SetupTest, EachRefusedCallOfTeardownIsMendedByTheNext) {
  int calls = 0;
  ASSERT_TRUE(Make().ok());
  Refuse(0);
  ASSERT_TRUE(UndoSetup(*Host(), Nobody).ok());
  Calls(&calls);
  ASSERT_GT(calls, 30);
  for (int call = 1; call <= calls; ++call) {
    Refuse(0);
    ASSERT_TRUE(Make().ok());
    Refuse(call);
    EXPECT_FALSE(UndoSetup(*Host(), Nobody).ok()) << call;
    Refuse(0);
    ASSERT_TRUE(UndoSetup(*Host(), Nobody).ok()) << call;
    ExpectNothing(absl::StrCat("call ", call));
  }
}

TEST_F(SetupTest, ARunnerThatChangedIsNotPlaced) {
  const SetupPlan plan = Plan();
  std::ofstream(kRunner, std::ios::binary) << "another program";
  const auto record = MakeSetup(plan, kOwner, kNumber, *Host(), Nobody);
  EXPECT_EQ(record.status().code(), absl::StatusCode::kFailedPrecondition) << record.status();
  ExpectNothing("the runner changed");
}

TEST_F(SetupTest, ARunnerThatSomebodyReplacedStays) {
  ASSERT_TRUE(Make().ok());
  std::string runner;
  for (const Step& step : Plan().steps) {
    if (step.kind == StepKind::kRunner) runner = step.name;
  }
  std::ofstream(runner, std::ios::binary) << "mine";
  EXPECT_EQ(UndoSetup(*Host(), Nobody).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Exists(runner));
  ASSERT_TRUE(DeleteFileW(ToWide(runner).c_str()));
}

TEST_F(SetupTest, ADirectoryWithToolsThatIsNotThereIsAnError) {
  SetupPlan plan = Plan();
  plan.steps.back().name = "C:\\paddock-setup-test\\none";
  EXPECT_FALSE(MakeSetup(plan, kOwner, kNumber, *Host(), Nobody).ok());
  ExpectNothing("no such directory");
}

// The product's own names are those of the system's DLLs. Wine has no FwpmFilterGetByKey0, and what it has of the rest
// does nothing: here as elsewhere it is said that this cannot be done.
TEST(MachineCalls, LoadTheSystemsOwn) {
  const auto calls = machine::MachineCalls::Load();
  EXPECT_TRUE(calls.ok() || absl::IsUnavailable(calls.status())) << calls.status();
}

}  // namespace
}  // namespace paddock::provision
