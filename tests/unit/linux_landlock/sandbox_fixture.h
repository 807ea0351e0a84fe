#ifndef PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_SANDBOX_FIXTURE_H_
#define PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_SANDBOX_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/backend/launcher.h"
#include "core/platform/posix/unique_fd.h"
#include "core/request/request.h"
#include "gtest/gtest.h"

namespace paddock {

// Keeps what happens, and who told it.
class RecordingSink : public EventSink {
 public:
  void OnEvent(const Event& event) override;

  std::string kinds;     // one letter each: Started, Output, Violation, Notice, eXited
  std::string out, err;  // what the streams carried
  std::vector<Violation> violations;
  int64_t process_id = 0;
  Outcome outcome;
  std::thread::id thread;
  std::function<void(const Event&)> then;  // called after each event
};

StreamSpec NoStream();
StreamSpec PipeStream();
StreamSpec HandleStream(int fd);
// No input, output to the sink.
Stdio OutputOnly();
// Input by Sandbox::Write, output to the sink.
Stdio AllPipes();

struct PipeEnds {
  PipeEnds();
  UniqueFd read_end, write_end;
};

// Reads to the end of file.
std::string ReadAll(int fd);
std::string ReadFile(const std::string& path);

// Real sandboxes around real commands, for whatever user runs the test: a workspace, a home and a state directory of
// the test's own, planned by the real backend from what the real probe finds. Skips, naming the fact, where this host
// has no user namespaces.
class SandboxTest : public ::testing::Test {
 protected:
  SandboxTest();
  ~SandboxTest() override;
  void SetUp() override;

  std::string Ws(absl::string_view name) const;
  // A file in the workspace.
  void File(absl::string_view name, absl::string_view content) const;
  void DenyWrite(absl::string_view name);

  // Facts are looked at, planned and kept: for what happens between planning and launching.
  LaunchPlan PlanFor(const std::vector<std::string>& command);
  absl::StatusOr<std::unique_ptr<Sandbox>> TryLaunch(const LaunchPlan& plan, const Stdio& stdio, EventSink& sink);
  // Fails the test and gives nullptr if there is no sandbox.
  std::unique_ptr<Sandbox> Launch(const std::vector<std::string>& command, const Stdio& stdio, EventSink& sink);
  RunResult Run(const std::vector<std::string>& command, const Stdio& stdio, RecordingSink& sink);
  RunResult RunShell(const std::string& script, RecordingSink& sink);

  // What the leases' directory holds, but for its mutex and its pool.
  std::vector<std::string> Journals() const;

  Request request_;
  std::string root_, ws_, home_, state_;
};

// Descriptors that this process has open.
size_t OpenDescriptors();
// True if this process has no child, dead or alive.
bool HasNoChild();
// Processes below `pid`, as far as they are there at this moment.
std::vector<int> Descendants(int64_t pid);

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_LINUX_LANDLOCK_SANDBOX_FIXTURE_H_
