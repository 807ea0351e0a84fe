#ifndef PADDOCK_CORE_AUDIT_OBSERVATIONS_H_
#define PADDOCK_CORE_AUDIT_OBSERVATIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/host/facts.h"

// What `paddock audit` has seen on the host, as data: filled in by core/platform/posix/audit_probe.h, judged by
// judge.h. No value of a secret is ever part of it.

namespace paddock::audit {

// Of one kind of thing in a tree, as many are kept.
inline constexpr size_t kMaxKept = 1000;

template <typename T>
struct Sample {
  std::vector<T> kept;  // at most kMaxKept
  uint64_t count = 0;   // all of them

  void Add(T item) {
    ++count;
    if (kept.size() < kMaxKept) kept.push_back(std::move(item));
  }
};

struct Node {
  std::string path;  // absolute, through no symbolic link
  PathType type = PathType::kAbsent;
  uint32_t mode = 0;  // permission bits, set-id and sticky included
  int64_t owner = -1;
  int64_t group = -1;
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t links = 1;
};

// A path, and what decides who can change what it leads to: every directory on the way, those of links included, from
// "/" on; the path's own end last, if there is one.
struct Place {
  std::string role;  // "the user's policy file"; for messages
  std::string path;
  std::string real_path;       // empty: there is nothing
  bool only_tightens = false;  // a policy file that cannot loosen what holds without it
  std::vector<Node> chain;
};

struct PrivilegedFile {
  Node node;
  bool capabilities = false;  // a security.capability attribute
};

// One file with more names than were met in the trees.
struct LinkedFile {
  Node node;              // by the first name that was met
  uint64_t found = 0;     // names met in the trees
  std::string elsewhere;  // another name, if it was found in one of the places that were searched
};

struct SymbolicLink {
  std::string path;
  std::string real_path;  // where it leads in the end; empty: nowhere
};

struct Secret {
  Node node;
  std::string what;  // "private key", "AWS access key id"
  int line = 0;      // where it begins; 0: told by the file's name
};

// A key of a repository's configuration that names something to run or to include, or an address with a password.
struct GitSetting {
  std::string file;
  std::string key;   // "filter.lfs.clean"; never the value
  std::string runs;  // the path that the value names, if it lies in a tree; else empty
  bool password = false;
};

struct SearchDirectory {
  std::string text;  // as PATH has it; may be empty or relative
  Place place;
};

struct SeenSocket {
  std::string path;
  std::string real_path;
  bool permitted = true;  // its permissions let the caller connect
};

struct Scan {
  uint64_t entries = 0;
  uint64_t files_read = 0;
  uint64_t bytes_read = 0;
  bool complete = true;            // every directory was read to its end, and nothing changed meanwhile
  uint64_t not_read = 0;           // text files left out: a bound was reached, or the owner has closed them to himself
  uint64_t read_in_part = 0;       // files longer than the bound, read to there
  uint64_t links_unresolved = 0;   // symbolic links beyond the bound
  uint64_t stores_incomplete = 0;  // places searched for other names of linked files, cut short
};

struct Observations {
  std::vector<Place> trees;  // that were walked: the writable grants, and the workspace
  Scan scan;

  Sample<Node> world_writable_directories, world_writable_files;
  // By group; without what is world-writable.
  std::map<int64_t, Sample<Node>> group_writable_directories, group_writable_files;
  // Whether a group has members beside one account; unknown where the account files do not have it.
  std::map<int64_t, Fact> group_shared;

  Sample<PrivilegedFile> privileged;
  Sample<Node> special;        // FIFOs and devices
  uint64_t linked_inside = 0;  // files with several names, all of them in the trees
  Sample<LinkedFile> linked_outside;
  Sample<LinkedFile> git_objects_outside;  // the same in a git directory's objects
  Sample<SymbolicLink> links_out;          // symbolic links that do not end in a tree
  Sample<Secret> secrets;
  Sample<GitSetting> git_settings;
  std::vector<SeenSocket> sockets;  // known to listen, known by name, or met in a tree; those that exist, sorted

  std::vector<Node> world_writable_places;  // of the host, outside the trees
  std::vector<SearchDirectory> search_path;
  std::vector<Place> own_files;  // Paddock's: policy files, program
  Place state_directory;
  std::map<std::string, PathFacts> looked_at;  // whatever else was asked about
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_OBSERVATIONS_H_
