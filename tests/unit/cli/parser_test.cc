#include "cli/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "cli/help.h"
#include "cli/shared_options.h"

namespace paddock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Parsed {
  bool quiet = false;
  std::optional<std::string> wall;
  std::vector<std::string> rw;
  std::vector<std::string> files;
  absl::Status status;
};

Parsed Parse(const std::vector<std::string>& args, size_t at_most = 0) {
  Parsed p;
  const std::vector<OptionRow> rows = {{"G", "-q,--quiet", "", "be quiet", &p.quiet},
                                       {"G", "--wall", "TIME", "time", &p.wall},
                                       {"G", "--rw", "PATH", "path", &p.rw}};
  p.status = ParseOptions(args, rows, {"FILE", &p.files, at_most});
  return p;
}

TEST(Parser, ValuesAreTakenAsTheyAre) {
  const Parsed p =
      Parse({"--rw", "[a,b]", "--rw=-x", "--rw", "--rw", "--rw=", "--rw", "a=b", "--rw", "{}", "--wall=", "-q"});
  ASSERT_TRUE(p.status.ok()) << p.status;
  EXPECT_THAT(p.rw, ElementsAre("[a,b]", "-x", "--rw", "", "a=b", "{}"));
  EXPECT_EQ(p.wall, "");
  EXPECT_TRUE(p.quiet);
}

TEST(Parser, NothingGivenIsNothingSet) {
  const Parsed p = Parse({});
  ASSERT_TRUE(p.status.ok());
  EXPECT_FALSE(p.quiet);
  EXPECT_EQ(p.wall, std::nullopt);
  EXPECT_TRUE(p.rw.empty());
}

TEST(Parser, Positionals) {
  EXPECT_THAT(Parse({"a", "-q"}, 1).files, ElementsAre("a"));
  EXPECT_THAT(Parse({"-"}, 1).files, ElementsAre("-"));
  EXPECT_EQ(Parse({"a", "b"}, 1).status.message(), "unexpected argument 'b'");
}

struct Wrong {
  std::vector<std::string> args;
  std::string message;
};

TEST(Parser, WrongUse) {
  const Wrong kWrong[] = {
      {{"--wall"}, "'--wall' needs a value: --wall TIME"},
      {{"--wall", "1", "--wall", "2"}, "'--wall' is given twice"},
      {{"--quiet=no"}, "'--quiet' takes no value"},
      {{"--qiet"}, "unknown option '--qiet'; did you mean '--quiet'?"},
      {{"--wal=3"}, "unknown option '--wal'; did you mean '--wall'?"},
      {{"--something-else"}, "unknown option '--something-else'"},
      {{"-x"}, "unknown option '-x'"},
      {{"-qx"}, "unknown option '-qx'"},
      {{"ls"}, "unexpected argument 'ls'"},
      {{""}, "unexpected argument ''"},
      {{"--=x"}, "unknown option '--'"},
      {{"--" + std::string(100000, 'a')}, "unknown option '--" + std::string(100000, 'a') + "'"},
  };
  for (const Wrong& wrong : kWrong) {
    const absl::Status status = Parse(wrong.args).status;
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_EQ(status.message(), wrong.message);
  }
}

TEST(SharedRows, HaveTheNamesOfTheManual) {
  SharedOptions options;
  std::set<std::string> names;
  for (const OptionRow& row : SharedRows(&options)) {
    names.emplace(row.names);
    EXPECT_FALSE(row.help.empty());
    EXPECT_FALSE(absl::EndsWith(row.help, ".")) << row.names;
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre(
                         "--workspace", "--policy", "--profile", "--workload", "--backend", "--prefer", "--command-os",
                         "--rw", "--ro", "--hide", "--net", "--env", "--require", "--strict", "--wall", "--memory",
                         "--processes", "--output", "--cwd", "--tty", "--report", "--wsl-distribution"));
}

TEST(SharedRows, EveryRowStoresWhereNoOtherDoes) {
  SharedOptions o;
  std::vector<std::string> args;
  for (const OptionRow& row : SharedRows(&o)) {
    args.emplace_back(row.names);
    if (!row.value.empty()) args.push_back(std::string(row.names) + "-value");
  }
  ASSERT_TRUE(ParseOptions(args, SharedRows(&o), {}).ok());
  EXPECT_EQ(o.workspace, "--workspace-value");
  EXPECT_EQ(o.cwd, "--cwd-value");
  EXPECT_EQ(o.tty, "--tty-value");
  EXPECT_EQ(o.report, "--report-value");
  EXPECT_EQ(o.policy, "--policy-value");
  EXPECT_EQ(o.profile, "--profile-value");
  EXPECT_EQ(o.workload, "--workload-value");
  EXPECT_EQ(o.command_os, "--command-os-value");
  EXPECT_EQ(o.backend, "--backend-value");
  EXPECT_EQ(o.prefer, "--prefer-value");
  EXPECT_EQ(o.wsl_distribution, "--wsl-distribution-value");
  EXPECT_EQ(o.net, "--net-value");
  EXPECT_EQ(o.wall, "--wall-value");
  EXPECT_EQ(o.memory, "--memory-value");
  EXPECT_EQ(o.processes, "--processes-value");
  EXPECT_EQ(o.output, "--output-value");
  EXPECT_THAT(o.rw, ElementsAre("--rw-value"));
  EXPECT_THAT(o.ro, ElementsAre("--ro-value"));
  EXPECT_THAT(o.hide, ElementsAre("--hide-value"));
  EXPECT_THAT(o.env, ElementsAre("--env-value"));
  EXPECT_THAT(o.require, ElementsAre("--require-value"));
  EXPECT_TRUE(o.strict);
}

TEST(CutAtCommand, EverythingAfterTheFirstMarkIsTheCommand) {
  const CutArguments cut = CutAtCommand({"--rw", "a", "--", "ls", "--", "-h"});
  EXPECT_THAT(cut.options, ElementsAre("--rw", "a"));
  EXPECT_TRUE(cut.has_command);
  EXPECT_THAT(cut.command, ElementsAre("ls", "--", "-h"));
  EXPECT_FALSE(CutAtCommand({"ls"}).has_command);
  EXPECT_TRUE(CutAtCommand({"--"}).has_command);
  EXPECT_TRUE(CutAtCommand({"--"}).command.empty());
}

TEST(Help, FitsThePageAndNamesEveryOption) {
  SharedOptions options;
  bool help_wanted = false;
  std::vector<OptionRow> rows = SharedRows(&options);
  rows.push_back(HelpRow(&help_wanted));
  HelpText help;
  help.usage = "paddock run [options] -- CMD [ARG...]";
  help.about = "Runs CMD.";
  help.examples = {{"paddock run -- true", "nothing much"}};
  const std::string text = RenderHelp(help, rows, false);
  for (const OptionRow& row : rows) {
    EXPECT_THAT(text, HasSubstr(std::string(row.names.substr(row.names.find("--")))));
  }
  size_t start = 0;
  for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) EXPECT_LE(end - start, 100u);
}

}  // namespace
}  // namespace paddock::cli
