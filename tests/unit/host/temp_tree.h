#ifndef PADDOCK_TESTS_UNIT_HOST_TEMP_TREE_H_
#define PADDOCK_TESTS_UNIT_HOST_TEMP_TREE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace paddock {

// A directory of a test's own, removed with everything in it. Relative paths count from its root; directories above a
// file are made. Failures end the test program: a tree that is not as described proves nothing.
class TempTree {
 public:
  TempTree();
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  // The real path.
  const std::string& root() const { return root_; }
  // "" is the root.
  std::string Path(absl::string_view relative) const;

  std::string Dir(absl::string_view relative) const;
  std::string File(absl::string_view relative, absl::string_view content = "") const;
  std::string Link(absl::string_view relative, absl::string_view target) const;
  std::string Fifo(absl::string_view relative) const;
  // What git makes of a new repository, as far as anybody looks at it.
  std::string GitDir(absl::string_view relative) const;

 private:
  std::string root_;
};

// Drops root's rights to look into everything, as long as it lives: the process is kNobody. Does nothing for others.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser();
  ~AsOrdinaryUser();
  static constexpr unsigned kNobody = 65534;

 private:
  unsigned saved_;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_HOST_TEMP_TREE_H_
