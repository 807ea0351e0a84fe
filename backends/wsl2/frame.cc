#include "backends/wsl2/frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

constexpr size_t kHeaderBytes = 8;
constexpr Direction kHost = Direction::kHostToRelay, kRelay = Direction::kRelayToHost;

struct TypeInfo {
  FrameType type;
  absl::string_view name;
  Direction direction;
  size_t least, most;  // bytes of payload
};
constexpr std::array<TypeInfo, 13> kTypes = {{
    {FrameType::kStart, "start", kHost, 2, kMaxFrameJson},
    {FrameType::kInput, "input", kHost, 1, kMaxFrameBytes},
    {FrameType::kCloseInput, "close-input", kHost, 0, 0},
    {FrameType::kResize, "resize", kHost, 4, 4},
    {FrameType::kSignal, "signal", kHost, 1, 1},
    {FrameType::kReady, "ready", kRelay, 2, kMaxFrameJson},
    {FrameType::kStarted, "started", kRelay, 2, kMaxFrameJson},
    {FrameType::kStdout, "stdout", kRelay, 1, kMaxFrameBytes},
    {FrameType::kStderr, "stderr", kRelay, 1, kMaxFrameBytes},
    {FrameType::kViolation, "violation", kRelay, 2, kMaxFrameJson},
    {FrameType::kNotice, "notice", kRelay, 2, kMaxFrameJson},
    {FrameType::kExited, "exited", kRelay, 2, kMaxFrameJson},
    {FrameType::kCredit, "credit", kRelay, 4, 4},
}};

const TypeInfo* FindType(uint8_t type) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const TypeInfo& info) { return static_cast<uint8_t>(info.type) == type; });
  return found == kTypes.end() ? nullptr : &*found;
}

absl::Status Broken(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol", what);
}

std::string LittleEndian(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

uint32_t FromLittleEndian(absl::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  return value;
}

// Moves bytes from the front of `*from` to the end of `*to`, until that has `size`.
bool Fill(absl::string_view* from, size_t size, std::string* to) {
  const size_t count = std::min(from->size(), size - to->size());
  to->append(from->data(), count);
  from->remove_prefix(count);
  return to->size() == size;
}

absl::Status CheckSize(const TypeInfo& info, size_t size) {
  if (size >= info.least && size <= info.most) return absl::OkStatus();
  return Broken(absl::StrCat("a frame ", info.name, " of ", size, " bytes; it has ", info.least, " to ", info.most));
}

}  // namespace

absl::string_view Name(FrameType type) {
  const TypeInfo* info = FindType(static_cast<uint8_t>(type));
  return info == nullptr ? "unknown" : info->name;
}

absl::StatusOr<std::string> EncodeFrame(FrameType type, absl::string_view payload) {
  const TypeInfo* info = FindType(static_cast<uint8_t>(type));
  if (info == nullptr) return Broken("a frame of an unknown type was to be sent");
  RETURN_IF_ERROR(CheckSize(*info, payload.size()));
  return absl::StrCat(LittleEndian(payload.size(), 4), std::string(1, static_cast<char>(type)), std::string(3, '\0'),
                      payload);
}

std::string ResizePayload(WindowCells size) {
  return absl::StrCat(LittleEndian(size.columns, 2), LittleEndian(size.rows, 2));
}

WindowCells ParseResize(absl::string_view payload) {
  return {static_cast<uint16_t>(FromLittleEndian(payload.substr(0, 2))),
          static_cast<uint16_t>(FromLittleEndian(payload.substr(2, 2)))};
}

std::string SignalPayload(uint8_t signal) { return std::string(1, static_cast<char>(signal)); }
uint8_t ParseSignal(absl::string_view payload) { return static_cast<uint8_t>(payload[0]); }
std::string CreditPayload(uint32_t bytes) { return LittleEndian(bytes, 4); }
uint32_t ParseCredit(absl::string_view payload) { return FromLittleEndian(payload.substr(0, 4)); }

absl::Status FrameReader::Fail(absl::string_view what) {
  broken_ = Broken(what);
  return broken_;
}

absl::Status FrameReader::CheckOrder(FrameType type) {
  const bool opens = type == FrameType::kStart || type == FrameType::kReady;
  if (opens != first_) return Fail(absl::StrCat("a frame ", Name(type), first_ ? " as the first" : " a second time"));
  first_ = false;
  if (exited_) return Fail(absl::StrCat("a frame ", Name(type), " after the last"));
  const bool output = type == FrameType::kStdout || type == FrameType::kStderr;
  if (output && !started_) return Fail(absl::StrCat("a frame ", Name(type), " before started"));
  if (type == FrameType::kStarted && std::exchange(started_, true)) return Fail("a frame started a second time");
  if (type == FrameType::kInput && closed_) return Fail("a frame input after close-input");
  if (type == FrameType::kCloseInput && std::exchange(closed_, true)) return Fail("a frame close-input a second time");
  exited_ = type == FrameType::kExited;
  return absl::OkStatus();
}

absl::Status FrameReader::TakeHeader() {
  const absl::string_view header = header_;
  const auto type = static_cast<uint8_t>(header[4]);
  const TypeInfo* info = FindType(type);
  if (header.substr(5) != absl::string_view("\0\0\0", 3)) return Fail("a header whose last three bytes are not zero");
  if (info == nullptr) return Fail(absl::StrCat("a frame of the unknown type ", int{type}));
  if (info->direction != direction_) return Fail(absl::StrCat("a frame ", info->name, " in the wrong direction"));
  length_ = FromLittleEndian(header.substr(0, 4));
  if (const absl::Status size = CheckSize(*info, length_); !size.ok()) return broken_ = size;
  return CheckOrder(info->type);
}

absl::StatusOr<std::optional<Frame>> FrameReader::Next(absl::string_view* bytes) {
  RETURN_IF_ERROR(broken_);
  if (!in_payload_) {
    if (!Fill(bytes, kHeaderBytes, &header_)) return std::optional<Frame>();
    RETURN_IF_ERROR(TakeHeader());
    in_payload_ = true;
  }
  if (!Fill(bytes, length_, &payload_)) return std::optional<Frame>();
  Frame frame{static_cast<FrameType>(header_[4]), std::exchange(payload_, std::string())};
  header_.clear();
  in_payload_ = false;
  return std::optional<Frame>(std::move(frame));
}

bool FrameReader::MayEnd() const {
  const bool between = header_.empty() && broken_.ok();
  return between && (direction_ == Direction::kHostToRelay || exited_);
}

absl::Status InputWindow::Send(size_t bytes) {
  if (bytes > room()) {
    return Broken(absl::StrCat(bytes, " bytes of input, where ", room(), " may be sent without credit"));
  }
  under_way_ += static_cast<uint32_t>(bytes);
  return absl::OkStatus();
}

absl::Status InputWindow::Credit(uint32_t bytes) {
  if (bytes > under_way_) return Broken(absl::StrCat("credit for ", bytes, " bytes, where ", under_way_, " were sent"));
  under_way_ -= bytes;
  return absl::OkStatus();
}

}  // namespace paddock::wsl2
