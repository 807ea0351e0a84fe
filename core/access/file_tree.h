#ifndef PADDOCK_CORE_ACCESS_FILE_TREE_H_
#define PADDOCK_CORE_ACCESS_FILE_TREE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/access/security_descriptor.h"

namespace paddock::access {

// One file or directory of a volume, as far as access to it goes.
struct FileNode {
  std::optional<SecurityDescriptor> descriptor;  // nullopt: it is there, and its descriptor could not be read
  bool directory = false;
  bool read_only = false;  // FILE_ATTRIBUTE_READONLY

  bool operator==(const FileNode&) const = default;
};

// Files by path: what CheckFileOp asks. Implementations answer from memory, the same each time; thread-safe.
class FileTree {
 public:
  virtual ~FileTree() = default;

  // The node at `path`, which is normal (below); nullptr if nothing is there. It lives as long as the tree.
  virtual const FileNode* Find(absl::string_view path) const = 0;
};

// A tree in memory. Paths are "C:\ws\src": '\' or '/' between names, letters of ASCII in any case, no "." or "..",
// which the caller resolves before, as it does links and 8.3 names: two names of one file have one descriptor, and two
// parents.
class MemoryTree : public FileTree {
 public:
  // InvalidArgument if `path` is empty or holds "." or "..", AlreadyExists if the node is there.
  absl::Status Add(absl::string_view path, FileNode node);
  const FileNode* Find(absl::string_view path) const override;

  // By normal path, parents before their children.
  const std::map<std::string, FileNode, std::less<>>& nodes() const { return nodes_; }

 private:
  std::map<std::string, FileNode, std::less<>> nodes_;
};

// "C:/Ws\Src\" -> "c:\ws\src": '\' between names, none at the end, none doubled but at the front, ASCII in lower case.
std::string NormalTreePath(absl::string_view path);

// "c:\ws" -> "c:"; empty for a top ("c:", "\\server"). `path` is normal.
absl::string_view TreeParent(absl::string_view path);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_FILE_TREE_H_
