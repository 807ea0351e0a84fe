#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backends/wsl2/nested_run.h"
#include "backends/wsl2/relay_request.h"

// What a host asks for: read, written, and read again as the same; then made a request, whose answer may be anything
// but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto run = paddock::wsl2::ParseNestedRun(text, {});
  if (!run.ok()) return 0;
  const auto written = paddock::wsl2::EncodeNestedRun(*run);
  if (!written.ok()) std::abort();
  const auto again = paddock::wsl2::ParseNestedRun(*written, {});
  if (!again.ok() || again->command != run->command || again->environment != run->environment ||
      again->policy.requirements != run->policy.requirements) {
    std::abort();
  }
  paddock::Caller caller;
  caller.home = "/home/me";
  caller.cwd = "/";
  caller.executable = "/home/me/.local/share/paddock/relay/0/paddock";
  paddock::wsl2::RelayRequest(*run, caller).status().IgnoreError();
  return 0;
}
