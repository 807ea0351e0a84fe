#ifndef PADDOCK_CORE_PLATFORM_POSIX_REMOVE_TREE_H_
#define PADDOCK_CORE_PLATFORM_POSIX_REMOVE_TREE_H_

namespace paddock {

// Takes away `name` in the directory `parent` with all that it holds, whatever a command has made of it: any depth,
// directories that their owner may not read. Follows no symbolic link. Uses no recursion and a few descriptors. Nobody
// else may change the tree meanwhile. Async-signal-safe. True if nothing is there any more; else errno says what stood
// in the way.
bool RemoveTree(int parent, const char* name);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_REMOVE_TREE_H_
