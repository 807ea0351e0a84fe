#ifndef PADDOCK_TESTS_WINDOWS_CONFINED_FIXTURE_H_
#define PADDOCK_TESTS_WINDOWS_CONFINED_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/backend/launcher.h"
#include "core/base/json.h"
#include "core/windows_launch/record.h"
#include "core/windows_plan/specs.h"

namespace paddock {

// The last call of each function, and all their names in order.
struct OrderedCalls : LaunchRecorder {
  std::map<std::string, Json> calls;
  std::vector<std::string> order;
  void OnCall(absl::string_view function, const Json& parameters) override;
};

// A place of its own for files, with a workspace in it, and a sink.
class ConfinedFixture : public testing::Test, public EventSink {
 protected:
  ConfinedFixture();
  ~ConfinedFixture() override;

  // The first program without a console starts services of Wine's, which stay and keep its directory.
  static void SetUpTestSuite();

  void OnEvent(const Event& event) override;

  static std::string Child();  // the path of launch_child.exe
  std::string In(const std::string& below) const { return place_ + "\\" + below; }
  static void MakeFile(const std::string& path, absl::string_view content);
  static std::string Read(const std::string& path);
  static bool IsThere(const std::string& path);
  static std::vector<std::string> NamesIn(const std::string& path);  // sorted; empty if it is not there

  // What a process of a plan needs: its streams, and variables.
  void Prepare(ProcessSpec* process, std::vector<std::string> command) const;
  RunResult Run(Launcher& launcher, const LaunchPlan& plan);
  // Nothing of a run is left below the state directory but empty folders.
  void ExpectNothingLeft() const;

  std::string place_, ws_, state_;
  OrderedCalls recorder_;
  Stdio stdio_;
  std::string out_;
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_CONFINED_FIXTURE_H_
