#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/reason.h"
#include "provision/setup_plan.h"
#include "tests/support/golden.h"

namespace paddock::provision {
namespace {

SetupInputs Inputs() {
  SetupInputs inputs;
  inputs.domain_controller = No("test");
  inputs.program_files = "C:\\Program Files";
  inputs.runner_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  return inputs;
}

TEST(SetupPlan, IsWhatItWas) {
  ExpectGolden("tests/golden/provision/setup.json", DumpJson(ToJson(*PlanSetup(Inputs()))));
  SetupInputs tools = Inputs();
  tools.tool_directories = {"C:\\Users\\dev\\scoop\\apps", "D:/sdk/", "d:\\SDK"};
  ExpectGolden("tests/golden/provision/setup_tools.json", DumpJson(ToJson(*PlanSetup(tools))));
}

TEST(SetupPlan, RefusesADomainController) {
  for (const Fact& fact : {Yes("test"), Fact{}}) {
    SetupInputs inputs = Inputs();
    inputs.domain_controller = fact;
    EXPECT_EQ(ReasonOf(PlanSetup(inputs).status())->code, "domain_controller");
  }
}

TEST(SetupPlan, RefusesDirectoriesThatAreMoreThanTools) {
  for (const char* directory : {"",
                                "tools",
                                "C:tools",
                                "C:\\",
                                "D:\\",
                                "C:\\Users",
                                "C:\\Users\\dev",
                                "c:\\users\\DEV\\",
                                "C:\\Users\\Public",
                                "C:\\Windows",
                                "C:\\Windows\\System32",
                                "C:\\Program Files\\Git",
                                "\\\\server\\share\\tools",
                                "\\\\?\\C:\\tools",
                                "\\\\.\\C:\\tools",
                                "C:\\tools:stream",
                                "C:\\tools\\con",
                                "C:\\tools*",
                                "C:\\Users\\dev\\.",
                                "C:\\USERS\\DEVELO~1"}) {
    SetupInputs inputs = Inputs();
    inputs.tool_directories = {directory};
    const auto plan = PlanSetup(inputs);
    EXPECT_FALSE(plan.ok()) << directory;
    if (plan.ok()) continue;
    EXPECT_EQ(ReasonOf(plan.status())->code, "path_invalid") << directory;
  }
}

TEST(SetupPlan, RefusesAProgramFilesThatIsNone) {
  for (const char* directory : {"", "Program Files", "C:\\", "\\\\server\\share\\x"}) {
    SetupInputs inputs = Inputs();
    inputs.program_files = directory;
    EXPECT_FALSE(PlanSetup(inputs).ok()) << directory;
  }
}

// Each object has a key of its own: of two with one key the second could not be made.
TEST(FilterObjects, HaveKeysOfTheirOwn) {
  std::vector<std::string> keys;
  for (const FilterObject& object : FilterObjects()) {
    EXPECT_EQ(std::count(keys.begin(), keys.end(), object.key), 0);
    keys.emplace_back(object.key);
    EXPECT_EQ(object.layer.empty(), object.kind != FilterObject::Kind::kFilter);
  }
}

}  // namespace
}  // namespace paddock::provision
