#ifndef PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
#define PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

  // Until Stop(), which is called on the loop. Tasks that are posted later never run.
  void Run();
  void Stop();

 private:
  struct Watched {
    uint32_t generation;
    Handler handler;
  };

  EventLoop(UniqueFd epoll, UniqueFd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}
  bool TakeTurn();
  void RunTasks(bool all);
  void Handle(uint64_t key, uint32_t events);

  UniqueFd epoll_, wake_;
  std::map<int, std::shared_ptr<Watched>> watched_;
  uint32_t generation_ = 0;

  std::mutex mutex_;  // guards all below
  std::condition_variable turn_over_;
  std::vector<Task> tasks_;
  bool taken_ = true;  // somebody has the turn; before Run(), whoever made the loop
  bool run_waits_ = false, stopped_ = false;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
