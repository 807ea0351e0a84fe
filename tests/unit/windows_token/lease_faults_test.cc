// What leases meet while they work: files that go and move under a walk, two leases on one root of which one is hurt, a
// scan that is hurt. lease_crash_test.cc has one lease alone.

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "core/access/mapping.h"
#include "core/lease/lease_record.h"
#include "tests/unit/windows_token/lease_scene.h"

namespace paddock {
namespace {

enum class Hurt { kFailure, kDeath };

void HurtAt(uint64_t call, Hurt how, MemoryProcess* process) {
  (how == Hurt::kFailure ? process->fail_at : process->kill_at) = call;
}

bool Holds(const LeaseScene& scene, const std::string& path, const access::Ace& ace) {
  const uint64_t id = scene.world.Find(path);
  if (id == 0) return false;
  for (const access::Ace& held : scene.world.nodes.at(id).descriptor.dacl.aces) {
    if (held == ace) return true;
  }
  return false;
}

access::Ace UsersDeny() { return access::DenyAce(LeaseScene::User().user, access::kFileDeleteChild); }

// What somebody does to the tree at one moment of a walk.
struct Meddling {
  const char* name;
  std::function<void(LeaseScene&)> act;
  bool out_of_root = false;  // what was stamped may be out of reach of `gc`, and is a scan's
};

std::vector<Meddling> Meddlings() {
  return {
      {"a file goes", [](LeaseScene& scene) { scene.world.Delete("C:\\w\\src\\b.txt"); }},
      {"a tree goes",
       [](LeaseScene& scene) {
         scene.world.Delete("C:\\w\\src\\deep\\c.txt");
         scene.world.Delete("C:\\w\\src\\deep");
       }},
      {"a file moves up", [](LeaseScene& scene) { scene.world.Move("C:\\w\\src\\b.txt", "C:\\w\\0.txt"); }},
      {"a tree moves within", [](LeaseScene& scene) { scene.world.Move("C:\\w\\src\\deep", "C:\\w\\zeep"); }},
      {"a tree moves out", [](LeaseScene& scene) { scene.world.Move("C:\\w\\src", "C:\\out\\src"); }, true},
      {"a tree moves in", [](LeaseScene& scene) { scene.world.Move("C:\\in\\lib", "C:\\w\\lib"); }},
      {"a protected file is replaced",
       [](LeaseScene& scene) {
         scene.world.Delete("C:\\w\\.git\\config");
         scene.world.Make("C:\\w\\.git\\config", false);
       }},
      {"a protected file goes", [](LeaseScene& scene) { scene.world.Delete("C:\\w\\.git\\config"); }},
      {"the root moves", [](LeaseScene& scene) { scene.world.Move("C:\\w", "C:\\elsewhere"); }},
  };
}

// The descriptors that hold nothing of ours, of the files that are there.
void ExpectUsersAlone(const LeaseScene& scene, const std::map<uint64_t, access::SecurityDescriptor>& before) {
  EXPECT_EQ(scene.OurEntries(), 0u);
  for (const auto& [id, descriptor] : before) {
    const auto node = scene.world.nodes.find(id);
    if (node == scene.world.nodes.end()) continue;
    EXPECT_EQ(node->second.descriptor, descriptor) << "node " << id;
  }
}

uint64_t LooksOfRun() {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  EXPECT_TRUE(scene.Acquire(&process, LeaseScene::Plan()).ok());
  return process.looks;
}

// At each look of a stamping walk: the run starts or is refused, and in the end nothing of ours is left.
TEST(LeaseFaults, FilesThatGoAndMoveWhileTheTreeIsStamped) {
  const uint64_t looks = LooksOfRun();
  ASSERT_GT(looks, 40u);
  for (const Meddling& meddling : Meddlings()) {
    uint64_t granted = 0;
    for (uint64_t at = 1; at <= looks; ++at) {
      SCOPED_TRACE(absl::StrCat(meddling.name, " at look ", at));
      LeaseScene scene;
      scene.world.Make("C:\\in\\lib\\lib.txt", false);
      const auto before = scene.Descriptors();
      MemoryProcess process(&scene.world);
      process.looking = [&](uint64_t look) {
        if (look == at) meddling.act(scene);
      };
      auto lease = scene.Acquire(&process, LeaseScene::Plan());
      if (lease.ok()) {
        ++granted;
        EXPECT_EQ((*lease)->report().counts.failed, 0u);
        ASSERT_TRUE((*lease)->Release().ok());
      }
      lease = absl::CancelledError("");
      const auto collected = CollectLeases(scene.Host(&process), 1);
      ASSERT_TRUE(collected.ok()) << collected.status();
      EXPECT_EQ(collected->kept, 0u);
      EXPECT_TRUE(scene.world.files.empty());
      if (meddling.out_of_root && scene.world.Find("C:\\out") != 0) {
        ASSERT_TRUE(ScanLeases(scene.Host(&process), "C:\\out", 1).ok());
      }
      ExpectUsersAlone(scene, before);
      EXPECT_EQ(scene.Hidden(), 0u);
    }
    EXPECT_GT(granted, looks / 2) << meddling.name;
  }
}

// The next run mends what a replacement at the worst moment left open.
TEST(LeaseFaults, AReplacedNameIsDeniedAgainByTheNextRunAtTheLatest) {
  const uint64_t looks = LooksOfRun();
  for (uint64_t at = 1; at <= looks; ++at) {
    SCOPED_TRACE(at);
    LeaseScene scene;
    MemoryProcess process(&scene.world);
    process.looking = [&](uint64_t look) {
      if (look != at) return;
      scene.world.Delete("C:\\w\\.git\\config");
      scene.world.Make("C:\\w\\.git\\config", false);
    };
    (void)scene.Acquire(&process, LeaseScene::Plan());
    process.looking = nullptr;
    const auto next = scene.Acquire(&process, LeaseScene::Plan());
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_TRUE(Holds(scene, "C:\\w\\.git\\config", access::DenyAce((*next)->capability(), 0xd0116)));
  }
}

// Files that go while `gc` walks are no failure; what moves behind its back keeps its entries, which a scan finds.
TEST(LeaseFaults, FilesThatGoAndMoveWhileTheTreeIsCollected) {
  uint64_t missed = 0;
  for (const Meddling& meddling : Meddlings()) {
    for (uint64_t at = 1; at <= 40; ++at) {
      SCOPED_TRACE(absl::StrCat(meddling.name, " at look ", at));
      LeaseScene scene;
      scene.world.Make("C:\\in\\lib\\lib.txt", false);
      const auto before = scene.Descriptors();
      MemoryProcess process(&scene.world);
      {
        const auto lease = scene.Acquire(&process, LeaseScene::Plan());
        ASSERT_TRUE(lease.ok()) << lease.status();
        ASSERT_TRUE((*lease)->Release().ok());
      }
      MemoryProcess collector(&scene.world);
      collector.looking = [&](uint64_t look) {
        if (look == at) meddling.act(scene);
      };
      const auto collected = CollectLeases(scene.Host(&collector), 1);
      ASSERT_TRUE(collected.ok()) << collected.status();
      EXPECT_EQ(collected->kept, 0u);
      if (scene.OurEntries(false) > 0) {
        ++missed;
        ASSERT_TRUE(ScanLeases(scene.Host(&process), "C:", 1).ok());
      }
      ExpectUsersAlone(scene, before);
    }
  }
  EXPECT_GT(missed, 0u) << "the scan had nothing to do: this test shows less than it says";
}

// Two leases on one root. One is hurt at each of its writes while a run of the other lasts, which loses nothing by it.
class TwoLeases : public testing::TestWithParam<Hurt> {};

TEST_P(TwoLeases, OneIsHurtWhileARunOfTheOtherLasts) {
  uint64_t calls = 0;  // of the first round, in which nothing is hurt
  for (uint64_t call = 0; call <= calls; ++call) {
    SCOPED_TRACE(call);
    LeaseScene scene;
    const auto before = scene.Descriptors();
    MemoryProcess lasting(&scene.world);
    auto held = scene.Acquire(&lasting, LeaseScene::Plan(false));
    ASSERT_TRUE(held.ok()) << held.status();
    const access::Sid sid = (*held)->capability();
    const uint64_t placeholder = scene.world.Find("C:\\w\\.claude");
    MemoryProcess hurt(&scene.world);
    HurtAt(call, GetParam(), &hurt);
    {
      const auto lease = scene.Acquire(&hurt, LeaseScene::Plan(true));
      if (lease.ok()) (void)(*lease)->Release();
    }
    (void)CollectLeases(scene.Host(&hurt), 1);
    if (call == 0) calls = hurt.counters.mutations;

    EXPECT_TRUE(Holds(scene, "C:\\w", access::AllowAce(sid, 0x1301bf, 3)));
    EXPECT_TRUE(Holds(scene, "C:\\w\\.git\\config", access::DenyAce(sid, 0xd0116)));
    EXPECT_TRUE(Holds(scene, "C:\\w", UsersDeny())) << "the lasting run needs it";
    EXPECT_TRUE(Holds(scene, "C:\\w\\.git", UsersDeny()));
    EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), placeholder);

    const auto released = (*held)->Release();
    ASSERT_TRUE(released.ok()) << released.status();
    held = absl::CancelledError("");
    MemoryProcess next(&scene.world);
    const auto collected = CollectLeases(scene.Host(&next), 1);
    ASSERT_TRUE(collected.ok()) << collected.status();
    EXPECT_EQ(collected->kept, 0u);
    EXPECT_EQ(scene.Hidden(), 0u);
    EXPECT_TRUE(scene.world.files.empty());
    ExpectUsersAlone(scene, before);
  }
  EXPECT_GT(calls, 30u);
}

// The run that lasted is the one that is hurt, at its end; the other's goes on, and loses nothing.
TEST_P(TwoLeases, OneIsHurtAtItsEnd) {
  uint64_t calls = 0;  // of the first round, in which nothing is hurt
  for (uint64_t call = 0; call <= calls; ++call) {
    SCOPED_TRACE(call);
    LeaseScene scene;
    const auto before = scene.Descriptors();
    MemoryProcess hurt(&scene.world), lasting(&scene.world);
    auto first = scene.Acquire(&hurt, LeaseScene::Plan(false));
    auto second = scene.Acquire(&lasting, LeaseScene::Plan(true));
    ASSERT_TRUE(first.ok() && second.ok());
    const uint64_t begun = hurt.counters.mutations;
    HurtAt(begun + call, GetParam(), &hurt);
    scene.world.Make("C:\\w\\.mcp.json", false);
    (void)(*first)->Release();
    first = absl::CancelledError("");
    (void)CollectLeases(scene.Host(&hurt), 1);
    if (call == 0) calls = hurt.counters.mutations - begun;

    EXPECT_TRUE(Holds(scene, "C:\\w", UsersDeny()));
    EXPECT_TRUE(Holds(scene, "C:\\w\\src\\b.txt", access::DenyAce((*second)->capability(), 0xd0116)));
    EXPECT_NE(scene.world.Find("C:\\w\\.claude"), 0u) << "the lasting run's placeholder";
    ASSERT_TRUE((*second)->Release().ok());
    second = absl::CancelledError("");
    MemoryProcess next(&scene.world);
    ASSERT_TRUE(CollectLeases(scene.Host(&next), 1).ok());
    EXPECT_TRUE(scene.world.files.empty());
    EXPECT_EQ(scene.world.Find("C:\\w\\.mcp.json"), 0u);
    ExpectUsersAlone(scene, before);
  }
  EXPECT_GT(calls, 15u);
}

INSTANTIATE_TEST_SUITE_P(All, TwoLeases, testing::Values(Hurt::kFailure, Hurt::kDeath));

class ScanFaults : public testing::TestWithParam<Hurt> {};

// A scan that is hurt at each of its writes, while the user edits lists; the next one ends it.
TEST_P(ScanFaults, TheNextOneEndsIt) {
  uint64_t calls = 0;  // of the first round, in which nothing is hurt
  for (uint64_t call = 0; call <= calls; ++call) {
    SCOPED_TRACE(call);
    LeaseScene scene;
    WritableRoot plan = LeaseScene::Plan();
    plan.changes.resize(4);  // entries of the user's SID are not a scan's to find
    plan.absent.clear();
    auto expected = scene.Descriptors();
    MemoryProcess process(&scene.world);
    { ASSERT_TRUE(scene.Acquire(&process, plan).ok()); }
    scene.world.files.clear();  // the state is lost
    ASSERT_GT(scene.OurEntries(), 5u);
    const uint64_t edited = scene.world.Find("C:\\w\\a.txt");
    MemoryProcess hurt(&scene.world);
    HurtAt(call, GetParam(), &hurt);
    bool done = false;
    hurt.before = [&](uint64_t, uint64_t node) {
      if (done || node == edited) return;
      done = true;
      scene.AppendUserEdit("C:\\w\\a.txt");
      auto& aces = expected[edited].dacl.aces;
      aces.insert(aces.begin(), scene.world.nodes[edited].descriptor.dacl.aces.front());
    };
    const auto scan = ScanLeases(scene.Host(&hurt), "C:\\w", 1);
    if (GetParam() == Hurt::kFailure) {
      ASSERT_TRUE(scan.ok()) << scan.status();
      EXPECT_EQ(scan->report.counts.failed, call > 0 ? 1u : 0u) << "said, and gone on";
    }
    if (call == 0) calls = hurt.counters.mutations;
    MemoryProcess next(&scene.world);
    ASSERT_TRUE(ScanLeases(scene.Host(&next), "C:\\w", 1).ok());
    EXPECT_EQ(scene.OurEntries(), 0u);
    EXPECT_EQ(scene.Descriptors(), expected);
  }
  EXPECT_GT(calls, 8u);
}

INSTANTIATE_TEST_SUITE_P(All, ScanFaults, testing::Values(Hurt::kFailure, Hurt::kDeath));

}  // namespace
}  // namespace paddock
