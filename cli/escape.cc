#include "cli/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace paddock::cli {
namespace {

struct CodePointRange {
  uint32_t first, last;
};

// Invisible, or able to reorder what surrounds them.
constexpr std::array kHidden = {
    CodePointRange{0x0080, 0x009F},     // C1 controls: 0x9B is CSI on 8-bit terminals
    CodePointRange{0x00AD, 0x00AD},     // soft hyphen
    CodePointRange{0x061C, 0x061C},     // Arabic letter mark
    CodePointRange{0x180E, 0x180E},     // Mongolian vowel separator
    CodePointRange{0x200B, 0x200F},     // zero-width characters, direction marks
    CodePointRange{0x2028, 0x202E},     // line and paragraph separator, embeddings and overrides
    CodePointRange{0x2060, 0x206F},     // word joiner, isolates, deprecated format characters
    CodePointRange{0xFDD0, 0xFDEF},     // noncharacters
    CodePointRange{0xFEFF, 0xFEFF},     // byte order mark
    CodePointRange{0xFFF0, 0xFFFB},     // unassigned, interlinear annotation
    CodePointRange{0xFFFE, 0xFFFF},     // noncharacters
    CodePointRange{0xE0000, 0x10FFFF},  // tags, variation selectors, private planes
};

bool Hidden(uint32_t code_point) {
  return std::any_of(kHidden.begin(), kHidden.end(), [code_point](const CodePointRange& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

bool Continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

struct Decoded {
  uint32_t code_point = 0;
  size_t length = 0;  // 0: no well-formed sequence starts here
};

// Well-formed UTF-8 as in table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded Decode(absl::string_view text) {
  const auto at = [text](size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  uint32_t code_point = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (!Continues(at(i))) return {};
    code_point = code_point << 6 | (at(i) & 0x3Fu);
  }
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < kSmallest[length] || surrogate || code_point > 0x10FFFF) return {};
  return {code_point, length};
}

void AppendByte(unsigned char byte, std::string* out) {
  switch (byte) {
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      absl::StrAppendFormat(out, "\\x%02X", byte);
  }
}

}  // namespace

std::string Escape(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = Decode(text);
    const size_t length = std::max<size_t>(decoded.length, 1);
    if (decoded.length == 0 || decoded.code_point < 0x20 || decoded.code_point == 0x7F) {
      AppendByte(static_cast<unsigned char>(text[0]), &out);
    } else if (Hidden(decoded.code_point)) {
      absl::StrAppendFormat(&out, "\\u{%04X}", decoded.code_point);
    } else {
      out.append(text.data(), length);
    }
    text.remove_prefix(length);
  }
  return out;
}

size_t DisplayWidth(absl::string_view escaped) {
  return static_cast<size_t>(
      std::count_if(escaped.begin(), escaped.end(), [](char c) { return !Continues(static_cast<unsigned char>(c)); }));
}

}  // namespace paddock::cli
