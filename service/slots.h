#ifndef PADDOCK_SERVICE_SLOTS_H_
#define PADDOCK_SERVICE_SLOTS_H_

#include <cstdint>
#include <functional>
#include <list>
#include <utility>

#include "absl/status/statusor.h"

namespace paddock::service {

// So many things at once, and so many that wait for their turn, first come first served. Not thread-safe.
class Slots {
 public:
  using Ticket = uint64_t;

  Slots(size_t most, size_t most_waiting) : most_(most), most_waiting_(most_waiting) {}

  // Calls `go` now, or when it is its turn: it has a slot then, to be given back. ResourceExhausted (`service_busy`).
  absl::StatusOr<Ticket> Take(std::function<void()> go);
  // Gives back the slot of one that has gone, or its place in the queue. Ignores tickets that were given back.
  void GiveBack(Ticket ticket);

  size_t taken() const { return taken_.size(); }
  size_t waiting() const { return waiting_.size(); }

 private:
  const size_t most_, most_waiting_;
  Ticket last_ = 0;
  std::list<Ticket> taken_;
  std::list<std::pair<Ticket, std::function<void()>>> waiting_;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_SLOTS_H_
