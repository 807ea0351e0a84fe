#include "service/start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reason.h"

namespace paddock::service {
namespace {

using testing::ElementsAre;

TEST(StartTest, ComesBackAsItWas) {
  Start start;
  start.task = Task::kPlan;
  start.settings.workspace = "/srv/a b";
  start.settings.wall = "";  // given, and empty
  start.settings.rw = {"x", "=y="};
  start.settings.strict = true;
  start.settings.ceiling = "/etc/ceiling.toml";
  start.command = {"sh", "-c", "", "\xff\n=\x01"};
  start.cwd = "/home/me";
  start.environment = {"A=1", "B"};
  start.tty = Terminal{65535, 1};
  start.in = true;
  start.report = false;
  start.facts = "{}";
  const auto encoded = EncodeStart(start);
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  const auto parsed = ParseStart(*encoded);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->task, Task::kPlan);
  EXPECT_EQ(parsed->settings.workspace, "/srv/a b");
  EXPECT_EQ(parsed->settings.wall, "");
  EXPECT_FALSE(parsed->settings.memory.has_value());
  EXPECT_THAT(parsed->settings.rw, ElementsAre("x", "=y="));
  EXPECT_TRUE(parsed->settings.strict);
  EXPECT_EQ(parsed->settings.ceiling, "/etc/ceiling.toml");
  EXPECT_EQ(parsed->command, start.command);
  EXPECT_EQ(parsed->environment, start.environment);
  EXPECT_EQ(parsed->tty, start.tty);
  EXPECT_TRUE(parsed->in);
  EXPECT_FALSE(parsed->report);
  EXPECT_EQ(parsed->facts, "{}");
}

// A NUL would begin a new entry: "x\0ceiling=/dev/null" would be a policy of the client's choice.
TEST(StartTest, ANulCannotBecomeAnEntry) {
  Start start;
  start.command = {std::string("x\0ceiling=/dev/null", 19)};
  EXPECT_EQ(ReasonOf(EncodeStart(start).status())->code, "order_invalid");
  start.command = {"x"};
  EXPECT_TRUE(EncodeStart(start).ok());
  start.command = {std::string(5u << 20, 'x')};
  EXPECT_EQ(ReasonOf(EncodeStart(start).status())->code, "order_invalid");
}

TEST(StartTest, WhatIsNoStartIsRefused) {
  using std::string_literals::operator""s;
  EXPECT_TRUE(ParseStart("arg=x\0"s).ok());
  for (const std::string& text :
       {"arg=x"s, "arg\0"s, "unknown=1\0"s, "task=rm\0"s, "tty=80\0"s, "tty=80x70000\0"s, "\0"s}) {
    EXPECT_FALSE(ParseStart(text).ok()) << text;
  }
}

TEST(EndingTest, ComesBackAsItWas) {
  Ending ending;
  ending.status =
      ReasonError(absl::StatusCode::kFailedPrecondition, "guarantee_unreachable:ui", "a \"detail\"\nof two lines");
  ending.exit_status = 125;
  ending.kind = "refused";
  ending.json = "{\n  \"a\": 1\n}\n";
  ending.refusal = ReasonError(absl::StatusCode::kUnavailable, "launch_failed", "x");
  const auto parsed = ParseEnding(EncodeEnding(ending));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(parsed->status), ReasonOf(ending.status));
  EXPECT_EQ(ReasonOf(parsed->refusal), ReasonOf(ending.refusal));
  EXPECT_EQ(parsed->exit_status, 125);
  EXPECT_EQ(parsed->kind, "refused");
  EXPECT_EQ(parsed->json, ending.json);
  EXPECT_FALSE(ParseEnding("no json").ok());
}

}  // namespace
}  // namespace paddock::service
