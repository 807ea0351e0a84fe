#ifndef PADDOCK_SERVICE_DISPATCHER_H_
#define PADDOCK_SERVICE_DISPATCHER_H_

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/counters.h"
#include "service/posix/event_loop.h"
#include "service/posix/log.h"
#include "service/run.h"
#include "service/slots.h"

namespace paddock::service {

struct DispatcherOptions {
  size_t max_runs = 64, queue = 256;
  size_t kept_runs = 64;         // that have ended; the oldest go first
  size_t kept_bytes = 1u << 20;  // of events, of each kept run
  std::chrono::milliseconds kept_for{600'000};
  // For which a client may leave what waits for it; zero: for ever.
  std::chrono::milliseconds stalled_for{600'000};
  size_t max_questions = 8, question_queue = 64;
  std::optional<std::string> ceiling;  // a policy file
  std::vector<std::string> hidden;     // from every command: what would let it reach the daemon
};

// Asked once; destroying it ends the question.
class Question {
 public:
  virtual ~Question() = default;
};

// Everything that clients ask for. On the loop's thread.
class Dispatcher {
 public:
  // The socket of a new runner.
  using MakeRunner = std::function<absl::StatusOr<UniqueFd>()>;

  Dispatcher(EventLoop* loop, DispatcherOptions options, MakeRunner make_runner, Log* log);
  ~Dispatcher();

  // ResourceExhausted (`service_busy`), Unavailable (`service_draining`), or what is wrong with the order.
  absl::StatusOr<std::shared_ptr<Run>> StartRun(const v1::Start& start);

  // `answer` is called once, unless what is returned is destroyed before.
  absl::StatusOr<std::unique_ptr<Question>> Ask(Start start, std::function<void(Ending)> answer);

  // NotFound (`run_unknown`).
  absl::StatusOr<std::shared_ptr<Run>> Find(const std::string& id) const;
  std::vector<std::shared_ptr<Run>> List() const;
  // Drops a run that has ended; ends one that has not.
  void Stop(const std::shared_ptr<Run>& run, int signal);

  // A client has let its run's output wait for longer than `stalled_for`; it is about to be detached.
  void OnStalled(const Run& run);
  std::chrono::milliseconds stalled_for() const { return options_.stalled_for; }

  // Starts nothing more; `empty` is called when nothing runs any more.
  void Drain(std::function<void()> empty);
  // Ends everything that runs.
  void EndAll();

  Counters& counters();

 private:
  class Asked;
  void OnRunEnd(Run* run);
  void DropOldRuns();
  void CheckEmpty();
  absl::Status Bind(Start* start) const;

  EventLoop* const loop_;
  const DispatcherOptions options_;
  const MakeRunner make_runner_;
  Log* const log_;
  Counters counters_;
  Slots run_slots_, question_slots_;
  std::map<std::string, std::shared_ptr<Run>> runs_;
  std::map<std::string, Slots::Ticket> tickets_;  // of runs_ that have not ended
  struct KeptRun {
    std::string id;
    std::chrono::steady_clock::time_point ended;
  };
  std::list<KeptRun> kept_;                 // the oldest first
  std::optional<EventLoop::Alarm> expiry_;  // of the oldest
  size_t asked_ = 0;
  std::function<void()> empty_;
  bool draining_ = false;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_DISPATCHER_H_
