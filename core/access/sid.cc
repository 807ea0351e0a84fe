#include "core/access/sid.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace paddock::access {
namespace {

constexpr uint64_t kMaxWrittenAuthority = (uint64_t{1} << 48) - 1;

absl::Status BadText(size_t offset, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("SID, offset ", offset, ": ", what, "; a SID is written like S-1-5-32-544"));
}

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(digit));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Takes a number at `*at`, in decimal, or with "0x" in hexadecimal where `hex` allows it. Nullopt if there is none or
// it exceeds `max`.
std::optional<uint64_t> TakeNumber(absl::string_view text, size_t* at, uint64_t max, bool hex) {
  uint64_t base = 10;
  if (hex && *at + 1 < text.size() && text[*at] == '0' && (text[*at + 1] == 'x' || text[*at + 1] == 'X')) {
    base = 16;
    *at += 2;
  }
  const size_t begin = *at;
  uint64_t value = 0;
  for (; *at < text.size(); ++*at) {
    const int digit = HexDigit(text[*at]);
    if (digit < 0 || static_cast<uint64_t>(digit) >= base) break;
    if (value > (max - static_cast<uint64_t>(digit)) / base) return std::nullopt;
    value = value * base + static_cast<uint64_t>(digit);
  }
  return *at == begin ? std::nullopt : std::optional<uint64_t>(value);
}

}  // namespace

absl::StatusOr<Sid> Sid::Parse(absl::string_view text) {
  if (text.size() < 4 || (text[0] != 'S' && text[0] != 's') || text.substr(1, 3) != "-1-") {
    return BadText(0, "it does not begin with S-1-");
  }
  size_t at = 4;
  const std::optional<uint64_t> authority = TakeNumber(text, &at, kMaxWrittenAuthority, true);
  if (!authority) return BadText(at, "no authority, or one of more than 48 bits");
  Sid sid(*authority, {});
  while (at < text.size()) {
    if (text[at] != '-') return BadText(at, "a '-' belongs here");
    ++at;
    const std::optional<uint64_t> value = TakeNumber(text, &at, UINT32_MAX, false);
    if (!value) return BadText(at, "no subauthority, or one of more than 32 bits");
    if (sid.count_ == kMaxSubauthorities) return BadText(at, "more than 15 subauthorities");
    sid = sid.With(static_cast<uint32_t>(*value));
  }
  if (sid.count_ == 0) return BadText(at, "no subauthority");
  return sid;
}

absl::StatusOr<Sid> Sid::FromBytes(absl::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.size() < 8) return absl::InvalidArgumentError("SID: fewer than the 8 bytes of its head");
  if (byte(0) != 1) return absl::InvalidArgumentError(absl::StrCat("SID: revision ", byte(0), " where 1 is known"));
  const size_t count = byte(1);
  if (count == 0 || count > kMaxSubauthorities) {
    return absl::InvalidArgumentError(absl::StrCat("SID: ", count, " subauthorities where 1 to 15 may stand"));
  }
  if (bytes.size() < 8 + 4 * count) {
    return absl::InvalidArgumentError(
        absl::StrCat("SID: ", count, " subauthorities do not fit in ", bytes.size(), " bytes"));
  }
  uint64_t authority = 0;
  for (size_t i = 2; i < 8; ++i) authority = authority << 8 | byte(i);  // the one field that is big-endian
  Sid sid(authority, {});
  for (size_t i = 0; i < count; ++i) {
    const size_t at = 8 + 4 * i;
    sid = sid.With(static_cast<uint32_t>(byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24));
  }
  return sid;
}

std::string Sid::ToString() const {
  std::string text =
      authority_ > UINT32_MAX ? absl::StrFormat("S-1-0x%012X", authority_) : absl::StrCat("S-1-", authority_);
  for (size_t i = 0; i < count_; ++i) absl::StrAppend(&text, "-", subauthorities_[i]);
  return text;
}

void Sid::AppendBytes(std::string* bytes) const {
  bytes->push_back(1);
  bytes->push_back(static_cast<char>(count_));
  for (int shift = 40; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(authority_ >> shift & 0xff));
  for (size_t i = 0; i < count_; ++i) {
    for (int shift = 0; shift < 32; shift += 8) bytes->push_back(static_cast<char>(subauthorities_[i] >> shift & 0xff));
  }
}

}  // namespace paddock::access
