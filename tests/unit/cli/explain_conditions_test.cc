#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/app.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "tests/support/golden.h"

// A coding agent's sandbox has four conditions (docs/rubric.md). AppContainer and low integrity each fail some, and
// `paddock explain` says which, with a reason code and what to do, on every recorded host with Windows.

namespace paddock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct FailedCondition {
  absl::string_view backend, condition, meets, code;
};

constexpr FailedCondition kFailed[] = {
    {"appcontainer", "open_binaries", "no", "requires_declared_capabilities"},
    {"appcontainer", "tree", "no", "children_not_confined"},
    {"low_integrity", "host_workspace", "no", "no_host_workspace"},
    {"low_integrity", "tree", "partial", ""},
};

std::vector<std::string> WindowsHosts() {
  std::vector<std::string> hosts;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath("tests/fixtures/hosts"))) {
    const std::string path = absl::StrCat("tests/fixtures/hosts/", entry.path().filename().string());
    const auto json = ParseJson(ReadSource(path), path);
    if (json.ok() && (*json)["host"]["os"] == "windows") hosts.push_back(SourcePath(path));
  }
  return hosts;
}

std::string Explain(const std::string& facts, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"explain", "--host", facts};
  arguments.insert(arguments.end(), more.begin(), more.end());
  StringOutput out, err;
  Messages messages(err);
  const int status = AppMain(arguments, {out, messages, false});
  EXPECT_TRUE(status == kExitOk || status == kExitPaddock) << status << err.text();
  return out.text();
}

// One blank between words, as if no line had been broken.
std::string Unbroken(const std::string& text) {
  return absl::StrJoin(absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
}

const Json* Named(const Json& list, absl::string_view key, absl::string_view name) {
  for (const Json& item : list) {
    if (item[std::string(key)] == std::string(name)) return &item;
  }
  return nullptr;
}

TEST(ExplainConditionsTest, JsonNamesWhatEachFailsForCodingAndTheRemedy) {
  const std::vector<std::string> hosts = WindowsHosts();
  ASSERT_GE(hosts.size(), 15u);
  for (const std::string& host : hosts) {
    const auto json = ParseJson(Explain(host, {"--workload", "coding", "--json"}), host);
    ASSERT_TRUE(json.ok()) << json.status();
    for (const FailedCondition& failed : kFailed) {
      SCOPED_TRACE(absl::StrCat(host, " ", failed.backend, " ", failed.condition));
      const Json* const rejection = Named((*json)["rejected"], "backend", failed.backend);
      ASSERT_NE(rejection, nullptr);
      const Json* const condition = Named((*rejection)["conditions"], "condition", failed.condition);
      ASSERT_NE(condition, nullptr);
      EXPECT_EQ((*condition)["meets"], std::string(failed.meets));
      const std::string detail = (*condition)["detail"].get<std::string>();
      EXPECT_FALSE(detail.empty());
      if (failed.code.empty()) continue;
      const Json* const reason = Named((*rejection)["reasons"], "code", failed.code);
      ASSERT_NE(reason, nullptr) << (*rejection)["reasons"].dump();
      EXPECT_EQ((*reason)["detail"], absl::StrCat(failed.condition, ": ", detail));
      const ReasonCode* const code = FindReasonCode(failed.code);
      ASSERT_NE(code, nullptr);
      EXPECT_EQ((*reason)["remedy"], std::string(code->remedy));
    }
  }
}

TEST(ExplainConditionsTest, TextNamesThemToo) {
  for (const std::string& host : WindowsHosts()) {
    const std::string text = Unbroken(Explain(host, {"--workload", "coding"}));
    for (const FailedCondition& failed : kFailed) {
      SCOPED_TRACE(absl::StrCat(host, " ", failed.backend, " ", failed.condition));
      EXPECT_THAT(text, HasSubstr(absl::StrCat(failed.condition, "=", failed.meets, " (")));
      if (failed.code.empty()) continue;
      EXPECT_THAT(text, HasSubstr(absl::StrCat("(", failed.code, ")")));
      EXPECT_THAT(text, HasSubstr(absl::StrCat("remedy: ", FindReasonCode(failed.code)->remedy)));
    }
  }
}

// The control: for the workloads that they are made for, each is the choice, and fails nothing.
TEST(ExplainConditionsTest, ForItsOwnWorkloadEachIsTheChoice) {
  const std::string host = SourcePath("tests/fixtures/hosts/windows_11_home.json");
  const auto low = ParseJson(Explain(host, {"--profile", "low-integrity", "--json"}), host);
  ASSERT_TRUE(low.ok()) << low.status();
  EXPECT_NE(Named((*low)["ranked"], "backend", "low_integrity"), nullptr);
  EXPECT_THAT(Explain(host, {"--profile", "low-integrity"}), Not(HasSubstr("low_integrity host_workspace:")));
  const auto packaged = ParseJson(Explain(host, {"--profile", "packaged-app", "--json"}), host);
  ASSERT_TRUE(packaged.ok()) << packaged.status();
  const Json* const rejection = Named((*packaged)["rejected"], "backend", "appcontainer");
  ASSERT_NE(rejection, nullptr) << "a packaged app without capabilities";
  EXPECT_NE(Named((*rejection)["reasons"], "code", "requires_declared_capabilities"), nullptr);
  EXPECT_EQ(Named((*rejection)["reasons"], "code", "children_not_confined"), nullptr);
}

}  // namespace
}  // namespace paddock::cli
