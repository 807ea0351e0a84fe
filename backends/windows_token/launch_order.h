#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ORDER_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ORDER_H_

#include "absl/status/statusor.h"
#include "backends/windows_token/token_plan.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_launch/token.h"

namespace paddock {

// A TokenSpec with its symbols filled in. InvalidArgument for a plan that orders no token of ours.
absl::StatusOr<TokenOrder> MakeTokenOrder(const TokenSpec& spec, const Symbols& symbols);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_ORDER_H_
