#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/policy/policy_test_util.h"

namespace paddock {
namespace {

// What the user spells out is required, what the profile chose is preferred.
TEST(RequirementsTest, SpelledIsRequiredAndDefaultIsPreferred) {
  const struct {
    Levels levels;
    Guarantee guarantee;
    const char* asked;
  } kCases[] = {
      {{}, Guarantee::kWrite, "preferred confined"},
      {{}, Guarantee::kRead, "preferred masked"},
      {{}, Guarantee::kNetwork, "preferred off"},
      {{}, Guarantee::kTree, "preferred contained"},
      {{}, Guarantee::kProcess, "preferred isolated"},
      {{}, Guarantee::kUi, "preferred private-desktop"},
      {{}, Guarantee::kLimits, "preferred per-process"},
      {{}, Guarantee::kWorkspace, "preferred live"},
      {{}, Guarantee::kHostChange, "preferred leased"},

      {{.flags = {"--rw /opt/x"}}, Guarantee::kWrite, "required confined"},
      {{.user = "[filesystem]\nwrite = [\".\"]"}, Guarantee::kWrite, "required confined"},
      {{.user = "[filesystem]\ndeny_write = [\"x\"]"}, Guarantee::kWrite, "required confined"},
      {{.flags = {"--ro /opt/x"}}, Guarantee::kWrite, "required confined"},
      {{.profile = "read-only"}, Guarantee::kWrite, "preferred confined"},
      {{.profile = "computer-use"}, Guarantee::kWrite, "preferred disposable"},
      {{.profile = "low-integrity"}, Guarantee::kWrite, "preferred scoped"},

      {{.flags = {"--hide secrets"}}, Guarantee::kRead, "required masked"},
      {{.user = "[filesystem]\ndeny_read = [\"~/.ssh\"]"}, Guarantee::kRead, "required masked"},
      {{.user = "[filesystem]\ndeny_read = []"}, Guarantee::kRead, ""},
      {{.user = "[filesystem]\nread = \"minimal\""}, Guarantee::kRead, "required allowlisted"},
      {{.profile = "computer-use"}, Guarantee::kRead, "preferred allowlisted"},
      {{.flags = {"--hide /srv/x"}, .profile = "computer-use"}, Guarantee::kRead, "required masked"},
      {{.profile = "low-integrity"}, Guarantee::kRead, ""},

      {{.flags = {"--net off"}}, Guarantee::kNetwork, "required off"},
      {{.user = "[network]\nmode = \"off\""}, Guarantee::kNetwork, "required off"},
      {{.admin = "[network]\nmode = \"off\""}, Guarantee::kNetwork, "required off"},
      {{.repo = "[network]\nmode = \"off\""}, Guarantee::kNetwork, "required off"},
      {{.flags = {"--net allow=a.org"}}, Guarantee::kNetwork, "required brokered"},
      {{.flags = {"--net open"}}, Guarantee::kNetwork, ""},

      // The wall clock and the output are Paddock's own; a limit that is spelled out is wanted at least for each
      // process.
      {{.flags = {"--memory 4GiB"}}, Guarantee::kLimits, "required per-process"},
      {{.user = "[limits]\nfile_size = \"1GiB\""}, Guarantee::kLimits, "required per-process"},
      {{.flags = {"--wall 10m"}}, Guarantee::kLimits, "preferred per-process"},
      {{.user = "[limits]\nprocesses = \"none\"", .flags = {"--wall 10m"}}, Guarantee::kLimits, ""},

      // A level that is written wins over what the keys ask, weaker ones too.
      {{.user = "[filesystem]\nwrite = [\".\"]\n[require]\nwrite = \"modify-scoped\""},
       Guarantee::kWrite,
       "required modify-scoped"},
      {{.flags = {"--require limits=tree"}}, Guarantee::kLimits, "required tree"},
      {{.user = "[require]\nread = \"allowlisted\"", .flags = {"--require read=none"}},
       Guarantee::kRead,
       "required none"},
      {{.flags = {"--require ui=private-desktop"}, .profile = "computer-use"},
       Guarantee::kUi,
       "required private-desktop"},

      // A repository's level only raises.
      {{.repo = "[require]\nprocess = \"isolated\""}, Guarantee::kProcess, "required isolated"},
      {{.repo = "[require]\nnetwork = \"filtered\""}, Guarantee::kNetwork, "required filtered"},
      {{.repo = "[require]\nnetwork = \"filtered\"", .strict = true}, Guarantee::kNetwork, ""},
  };
  for (const auto& c : kCases) {
    const auto policy = Build(c.levels);
    if (c.levels.strict && !c.levels.repo.empty()) {
      EXPECT_EQ(CodeOf(policy.status()), "policy_loosened") << "under --strict, off is required already";
      continue;
    }
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ(Asked(*policy, c.guarantee), c.asked) << GuaranteeName(c.guarantee);
  }
}

TEST(RequirementsTest, StrictMakesAllRequired) {
  for (const Levels& levels : {Levels{.strict = true}, Levels{.user = "strict = true"}, Levels{.repo = "strict = true"},
                               Levels{.admin = "strict = true"}}) {
    const Policy policy = Built(levels);
    EXPECT_EQ(policy.requirements.size(), kGuaranteeCount);
    for (const Requirement& requirement : policy.requirements)
      EXPECT_TRUE(requirement.required) << GuaranteeName(requirement.guarantee);
    EXPECT_EQ(Asked(policy, Guarantee::kLimits), "required per-process");
  }
  EXPECT_EQ(Asked(Built({.flags = {"--memory 4GiB"}, .strict = true}), Guarantee::kLimits), "required tree");
  const Policy lowered = Built({.flags = {"--memory 4GiB", "--require limits=per-process"}, .strict = true});
  EXPECT_EQ(Asked(lowered, Guarantee::kLimits), "required per-process");
}

TEST(RequirementsTest, AreInOrderAndAtMostOneEach) {
  const Policy policy = Built({.flags = {"--require tree=contained", "--require write=confined"}});
  for (size_t i = 1; i < policy.requirements.size(); ++i) {
    EXPECT_LT(policy.requirements[i - 1].guarantee, policy.requirements[i].guarantee);
  }
}

}  // namespace
}  // namespace paddock
