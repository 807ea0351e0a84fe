#include "cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "core/base/json.h"

namespace paddock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Ran {
  int status = -1;
  std::string out, err;
};

Ran RunApp(const std::vector<std::string>& args) {
  StringOutput out, err;
  Messages messages(err);
  Ran ran;
  ran.status = AppMain(args, {out, messages, false});
  ran.out = out.text();
  ran.err = err.text();
  return ran;
}

TEST(App, Version) { EXPECT_EQ(RunApp({"--version"}).out, "paddock " PADDOCK_VERSION "\n"); }

constexpr absl::string_view kCommands[] = {"run", "explain", "plan", "probe", "doctor", "audit", "policy", "gc"};

TEST(App, HelpNamesEveryCommand) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"--help"}, {"-h"}, {"help"}}) {
    const Ran ran = RunApp(args);
    EXPECT_EQ(ran.status, 0);
    for (const absl::string_view command : kCommands)
      EXPECT_THAT(ran.out, HasSubstr("\n  " + std::string(command) + " "));
  }
}

TEST(App, EveryCommandTeaches) {
  for (const absl::string_view command : kCommands) {
    const Ran ran = RunApp({std::string(command), "--help"});
    EXPECT_EQ(ran.status, 0) << command;
    EXPECT_THAT(ran.out, StartsWith("usage: paddock " + std::string(command)));
    EXPECT_THAT(ran.out, HasSubstr("\nExamples\n  paddock " + std::string(command)));
    EXPECT_THAT(ran.out, HasSubstr("\nExit status\n"));
    EXPECT_EQ(RunApp({"help", std::string(command)}).out, ran.out);
    for (const absl::string_view line : absl::StrSplit(ran.out, '\n')) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(App, HelpWinsOverMistakesBesideIt) {
  EXPECT_EQ(RunApp({"run", "-h", "--bogus"}).status, 0);
  EXPECT_EQ(RunApp({"explain", "-h"}).status, 0);
}

struct Wrong {
  std::vector<std::string> args;
  int status;
  std::string message;
};

TEST(App, WrongUse) {
  const Wrong kWrong[] = {
      {{}, 2, "name a command"},
      {{""}, 2, "unknown command ''"},
      {{"docter"}, 2, "unknown command 'docter'"},
      {{"help", "bogus"}, 2, "unknown command 'bogus'"},
      {{"--", "ls"}, 2, "name a command of paddock's before `--`"},
      {{"--bogus"}, 2, "unknown option '--bogus'"},
      {{"run"}, 125, "run: put `--` before the command"},
      {{"run", "ls"}, 125, "run: unexpected argument 'ls'"},
      {{"run", "--"}, 125, "run: there is no command after `--`"},
      {{"run", "--", ""}, 125, "run: the command's name is empty"},
      {{"run", "--bogus", "--", "ls"}, 125, "run: unknown option '--bogus'"},
      {{"run", "--wall", "--", "ls"}, 125, "run: '--wall' needs a value: --wall TIME"},
      {{"run", "--json", "--", "ls"}, 125, "run: unknown option '--json'"},
      {{"run", "--report", "/", "--", "ls"}, 125, "run: --report: / is a directory"},
      {{"run", "--report", "", "--", "ls"}, 125, "run: --report: "},
      {{"explain", "--quiet"}, 2, "explain: unknown option '--quiet'"},
      {{"explain", "--host"}, 2, "explain: '--host' needs a value: --host FACTS.json"},
      {{"plan", "extra"}, 2, "plan: unexpected argument 'extra'"},
      {{"probe", "--rw", "x"}, 2, "probe: unknown option '--rw'"},
      {{"doctor", "--net", "off"}, 2, "doctor: unknown option '--net'"},
      {{"policy"}, 2, "policy: say which: show, check, schema"},
      {{"policy", "bless"}, 2, "policy: 'bless' is none of show, check, schema"},
      {{"policy", "check"}, 2, "policy: check needs a FILE"},
      {{"policy", "schema", "x"}, 2, "policy: schema takes no FILE"},
      {{"policy", "show", "a", "--policy", "b"}, 2, "policy: FILE and --policy are the same thing"},
      {{"policy", "show", "a", "b"}, 2, "policy: unexpected argument 'b'"},
      {{"policy", "show", "--report", "x"}, 2, "policy: unknown option '--report'"},
      {{"gc", "now"}, 2, "gc: unexpected argument 'now'"},
      {{"gc", "--scan"}, 2, "gc: '--scan' needs a value: --scan PATH"},
      {{"gc", "--scan", "x", "--homes"}, 2, "gc: --scan and --homes are two different things to do"},
  };
  for (const Wrong& wrong : kWrong) {
    const Ran ran = RunApp(wrong.args);
    EXPECT_EQ(ran.status, wrong.status) << wrong.message;
    EXPECT_EQ(ran.out, "") << wrong.message;
    EXPECT_THAT(ran.err, StartsWith("paddock: " + wrong.message));
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

TEST(App, SchemaIsJson) {
  const Ran ran = RunApp({"policy", "schema"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(Json::parse(ran.out).contains("properties"));
}

}  // namespace
}  // namespace paddock::cli
