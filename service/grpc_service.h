#ifndef PADDOCK_SERVICE_GRPC_SERVICE_H_
#define PADDOCK_SERVICE_GRPC_SERVICE_H_

#include <memory>

#include "paddock/v1/paddock.grpc.pb.h"
#include "service/dispatcher.h"
#include "service/posix/event_loop.h"

namespace paddock::service {

// The methods of paddock.v1.Paddock, each a few steps on the loop's thread: gRPC's threads only post. Both arguments
// have to outlive the server.
std::unique_ptr<v1::Paddock::CallbackService> MakeGrpcService(EventLoop* loop, Dispatcher* dispatcher);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_GRPC_SERVICE_H_
