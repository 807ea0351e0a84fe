#ifndef PADDOCK_COMPOSE_RUN_ORDER_H_
#define PADDOCK_COMPOSE_RUN_ORDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compose/run_settings.h"

namespace paddock {

// What a program asks for: a command, and how it is to be run.
struct RunOrder {
  RunSettings settings;
  std::vector<std::string> command;  // empty if there was none
};

inline constexpr size_t kLargestRunOrder = 4u << 20;  // bytes

// From JSON (schema "paddock.run/1", docs/schema/run.schema.json): one object, whose members are the options of
// `paddock run` with "_" for "-", and "command". `source` is for messages. InvalidArgument (`order_invalid`) names the
// member at fault; what a value means is checked when the request is made.
absl::StatusOr<RunOrder> ParseRunOrder(absl::string_view json, absl::string_view source);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_RUN_ORDER_H_
