#include "cli/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/app.h"
#include "cli/completion.h"
#include "cli/shared_options.h"
#include "compose/prepare.h"
#include "core/base/status_macros.h"

namespace paddock::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What the placeholder of a value says about its kind. A new option whose value is a file has to complete as one.
const std::map<std::string, ValueKind> kKinds = {{"DIR", ValueKind::kDirectory},
                                                 {"FILE", ValueKind::kFile},
                                                 {"FACTS.json", ValueKind::kFile},
                                                 {"PATH", ValueKind::kPath},
                                                 {"NAME[=VALUE]", ValueKind::kVariable}};

TEST(Manual, EveryCommandTellsItsTables) {
  const Manual manual = ReadManual();
  ASSERT_EQ(manual.commands.size(), Commands().size());
  for (const CommandEntry& command : manual.commands) {
    EXPECT_TRUE(absl::StartsWith(command.usage, absl::StrCat("paddock ", command.name))) << command.usage;
    EXPECT_THAT(command.about, Not(IsEmpty())) << command.name;
    EXPECT_THAT(command.examples, Not(IsEmpty())) << command.name;
    EXPECT_THAT(command.statuses, Not(IsEmpty())) << command.name;
    ASSERT_THAT(command.options, Not(IsEmpty())) << command.name;
    EXPECT_THAT(command.options.back().names, Contains("--help")) << command.name;
    EXPECT_EQ(command.takes_command, absl::StrContains(command.usage, "-- CMD")) << command.name;
  }
  EXPECT_THAT(manual.tool.operands.at(0).values, Contains("run"));
}

TEST(Manual, ValuesHaveTheKindThatTheirNameSays) {
  for (const CommandEntry& command : ReadManual().commands) {
    for (const OptionEntry& option : command.options) {
      const std::string what = absl::StrCat(command.name, " ", option.names.back());
      const auto kind = kKinds.find(option.value);
      if (kind != kKinds.end()) {
        EXPECT_EQ(option.kind, kind->second) << what;
      }
      const bool closed = option.kind == ValueKind::kChoice || option.kind == ValueKind::kBackend;
      EXPECT_EQ(closed, !option.values.empty()) << what;
      for (const std::string& value : option.values) {
        // One word for every shell.
        EXPECT_EQ(value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-=:"), std::string::npos) << what;
      }
    }
  }
}

absl::Status Take(const std::string& option, const std::string& value) {
  SharedOptions options;
  RETURN_IF_ERROR(ParseOptions({option, value}, SharedRows(&options), {}));
  Caller caller;
  caller.home = "/home/u";
  caller.cwd = "/home/u/ws";
  Facts facts;
  facts.workspace.root.real_path = caller.cwd;
  facts.host.home = caller.home;
  return PrepareRequestFor(facts, options, {"true"}, caller).status();
}

TEST(Manual, WhatIsOfferedIsTaken) {
  const Manual manual = ReadManual();
  const CommandEntry& run = manual.commands.front();
  ASSERT_EQ(run.name, "run");
  size_t taken = 0;
  for (const OptionEntry& option : run.options) {
    for (const std::string& value : option.values) {
      const std::string whole = absl::EndsWith(value, "=") ? absl::StrCat(value, "example.org:443") : value;
      const absl::Status status = Take(option.names.back(), whole);
      EXPECT_TRUE(status.ok()) << option.names.back() << " " << whole << ": " << status;
      ++taken;
    }
    if (option.kind == ValueKind::kChoice) {
      EXPECT_FALSE(Take(option.names.back(), "no-such-value").ok()) << option.names.back();
    }
  }
  EXPECT_GT(taken, 50u);
}

TEST(Manual, AClosedSetIsInTheHelp) {
  for (const CommandEntry& command : ReadManual().commands) {
    for (const OptionEntry& option : command.options) {
      if (option.kind != ValueKind::kChoice || option.names.back() == "--require") continue;  // that one has 30
      for (const std::string& value : option.values) EXPECT_THAT(option.help, HasSubstr(value)) << option.names.back();
    }
  }
}

TEST(Completion, KnowsEveryCommandAndOption) {
  const Manual manual = ReadManual();
  for (const Shell& shell : Shells()) {
    const std::string script = shell.script(manual);
    EXPECT_TRUE(absl::EndsWith(script, "\n"));
    for (const CommandEntry& command : manual.commands) {
      EXPECT_THAT(script, HasSubstr(command.name)) << shell.name;
      for (const OptionEntry& option : command.options) {
        EXPECT_THAT(script, HasSubstr(option.names.back().substr(2))) << shell.name;
      }
    }
  }
}

TEST(Completion, AnOptionThatIsAddedCompletes) {
  Manual manual = ReadManual();
  OptionEntry added;
  added.names = {"--colour"};
  added.value = "WHAT";
  added.help = "it's [a] colour: \\red";
  added.kind = ValueKind::kChoice;
  added.values = {"crimson", "azure"};
  manual.commands.front().options.push_back(added);
  EXPECT_THAT(BashCompletion(manual), HasSubstr("'run --colour') kind=choice values='crimson azure' ;;"));
  EXPECT_THAT(ZshCompletion(manual),
              HasSubstr("'--colour=[it'\\''s \\[a\\] colour\\: \\\\red]:WHAT: _paddock_choice crimson azure'"));
  EXPECT_THAT(FishCompletion(manual), HasSubstr("-l colour -x -a 'crimson azure' -d 'it\\'s [a] colour: \\\\red'"));
}

}  // namespace
}  // namespace paddock::cli
