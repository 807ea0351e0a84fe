#include "backends/wsl2/nested_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/reason.h"
#include "core/policy/merge.h"

namespace paddock::wsl2 {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string CodeOf(const absl::Status& status) { return ReasonOf(status).value_or(Reason{}).code; }

NestedRun Sample() {
  NestedRun run;
  PolicySources sources;
  EXPECT_TRUE(SetFlag(&sources.flags, Key::kRequire, "network=off", "--require").ok());
  run.policy = BuildPolicy(sources).value();
  run.workspace = "/mnt/c/Users/x/project";
  run.cwd = "/mnt/c/Users/x/project/src";
  run.command = {"printf", "%s\n", "a b\"'\\\n", "", "\xc3\xa4"};
  run.environment = {{"CI", "1"}, {"EMPTY", ""}};
  return run;
}

Json SampleJson() { return ParseJson(EncodeNestedRun(Sample()).value(), "test").value(); }

absl::StatusOr<NestedRun> Parsed(const Json& json) { return ParseNestedRun(json.dump(), {}); }

TEST(NestedRunTest, ComesBackAsItWas) {
  NestedRun run = Sample();
  run.tty = WindowCells{120, 40};
  run.streams.in = false;
  const auto text = EncodeNestedRun(run);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto again = ParseNestedRun(*text, {});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToJson(again->policy), ToJson(run.policy));
  EXPECT_EQ(again->policy.requirements, run.policy.requirements);
  EXPECT_EQ(again->workspace, run.workspace);
  EXPECT_EQ(again->cwd, run.cwd);
  EXPECT_EQ(again->command, run.command);
  EXPECT_EQ(again->environment, run.environment);
  EXPECT_EQ(again->tty->columns, 120);
  EXPECT_EQ(again->tty->rows, 40);
  EXPECT_EQ(again->streams, run.streams);
  EXPECT_EQ(EncodeNestedRun(*again).value(), *text);
}

// The canonical form spells every key, and what a user spells is required: on the far side it must not be.
TEST(NestedRunTest, WhatIsPreferredStaysPreferred) {
  const auto run = Parsed(SampleJson());
  ASSERT_TRUE(run.ok()) << run.status();
  for (const Requirement& asked : run->policy.requirements) {
    EXPECT_EQ(asked.required, asked.guarantee == Guarantee::kNetwork) << GuaranteeName(asked.guarantee);
  }
  EXPECT_THAT(run->policy.requirements, Contains(Requirement{Guarantee::kTree, tree_level::kContained, false}));
}

// Names that only a profile protects get no placeholder, for one.
TEST(NestedRunTest, WhatAProfileSaysStaysTheProfiles) {
  PolicySources sources;
  ASSERT_TRUE(SetFlag(&sources.flags, Key::kDenyWrite, "keys", "--policy").ok());
  NestedRun sample = Sample();
  sample.policy = BuildPolicy(sources).value();
  const auto run = ParseNestedRun(EncodeNestedRun(sample).value(), {});
  ASSERT_TRUE(run.ok()) << run.status();
  for (const PathEntry& entry : run->policy.filesystem.deny_write) {
    EXPECT_EQ(entry.origin.file, entry.text == "keys" ? "nested run" : "built-in:coding") << entry.text;
  }
  for (const PathEntry& entry : run->policy.filesystem.deny_read) EXPECT_EQ(entry.origin.file, "built-in:coding");
}

TEST(NestedRunTest, BackendOfTheFarSideMayBeForced) {
  Json json = SampleJson();
  json["backend"] = "linux_landlock:landlock";
  const auto run = Parsed(json);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->policy.backend.forced, "linux_landlock:landlock");
}

TEST(NestedRunTest, FarSidesCeilingHolds) {
  FarSide far_side;
  const auto parse = [](absl::string_view text) {
    return PolicyFile{"/etc/paddock/policy.toml", ParsePolicy(text, "admin", PolicyFormat::kToml).value()};
  };
  far_side.admin = parse("[require]\nwrite = \"confined\"\n[filesystem]\ndeny_read = [\"/srv/secret\"]\n");
  const auto bounded = ParseNestedRun(SampleJson().dump(), far_side);
  ASSERT_TRUE(bounded.ok()) << bounded.status();
  EXPECT_THAT(bounded->policy.requirements, Contains(Requirement{Guarantee::kWrite, write_level::kConfined, true}));
  bool hidden = false;
  for (const PathEntry& entry : bounded->policy.filesystem.deny_read) hidden |= entry.text == "/srv/secret";
  EXPECT_TRUE(hidden);

  Json open = SampleJson();
  open["policy"]["network"]["mode"] = "open";
  open["policy"]["require"] = Json::object();
  open["preferred"] = Json::object();
  EXPECT_TRUE(ParseNestedRun(open.dump(), {}).ok());
  far_side.admin = parse("[network]\nmode = \"off\"\n");
  EXPECT_EQ(CodeOf(ParseNestedRun(open.dump(), far_side).status()), "policy_exceeds_ceiling");
}

TEST(NestedRunTest, RefusesWhatIsNotExactlySo) {
  const struct {
    absl::string_view pointer;
    Json value;
    absl::string_view code;
  } kCases[] = {
      {"/schema", "paddock.nested_run/2", "relay_protocol"},
      {"/workspace", "project", "relay_protocol"},
      {"/workspace", "C:\\project", "relay_protocol"},
      {"/workspace", nullptr, "relay_protocol"},
      {"/cwd", std::string("/a\0b", 4), "relay_protocol"},
      {"/command", Json::array(), "relay_protocol"},
      {"/command", "true", "relay_protocol"},
      {"/command/0", 1, "relay_protocol"},
      {"/command/0", std::string("a\0b", 3), "relay_protocol"},
      {"/environment", Json::array(), "relay_protocol"},
      {"/environment/A=B", "x", "relay_protocol"},
      {"/environment/A", 1, "relay_protocol"},
      {"/tty", {{"columns", 80}}, "relay_protocol"},
      {"/tty", {{"columns", 80}, {"rows", 65536}}, "relay_protocol"},
      {"/tty", {{"columns", -1}, {"rows", 1}}, "relay_protocol"},
      {"/streams/stdin", 1, "relay_protocol"},
      {"/streams/fd3", true, "relay_protocol"},
      {"/preferred/write", "very", "relay_protocol"},
      {"/preferred/all", "none", "relay_protocol"},
      {"/built_in/deny_write/0", "src", "relay_protocol"},
      {"/built_in/deny_read", nullptr, "relay_protocol"},
      {"/built_in/write", Json::array(), "relay_protocol"},
      {"/more", 1, "relay_protocol"},
      {"/policy", nullptr, "policy_invalid"},
      {"/policy/more", 1, "policy_invalid"},
      {"/policy/limits/wall", "soon", "policy_invalid"},
      {"/backend", "nonsense x", "policy_invalid"},
  };
  for (const auto& test : kCases) {
    Json json = SampleJson();
    json[Json::json_pointer(std::string(test.pointer))] = test.value;
    EXPECT_EQ(CodeOf(Parsed(json).status()), test.code) << test.pointer << " " << test.value;
  }
  const Json sample = SampleJson();
  for (const auto& [key, value] : sample.items()) {
    Json json = SampleJson();
    json.erase(key);
    EXPECT_EQ(CodeOf(Parsed(json).status()), "relay_protocol") << key;
  }
  EXPECT_EQ(CodeOf(ParseNestedRun("", {}).status()), "relay_protocol");
  EXPECT_EQ(CodeOf(ParseNestedRun("[1]", {}).status()), "relay_protocol");
}

TEST(NestedRunTest, WritesNothingThatWouldArriveAsSomethingElse) {
  const std::string half = "\xed\xa0\x80";  // half a surrogate pair, as names on Windows may hold one
  NestedRun run = Sample();
  run.command.push_back(half);
  EXPECT_EQ(CodeOf(EncodeNestedRun(run).status()), "command_invalid");
  run = Sample();
  run.workspace += half;
  EXPECT_EQ(CodeOf(EncodeNestedRun(run).status()), "path_invalid");
  run = Sample();
  run.environment["A"] = half;
  EXPECT_EQ(CodeOf(EncodeNestedRun(run).status()), "command_invalid");
  run = Sample();
  run.command.push_back(std::string(kMaxFrameJson, 'x'));
  EXPECT_EQ(CodeOf(EncodeNestedRun(run).status()), "command_invalid");
}

}  // namespace
}  // namespace paddock::wsl2
