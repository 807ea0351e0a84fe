// Every golden plan of windows_token, carried out by the lease engine on the modelled host of its scene, over an NTFS
// in memory: what stands afterwards is what the proofs judged, and `gc` leaves nothing of it.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/lease/lease.h"
#include "core/lease/lease_group.h"
#include "tests/support/memory_volume.h"
#include "tests/support/windows_model.h"
#include "tests/support/windows_plans.h"

namespace paddock {
namespace {

// The files of a scene's model, on volumes in memory.
class PlanHost {
 public:
  PlanHost(const WindowsScene& scene, const WindowsTokenPlan& plan)
      : model(scene, plan.dedicated_user), world(model.Host()), process(&world) {
    uint64_t serial = 7;
    for (const auto& [path, node] : model.tree().nodes()) {
      if (access::TreeParent(path).empty()) {
        world.AddVolume(path, serial++, *node.descriptor);
      } else {
        world.nodes[world.Make(path, node.directory)].descriptor = *node.descriptor;
      }
    }
    // What the launch makes before it takes leases.
    for (const OwnFolder& folder : plan.folders) {
      if (folder.kept) world.Make(folder.path, true);
    }
  }

  LeaseHost host() {
    return {process.volumes(), process.state(), [this] {
              ++random_;
              return std::array<uint32_t, 4>{random_, random_ ^ 0x5bd1e995u, random_ * 2654435761u, random_ + 7};
            }};
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

 private:
  uint32_t random_ = 1;
};

using Leases = std::vector<std::unique_ptr<AclLease>>;

absl::StatusOr<Leases> TakeAll(PlanHost& host, const WindowsTokenPlan& plan) {
  LeaseOptions options;
  options.user = host.model.Host();
  options.threads = 2;
  LeaseOptions of_group = options;
  of_group.group = host.model.SidOf(kGroupSymbol);
  Leases groups, leases;
  for (const WritableRoot& root : plan.roots) {
    if (GroupRootOf(root).changes.empty()) continue;
    auto lease = AcquireLease(host.host(), GroupRootOf(root), of_group);
    if (!lease.ok()) return lease.status();
    groups.push_back(*std::move(lease));
  }
  for (const WritableRoot& root : plan.roots) {
    auto lease = AcquireLease(host.host(), OwnRootOf(root), options);
    if (!lease.ok()) return lease.status();
    leases.push_back(*std::move(lease));
  }
  std::move(groups.begin(), groups.end(), std::back_inserter(leases));
  return leases;
}

std::string Text(const access::Ace& ace) {
  access::Acl one;
  one.aces = {ace};
  access::SecurityDescriptor descriptor;
  descriptor.set_dacl(one);
  return access::ToSddl(descriptor).value();
}

// Neighbours that all deny, or all allow, in the order of their text: no decision depends on theirs.
void SortNeighbours(std::vector<access::Ace>* aces) {
  for (auto from = aces->begin(); from != aces->end();) {
    const auto to = std::find_if(from, aces->end(), [&](const access::Ace& ace) { return ace.type != from->type; });
    std::sort(from, to, [](const access::Ace& a, const access::Ace& b) { return Text(a) < Text(b); });
    from = to;
  }
}

// A list in SDDL with the leases' SIDs in the place of those that the model gives to the plan's symbols.
std::string Comparable(const PlanHost& host, const WindowsTokenPlan& plan, const Leases& leases,
                       const access::Acl& dacl) {
  access::SecurityDescriptor descriptor;
  descriptor.set_dacl(dacl);
  for (access::Ace& ace : descriptor.dacl.aces) {
    for (size_t i = 0; i < plan.roots.size(); ++i) {
      if (ace.sid == host.model.SidOf(plan.roots[i].capability)) ace.sid = leases[i]->capability();
    }
  }
  // Capabilities are asked for among the restricting SIDs alone, where the users' group is not: how the entries of one
  // stand among those of the other decides nothing.
  std::stable_partition(descriptor.dacl.aces.begin(), descriptor.dacl.aces.end(), [&](const access::Ace& ace) {
    return std::any_of(leases.begin(), leases.end(), [&](const auto& lease) {
      return lease->capability() == ace.sid && ace.sid != host.model.SidOf(kGroupSymbol);
    });
  });
  SortNeighbours(&descriptor.dacl.aces);
  return access::ToSddl(descriptor).value();
}

// What the proofs judged (WindowsModel::Apply) and what the engine made, file by file.
void ExpectAsProven(PlanHost& host, const WindowsTokenPlan& plan, const Leases& leases) {
  ASSERT_TRUE(host.model.Apply(plan).ok());
  size_t compared = 0;
  for (const auto& [path, node] : host.model.tree().nodes()) {
    const uint64_t id = host.world.Find(path);
    if (id == 0) continue;  // of the run's folder, which no lease makes
    ++compared;
    EXPECT_EQ(Comparable(host, plan, leases, host.world.nodes.at(id).descriptor.dacl),
              Comparable(host, plan, leases, node.descriptor->dacl))
        << path;
  }
  EXPECT_GT(compared, 20u);
}

TEST(LeasePlans, EveryGoldenPlanIsMadeAsProvenAndUndoneToTheByte) {
  int carried_out = 0, of_groups = 0;
  for (const WindowsScene& scene : WindowsScenes()) {
    SCOPED_TRACE(scene.name);
    const auto plan = PlanOfScene(scene);
    if (!plan.ok()) continue;
    const WindowsTokenPlan& body = TokenBodyOf(*plan);
    PlanHost host(scene, body);
    const auto before = host.Bytes();
    auto leases = TakeAll(host, body);
    ASSERT_TRUE(leases.ok()) << leases.status();
    for (const auto& lease : *leases) {
      EXPECT_TRUE(lease->report().notes.empty()) << NoteLines(lease->report()).front();
    }
    ExpectAsProven(host, body, *leases);
    const size_t taken = leases->size();
    if (taken > body.roots.size()) ++of_groups;
    if (!body.roots.empty()) {
      EXPECT_NE(host.Bytes(), before);
    }
    for (const auto& lease : *leases) ASSERT_TRUE(lease->Release().ok());
    leases->clear();
    const auto collected = CollectLeases(host.host(), 2);
    ASSERT_TRUE(collected.ok()) << collected.status();
    EXPECT_EQ(collected->removed, taken);
    EXPECT_EQ(collected->kept, 0u);
    EXPECT_TRUE(host.world.files.empty());
    EXPECT_EQ(host.Bytes(), before);
    ++carried_out;
  }
  EXPECT_GE(carried_out, 25);
  EXPECT_GE(of_groups, 2);
}

}  // namespace
}  // namespace paddock
