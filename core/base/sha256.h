#ifndef PADDOCK_CORE_BASE_SHA256_H_
#define PADDOCK_CORE_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace paddock {

// SHA-256 (FIPS 180-4) of bytes that come in pieces. For recognising files and making names, not for secrets: it takes
// no care to run in constant time.
class Sha256 {
 public:
  static constexpr size_t kBytes = 32;
  using Digest = std::array<uint8_t, kBytes>;

  void Update(absl::string_view bytes);
  // Ends it: neither may be called again.
  Digest Finish();

 private:
  void Block(const uint8_t* bytes);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_ = {};
  uint64_t length_ = 0;  // bytes so far
};

Sha256::Digest Sha256Of(absl::string_view bytes);

// In lower-case hexadecimal.
std::string Sha256Hex(const Sha256::Digest& digest);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_SHA256_H_
