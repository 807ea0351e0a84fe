#include "backends/wsl2/preamble.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock::wsl2 {
namespace {

using testing::HasSubstr;

constexpr char kNonce[] = "0123456789abcdef0123456789abcdef";

std::string CodeOf(const absl::Status& status) { return ReasonOf(status).value_or(Reason{}).code; }

absl::Status FeedAll(PreambleReader* reader, absl::string_view bytes) {
  for (const auto word = reader->Next(&bytes); !word.ok();) return word.status();
  return absl::OkStatus();
}

std::string Utf16(absl::string_view ascii) {
  std::string bytes;
  for (const char c : ascii) absl::StrAppend(&bytes, std::string(1, c), std::string(1, '\0'));
  return bytes;
}

TEST(PreambleTest, NonceIs32HexDigits) {
  EXPECT_TRUE(IsNonce(kNonce));
  EXPECT_FALSE(IsNonce("0123456789ABCDEF0123456789abcdef"));
  EXPECT_FALSE(IsNonce("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(IsNonce(""));
}

TEST(PreambleTest, IsFoundBehindTheMessagesOfOthersWhereverItIsCut) {
  const std::string noises[] = {"",
                                "wsl: a proxy was found\r\n",
                                "no line end",
                                "\n",
                                "\n\n\nPADDOCK",
                                "\nPADDOCK-RELAY",
                                Utf16("wsl: localhost\r\n"),
                                std::string(kMaxBeforePreamble - 100, 'x')};
  for (const std::string& noise : noises) {
    const std::string stream = absl::StrCat(noise, EncodePreamble(kNonce), "frames");
    for (size_t cut = stream.size() > 1000 ? stream.size() - 60 : 0; cut <= stream.size(); ++cut) {
      PreambleReader reader(kNonce);
      absl::string_view first = absl::string_view(stream).substr(0, cut);
      auto word = reader.Next(&first);
      ASSERT_TRUE(word.ok()) << word.status();
      std::string rest(first);
      absl::string_view second = absl::string_view(stream).substr(cut);
      if (!word->has_value()) {
        ASSERT_EQ(rest, "");
        word = reader.Next(&second);
        ASSERT_TRUE(word.ok()) << word.status();
      }
      ASSERT_EQ(*word, "") << noise << cut;
      ASSERT_EQ(absl::StrCat(rest, second), "frames");
    }
  }
}

TEST(PreambleTest, CarriesAWordOfWhoeverStartsTheRelay) {
  PreambleReader reader(kNonce);
  const std::string stream = EncodePreamble(kNonce, "absent");
  absl::string_view bytes = stream;
  const auto word = reader.Next(&bytes);
  ASSERT_TRUE(word.ok()) << word.status();
  EXPECT_EQ(*word, "absent");
}

TEST(PreambleTest, RefusesOtherVersionsNoncesAndFloods) {
  const struct {
    std::string stream, code;
  } kCases[] = {
      {absl::StrCat("\nPADDOCK-RELAY/2 ", kNonce, "\n"), "relay_version_mismatch"},
      {absl::StrCat("\nPADDOCK-RELAY/11 ", kNonce, "\n"), "relay_version_mismatch"},
      {absl::StrCat("\nPADDOCK-RELAY/\n"), "relay_version_mismatch"},
      {absl::StrCat("\nPADDOCK-RELAY/1\n"), "relay_nonce_mismatch"},
      {absl::StrCat("\nPADDOCK-RELAY/1 ", kNonce, "0\n"), "relay_nonce_mismatch"},
      {"\nPADDOCK-RELAY/1 ffffffffffffffffffffffffffffffff\n", "relay_nonce_mismatch"},
      {absl::StrCat("\nPADDOCK-RELAY/1 ", kNonce, " Absent\n"), "relay_protocol"},
      {absl::StrCat("\nPADDOCK-RELAY/1 ", kNonce, " ", std::string(33, 'a'), "\n"), "relay_protocol"},
      {absl::StrCat("\nPADDOCK-RELAY/1 ", kNonce, "\r\n"), "relay_nonce_mismatch"},
      {std::string(kMaxBeforePreamble + 1, '\n'), "relay_protocol"},
  };
  for (const auto& test : kCases) {
    PreambleReader reader(kNonce);
    EXPECT_EQ(CodeOf(FeedAll(&reader, test.stream)), test.code) << test.stream;
    EXPECT_EQ(CodeOf(FeedAll(&reader, EncodePreamble(kNonce))), test.code) << "it took heart again";
  }
  // A line that only begins like it, or that does not stand alone, is a message like any other.
  for (const std::string& noise : {std::string("\nPADDOCK-RELAX/1 x\n"), absl::StrCat("x", "PADDOCK-RELAY/2 x\n"),
                                   absl::StrCat("\nPADDOCK-RELAY/", std::string(200, 'x'), "\n")}) {
    PreambleReader reader(kNonce);
    EXPECT_TRUE(FeedAll(&reader, noise).ok()) << noise;
  }
}

TEST(PreambleTest, TellsWhatCameBefore) {
  PreambleReader utf8(kNonce);
  ASSERT_TRUE(FeedAll(&utf8, "wsl: \x1b[31mno such\r\n\tdistribution\r\n").ok());
  EXPECT_EQ(utf8.Before(), "wsl: [31mno such distribution");
  PreambleReader utf16(kNonce);
  ASSERT_TRUE(FeedAll(&utf16, Utf16("There is no distribution.\r\n")).ok());
  EXPECT_EQ(utf16.Before(), "There is no distribution.");
  PreambleReader nothing(kNonce);
  EXPECT_EQ(nothing.Before(), "");
  PreambleReader flood(kNonce);
  ASSERT_TRUE(FeedAll(&flood, absl::StrCat(std::string(50000, 'a'), "the end")).ok());
  EXPECT_EQ(flood.Before().size(), kKeptBeforePreamble);
  EXPECT_THAT(flood.Before(), HasSubstr("aathe end"));
}

}  // namespace
}  // namespace paddock::wsl2
