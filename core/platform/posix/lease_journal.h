#ifndef PADDOCK_CORE_PLATFORM_POSIX_LEASE_JOURNAL_H_
#define PADDOCK_CORE_PLATFORM_POSIX_LEASE_JOURNAL_H_

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

// The journal of a workspace's placeholders, line by line. Reading allocates nothing and makes no calls but system
// calls: a guard does it on the memory of a process that was killed.
//
//   paddock-lease 1 WORKSPACE     the header
//   + d PATH                      a directory is about to be made (f: a file)
//   = DEVICE INODE PATH           it was made, and is this inode
//   ! PATH                        something of the user's was there already
//
// Paths are percent-encoded, so that a line is a line whatever a name holds. A last line without a newline was torn by
// a crash, and never took effect. A zero byte ends the text: what follows is of an earlier run, since a journal's file
// is used again. The file is the workspace's lock, too: every run in it holds it shared.

namespace paddock {

inline constexpr char kJournalHeader[] = "paddock-lease 1 ";
inline constexpr char kJournalSuffix[] = ".journal";
inline constexpr char kBrokenSuffix[] = ".broken";
// Bytes. More placeholders than fit are refused, so that whoever undoes them can read the journal at once.
inline constexpr size_t kMaxJournal = 256u << 10;

struct JournalEntry {
  bool made = false, file = false, foreign = false;
  unsigned long long device = 0, inode = 0;
  char path[PATH_MAX];
};

std::string JournalHeader(absl::string_view workspace);
std::string IntentLine(absl::string_view path, bool file);
std::string MadeLine(const struct stat& made, absl::string_view path);
std::string ForeignLine(absl::string_view path);

// False if `line` is none of the above.
bool ParseJournalLine(const char* line, size_t size, JournalEntry* entry);

// The workspace of the header that `text` begins with; false if there is none. `path` has PATH_MAX bytes.
bool ParseJournalHeader(const char* text, size_t size, char* path);

// Opens a journal that exists, with O_RDONLY or O_RDWR; -1 with errno.
int OpenJournal(int directory, const char* name, int access);

// Reads the text, of which at most `size` bytes; how many it is.
size_t ReadJournal(int journal, char* buffer, size_t size);

// Writes `text` at `offset`, as the end; false with errno.
bool WriteJournal(int journal, const std::string& text, size_t offset);

// Writes zero bytes over a text of `size` bytes, for which it uses `buffer`: a later write that a crash cuts short then
// ends the text all the same. False with errno.
bool EmptyJournal(int journal, char* buffer, size_t size);

// Calls visit(JournalEntry*) for each well-formed line, last first, so that what was made inside something else comes
// before it. False if a line is malformed.
template <typename Visit>
bool ForEachEntryBackwards(const char* text, size_t size, Visit visit) {
  while (size > 0 && text[size - 1] != '\n') --size;
  bool well_formed = true;
  size_t end = size;
  while (end > 0) {
    size_t begin = end - 1;
    while (begin > 0 && text[begin - 1] != '\n') --begin;
    if (begin == 0) break;  // the header
    JournalEntry entry;
    if (ParseJournalLine(text + begin, end - 1 - begin, &entry)) {
      visit(&entry);
    } else {
      well_formed = false;
    }
    end = begin;
  }
  return well_formed;
}

// What a journal says of one path.
struct JournaledPath {
  bool intended = false, made = false, foreign = false;
  unsigned long long device = 0, inode = 0;  // of the last time that it was made
};
JournaledPath JournaledPathOf(const char* text, size_t size, const char* path);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_POSIX_LEASE_JOURNAL_H_
