#include "core/base/units.h"

#include <array>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

struct Unit {
  absl::string_view name;
  uint64_t factor;
};

constexpr std::array<Unit, 5> kDurationUnits = {{
    // largest first, in milliseconds
    {"d", 24ull * 60 * 60 * 1000},
    {"h", 60ull * 60 * 1000},
    {"m", 60ull * 1000},
    {"s", 1000},
    {"ms", 1},
}};

constexpr std::array<Unit, 9> kSizeUnits = {{
    {"TiB", 1ull << 40},
    {"GiB", 1ull << 30},
    {"MiB", 1ull << 20},
    {"KiB", 1ull << 10},
    {"TB", 1000ull * 1000 * 1000 * 1000},
    {"GB", 1000ull * 1000 * 1000},
    {"MB", 1000ull * 1000},
    {"KB", 1000ull},
    {"B", 1},
}};

constexpr size_t kMaxQuoted = 40;

// `text` for a message: short, and without bytes that would act on a terminal.
std::string Quoted(absl::string_view text) {
  std::string quoted;
  for (const char byte : text.substr(0, kMaxQuoted))
    quoted += absl::ascii_isprint(static_cast<unsigned char>(byte)) ? byte : '?';
  return absl::StrCat("\"", quoted, text.size() > kMaxQuoted ? "...\"" : "\"");
}

absl::Status Bad(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " ", why));
}

// Takes the digits at the front of `*text`. Nullopt if the number exceeds kMaxSize; requires a digit.
std::optional<uint64_t> TakeDigits(absl::string_view* text) {
  uint64_t value = 0;
  bool fits = true;
  while (!text->empty() && absl::ascii_isdigit(static_cast<unsigned char>(text->front()))) {
    const auto digit = static_cast<uint64_t>(text->front() - '0');
    fits = fits && value <= (kMaxSize - digit) / 10;
    if (fits) value = value * 10 + digit;
    text->remove_prefix(1);
  }
  return fits ? std::optional<uint64_t>(value) : std::nullopt;
}

absl::string_view TakeLetters(absl::string_view* text) {
  size_t length = 0;
  while (length < text->size() && absl::ascii_isalpha(static_cast<unsigned char>((*text)[length]))) ++length;
  const absl::string_view letters = text->substr(0, length);
  text->remove_prefix(length);
  return letters;
}

bool StartsWithDigit(absl::string_view text) {
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.front()));
}

// What is the same for every quantity: a sign, a fraction, blanks.
absl::Status CheckWhole(absl::string_view text, absl::string_view example) {
  if (text.empty()) return Bad(text, absl::StrCat("is empty; write for instance ", example));
  if (text.front() == '-') return Bad(text, "is negative");
  if (text.find_first_of(".,") != absl::string_view::npos) {
    return Bad(text, absl::StrCat("has a fraction; write whole numbers, for instance ", example));
  }
  if (!StartsWithDigit(text))
    return Bad(text, absl::StrCat("does not begin with a number; write for instance ", example));
  return absl::OkStatus();
}

template <size_t kCount>
const Unit* FindUnit(const std::array<Unit, kCount>& units, absl::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::chrono::milliseconds> ParseDuration(absl::string_view text) {
  RETURN_IF_ERROR(CheckWhole(text, "10m or 1h30m"));
  const auto max = static_cast<uint64_t>(kMaxDuration.count());
  uint64_t total = 0;
  const Unit* last = nullptr;
  for (absl::string_view rest = text; !rest.empty();) {
    if (!StartsWithDigit(rest)) return Bad(text, "is no duration; write for instance 10m or 1h30m");
    const std::optional<uint64_t> number = TakeDigits(&rest);
    const absl::string_view name = TakeLetters(&rest);
    if (name.empty() && rest.empty()) return Bad(text, "has no unit; write d, h, m, s or ms, for instance 10m");
    const Unit* unit = FindUnit(kDurationUnits, name);
    if (unit == nullptr)
      return Bad(text, absl::StrCat("has an unknown unit ", Quoted(name), "; d, h, m, s and ms are known"));
    if (last != nullptr && unit <= last) return Bad(text, "repeats a unit or has a larger one after a smaller one");
    last = unit;
    if (!number || *number > max / unit->factor || total + *number * unit->factor > max) {
      return Bad(text, "is longer than 100 years");
    }
    total += *number * unit->factor;
  }
  return std::chrono::milliseconds(static_cast<int64_t>(total));
}

absl::StatusOr<uint64_t> ParseSize(absl::string_view text) {
  RETURN_IF_ERROR(CheckWhole(text, "64MiB or 1536MiB"));
  absl::string_view rest = text;
  const std::optional<uint64_t> number = TakeDigits(&rest);
  uint64_t factor = 1;
  if (!rest.empty()) {
    const Unit* unit = FindUnit(kSizeUnits, rest);
    if (unit == nullptr && rest.size() == 1 && rest.find_first_of("kKmMgGtT") == 0) {
      const std::string letter = absl::AsciiStrToUpper(rest);
      return Bad(text, absl::StrCat("is ambiguous; write ", letter, "iB (powers of 1024) or ", letter, "B (of 1000)"));
    }
    if (unit == nullptr) {
      return Bad(text, absl::StrCat("has an unknown unit ", Quoted(rest),
                                    "; B, KB, MB, GB, TB, KiB, MiB, GiB and TiB are known, in this spelling"));
    }
    factor = unit->factor;
  }
  if (!number || *number > kMaxSize / factor) return Bad(text, "is larger than 9223372036854775807 bytes");
  return *number * factor;
}

absl::StatusOr<uint64_t> ParseCount(absl::string_view text) {
  RETURN_IF_ERROR(CheckWhole(text, "512"));
  absl::string_view rest = text;
  const std::optional<uint64_t> number = TakeDigits(&rest);
  if (!rest.empty()) return Bad(text, "is no whole number; write digits alone, for instance 512");
  if (!number) return Bad(text, "is larger than 9223372036854775807");
  return *number;
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  auto rest = static_cast<uint64_t>(duration.count() < 0 ? 0 : duration.count());
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kDurationUnits) {
    if (rest / unit.factor == 0) continue;
    absl::StrAppend(&text, rest / unit.factor, unit.name);
    rest %= unit.factor;
  }
  return text;
}

std::string FormatSize(uint64_t bytes) {
  for (size_t i = 0; i < 4; ++i) {
    if (bytes != 0 && bytes % kSizeUnits[i].factor == 0) {
      return absl::StrCat(bytes / kSizeUnits[i].factor, kSizeUnits[i].name);
    }
  }
  return absl::StrCat(bytes);
}

}  // namespace paddock
