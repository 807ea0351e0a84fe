#include "core/access/file_tree.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace paddock::access {

std::string NormalTreePath(absl::string_view path) {
  std::string normal;
  for (char byte : path) {
    if (byte == '/') byte = '\\';
    if (byte == '\\' && normal.size() > 1 && normal.back() == '\\') continue;
    normal += absl::ascii_tolower(static_cast<unsigned char>(byte));
  }
  while (!normal.empty() && normal.back() == '\\') normal.pop_back();
  return normal;
}

absl::string_view TreeParent(absl::string_view path) {
  const size_t split = path.rfind('\\');
  if (split == absl::string_view::npos || split <= 1) return {};
  return path.substr(0, split);
}

absl::Status MemoryTree::Add(absl::string_view path, FileNode node) {
  std::string normal = NormalTreePath(path);
  if (normal.empty()) return absl::InvalidArgumentError("a file tree: an empty path; give one like C:\\ws");
  for (const absl::string_view name : absl::StrSplit(normal, '\\')) {
    if (name == "." || name == "..") {
      return absl::InvalidArgumentError(
          absl::StrCat("a file tree: ", path, " holds \"", name, "\"; resolve it before"));
    }
  }
  if (!nodes_.emplace(std::move(normal), std::move(node)).second) {
    return absl::AlreadyExistsError(absl::StrCat("a file tree: ", path, " is there already; give each file once"));
  }
  return absl::OkStatus();
}

const FileNode* MemoryTree::Find(absl::string_view path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

}  // namespace paddock::access
