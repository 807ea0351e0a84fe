#ifndef PADDOCK_SERVICE_GRPC_STATUS_H_
#define PADDOCK_SERVICE_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace paddock::service {

// With a google.rpc.Status as its details, if `status` has a reason.
grpc::Status ToGrpc(const absl::Status& status);
// The inverse: what came without details has no reason.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_GRPC_STATUS_H_
