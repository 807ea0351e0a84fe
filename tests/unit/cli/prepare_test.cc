#include "compose/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "cli/shared_options.h"
#include "core/base/posix_path.h"

namespace paddock::cli {
namespace {

using ::testing::HasSubstr;

Caller Here() {
  Caller caller;
  caller.home = "/home/me";
  caller.cwd = "/home/me/project";
  caller.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/home/me"}};
  return caller;
}

struct WrongValue {
  absl::string_view flag;
  std::vector<std::string> values;
};

// Every flag with values that it must not take.
const WrongValue kWrongValues[] = {
    {"--workload", {"", "codng", "Coding", "all"}},
    {"--command-os", {"", "windows", "macos"}},
    {"--backend", {"", "linux_landlock:", ":namespaces", "a b", "\x1b[31m"}},
    {"--prefer", {"", "speed", "AUTO"}},
    {"--wsl-distribution", {"", "-d", "a b", "a;b", "\x1b[31m"}},
    {"--wall", {"", "10", "-1s", "1.5h", "10 m", "10x", "1s1m", "99999999999999999999d", "0x10s", "1e3s"}},
    {"--memory", {"", "4G", "-1", "1.5GiB", "4 GiB", "99999999999TiB", "GiB"}},
    {"--processes", {"", "-1", "many", "1.5", "99999999999999999999"}},
    {"--output", {"", "64M", "-1"}},
    {"--rw", {"", std::string("a\0b", 3), "**/x", "/a/*"}},
    {"--ro", {"", std::string("a\0b", 3)}},
    {"--hide", {"", std::string("a\0b", 3)}},
    {"--net",
     {"", "on", "allow", "allow=", "allow=,", "allow=a b", "allow=a:0", "allow=a:99999", "allow=*", "off,open"}},
    {"--env", {"", "=x", "=", std::string("A\0B=x", 5)}},
    {"--require", {"", "write", "write=", "=confined", "write=strong", "speed=fast", "network=open=off"}},
    {"--tty", {"", "yes", "Always"}},
    {"--profile", {"", "nobody", "coding "}},
    {"--workspace", {""}},
    {"--cwd", {""}},
    {"--policy", {"", "/nonexistent/policy.toml", "/", "/dev/zero"}},
};

TEST(Flags, WrongValuesAreRefusedByTheNameOfTheFlag) {
  for (const WrongValue& wrong : kWrongValues) {
    for (const std::string& value : wrong.values) {
      SharedOptions options;
      ASSERT_TRUE(ParseOptions({std::string(wrong.flag), value}, SharedRows(&options), {}).ok());
      const auto request = PrepareRequest(options, {"true"}, Here());
      ASSERT_FALSE(request.ok()) << wrong.flag << " '" << value << "'";
      if (wrong.flag != "--policy" || value.empty()) {
        EXPECT_TRUE(absl::IsInvalidArgument(request.status())) << wrong.flag << ": " << request.status();
        EXPECT_THAT(std::string(request.status().message()), HasSubstr(std::string(wrong.flag)));
      }
    }
  }
}

TEST(Flags, EveryFlagOfTheWrongTableIsOneThatExists) {
  SharedOptions options;
  size_t with_value = 0;
  for (const OptionRow& row : SharedRows(&options)) with_value += row.value.empty() ? 0 : 1;
  EXPECT_EQ(with_value, std::size(kWrongValues) + 1);  // --report: opened before anything else, see app_test.cc
}

Request Prepared(const SharedOptions& options, const Caller& caller = Here()) {
  const auto request = PrepareRequest(options, {"true"}, caller);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? *request : Request();
}

std::vector<std::string> Paths(const std::vector<PathRule>& rules) {
  std::vector<std::string> paths;
  for (const PathRule& rule : rules) paths.push_back(rule.path);
  return paths;
}

TEST(Flags, RightValuesReachThePolicy) {
  SharedOptions options;
  options.wall = "90s";
  options.memory = "1GiB";
  options.processes = "64";
  options.output = "1MiB";
  options.net = "open";
  options.prefer = "fidelity";
  options.require = {"write=confined"};
  options.env = {"CI=1"};
  const Policy policy = Prepared(options).policy;
  EXPECT_EQ(policy.limits.wall, std::chrono::seconds(90));
  EXPECT_EQ(policy.limits.memory, uint64_t{1} << 30);
  EXPECT_EQ(policy.limits.processes, 64u);
  EXPECT_EQ(policy.limits.output, uint64_t{1} << 20);
  EXPECT_EQ(policy.network.mode, NetworkMode::kOpen);
  EXPECT_EQ(policy.backend.prefer, Prefer::kFidelity);
  EXPECT_EQ(policy.environment.set.at("CI"), "1");
}

TEST(Flags, RelativePathsAreTheCallersNotTheWorkspaces) {
  Caller caller = Here();
  caller.cwd = "/home/me/elsewhere";
  SharedOptions options;
  options.workspace = "../project";
  options.rw = {"build"};
  const Request request = Prepared(options, caller);
  EXPECT_EQ(request.workspace, "/home/me/project");
  EXPECT_THAT(Paths(request.write), ::testing::Contains("/home/me/elsewhere/build"));
}

TEST(Flags, BracketsAndStarsInTheNameOfADirectoryAreItsName) {
  for (const char* name : {"a[b", "a[*]", "a*", "[id]", "what?"}) {
    Caller caller = Here();
    caller.cwd = JoinPath("/home/me/elsewhere", name);
    SharedOptions options;
    options.workspace = "/home/me/project";
    options.rw = {"build", "b[0"};
    options.ro = {"[id]/x"};
    const Request request = Prepared(options, caller);
    EXPECT_THAT(Paths(request.write), ::testing::Contains(JoinPath(caller.cwd, "build")));
    EXPECT_THAT(Paths(request.write), ::testing::Contains(JoinPath(caller.cwd, "b[0")));
    EXPECT_THAT(Paths(request.read_only), ::testing::Contains(JoinPath(caller.cwd, "[id]/x")));
    for (const PathRule& rule : request.write) EXPECT_FALSE(rule.glob) << rule.text;
  }
}

TEST(Flags, AGlobIsTheWorkspacesWhereverItIsTyped) {
  Caller caller = Here();
  caller.cwd = "/home/me/project/src";
  SharedOptions options;
  options.workspace = "..";
  options.hide = {"**/*.pem", "[*]"};
  const std::vector<std::string> hidden = Paths(Prepared(options, caller).deny_read);
  EXPECT_THAT(hidden, ::testing::Contains("/home/me/project/**/*.pem"));
  EXPECT_THAT(hidden, ::testing::Contains("/home/me/project/src/*"));
}

TEST(Flags, ThePolicyThatIsReadAndPaddockItselfAreHeldByName) {
  const std::string directory = testing::TempDir() + "paddock [*] policy";
  std::error_code error;
  std::filesystem::create_directory(directory, error);
  if (error) GTEST_SKIP() << "no names with * here: " << error.message();
  const std::string file = directory + "/p*.toml";
  std::ofstream(file) << "extends = \"coding\"\n";
  Caller caller = Here();
  caller.cwd = directory;
  caller.executable = directory + "/paddock?";
  SharedOptions options;
  options.policy = file;
  const std::vector<PathRule> held = Prepared(options, caller).deny_write;
  std::filesystem::remove_all(directory);
  EXPECT_THAT(Paths(held), ::testing::IsSupersetOf({file, caller.executable}));
  for (const PathRule& rule : held) EXPECT_FALSE(rule.glob && absl::StartsWith(rule.text, "/")) << rule.text;
}

TEST(Flags, AWorkingDirectoryGrantsNothing) {
  SharedOptions options;
  const auto without = Paths(Prepared(options).write);
  options.cwd = "src";
  EXPECT_EQ(Paths(Prepared(options).write), without);
  options.cwd = "/etc";
  const auto outside = PrepareRequest(options, {"true"}, Here());
  EXPECT_TRUE(!outside.ok() || Paths(outside->write) == without);
}

TEST(Facts, BadFiles) {
  EXPECT_TRUE(absl::IsNotFound(LoadFacts("/nonexistent.json").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(LoadFacts("/").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(LoadFacts("/dev/zero").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(LoadFacts("/proc/self/environ").status()));
}

}  // namespace
}  // namespace paddock::cli
