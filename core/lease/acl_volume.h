#ifndef PADDOCK_CORE_LEASE_ACL_VOLUME_H_
#define PADDOCK_CORE_LEASE_ACL_VOLUME_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/security_descriptor.h"

// Files with access control lists, as leases need them: NTFS on Windows, a tree in memory in tests. Everything is done
// on open files, children are opened from their directory and no link is followed, so that nobody who may write in a
// tree can lead a walk of it elsewhere. Calls may come from several threads, for different files.

namespace paddock {

// A file wherever it is moved on its volume (FILE_ID_INFO).
struct FileKey {
  uint64_t volume = 0;  // VolumeSerialNumber
  std::array<uint8_t, 16> id = {};
  friend bool operator==(const FileKey&, const FileKey&) = default;
  friend bool operator<(const FileKey& a, const FileKey& b) {
    return std::tie(a.volume, a.id) < std::tie(b.volume, b.id);
  }
};

struct FileInfo {
  FileKey key;
  bool directory = false;
  bool reparse_point = false;  // a junction, a symbolic link, a placeholder of a cloud: never entered
  uint32_t links = 1;          // names of the file; more than one may lead out of the tree
};

class AclFile {
 public:
  virtual ~AclFile() = default;
  virtual const FileInfo& info() const = 0;

  // Owner, group, DACL with its control bits.
  virtual absl::StatusOr<access::SecurityDescriptor> Read() = 0;

  // Replaces the DACL of this file alone: nothing comes down to what is below. SE_DACL_PROTECTED and
  // SE_DACL_AUTO_INHERITED are taken from `control`.
  virtual absl::Status WriteDacl(const access::Acl& dacl, uint16_t control) = 0;

  // The mandatory label, a list of at most one entry, and its replacement: of this file alone. Empty: none, which
  // counts as medium.
  virtual absl::StatusOr<access::Acl> ReadLabel() = 0;
  virtual absl::Status WriteLabel(const access::Acl& label) = 0;

  // Names in a directory, sorted, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;

  // Without following a link. NotFound if it is gone.
  virtual absl::StatusOr<std::unique_ptr<AclFile>> OpenChild(absl::string_view name) = 0;

  // A new hidden directory; AlreadyExists if the name is taken.
  virtual absl::StatusOr<std::unique_ptr<AclFile>> MakeHiddenDirectory(absl::string_view name) = 0;

  // Removes this file or empty directory itself, by its handle. FailedPrecondition if it is not empty.
  virtual absl::Status Remove() = 0;

  // Moves this file to `name` in `directory`, on the same volume; AlreadyExists if the name is taken.
  virtual absl::Status MoveTo(AclFile& directory, absl::string_view name) = 0;
};

class AclVolumes {
 public:
  virtual ~AclVolumes() = default;
  virtual absl::StatusOr<std::unique_ptr<AclFile>> Open(absl::string_view path) = 0;

  // By key, wherever it is now; `path_hint` names a place on its volume. NotFound if it is gone, Unavailable if its
  // volume is not there.
  virtual absl::StatusOr<std::unique_ptr<AclFile>> OpenByKey(const FileKey& key, absl::string_view path_hint) = 0;
};

// The state directory: small files by name, replaced as a whole, and one lock.
class LeaseState {
 public:
  virtual ~LeaseState() = default;
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  virtual absl::StatusOr<std::string> Read(absl::string_view name) = 0;
  virtual absl::Status Replace(absl::string_view name, absl::string_view content) = 0;  // atomic, on disk on return
  virtual absl::Status Rename(absl::string_view name, absl::string_view other) = 0;
  virtual absl::Status Remove(absl::string_view name) = 0;

  // A lock is held until its object, or its process, goes.
  class Lock {
   public:
    virtual ~Lock() = default;
  };
  enum class LockKind : uint8_t { kShared, kExclusive };
  virtual absl::StatusOr<std::unique_ptr<Lock>> Acquire(absl::string_view name, LockKind kind) = 0;  // waits
  // Null if somebody holds it.
  virtual absl::StatusOr<std::unique_ptr<Lock>> TryAcquire(absl::string_view name, LockKind kind) = 0;
  // Of a name that nobody asks for a lock any more: what stands for its lock goes, where something does.
  virtual void ForgetLock(absl::string_view name) = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_ACL_VOLUME_H_
