#include "core/policy/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/policy/builtin_profiles.h"
#include "core/policy/schema.h"
#include "tests/unit/policy/policy_test_util.h"

namespace paddock {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(ProfileTest, AllBuildAndNoneRequires) {
  for (const absl::string_view name : BuiltinProfileNames()) {
    const Policy policy = Built({.profile = std::string(name)});
    EXPECT_EQ(policy.profile, name);
    for (const Requirement& requirement : policy.requirements) EXPECT_FALSE(requirement.required) << name;
    EXPECT_EQ(policy.filesystem.tmp, TmpMode::kPrivate);
    EXPECT_FALSE(policy.environment.scrub.empty());
    EXPECT_FALSE(policy.filesystem.deny_write.empty());
  }
  EXPECT_EQ(CodeOf(Build({.profile = "cod"}).status()), "policy_invalid");
}

// The profiles' lists are used unchecked.
TEST(ProfileTest, ListsAreCanonicalAndNameNothingTwice) {
  for (const absl::string_view name : BuiltinProfileNames()) {
    const auto spec = BuiltinProfile(name);
    ASSERT_TRUE(spec.ok()) << spec.status();
    for (const KeyInfo& info : PolicyKeys()) {
      const Setting* setting = spec->Find(info.key);
      if (setting == nullptr || !IsList(info.type)) continue;
      std::set<std::string> seen;
      for (const PathEntry& entry : setting->list) {
        const auto checked = CheckElement(info, entry.text);
        ASSERT_TRUE(checked.ok()) << checked.status();
        EXPECT_EQ(*checked, entry.text);
        EXPECT_TRUE(seen.insert(entry.text).second) << KeyPath(info.key) << " " << entry.text;
        EXPECT_EQ(entry.origin, (Origin{"built-in:" + std::string(name), 0}));
      }
    }
  }
}

TEST(ProfileTest, CodingIsTheDefaultAndWritesTheWorkspaceAlone) {
  const Policy policy = Built({});
  EXPECT_EQ(policy.profile, "coding");
  EXPECT_THAT(Texts(policy.filesystem.write), ElementsAre("."));
  EXPECT_EQ(policy.filesystem.read, ReadMode::kHost);
  EXPECT_EQ(policy.filesystem.home, HomeMode::kEphemeral);
  EXPECT_EQ(policy.network.mode, NetworkMode::kOff);
  EXPECT_EQ(policy.limits.processes, 2048u);
  EXPECT_EQ(policy.limits.output, 1u << 30);
  EXPECT_FALSE(policy.limits.wall || policy.limits.cpu || policy.limits.memory || policy.limits.file_size);
  for (const char* name :
       {".git/hooks", ".git/config", ".vscode", ".idea", ".claude", ".codex", ".cursor", ".gemini", ".agents",
        ".mcp.json", ".devcontainer", ".envrc", ".paddock.toml", ".github/hooks", ".tool-versions", "mise.toml"}) {
    EXPECT_THAT(Texts(policy.filesystem.deny_write), Contains(name));
  }
  for (const char* name :
       {"~/.ssh", "~/.aws", "~/.gnupg", "~/.kube", "~/.docker/config.json", "~/.netrc", "~/.git-credentials",
        "~/.config/gh", "~/.config/gcloud", "~/.azure", "~/.npmrc", "~/.pypirc", "~/.cargo/credentials.toml",
        "~/.password-store", "~/.local/share/keyrings", "~/.mozilla", "~/.config/google-chrome", "**/.env"}) {
    EXPECT_THAT(Texts(policy.filesystem.deny_read), Contains(name));
  }
}

TEST(ProfileTest, OthersDifferWhereTheyMust) {
  EXPECT_THAT(Built({.profile = "read-only"}).filesystem.write, IsEmpty());
  EXPECT_EQ(Built({.profile = "read-only"}).workload, Workload::kCoding);
  EXPECT_EQ(Built({.profile = "computer-use"}).workload, Workload::kComputerUse);
  EXPECT_EQ(Built({.profile = "computer-use"}).filesystem.read, ReadMode::kMinimal);
  EXPECT_EQ(Built({.profile = "packaged-app"}).workload, Workload::kPackagedApp);
  EXPECT_EQ(Built({.profile = "low-integrity"}).workload, Workload::kLowIntegrity);
}

TEST(MergeTest, ScalarsAreReplacedLevelByLevel) {
  EXPECT_EQ(Built({.user = "[network]\nmode = \"open\""}).network.mode, NetworkMode::kOpen);
  EXPECT_EQ(Built({.user = "[network]\nmode = \"open\"", .repo = "[network]\nmode = \"off\""}).network.mode,
            NetworkMode::kOff);
  EXPECT_EQ(Built({.user = "[network]\nmode = \"open\"", .repo = "[network]\nmode = \"off\"", .flags = {"--net open"}})
                .network.mode,
            NetworkMode::kOpen);
  EXPECT_EQ(Built({.admin = "[limits]\nmemory = \"4GiB\""}).limits.memory, 4ull << 30);
  EXPECT_EQ(Built({.admin = "[limits]\nmemory = \"4GiB\"", .user = "[limits]\nmemory = \"2GiB\""}).limits.memory,
            2ull << 30);
  EXPECT_EQ(Built({.user = "[limits]\nprocesses = \"none\""}).limits.processes, std::nullopt);
}

TEST(MergeTest, ListsAreReplacedUnlessTheyNameTheInheritedOne) {
  const Policy replaced = Built({.user = "[filesystem]\ndeny_read = [\"~/.ssh\"]"});
  EXPECT_THAT(Texts(replaced.filesystem.deny_read), ElementsAre("~/.ssh"));
  const Policy extended = Built({.user = "[filesystem]\ndeny_read = [\"~/x\", \"@inherited\", \"~/.ssh\", \"~/y\"]"});
  const auto texts = Texts(extended.filesystem.deny_read);
  EXPECT_EQ(texts.front(), "~/x");
  EXPECT_EQ(texts.back(), "~/y");
  EXPECT_EQ(std::count(texts.begin(), texts.end(), "~/.ssh"), 1);
  EXPECT_THAT(texts, Contains("~/.aws"));
  EXPECT_THAT(Built({.user = "[filesystem]\nwrite = []"}).filesystem.write, IsEmpty());
}

TEST(MergeTest, FlagsAppend) {
  const Policy policy =
      Built({.flags = {"--rw /opt/cache", "--hide secrets", "--ro /data/in", "--env GITHUB_TOKEN", "--env CI=1"}});
  EXPECT_THAT(Texts(policy.filesystem.write), ElementsAre(".", "/opt/cache"));
  EXPECT_THAT(Texts(policy.filesystem.deny_read), Contains("~/.ssh"));
  EXPECT_THAT(Texts(policy.filesystem.deny_read), Contains("secrets"));
  EXPECT_THAT(Texts(policy.filesystem.read_only), ElementsAre("/data/in"));
  EXPECT_THAT(policy.environment.inherit, Contains("PATH"));
  EXPECT_THAT(policy.environment.inherit, Contains("GITHUB_TOKEN"));
  EXPECT_EQ(policy.environment.set.at("CI"), "1");
  EXPECT_EQ(policy.filesystem.write[1].origin, (Origin{"--rw", 0}));
}

TEST(MergeTest, TablesAreMergedByName) {
  const Policy policy = Built({.admin = "[environment]\nset = { A = \"1\" }",
                               .user = "[environment]\nset = { B = \"2\" }",
                               .repo = "[environment]\nset = { C = \"3\" }",
                               .flags = {"--env B=4"}});
  EXPECT_THAT(policy.environment.set,
              ElementsAre(testing::Pair("A", "1"), testing::Pair("B", "4"), testing::Pair("C", "3")));
}

TEST(MergeTest, ALaterScrubShutsOutWhatAnEarlierLevelNamed) {
  const Policy scrubbed = Built({.user = "[environment]\nscrub = [\"@inherited\", \"lang\"]"});
  EXPECT_THAT(scrubbed.environment.inherit, Not(Contains("LANG")));
  EXPECT_THAT(scrubbed.environment.inherit, Contains("PATH"));
  const Policy named = Built({.user = "[environment]\ninherit = [\"@inherited\", \"MY_TOKEN\"]"});
  EXPECT_THAT(named.environment.inherit, Contains("MY_TOKEN"));
}

TEST(MergeTest, TheProfileIsTheFlagsElseTheUsersElseTheAdministrators) {
  EXPECT_EQ(Built({.user = "extends = \"read-only\""}).profile, "read-only");
  EXPECT_EQ(Built({.admin = "extends = \"read-only\""}).profile, "read-only");
  EXPECT_EQ(Built({.user = "extends = \"read-only\"", .profile = "coding"}).profile, "coding");
  EXPECT_THAT(Texts(Built({.user = "extends = \"read-only\"", .profile = "coding"}).filesystem.write),
              ElementsAre("."));
}

TEST(MergeTest, AnEmptyAllowListAllowsNothing) {
  const Policy policy = Built({.user = "[network]\nmode = \"brokered\"\nallow = []"});
  EXPECT_EQ(policy.network.mode, NetworkMode::kBrokered);
  EXPECT_THAT(policy.network.allow, IsEmpty());
}

TEST(MergeTest, AModeThatComesLaterSilencesTheList) {
  const std::string brokered = "[network]\nmode = \"brokered\"\nallow = [\"a.org\"]";
  EXPECT_THAT(Built({.user = brokered}).network.allow, ElementsAre("a.org"));
  EXPECT_THAT(Built({.user = brokered, .flags = {"--net off"}}).network.allow, IsEmpty());
  EXPECT_THAT(Built({.user = brokered, .repo = "[network]\nmode = \"off\""}).network.allow, IsEmpty());
  EXPECT_THAT(Built({.user = brokered, .flags = {"--net allow=b.org"}}).network.allow, ElementsAre("b.org"));
}

TEST(MergeTest, Contradictions) {
  const struct {
    Levels levels;
    const char* message;
  } kCases[] = {
      {{.user = "[network]\nmode = \"off\"\nallow = [\"a.org\"]"},
       "user.toml:3: network.allow: lists hosts, but network.mode is \"off\" (user.toml:2)"},
      {{.user = "[network]\nmode = \"open\"\nallow = [\"a.org\"]"}, "lists hosts, but network.mode is \"open\""},
      {{.user = "[network]\nallow = [\"a.org\"]"}, "lists hosts, but network.mode is \"off\" (built-in:coding)"},
      {{.admin = "[network]\nmode = \"off\"\nallow = [\"a.org\"]"}, "admin.toml:3: network.allow: lists hosts"},
      {{.user = "[filesystem]\ndeny_write = [\".\"]"},
       "filesystem.write \".\" (built-in:coding) is covered as a whole by filesystem.deny_write \".\" (user.toml:2)"},
      {{.user = "[filesystem]\ndeny_read = [\"**\"]"}, "is covered as a whole by filesystem.deny_read \"**\""},
      {{.user = "[filesystem]\ndeny_write = [\"**/*\"]"}, "is covered as a whole by filesystem.deny_write \"**/*\""},
      {{.user = "[filesystem]\ndeny_read = [\"~\"]"},
       "filesystem.write \".\" (built-in:coding) is covered as a whole by filesystem.deny_read \"~\""},
      {{.flags = {"--ro ."}}, "is covered as a whole by filesystem.read_only \".\" (--ro)"},
      {{.flags = {"--rw .vscode"}},
       "filesystem.write \".vscode\" (--rw) is covered as a whole by filesystem.deny_write \".vscode\" "
       "(built-in:coding)"},
      {{.flags = {"--rw ~/.ssh/x"}}, "is covered as a whole by filesystem.deny_read \"~/.ssh\""},
      {{.user = "[backend]\nallow = []"}, "user.toml:2: backend.allow: is empty"},
      {{.user = "[backend]\nallow = [\"wsl2\"]", .flags = {"--backend linux_landlock:namespaces"}},
       "--backend linux_landlock is not in backend.allow"},
      {{.user = "capabilities = [\"internetClient\"]"}, "capabilities are for workload \"packaged-app\" alone"},
      {{.user = "[network]\nmode = \"open\"\n[require]\nnetwork = \"off\""},
       "require.network = \"off\" contradicts network.mode = \"open\""},
      {{.flags = {"--net allow=a.org", "--require network=off"}}, "contradicts network.mode = \"brokered\""},
  };
  for (const auto& c : kCases) {
    const auto policy = Build(c.levels);
    ASSERT_FALSE(policy.ok()) << c.message;
    EXPECT_EQ(CodeOf(policy.status()), "policy_invalid") << c.message;
    EXPECT_THAT(DetailOf(policy.status()), HasSubstr(c.message));
  }
}

TEST(MergeTest, ValidateHoldsForPoliciesMadeByHand) {
  Policy policy = Built({});
  EXPECT_TRUE(ValidatePolicy(policy).ok());
  policy.limits.wall = std::chrono::milliseconds(0);
  EXPECT_THAT(DetailOf(ValidatePolicy(policy)), HasSubstr("limits.wall is zero"));
  policy = Built({});
  policy.network.allow = {"a.org"};
  EXPECT_FALSE(ValidatePolicy(policy).ok());
}

// What `policy show --json` prints is a policy file that gives the same policy.
TEST(MergeTest, TheCanonicalFormParsesBackToItself) {
  const Levels kCases[] = {
      {},
      {.profile = "computer-use"},
      {.profile = "low-integrity"},
      {.user = "capabilities = [\"a\"]", .profile = "packaged-app"},
      {.user =
           "[network]\nmode = \"brokered\"\nallow = [\"a.org:1\"]\n[limits]\nwall = \"90m\"\nmemory = 123456789\n"
           "[environment]\nset = { A = \"\\u00e9\" }\n[backend]\nallow = [\"wsl2\"]\n[require]\nwrite = \"confined\""},
      {.flags = {"--backend wsl2", "--rw /opt/x y"}},
  };
  for (const Levels& levels : kCases) {
    const Json json = ToJson(Built(levels));
    const auto spec = ParsePolicy(DumpJson(json), "again.json", PolicyFormat::kJson);
    ASSERT_TRUE(spec.ok()) << spec.status();
    PolicySources sources;
    sources.user = PolicyFile{"again.json", *spec};
    const auto again = BuildPolicy(sources);
    ASSERT_TRUE(again.ok()) << again.status();
    Json expected = json, found = ToJson(*again);
    expected.erase("require");  // what was preferred is spelled out now
    found.erase("require");
    EXPECT_EQ(found, expected);
  }
}

TEST(EnumTest, NamesParseBack) {
  for (const auto workload :
       {Workload::kCoding, Workload::kComputerUse, Workload::kPackagedApp, Workload::kLowIntegrity}) {
    EXPECT_EQ(ParseEnum<Workload>(Name(workload)), workload);
  }
  for (const auto mode : {NetworkMode::kOff, NetworkMode::kBrokered, NetworkMode::kOpen})
    EXPECT_EQ(ParseEnum<NetworkMode>(Name(mode)), mode);
  for (const auto home : {HomeMode::kEphemeral, HomeMode::kKept, HomeMode::kReadOnly})
    EXPECT_EQ(ParseEnum<HomeMode>(Name(home)), home);
  for (const auto os : {CommandOs::kNative, CommandOs::kLinux, CommandOs::kAny})
    EXPECT_EQ(ParseEnum<CommandOs>(Name(os)), os);
  for (const auto prefer : {Prefer::kAuto, Prefer::kIsolation, Prefer::kFidelity})
    EXPECT_EQ(ParseEnum<Prefer>(Name(prefer)), prefer);
  EXPECT_EQ(ParseEnum<ReadMode>("minimal"), ReadMode::kMinimal);
  EXPECT_EQ(ParseEnum<TmpMode>("host"), TmpMode::kHost);
  EXPECT_EQ(ParseEnum<TmpMode>("Host"), std::nullopt);
  EXPECT_EQ(ParseEnum<Workload>(""), std::nullopt);
}

}  // namespace
}  // namespace paddock
