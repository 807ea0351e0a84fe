#include "service/posix/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

// A descriptor's number may be another's by the time that an event of it is looked at; with its generation it is one.
uint64_t Key(int fd, uint32_t generation) { return uint64_t{generation} << 32 | static_cast<uint32_t>(fd); }

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll.valid() || !wake.valid()) return absl::ErrnoToStatus(errno, "epoll_create1, eventfd");
  const int wake_fd = wake.get();
  auto loop = std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll), std::move(wake)));
  RETURN_IF_ERROR(loop->Watch(wake_fd, EPOLLIN, [wake_fd](uint32_t) {
    uint64_t count;
    static_cast<void>(!read(wake_fd, &count, sizeof(count)));
  }));
  return loop;
}

void EventLoop::Post(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    tasks_.push_back(std::move(task));
    if (std::exchange(taken_, true)) return;  // who has the turn runs it
  }
  RunTasks(/*all=*/false);
}

absl::Status EventLoop::Watch(int fd, uint32_t events, Handler handler) {
  const uint32_t generation = ++generation_;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Key(fd, generation);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return absl::ErrnoToStatus(errno, "epoll_ctl");
  watched_[fd] = std::make_shared<Watched>(Watched{generation, std::move(handler)});
  return absl::OkStatus();
}

void EventLoop::Change(int fd, uint32_t events) {
  const auto found = watched_.find(fd);
  if (found == watched_.end()) return;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = Key(fd, found->second->generation);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Forget(int fd) {
  watched_.erase(fd);
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

// False once the loop has been stopped.
bool EventLoop::TakeTurn() {
  std::unique_lock<std::mutex> lock(mutex_);
  run_waits_ = true;
  turn_over_.wait(lock, [this] { return !taken_; });
  run_waits_ = false;
  taken_ = true;
  return !stopped_;
}

// Runs what was posted, and gives the turn away. `all`: nothing may be left; else the thread in Run() may take it over
// in between, so that a busy thread of gRPC's does not keep it from what descriptors report.
void EventLoop::RunTasks(bool all) {
  for (;;) {
    std::vector<Task> tasks;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (tasks_.empty() || stopped_ || (run_waits_ && !all)) {
        taken_ = false;
        if (run_waits_) turn_over_.notify_one();
        return;
      }
      tasks.swap(tasks_);
    }
    for (const Task& task : tasks) task();
  }
}

void EventLoop::Handle(uint64_t key, uint32_t events) {
  const auto found = watched_.find(static_cast<int>(key & UINT32_MAX));
  if (found == watched_.end() || found->second->generation != key >> 32) return;  // forgotten by a handler before it
  const std::shared_ptr<Watched> watched = found->second;
  watched->handler(events);
}

void EventLoop::Run() {
  std::array<epoll_event, 64> events;
  for (;;) {
    RunTasks(/*all=*/true);
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (!TakeTurn()) return;
    for (int i = 0; i < count; ++i)
      Handle(events[static_cast<size_t>(i)].data.u64, events[static_cast<size_t>(i)].events);
  }
}

void EventLoop::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  const uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof(one)));
}

}  // namespace paddock::service
