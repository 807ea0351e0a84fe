#include "service/posix/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

// A descriptor's number may be another's by the time that an event of it is looked at; with its generation it is one.
uint64_t Key(int fd, uint32_t generation) { return uint64_t{generation} << 32 | static_cast<uint32_t>(fd); }

// An eventfd or a timerfd reports until it is read.
void Drain(int fd) {
  uint64_t count;
  static_cast<void>(!read(fd, &count, sizeof(count)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC)), wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  UniqueFd clock(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!epoll.valid() || !wake.valid() || !clock.valid()) {
    return absl::ErrnoToStatus(errno, "epoll_create1, eventfd, timerfd_create");
  }
  auto loop = std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll), std::move(wake), std::move(clock)));
  EventLoop* const raw = loop.get();
  RETURN_IF_ERROR(raw->Watch(raw->wake_.get(), EPOLLIN, [raw](uint32_t) { Drain(raw->wake_.get()); }));
  RETURN_IF_ERROR(raw->Watch(raw->clock_.get(), EPOLLIN, [raw](uint32_t) {
    Drain(raw->clock_.get());
    raw->RunAlarms();
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

EventLoop::Alarm EventLoop::After(std::chrono::milliseconds delay, Task task) {
  const Alarm alarm = {std::chrono::steady_clock::now() + delay, ++last_alarm_};
  alarms_[alarm] = std::move(task);
  if (alarm.first < clock_set_) SetClock();
  return alarm;
}

void EventLoop::SetClock() {
  using std::chrono::duration_cast;
  clock_set_ = alarms_.empty() ? std::chrono::steady_clock::time_point::max() : alarms_.begin()->first.first;
  if (alarms_.empty()) return;
  const auto since_boot = clock_set_.time_since_epoch();  // CLOCK_MONOTONIC's, in libstdc++ and libc++
  const auto seconds = duration_cast<std::chrono::seconds>(since_boot);
  itimerspec when = {};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = duration_cast<std::chrono::nanoseconds>(since_boot - seconds).count();
  timerfd_settime(clock_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void EventLoop::RunAlarms() {
  while (!alarms_.empty() && alarms_.begin()->first.first <= std::chrono::steady_clock::now()) {
    const auto alarm = alarms_.extract(alarms_.begin());
    alarm.mapped()();
  }
  SetClock();
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
