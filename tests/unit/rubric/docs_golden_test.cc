#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/assess.h"
#include "tests/support/golden.h"
#include "tests/unit/rubric/rubric_hosts.h"

// docs/rubric.md and docs/reasons.md are what the code says.

namespace paddock {
namespace {

struct Sample {
  const char* title;
  const char* backend;
  absl::string_view tier;
  const char* host;
  Ask ask;
};

const std::vector<Sample>& Samples() {
  static const std::vector<Sample> kSamples = {
      {"windows_token", "windows_token", "", "windows_11_pro", {}},
      {"windows_token, dedicated user", "windows_token", "", "windows_11_pro_provisioned", {}},
      {"wsl2", "wsl2", "", "windows_11_pro_wsl2", {.command_os = CommandOs::kAny}},
      {"windows_sandbox",
       "windows_sandbox",
       "",
       "windows_11_enterprise_sandbox",
       {.workload = Workload::kComputerUse, .with_workspace = false}},
      {"appcontainer",
       "appcontainer",
       "",
       "windows_11_home",
       {.workload = Workload::kPackagedApp, .capabilities = {"documentsLibrary"}}},
      {"low_integrity",
       "low_integrity",
       "",
       "windows_11_home",
       {.workload = Workload::kLowIntegrity, .network = NetworkMode::kOpen}},
      {"linux_landlock:namespaces", "linux_landlock", kNamespacesTier, "linux_6_18", {}},
      {"linux_landlock:bubblewrap", "linux_landlock", kBubblewrapTier, "ubuntu_24_04_apparmor", {}},
      {"linux_landlock:landlock", "linux_landlock", kLandlockTier, "container_landlock", {}},
  };
  return kSamples;
}

Assessment AssessmentOf(const Sample& sample) {
  const Facts facts = LoadHost(sample.host);
  for (const Backend* backend : AllBackends()) {
    if (backend->info().name == sample.backend) return backend->Assess(sample.tier, MakeAsk(sample.ask, facts), facts);
  }
  ADD_FAILURE() << "no backend " << sample.backend;
  return {};
}

constexpr char kConditionsIntroduction[] = R"(
## The four conditions of a coding sandbox

`open_binaries`: any binary, chosen at run time. `host_workspace`: reads and writes the user's actual checkout, live for
editors, debuggers and CI. `no_admin`: set-up and each launch run as the standard user. `tree`: children inherit the same
write and network limits. A backend that fails one is not chosen for coding, and says which.

| backend | open_binaries | host_workspace | no_admin | tree |
|---|---|---|---|---|
)";

constexpr char kLevelsIntroduction[] = R"(
## Levels reached on sample hosts

Levels depend on the host's facts and on the request; `paddock explain` gives them for yours. These are for the profile of
the backend's own workload on the hosts of `tests/fixtures/hosts` that the second column names. What keeps a level below
the backend's best is in the last column.

)";

std::string ConditionsAsMarkdown() {
  std::string page = kConditionsIntroduction;
  for (const Sample& sample : Samples()) {
    absl::StrAppend(&page, "| ", sample.title, " |");
    for (const ConditionResult& result : AssessmentOf(sample).conditions) {
      absl::StrAppend(&page, " ", Name(result.meets), ": ", result.detail, " |");
    }
    page += '\n';
  }
  return page;
}

std::string LevelsAsMarkdown() {
  std::string page = absl::StrCat(kLevelsIntroduction, "| backend | host |");
  std::string line = "|---|---|";
  for (const Guarantee guarantee : kAllGuarantees) {
    absl::StrAppend(&page, " ", GuaranteeName(guarantee), " |");
    line += "---|";
  }
  absl::StrAppend(&page, " weakened by |\n", line, "---|\n");
  for (const Sample& sample : Samples()) {
    const Assessment assessment = AssessmentOf(sample);
    EXPECT_TRUE(assessment.usable()) << sample.title;
    absl::StrAppend(&page, "| ", sample.title, " | ", sample.host, " |");
    for (const Guarantee guarantee : kAllGuarantees) {
      absl::StrAppend(&page, " ", LevelName(guarantee, assessment.reached[guarantee]), " |");
    }
    // One code may stand with several details, which are not shown here.
    std::set<std::string> told;
    for (const Reason& reason : assessment.weakened_by) {
      if (told.insert(reason.code).second) absl::StrAppend(&page, " `", reason.code, "`");
    }
    page += " |\n";
  }
  return page;
}

TEST(DocsGoldenTest, TheRubricPageIsGenerated) {
  ExpectGolden("docs/rubric.md", absl::StrCat(RulesAsMarkdown(), ConditionsAsMarkdown(), LevelsAsMarkdown()));
}

TEST(DocsGoldenTest, TheReasonsPageIsGenerated) { ExpectGolden("docs/reasons.md", ReasonCodesAsMarkdown()); }

}  // namespace
}  // namespace paddock
