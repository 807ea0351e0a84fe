#ifndef PADDOCK_CAPI_ORDER_H_
#define PADDOCK_CAPI_ORDER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "capi/objects.h"
#include "compose/run_order.h"

namespace paddock::capi {

// The order as a program handed it in. Every error has a reason.
absl::StatusOr<RunOrder> ReadOrder(const char* order, size_t length);

// `status` with a reason: one without is about a value of the order.
absl::Status WithReason(const absl::Status& status);

}  // namespace paddock::capi

#endif  // PADDOCK_CAPI_ORDER_H_
