#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_RECORD_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_RECORD_H_

#include "absl/strings/string_view.h"
#include "core/base/json.h"

namespace paddock {

// Hears the calls of a launch as they are made, parameters as they were passed, symbols filled in: data to compare with
// a plan. The first call is "symbols", with what each stands for. Called on the thread that launches.
class LaunchRecorder {
 public:
  virtual ~LaunchRecorder() = default;
  virtual void OnCall(absl::string_view function, const Json& parameters) = 0;
};

// For launches that nobody records.
class NoRecorder : public LaunchRecorder {
 public:
  void OnCall(absl::string_view, const Json&) override {}
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_RECORD_H_
