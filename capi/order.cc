#include "capi/order.h"

#include "core/base/reason.h"

namespace paddock::capi {

absl::StatusOr<RunOrder> ReadOrder(const char* order, size_t length) {
  return ParseRunOrder(View(order, length), "the order");
}

absl::Status WithReason(const absl::Status& status) {
  if (status.ok() || ReasonOf(status).has_value()) return status;
  return ReasonError(status.code(), "request_invalid", status.message());
}

}  // namespace paddock::capi
