#include "core/base/utf16.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

constexpr uint32_t kBad = 0xFFFFFFFF;

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Length of a sequence by its first byte, and the least code point that needs that length. Unicode, table 3-7, but for
// surrogates.
struct Form {
  size_t length;
  uint32_t least;
  uint32_t payload;  // bits of the first byte that belong to the code point
};

Form FormOf(uint8_t first) {
  if (first < 0x80) return {1, 0, 0x7F};
  if (first >= 0xC2 && first <= 0xDF) return {2, 0x80, 0x1F};
  if (first >= 0xE0 && first <= 0xEF) return {3, 0x800, 0x0F};
  if (first >= 0xF0 && first <= 0xF4) return {4, 0x10000, 0x07};
  return {0, 0, 0};
}

// The code point at `*at`, which moves behind it; kBad if there is none.
uint32_t Take(absl::string_view text, size_t* at) {
  const Form form = FormOf(static_cast<uint8_t>(text[*at]));
  if (form.length == 0 || text.size() - *at < form.length) return kBad;
  uint32_t point = static_cast<uint8_t>(text[*at]) & form.payload;
  for (size_t i = 1; i < form.length; ++i) {
    const uint32_t byte = static_cast<uint8_t>(text[*at + i]);
    if ((byte & 0xC0) != 0x80) return kBad;
    point = (point << 6) | (byte & 0x3F);
  }
  if (point < form.least || point > 0x10FFFF) return kBad;
  *at += form.length;
  return point;
}

void AppendUtf8(uint32_t point, std::string* text) {
  const auto byte = [text](uint32_t value) { text->push_back(static_cast<char>(value)); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      byte(0xE0 | (point >> 12));
    } else {
      byte(0xF0 | (point >> 18));
      byte(0x80 | ((point >> 12) & 0x3F));
    }
    byte(0x80 | ((point >> 6) & 0x3F));
  }
  byte(0x80 | (point & 0x3F));
}

}  // namespace

absl::StatusOr<std::u16string> Utf8ToUtf16(absl::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const uint32_t point = Take(text, &at);
    if (point == kBad) return absl::InvalidArgumentError(absl::StrCat("is not UTF-8 at byte ", begin));
    // Well-formed text never ends a code point of four bytes in a lone high surrogate, so the one before was lone too.
    if (IsLowSurrogate(point) && !units.empty() && IsHighSurrogate(units.back())) {
      return absl::InvalidArgumentError(absl::StrCat("has a surrogate pair in six bytes, which ends at byte ", at));
    }
    if (point < 0x10000) {
      units.push_back(static_cast<char16_t>(point));
    } else {
      units.push_back(static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF)));
    }
  }
  return units;
}

std::string Utf16ToUtf8(std::u16string_view units) {
  std::string text;
  text.reserve(units.size());
  for (size_t at = 0; at < units.size(); ++at) {
    uint32_t point = units[at];
    if (IsHighSurrogate(point) && at + 1 < units.size() && IsLowSurrogate(units[at + 1])) {
      point = 0x10000 + ((point - 0xD800) << 10) + (units[at + 1] - 0xDC00u);
      ++at;
    }
    AppendUtf8(point, &text);
  }
  return text;
}

size_t Utf16Length(absl::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    // Four bytes are two units, and continuation bytes none of their own.
    if ((byte & 0xC0) != 0x80) length += byte >= 0xF0 ? 2 : 1;
  }
  return length;
}

}  // namespace paddock
