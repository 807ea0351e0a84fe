#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/policy/levels.h"
#include "tests/unit/policy/policy_test_util.h"

namespace paddock {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kOpenUser[] =
    "[filesystem]\nwrite = [\".\", \"/opt/cache\"]\nread_only = [\"/opt/tools\"]\ntmp = \"host\"\nhome = \"kept\"\n"
    "[network]\nmode = \"brokered\"\nallow = [\"*.npmjs.org\", \"pypi.org:443\"]\nunix_sockets = [\"/run/a.sock\"]\n"
    "[environment]\ninherit = [\"PATH\", \"LC_*\", \"MY_TOKEN\"]\nset = { A = \"1\" }\n"
    "[limits]\nmemory = \"4GiB\"\nwall = \"1h\"\n"
    "[require]\nwrite = \"scoped\"\n[backend]\nallow = [\"linux_landlock\", \"wsl2\"]";

TEST(RepositoryTest, MayTighten) {
  const char* const kRepos[] = {
      "[filesystem]\nwrite = []",
      "[filesystem]\nwrite = [\"src\", \"/opt/cache/x\"]",
      "[filesystem]\nwrite = [\"/home/me/project/src\"]",
      "[filesystem]\nwrite = [\"@inherited\"]",
      "[filesystem]\nread = \"minimal\"\nread_only = [\"/usr/lib/x\"]",
      "[filesystem]\ntmp = \"private\"\nhome = \"ephemeral\"",
      "[filesystem]\nhome = \"read-only\"",
      "[filesystem]\ndeny_write = [\"secret.lock\"]\ndeny_read = [\"secrets\", \"**/*.pem\"]",
      "[network]\nmode = \"off\"",
      "[network]\nmode = \"brokered\"\nallow = [\"registry.npmjs.org:443\", \"*.a.npmjs.org\", \"pypi.org:443\"]",
      "[network]\nallow = []",
      "[network]\nunix_sockets = []",
      "[environment]\ninherit = [\"PATH\", \"LC_ALL\"]",
      "[environment]\nscrub = [\"LC_*\"]",
      "[environment]\nset = { NODE_ENV = \"test\", A = \"1\" }",
      "[limits]\nmemory = \"1GiB\"\nwall = \"10m\"\nprocesses = 100\ncpu = \"1m\"\nfile_size = \"1GiB\"",
      "[require]\nwrite = \"confined\"\nnetwork = \"brokered\"\nprocess = \"isolated\"",
      "[backend]\nallow = [\"linux_landlock\"]",
      "[backend]\nprefer = \"isolation\"",
      "extends = \"coding\"\nworkload = \"coding\"\ncommand_os = \"native\"",
      "strict = true",
  };
  for (const char* repo : kRepos) {
    const auto policy = Build({.user = kOpenUser, .repo = repo});
    EXPECT_TRUE(policy.ok()) << repo << "\n" << policy.status();
  }
}

TEST(RepositoryTest, MayNotLoosen) {
  const struct {
    const char* repo;
    const char* message;
  } kCases[] = {
      {"[filesystem]\nwrite = [\".\", \"/opt\"]",
       ".paddock.toml:2: filesystem.write: \"/opt\" is not covered by [\".\", \"/opt/cache\"], which is inherited from "
       "user.toml:2"},
      {"[filesystem]\nwrite = [\"~\"]", "\"~\" is not covered by"},
      {"[filesystem]\nwrite = [\"/home/me/projects\"]", "is not covered by"},
      {"[network]\nmode = \"open\"",
       ".paddock.toml:2: network.mode: \"open\" is looser than \"brokered\", which is inherited from user.toml:7"},
      {"[network]\nallow = [\"evil.org\"]", "network.allow: \"evil.org\" is not covered by"},
      {"[network]\nallow = [\"npmjs.org\"]", "\"npmjs.org\" is not covered by"},
      {"[network]\nallow = [\"evilnpmjs.org\"]", "\"evilnpmjs.org\" is not covered by"},
      {"[network]\nallow = [\"pypi.org\"]", "\"pypi.org\" is not covered by"},
      {"[network]\nallow = [\"pypi.org:80\"]", "\"pypi.org:80\" is not covered by"},
      {"[network]\nunix_sockets = [\"/run/docker.sock\"]",
       "network.unix_sockets: \"/run/docker.sock\" is not covered by"},
      {"[environment]\ninherit = [\"AWS_PROFILE\"]", "environment.inherit: \"AWS_PROFILE\" is not covered by"},
      {"[environment]\ninherit = [\"LC*\"]", "\"LC*\" is not covered by"},
      {"[environment]\ninherit = [\"*\"]", "\"*\" is not covered by"},
      {"[environment]\nset = { A = \"2\" }",
       "environment.set.A: \"2\" replaces \"1\", which is inherited from user.toml:12"},
      {"[environment]\nset = { LD_PRELOAD = \"x\" }", "environment.set.LD_PRELOAD: a repository may not set it"},
      {"[environment]\nset = { path = \"x\" }", "a repository may not set it"},
      {"[environment]\nset = { GIT_SSH_COMMAND = \"x\" }", "a repository may not set it"},
      {"[environment]\nset = { HTTPS_PROXY = \"http://evil\" }", "a repository may not set it"},
      {"[limits]\nmemory = \"8GiB\"",
       "limits.memory: \"8GiB\" is more than \"4GiB\", which is inherited from user.toml:14"},
      {"[limits]\nwall = \"none\"", "limits.wall: \"none\" is more than \"1h\""},
      {"[limits]\nprocesses = 4096",
       "limits.processes: 4096 is more than 2048, which is inherited from built-in:coding"},
      {"[require]\nwrite = \"none\"",
       "require.write: \"none\" is weaker than \"scoped\", which is inherited from user.toml:17"},
      {"[require]\nnetwork = \"open\"", "require.network: \"open\" is weaker than \"brokered\""},
      {"[backend]\nallow = [\"low_integrity\"]", "backend.allow: \"low_integrity\" is not covered by"},
      {"[backend]\nprefer = \"fidelity\"", "backend.prefer: \"fidelity\" is looser than \"auto\""},
      {"extends = \"low-integrity\"",
       "extends: \"low-integrity\" differs from \"coding\", and the key cannot be changed here"},
      {"workload = \"computer-use\"", "workload: \"computer-use\" differs from \"coding\""},
      {"command_os = \"any\"", "command_os: \"any\" differs from \"native\""},
      {"capabilities = [\"internetClient\"]", "capabilities: \"internetClient\" is not covered by []"},
  };
  for (const auto& c : kCases) {
    const auto policy = Build({.user = kOpenUser, .repo = c.repo});
    ASSERT_FALSE(policy.ok()) << c.repo;
    EXPECT_EQ(CodeOf(policy.status()), "policy_loosened") << c.repo;
    EXPECT_THAT(DetailOf(policy.status()), HasSubstr(c.message)) << c.repo;
    EXPECT_THAT(DetailOf(policy.status()), testing::StartsWith(".paddock.toml:")) << c.repo;
  }
}

TEST(RepositoryTest, StricterUserValuesCannotBeLoosened) {
  EXPECT_EQ(CodeOf(Build({.repo = "[filesystem]\ntmp = \"host\""}).status()), "policy_loosened");
  EXPECT_EQ(CodeOf(Build({.repo = "[filesystem]\nhome = \"kept\""}).status()), "policy_loosened");
  EXPECT_EQ(
      CodeOf(Build({.user = "[filesystem]\nread = \"minimal\"", .repo = "[filesystem]\nread = \"host\""}).status()),
      "policy_loosened");
  EXPECT_EQ(CodeOf(Build({.user = "strict = true", .repo = "strict = false"}).status()), "policy_loosened");
}

// Under "minimal" the list grants reading, too.
TEST(RepositoryTest, ReadOnlyWidensUnderMinimal) {
  const std::string minimal = "[filesystem]\nread = \"minimal\"\nread_only = [\"/opt/tools\"]";
  EXPECT_TRUE(Build({.user = minimal, .repo = "[filesystem]\nread_only = [\"/opt/tools/bin\"]"}).ok());
  const auto policy = Build({.user = minimal, .repo = "[filesystem]\nread_only = [\"~\"]"});
  EXPECT_EQ(CodeOf(policy.status()), "policy_loosened");
  EXPECT_THAT(DetailOf(policy.status()), HasSubstr("filesystem.read_only: \"~\" is not covered by"));
}

TEST(RepositoryTest, ItsDenialsAddWhateverItsListSays) {
  const Policy policy = Built({.repo = "[filesystem]\ndeny_read = [\"secrets\"]\ndeny_write = [\"x\"]"});
  EXPECT_THAT(Texts(policy.filesystem.deny_read), Contains("~/.ssh"));
  EXPECT_THAT(Texts(policy.filesystem.deny_read), Contains("secrets"));
  EXPECT_THAT(Texts(policy.filesystem.deny_write), Contains(".git/hooks"));
}

TEST(RepositoryTest, ItsScrubShutsOutNamedVariables) {
  const Policy policy = Built({.user = kOpenUser, .repo = "[environment]\nscrub = [\"*_TOKEN\"]"});
  EXPECT_THAT(policy.environment.inherit, ElementsAre("PATH", "LC_*"));
}

TEST(RepositoryTest, FlagsOfTheUserStandAboveIt) {
  const Policy policy =
      Built({.repo = "[filesystem]\nwrite = []\n[limits]\nprocesses = 10", .flags = {"--rw .", "--processes 50"}});
  EXPECT_THAT(Texts(policy.filesystem.write), ElementsAre("."));
  EXPECT_EQ(policy.limits.processes, 50u);
}

TEST(CeilingTest, BindsEveryLevel) {
  const struct {
    const char* admin;
    Levels levels;
    const char* message;
  } kCases[] = {
      {"[network]\nmode = \"off\"",
       {.flags = {"--net open"}},
       "network.mode (--net): \"open\" is looser than \"off\", the administrator's bound (admin.toml:2)"},
      {"[network]\nmode = \"off\"",
       {.user = "[network]\nmode = \"brokered\""},
       "network.mode (user.toml:2): \"brokered\" is looser than \"off\""},
      {"[network]\nmode = \"brokered\"\nallow = [\"*.corp.org\"]",
       {.flags = {"--net allow=evil.org"}},
       "network.allow (--net): \"evil.org\" is not covered by"},
      {"[network]\nallow = [\"*.corp.org\"]",
       {.flags = {"--net allow=evil.org"}},
       "network.allow (--net): \"evil.org\" is not covered by"},
      {"[network]\nallow = [\"*.corp.org\"]",
       {.flags = {"--net open"}},
       "network.mode (--net): \"open\" reaches more than network.allow"},
      {"[filesystem]\nwrite = [\".\"]",
       {.flags = {"--rw /opt/x"}},
       "filesystem.write (--rw): \"/opt/x\" is not covered by [\".\"]"},
      {"[filesystem]\nread = \"minimal\"",
       {.user = "[filesystem]\nread = \"host\""},
       "filesystem.read (user.toml:2): \"host\" is looser than \"minimal\""},
      {"[limits]\nmemory = \"4GiB\"",
       {.flags = {"--memory 8GiB"}},
       "limits.memory (--memory): \"8GiB\" is more than \"4GiB\""},
      {"[limits]\nwall = \"1h\"",
       {.user = "[limits]\nwall = \"none\""},
       "limits.wall (user.toml:2): \"none\" is more than \"1h\""},
      {"[environment]\ninherit = [\"PATH\"]",
       {.flags = {"--env GITHUB_TOKEN"}},
       "environment.inherit (--env): \"GITHUB_TOKEN\" is not covered by"},
      {"[environment]\nscrub = [\"@inherited\", \"CORP_*\"]",
       {.flags = {"--env CORP_X"}},
       "environment.inherit (--env): \"CORP_X\" is scrubbed by \"CORP_*\""},
      {"[environment]\nset = { A = \"1\" }", {.flags = {"--env A=2"}}, "environment.set.A (--env): is not \"1\""},
      {"[backend]\nallow = [\"linux_landlock\"]",
       {.user = "[backend]\nallow = [\"wsl2\"]"},
       "backend.allow (user.toml:2): \"wsl2\" is not covered by"},
      {"workload = \"coding\"",
       {.flags = {"--workload computer-use"}},
       "workload (--workload): \"computer-use\" differs from \"coding\""},
      {"extends = \"read-only\"",
       {.user = "extends = \"coding\""},
       "extends (user.toml:1): \"coding\" differs from \"read-only\""},
      {"extends = \"read-only\"", {.profile = "coding"}, "extends (--profile): \"coding\" differs from \"read-only\""},
      {"[require]\nwrite = \"confined\"",
       {.flags = {"--require write=none"}},
       "require.write (--require): is weaker than \"confined\", the administrator's bound (admin.toml:2)"},
      {"[network]\nmode = \"off\"",
       {.user = "[require]\nnetwork = \"open\""},
       "require.network (user.toml:2): is weaker than \"off\""},
      {"strict = true", {.user = "strict = false"}, "strict (user.toml:1): false is looser than true"},
  };
  for (const auto& c : kCases) {
    Levels levels = c.levels;
    EXPECT_TRUE(Build(levels).ok()) << "control, without the administrator's file: " << c.message
                                    << Build(levels).status();
    levels.admin = c.admin;
    const auto policy = Build(levels);
    ASSERT_FALSE(policy.ok()) << c.admin;
    EXPECT_EQ(CodeOf(policy.status()), "policy_exceeds_ceiling") << c.admin;
    EXPECT_THAT(DetailOf(policy.status()), HasSubstr(c.message)) << c.admin;
  }
}

TEST(CeilingTest, IsADefaultAndLeavesRoomBelow) {
  const std::string admin = "[network]\nmode = \"brokered\"\nallow = [\"*.corp.org\"]\n[limits]\nmemory = \"4GiB\"";
  EXPECT_THAT(Built({.admin = admin}).network.allow, ElementsAre("*.corp.org"));
  EXPECT_EQ(Built({.admin = admin, .flags = {"--net off"}}).network.mode, NetworkMode::kOff);
  EXPECT_THAT(Built({.admin = admin, .flags = {"--net allow=a.corp.org:443"}}).network.allow,
              ElementsAre("a.corp.org:443"));
  EXPECT_EQ(Built({.admin = admin, .flags = {"--memory 1GiB"}}).limits.memory, 1ull << 30);
  EXPECT_THAT(
      Built({.admin = "[filesystem]\nwrite = [\".\"]", .flags = {"--rw /home/me/project/out"}}).filesystem.write,
      testing::SizeIs(2));
  EXPECT_EQ(Built({.admin = "[network]\nallow = [\"a.org\"]"}).network.mode, NetworkMode::kOff);
  EXPECT_TRUE(Build({.admin = "strict = true", .user = "[network]\nmode = \"open\""}).ok());
}

TEST(CeilingTest, ItsDenialsAreAlwaysAdded) {
  const Policy policy = Built({.admin = "[filesystem]\ndeny_read = [\"/srv/payroll\"]\ndeny_write = "
                                        "[\"LICENSE\"]\n[environment]\nscrub = [\"CORP_*\"]",
                               .user = "[filesystem]\ndeny_read = []\ndeny_write = []\n[environment]\nscrub = []"});
  EXPECT_THAT(Texts(policy.filesystem.deny_read), ElementsAre("/srv/payroll"));
  EXPECT_THAT(Texts(policy.filesystem.deny_write), ElementsAre("LICENSE"));
  EXPECT_THAT(policy.environment.scrub, ElementsAre("CORP_*"));
}

// A service's policy is a second ceiling: it holds as the administrator's does, and loosens nothing of that.
TEST(CeilingTest, OfAServiceHoldsBesideTheAdministrators) {
  const std::string admin = "[limits]\nmemory = \"4GiB\"\n[filesystem]\ndeny_read = [\"/srv/a\"]";
  const std::string service = "[limits]\nmemory = \"2GiB\"\n[filesystem]\ndeny_read = [\"/srv/b\"]";
  EXPECT_EQ(Built({.admin = admin, .service = service}).limits.memory, 2ull << 30);
  EXPECT_TRUE(Build({.admin = admin, .flags = {"--memory 3GiB"}}).ok());
  for (const Levels& levels : {Levels{.admin = admin, .flags = {"--memory 3GiB"}, .service = service},
                               Levels{.flags = {"--memory 3GiB"}, .service = service},
                               Levels{.admin = admin, .service = "[limits]\nmemory = \"8GiB\""},
                               Levels{.user = "[limits]\nmemory = \"3GiB\"", .service = service}}) {
    EXPECT_EQ(CodeOf(Build(levels).status()), "policy_exceeds_ceiling");
  }
  const Policy policy = Built({.admin = admin, .user = "[filesystem]\ndeny_read = []", .service = service});
  EXPECT_THAT(Texts(policy.filesystem.deny_read), testing::UnorderedElementsAre("/srv/a", "/srv/b"));
}

TEST(InjectionTest, KnowsWhatLoadsCode) {
  for (const char* name : {"LD_PRELOAD", "PATH", "BASH_ENV", "PYTHONSTARTUP", "NODE_OPTIONS", "GIT_DIR", "GCONV_PATH",
                           "JAVA_TOOL_OPTIONS", "http_proxy"}) {
    EXPECT_TRUE(IsInjectionVariable(name)) << name;
  }
  for (const char* name : {"CI", "NODE_ENV", "RUST_BACKTRACE", "MY_PATHS", "TZ"})
    EXPECT_FALSE(IsInjectionVariable(name)) << name;
}

}  // namespace
}  // namespace paddock
