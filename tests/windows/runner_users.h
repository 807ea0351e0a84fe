#ifndef PADDOCK_TESTS_WINDOWS_RUNNER_USERS_H_
#define PADDOCK_TESTS_WINDOWS_RUNNER_USERS_H_

#include <memory>
#include <string>
#include <vector>

#include "backends/windows_token/dedicated_user.h"
#include "backends/windows_token/launch_logon.h"
#include "backends/windows_token/launcher.h"

namespace paddock {

// "Dedicated users" that are this very user, whose processes CreateProcess starts: Wine knows no other one.
class ThisUser : public DedicatedUsers {
 public:
  explicit ThisUser(std::string runner) : runner_(std::move(runner)) {}
  absl::StatusOr<DedicatedUser> Find(bool offline) override;

 private:
  const std::string runner_;
};

// What was started, for tests to look at.
struct StartedRunners {
  std::vector<UniqueHandle> processes;
  std::vector<std::string> lines;
  bool password_came = true;
};

// `started` outlives it; may be null.
std::unique_ptr<RunnerStarter> MakeTestStarter(StartedRunners* started);

// The options of a launcher that starts `runner` so, and reads nothing back.
WindowsTokenLauncherOptions RunnerOptionsFor(const std::string& runner, StartedRunners* started);

inline constexpr char kTestPassword[] = "not a secret";
inline constexpr char kTestSetup[] = "0123456789abcdef0123456789abcdef";
// No group of this user: it opens nothing, and keeps nobody out.
inline constexpr char kTestGroup[] = "S-1-5-21-1-2-3-1005";

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_RUNNER_USERS_H_
