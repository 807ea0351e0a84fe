#ifndef PADDOCK_SERVICE_RUN_H_
#define PADDOCK_SERVICE_RUN_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "paddock/v1/paddock.pb.h"
#include "service/event_log.h"
#include "service/posix/runner_channel.h"
#include "service/start.h"

namespace paddock::service {

// The client that is attached to a run. On the loop's thread.
class RunClient {
 public:
  virtual ~RunClient() = default;
  // Run::Next() may have something.
  virtual void Wake() = 0;
  // Run::TakesInput() again.
  virtual void ReadMore() = 0;
  // Another client has the run now.
  virtual void Replaced() = 0;
};

// One run, from the order to the end that somebody may still ask for. On the loop's thread.
class Run {
 public:
  struct Options {
    std::string id;
    bool keep = false;
    size_t kept_bytes = 0;             // of events, if kept
    std::function<void(Run*)> on_end;  // its runner has gone, or there never was one
  };
  Run(Start start, Options options);

  // Gets its slot: the socket of its runner.
  void Begin(EventLoop* loop, UniqueFd socket);
  // Nothing can be started.
  void Fail(const absl::Status& why);
  void Accept(bool waiting);

  // `client` is the one client from now on. It has events up to `sequence`.
  void Attach(RunClient* client, uint64_t sequence);
  // `client` has gone: the run ends, unless it is kept.
  void Detach(RunClient* client);
  // The next event for the client that is attached.
  std::optional<v1::RunResponse> Next();

  // InvalidArgument (`service_protocol`).
  absl::Status TakeInput(const v1::Input& input);
  // While this is false, no more input is to be read from the client.
  bool TakesInput() const;
  void Signal(int signal);
  // Ends it without a client to tell.
  void End();

  bool ended() const { return ending_.has_value() && channel_ == nullptr; }
  const Ending& ending() const { return *ending_; }
  const std::string& id() const { return options_.id; }
  bool kept() const { return options_.keep; }
  bool attached() const { return client_ != nullptr; }
  std::chrono::system_clock::time_point created() const { return created_; }
  uint64_t output_bytes() const { return output_bytes_; }
  v1::RunInfo Info() const;

 private:
  void OnFrame(const wsl2::Frame& frame);
  void OnOutput(v1::Output::Stream stream, const std::string& bytes);
  void OnChannelEnd();
  void Conclude();
  void Append(v1::RunResponse event);
  void SendInput();
  void HoldBack();

  Start start_;
  const Options options_;
  const std::chrono::system_clock::time_point created_ = std::chrono::system_clock::now();
  EventLog log_;
  RunClient* client_ = nullptr;
  std::unique_ptr<RunnerChannel> channel_;
  std::optional<Ending> ending_;

  wsl2::InputWindow window_;
  std::string input_;  // that the window has no room for yet
  bool input_closed_ = false, input_close_sent_ = false;
  uint64_t output_bytes_ = 0;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_RUN_H_
