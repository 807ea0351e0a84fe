#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_MAILBOX_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_MAILBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What the guest tells the host: files in a folder that the machine can write, and so everything that runs in it. Each
// is written as NNNNNNNN.tmp and renamed to NNNNNNNN.msg, numbered from 0 without a gap. The first line is
//
//   paddock-mailbox/1 NONCE KIND NUMBER
//
// and the rest is the payload. The host takes them in order and removes each, so that at most kMostOutstanding lie
// there: a host that does not read holds the command back.
//
// The nonce keeps files of another run out. It does not tell the guest program from the command, which may read it: a
// command can say of itself what it likes, its exit status included.

namespace paddock {

enum class MailKind : uint8_t {
  kReady,    // nothing; first, once
  kStarted,  // JSON {"process": N}
  kOut,      // bytes
  kErr,      // bytes
  kAlive,    // nothing; as often as the guest has nothing else to say
  kResult,   // JSON, GuestResult; last, once
};
absl::string_view Name(MailKind kind);

struct Mail {
  MailKind kind = MailKind::kAlive;
  std::string payload;
  friend bool operator==(const Mail&, const Mail&) = default;
};

inline constexpr size_t kMostOutstanding = 16;
inline constexpr size_t kMostBytes = 256u << 10;  // of the payload of kOut and kErr
inline constexpr size_t kMostJson = 8u << 10;     // of the other kinds'
inline constexpr size_t kMostHeader = 80;
// More in the folder is a flood: what may lie there, and as much again for what is being written.
inline constexpr size_t kMostEntries = 4 * kMostOutstanding;
inline constexpr uint64_t kMostInFolder = 2 * kMostOutstanding * uint64_t{kMostBytes};

std::string MailName(uint32_t number);        // "00000007.msg"
std::string UnfinishedName(uint32_t number);  // "00000007.tmp"

// How the command ended, by the guest.
enum class GuestEnd : uint8_t {
  kExited,
  kNotFound,
  kNotExecutable,
  kWallLimit,
  kOutputLimit,
  kFailed,  // the guest program could not start it
};
struct GuestResult {
  GuestEnd end = GuestEnd::kFailed;
  uint32_t code = 0;    // kExited
  std::string message;  // kNotFound, kNotExecutable, kFailed
  uint64_t wall_ms = 0, user_ms = 0, system_ms = 0, max_resident = 0;
  friend bool operator==(const GuestResult&, const GuestResult&) = default;
};
std::string FormatResult(const GuestResult& result);
absl::StatusOr<GuestResult> ParseResult(absl::string_view payload);
std::string FormatStarted(uint32_t process);
absl::StatusOr<uint32_t> ParseStarted(absl::string_view payload);

// The bytes of a file, and back. Strict: this nonce, this number, a known kind, a payload within its kind's limit and
// of its schema.
std::string EncodeMail(absl::string_view nonce, uint32_t number, const Mail& mail);
absl::StatusOr<Mail> DecodeMail(absl::string_view nonce, uint32_t number, absl::string_view bytes);

// A name in the folder, as it is itself: no link is followed.
struct MailEntry {
  std::string name;
  uint64_t size = 0;
  bool plain = true;  // a file with one name; not a directory, a link, or any other reparse point
  friend bool operator==(const MailEntry&, const MailEntry&) = default;
};

class MailFolder {
 public:
  virtual ~MailFolder() = default;
  // At most `most` entries and one more, which says that there are too many.
  virtual absl::StatusOr<std::vector<MailEntry>> List(size_t most) = 0;
  // Opens the name as it is, and looks at it again by its handle: FailedPrecondition if it is not plain, OutOfRange if
  // it holds more than `most` bytes, NotFound, Unavailable if somebody holds it open just now.
  virtual absl::StatusOr<std::string> Read(absl::string_view name, size_t most) = 0;
  virtual absl::Status Remove(absl::string_view name) = 0;
};

// Takes the mail of one run. Whatever does not hold to the protocol is an error, and final.
class MailboxReader {
 public:
  MailboxReader(std::string nonce, MailFolder& folder) : nonce_(std::move(nonce)), folder_(folder) {}

  // The next message, or nullopt if it is not there yet.
  absl::StatusOr<std::optional<Mail>> Next();

  // Looks whether only what may lie there lies there; done by Next too.
  absl::Status CheckFolder();

  bool ended() const { return ended_; }

 private:
  absl::Status CheckOrder(MailKind kind);

  const std::string nonce_;
  MailFolder& folder_;
  uint32_t next_ = 0;
  bool ready_ = false, started_ = false, ended_ = false;
  absl::Status broken_;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_MAILBOX_H_
