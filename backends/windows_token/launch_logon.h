#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LOGON_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LOGON_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backends/windows_token/dedicated_user.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// What CreateProcessWithLogonW takes of a command line.
inline constexpr size_t kMaxLogonLine = 1023;

struct RunnerProcess {
  UniqueHandle process, thread;  // with all rights
  DWORD id = 0;
};

// Starts a program as a dedicated user.
class RunnerStarter {
 public:
  virtual ~RunnerStarter() = default;

  // `user.runner` with `command_line`, on `desktop` ("station\desktop"), in the directory of the runner. It runs at
  // once: suspended, it would stay for ever where its launcher is killed, while by itself it ends where it finds no
  // pipe.
  virtual absl::StatusOr<RunnerProcess> Start(const DedicatedUser& user, const std::string& command_line,
                                              const std::string& desktop) = 0;
};

// By a logon of the user's: CreateProcessWithLogonW, with its profile and its environment.
std::unique_ptr<RunnerStarter> MakeLogonStarter();

// Overwrites a secret.
void Wipe(std::string* text);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_LOGON_H_
