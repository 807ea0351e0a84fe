#include "service/posix/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/status_macros.h"

namespace paddock::service {

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
    tasks_.push_back(std::move(task));
    if (tasks_.size() > 1) return;  // it has been woken for the first
  }
  const uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof(one)));
}

absl::Status EventLoop::Watch(int fd, uint32_t events, Handler handler) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return absl::ErrnoToStatus(errno, "epoll_ctl");
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
  return absl::OkStatus();
}

void EventLoop::Change(int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Forget(int fd) {
  handlers_.erase(fd);
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EventLoop::RunTasks() {
  std::vector<Task> tasks;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const Task& task : tasks) task();
}

void EventLoop::Run() {
  std::array<epoll_event, 64> events;
  while (!stopped_) {
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const auto found = handlers_.find(events[static_cast<size_t>(i)].data.fd);
      if (found == handlers_.end()) continue;  // forgotten by a handler before it
      const std::shared_ptr<Handler> handler = found->second;
      (*handler)(events[static_cast<size_t>(i)].events);
    }
    RunTasks();
  }
}

void EventLoop::Stop() { stopped_ = true; }

}  // namespace paddock::service
