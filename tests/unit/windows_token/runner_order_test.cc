#include "backends/windows_token/runner_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_token/network_test.h"
#include "core/base/json.h"

namespace paddock {
namespace {

TokenSpec Token() {
  TokenSpec token;
  token.restricting = {"{capability}", "{run}", "{logon}", "S-1-1-0", "{user}"};
  token.default_dacl = "D:(A;;GA;;;{user})";
  return token;
}

RunnerRun SampleRun() {
  RunnerRun run;
  run.symbols = {{"{run}", "S-1-5-21-1-2-3"}, {"{run_folder}", "C:\\runs\\caf\xC3\xA9"}};
  run.token = Token();
  run.desktop.station = run.desktop.desktop = "paddock-{run}";
  run.desktop.descriptor = "D:(A;;GA;;;{user})";
  run.process.command = {"git", "", "\"quoted\" \\ \n"};
  run.process.cwd = "C:\\ws";
  run.process.environment = {"A=1", "=C:=C:\\x"};
  run.process.handles = {"stdin", "stdout", "stderr"};
  run.process.mitigations = {"image_load_no_remote"};
  run.job = 0x1f4;
  run.out = UINT64_MAX;
  run.columns = 80;
  run.rows = INT16_MAX;
  return run;
}

RunnerCheck SampleCheck() { return {{{"{run}", "S-1-5-21-1-2-3"}}, Token(), {{false, 1}, {true, 65535}}}; }

RunnerMade Made() {
  RunnerMade made;
  made.process = 1;
  made.thread = 2;
  made.desktop = 4;
  made.process_id = 77;
  made.terminal = true;
  made.applied = {"write-restricted token"};
  return made;
}

TEST(RunnerOrderTest, OrdersComeBackAsTheyWere) {
  for (const RunnerOrder& order : {RunnerOrder(SampleCheck()), RunnerOrder(SampleRun()), RunnerOrder(RunnerTaken()),
                                   RunnerOrder(RunnerResize{120, 40})}) {
    const auto text = FormatRunnerOrder(order);
    ASSERT_TRUE(text.ok()) << text.status();
    const auto parsed = ParseRunnerOrder(*text);
    ASSERT_TRUE(parsed.ok()) << parsed.status() << *text;
    EXPECT_TRUE(*parsed == order) << *text;
    EXPECT_FALSE(ParseRunnerAnswer(*text).ok()) << "an order is no answer";
  }
}

TEST(RunnerOrderTest, AnswersComeBackAsTheyWere) {
  const RunnerAnswer answers[] = {RunnerChecked{"S-1-5-21-1", "S-1-5-5-0-1", {{false, 10013}, {true, 0}}},
                                  Made(),
                                  RunnerEnded{ExitKind::kNotFound, "command_not_found", "no"},
                                  RunnerEnded{ExitKind::kNotExecutable, "command_not_executable", ""},
                                  RunnerRefused{true, "readback_failed", "x"},
                                  RunnerRefused{false, "cwd_unusable", "y"}};
  for (const RunnerAnswer& answer : answers) {
    const std::string text = FormatRunnerAnswer(answer);
    const auto parsed = ParseRunnerAnswer(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status() << text;
    EXPECT_TRUE(*parsed == answer) << text;
    EXPECT_FALSE(ParseRunnerOrder(text).ok()) << "an answer is no order";
  }
}

TEST(RunnerOrderTest, TextThatIsNotUtf8IsNotTold) {
  RunnerRun run = SampleRun();
  run.process.command[1] = "\xED\xA0\x80";  // half a surrogate pair, as a file name may have it
  EXPECT_TRUE(absl::IsInvalidArgument(FormatRunnerOrder(run).status()));
}

// Each object of a message: without one of its members, and with one more, it is none.
void ExpectStrict(const Json& whole, const Json::json_pointer& at, bool order) {
  const auto refused = [order](const Json& json) {
    return order ? !ParseRunnerOrder(json.dump()).ok() : !ParseRunnerAnswer(json.dump()).ok();
  };
  const Json& object = whole.at(at);
  for (const auto& member : object.items()) {
    Json changed = whole;
    changed.at(at).erase(member.key());
    EXPECT_TRUE(refused(changed)) << at.to_string() << " without " << member.key();
    changed = whole;
    changed.at(at)[member.key()] = Json::array({Json::array()});
    EXPECT_TRUE(refused(changed)) << at.to_string() << " with another type of " << member.key();
  }
  Json changed = whole;
  changed.at(at)["more"] = 1;
  EXPECT_TRUE(refused(changed)) << at.to_string();
}

TEST(RunnerOrderTest, MembersAreAllThereAndNoOthers) {
  const Json run = Json::parse(*FormatRunnerOrder(SampleRun()));
  for (const char* const at : {"", "/token", "/desktop", "/process"}) ExpectStrict(run, Json::json_pointer(at), true);
  const Json check = Json::parse(*FormatRunnerOrder(SampleCheck()));
  for (const char* const at : {"", "/token", "/connect/0"}) ExpectStrict(check, Json::json_pointer(at), true);
  const Json made = Json::parse(FormatRunnerAnswer(Made()));
  ExpectStrict(made, Json::json_pointer(""), false);
}

// Whoever got hold of the pipe of a runner could not have it start what is not restricted.
TEST(RunnerOrderTest, TokensThatRestrictTooLittleAreRefused) {
  const auto refused = [](void (*change)(TokenSpec & token)) {
    RunnerRun run = SampleRun();
    change(run.token);
    return !ParseRunnerOrder(*FormatRunnerOrder(run)).ok();
  };
  EXPECT_FALSE(refused([](TokenSpec&) {})) << "the control";
  EXPECT_TRUE(refused([](TokenSpec& token) { token.write_restricted = false; }));
  EXPECT_TRUE(refused([](TokenSpec& token) { token.lua_token = false; }));
  EXPECT_TRUE(refused([](TokenSpec& token) { token.disable_max_privilege = false; }));
  EXPECT_TRUE(refused([](TokenSpec& token) { std::erase(token.restricting, "{user}"); }));
  EXPECT_TRUE(refused([](TokenSpec& token) { std::erase(token.restricting, "{run}"); }));
}

TEST(RunnerOrderTest, WhatOnlyTheRunnerKnowsIsNotItsOrders) {
  RunnerRun run = SampleRun();
  run.symbols["{user}"] = "S-1-5-18";
  EXPECT_FALSE(ParseRunnerOrder(*FormatRunnerOrder(run)).ok());
  run = SampleRun();
  run.symbols["run"] = "no symbol";
  EXPECT_FALSE(ParseRunnerOrder(*FormatRunnerOrder(run)).ok());
  run = SampleRun();
  run.job = 0;
  EXPECT_FALSE(ParseRunnerOrder(*FormatRunnerOrder(run)).ok());
  run = SampleRun();
  run.process.command.clear();
  EXPECT_FALSE(ParseRunnerOrder(*FormatRunnerOrder(run)).ok());
}

TEST(RunnerOrderTest, OtherVersionsAndKinds) {
  const std::string text = *FormatRunnerOrder(RunnerTaken());
  EXPECT_TRUE(ParseRunnerOrder(text).ok()) << "the control";
  EXPECT_FALSE(ParseRunnerOrder(absl::StrReplaceAll(text, {{"runner/1", "runner/2"}})).ok());
  EXPECT_FALSE(ParseRunnerOrder(absl::StrReplaceAll(text, {{"taken", "given"}})).ok());
  for (const char* const other : {"", "[]", "null", "{}", "{\"schema\":1}", "{\"schema\":\"paddock.runner/1\"}"}) {
    EXPECT_FALSE(ParseRunnerOrder(other).ok()) << other;
    EXPECT_FALSE(ParseRunnerAnswer(other).ok()) << other;
  }
}

TEST(RunnerOrderTest, AnAnswerNamesSids) {
  EXPECT_FALSE(ParseRunnerAnswer(FormatRunnerAnswer(RunnerChecked{"root", "S-1-5-5-0-1", {}})).ok());
  EXPECT_FALSE(ParseRunnerAnswer(FormatRunnerAnswer(RunnerChecked{"S-1-5-18", "", {}})).ok());
}

TEST(RunnerOrderTest, Frames) {
  const auto frame = RunnerFrame("text");
  ASSERT_TRUE(frame.ok());
  EXPECT_EQ(*frame, std::string("PRN1\x04\0\0\0text", 12));
  const std::string header = frame->substr(0, kRunnerHeader);
  EXPECT_EQ(RunnerTextLength(header).value(), 4u);
  EXPECT_EQ(RunnerFrame(std::string(kMaxRunnerText, 'x')).value().size(), kRunnerHeader + kMaxRunnerText);
  EXPECT_FALSE(RunnerFrame("").ok());
  EXPECT_FALSE(RunnerFrame(std::string(kMaxRunnerText + 1, 'x')).ok());
  EXPECT_EQ(RunnerTextLength(std::string("PRN1\0\0\x40\0", 8)).value(), kMaxRunnerText);
  EXPECT_FALSE(RunnerTextLength(std::string("PRN1\x01\0\x40\0", 8)).ok()) << "a byte more";
  EXPECT_FALSE(RunnerTextLength(std::string("PRN1\0\0\0\0", 8)).ok());
  EXPECT_FALSE(RunnerTextLength(std::string("PRN2\x04\0\0\0", 8)).ok());
  EXPECT_FALSE(RunnerTextLength(header.substr(1)).ok());
}

TEST(NetworkTestTest, Findings) {
  const std::vector<ConnectTry> both = {{false, 1}, {true, 2}};
  const std::vector<ConnectResult> forbidden = {{false, kConnectForbidden}, {true, kConnectForbidden}};
  const auto finding = [](const std::vector<ConnectTry>& asked, const std::vector<ConnectResult>& tried,
                          bool arrived = false) { return JudgeNetworkTest(asked, tried, arrived).finding; };
  EXPECT_EQ(finding(both, forbidden), FilterFinding::kHolds);
  EXPECT_EQ(finding({{false, 1}}, {{false, kConnectForbidden}}), FilterFinding::kHolds) << "a machine without IPv6";
  // What arrived has arrived, whatever the runner says.
  EXPECT_EQ(finding(both, forbidden, true), FilterFinding::kOpen);
  EXPECT_EQ(finding(both, {{false, kConnectForbidden}, {true, 0}}), FilterFinding::kOpen);
  // Refused by nobody listening, timed out, no such family: none of it is the filter's.
  for (const uint32_t error : {10061u, 10060u, 10047u}) {
    EXPECT_EQ(finding(both, {{false, kConnectForbidden}, {true, error}}), FilterFinding::kUnclear) << error;
  }
  EXPECT_EQ(finding(both, {{false, kConnectForbidden}}), FilterFinding::kUnclear) << "one was left out";
  EXPECT_EQ(finding(both, {{true, kConnectForbidden}, {true, kConnectForbidden}}), FilterFinding::kUnclear);
  EXPECT_EQ(finding({}, {}), FilterFinding::kUnclear);
  EXPECT_FALSE(JudgeNetworkTest(both, forbidden, true).detail.empty());
}

}  // namespace
}  // namespace paddock
