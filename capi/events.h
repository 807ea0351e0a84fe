#ifndef PADDOCK_CAPI_EVENTS_H_
#define PADDOCK_CAPI_EVENTS_H_

#include "absl/status/statusor.h"
#include "capi/objects.h"
#include "core/backend/launcher.h"

namespace paddock::capi {

// Hands a run's events to a function of the caller's.
class FunctionSink : public EventSink {
 public:
  FunctionSink(paddock_event_function function, void* user) : function_(function), user_(user) {}
  void OnEvent(const Event& event) override;

  // Nothing more is handed out. On the thread of the events.
  void Silence() { function_ = nullptr; }

 private:
  paddock_event_function function_;
  void* const user_;
};

// nullptr: all inherited. InvalidArgument: an unknown kind of stream, a handle that is not open, a pipe that nobody
// listens to.
absl::StatusOr<Stdio> ReadStdio(const paddock_stdio* stdio, bool listened);

}  // namespace paddock::capi

#endif  // PADDOCK_CAPI_EVENTS_H_
