#include "core/platform/posix/lease_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

std::string Encode(absl::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == '%' || byte >= 0x7f) {
      absl::StrAppend(&out, "%", absl::Hex(byte, absl::kZeroPad2));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Decodes `size` bytes at `text` into `out` (PATH_MAX); false if they are no encoded absolute path.
bool Decode(const char* text, size_t size, char* out) {
  size_t length = 0;
  for (size_t i = 0; i < size; ++i) {
    if (length + 1 >= PATH_MAX) return false;
    if (text[i] != '%') {
      out[length++] = text[i];
      continue;
    }
    if (i + 2 >= size) return false;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || high * 16 + low == 0) return false;
    out[length++] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  out[length] = '\0';
  return length > 1 && out[0] == '/';
}

}  // namespace

std::string JournalHeader(absl::string_view workspace) { return absl::StrCat(kJournalHeader, Encode(workspace), "\n"); }

std::string IntentLine(absl::string_view path, bool file) {
  return absl::StrCat("+ ", file ? "f" : "d", " ", Encode(path), "\n");
}

std::string MadeLine(const struct stat& made, absl::string_view path) {
  return absl::StrCat("= ", made.st_dev, " ", made.st_ino, " ", Encode(path), "\n");
}

std::string ForeignLine(absl::string_view path) { return absl::StrCat("! ", Encode(path), "\n"); }

bool ParseJournalLine(const char* line, size_t size, JournalEntry* entry) {
  entry->made = entry->file = entry->foreign = false;
  entry->device = entry->inode = 0;
  if (size < 3 || line[1] != ' ') return false;
  const char* at = line + 2;
  const char* const end = line + size;
  if (line[0] == '+') {
    if (size < 5 || (*at != 'd' && *at != 'f') || at[1] != ' ') return false;
    entry->file = *at == 'f';
    at += 2;
  } else if (line[0] == '=') {
    entry->made = true;
    char* rest = nullptr;
    entry->device = strtoull(at, &rest, 10);
    if (rest == at || *rest != ' ') return false;
    at = rest + 1;
    entry->inode = strtoull(at, &rest, 10);
    if (rest == at || *rest != ' ') return false;
    at = rest + 1;
  } else if (line[0] == '!') {
    entry->foreign = true;
  } else {
    return false;
  }
  return at < end && Decode(at, static_cast<size_t>(end - at), entry->path);
}

bool ParseJournalHeader(const char* text, size_t size, char* path) {
  const char* const newline = static_cast<const char*>(memchr(text, '\n', size));
  constexpr size_t kPrefix = sizeof(kJournalHeader) - 1;
  const size_t length = newline == nullptr ? size : static_cast<size_t>(newline - text);
  if (length < kPrefix || memcmp(text, kJournalHeader, kPrefix) != 0) return false;
  return Decode(text + kPrefix, length - kPrefix, path);
}

int OpenJournal(int directory, const char* name, int access) {
  return openat(directory, name, access | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

size_t ReadJournal(int journal, char* buffer, size_t size) {
  size_t got = 0;
  for (ssize_t n; got < size && (n = pread(journal, buffer + got, size - got, static_cast<off_t>(got))) > 0;) {
    got += static_cast<size_t>(n);
  }
  return strnlen(buffer, got);
}

bool WriteJournal(int journal, const std::string& text, size_t offset) {
  const size_t size = text.size() + 1;  // with the zero byte
  const ssize_t written = pwrite(journal, text.c_str(), size, static_cast<off_t>(offset));
  if (written >= 0 && written != static_cast<ssize_t>(size)) errno = ENOSPC;
  return written == static_cast<ssize_t>(size);
}

bool EmptyJournal(int journal, char* buffer, size_t size) {
  memset(buffer, 0, size);
  return pwrite(journal, buffer, size, 0) == static_cast<ssize_t>(size);
}

JournaledPath JournaledPathOf(const char* text, size_t size, const char* path) {
  JournaledPath known;
  ForEachEntryBackwards(text, size, [&](JournalEntry* entry) {
    if (strcmp(entry->path, path) != 0) return;
    if (entry->made && !known.made) {
      known.device = entry->device;
      known.inode = entry->inode;
    }
    known.made |= entry->made;
    known.foreign |= entry->foreign;
    known.intended |= !entry->made && !entry->foreign;
  });
  return known;
}

}  // namespace paddock
