#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STDIO_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STDIO_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "core/backend/launcher.h"
#include "core/platform/posix/unique_fd.h"

// How the three standard streams reach the command, and the copying that this takes.
//
// The command gets no descriptor of a host file: with one it could change the file's mode or owner, or reopen it, past
// every mount. So a regular file, a terminal, a device or a named FIFO is copied through a pipe; /dev/null becomes the
// sandbox's own; an anonymous pipe or a socket is handed over as it is (stdout and stderr only if no output limit has
// to be counted); a directory is refused.

namespace paddock {

// One direction of copying. Bytes go from `source` to `target`: a descriptor that stays the caller's, or one of these.
class Pump {
 public:
  static constexpr intptr_t kToSink = -1;
  static constexpr intptr_t kDiscard = -2;

  Pump(UniqueFd source, intptr_t target, StreamId stream)
      : source_(std::move(source)), target_(target), stream_(stream) {}

  bool done() const { return !source_.valid() && pending_ == 0; }
  // What to poll for next: the source for reading, or the target for writing while bytes are pending. -1: nothing.
  int poll_fd() const;
  short poll_events() const;
  static constexpr uint64_t kUnlimited = ~uint64_t{0} - 1;
  // Moves what can be moved without blocking, and relays no more than `room` bytes of it. Returns the number of bytes
  // read from the source: more than `room` says that there was more to relay.
  size_t Step(EventSink& sink, uint64_t room = kUnlimited);
  // Reads no more: the command's next write fails as on a broken pipe. What was read is still delivered.
  void StopReading() { source_.reset(); }
  // The same, and nothing more is delivered.
  void Abandon();

  StreamId stream() const { return stream_; }

 private:
  static constexpr size_t kBufferSize = 64u << 10;

  void Deliver(EventSink& sink);

  UniqueFd source_;
  intptr_t target_;
  StreamId stream_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0, pending_ = 0;
};

// stdin's direction: from the caller's stream (not owned) into a pipe or terminal (owned).
class InputPump {
 public:
  InputPump(int source, UniqueFd target, UniqueFd read_end, bool terminal);

  bool done() const { return !target_.valid(); }
  int poll_fd() const { return pending_ > 0 ? target_.get() : source_; }
  short poll_events() const;
  void Step();
  // After the run: a regular file's offset goes back to what the command really consumed, so that `while read x; do
  // paddock run ...; done < list` sees every line.
  void GiveBack();

 private:
  int source_;
  UniqueFd target_, read_end_;
  bool terminal_;
  std::vector<char> buffer_;
  size_t begin_ = 0, pending_ = 0;
};

// The launcher's side of the streams of one run.
struct Streams {
  int child[3] = {-1, -1, -1};       // for ChildSpec::stdio
  std::vector<UniqueFd> child_ends;  // owners of those; closed once the child has them
  std::vector<Pump> outputs;
  std::optional<InputPump> input;
  UniqueFd api_input;  // Sandbox::Write's end
  UniqueFd terminal;   // the terminal's master, for its size alone
};

// Decides and opens; with a terminal there is nothing to do before AttachTerminal. `count_output`: every byte has to
// pass through here. FailedPrecondition `stdio_is_directory`.
absl::StatusOr<Streams> ConnectStreams(const Stdio& stdio, bool count_output);

// Ends what Sandbox::Write feeds: closes the pipe, or has the terminal say "end of file".
void EndApiInput(Streams* streams);

// Connects the sandbox's terminal, once its master is here.
absl::Status AttachTerminal(const Stdio& stdio, UniqueFd master, Streams* streams);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_STDIO_H_
