#include "core/base/posix_path.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace paddock {

bool IsAbsolutePath(absl::string_view path) { return !path.empty() && path.front() == '/'; }

std::vector<absl::string_view> PathComponents(absl::string_view path) {
  std::vector<absl::string_view> components;
  size_t begin = 0;
  while (begin < path.size()) {
    size_t end = path.find('/', begin);
    if (end == absl::string_view::npos) end = path.size();
    if (end > begin) components.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return components;
}

// By one scan: most paths are normal already, and need neither a list of components nor a copy.
bool IsNormalPath(absl::string_view path) {
  if (path == "/" || path == ".") return true;
  if (path.empty() || path.back() == '/') return false;
  bool only_parents = !IsAbsolutePath(path);  // ".." may stand at the start of a relative path alone
  for (size_t begin = IsAbsolutePath(path) ? 1 : 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const absl::string_view component = path.substr(begin, end - begin);
    if (component.empty() || component == "." || (component == ".." && !only_parents)) return false;
    only_parents = only_parents && component == "..";
    begin = end + 1;
  }
  return true;
}

std::string NormalizePath(absl::string_view path) {
  if (IsNormalPath(path)) return std::string(path);
  const bool absolute = IsAbsolutePath(path);
  std::vector<absl::string_view> kept;
  for (const absl::string_view component : PathComponents(path)) {
    if (component == ".") continue;
    if (component != "..") {
      kept.push_back(component);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!absolute) {
      kept.push_back(component);
    }
  }
  std::string normal = absolute ? "/" : "";
  normal += absl::StrJoin(kept, "/");
  return normal.empty() ? "." : normal;
}

std::string JoinPath(absl::string_view base, absl::string_view path) {
  if (IsAbsolutePath(path) || base.empty()) return NormalizePath(path);
  if (path.empty() || path == ".") return NormalizePath(base);
  std::string joined = absl::StrCat(base, base.back() == '/' ? "" : "/", path);
  if (!IsNormalPath(joined)) return NormalizePath(joined);
  return joined;
}

std::string AppendPath(absl::string_view directory, absl::string_view below) {
  if (below.empty()) return std::string(directory);
  return absl::StrCat(directory == "/" ? "" : directory, "/", below);
}

bool PathIsWithin(absl::string_view path, absl::string_view root) {
  if (path == root) return true;
  if (root == "/") return IsAbsolutePath(path);
  if (root == ".") return !IsAbsolutePath(path) && path != ".." && path.substr(0, 3) != "../";
  return path.size() > root.size() && path.substr(0, root.size()) == root && path[root.size()] == '/';
}

absl::string_view PathBelow(absl::string_view path, absl::string_view root) {
  if (path == root) return path.substr(path.size());
  if (root == ".") return path;
  return path.substr(root == "/" ? 1 : root.size() + 1);
}

absl::string_view ParentPath(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  return path.substr(0, slash == 0 ? 1 : slash);
}

absl::string_view PathBasename(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace paddock
