#include "tests/support/memory_volume.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/access/binary.h"
#include "core/access/inherit.h"

namespace paddock {
namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

uint64_t BytesOf(const access::SecurityDescriptor& descriptor) {
  const auto bytes = access::ToBinary(descriptor);
  return bytes.ok() ? bytes->size() : 0;
}

}  // namespace

MemoryWorld::MemoryWorld(access::Token user) : user_(std::move(user)) {}

uint64_t MemoryWorld::NewNode(uint64_t parent, const std::string& name, bool directory) {
  const uint64_t id = next_++;
  Node node;
  node.info.key = nodes[parent].info.key;
  for (size_t i = 0; i < 8; ++i) node.info.key.id[i] = static_cast<uint8_t>(id >> (8 * i));
  node.info.directory = directory;
  node.descriptor =
      access::NewChild(nodes[parent].descriptor, user_, directory, access::MappingOf(access::ObjectType::kFile));
  nodes[id] = std::move(node);
  nodes[parent].children[absl::AsciiStrToLower(name)] = {name, id};
  return id;
}

uint64_t MemoryWorld::AddVolume(const std::string& drive, uint64_t serial, access::SecurityDescriptor root) {
  const Guard guard(mutex_);
  const uint64_t id = next_++;
  Node node;
  node.info.key.volume = serial;
  node.info.key.id[0] = static_cast<uint8_t>(id);
  node.info.directory = true;
  node.descriptor = std::move(root);
  nodes[id] = std::move(node);
  drives_[absl::AsciiStrToLower(drive)] = id;
  attached_[serial] = true;
  return id;
}

void MemoryWorld::SetAttached(uint64_t serial, bool attached) {
  const Guard guard(mutex_);
  attached_[serial] = attached;
}

uint64_t MemoryWorld::Walk(const std::string& path, bool make, bool directory, std::string* leaf, uint64_t* parent) {
  const std::vector<std::string> names = absl::StrSplit(path, '\\', absl::SkipEmpty());
  const auto drive = names.empty() ? drives_.end() : drives_.find(absl::AsciiStrToLower(names.front()));
  if (drive == drives_.end() || !attached_[nodes[drive->second].info.key.volume]) return 0;
  uint64_t node = drive->second;
  for (size_t i = 1; i < names.size(); ++i) {
    const std::string lower = absl::AsciiStrToLower(names[i]);
    *parent = node;
    *leaf = lower;
    const auto child = nodes[node].children.find(lower);
    if (child != nodes[node].children.end()) {
      node = child->second.second;
    } else if (make) {
      node = NewNode(node, names[i], directory || i + 1 < names.size());
    } else {
      return 0;
    }
  }
  return node;
}

uint64_t MemoryWorld::Make(const std::string& path, bool directory) {
  const Guard guard(mutex_);
  std::string leaf;
  uint64_t parent = 0;
  return Walk(path, true, directory, &leaf, &parent);
}

uint64_t MemoryWorld::Find(const std::string& path) const {
  const Guard guard(mutex_);
  std::string leaf;
  uint64_t parent = 0;
  return const_cast<MemoryWorld*>(this)->Walk(path, false, false, &leaf, &parent);
}

void MemoryWorld::Link(const std::string& path, uint64_t node) {
  const Guard guard(mutex_);
  const size_t slash = path.rfind('\\');
  const uint64_t directory = Make(path.substr(0, slash), true);
  nodes[directory].children[absl::AsciiStrToLower(path.substr(slash + 1))] = {path.substr(slash + 1), node};
  ++nodes[node].info.links;
}

void MemoryWorld::Delete(const std::string& path) {
  const Guard guard(mutex_);
  std::string leaf;
  uint64_t parent = 0;
  const uint64_t node = Walk(path, false, false, &leaf, &parent);
  if (node == 0 || parent == 0) return;
  nodes[parent].children.erase(leaf);
  if (--nodes[node].info.links == 0) nodes.erase(node);
}

void MemoryWorld::Move(const std::string& from, const std::string& to) {
  const Guard guard(mutex_);
  std::string leaf;
  uint64_t parent = 0;
  const uint64_t node = Walk(from, false, false, &leaf, &parent);
  nodes[parent].children.erase(leaf);
  const size_t slash = to.rfind('\\');
  const uint64_t directory = Make(to.substr(0, slash), true);
  nodes[directory].children[absl::AsciiStrToLower(to.substr(slash + 1))] = {to.substr(slash + 1), node};
}

class MemoryFile : public AclFile {
 public:
  MemoryFile(MemoryProcess* process, uint64_t node)
      : process_(process), world_(process->world_), node_(node), info_(world_->nodes[node].info) {}

  const FileInfo& info() const override { return info_; }

  absl::StatusOr<access::SecurityDescriptor> Read() override {
    const Guard guard(world_->mutex_);
    process_->Look();
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    ++process_->counters.reads;
    const access::SecurityDescriptor descriptor = world_->nodes[node_].descriptor;
    process_->counters.bytes += BytesOf(descriptor);
    return descriptor;
  }

  absl::StatusOr<access::Acl> ReadLabel() override {
    const Guard guard(world_->mutex_);
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    return world_->nodes[node_].descriptor.sacl;
  }

  absl::Status WriteLabel(const access::Acl& label) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(node_); !mutated.ok()) return mutated;
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    world_->nodes[node_].descriptor.set_sacl(label);
    return absl::OkStatus();
  }

  absl::Status WriteDacl(const access::Acl& dacl, uint16_t control) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(node_); !mutated.ok()) return mutated;
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    ++process_->counters.writes;
    access::SecurityDescriptor& descriptor = world_->nodes[node_].descriptor;
    descriptor.set_dacl(dacl);
    constexpr uint16_t kTaken = access::kDaclProtected | access::kDaclAutoInherited;
    descriptor.control = static_cast<uint16_t>((descriptor.control & ~kTaken) | (control & kTaken));
    process_->counters.bytes += BytesOf(descriptor);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> List() override {
    const Guard guard(world_->mutex_);
    process_->Look();
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    ++process_->counters.lists;
    std::vector<std::string> names;
    for (const auto& [lower, child] : world_->nodes[node_].children) names.push_back(child.first);
    return names;
  }

  absl::StatusOr<std::unique_ptr<AclFile>> OpenChild(absl::string_view name) override {
    const Guard guard(world_->mutex_);
    process_->Look();
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    ++process_->counters.opens;
    const auto& children = world_->nodes[node_].children;
    const auto child = children.find(absl::AsciiStrToLower(name));
    if (child == children.end()) return absl::NotFoundError(absl::StrCat("no ", name));
    return std::unique_ptr<AclFile>(new MemoryFile(process_, child->second.second));
  }

  absl::StatusOr<std::unique_ptr<AclFile>> MakeHiddenDirectory(absl::string_view name) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(node_); !mutated.ok()) return mutated;
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    if (world_->nodes[node_].children.contains(absl::AsciiStrToLower(name))) return absl::AlreadyExistsError("taken");
    const uint64_t made = world_->NewNode(node_, std::string(name), true);
    world_->nodes[made].hidden = true;
    return std::unique_ptr<AclFile>(new MemoryFile(process_, made));
  }

  absl::Status Remove() override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(node_); !mutated.ok()) return mutated;
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    if (!world_->nodes[node_].children.empty()) return absl::FailedPreconditionError("not empty");
    Unname();
    world_->nodes.erase(node_);
    return absl::OkStatus();
  }

  absl::Status MoveTo(AclFile& directory, absl::string_view name) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(node_); !mutated.ok()) return mutated;
    if (absl::Status usable = Usable(); !usable.ok()) return usable;
    const uint64_t target = static_cast<MemoryFile&>(directory).node_;
    if (world_->nodes[target].children.contains(absl::AsciiStrToLower(name))) return absl::AlreadyExistsError("taken");
    Unname();
    world_->nodes[target].children[absl::AsciiStrToLower(name)] = {std::string(name), node_};
    return absl::OkStatus();
  }

 private:
  absl::Status Usable() const {
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    const auto node = world_->nodes.find(node_);
    if (node == world_->nodes.end()) return absl::NotFoundError("the file is gone");
    return node->second.refused ? absl::PermissionDeniedError("access is denied") : absl::OkStatus();
  }

  void Unname() {
    for (auto& [id, node] : world_->nodes) {
      std::erase_if(node.children, [this](const auto& child) { return child.second.second == node_; });
    }
  }

  MemoryProcess* const process_;
  MemoryWorld* const world_;
  const uint64_t node_;
  const FileInfo info_;
};

class MemoryVolumes : public AclVolumes {
 public:
  explicit MemoryVolumes(MemoryProcess* process) : process_(process) {}

  absl::StatusOr<std::unique_ptr<AclFile>> Open(absl::string_view path) override {
    const Guard guard(process_->world_->mutex_);
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    ++process_->counters.opens;
    const uint64_t node = process_->world_->Find(std::string(path));
    if (node == 0) return absl::NotFoundError(absl::StrCat("no ", path));
    return std::unique_ptr<AclFile>(new MemoryFile(process_, node));
  }

  absl::StatusOr<std::unique_ptr<AclFile>> OpenByKey(const FileKey& key, absl::string_view) override {
    MemoryWorld& world = *process_->world_;
    const Guard guard(world.mutex_);
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    ++process_->counters.opens;
    if (!world.attached_[key.volume]) return absl::UnavailableError("the volume is not there");
    for (const auto& [id, node] : world.nodes) {
      if (node.info.key == key) return std::unique_ptr<AclFile>(new MemoryFile(process_, id));
    }
    return absl::NotFoundError("no such file on the volume");
  }

 private:
  MemoryProcess* const process_;
};

class MemoryLock : public LeaseState::Lock {
 public:
  MemoryLock(MemoryProcess* process, std::string name, LeaseState::LockKind kind)
      : process_(process), name_(std::move(name)), kind_(kind) {}
  ~MemoryLock() override { process_->Unlock(name_, kind_); }

 private:
  MemoryProcess* const process_;
  const std::string name_;
  const LeaseState::LockKind kind_;
};

class MemoryState : public LeaseState {
 public:
  explicit MemoryState(MemoryProcess* process) : process_(process), world_(process->world_) {}

  absl::StatusOr<std::vector<std::string>> List() override {
    const Guard guard(world_->mutex_);
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    std::vector<std::string> names;
    for (const auto& [name, content] : world_->files) names.push_back(name);
    return names;
  }
  absl::StatusOr<std::string> Read(absl::string_view name) override {
    const Guard guard(world_->mutex_);
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    ++process_->counters.state_reads;
    const auto file = world_->files.find(std::string(name));
    if (file == world_->files.end()) return absl::NotFoundError("no such record");
    process_->counters.bytes += file->second.size();
    return file->second;
  }
  absl::Status Replace(absl::string_view name, absl::string_view content) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(0); !mutated.ok()) return mutated;
    ++process_->counters.state_writes;
    process_->counters.bytes += content.size();
    world_->files[std::string(name)] = std::string(content);
    return absl::OkStatus();
  }
  absl::Status Rename(absl::string_view name, absl::string_view other) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(0); !mutated.ok()) return mutated;
    auto file = world_->files.extract(std::string(name));
    if (file.empty()) return absl::NotFoundError("no such record");
    world_->files[std::string(other)] = std::move(file.mapped());
    return absl::OkStatus();
  }
  absl::Status Remove(absl::string_view name) override {
    const Guard guard(world_->mutex_);
    if (absl::Status mutated = process_->Mutate(0); !mutated.ok()) return mutated;
    world_->files.erase(std::string(name));
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<Lock>> Acquire(absl::string_view name, LockKind kind) override {
    return Take(std::string(name), kind, true);
  }
  absl::StatusOr<std::unique_ptr<Lock>> TryAcquire(absl::string_view name, LockKind kind) override {
    return Take(std::string(name), kind, false);
  }
  // A lock that nobody holds is nothing here.
  void ForgetLock(absl::string_view) override {}

 private:
  absl::StatusOr<std::unique_ptr<Lock>> Take(std::string name, LockKind kind, bool wait) {
    std::unique_lock<std::recursive_mutex> lock(world_->mutex_);
    if (absl::Status alive = process_->Alive(); !alive.ok()) return alive;
    MemoryWorld::LockHolders& holders = world_->locks_[name];
    const auto free = [&] { return !holders.exclusive && (kind == LockKind::kShared || holders.shared == 0); };
    if (!wait && !free()) return std::unique_ptr<Lock>();
    world_->changed_.wait(lock, free);
    if (kind == LockKind::kShared) {
      ++holders.shared;
    } else {
      holders.exclusive = true;
    }
    process_->held_.emplace_back(name, kind);
    return std::unique_ptr<Lock>(new MemoryLock(process_, std::move(name), kind));
  }

  MemoryProcess* const process_;
  MemoryWorld* const world_;
};

MemoryProcess::MemoryProcess(MemoryWorld* world)
    : world_(world), volumes_(std::make_unique<MemoryVolumes>(this)), state_(std::make_unique<MemoryState>(this)) {}

MemoryProcess::~MemoryProcess() = default;

absl::Status MemoryProcess::Alive() const {
  return killed ? absl::CancelledError("the process was killed") : absl::OkStatus();
}

void MemoryProcess::Look() {
  const uint64_t look = ++looks;
  if (looking) looking(look);
}

absl::Status MemoryProcess::Mutate(uint64_t node) {
  if (absl::Status alive = Alive(); !alive.ok()) return alive;
  const uint64_t call = ++counters.mutations;
  if (before) before(call, node);
  if (call == fail_at) return absl::InternalError("an injected failure");
  if (call != kill_at) return absl::OkStatus();
  while (!held_.empty()) {
    const auto [name, kind] = held_.back();
    Unlock(name, kind);
  }
  killed = true;
  return Alive();
}

void MemoryProcess::Unlock(const std::string& name, LeaseState::LockKind kind) {
  const Guard guard(world_->mutex_);
  const auto held = std::find(held_.begin(), held_.end(), std::make_pair(name, kind));
  if (held == held_.end()) return;  // it died with its process
  held_.erase(held);
  MemoryWorld::LockHolders& holders = world_->locks_[name];
  if (kind == LeaseState::LockKind::kShared) {
    --holders.shared;
  } else {
    holders.exclusive = false;
  }
  world_->changed_.notify_all();
}

}  // namespace paddock
