#include "core/lease/lease.h"

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/mapping.h"
#include "core/lease/lease_progress.h"
#include "core/lease/lease_record.h"
#include "tests/unit/windows_token/lease_scene.h"

namespace paddock {
namespace {

bool HoldsFor(const LeaseScene& scene, const std::string& path, const access::Ace& ace) {
  for (const access::Ace& held : scene.world.nodes.at(scene.world.Find(path)).descriptor.dacl.aces) {
    if (held == ace) return true;
  }
  return false;
}

TEST(Lease, StampsInTheInheritedFormAndDeniesWhatIsProtected) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  const auto lease = scene.Acquire(&process, LeaseScene::Plan(), 3);
  ASSERT_TRUE(lease.ok()) << lease.status();
  const access::Sid sid = (*lease)->capability();
  EXPECT_TRUE(HoldsFor(scene, "C:\\w\\a.txt", access::AllowAce(sid, 0x1301bf, access::kInherited)));
  EXPECT_TRUE(HoldsFor(scene, "C:\\w\\src\\deep", access::AllowAce(sid, 0x1301bf, 3))) << "protected: explicit";
  EXPECT_TRUE(HoldsFor(scene, "C:\\w\\src\\deep\\c.txt", access::AllowAce(sid, 0x1301bf, access::kInherited)));
  EXPECT_TRUE(HoldsFor(scene, "C:\\w\\.git\\hooks\\pre-commit", access::DenyAce(sid, 0xd0116, access::kInherited)));
  EXPECT_TRUE(HoldsFor(scene, "C:\\w\\.git", access::DenyAce(LeaseScene::User().user, 0x40)));
  for (const auto& [id, descriptor] : scene.Descriptors()) EXPECT_TRUE(access::IsCanonical(descriptor.dacl)) << id;
}

TEST(Lease, IsFoundAgainByKeyAndRepairsANameThatWasMadeAgain) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  const auto first = scene.Acquire(&process, LeaseScene::Plan());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE((*first)->Release().ok());
  scene.world.Move("C:\\w", "C:\\moved");
  scene.world.Delete("C:\\moved\\.git\\config");
  scene.world.Make("C:\\moved\\.git\\config", false);
  WritableRoot plan = LeaseScene::Plan();
  plan.path = "c:\\MOVED";
  for (AceChange& change : plan.changes) change.path = absl::StrCat("c:\\MOVED", change.path.substr(4));
  for (AbsentName& absent : plan.absent) absent.path = absl::StrCat("c:\\MOVED", absent.path.substr(4));
  const auto second = scene.Acquire(&process, plan);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ((*second)->capability(), (*first)->capability());
  EXPECT_TRUE((*second)->was_stamped());
  EXPECT_TRUE(HoldsFor(scene, "C:\\moved\\.git\\config", access::DenyAce((*second)->capability(), 0xd0116)));
}

TEST(Lease, LeasesOfOneRootShareWhatCarriesNoSid) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  auto one = scene.Acquire(&process, LeaseScene::Plan(false));
  auto two = scene.Acquire(&process, LeaseScene::Plan(true));
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_NE((*one)->capability(), (*two)->capability());
  const uint64_t placeholder = scene.world.Find("C:\\w\\.claude");
  ASSERT_TRUE((*one)->Release().ok());
  EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), placeholder) << "the other run still needs it";
  auto collected = CollectLeases(scene.Host(&process), 1);
  ASSERT_TRUE(collected.ok());
  EXPECT_EQ(collected->removed, 1u);
  EXPECT_EQ(collected->live, 1u);
  EXPECT_TRUE(HoldsFor(scene, "C:\\w", access::DenyAce(LeaseScene::User().user, 0x40)));
  ASSERT_TRUE((*two)->Release().ok());
  EXPECT_EQ(scene.Hidden(), 0u);
  collected = CollectLeases(scene.Host(&process), 1);
  ASSERT_TRUE(collected.ok());
  EXPECT_EQ(scene.OurEntries(), 0u);
}

TEST(Lease, LeavesOutADenialThatTheUserWouldFeel) {
  LeaseScene scene;
  MemoryWorld::Node& file = scene.world.nodes[scene.world.Find("C:\\w\\.git\\config")];
  for (access::Ace& ace : file.descriptor.dacl.aces) ace.mask = 0x1200a9;
  MemoryProcess process(&scene.world);
  const auto lease = scene.Acquire(&process, LeaseScene::Plan());
  ASSERT_TRUE(lease.ok()) << lease.status();
  ASSERT_EQ((*lease)->report().notes.size(), 1u);
  EXPECT_EQ((*lease)->report().notes.front().code, "lease_deny_left_out");
  EXPECT_FALSE(HoldsFor(scene, "C:\\w\\.git", access::DenyAce(LeaseScene::User().user, 0x40)));
  EXPECT_TRUE(HoldsFor(scene, "C:\\w", access::DenyAce(LeaseScene::User().user, 0x40)));
}

TEST(Lease, PassesByLinksAndWhatItMayNotRead) {
  LeaseScene scene;
  scene.world.Link("C:\\outside\\name.txt", scene.world.Find("C:\\w\\a.txt"));
  scene.world.nodes[scene.world.Make("C:\\w\\junction", true)].info.reparse_point = true;
  scene.world.Make("C:\\w\\junction\\behind.txt", false);
  scene.world.nodes[scene.world.Make("C:\\w\\secret", false)].refused = true;
  WritableRoot plan = LeaseScene::Plan();
  plan.changes.resize(4);
  MemoryProcess process(&scene.world);
  const auto lease = scene.Acquire(&process, plan);
  ASSERT_TRUE(lease.ok()) << lease.status();
  const LeaseCounts& counts = (*lease)->report().counts;
  EXPECT_EQ(counts.links, 1u);
  EXPECT_EQ(counts.reparse_points, 1u);
  EXPECT_EQ(counts.unreadable, 1u);
  for (const char* path : {"C:\\w\\a.txt", "C:\\w\\junction", "C:\\w\\junction\\behind.txt", "C:\\w\\secret"}) {
    for (const access::Ace& ace : scene.world.nodes[scene.world.Find(path)].descriptor.dacl.aces) {
      EXPECT_FALSE(IsLeaseSid(ace.sid)) << path;
    }
  }
}

// A root that is one file: stamped and undone like a tree of one; nothing else that it may have become is taken for it.
TEST(Lease, OfASingleFile) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  const auto before = scene.Descriptors();
  WritableRoot plan;
  plan.path = "C:\\w\\a.txt";
  plan.capability = "{capability}";
  plan.changes = {{plan.path, "(A;;0x1201bf;;;{capability})", AceScope::kObject, false, false, "write"}};
  {
    const auto lease = scene.Acquire(&process, plan);
    ASSERT_TRUE(lease.ok()) << lease.status();
    EXPECT_TRUE(HoldsFor(scene, plan.path, access::AllowAce((*lease)->capability(), 0x1201bf)));
    ASSERT_TRUE((*lease)->Release().ok());
  }
  ASSERT_TRUE(CollectLeases(scene.Host(&process), 1).ok());
  EXPECT_EQ(scene.Descriptors(), before);
  scene.world.Link("C:\\outside\\name.txt", scene.world.Find(plan.path));
  EXPECT_TRUE(absl::IsFailedPrecondition(scene.Acquire(&process, plan).status())) << "it has another name";
  scene.world.Delete(plan.path);
  scene.world.Make(plan.path, true);
  EXPECT_TRUE(absl::IsFailedPrecondition(scene.Acquire(&process, plan).status())) << "it is a directory now";
  WritableRoot tree = LeaseScene::Plan();
  scene.world.Delete("C:\\w");
  scene.world.Make("C:\\w", false);
  EXPECT_TRUE(absl::IsFailedPrecondition(scene.Acquire(&process, tree).status())) << "it is a file now";
  EXPECT_EQ(scene.OurEntries(), 0u);
  EXPECT_TRUE(scene.world.files.empty());
}

TEST(Lease, QuarantinesWhatAppeared) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  const auto lease = scene.Acquire(&process, LeaseScene::Plan());
  ASSERT_TRUE(lease.ok()) << lease.status();
  const uint64_t made = scene.world.Make("C:\\w\\.mcp.json", false);
  const auto released = (*lease)->Release();
  ASSERT_TRUE(released.ok()) << released.status();
  ASSERT_FALSE(released->notes.empty());
  EXPECT_EQ(released->notes.front().code, "lease_quarantined");
  EXPECT_EQ(scene.world.Find("C:\\w\\.mcp.json"), 0u);
  EXPECT_EQ(scene.world.nodes.count(made), 1u);
}

bool Notes(const LeaseReport& report, absl::string_view code, absl::string_view detail) {
  for (const LeaseNote& note : report.notes) {
    if (note.code == code && absl::StrContains(note.detail, detail)) return true;
  }
  return false;
}

// The name is held for nobody, so the first end takes away what stands there; both runs are told what that means.
TEST(Lease, TwoRunsOfOneLeaseAreToldWhatTheFirstEndTookAway) {
  LeaseScene scene;
  MemoryProcess one(&scene.world), two(&scene.world);
  const auto first = scene.Acquire(&one, LeaseScene::Plan());
  const auto second = scene.Acquire(&two, LeaseScene::Plan());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ((*first)->capability(), (*second)->capability());
  const uint64_t made = scene.world.Make("C:\\w\\.mcp.json", false);
  auto released = (*first)->Release();
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_EQ(scene.world.Find("C:\\w\\.mcp.json"), 0u);
  EXPECT_EQ(scene.world.nodes.count(made), 1u) << "moved, not deleted";
  EXPECT_TRUE(Notes(*released, "lease_quarantined", "or is of another run of the same lease"));
  EXPECT_FALSE(Notes(*released, "lease_quarantined_meanwhile", ""));
  EXPECT_NE(scene.world.Find("C:\\w\\.claude"), 0u) << "the other run still needs it";
  released = (*second)->Release();
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_TRUE(Notes(*released, "lease_quarantined_meanwhile", "another run of the same lease"));
  EXPECT_FALSE(Notes(*released, "lease_quarantined", ""));
  EXPECT_TRUE(Notes(*released, "lease_quarantine_kept", "yours"));
  EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), 0u);
}

TEST(Lease, ARunThatBeginsTellsTheOneThatLasts) {
  LeaseScene scene;
  MemoryProcess one(&scene.world), two(&scene.world);
  const auto first = scene.Acquire(&one, LeaseScene::Plan());
  ASSERT_TRUE(first.ok()) << first.status();
  scene.world.Make("C:\\w\\.mcp.json", false);
  const auto second = scene.Acquire(&two, LeaseScene::Plan());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(Notes((*second)->report(), "lease_quarantined", "of a run that died, or of another run"));
  const auto ended = (*second)->Release();
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_FALSE(Notes(*ended, "lease_quarantined_meanwhile", "")) << "it was this run's own doing";
  const auto released = (*first)->Release();
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_TRUE(Notes(*released, "lease_quarantined_meanwhile", ""));
}

// The control: alone, a run is told of its own doing and of nobody else's.
TEST(Lease, ARunAloneIsToldOfNoOther) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  for (int run = 0; run < 2; ++run) {
    const auto lease = scene.Acquire(&process, LeaseScene::Plan());
    ASSERT_TRUE(lease.ok()) << lease.status();
    scene.world.Make("C:\\w\\.mcp.json", false);
    const auto released = (*lease)->Release();
    ASSERT_TRUE(released.ok()) << released.status();
    EXPECT_TRUE(Notes(*released, "lease_quarantined", "it appeared while this run lasted"));
    EXPECT_FALSE(Notes(*released, "lease_quarantined", "another run"));
    EXPECT_FALSE(Notes(*released, "lease_quarantined_meanwhile", ""));
  }
}

TEST(Lease, DoesNotQuarantineAnotherLeasesPlaceholder) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  WritableRoot watching = LeaseScene::Plan(true);
  watching.absent = {{"C:\\w\\.claude", false, "", "agents"}};
  const auto first = scene.Acquire(&process, watching);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = scene.Acquire(&process, LeaseScene::Plan());
  ASSERT_TRUE(second.ok()) << second.status();
  const uint64_t placeholder = scene.world.Find("C:\\w\\.claude");
  ASSERT_TRUE((*first)->Release().ok());
  EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), placeholder);
  ASSERT_TRUE((*second)->Release().ok());
  EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), 0u);
}

TEST(Lease, ScanRemovesWhatNoRecordExplains) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  WritableRoot plan = LeaseScene::Plan();
  plan.changes.resize(4);
  plan.absent.clear();
  const auto before = scene.Descriptors();
  { ASSERT_TRUE(scene.Acquire(&process, plan).ok()); }
  auto scan = ScanLeases(scene.Host(&process), "C:\\w", 2);
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->removed, 0u) << "a record knows them";
  EXPECT_GT(scan->recorded, 5u);
  scene.world.files.begin()->second.resize(40);  // the record breaks
  const auto collected = CollectLeases(scene.Host(&process), 1);
  ASSERT_TRUE(collected.ok());
  ASSERT_FALSE(collected->report.notes.empty());
  EXPECT_EQ(collected->report.notes.front().code, "lease_record_broken");
  EXPECT_EQ(scene.world.files.size(), 1u) << "renamed, not deleted";
  scan = ScanLeases(scene.Host(&process), "C:\\w", 2);
  ASSERT_TRUE(scan.ok());
  EXPECT_EQ(scan->orphans.size(), 1u);
  EXPECT_EQ(scene.Descriptors(), before);
}

TEST(Lease, ScanLooksBehindNoLinkAndSaysSo) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  scene.world.nodes[scene.world.Make("C:\\w\\junction", true)].info.reparse_point = true;
  EXPECT_TRUE(absl::IsFailedPrecondition(ScanLeases(scene.Host(&process), "C:\\w\\junction", 1).status()));
  EXPECT_TRUE(absl::IsNotFound(ScanLeases(scene.Host(&process), "C:\\none", 1).status()));
  const auto whole = ScanLeases(scene.Host(&process), "C:\\w", 1);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->found, 0u);
}

TEST(Lease, KeepsTheLeaseOfAnAbsentVolume) {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  { ASSERT_TRUE(scene.Acquire(&process, LeaseScene::Plan()).ok()); }
  scene.world.SetAttached(7, false);
  EXPECT_EQ(CollectLeases(scene.Host(&process), 1)->kept, 1u);
  scene.world.SetAttached(7, true);
  EXPECT_EQ(CollectLeases(scene.Host(&process), 1)->removed, 1u);
  EXPECT_EQ(scene.OurEntries(), 0u);
}

TEST(Lease, RunsAndCollectorsAtOnce) {
  LeaseScene scene;
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&scene, &failed, i] {
      MemoryProcess process(&scene.world);
      for (int round = 0; round < 10; ++round) {
        const auto lease = scene.Acquire(&process, LeaseScene::Plan(i % 2 == 0), 2);
        if (!lease.ok() || !(*lease)->Release().ok()) ++failed;
        if (i == 3 && !CollectLeases(scene.Host(&process), 2).ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  MemoryProcess last(&scene.world);
  ASSERT_TRUE(CollectLeases(scene.Host(&last), 1).ok());
  EXPECT_EQ(scene.OurEntries(), 0u);
  EXPECT_EQ(scene.Hidden(), 0u);
}

TEST(Lease, TellsOfALargeTreeAloneAndSeldom) {
  std::vector<std::string> told;
  const auto progress = StampProgress("C:\\w", [&told](std::string text) { told.push_back(std::move(text)); });
  for (uint64_t entries = 1; entries < kFirstProgress; ++entries) progress(entries);
  EXPECT_TRUE(told.empty());
  for (uint64_t entries = kFirstProgress; entries <= 1'000'000; ++entries) progress(entries);
  EXPECT_EQ(told.size(), 6u) << "20, 40, 80, 160, 320 and 640 thousand";
}

// Somebody gives up while a tree is stamped: the run does not start, the next one goes on, and `gc` finds all.
TEST(Lease, ACancelledWalkIsGoneOnWith) {
  for (int threads : {1, 3}) {
    LeaseScene scene;
    const auto before = scene.Descriptors();
    MemoryProcess process(&scene.world);
    std::atomic<int> asked = 0;
    LeaseOptions options;
    options.user = LeaseScene::User();
    options.threads = threads;
    options.cancelled = [&asked] { return ++asked > 4; };
    EXPECT_TRUE(absl::IsCancelled(AcquireLease(scene.Host(&process), LeaseScene::Plan(), options).status()));
    EXPECT_GT(scene.OurEntries(), 0u) << "the control: some of it was done";
    EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), 0u);
    options.cancelled = nullptr;
    {
      const auto lease = AcquireLease(scene.Host(&process), LeaseScene::Plan(), options);
      ASSERT_TRUE(lease.ok()) << lease.status();
      EXPECT_TRUE(HoldsFor(scene, "C:\\w\\src\\deep\\c.txt",
                           access::AllowAce((*lease)->capability(), 0x1301bf, access::kInherited)));
      ASSERT_TRUE((*lease)->Release().ok());
    }
    ASSERT_TRUE(CollectLeases(scene.Host(&process), 1).ok());
    EXPECT_EQ(scene.Descriptors(), before);
  }
}

TEST(Lease, StampsFiftyThousandOnceAndThenLooksAtNames) {
  LeaseScene scene;
  for (int i = 0; i < 50000; ++i) scene.world.Make(absl::StrCat("C:\\w\\d", i % 500, "\\f", i), false);
  MemoryProcess process(&scene.world);
  WritableRoot plan = LeaseScene::Plan();
  plan.changes.resize(4);
  plan.absent.clear();
  std::vector<std::string> told;
  LeaseOptions options;
  options.user = LeaseScene::User();
  options.threads = 4;
  options.progress = StampProgress(plan.path, [&told](std::string text) { told.push_back(std::move(text)); });
  { ASSERT_TRUE(AcquireLease(scene.Host(&process), plan, options).ok()); }
  ASSERT_EQ(told.size(), 2u) << "at 20,000 and 40,000";
  EXPECT_TRUE(absl::StrContains(told.back(), "preparing C:\\w: 40000 files")) << told.back();
  const MemoryProcess::Counters first = process.counters;
  EXPECT_GT(first.writes, 50000u);
  MemoryProcess again(&scene.world);
  told.clear();
  const auto lease = AcquireLease(scene.Host(&again), plan, options);
  ASSERT_TRUE(lease.ok());
  EXPECT_TRUE((*lease)->was_stamped());
  EXPECT_TRUE(told.empty());
  const MemoryProcess::Counters second = again.counters;
  EXPECT_EQ(second.mutations, 0u);
  EXPECT_EQ(second.lists, 0u);
  EXPECT_EQ(second.state_reads, 1u);
  EXPECT_EQ(second.reads, 4u);  // the root, and three protected names
  for (const auto& [what, c] : {std::pair("first", first), std::pair("second", second)}) {
    std::cout << what << ": opens " << c.opens << ", reads " << c.reads << ", writes " << c.writes << ", lists "
              << c.lists << ", state reads " << c.state_reads << ", state writes " << c.state_writes << ", bytes "
              << c.bytes << "\n";
  }
}

}  // namespace
}  // namespace paddock
