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
  kWrite,            // node: FILE_WRITE_DATA, and of a read-only file FILE_WRITE_ATTRIBUTES, to make it writable
  kAppend,           // node: FILE_APPEND_DATA, and of a read-only file the same
  kReadAttributes,   // node: FILE_READ_ATTRIBUTES, or parent: FILE_LIST_DIRECTORY
  kSetAttributes,    // node: FILE_WRITE_ATTRIBUTES
  kReadDescriptor,   // node: READ_CONTROL
  kSetDacl,          // node: WRITE_DAC
  kSetOwner,         // node: WRITE_OWNER
  kCreateFile,       // parent: FILE_ADD_FILE; refused if the node is there
  kCreateDirectory,  // parent: FILE_ADD_SUBDIRECTORY; refused if the node is there
  kRemove,           // node: DELETE, or parent: FILE_DELETE_CHILD
  // Deletion of the node, and FILE_ADD_FILE or FILE_ADD_SUBDIRECTORY on the target's parent, and, if the target is
  // there, its deletion. A file replaces no directory.
  kRename,
  // A second name, for files alone: node: FILE_WRITE_ATTRIBUTES, and FILE_ADD_FILE on the target's parent. Without the
  // former unknown, if the node can be opened at all: the system asks for it only from tokens that it takes for
  // sandboxed (Project Zero, "Between a Rock and a Hard Link", 2015). A file of the new name is replaced, which asks
  // for its deletion (FILE_LINK_REPLACE_IF_EXISTS).
  kLink,
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
// mends. A token without SeChangeNotifyPrivilege needs FILE_TRAVERSE on every directory above besides; without it the
// answer is unknown, since opening by file id, or from a handle of the directory, asks nothing of what is above.
//
// The attribute read-only protects from no deletion and no replacement (FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE and
// FILE_RENAME_IGNORE_READONLY_ATTRIBUTE, Windows 10 1809).
//
// Unknown: where a verdict is; where a descriptor that is needed could not be read; where a directory above is not in
// the tree (its parent could still give FILE_DELETE_CHILD), unless the answer is the same without it; a path with "..",
// a stream, or a name that ends in a dot or a space; a directory that replaces something, which depends on what is in
// it and on the kind of call; and a rename within one directory that may not be added to, which the I/O manager refuses
// when the new name comes as a path, and not always else. Denied: what is not in the tree though its directory is
// cannot be read, changed or deleted.
//
// Not modelled: whether a directory is empty, sharing modes and open handles, quotas, encryption, reparse points (the
// caller resolves them), backup intent (PrivilegesPastChecks), alternate streams (they have the file's descriptor), and
// filter drivers.
FileOpVerdict CheckFileOp(const FileTree& tree, absl::string_view path, FileOp op, const Token& token,
                          absl::string_view target = {});

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_FILE_OPS_H_
