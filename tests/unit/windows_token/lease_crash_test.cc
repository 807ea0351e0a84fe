#include <gtest/gtest.h>

#include "tests/unit/windows_token/lease_scene.h"

// A failure and a death at every call that changes something, each followed by a new process.

namespace paddock {
namespace {

enum class Injected { kFailure, kDeath };

// One run and a collection of it. Returns the mutating calls of the process that was hurt.
uint64_t RunOnce(LeaseScene* scene, MemoryProcess* process) {
  auto lease = scene->Acquire(process, LeaseScene::Plan());
  if (lease.ok()) {
    scene->world.Make("C:\\w\\.mcp.json", false);  // the run makes what it should not
    (void)(*lease)->Release();
  }
  lease = absl::CancelledError("");
  (void)CollectLeases(scene->Host(process), 1);
  return process->counters.mutations;
}

uint64_t CallsOfRun() {
  LeaseScene scene;
  MemoryProcess process(&scene.world);
  return RunOnce(&scene, &process);
}

struct Case {
  Injected injected;
  bool resume;  // the next process runs the same plan first
};

class LeaseCrash : public testing::TestWithParam<Case> {};

TEST_P(LeaseCrash, LeavesNothingOfOursAndLosesNothingOfTheUsers) {
  const uint64_t calls = CallsOfRun();
  ASSERT_GT(calls, 30u);
  for (uint64_t call = 1; call <= calls; ++call) {
    SCOPED_TRACE(call);
    LeaseScene scene;
    auto expected = scene.Descriptors();
    const uint64_t edited = scene.world.Find("C:\\w\\a.txt");
    const uint64_t edited_later = scene.world.Find("C:\\w\\src\\deep\\c.txt");
    {
      MemoryProcess process(&scene.world);
      (GetParam().injected == Injected::kFailure ? process.fail_at : process.kill_at) = call;
      // The user edits lists while it runs: at another file than the one that is written now.
      bool done = false;
      process.before = [&](uint64_t at, uint64_t node) {
        if (done || at < call / 2 || node == edited) return;
        done = true;
        scene.AppendUserEdit("C:\\w\\a.txt");
        auto& aces = expected[edited].dacl.aces;
        aces.insert(aces.begin(), scene.world.nodes[edited].descriptor.dacl.aces.front());
      };
      RunOnce(&scene, &process);
    }
    scene.AppendUserEdit("C:\\w\\src\\deep\\c.txt");
    auto& aces = expected[edited_later].dacl.aces;
    aces.insert(aces.begin(), scene.world.nodes[edited_later].descriptor.dacl.aces.front());

    MemoryProcess next(&scene.world);
    if (GetParam().resume) {
      if (scene.world.files.empty()) scene.world.Delete("C:\\w\\.mcp.json");
      const auto lease = scene.Acquire(&next, LeaseScene::Plan());
      ASSERT_TRUE(lease.ok()) << lease.status();
      EXPECT_TRUE(scene.world.Find("C:\\w\\.claude") != 0);
      ASSERT_TRUE((*lease)->Release().ok());
    }
    const auto collected = CollectLeases(scene.Host(&next), 1);
    ASSERT_TRUE(collected.ok()) << collected.status();
    EXPECT_EQ(collected->kept, 0u);
    EXPECT_EQ(scene.OurEntries(), 0u);
    EXPECT_TRUE(scene.world.files.empty());
    EXPECT_EQ(scene.world.Find("C:\\w\\.claude"), 0u);
    for (const auto& [id, descriptor] : expected) {
      EXPECT_EQ(scene.world.nodes.at(id).descriptor, descriptor) << "node " << id;
    }
    for (const auto& [id, node] : scene.world.nodes) {
      EXPECT_TRUE(!node.hidden || !node.children.empty()) << "an empty hidden directory is left: " << id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, LeaseCrash,
                         testing::Values(Case{Injected::kFailure, false}, Case{Injected::kDeath, false},
                                         Case{Injected::kFailure, true}, Case{Injected::kDeath, true}));

}  // namespace
}  // namespace paddock
