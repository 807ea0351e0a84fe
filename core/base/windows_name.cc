#include "core/base/windows_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/utf16.h"

namespace paddock {
namespace {

constexpr absl::string_view kPlainDevices[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
constexpr absl::string_view kNumberedDevices[] = {"COM", "LPT"};
// Superscript one, two and three are digits of the Windows code page 1252, and count like digits.
constexpr absl::string_view kSuperscripts[] = {"\xC2\xB9", "\xC2\xB2", "\xC2\xB3"};

bool IsDevice(absl::string_view name) {
  const auto equals = [name](absl::string_view device) { return absl::EqualsIgnoreCase(name, device); };
  if (std::any_of(std::begin(kPlainDevices), std::end(kPlainDevices), equals)) return true;
  for (const absl::string_view device : kNumberedDevices) {
    if (!absl::StartsWithIgnoreCase(name, device)) continue;
    const absl::string_view number = name.substr(device.size());
    if (number.size() == 1 && number[0] >= '1' && number[0] <= '9') return true;
    if (std::find(std::begin(kSuperscripts), std::end(kSuperscripts), number) != std::end(kSuperscripts)) return true;
  }
  return false;
}

absl::string_view WithoutTrailing(absl::string_view name, absl::string_view characters) {
  const size_t last = name.find_last_not_of(characters);
  return last == absl::string_view::npos ? absl::string_view() : name.substr(0, last + 1);
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

bool IsAsciiLetter(char16_t unit) {
  return unit < 0x80 && absl::ascii_isalpha(static_cast<unsigned char>(static_cast<char>(unit)));
}

// True if the two differ in nothing but units that some table of upper-case letters could make equal. Such tables map
// single units, so the lengths agree.
bool DifferInCaseAlone(absl::string_view a, absl::string_view b) {
  const auto x = Utf8ToUtf16(a), y = Utf8ToUtf16(b);
  if (!x.ok() || !y.ok() || x->size() != y->size()) return false;
  for (size_t i = 0; i < x->size(); ++i) {
    const char16_t p = (*x)[i], q = (*y)[i];
    if (p == q) continue;
    const bool ascii = p < 0x80 && q < 0x80;
    if (ascii) {
      if (!IsAsciiLetter(p) || (p ^ q) != 0x20) return false;
    } else if ((p < 0x80 && !IsAsciiLetter(p)) || (q < 0x80 && !IsAsciiLetter(q))) {
      return false;
    }
  }
  return true;
}

}  // namespace

WindowsDevice DeviceOfName(absl::string_view name) {
  const absl::string_view whole = WithoutTrailing(name, ". ");
  if (absl::EqualsIgnoreCase(whole, "NUL")) return WindowsDevice::kAlways;
  const absl::string_view base = WithoutTrailing(name.substr(0, name.find_first_of(".:")), " ");
  return IsDevice(base) ? WindowsDevice::kBeforeWindows11 : WindowsDevice::kNo;
}

bool MayBeShortName(absl::string_view name) {
  const size_t dot = name.find('.');
  const absl::string_view base = name.substr(0, dot);
  const absl::string_view extension = dot == absl::string_view::npos ? "" : name.substr(dot + 1);
  if (Utf16Length(base) > 8 || Utf16Length(extension) > 3 || absl::StrContains(name, " ")) return false;
  if (dot != absl::string_view::npos && (extension.empty() || absl::StrContains(extension, "."))) return false;
  const size_t tilde = base.rfind('~');
  return tilde != absl::string_view::npos && tilde > 0 && IsDigits(base.substr(tilde + 1));
}

absl::Status CheckWindowsName(absl::string_view name, bool wildcards) {
  if (name.empty()) return absl::InvalidArgumentError("has an empty name between two separators");
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 32)
      return absl::InvalidArgumentError(
          absl::StrCat("holds the control character ", static_cast<int>(c), ", which no name on Windows may hold"));
    if (wildcards && (c == '*' || c == '?')) continue;
    if (absl::StrContains("<>:\"|?*/\\", absl::string_view(&c, 1)))
      return absl::InvalidArgumentError(
          absl::StrCat("holds ", absl::string_view(&c, 1), " in a name, which no name on Windows may hold"));
  }
  const size_t length = Utf16Length(name);
  if (length > kMaxWindowsName)
    return absl::InvalidArgumentError(
        absl::StrCat("has a name of ", length, " characters; file systems of Windows hold ", kMaxWindowsName));
  return absl::OkStatus();
}

NameMatch MatchWindowsNames(absl::string_view a, absl::string_view b, bool case_sensitive) {
  if (a == b) return NameMatch::kSame;
  if (absl::EqualsIgnoreCase(a, b)) return case_sensitive ? NameMatch::kCase : NameMatch::kSame;
  if (MayBeShortName(a) || MayBeShortName(b)) return NameMatch::kShort;
  if (DifferInCaseAlone(a, b)) return NameMatch::kCase;
  const absl::string_view x = WithoutTrailing(a, ". "), y = WithoutTrailing(b, ". ");
  if ((x.size() != a.size() || y.size() != b.size()) &&
      MatchWindowsNames(x, y, case_sensitive) != NameMatch::kDifferent)
    return NameMatch::kTrailing;
  return NameMatch::kDifferent;
}

}  // namespace paddock
