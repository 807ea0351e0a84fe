#include <cstdint>
#include <cstdlib>
#include <string>

#include "backends/windows_token/runner_order.h"

// What comes over the pipe between launcher and runner: what is taken for a message is that one message, whichever way
// it is written, and a header tells no more than what may follow it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto length = RunnerTextLength(bytes.substr(0, kRunnerHeader));
  if (length.ok() && (*length == 0 || *length > kMaxRunnerText)) std::abort();
  if (const auto order = ParseRunnerOrder(bytes); order.ok()) {
    const auto text = FormatRunnerOrder(*order);
    if (!text.ok() || !(*ParseRunnerOrder(*text) == *order)) std::abort();
  }
  if (const auto answer = ParseRunnerAnswer(bytes); answer.ok()) {
    if (!(*ParseRunnerAnswer(FormatRunnerAnswer(*answer)) == *answer)) std::abort();
  }
  return 0;
}
