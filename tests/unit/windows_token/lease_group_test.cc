// Leases of the dedicated users' group, which share their SID with whatever else that group has.
#include "core/lease/lease_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "core/base/reason.h"
#include "core/lease/lease_record.h"
#include "tests/unit/windows_token/lease_scene.h"

namespace paddock {
namespace {

access::Sid Group() { return access::Sid::Parse("S-1-5-21-1-2-3-1005").value(); }

// A grant on C:\w that hides `hidden` from the group.
WritableRoot Plan(const std::string& hidden) {
  WritableRoot plan;
  plan.path = "C:\\w";
  plan.capability = "{capability}";
  plan.changes = {
      {"C:\\w", "(A;OICI;0x1301bf;;;{capability})", AceScope::kTree, true, false, "write"},
      {"C:\\w", "(A;OICI;0x1301bf;;;{group})", AceScope::kTree, true, false, "write"},
      {"C:\\w", "(D;;0x40;;;{group})", AceScope::kObject, true, false, "read"},
      {hidden, "(D;;0x1f01ff;;;{group})", AceScope::kObject, false, false, "read"},
  };
  return plan;
}

absl::StatusOr<std::unique_ptr<AclLease>> Take(LeaseScene& scene, MemoryProcess* process, const WritableRoot& plan) {
  LeaseOptions options;
  options.user = LeaseScene::User();
  options.group = Group();
  return AcquireLease(scene.Host(process), GroupRootOf(plan), options);
}

bool Hides(const LeaseScene& scene, const std::string& path) {
  const auto& aces = scene.world.nodes.at(scene.world.Find(path)).descriptor.dacl.aces;
  return std::find(aces.begin(), aces.end(), access::DenyAce(Group(), 0x1f01ff)) != aces.end();
}

TEST(LeaseGroup, ARootIsTwo) {
  const WritableRoot plan = Plan("C:\\w\\a.txt");
  EXPECT_EQ(OwnRootOf(plan).changes.size(), 1u);
  EXPECT_EQ(OwnRootOf(plan).capability, "{capability}");
  EXPECT_EQ(GroupRootOf(plan).changes.size(), 3u);
  EXPECT_TRUE(GroupRootOf(LeaseScene::Plan()).changes.empty());
  EXPECT_EQ(OwnRootOf(LeaseScene::Plan()), LeaseScene::Plan());
}

TEST(LeaseGroup, RunsOfOnePolicyShareItAndThoseOfAnotherWait) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  const auto first = Take(scene, &process, Plan("C:\\w\\a.txt"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ((*first)->capability(), Group());
  EXPECT_TRUE(Hides(scene, "C:\\w\\a.txt"));
  const auto second = Take(scene, &process, Plan("C:\\w\\a.txt"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE((*second)->was_stamped());

  // Its entries would let the runs that last read what theirs hide.
  WritableRoot below = Plan("C:\\w\\src\\b.txt");
  const auto other = Take(scene, &process, below);
  EXPECT_TRUE(absl::IsUnavailable(other.status()));
  EXPECT_EQ(ReasonOf(other.status()).value_or(Reason()).code, "lease_group_entry");
  below.path = "C:\\w\\src";
  for (AceChange& change : below.changes) {
    if (change.path == "C:\\w") change.path = below.path;
  }
  EXPECT_TRUE(absl::IsUnavailable(Take(scene, &process, below).status())) << "nor below";
  EXPECT_TRUE(Hides(scene, "C:\\w\\a.txt"));

  ASSERT_TRUE((*first)->Release().ok());
  EXPECT_TRUE(absl::IsUnavailable(Take(scene, &process, Plan("C:\\w\\src\\b.txt")).status())) << "one still lasts";
  ASSERT_TRUE((*second)->Release().ok());
  const auto third = Take(scene, &process, Plan("C:\\w\\src\\b.txt"));
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_TRUE(Hides(scene, "C:\\w\\src\\b.txt"));
  EXPECT_FALSE(Hides(scene, "C:\\w\\a.txt"));
}

TEST(LeaseGroup, WhatElseTheGroupHasStays) {
  LeaseScene scene;
  const access::Ace tools = access::AllowAce(Group(), 0x1200a9, 3);
  scene.world.nodes.at(scene.world.Find("C:\\w\\src")).descriptor.dacl.aces.push_back(tools);
  const auto before = scene.Descriptors();
  MemoryProcess process(&scene.world);
  const auto lease = Take(scene, &process, Plan("C:\\w\\a.txt"));
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_FALSE(scene.Descriptors() == before) << "the control";
  ASSERT_TRUE((*lease)->Release().ok());
  const auto collected = CollectLeases(scene.Host(&process), 1);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->removed, 1u);
  EXPECT_TRUE(scene.Descriptors() == before);
}

TEST(LeaseGroup, Records) {
  LeaseRecord record;
  record.capability = Group();
  record.group = true;
  const std::string text = FormatLeaseRecord(record);
  const auto parsed = ParseLeaseRecord(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, record);
  for (const char* const sid : {"S-1-5-18", "S-1-1-0", "S-1-5-32-544", "S-1-5-21-1-2-3-512"}) {
    EXPECT_FALSE(ParseLeaseRecord(absl::StrReplaceAll(text, {{Group().ToString(), sid}})).ok()) << sid;
  }
  EXPECT_FALSE(ParseLeaseRecord(absl::StrReplaceAll(text, {{"true", "false"}})).ok());
}

}  // namespace
}  // namespace paddock
