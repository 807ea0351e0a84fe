#ifndef PADDOCK_CORE_WINDOWS_PLAN_PLACES_H_
#define PADDOCK_CORE_WINDOWS_PLAN_PLACES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/host/facts.h"

namespace paddock {

// "C:\ws" of "C:\ws\src".
std::string DirectoryOf(const std::string& path);
std::string BelowDirectory(const std::string& directory, absl::string_view name);
bool MayLieIn(absl::string_view path, absl::string_view directory);
bool LiesIn(absl::string_view path, absl::string_view directory);  // for certain
bool SameWindowsPath(absl::string_view a, absl::string_view b);

// Where the paths of a request lie on the host.
class Places {
 public:
  explicit Places(const Facts& facts) : facts_(facts) {}

  // Of a tree of the request, where it is on the host, links and subst drives resolved.
  void Add(std::string asked, std::string real) { trees_.push_back({std::move(asked), std::move(real)}); }

  // Facts about `path`, or nullptr if nobody looked at it.
  const PathFacts* Find(const std::string& path) const;

  // A path of the request below the final path of its tree, as entries need it; others as they are.
  std::string Located(const std::string& path) const;

 private:
  struct Tree {
    std::string asked, real;
  };
  const Facts& facts_;
  std::vector<Tree> trees_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_PLACES_H_
