#include "core/windows_plan/places.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/windows_path.h"

namespace paddock {

std::string DirectoryOf(const std::string& path) {
  const size_t split = path.rfind('\\');
  return split == std::string::npos ? "" : path.substr(0, split);
}

std::string BelowDirectory(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory, absl::EndsWith(directory, "\\") ? "" : "\\", name);
}

bool MayLieIn(absl::string_view path, absl::string_view directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).MayBe();
}

bool LiesIn(absl::string_view path, absl::string_view directory) {
  const auto inner = WindowsPath::Parse(path), outer = WindowsPath::Parse(directory);
  return inner.ok() && outer.ok() && inner->IsWithin(*outer).Certain();
}

bool SameWindowsPath(absl::string_view a, absl::string_view b) {
  const auto left = WindowsPath::Parse(a), right = WindowsPath::Parse(b);
  return left.ok() && right.ok() && left->components().size() == right->components().size() &&
         left->IsWithin(*right).Certain();
}

const PathFacts* Places::Find(const std::string& path) const {
  const auto found = facts_.workspace.paths.find(path);
  return found == facts_.workspace.paths.end() ? nullptr : &found->second;
}

std::string Places::Located(const std::string& path) const {
  const auto inner = WindowsPath::Parse(path);
  std::string located = path;
  size_t depth = 0;
  for (const Tree& tree : trees_) {
    const auto asked = WindowsPath::Parse(tree.asked);
    if (!inner.ok() || !asked.ok() || tree.real.empty() || asked->components().size() < depth) continue;
    if (!inner->IsWithin(*asked).Certain()) continue;
    depth = asked->components().size();
    located = tree.real;
    for (size_t i = depth; i < inner->components().size(); ++i) {
      located = BelowDirectory(located, inner->components()[i]);
    }
  }
  return located;
}

}  // namespace paddock
