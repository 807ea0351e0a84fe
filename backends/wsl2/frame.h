#ifndef PADDOCK_BACKENDS_WSL2_FRAME_H_
#define PADDOCK_BACKENDS_WSL2_FRAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What the host (paddock on Windows) and the relay (`paddock relay` inside the distribution) say to each other over the
// relay's standard streams: the events of a Sandbox one way, its calls the other. docs/backends/wsl2.md has the
// protocol as a page. Both sides take the other for hostile: whatever is not exactly as below is an error, and ends the
// run.
//
// A frame is a header of eight bytes (u32 little-endian length of the payload, u8 type, three zero bytes) and a
// payload.

namespace paddock::wsl2 {

enum class Direction : uint8_t { kHostToRelay, kRelayToHost };

enum class FrameType : uint8_t {
  // Host to relay.
  kStart = 1,       // JSON, nested_run.h; first, once
  kInput = 2,       // bytes for the command; at most kInputWindow of them without credit
  kCloseInput = 3,  // nothing; no kInput after it
  kResize = 4,      // u16 little-endian: columns, rows
  kSignal = 5,      // u8: a signal's number on Linux
  // Relay to host.
  kReady = 129,      // JSON, schema paddock.facts/1: the distribution's host facts; first, once
  kStarted = 130,    // JSON {"process_id"}; at most once, before all output
  kStdout = 131,     // bytes
  kStderr = 132,     // bytes
  kViolation = 133,  // JSON {"evidence", "what", "rule", "path"}
  kNotice = 134,     // JSON {"text"}
  kExited = 135,     // JSON, schema paddock.report/1: the far report; last, once
  kCredit = 136,     // u32 little-endian: so many bytes of input have been consumed
};
absl::string_view Name(FrameType type);  // "start", "credit"

inline constexpr size_t kMaxFrameBytes = 64u << 10;   // payload of kInput, kStdout, kStderr
inline constexpr size_t kMaxFrameJson = 4u << 20;     // payload of the JSON frames
inline constexpr uint32_t kInputWindow = 256u << 10;  // bytes of input that may be under way

struct Frame {
  FrameType type = FrameType::kStart;
  std::string payload;
  friend bool operator==(const Frame&, const Frame&) = default;
};

// A frame's bytes. InvalidArgument (`relay_protocol`) if the payload is shorter or longer than its type allows.
absl::StatusOr<std::string> EncodeFrame(FrameType type, absl::string_view payload);

// Of kResize, kSignal and kCredit. Decoding takes a payload that a FrameReader gave out.
struct WindowCells {
  uint16_t columns = 0, rows = 0;
};
std::string ResizePayload(WindowCells size);
WindowCells ParseResize(absl::string_view payload);
std::string SignalPayload(uint8_t signal);
uint8_t ParseSignal(absl::string_view payload);
std::string CreditPayload(uint32_t bytes);
uint32_t ParseCredit(absl::string_view payload);

// Reads the frames of one direction out of pieces of any size. Holds no more than one frame, and no more of it than has
// come. InvalidArgument with reason `relay_protocol`, then and ever after, if a frame is of an unknown type, of the
// other direction, too short or too long for its type, out of order, or has a header that is not as above.
class FrameReader {
 public:
  // `begun`: the frame that opens the stream is taken for granted, and does not come.
  explicit FrameReader(Direction direction, bool begun = false) : direction_(direction), first_(!begun) {}

  // The next frame, taking its bytes from the front of `*bytes`; nullopt once they are used up. Call it until then.
  absl::StatusOr<std::optional<Frame>> Next(absl::string_view* bytes);

  // Whether the stream may end here: between frames, and after kExited where the relay speaks.
  bool MayEnd() const;

 private:
  absl::Status TakeHeader();
  absl::Status CheckOrder(FrameType type);
  absl::Status Fail(absl::string_view what);

  const Direction direction_;
  bool first_;
  std::string header_;
  std::string payload_;
  size_t length_ = 0;
  bool in_payload_ = false;
  bool started_ = false, closed_ = false, exited_ = false;
  absl::Status broken_;
};

// Both ends of the credit: the host counts what it may still send, the relay that it was not sent more.
class InputWindow {
 public:
  uint32_t room() const { return kInputWindow - under_way_; }
  // `bytes` more are under way, or have been consumed. InvalidArgument (`relay_protocol`) if that cannot be.
  absl::Status Send(size_t bytes);
  absl::Status Credit(uint32_t bytes);

 private:
  uint32_t under_way_ = 0;
};

}  // namespace paddock::wsl2

#endif  // PADDOCK_BACKENDS_WSL2_FRAME_H_
