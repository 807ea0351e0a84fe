#ifndef PADDOCK_CORE_AUDIT_SNAPSHOT_REACH_H_
#define PADDOCK_CORE_AUDIT_SNAPSHOT_REACH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/access/check.h"
#include "core/audit/run_token.h"
#include "core/audit/snapshot.h"

// What a token may do to a file, from its descriptor alone, each descriptor asked once. Internal to core/audit.

namespace paddock::audit {

// Ways to change a file, as a set of bits: rows of a table in snapshot_reach.cc.
using Ways = uint8_t;
inline constexpr Ways kWayWrite = 0x01;        // FILE_WRITE_DATA: of a directory, to make files in it
inline constexpr Ways kWayAppend = 0x02;       // FILE_APPEND_DATA: of a directory, to make directories in it
inline constexpr Ways kWayDelete = 0x04;       // DELETE
inline constexpr Ways kWayDeleteChild = 0x08;  // FILE_DELETE_CHILD, of directories
inline constexpr Ways kWayPermissions = 0x10;  // WRITE_DAC
inline constexpr Ways kWayOwner = 0x20;        // WRITE_OWNER
inline constexpr Ways kWayAttributes = 0x40;   // FILE_WRITE_ATTRIBUTES
inline constexpr Ways kWayExtended = 0x80;     // FILE_WRITE_EA

// Why a token has a right, or may have it.
struct Cause {
  std::string text;                // "Everyone has (A;;FA;;;WD)"
  std::optional<access::Sid> sid;  // of the entry that decided
  bool inherited = false;          // the entry came down from above
  bool no_dacl = false;
  bool owner = false;  // by owning the file
};

// Ways, and their cause, as a text that findings group by.
struct Note {
  std::string text;
  Cause cause;
};

class Reach {
 public:
  // Both have to outlive this.
  Reach(const Snapshot& snapshot, const RunToken& run);

  // Of the descriptor with this index: what is granted for certain, and what may be besides.
  Ways Granted(int32_t descriptor) const { return ways_[static_cast<size_t>(descriptor)].granted; }
  Ways Possible(int32_t descriptor) const { return ways_[static_cast<size_t>(descriptor)].possible; }

  // Numbers of notes; the same for the same text.
  int32_t NoteOf(int32_t descriptor, Ways ways);                   // granted
  int32_t DoubtOf(int32_t descriptor, Ways ways);                  // unknown
  int32_t ThroughParent(int32_t parent_descriptor, bool certain);  // deletion by the directory's FILE_DELETE_CHILD
  int32_t Plain(absl::string_view text);                           // a text without a cause
  const Note& note(int32_t number) const { return notes_[static_cast<size_t>(number)]; }

 private:
  struct Pair {
    Ways granted = 0;
    Ways possible = 0;
  };
  Cause CauseOf(int32_t index, Ways ways) const;
  Cause DoubtAbout(int32_t index, Ways ways) const;
  std::string Who(const access::Sid& sid) const;
  int32_t Intern(Note note);
  template <typename Make>
  int32_t Cached(uint64_t key, Make make);

  const Snapshot& snapshot_;
  const RunToken& run_;
  std::vector<Pair> ways_;
  std::vector<Note> notes_;
  std::unordered_map<std::string, int32_t> by_text_;
  std::unordered_map<uint64_t, int32_t> cache_;
};

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SNAPSHOT_REACH_H_
