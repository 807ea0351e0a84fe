#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CPU_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CPU_H_

#include <sched.h>
#include <string.h>

namespace paddock {

// Keeps a thread on the processor that it is on, and with it the memory of its process. When that memory goes, every
// other processor that it was in use on has to be told by an interrupt, and answer: on a virtual machine whose other
// processor sleeps, half a millisecond. Async-signal-safe.
class PinnedCpu {
 public:
  void Pin() {
    // Fails where there are more than CPU_SETSIZE processors.
    if (sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
    const int cpu = sched_getcpu();
    if (cpu < 0 || cpu >= CPU_SETSIZE) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<size_t>(cpu), &one);
    pinned_ = sched_setaffinity(0, sizeof(one), &one) == 0;
  }

  // Gives the calling thread, which may be a child of the pinned one, the processors that it had. They count as asked
  // for from then on: should the cpuset grow, it does not follow.
  void Restore() const {
    if (!pinned_ || sched_setaffinity(0, sizeof(before_), &before_) == 0) return;
    // None of them is there any more: all that are.
    cpu_set_t all;
    memset(&all, 0xff, sizeof(all));
    sched_setaffinity(0, sizeof(all), &all);
  }

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_CPU_H_
