#ifndef PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
#define PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::service {

// The thread on which everything of the daemon's happens: what gRPC's threads learn is posted to it, so that nothing
// else needs a lock. Nothing on it may block.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using Handler = std::function<void(uint32_t events)>;  // of epoll(7)

  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  // From any thread. Tasks run in the order in which they were posted.
  void Post(Task task);

  // On the loop's thread, or before Run(). `fd` stays the caller's, and is forgotten before it is closed.
  absl::Status Watch(int fd, uint32_t events, Handler handler);
  void Change(int fd, uint32_t events);
  void Forget(int fd);

  // Until Stop().
  void Run();
  void Stop();

 private:
  EventLoop(UniqueFd epoll, UniqueFd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}
  void RunTasks();

  UniqueFd epoll_, wake_;
  std::map<int, std::shared_ptr<Handler>> handlers_;
  bool stopped_ = false;
  std::mutex mutex_;  // guards tasks_
  std::vector<Task> tasks_;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_POSIX_EVENT_LOOP_H_
