#ifndef PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_STDIO_H_
#define PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_STDIO_H_

#include <poll.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/backend/launcher.h"
#include "core/platform/posix/unique_fd.h"

namespace posix_limits {

// One output stream on its way from the command to the sink or to a descriptor of the caller's. Never blocks, so that
// the limits go on while nobody reads.
class Relay {
 public:
  static constexpr int kToSink = -1;
  static constexpr int kDiscard = -2;
  Relay(paddock::UniqueFd source, int target, paddock::StreamId stream)
      : source_(std::move(source)), target_(target), stream_(stream) {}

  bool done() const { return !source_.valid() && pending_ == 0; }
  bool pending() const { return pending_ > 0; }
  pollfd Wanted() const;  // what to poll for before the next Step
  // Moves what there is, at most `room` bytes of it. Returns the bytes read: more than `room` if there was more.
  uint64_t Step(paddock::EventSink& sink, uint64_t room);
  void StopReading() { source_.reset(); }

 private:
  void Deliver(paddock::EventSink& sink);

  paddock::UniqueFd source_;
  int target_;
  paddock::StreamId stream_;
  std::array<char, 4096> buffer_;  // PIPE_BUF: a pipe that polls writable takes as much without blocking (pipe(7))
  size_t begin_ = 0, pending_ = 0;
};

struct Streams {
  paddock::UniqueFd child[3];  // 3 or above, so that none is overwritten while they are put in place
  paddock::UniqueFd input;     // Sandbox::Write's end
  std::vector<Relay> outputs;
};

// `count_output`: every byte has to pass through here.
absl::StatusOr<Streams> Connect(const paddock::Stdio& stdio, bool count_output);

// A pipe of which neither end is below 3.
absl::Status MakePipe(paddock::UniqueFd& read_end, paddock::UniqueFd& write_end);

}  // namespace posix_limits

#endif  // PADDOCK_EXAMPLES_BACKEND_POSIX_LIMITS_LAUNCH_STDIO_H_
