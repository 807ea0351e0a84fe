#include "backends/linux_landlock/launch_rights.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "backends/linux_landlock/launch_syscalls.h"
#include "core/base/posix_path.h"
#include "core/platform/posix/lease_directory.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock {
namespace {

enum class Part { kWhole, kSplit, kLeftOut };

// How `path` fares beside the paths that are left out.
Part PartOf(const std::string& path, const std::vector<std::string>& except) {
  bool split = false;
  for (const std::string& out : except) {
    if (PathIsWithin(path, out)) return Part::kLeftOut;
    split = split || PathIsWithin(out, path);
  }
  return split ? Part::kSplit : Part::kWhole;
}

bool CanCarryRule(mode_t mode) { return !S_ISLNK(mode) && !S_ISSOCK(mode); }

}  // namespace

std::vector<RulePath> ExpandRule(const LandlockRule& rule) {
  if (rule.except.empty() && !rule.optional) return {{rule.path, rule.directory, false}};
  std::vector<RulePath> expanded;
  std::vector<std::string> pending = {rule.path};
  while (!pending.empty()) {
    const std::string path = std::move(pending.back());
    pending.pop_back();
    const Part part = PartOf(path, rule.except);
    if (part == Part::kLeftOut) continue;
    const UniqueFd fd(OpenExact(path.c_str()));
    struct stat st = {};
    if (!fd.valid() || fstat(fd.get(), &st) != 0 || !CanCarryRule(st.st_mode)) continue;
    if (part == Part::kWhole || !S_ISDIR(st.st_mode)) {
      expanded.push_back({path, S_ISDIR(st.st_mode), true});
      continue;
    }
    for (const std::string& name : NamesIn(fd.get()).value_or(std::vector<std::string>())) {
      pending.push_back(JoinPath(path, name));
    }
  }
  return expanded;
}

}  // namespace paddock
