#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "backends/wsl2/frame.h"
#include "backends/wsl2/preamble.h"

namespace paddock::wsl2 {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

struct Result {
  std::vector<Frame> frames;
  bool broken = false;
  bool may_end = false;
};

Result ReadInPieces(Direction direction, absl::string_view bytes, size_t size) {
  FrameReader reader(direction);
  Result result;
  for (size_t at = 0; at < bytes.size() && !result.broken; at += size) {
    absl::string_view piece = bytes.substr(at, size);
    for (;;) {
      const auto frame = reader.Next(&piece);
      result.broken = !frame.ok();
      if (result.broken || !frame->has_value()) break;
      result.frames.push_back(**frame);
    }
    Require(result.broken || piece.empty());
  }
  result.may_end = reader.MayEnd();
  return result;
}

// What is read does not depend on how it was cut, and is written as it was read.
void CheckFrames(Direction direction, absl::string_view bytes, size_t size) {
  const Result whole = ReadInPieces(direction, bytes, bytes.size() + 1);
  const Result cut = ReadInPieces(direction, bytes, size);
  Require(whole.frames == cut.frames && whole.broken == cut.broken && whole.may_end == cut.may_end);
  std::string written;
  for (const Frame& frame : whole.frames) {
    const auto encoded = EncodeFrame(frame.type, frame.payload);
    Require(encoded.ok());
    written += *encoded;
  }
  Require(bytes.substr(0, written.size()) == written);
  InputWindow window;
  for (const Frame& frame : whole.frames) {
    if (frame.type == FrameType::kInput) window.Send(frame.payload.size()).IgnoreError();
    if (frame.type == FrameType::kCredit) window.Credit(ParseCredit(frame.payload)).IgnoreError();
    if (frame.type == FrameType::kResize) Require(ResizePayload(ParseResize(frame.payload)) == frame.payload);
    if (frame.type == FrameType::kSignal) Require(SignalPayload(ParseSignal(frame.payload)) == frame.payload);
    Require(window.room() <= kInputWindow);
  }
}

void CheckPreamble(absl::string_view bytes, size_t size) {
  PreambleReader reader("00000000000000000000000000000000");
  for (size_t at = 0; at < bytes.size(); at += size) {
    absl::string_view piece = bytes.substr(at, size);
    const auto word = reader.Next(&piece);
    if (!word.ok() || word->has_value()) break;
    Require(piece.empty());
  }
  for (const char c : reader.Before()) Require(static_cast<uint8_t>(c) >= ' ');
}

}  // namespace
}  // namespace paddock::wsl2

// Bytes from either side, in pieces of the size that the first byte says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto direction : {paddock::wsl2::Direction::kHostToRelay, paddock::wsl2::Direction::kRelayToHost}) {
    paddock::wsl2::CheckFrames(direction, bytes, size_t{1} + data[0]);
  }
  paddock::wsl2::CheckPreamble(bytes, size_t{1} + data[0]);
  return 0;
}
