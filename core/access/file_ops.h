#ifndef PADDOCK_CORE_ACCESS_FILE_OPS_H_
#define PADDOCK_CORE_ACCESS_FILE_OPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/access/check.h"
#include "core/access/file_tree.h"
#include "core/access/token.h"

namespace paddock::access {

// What a process does to a file, and what NTFS asks for (Microsoft Learn, "File Access Rights Constants",
// "CreateFileW", "Set File Information Processing"; MS-FSA 2.1.5). "node" is what the path names, "parent" its
// directory.
enum class FileOp : uint8_t {
  kRead,             // node: FILE_READ_DATA
  kList,             // node: FILE_LIST_DIRECTORY
  kExecute,          // node: FILE_EXECUTE
  kWrite,            // node: FILE_WRITE_DATA; refused if read-only
  kAppend,           // node: FILE_APPEND_DATA; refused if read-only
  kReadAttributes,   // node: FILE_READ_ATTRIBUTES, or parent: FILE_LIST_DIRECTORY
  kSetAttributes,    // node: FILE_WRITE_ATTRIBUTES
  kReadDescriptor,   // node: READ_CONTROL
  kSetDacl,          // node: WRITE_DAC
  kSetOwner,         // node: WRITE_OWNER
  kCreateFile,       // parent: FILE_ADD_FILE; refused if the node is there
  kCreateDirectory,  // parent: FILE_ADD_SUBDIRECTORY; refused if the node is there
  kRemove,           // node: DELETE, or parent: FILE_DELETE_CHILD; refused if read-only
  // Deletion of the node (read-only or not), and FILE_ADD_FILE or FILE_ADD_SUBDIRECTORY on the target's parent, and, if
  // the target is there, its deletion. A directory replaces nothing and is not replaced.
  kRename,
  kLink,  // a second name: node: FILE_WRITE_ATTRIBUTES, and FILE_ADD_FILE on the target's parent; files alone
};

absl::string_view ToString(FileOp op);  // "read", "create file", ...

// One question that was asked of one descriptor, or a rule of the file system without any.
struct FileOpStep {
  std::string path;  // normal
  uint32_t wanted = 0;
  Verdict verdict;   // pass kRequest where the file system's rule, not a descriptor, decided
  std::string rule;  // in words: "DELETE", "FILE_DELETE_CHILD of its directory", "a read-only file"
};

struct FileOpVerdict {
  Decision decision = Decision::kDenied;
  std::vector<FileOpStep> steps;  // in the order they were asked; the last one decided

  // The steps, one a line, for people.
  std::string Describe(const FileTree& tree) const;
};

// Whether `token` can do `op` to `path`; kRename and kLink take a `target`. Paths in any spelling that NormalTreePath
// mends. A token without SeChangeNotifyPrivilege needs FILE_TRAVERSE on every directory above besides.
//
// Unknown: where a verdict is; where a descriptor that is needed could not be read; where a directory above is not in
// the tree (its parent could still give FILE_DELETE_CHILD), unless the answer is the same without it; and a rename
// within one directory that may not be added to, which the I/O manager refuses when the new name comes as a path, and
// not always else. Denied: what is not in the tree cannot be read, changed or deleted.
//
// Not modelled: whether a directory is empty, sharing modes and open handles, quotas, encryption, reparse points (the
// caller resolves them), backup intent (PrivilegesPastChecks), alternate streams (they have the file's descriptor), and
// filter drivers.
FileOpVerdict CheckFileOp(const FileTree& tree, absl::string_view path, FileOp op, const Token& token,
                          absl::string_view target = {});

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_FILE_OPS_H_
