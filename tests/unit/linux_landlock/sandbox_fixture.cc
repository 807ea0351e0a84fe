#include "tests/unit/linux_landlock/sandbox_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backends/linux_landlock/backend.h"
#include "backends/linux_landlock/launcher.h"
#include "core/platform/posix/lease_pool.h"
#include "core/platform/posix/linux_probe.h"

namespace paddock {

void RecordingSink::OnEvent(const Event& event) {
  if (const auto* started = std::get_if<StartedEvent>(&event)) {
    kinds += 'S';
    process_id = started->process_id;
  } else if (const auto* output = std::get_if<OutputEvent>(&event)) {
    kinds += 'O';
    (output->stream == StreamId::kStdout ? out : err).append(output->bytes.data(), output->bytes.size());
  } else if (const auto* violation = std::get_if<ViolationEvent>(&event)) {
    kinds += 'V';
    violations.push_back(violation->violation);
  } else if (const auto* exited = std::get_if<ExitedEvent>(&event)) {
    kinds += 'X';
    outcome = exited->outcome;
  } else {
    kinds += 'N';
  }
  if (thread == std::thread::id()) thread = std::this_thread::get_id();
  EXPECT_EQ(thread, std::this_thread::get_id()) << "events come on one thread";
  if (then) then(event);
}

StreamSpec NoStream() { return {StreamSpec::Kind::kNull, -1}; }
StreamSpec PipeStream() { return {StreamSpec::Kind::kPipe, -1}; }
StreamSpec HandleStream(int fd) { return {StreamSpec::Kind::kHandle, fd}; }

Stdio OutputOnly() {
  Stdio stdio;
  stdio.in = NoStream();
  stdio.out = stdio.err = PipeStream();
  return stdio;
}

Stdio AllPipes() {
  Stdio stdio = OutputOnly();
  stdio.in = PipeStream();
  return stdio;
}

PipeEnds::PipeEnds() {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
}

std::string ReadAll(int fd) {
  std::string all;
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return all;
    all.append(buffer, static_cast<size_t>(n));
  }
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Not below /dev/shm, which the sandbox has of its own; below /tmp, which it has too, the workspace is shown again.
SandboxTest::SandboxTest() {
  std::string name = "/tmp/paddock-sandbox-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) std::abort();
  root_ = std::filesystem::canonical(name).string();
  ws_ = root_ + "/ws";
  home_ = root_ + "/home";
  state_ = root_ + "/state/paddock";
  for (const std::string& path : {ws_, home_, root_ + "/state"}) std::filesystem::create_directory(path);
  request_.workspace = request_.cwd = ws_;
  request_.write.push_back({ws_, false, ".", {"test", 0}});
  request_.environment = {{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}, {"HOME", home_}};
  request_.policy.network.mode = NetworkMode::kOff;
}

SandboxTest::~SandboxTest() {
  std::error_code error;
  std::filesystem::remove_all(root_, error);
}

void SandboxTest::SetUp() {
  const HostFacts host = LinuxProbe(ProbeInputs{}).ProbeHost(Request());
  if (host.linux_host.user_namespaces.no()) {
    GTEST_SKIP() << "host fact missing: user_namespaces (" << host.linux_host.user_namespaces.source << ")";
  }
  // Known only by trying, on hosts that do not say.
  RecordingSink sink;
  const auto sandbox = TryLaunch(PlanFor({"true"}), OutputOnly(), sink);
  if (absl::IsUnavailable(sandbox.status())) {
    GTEST_SKIP() << "host fact missing: user_namespaces: " << sandbox.status();
  }
  ASSERT_TRUE(sandbox.ok()) << sandbox.status();
}

std::string SandboxTest::Ws(absl::string_view name) const { return absl::StrCat(ws_, "/", name); }

void SandboxTest::File(absl::string_view name, absl::string_view content) const {
  std::filesystem::create_directories(std::filesystem::path(Ws(name)).parent_path());
  std::ofstream file(Ws(name), std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

void SandboxTest::DenyWrite(absl::string_view name) {
  request_.deny_write.push_back({Ws(name), false, std::string(name), {"test", 0}});
}

LaunchPlan SandboxTest::PlanFor(const std::vector<std::string>& command) {
  request_.command = command;
  ProbeInputs inputs;
  inputs.environment = {{"HOME", home_}, {"XDG_STATE_HOME", root_ + "/state"}};
  const LinuxProbe probe(std::move(inputs));
  Facts facts;
  facts.host = probe.ProbeHost(Request());
  absl::StatusOr<WorkspaceFacts> workspace = probe.ProbeWorkspace(request_);
  EXPECT_TRUE(workspace.ok()) << workspace.status();
  facts.workspace = *std::move(workspace);
  facts.leases = probe.ProbeLeases(request_);
  absl::StatusOr<LaunchPlan> plan = MakeLinuxLandlockBackend()->Plan("namespaces", request_, facts);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *std::move(plan) : LaunchPlan();
}

absl::StatusOr<std::unique_ptr<Sandbox>> SandboxTest::TryLaunch(const LaunchPlan& plan, const Stdio& stdio,
                                                                EventSink& sink) {
  return MakeLinuxLandlockLauncher({state_, ""})->Launch(plan, stdio, sink);
}

std::unique_ptr<Sandbox> SandboxTest::Launch(const std::vector<std::string>& command, const Stdio& stdio,
                                             EventSink& sink) {
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = TryLaunch(PlanFor(command), stdio, sink);
  EXPECT_TRUE(sandbox.ok()) << sandbox.status();
  return sandbox.ok() ? *std::move(sandbox) : nullptr;
}

RunResult SandboxTest::Run(const std::vector<std::string>& command, const Stdio& stdio, RecordingSink& sink) {
  const std::unique_ptr<Sandbox> sandbox = Launch(command, stdio, sink);
  return sandbox == nullptr ? RunResult() : sandbox->Wait();
}

RunResult SandboxTest::RunShell(const std::string& script, RecordingSink& sink) {
  return Run({"sh", "-c", script}, OutputOnly(), sink);
}

std::vector<std::string> SandboxTest::Journals() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(state_ + "/leases", error)) {
    std::string name = entry.path().filename().string();
    if (name != "mutex" && entry.path().extension() != kPoolSuffix) names.push_back(std::move(name));
  }
  return names;
}

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator listing("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(listing), end(listing)));
}

bool HasNoChild() {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 && errno == ECHILD;
}

std::vector<int> Descendants(int64_t pid) {
  std::map<int, int> parents;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    int process = 0, parent = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &process)) continue;
    const std::string stat = ReadFile(entry.path() / "stat");
    const size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    if (sscanf(stat.c_str() + name_end, ") %*c %d", &parent) == 1) parents[process] = parent;
  }
  std::vector<int> found;
  for (const auto& [process, unused] : parents) {
    int at = process;
    for (int depth = 0; depth < 64 && at != 0 && at != pid; ++depth) at = parents.contains(at) ? parents[at] : 0;
    if (at == pid && process != pid) found.push_back(process);
  }
  return found;
}

}  // namespace paddock
