#include "backends/windows_token/launch_symbols.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_token/launch_error.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/system_library.h"

namespace paddock {
namespace {

constexpr size_t kRandomBytes = 32;

// RtlGenRandom, which has no name of its own in the DLL (Microsoft Learn, "RtlGenRandom function").
absl::StatusOr<std::array<uint8_t, kRandomBytes>> RandomBytes() {
  using Generate = BOOLEAN(WINAPI*)(void*, ULONG);
  ASSIGN_OR_RETURN(const SystemLibrary library, SystemLibrary::Load("advapi32.dll"));
  const auto generate = library.Find<Generate>("SystemFunction036");
  std::array<uint8_t, kRandomBytes> bytes = {};
  if (generate == nullptr || !generate(bytes.data(), kRandomBytes)) {
    return StepRefused("setup_failed", "asking RtlGenRandom for random bytes", ERROR_GEN_FAILURE);
  }
  return bytes;
}

}  // namespace

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

absl::StatusOr<std::string> RandomName(size_t digits) {
  ASSIGN_OR_RETURN(const auto bytes, RandomBytes());
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return hex.substr(0, digits);
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
