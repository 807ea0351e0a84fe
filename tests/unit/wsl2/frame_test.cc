#include "backends/wsl2/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock::wsl2 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Encoded(FrameType type, absl::string_view payload = "") {
  const auto bytes = EncodeFrame(type, payload);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

// Every frame of `bytes`, which comes in pieces of `size`; the error instead if there is one.
absl::StatusOr<std::vector<Frame>> ReadAll(FrameReader* reader, absl::string_view bytes, size_t size) {
  std::vector<Frame> frames;
  for (size_t at = 0; at < bytes.size(); at += size) {
    absl::string_view piece = bytes.substr(at, size);
    for (;;) {
      auto frame = reader->Next(&piece);
      if (!frame.ok()) return frame.status();
      if (!frame->has_value()) break;
      frames.push_back(**std::move(frame));
    }
    EXPECT_TRUE(piece.empty());
  }
  return frames;
}

std::string ErrorOf(Direction direction, absl::string_view bytes) {
  FrameReader reader(direction);
  const auto frames = ReadAll(&reader, bytes, bytes.size());
  if (frames.ok()) return "";
  EXPECT_EQ(ReasonOf(frames.status()).value_or(Reason{}).code, "relay_protocol");
  // Broken once, broken for good.
  absl::string_view more = bytes;
  EXPECT_FALSE(reader.Next(&more).ok());
  EXPECT_FALSE(reader.MayEnd());
  return std::string(frames.status().message());
}

TEST(FrameTest, HeaderIsLengthTypeAndZeros) {
  EXPECT_EQ(Encoded(FrameType::kInput, "abc"), std::string("\x03\0\0\0\x02\0\0\0abc", 11));
  EXPECT_EQ(Encoded(FrameType::kCloseInput), std::string("\0\0\0\0\x03\0\0\0", 8));
  EXPECT_EQ(Encoded(FrameType::kResize, ResizePayload({300, 24})),
            std::string("\x04\0\0\0\x04\0\0\0\x2c\x01\x18\0", 12));
  EXPECT_EQ(Encoded(FrameType::kCredit, CreditPayload(0x01020304)), std::string("\x04\0\0\0\x88\0\0\0\4\3\2\1", 12));
}

TEST(FrameTest, SmallPayloadsComeBack) {
  const WindowCells size = ParseResize(ResizePayload({65535, 1}));
  EXPECT_EQ(size.columns, 65535);
  EXPECT_EQ(size.rows, 1);
  EXPECT_EQ(ParseSignal(SignalPayload(200)), 200);
  EXPECT_EQ(ParseCredit(CreditPayload(4000000000u)), 4000000000u);
}

TEST(FrameTest, WhatWasWrittenIsReadInPiecesOfAnySize) {
  const std::string bytes = Encoded(FrameType::kReady, "{}") + Encoded(FrameType::kStarted, "{}") +
                            Encoded(FrameType::kStdout, std::string(kMaxFrameBytes, 'x')) +
                            Encoded(FrameType::kStderr, "e") + Encoded(FrameType::kCredit, CreditPayload(7)) +
                            Encoded(FrameType::kExited, "{\"a\":1}");
  for (const size_t size : {size_t{1}, size_t{7}, size_t{8}, size_t{4096}, bytes.size()}) {
    FrameReader reader(Direction::kRelayToHost);
    const auto frames = ReadAll(&reader, bytes, size);
    ASSERT_TRUE(frames.ok()) << frames.status();
    EXPECT_THAT(*frames,
                ElementsAre(Frame{FrameType::kReady, "{}"}, Frame{FrameType::kStarted, "{}"},
                            Frame{FrameType::kStdout, std::string(kMaxFrameBytes, 'x')}, Frame{FrameType::kStderr, "e"},
                            Frame{FrameType::kCredit, CreditPayload(7)}, Frame{FrameType::kExited, "{\"a\":1}"}));
    EXPECT_TRUE(reader.MayEnd());
  }
}

TEST(FrameTest, EndsOnlyWhereItMay) {
  FrameReader relay(Direction::kRelayToHost);
  absl::string_view bytes;
  const std::string ready = Encoded(FrameType::kReady, "{}");
  bytes = ready;
  ASSERT_TRUE(relay.Next(&bytes).ok());
  EXPECT_FALSE(relay.MayEnd());  // without an exit

  FrameReader host(Direction::kHostToRelay);
  const std::string start = Encoded(FrameType::kStart, "{}");
  bytes = absl::string_view(start).substr(0, 5);
  ASSERT_TRUE(host.Next(&bytes).ok());
  EXPECT_FALSE(host.MayEnd());  // inside a header
  bytes = absl::string_view(start).substr(5);
  ASSERT_TRUE(host.Next(&bytes).ok());
  EXPECT_TRUE(host.MayEnd());
}

TEST(FrameTest, RefusesWhatIsNoFrame) {
  constexpr auto kHost = Direction::kHostToRelay, kRelay = Direction::kRelayToHost;
  const std::string start = Encoded(FrameType::kStart, "{}"), ready = Encoded(FrameType::kReady, "{}");
  const std::string started = Encoded(FrameType::kStarted, "{}"), exited = Encoded(FrameType::kExited, "{}");
  const struct {
    absl::string_view what;
    Direction direction;
    std::string bytes;
  } kCases[] = {
      {"unknown type 77", kHost, std::string("\0\0\0\0\x4d\0\0\0", 8)},
      {"unknown type 0", kHost, std::string("\0\0\0\0\0\0\0\0", 8)},
      {"not zero", kHost, std::string("\x02\0\0\0\x01\0\0\1{}", 10)},
      {"wrong direction", kHost, ready},
      {"wrong direction", kRelay, start},
      {"as the first", kHost, Encoded(FrameType::kCloseInput)},
      {"as the first", kRelay, exited},
      {"start a second time", kHost, start + start},
      {"ready a second time", kRelay, ready + ready},
      {"started a second time", kRelay, ready + started + started},
      {"stdout before started", kRelay, ready + Encoded(FrameType::kStdout, "x")},
      {"after the last", kRelay, ready + exited + exited},
      {"after the last", kRelay, ready + exited + Encoded(FrameType::kNotice, "{}")},
      {"input after close-input", kHost, start + Encoded(FrameType::kCloseInput) + Encoded(FrameType::kInput, "x")},
      {"close-input a second time", kHost, start + Encoded(FrameType::kCloseInput) + Encoded(FrameType::kCloseInput)},
      {"input of 0 bytes", kHost, start + std::string("\0\0\0\0\x02\0\0\0", 8)},
      {"input of 65537 bytes", kHost, start + std::string("\1\0\1\0\x02\0\0\0", 8)},
      {"start of 4194305 bytes", kHost, std::string("\1\0\x40\0\x01\0\0\0", 8)},
      {"start of 4294967295 bytes", kHost, std::string("\xff\xff\xff\xff\x01\0\0\0", 8)},
      {"resize of 5 bytes", kHost, start + std::string("\5\0\0\0\4\0\0\0", 8)},
      {"signal of 0 bytes", kHost, start + std::string("\0\0\0\0\5\0\0\0", 8)},
  };
  for (const auto& test : kCases) EXPECT_THAT(ErrorOf(test.direction, test.bytes), HasSubstr(test.what));
  EXPECT_EQ(ErrorOf(kHost, start + Encoded(FrameType::kInput, "x") + Encoded(FrameType::kCloseInput)), "");
  EXPECT_EQ(ErrorOf(kRelay, ready + started + Encoded(FrameType::kStdout, "x") + exited), "");
}

TEST(FrameTest, WritesNothingThatItWouldNotRead) {
  EXPECT_FALSE(EncodeFrame(FrameType::kStdout, "").ok());
  EXPECT_FALSE(EncodeFrame(FrameType::kStdout, std::string(kMaxFrameBytes + 1, 'x')).ok());
  EXPECT_FALSE(EncodeFrame(FrameType::kStart, std::string(kMaxFrameJson + 1, ' ')).ok());
  EXPECT_FALSE(EncodeFrame(FrameType::kSignal, "ab").ok());
  EXPECT_FALSE(EncodeFrame(static_cast<FrameType>(77), "").ok());
}

TEST(InputWindowTest, NeverMoreUnderWayThanTheWindow) {
  InputWindow window;
  EXPECT_EQ(window.room(), kInputWindow);
  EXPECT_TRUE(window.Send(kInputWindow).ok());
  EXPECT_EQ(window.room(), 0u);
  EXPECT_FALSE(window.Send(1).ok());
  EXPECT_TRUE(window.Credit(10).ok());
  EXPECT_EQ(window.room(), 10u);
  EXPECT_TRUE(window.Send(10).ok());
  EXPECT_FALSE(window.Credit(kInputWindow + 1).ok());
  EXPECT_TRUE(window.Credit(kInputWindow).ok());
  EXPECT_FALSE(window.Credit(1).ok());
}

}  // namespace
}  // namespace paddock::wsl2
