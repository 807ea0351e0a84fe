#ifndef PADDOCK_TESTS_SUPPORT_MEMORY_VOLUME_H_
#define PADDOCK_TESTS_SUPPORT_MEMORY_VOLUME_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/access/token.h"
#include "core/lease/acl_volume.h"

namespace paddock {

// An NTFS in memory, and a state directory: what stays when a process dies. Names are looked up without regard to the
// case of ASCII letters; what is made inherits as access::NewChild says. Thread-safe, but for `nodes` and `files`,
// which tests look at while nothing runs.
class MemoryWorld {
 public:
  struct Node {
    FileInfo info;
    access::SecurityDescriptor descriptor;
    bool hidden = false;
    bool refused = false;                                              // PermissionDenied to read or list
    std::map<std::string, std::pair<std::string, uint64_t>> children;  // by lower-case name
  };

  explicit MemoryWorld(access::Token user);

  uint64_t AddVolume(const std::string& drive, uint64_t serial, access::SecurityDescriptor root);
  void SetAttached(uint64_t serial, bool attached);
  // Parents are made. Returns the node's number; an existing one's if it is there.
  uint64_t Make(const std::string& path, bool directory);
  void Link(const std::string& path, uint64_t node);  // one more name
  uint64_t Find(const std::string& path) const;       // 0: nothing
  void Delete(const std::string& path);
  void Move(const std::string& from, const std::string& to);

  std::map<uint64_t, Node> nodes;
  std::map<std::string, std::string> files;  // of the state directory

 private:
  friend class MemoryProcess;
  friend class MemoryFile;
  friend class MemoryVolumes;
  friend class MemoryState;
  struct LockHolders {
    int shared = 0;
    bool exclusive = false;
  };
  uint64_t Walk(const std::string& path, bool make, bool directory, std::string* leaf, uint64_t* parent);
  uint64_t NewNode(uint64_t parent, const std::string& name, bool directory);

  const access::Token user_;
  mutable std::recursive_mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, uint64_t> drives_;  // lower-case, to the root's node
  std::map<uint64_t, bool> attached_;
  std::map<std::string, LockHolders> locks_;
  uint64_t next_ = 1;
};

// One process' sight of a world. Its mutating calls are counted from 1; one of them can be made to fail, or to be the
// moment at which the process dies: nothing that it calls from then on does anything, and its locks are free.
class MemoryProcess {
 public:
  explicit MemoryProcess(MemoryWorld* world);
  ~MemoryProcess();

  AclVolumes& volumes() { return *volumes_; }
  LeaseState& state() { return *state_; }

  uint64_t fail_at = 0;
  uint64_t kill_at = 0;
  std::function<void(uint64_t call, uint64_t node)> before;  // a mutating call; node 0: of the state
  std::function<void(uint64_t look)> looking;                // before a file is opened, read or listed; counted from 1

  struct Counters {
    uint64_t opens = 0, reads = 0, writes = 0, lists = 0, state_reads = 0, state_writes = 0, mutations = 0, bytes = 0;
  };
  Counters counters;
  bool killed = false;
  uint64_t looks = 0;

 private:
  friend class MemoryFile;
  friend class MemoryVolumes;
  friend class MemoryState;
  friend class MemoryLock;
  absl::Status Alive() const;
  absl::Status Mutate(uint64_t node);
  void Look();
  void Unlock(const std::string& name, LeaseState::LockKind kind);

  MemoryWorld* world_;
  std::unique_ptr<AclVolumes> volumes_;
  std::unique_ptr<LeaseState> state_;
  std::vector<std::pair<std::string, LeaseState::LockKind>> held_;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_MEMORY_VOLUME_H_
