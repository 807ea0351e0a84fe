#include "backends/wsl2/preamble.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"

namespace paddock::wsl2 {
namespace {

constexpr absl::string_view kMark = "PADDOCK-RELAY/";
constexpr size_t kLongestLine = 128;
constexpr size_t kLongestWord = 32;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

absl::Status Fail(absl::string_view code, absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, code, what);
}

bool MayBecomePreamble(absl::string_view line) {
  return line.size() <= kLongestLine && absl::StartsWith(line, kMark.substr(0, line.size()));
}

// wsl.exe writes UTF-16LE where it was not told otherwise: half of ASCII text is then zero bytes.
std::string Decode(absl::string_view bytes) {
  const auto zeros = static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  if (zeros * 4 < bytes.size()) return std::string(bytes);
  // Cut anywhere: ASCII's zero bytes tell which half of a unit comes first.
  if (bytes[0] == '\0') bytes.remove_prefix(1);
  std::u16string units;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    units += static_cast<char16_t>(static_cast<uint8_t>(bytes[i]) | static_cast<uint8_t>(bytes[i + 1]) << 8);
  }
  return Utf16ToUtf8(units);
}

// One line: a control character, that of a terminal above all, has no place in a message.
std::string OneLine(absl::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool control = static_cast<uint8_t>(c) < ' ' || c == '\x7f';
    if (control && (line.empty() || line.back() == ' ')) continue;
    line += control ? ' ' : c;
  }
  return std::string(absl::StripSuffix(line, " "));
}

}  // namespace

bool IsNonce(absl::string_view text) {
  return text.size() == kNonceDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); });
}

std::string EncodePreamble(absl::string_view nonce, absl::string_view word) {
  return absl::StrCat("\n", kMark, kProtocolVersion, " ", nonce, word.empty() ? "" : " ", word, "\n");
}

absl::StatusOr<std::optional<std::string>> PreambleReader::TakeLine() {
  absl::string_view rest = line_;
  rest.remove_prefix(kMark.size());
  const absl::string_view version = rest.substr(0, rest.find(' '));
  if (version != absl::StrCat(kProtocolVersion)) {
    return Fail("relay_version_mismatch",
                absl::StrCat("the relay speaks version ", OneLine(version),
                             " of the protocol, and this program version ", kProtocolVersion));
  }
  rest.remove_prefix(std::min(version.size() + 1, rest.size()));
  const absl::string_view nonce = rest.substr(0, rest.find(' '));
  if (nonce != nonce_) return Fail("relay_nonce_mismatch", "the relay's first line does not hold this run's nonce");
  rest.remove_prefix(std::min(nonce.size() + 1, rest.size()));
  if (rest.size() > kLongestWord || !std::all_of(rest.begin(), rest.end(), IsLower)) {
    return Fail("relay_protocol", "the relay's first line does not end behind the nonce");
  }
  return std::optional<std::string>(std::string(rest));
}

void PreambleReader::Keep(char byte) {
  kept_ += byte;
  if (kept_.size() > 2 * kKeptBeforePreamble) kept_.erase(0, kKeptBeforePreamble);
}

absl::StatusOr<std::optional<std::string>> PreambleReader::Next(absl::string_view* bytes) {
  RETURN_IF_ERROR(broken_);
  while (!bytes->empty()) {
    const char byte = bytes->front();
    bytes->remove_prefix(1);
    if (byte == '\n' && on_line_ && absl::StartsWith(line_, kMark)) {
      auto word = TakeLine();
      broken_ = word.status();
      return word;
    }
    Keep(byte);
    if (byte == '\n') {
      line_.clear();
      on_line_ = true;
    } else if (on_line_) {
      line_ += byte;
      on_line_ = MayBecomePreamble(line_);
    }
    if (++skipped_ > kMaxBeforePreamble) {
      return broken_ = Fail("relay_protocol", absl::StrCat("more than ", kMaxBeforePreamble,
                                                           " bytes came before the relay's first line"));
    }
  }
  return std::optional<std::string>();
}

std::string PreambleReader::Before() const {
  const absl::string_view kept = kept_;
  const absl::string_view last = kept.substr(kept.size() - std::min(kept.size(), kKeptBeforePreamble));
  return last.empty() ? "" : OneLine(Decode(last));
}

}  // namespace paddock::wsl2
