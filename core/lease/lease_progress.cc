#include "core/lease/lease_progress.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {

std::function<void(uint64_t)> StampProgress(std::string root, std::function<void(std::string)> tell) {
  return [root = std::move(root), tell = std::move(tell), next = kFirstProgress](uint64_t entries) mutable {
    if (entries < next) return;
    next = 2 * entries;
    tell(absl::StrCat("preparing ", root, ": ", entries,
                      " files and directories so far; this is done once, and later runs start without it"));
  };
}

}  // namespace paddock
