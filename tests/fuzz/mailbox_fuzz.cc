#include <cstdint>
#include <cstdlib>
#include <string>

#include "backends/windows_sandbox/mailbox.h"
#include "backends/windows_sandbox/order.h"

// What lies in a mailbox: a message that is taken is the one that its bytes say, within its limits, and so is an order
// or a control file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace paddock;
  constexpr char kNonce[] = "0123456789abcdef0123456789abcdef";
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto mail = DecodeMail(kNonce, 7, bytes);
  if (mail.ok()) {
    if (EncodeMail(kNonce, 7, *mail) != bytes) std::abort();
    if (mail->payload.size() > kMostBytes) std::abort();
    if (mail->kind == MailKind::kResult && !ParseResult(FormatResult(*ParseResult(mail->payload))).ok()) std::abort();
  }
  const auto control = ParseControl(kNonce, bytes);
  if (control.ok() && !(*ParseControl(kNonce, FormatControl(kNonce, *control)) == *control)) std::abort();
  const auto order = ParseGuestOrder(bytes);
  if (order.ok() && !IsNonce(order->nonce)) std::abort();
  return 0;
}
