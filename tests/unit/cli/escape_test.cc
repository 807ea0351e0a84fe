#include "cli/escape.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/messages.h"
#include "core/base/reason.h"

namespace paddock::cli {
namespace {

struct Case {
  absl::string_view name;
  std::string text;
  std::string escaped;
};

const Case kCases[] = {
    {"plain", "src/main.cc --flag=1", "src/main.cc --flag=1"},
    {"backslash stays", R"(C:\Users\me)", R"(C:\Users\me)"},
    {"umlaut", "gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
    {"four bytes", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
    {"newline", "a\npaddock: all is well", R"(a\npaddock: all is well)"},
    {"tab and return", "a\tb\r", R"(a\tb\r)"},
    {"nul", std::string("a\0b", 3), R"(a\x00b)"},
    {"clear screen", "\x1b[2J", R"(\x1B[2J)"},
    {"osc 52 writes the clipboard", "\x1b]52;c;ZXZpbA==\x07", R"(\x1B]52;c;ZXZpbA==\x07)"},
    {"del", "\x7f", R"(\x7F)"},
    {"c1 as utf-8",
     "\xC2\x9B"
     "31m",
     R"(\u{009B}31m)"},
    {"c1 as a byte",
     "\x9B"
     "31m",
     R"(\x9B31m)"},
    {"right-to-left override", "exe.\xE2\x80\xAEgpj", R"(exe.\u{202E}gpj)"},
    {"isolate", "\xE2\x81\xA6x", R"(\u{2066}x)"},
    {"zero width",
     "a\xE2\x80\x8B"
     "b",
     R"(a\u{200B}b)"},
    {"line separator",
     "a\xE2\x80\xA8"
     "b",
     R"(a\u{2028}b)"},
    {"byte order mark", "\xEF\xBB\xBF", R"(\u{FEFF})"},
    {"tag", "\xF3\xA0\x81\x81", R"(\u{E0041})"},
    {"lone continuation", "\x80", R"(\x80)"},
    {"overlong slash", "\xC0\xAF", R"(\xC0\xAF)"},
    {"overlong three", "\xE0\x80\xAF", R"(\xE0\x80\xAF)"},
    {"surrogate", "\xED\xA0\x80", R"(\xED\xA0\x80)"},
    {"beyond unicode", "\xF4\x90\x80\x80", R"(\xF4\x90\x80\x80)"},
    {"cut short", "ab\xE2\x82", R"(ab\xE2\x82)"},
    {"cut by ascii",
     "\xE2\x82"
     "a",
     R"(\xE2\x82a)"},
    {"0xff", "\xFF\xFE", R"(\xFF\xFE)"},
    {"empty", "", ""},
};

TEST(Escape, Table) {
  for (const Case& c : kCases) EXPECT_EQ(Escape(c.text), c.escaped) << c.name;
}

TEST(Escape, NothingThatSteersATerminalIsLeft) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
      for (const char c : Escape(absl::string_view(bytes, 2))) {
        const auto byte = static_cast<unsigned char>(c);
        ASSERT_FALSE(byte < 0x20 || byte == 0x7F) << first << " " << second;
      }
    }
  }
}

TEST(Escape, WidthCountsCodePoints) {
  EXPECT_EQ(DisplayWidth("gr\xC3\xBC\xC3\x9F"), 4u);
  EXPECT_EQ(DisplayWidth(""), 0u);
}

TEST(Messages, OneLineEachWithPrefixAndEscaped) {
  StringOutput err;
  Messages messages(err);
  messages.Error("no such file: a\nb\x1b[31m");
  messages.Notice("told");
  messages.SilenceNotices();
  messages.Notice("not told");
  messages.Error("still told");
  EXPECT_EQ(err.text(), "paddock: no such file: a\\nb\\x1B[31m\npaddock: told\npaddock: still told\n");
}

TEST(Messages, AMegabyteIsCut) {
  StringOutput err;
  Messages(err).Error(std::string(1 << 20, 'x'));
  EXPECT_LT(err.text().size(), 5000u);
  EXPECT_NE(err.text().find("... (1044480 more bytes)\n"), std::string::npos);
}

TEST(Messages, RefusalHasCodeAndRemedy) {
  StringOutput err;
  Messages messages(err);
  messages.Failure(ReasonError(absl::StatusCode::kFailedPrecondition, Reason{"some_code", "it is so", "do this"}));
  messages.Failure(absl::InternalError("plain"));
  messages.Refusal({"no_rule", "nothing fits", ""});
  const std::string remedy(FindReasonCode("no_rule")->remedy);
  EXPECT_EQ(err.text(),
            "paddock: refused: it is so (some_code)\npaddock: remedy: do this\npaddock: plain\n"
            "paddock: refused: nothing fits (no_rule)\npaddock: remedy: " +
                remedy + "\n");
}

}  // namespace
}  // namespace paddock::cli
