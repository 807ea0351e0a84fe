#include "compose/run_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "compose/prepare.h"
#include "core/base/reason.h"

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RunOrder, EveryMemberHasItsOption) {
  const auto order = ParseRunOrder(R"({
      "schema": "paddock.run/1", "command": ["make", "-j8"], "workspace": "/ws", "cwd": "/ws/a", "policy": "/p.toml",
      "profile": "coding", "workload": "coding", "command_os": "any", "rw": ["/a", "b"], "ro": ["/c"], "hide": ["**/x"],
      "net": "off", "env": {"CI": "1", "TERM": null}, "wall": "10s", "memory": "1GiB", "processes": 64,
      "output": "1MiB", "backend": "linux_landlock", "prefer": "auto",
      "wsl_distribution": "Debian", "require": {"write": "confined"},
      "strict": true})",
                                   "order");
  ASSERT_TRUE(order.ok()) << order.status();
  const RunSettings& settings = order->settings;
  EXPECT_THAT(order->command, ElementsAre("make", "-j8"));
  EXPECT_EQ(settings.workspace, "/ws");
  EXPECT_EQ(settings.cwd, "/ws/a");
  EXPECT_EQ(settings.policy, "/p.toml");
  EXPECT_EQ(settings.profile, "coding");
  EXPECT_EQ(settings.workload, "coding");
  EXPECT_EQ(settings.command_os, "any");
  EXPECT_THAT(settings.rw, ElementsAre("/a", "b"));
  EXPECT_THAT(settings.ro, ElementsAre("/c"));
  EXPECT_THAT(settings.hide, ElementsAre("**/x"));
  EXPECT_EQ(settings.net, "off");
  EXPECT_THAT(settings.env, ElementsAre("CI=1", "TERM"));
  EXPECT_EQ(settings.wall, "10s");
  EXPECT_EQ(settings.memory, "1GiB");
  EXPECT_EQ(settings.processes, "64");
  EXPECT_EQ(settings.output, "1MiB");
  EXPECT_EQ(settings.backend, "linux_landlock");
  EXPECT_EQ(settings.prefer, "auto");
  EXPECT_EQ(settings.wsl_distribution, "Debian");
  EXPECT_THAT(settings.require, ElementsAre("write=confined"));
  EXPECT_TRUE(settings.strict);
}

TEST(RunOrder, NothingIsAskedForByAnEmptyOne) {
  const auto order = ParseRunOrder("{}", "order");
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_TRUE(order->command.empty());
  EXPECT_FALSE(order->settings.workspace.has_value());
}

TEST(RunOrder, WhatIsWrongIsNamed) {
  const struct {
    absl::string_view json, named;
  } kWrong[] = {
      {"", "order"},
      {"[]", "no JSON object"},
      {"{\"command\": \"make\"}", "\"command\""},
      {"{\"command\": [1]}", "\"command\""},
      {"{\"comand\": []}", "\"comand\""},
      {"{\"report\": \"x\"}", "\"report\""},
      {"{\"tty\": \"always\"}", "\"tty\""},
      {"{\"workspace\": null}", "\"workspace\""},
      {"{\"rw\": \"/a\"}", "\"rw\""},
      {"{\"env\": [\"A=1\"]}", "\"env\""},
      {"{\"env\": {\"A=B\": \"1\"}}", "\"env\""},
      {"{\"env\": {\"A\": 1}}", "\"env\""},
      {"{\"require\": {\"write\": null}}", "\"require\""},
      {"{\"processes\": \"64\"}", "\"processes\""},
      {"{\"processes\": -1}", "\"processes\""},
      {"{\"processes\": 1.5}", "\"processes\""},
      {"{\"strict\": 1}", "\"strict\""},
      {"{\"policy\": []}", "\"policy\""},
      {"{\"schema\": \"paddock.run/2\"}", "\"schema\""},
  };
  for (const auto& wrong : kWrong) {
    const auto order = ParseRunOrder(wrong.json, "order");
    ASSERT_FALSE(order.ok()) << wrong.json;
    EXPECT_TRUE(absl::IsInvalidArgument(order.status()));
    EXPECT_EQ(ReasonOf(order.status())->code, "order_invalid") << wrong.json;
    EXPECT_THAT(std::string(order.status().message()), HasSubstr(std::string(wrong.named)));
  }
  EXPECT_FALSE(ParseRunOrder(std::string(kLargestRunOrder + 1, ' '), "order").ok());
}

TEST(RunOrder, APolicyMayBeGivenAsItIs) {
  Caller caller;
  caller.home = "/home/me";
  caller.cwd = "/home/me/project";
  const auto order = ParseRunOrder(R"({"policy": {"limits": {"wall": "3s"}}})", "order");
  ASSERT_TRUE(order.ok()) << order.status();
  const auto request = PrepareRequest(order->settings, {"true"}, caller);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->policy.limits.wall, std::chrono::milliseconds(3000));

  const auto wrong = ParseRunOrder(R"({"policy": {"limits": {"wal": "3s"}}})", "order");
  ASSERT_TRUE(wrong.ok()) << wrong.status();
  const auto refused = PrepareRequest(wrong->settings, {"true"}, caller);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("wal"));

  RunSettings both = order->settings;
  both.policy = "/p.toml";
  EXPECT_TRUE(absl::IsInvalidArgument(PrepareRequest(both, {"true"}, caller).status()));
}

}  // namespace
}  // namespace paddock
