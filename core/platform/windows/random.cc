#include "core/platform/windows/random.h"

#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {

absl::StatusOr<std::array<uint8_t, 32>> RandomBytes() {
  // RtlGenRandom, which has no name of its own in the DLL (Microsoft Learn, "RtlGenRandom function").
  using Generate = BOOLEAN(WINAPI*)(void*, ULONG);
  ASSIGN_OR_RETURN(const SystemLibrary library, SystemLibrary::Load("advapi32.dll"));
  const auto generate = library.Find<Generate>("SystemFunction036");
  std::array<uint8_t, 32> bytes = {};
  if (generate == nullptr || !generate(bytes.data(), static_cast<ULONG>(bytes.size()))) {
    return ReasonError(absl::StatusCode::kUnavailable, "setup_failed",
                       Win32Status(ERROR_GEN_FAILURE, "asking RtlGenRandom for random bytes").message());
  }
  return bytes;
}

absl::StatusOr<std::string> RandomHex(size_t digits) {
  ASSIGN_OR_RETURN(const auto bytes, RandomBytes());
  const absl::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return absl::BytesToHexString(text).substr(0, digits);
}

std::array<uint32_t, 4> RandomWords() {
  const auto bytes = RandomBytes();
  if (!bytes.ok()) std::abort();
  std::array<uint32_t, 4> words = {};
  std::memcpy(words.data(), bytes->data(), sizeof(words));
  return words;
}

}  // namespace paddock
