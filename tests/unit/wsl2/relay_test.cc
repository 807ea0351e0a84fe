#include "backends/wsl2/launch_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/frame.h"
#include "backends/wsl2/nested_run.h"
#include "backends/wsl2/preamble.h"
#include "core/base/reason.h"
#include "core/platform/posix/unique_fd.h"
#include "core/policy/merge.h"

namespace paddock::wsl2 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kNonce[] = "00112233445566778899aabbccddeeff";

// What a sandbox was told, and what its command waits for.
class Told {
 public:
  void Add(std::string what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    all_.push_back(std::move(what));
    changed_.notify_all();
  }
  void AwaitCount(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
  }
  std::vector<std::string> all() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

using Command = std::function<void(const Stdio&, EventSink&, Told&)>;

class ScriptedSandbox : public Sandbox {
 public:
  ScriptedSandbox(const Command& command, const Stdio& stdio, EventSink& sink, Told& told)
      : command_(command), stdio_(stdio), sink_(sink), told_(told) {}
  RunResult Wait() override {
    sink_.OnEvent(StartedEvent{7});
    command_(stdio_, sink_, told_);
    RunResult result;
    result.outcome.kind = ExitKind::kExited;
    result.outcome.code = 3;
    return result;
  }
  intptr_t wait_handle() const override { return -1; }
  absl::Status Write(absl::string_view) override { return absl::OkStatus(); }
  absl::Status CloseInput() override { return absl::OkStatus(); }
  absl::Status Resize(uint16_t columns, uint16_t rows) override {
    told_.Add(absl::StrCat("resize ", columns, "x", rows));
    return absl::OkStatus();
  }
  absl::Status Signal(int number) override {
    told_.Add(absl::StrCat("signal ", number));
    return absl::OkStatus();
  }

 private:
  Command command_;
  Stdio stdio_;
  EventSink& sink_;
  Told& told_;
};

class ScriptedLauncher : public Launcher {
 public:
  ScriptedLauncher(Command command, Told& told) : command_(std::move(command)), told_(told) {}
  absl::string_view backend() const override { return "scripted"; }
  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan&, const Stdio& stdio, EventSink& sink) override {
    return std::make_unique<ScriptedSandbox>(command_, stdio, sink, told_);
  }

 private:
  Command command_;
  Told& told_;
};

class ScriptedBackend : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }
  Assessment Assess(absl::string_view, const Request&, const Facts&) const override {
    Assessment assessment;
    for (const Guarantee guarantee : kAllGuarantees) {
      assessment.reached.Set(guarantee, static_cast<Level>(LevelCount(guarantee) - 1));
    }
    return assessment;
  }
  absl::StatusOr<LaunchPlan> Plan(absl::string_view tier, const Request& request, const Facts& facts) const override {
    LaunchPlan plan;
    plan.backend = {info_.name, ""};
    plan.promised = Assess(tier, request, facts).reached;
    return plan;
  }

 private:
  BackendInfo info_ = {"scripted", "", OsFamily::kLinux, {}};
};

class EmptyProbe : public HostProbe {
 public:
  HostFacts ProbeHost(const Request&) const override { return {}; }
  absl::StatusOr<WorkspaceFacts> ProbeWorkspace(const Request&) const override { return WorkspaceFacts(); }
  LeaseFacts ProbeLeases(const Request&) const override { return {}; }
};

bool Always(const Request&, const Facts&) { return true; }

// One rule: whatever it is, the scripted backend.
const std::vector<Rule>& OneRule() {
  static const BackendRef kScripted = {"scripted", ""};
  static const std::vector<Rule> kRules = {
      {"T1", OsFamily::kLinux, "always", Always, {kScripted}, {}, false, "", "", ""}};
  return kRules;
}

void WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

std::string ReadToEnd(intptr_t fd) {
  std::string text;
  char block[4096];
  for (ssize_t n; (n = read(static_cast<int>(fd), block, sizeof(block))) > 0;)
    text.append(block, static_cast<size_t>(n));
  return text;
}

void WriteHandle(intptr_t fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(static_cast<int>(fd), bytes.data(), bytes.size());
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

// A relay on a thread, and the host's ends of its streams.
class RelayTest : public testing::Test {
 protected:
  void Serve(Command command, bool facts_only = false) {
    told_ = std::make_unique<Told>();
    preamble_.emplace(kNonce);
    reader_.emplace(Direction::kRelayToHost);
    preamble_seen_ = false;
    buffer_.clear();
    at_ = 0;
    int in[2], out[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
    to_.reset(in[0]);
    from_.reset(out[0]);
    relay_in_.reset(in[1]);
    relay_out_.reset(out[1]);
    runtime_ = std::make_unique<Runtime>(std::make_unique<EmptyProbe>(), OneRule());
    runtime_->Register(std::make_unique<ScriptedBackend>());
    runtime_->Register(std::make_unique<ScriptedLauncher>(std::move(command), *told_));
    RelayOptions options;
    options.in = relay_in_.get();
    options.out = relay_out_.get();
    options.nonce = kNonce;
    options.caller.home = "/home/me";
    options.caller.cwd = "/";
    options.caller.executable = "/home/me/.local/share/paddock/relay/0123/paddock";
    options.facts_only = facts_only;
    thread_ = std::thread([this, options] {
      status_ = ServeRelay(*runtime_, options);
      relay_out_.reset();
    });
  }
  ~RelayTest() override {
    to_.reset();
    from_.reset();
    if (thread_.joinable()) thread_.join();
  }

  static NestedRun Sample() {
    NestedRun run;
    run.policy = BuildPolicy({}).value();
    run.workspace = run.cwd = "/home/me/project";
    run.command = {"x"};
    return run;
  }
  void Send(FrameType type, absl::string_view payload = "") { WriteAll(to_.get(), EncodeFrame(type, payload).value()); }
  void Start(const NestedRun& run = Sample()) { Send(FrameType::kStart, EncodeNestedRun(run).value()); }

  // The next frame; nullopt at the stream's end.
  std::optional<Frame> Next() {
    for (;;) {
      if (absl::string_view rest = absl::string_view(buffer_).substr(at_); preamble_seen_ && !rest.empty()) {
        auto frame = reader_->Next(&rest);
        at_ = buffer_.size() - rest.size();
        EXPECT_TRUE(frame.ok()) << frame.status();
        if (!frame.ok()) return std::nullopt;
        if (frame->has_value()) return *std::move(frame);
      }
      char block[65536];
      const ssize_t n = read(from_.get(), block, sizeof(block));
      if (n <= 0) return std::nullopt;
      buffer_.assign(block, static_cast<size_t>(n));
      at_ = 0;
      if (preamble_seen_) continue;
      absl::string_view bytes = buffer_;
      const auto word = preamble_->Next(&bytes);
      EXPECT_TRUE(word.ok()) << word.status();
      preamble_seen_ = word.ok() && word->has_value();
      at_ = buffer_.size() - bytes.size();
    }
  }
  // All that is still to come, by type: bytes in one piece.
  std::map<FrameType, std::string> Rest() {
    std::map<FrameType, std::string> all;
    while (const auto frame = Next()) all[frame->type] += frame->payload;
    return all;
  }
  Json Exited() { return ParseJson(Rest()[FrameType::kExited], "exited").value_or(Json::object()); }
  absl::Status Join() {
    thread_.join();
    return status_;
  }

  std::unique_ptr<Told> told_;
  UniqueFd to_, from_;

 private:
  std::unique_ptr<Runtime> runtime_;
  UniqueFd relay_in_, relay_out_;
  std::thread thread_;
  absl::Status status_;
  std::optional<PreambleReader> preamble_;
  std::optional<FrameReader> reader_;
  bool preamble_seen_ = false;
  std::string buffer_;
  size_t at_ = 0;
};

TEST_F(RelayTest, SaysWhatThisSideIsAndEnds) {
  Serve([](const Stdio&, EventSink&, Told&) {}, /*facts_only=*/true);
  const auto ready = Next();
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(ready->type, FrameType::kReady);
  EXPECT_TRUE(FactsFromJson(ParseJson(ready->payload, "ready").value(), "ready").ok());
  EXPECT_FALSE(Next().has_value());
  EXPECT_TRUE(Join().ok());
}

TEST_F(RelayTest, CarriesStreamsBothWaysAndTheReportLast) {
  Serve([](const Stdio& stdio, EventSink& sink, Told&) {
    sink.OnEvent(NoticeEvent{"a notice"});
    sink.OnEvent(ViolationEvent{{true, "protected name created: x", "rule", "x"}});
    WriteHandle(stdio.out.handle, ReadToEnd(stdio.in.handle));
    WriteHandle(stdio.err.handle, "done");
  });
  Start();
  std::string sent;
  for (int i = 0; i < 3; ++i) {
    const std::string piece(40000, static_cast<char>('a' + i));
    Send(FrameType::kInput, piece);
    sent += piece;
  }
  Send(FrameType::kCloseInput);
  ASSERT_EQ(Next()->type, FrameType::kReady);
  std::map<FrameType, std::string> got;
  size_t credit = 0;
  FrameType last = FrameType::kReady;
  while (const auto frame = Next()) {
    got[frame->type] += frame->payload;
    if (frame->type == FrameType::kCredit) credit += ParseCredit(frame->payload);
    last = frame->type;
  }
  EXPECT_EQ(got[FrameType::kStarted], "{\"process_id\":7}");
  EXPECT_EQ(got[FrameType::kStdout], sent);
  EXPECT_EQ(got[FrameType::kStderr], "done");
  EXPECT_EQ(got[FrameType::kNotice], "{\"text\":\"a notice\"}");
  EXPECT_THAT(got[FrameType::kViolation], HasSubstr("protected name created: x"));
  EXPECT_EQ(credit, sent.size());
  EXPECT_EQ(last, FrameType::kExited);
  const Json report = ParseJson(got[FrameType::kExited], "report").value();
  EXPECT_EQ(report["outcome"]["code"], 3);
  EXPECT_EQ(report["backend"], "scripted");
  EXPECT_TRUE(Join().ok());
}

// The command never reads: signals, sizes and the host's death are heard all the same.
TEST_F(RelayTest, ReadsOnBehindInputThatNobodyTakes) {
  Serve([](const Stdio&, EventSink&, Told& told) { told.AwaitCount(3); });
  Start();
  for (size_t sent = 0; sent < kInputWindow; sent += kMaxFrameBytes)
    Send(FrameType::kInput, std::string(kMaxFrameBytes, 'x'));
  Send(FrameType::kResize, ResizePayload({100, 50}));
  Send(FrameType::kSignal, SignalPayload(SIGUSR1));
  Send(FrameType::kSignal, SignalPayload(SIGTERM));
  EXPECT_EQ(Exited()["outcome"]["kind"], "exited");
  EXPECT_THAT(told_->all(),
              ElementsAre("resize 100x50", absl::StrCat("signal ", SIGUSR1), absl::StrCat("signal ", SIGTERM)));
  EXPECT_TRUE(Join().ok());
}

TEST_F(RelayTest, EndsTheRunWhenTheHostIsGone) {
  Serve([](const Stdio& stdio, EventSink&, Told& told) {
    told.AwaitCount(1);
    WriteHandle(stdio.out.handle, std::string(1 << 20, 'x'));  // into a pipe that nobody reads any more: must not hang
  });
  signal(SIGPIPE, SIG_IGN);
  Start();
  while (Next()->type != FrameType::kStarted) {
  }
  to_.reset();
  EXPECT_EQ(Join().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(told_->all(), ElementsAre(absl::StrCat("signal ", SIGKILL)));
}

TEST_F(RelayTest, EndsTheRunWhenNobodyReadsItsOutputEndAnyMore) {
  Serve([](const Stdio&, EventSink&, Told& told) { told.AwaitCount(1); });
  Start();
  while (Next()->type != FrameType::kStarted) {
  }
  from_.reset();
  EXPECT_FALSE(Join().ok());
  EXPECT_THAT(told_->all(), ElementsAre(absl::StrCat("signal ", SIGKILL)));
}

// A host that does not read holds the command back, and neither the run's end nor the host's own death.
TEST_F(RelayTest, ASlowReaderGetsEverythingAndAStoppedOneHangsNobody) {
  constexpr size_t kMuch = 4u << 20;
  Serve([](const Stdio& stdio, EventSink&, Told& told) {
    WriteHandle(stdio.out.handle, std::string(kMuch, 'x'));
    told.Add("written");
  });
  Start();
  while (Next()->type != FrameType::kStarted) {
  }
  EXPECT_THAT(told_->all(), IsEmpty());  // more than pipes and sockets hold
  EXPECT_EQ(Rest()[FrameType::kStdout].size(), kMuch);
  EXPECT_TRUE(Join().ok());
}

TEST_F(RelayTest, TheHostsDeathReachesARunWhoseOutputIsHeldBack) {
  signal(SIGPIPE, SIG_IGN);
  Serve([](const Stdio& stdio, EventSink&, Told& told) {
    std::thread writer([&] { WriteHandle(stdio.out.handle, std::string(4u << 20, 'x')); });
    told.AwaitCount(1);
    writer.join();
  });
  Start();
  while (Next()->type != FrameType::kStarted) {
  }
  to_.reset();
  EXPECT_FALSE(Join().ok());
  EXPECT_THAT(told_->all(), ElementsAre(absl::StrCat("signal ", SIGKILL)));
}

TEST_F(RelayTest, EndsTheRunOfAHostThatBreaksTheProtocol) {
  const std::function<void()> kBreaches[] = {
      [&] {  // more input than the window and the command's pipe
        for (int i = 0; i < 6; ++i) Send(FrameType::kInput, std::string(kMaxFrameBytes, 'x'));
      },
      [&] { Send(FrameType::kSignal, SignalPayload(0)); },
      [&] { Send(FrameType::kSignal, SignalPayload(200)); },
      [&] { Start(); },
      [&] { WriteAll(to_.get(), EncodeFrame(FrameType::kStdout, "x").value()); },
      [&] { WriteAll(to_.get(), "GET / HTTP/1.0\r\n\r\n"); },
  };
  for (const auto& breach : kBreaches) {
    Serve([](const Stdio&, EventSink&, Told& told) { told.AwaitCount(1); });
    Start();
    breach();
    const absl::Status status = Join();
    EXPECT_EQ(ReasonOf(status).value_or(Reason{}).code, "relay_protocol") << status;
    to_.reset();
    from_.reset();
  }
}

TEST_F(RelayTest, RefusesWithAReportWhatItCannotRun) {
  NestedRun own = Sample();
  own.workspace = own.cwd = "/home/me/.local/share/paddock/relay/0123";
  NestedRun above = Sample();
  above.policy.filesystem.write.push_back({"~/.local/share", {"--rw", 0}});
  NestedRun home = Sample();
  home.workspace = home.cwd = "/home/me";
  const std::pair<std::string, std::string> kCases[] = {
      {EncodeNestedRun(above).value(), "workspace_holds_secret"},
      {EncodeNestedRun(home).value(), "workspace_is_home"},
      {"{}", "relay_protocol"},
      {"no JSON", "relay_protocol"},
  };
  for (const auto& [start, code] : kCases) {
    Serve([](const Stdio&, EventSink&, Told& told) { told.Add("ran"); });
    Send(FrameType::kStart, start);
    const Json report = Exited();
    EXPECT_EQ(report["outcome"]["kind"], "refused") << start;
    EXPECT_EQ(report["outcome"]["reason"]["code"], code) << start;
    EXPECT_TRUE(Join().ok());
    to_.reset();
    from_.reset();
  }
  EXPECT_THAT(told_->all(), IsEmpty());
  Serve([](const Stdio&, EventSink&, Told& told) { told.Add("ran"); });
  Start(own);
  EXPECT_EQ(Exited()["outcome"]["kind"], "refused");
  EXPECT_THAT(told_->all(), IsEmpty());
}

TEST_F(RelayTest, AHostThatLeavesBeforeItAsksStartsNothing) {
  Serve([](const Stdio&, EventSink&, Told& told) { told.Add("ran"); });
  ASSERT_EQ(Next()->type, FrameType::kReady);
  to_.reset();
  EXPECT_EQ(Join().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(told_->all(), IsEmpty());
}

}  // namespace
}  // namespace paddock::wsl2
