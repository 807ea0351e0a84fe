#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_COPIES_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_COPIES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backends/low_integrity/low_plan.h"
#include "core/access/acl.h"
#include "core/windows_launch/host_change.h"
#include "core/windows_launch/symbols.h"

namespace paddock {

// What a tree looks like, for telling whether it was changed: by path below its top, "" for the top itself.
struct CopiedFile {
  bool directory = false;
  bool reparse_point = false;
  uint64_t size = 0;
  uint64_t written = 0;  // LastWriteTime; 0 of directories
  friend bool operator==(const CopiedFile&, const CopiedFile&) = default;
};
using CopiedTree = std::map<std::string, CopiedFile>;
absl::StatusOr<CopiedTree> LookAtTree(const std::string& path);

struct CopyCounts {
  uint64_t files = 0;
  uint64_t links = 0;       // reparse points, which are left out
  uint64_t unreadable = 0;  // left out, too
};

// Copies a file, or a directory with all in it, to `to`, which is not there. Cancelled once `cancelled` says so.
absl::Status CopyTree(const std::string& from, const std::string& to, const std::function<bool()>& cancelled,
                      CopyCounts* counts);

// Labels a directory and all in it, from the bottom up: while a directory is being worked on, nothing above it has a
// label yet, so that no low process can lead the walk elsewhere.
absl::Status LabelTree(const std::string& path, const access::Acl& label);

// Takes the labels of a file, or of a directory and all in it, away, from the top down, for the same reason.
absl::Status UnlabelTree(const std::string& path);

// The copies of one run. Undo keeps what the run has changed.
class LabelledCopies : public HostChange {
 public:
  // Makes the copies and the folders of `plan`. What was left out is told in the notices of Undo.
  static absl::StatusOr<std::unique_ptr<LabelledCopies>> Make(const LowIntegrityPlan& plan, const Symbols& symbols,
                                                              const std::function<bool()>& cancelled);

  void Undo(RunResult* result) override;

 private:
  struct Copy {
    std::string from, to, keep;
    CopiedTree before;
    CopyCounts counts;
  };
  static void Keep(const Copy& copy, RunResult* result);

  std::vector<Copy> copies_;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_LAUNCH_COPIES_H_
