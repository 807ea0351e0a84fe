#ifndef PADDOCK_TESTS_WINDOWS_LAUNCH_FIXTURE_H_
#define PADDOCK_TESTS_WINDOWS_LAUNCH_FIXTURE_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "backends/windows_token/launcher.h"
#include "backends/windows_token/token_plan.h"
#include "core/base/json.h"
#include "core/windows_launch/record.h"

namespace paddock {

// The last call of each function; those of SetTokenInformation by their class.
struct CallTable : LaunchRecorder {
  std::map<std::string, Json> calls;
  void OnCall(absl::string_view function, const Json& parameters) override;
};

struct Ran {
  RunResult result;
  std::string out, err;
  bool started = false, exit_was_last = false;
  int exits = 0;
};

// A plan made by hand, a place of its own for files, and a launcher that composes tokens and jobs, but asks nothing of
// the system about them.
class LaunchFixture : public testing::Test {
 protected:
  LaunchFixture();
  ~LaunchFixture() override;

  static std::string Child();                            // the path of launch_child.exe
  static std::string Beside(absl::string_view program);  // the path of another one beside the test
  void Use(WindowsTokenLauncherOptions options);         // another launcher; its calls are recorded
  std::string MakeDirectory(const std::string& below);
  std::string MakeFile(const std::string& name, absl::string_view content);
  void UseRealEnforcement();
  // A directory with ".git\config" that the plan grants by a lease of the volumes at hand; entries are not read back.
  std::string MakeLeasedWorkspace();

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch();
  // Launches and waits, while `meanwhile` runs on another thread.
  Ran Run(const std::function<void(Sandbox&)>& meanwhile = nullptr);
  // While Run() lasts, from `meanwhile`: until the command has written `text`. False if it ended without.
  bool AwaitOutput(absl::string_view text);

  std::shared_ptr<WindowsTokenPlan> plan_;
  Stdio stdio_;
  CallTable recorder_;
  std::string place_;

 private:
  class Collector;

  std::unique_ptr<Collector> collector_;
  std::unique_ptr<Launcher> launcher_;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_LAUNCH_FIXTURE_H_
