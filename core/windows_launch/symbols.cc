#include "core/windows_launch/symbols.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"

namespace paddock {

void Symbols::Set(absl::string_view symbol, absl::string_view value) {
  values_[std::string(symbol)] = std::string(value);
}

std::string Symbols::Fill(absl::string_view text) const {
  std::vector<std::pair<absl::string_view, absl::string_view>> replacements(values_.begin(), values_.end());
  return absl::StrReplaceAll(text, replacements);
}

absl::StatusOr<access::Sid> Symbols::FillSid(absl::string_view text) const { return access::ParseSddlSid(Fill(text)); }

absl::StatusOr<access::SecurityDescriptor> Symbols::FillDescriptor(absl::string_view text) const {
  return access::ParseSddl(Fill(text));
}

absl::StatusOr<access::Ace> Symbols::FillAce(absl::string_view text) const {
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor, FillDescriptor(absl::StrCat("D:", text)));
  if (descriptor.dacl.aces.size() != 1) return absl::InvalidArgumentError(absl::StrCat(text, " is not one entry"));
  return std::move(descriptor.dacl.aces.front());
}

absl::StatusOr<access::Sid> RandomRunSid() {
  ASSIGN_OR_RETURN(const auto bytes, RandomBytes());
  const auto word = [&](size_t i) {
    return static_cast<uint32_t>(bytes[i]) | static_cast<uint32_t>(bytes[i + 1]) << 8 |
           static_cast<uint32_t>(bytes[i + 2]) << 16 | static_cast<uint32_t>(bytes[i + 3]) << 24;
  };
  // "run", and no account: those have five subauthorities behind 21, and a machine's first three are random as well.
  constexpr uint32_t kRunDomain = 0x72756e00;
  return access::Sid(5, {21, kRunDomain, word(0), word(4), word(8)});
}

}  // namespace paddock
