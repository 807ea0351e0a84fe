#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/host/facts.h"

namespace paddock {
namespace {

absl::StatusOr<Facts> Parse(const std::string& text) {
  const auto json = ParseJson(text, "host.json");
  if (!json.ok()) return json.status();
  return FactsFromJson(*json, "host.json");
}

// Every leaf of `json` set to something that is not its default, so that a field forgotten in either direction shows.
void Fill(Json& json, int& counter) {
  ++counter;
  if (json.is_object() && json.contains("value") && json.contains("source")) {
    json["source"] = absl::StrCat("source ", counter);
    return;
  }
  if (json.is_structured()) {
    for (auto& item : json) Fill(item, counter);
  } else if (json.is_boolean()) {
    json = !json.get<bool>();
  } else if (json.is_number_unsigned() || json.is_number_integer()) {
    json = counter;
  } else if (json.is_string() && json.get<std::string>().empty()) {
    json = absl::StrCat("text ", counter);
  }
}

// Facts with one entry in each list and map, both operating systems filled in.
Json FullFacts() {
  Facts facts;
  facts.host.linux_host.uid = 7;
  facts.host.windows_host.sku = WindowsSku::kEducation;
  facts.host.windows_host.distributions.emplace_back();
  facts.host.linux_host.cgroup_controllers = {"memory"};
  facts.host.linux_host.container_hints = {"/.dockerenv"};
  facts.host.linux_host.socket_paths = {"/run/x"};
  facts.host.linux_host.mount_points = {"/", "/proc"};
  facts.host.linux_host.windows_mounts.emplace_back();
  facts.host.linux_host.windows_interpreters = {"/init"};
  facts.workspace.root.type = PathType::kDirectory;
  facts.workspace.location = WorkspaceLocation::kDrvfs;
  facts.workspace.submounts = {"/w/sub"};
  RepositoryFacts& repository = facts.workspace.repositories.emplace_back();
  repository.kind = RepositoryKind::kGitFile;
  repository.worktrees = {"/w/.git/worktrees/a"};
  repository.modules = {"/w/.git/modules/m"};
  repository.include_targets = {"/w/gitconfig"};
  facts.workspace.paths["/w/a~b"].type = PathType::kFifo;
  facts.workspace.globs["/w/**/.env"] = {"/w/.env"};
  facts.workspace.secrets["C:\\w\\.env"].descriptors = {"O:SYD:(A;;FA;;;SY)"};
  facts.leases.leases.emplace_back();
  Json json = ToJson(facts);
  const Json values = {{"kernel", "6.8.0"}, {"landlock_abi", 4}, {"landlock_errata", 3}, {"perf_event_paranoid", 2},
                       {"wsl_version", 2},  {"build", 22631},    {"version", 2}};
  int counter = 0;
  for (const char* part : {"host", "workspace", "leases"}) Fill(json[part], counter);
  const std::function<void(Json&)> know = [&](Json& node) {
    if (!node.is_structured()) return;
    if (!node.is_object()) {
      for (Json& item : node) know(item);
      return;
    }
    for (auto& [key, item] : node.items()) {
      if (!item.is_object() || !item.contains("value")) {
        know(item);
      } else {
        item["value"] = values.contains(key) ? values[key] : Json(true);
      }
    }
  };
  know(json);
  return json;
}

TEST(FactsJsonTest, EveryFieldComesBack) {
  const Json json = FullFacts();
  const auto facts = FactsFromJson(json, "full");
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(DumpJson(ToJson(*facts)), DumpJson(json));
  // The control: a dump that left the fields out would come back as well.
  EXPECT_GT(DumpJson(json).size(), 4000u);
  EXPECT_FALSE(absl::StrContains(DumpJson(json), "null"));
}

TEST(FactsJsonTest, DefaultsComeBackAsUnknown) {
  const auto facts = Parse("{}");
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_TRUE(facts->host.linux_host.seccomp.unknown());
  EXPECT_FALSE(facts->host.linux_host.landlock_abi.known());
  EXPECT_EQ(facts->workspace.location, WorkspaceLocation::kUnknown);
  const Json json = ToJson(*facts);
  EXPECT_EQ(json["schema"], "paddock.facts/1");
  EXPECT_TRUE(json["host"]["linux"]["seccomp"]["value"].is_null());
  EXPECT_FALSE(json["host"].contains("windows"));
  const auto again = FactsFromJson(json, "again");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(ToJson(*again), json);
}

TEST(FactsJsonTest, ABareValueIsAFact) {
  const auto facts = Parse(R"({"host": {"linux": {"seccomp": true, "fresh_proc": false, "wslg": null, "landlock_abi": 4,
      "landlock_errata": null, "user_namespaces": {"value": true, "source": "tried"}}}})");
  ASSERT_TRUE(facts.ok()) << facts.status();
  const LinuxFacts& host = facts->host.linux_host;
  EXPECT_EQ(host.seccomp, Yes("file"));
  EXPECT_EQ(host.fresh_proc, No("file"));
  EXPECT_TRUE(host.wslg.unknown());
  EXPECT_EQ(host.landlock_abi.value, 4);
  EXPECT_FALSE(host.landlock_errata.known());
  EXPECT_EQ(host.user_namespaces, Yes("tried"));
}

struct Refusal {
  const char* text;
  const char* says;  // place and complaint
};

TEST(FactsJsonTest, WhatDoesNotFitIsRefusedByItsPlace) {
  const std::vector<Refusal> refusals = {
      {R"([])", "host.json: expected an object, found array"},
      {R"({"schema": "paddock.facts/2"})", "/schema: this version reads \"paddock.facts/1\""},
      {R"({"hots": {}})", "/hots: unknown key"},
      {R"({"host": []})", "/host: expected an object, found array"},
      {R"({"host": {"os": "plan9"}})", "/host/os: one of linux, windows is expected"},
      {R"({"host": {"linux": {"seccomp": 1}}})", "/host/linux/seccomp: expected true or false, found number"},
      {R"({"host": {"linux": {"seccomp": "yes"}}})", "/host/linux/seccomp: expected true or false, found string"},
      {R"({"host": {"linux": {"seccomp": {"source": "x"}}}})", "/host/linux/seccomp: an object without \"value\""},
      {R"({"host": {"linux": {"seccomp": {"value": true, "sorce": "x"}}}})", "/host/linux/seccomp/sorce: unknown key"},
      {R"({"host": {"linux": {"seccomp": {"value": true, "source": 1}}}})",
       "/host/linux/seccomp/source: expected a string"},
      {R"({"host": {"linux": {"landlock_abi": 4.5}}})", "/host/linux/landlock_abi: expected an integer, found number"},
      {R"({"host": {"linux": {"landlock_abi": 4294967296}}})", "/host/linux/landlock_abi: out of range: 4294967296"},
      {R"({"host": {"linux": {"landlock_abi": true}}})", "/host/linux/landlock_abi: expected an integer"},
      {R"({"host": {"linux": {"uid": 9223372036854775808}}})", "/host/linux/uid: out of range"},
      {R"({"host": {"linux": {"mount_points": {}}}})", "/host/linux/mount_points: expected an array, found object"},
      {R"({"host": {"linux": {"mount_points": ["/", 7]}}})",
       "/host/linux/mount_points/1: expected a string, found number"},
      {R"({"host": {"home": "a\u0000b"}})", "/host/home: a string that holds a NUL"},
      {R"({"host": {"windows": {"distributions": [{"is_default": null}]}}})",
       "/host/windows/distributions/0/is_default: expected true or false, found null"},
      {R"({"workspace": {"root": {"inode": -1}}})", "/workspace/root/inode: out of range: -1"},
      {R"({"workspace": {"root": {"mode": 4294967296}}})", "/workspace/root/mode: out of range"},
      {R"({"workspace": {"paths": {"/a/b~c": {"tipe": "file"}}}})", "/workspace/paths/~1a~1b~0c/tipe: unknown key"},
      {R"({"workspace": {"globs": {"/x/*": "y"}}})", "/workspace/globs/~1x~1*: expected an array, found string"},
      {R"({"leases": {"leases": [{"live": "no"}]}})", "/leases/leases/0/live: expected true or false, found string"},
  };
  for (const Refusal& refusal : refusals) {
    const auto facts = Parse(refusal.text);
    ASSERT_FALSE(facts.ok()) << refusal.text;
    EXPECT_TRUE(absl::IsInvalidArgument(facts.status()));
    const auto reason = ReasonOf(facts.status());
    ASSERT_TRUE(reason.has_value()) << refusal.text;
    EXPECT_EQ(reason->code, "facts_invalid");
    EXPECT_THAT(reason->detail, ::testing::HasSubstr(refusal.says)) << refusal.text;
  }
}

TEST(FactsJsonTest, TextIsBounded) {
  const auto with_home = [](size_t length) {
    return absl::StrCat(R"({"host": {"home": ")", std::string(length, 'x'), "\"}}");
  };
  EXPECT_TRUE(Parse(with_home(64u << 10)).ok());
  EXPECT_FALSE(Parse(with_home((64u << 10) + 1)).ok());
}

}  // namespace
}  // namespace paddock
