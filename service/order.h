#ifndef PADDOCK_SERVICE_ORDER_H_
#define PADDOCK_SERVICE_ORDER_H_

#include "absl/status/statusor.h"
#include "paddock/v1/paddock.pb.h"
#include "service/start.h"

namespace paddock::service {

// What a runner gets for an order, without what is the daemon's. InvalidArgument (`service_protocol`): a window that is
// none. What the texts mean is for the runner to say.
absl::StatusOr<Start> StartOf(const v1::Order& order);
absl::StatusOr<Start> StartOf(const v1::Start& message);

// The inverse, for a client.
v1::Order OrderOf(const RunSettings& settings, const std::vector<std::string>& command);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_ORDER_H_
