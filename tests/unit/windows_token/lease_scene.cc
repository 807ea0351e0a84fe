#include "tests/unit/windows_token/lease_scene.h"

#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/lease/lease_record.h"

namespace paddock {
namespace {

constexpr access::Sid kUser(5, {21, 1, 2, 3, 1001});

}  // namespace

LeaseScene::LeaseScene() : world(User()) {
  const auto root = access::ParseSddl("O:SYG:SYD:(A;OICI;FA;;;SY)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)");
  world.AddVolume("C:", 7, *root);
  for (const char* path : {"C:\\w\\a.txt", "C:\\w\\src\\b.txt", "C:\\w\\src\\deep\\c.txt", "C:\\w\\.git\\config",
                           "C:\\w\\.git\\hooks\\pre-commit"}) {
    world.Make(path, false);
  }
  // A list that is protected from inheritance.
  MemoryWorld::Node& deep = world.nodes[world.Find("C:\\w\\src\\deep")];
  for (access::Ace& ace : deep.descriptor.dacl.aces) ace.flags &= static_cast<uint8_t>(~access::kInherited);
  deep.descriptor.control |= access::kDaclProtected;
}

access::Token LeaseScene::User() {
  access::Token user;
  user.user = user.owner = user.primary_group = kUser;
  user.groups = {{access::kEveryone}, {access::kUsers}};
  return user;
}

WritableRoot LeaseScene::Plan(bool extra) {
  WritableRoot root;
  root.path = "C:\\w";
  root.capability = "{capability}";
  root.changes = {
      {"C:\\w", "(A;OICI;0x1301bf;;;{capability})", AceScope::kTree, true, false, "write"},
      {"C:\\w\\.git", "(D;;SD;;;{capability})", AceScope::kObject, true, false, "git"},
      {"C:\\w\\.git\\hooks", "(D;OICI;0xd0116;;;{capability})", AceScope::kTree, true, false, "git"},
      {"C:\\w\\.git\\config", "(D;;0xd0116;;;{capability})", AceScope::kObject, false, false, "git"},
      {"C:\\w\\.git", "(D;;0x40;;;{user})", AceScope::kObject, true, true, "git"},
      {"C:\\w", "(D;;0x40;;;{user})", AceScope::kObject, true, true, "git"},
  };
  if (extra) {
    root.changes.push_back(
        {"C:\\w\\src\\b.txt", "(D;;0xd0116;;;{capability})", AceScope::kObject, false, false, "deny"});
  }
  root.absent = {{"C:\\w\\.claude", true, "", "agents"}, {"C:\\w\\.mcp.json", false, "", "agents"}};
  return root;
}

LeaseHost LeaseScene::Host(MemoryProcess* process) {
  return {process->volumes(), process->state(), [this] {
            const uint32_t word = random_++;
            return std::array<uint32_t, 4>{word, word ^ 0x5bd1e995u, word * 2654435761u, word + 7};
          }};
}

absl::StatusOr<std::unique_ptr<AclLease>> LeaseScene::Acquire(MemoryProcess* process, const WritableRoot& plan,
                                                              int threads) {
  LeaseOptions options;
  options.user = User();
  options.threads = threads;
  return AcquireLease(Host(process), plan, options);
}

uint64_t LeaseScene::OurEntries(bool with_user) const {
  uint64_t count = 0;
  for (const auto& [id, node] : world.nodes) {
    for (const access::Ace& ace : node.descriptor.dacl.aces) {
      if (IsLeaseSid(ace.sid)) ++count;
      if (with_user && ace == access::DenyAce(kUser, access::kFileDeleteChild)) ++count;
    }
  }
  return count;
}

std::map<uint64_t, access::SecurityDescriptor> LeaseScene::Descriptors() const {
  std::map<uint64_t, access::SecurityDescriptor> all;
  for (const auto& [id, node] : world.nodes) all[id] = node.descriptor;
  return all;
}

uint64_t LeaseScene::Hidden() const {
  uint64_t count = 0;
  for (const auto& [id, node] : world.nodes) count += node.hidden ? 1u : 0u;
  return count;
}

void LeaseScene::AppendUserEdit(const std::string& path) {
  access::Acl& dacl = world.nodes[world.Find(path)].descriptor.dacl;
  dacl.aces.insert(dacl.aces.begin(), access::DenyAce(access::kUsers, access::kFileReadEa));
}

}  // namespace paddock
