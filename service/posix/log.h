#ifndef PADDOCK_SERVICE_POSIX_LOG_H_
#define PADDOCK_SERVICE_POSIX_LOG_H_

#include <nlohmann/json.hpp>

#include "absl/strings/string_view.h"
#include "core/base/json.h"

namespace paddock::service {

// One line of JSON for each thing that happened: {"time", "event", ...}. Arguments of commands may hold secrets, and
// are not logged; nor is what a client wrote as a whole.
class Log {
 public:
  explicit Log(int descriptor) : descriptor_(descriptor) {}
  // `fields`: an object. Lost where nobody reads: a log that is full must not stop the daemon.
  void Write(absl::string_view event, const Json& fields = Json::object());

 private:
  const int descriptor_;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_LOG_H_
