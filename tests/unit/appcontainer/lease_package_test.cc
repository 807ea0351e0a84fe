// Leases for the SID of a package: made as the proofs judged them, gone after the run, and after a crash by `gc`.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "backends/appcontainer/plan.h"
#include "core/access/app_container.h"
#include "core/access/binary.h"
#include "core/access/file_ops.h"
#include "core/access/sddl.h"
#include "core/lease/lease.h"
#include "core/lease/lease_record.h"
#include "tests/support/appcontainer_faults.h"
#include "tests/support/confined_scenes.h"
#include "tests/support/memory_volume.h"

namespace paddock {
namespace {

// The name whose SID the model gives to {package}.
constexpr char kName[] = "paddock.1";

// The files of a scene's model, on volumes in memory.
class PackageHost {
 public:
  explicit PackageHost(const WindowsScene& scene) : model(scene, false), world(model.Host()), process(&world) {
    uint64_t serial = 7;
    for (const auto& [path, node] : model.tree().nodes()) {
      if (access::TreeParent(path).empty()) {
        world.AddVolume(path, serial++, *node.descriptor);
      } else {
        world.nodes[world.Make(path, node.directory)].descriptor = *node.descriptor;
      }
    }
  }

  LeaseHost host() {
    return {process.volumes(), process.state(), [] { return std::array<uint32_t, 4>{1, 2, 3, 4}; }};
  }

  absl::StatusOr<std::vector<std::unique_ptr<AclLease>>> TakeAll(const AppContainerPlan& plan) {
    LeaseOptions options;
    options.user = model.Host();
    options.threads = 2;
    options.package = kName;
    std::vector<std::unique_ptr<AclLease>> leases;
    for (const WritableRoot& root : plan.roots) {
      auto lease = AcquireLease(host(), root, options);
      if (!lease.ok()) return lease.status();
      leases.push_back(*std::move(lease));
    }
    return leases;
  }

  // Every file with its descriptor, to the byte.
  std::map<uint64_t, std::string> Bytes() const {
    std::map<uint64_t, std::string> all;
    for (const auto& [id, node] : world.nodes) all[id] = access::ToBinary(node.descriptor).value();
    return all;
  }

  WindowsModel model;
  MemoryWorld world;
  MemoryProcess process;
};

// Entries that all allow decide nothing by their order.
std::string Sorted(const access::Acl& dacl) {
  std::vector<std::string> texts;
  for (const access::Ace& ace : dacl.aces) texts.push_back(access::ToSddl(ace).value_or("?"));
  std::sort(texts.begin(), texts.end());
  std::string text;
  for (const std::string& one : texts) text += one;
  return text;
}

TEST(LeasePackageTest, EveryGoldenPlanIsMadeAsProvenAndUndoneToTheByte) {
  int carried_out = 0;
  for (const WindowsScene& scene : AppContainerScenes()) {
    SCOPED_TRACE(scene.name);
    const auto plan = PlanAppContainer("", scene.request, scene.facts);
    if (!plan.ok()) continue;
    const AppContainerPlan& body = PackageBodyOf(*plan);
    PackageHost host(scene);
    const auto before = host.Bytes();
    auto leases = host.TakeAll(body);
    ASSERT_TRUE(leases.ok()) << leases.status();
    ASSERT_TRUE(host.model.Apply(body.roots, {}).ok());
    for (const auto& [path, node] : host.model.tree().nodes()) {
      const uint64_t id = host.world.Find(path);
      ASSERT_NE(id, 0u) << path;
      EXPECT_EQ(Sorted(host.world.nodes.at(id).descriptor.dacl), Sorted(node.descriptor->dacl)) << path;
    }
    if (!body.roots.empty()) {
      EXPECT_NE(host.Bytes(), before) << "the control: something was there to undo";
    }
    for (const auto& lease : *leases) {
      EXPECT_EQ(lease->capability(), host.model.SidOf("{package}"));
      const auto released = lease->Release();
      EXPECT_TRUE(released.ok()) << released.status();
    }
    EXPECT_EQ(host.Bytes(), before);
    EXPECT_TRUE(host.world.files.empty()) << "no record is left";
    ++carried_out;
  }
  EXPECT_GE(carried_out, 18);
}

class CrashTest : public testing::Test {
 protected:
  CrashTest() : scene_(SceneNamed(AppContainerScenes(), "names")), host_(scene_) {
    const auto plan = PlanAppContainer("", scene_.request, scene_.facts);
    EXPECT_TRUE(plan.ok()) << plan.status();
    if (plan.ok()) plan_ = PackageBodyOf(*plan);
  }
  WindowsScene scene_;
  PackageHost host_;
  AppContainerPlan plan_;
};

TEST_F(CrashTest, WhatARunLeftIsCollected) {
  const auto before = host_.Bytes();
  {
    auto leases = host_.TakeAll(plan_);
    ASSERT_TRUE(leases.ok()) << leases.status();
  }  // without Release(), as if the process had died
  EXPECT_NE(host_.Bytes(), before);
  const auto collected = CollectLeases(host_.host(), 1);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->removed, 1u);
  EXPECT_EQ(host_.Bytes(), before);
}

TEST_F(CrashTest, ALiveRunIsLeftAlone) {
  auto leases = host_.TakeAll(plan_);
  ASSERT_TRUE(leases.ok()) << leases.status();
  const auto during = host_.Bytes();
  const auto collected = CollectLeases(host_.host(), 1);
  ASSERT_TRUE(collected.ok()) << collected.status();
  EXPECT_EQ(collected->live, 1u);
  EXPECT_EQ(host_.Bytes(), during);
  EXPECT_TRUE(leases->front()->Release().ok());
}

// Interrupted at each file in turn: whatever was written is taken away again before the launch gives up.
TEST_F(CrashTest, AFailureLeavesNothing) {
  const auto before = host_.Bytes();
  for (int at = 0;; ++at) {
    LeaseOptions options;
    options.user = host_.model.Host();
    options.package = kName;
    int seen = 0;
    options.cancelled = [&] { return seen++ == at; };
    const auto lease = AcquireLease(host_.host(), plan_.roots[0], options);
    if (lease.ok()) {
      EXPECT_GT(at, 20) << "the control: it was interrupted before";
      EXPECT_TRUE((*lease)->Release().ok());
      break;
    }
    EXPECT_TRUE(absl::IsCancelled(lease.status())) << lease.status();
    EXPECT_EQ(host_.Bytes(), before) << at;
    EXPECT_TRUE(host_.world.files.empty()) << at;
  }
}

// A record that names another app's package would have its entries removed.
TEST(LeaseRecordTest, APackageHasToBeOneOfOurs) {
  LeaseRecord record;
  record.root.path = "C:\\w";
  record.package = "paddock.1";
  record.capability = access::PackageSid("paddock.1").value();
  const auto same = ParseLeaseRecord(FormatLeaseRecord(record));
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(*same, record);
  LeaseRecord other = record;
  other.capability = access::PackageSid("paddock.2").value();
  EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(other)).ok());
  other.package = "microsoft.microsoftedge_8wekyb3d8bbwe";
  other.capability = access::PackageSid(other.package).value();
  EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(other)).ok());
  other.package.clear();
  EXPECT_FALSE(ParseLeaseRecord(FormatLeaseRecord(other)).ok());
}

}  // namespace
}  // namespace paddock
