#ifndef PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
#define PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::service {

// Everything of the daemon's happens in here, one thing at a time: nothing of it needs a lock, and nothing may block.
// "On the loop" is whichever thread has its turn: the one in Run() for what descriptors report, and for what is posted
// the one that posts it, if nobody else has the turn. A thread of gRPC's that waited for another to be woken would cost
// more than most of what is to be done.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using Handler = std::function<void(uint32_t events)>;  // of epoll(7)

  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  // From any thread. Tasks run one after another, in the order in which they were posted: before this returns, unless
  // the caller is on the loop, another thread is, or Run() has not been called yet.
  void Post(Task task);

  // On the loop, or before Run(). `fd` stays the caller's, and is forgotten before it is closed.
  absl::Status Watch(int fd, uint32_t events, Handler handler);
  void Change(int fd, uint32_t events);
  void Forget(int fd);

  // On the loop, or before Run(). `task` runs on the loop once `delay` is over, unless it is cancelled before. What has
  // run, or was cancelled, may be cancelled again.
  using Alarm = std::pair<std::chrono::steady_clock::time_point, uint64_t>;
  Alarm After(std::chrono::milliseconds delay, Task task);
  void Cancel(const Alarm& alarm) { alarms_.erase(alarm); }

  // Until Stop(), which is called on the loop. Tasks that are posted later never run.
  void Run();
  void Stop();

 private:
  struct Watched {
    uint32_t generation;
    Handler handler;
  };

  EventLoop(UniqueFd epoll, UniqueFd wake, UniqueFd clock)
      : epoll_(std::move(epoll)), wake_(std::move(wake)), clock_(std::move(clock)) {}
  bool TakeTurn();
  void RunTasks(bool all);
  void Handle(uint64_t key, uint32_t events);
  void RunAlarms();
  void SetClock();

  UniqueFd epoll_, wake_, clock_;
  std::map<int, std::shared_ptr<Watched>> watched_;
  uint32_t generation_ = 0;
  std::map<Alarm, Task> alarms_;
  uint64_t last_alarm_ = 0;
  // When `clock_` will report. It may be for an alarm that was cancelled: setting it anew costs more than to look.
  std::chrono::steady_clock::time_point clock_set_ = std::chrono::steady_clock::time_point::max();

  std::mutex mutex_;  // guards all below
  std::condition_variable turn_over_;
  std::vector<Task> tasks_;
  bool taken_ = true;  // somebody has the turn; before Run(), whoever made the loop
  bool run_waits_ = false, stopped_ = false;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
