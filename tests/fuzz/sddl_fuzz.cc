#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/access/binary.h"
#include "core/access/sddl.h"

// SDDL texts: what is read can be written, and is read back as the same. What has a binary form comes back from it,
// too.

namespace paddock::access {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

void Try(absl::string_view text, const SddlDomains& domains) {
  const auto descriptor = ParseSddl(text, domains);
  if (!descriptor.ok()) {
    if (descriptor.status().message().empty()) Fail("refused without a word");
    return;
  }
  const auto written = ToSddl(*descriptor);
  if (!written.ok()) Fail(std::string(written.status().message()));
  const auto again = ParseSddl(*written);
  if (!again.ok()) Fail(*written + ": " + std::string(again.status().message()));
  if (!(*again == *descriptor)) Fail("read back as another: " + *written);
  const auto bytes = ToBinary(*descriptor);
  if (!bytes.ok()) return;
  const auto from_bytes = ParseBinary(*bytes);
  if (!from_bytes.ok() || !(*from_bytes == *descriptor)) Fail("another in binary form: " + *written);
}

}  // namespace
}  // namespace paddock::access

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using paddock::access::Sid;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  paddock::access::Try(text, {});
  paddock::access::Try(text, {Sid(5, {21, 1, 2, 3}), Sid(5, {21, 4, 5, 6}), {}});
  paddock::access::ParseSddlSid(text).status().IgnoreError();
  return 0;
}
