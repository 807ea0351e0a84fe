#include "posix_limits/launch_stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace posix_limits {
namespace {

using paddock::StreamSpec;
using paddock::UniqueFd;

absl::Status Duplicate(int fd, UniqueFd& copy) {
  copy.reset(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (copy.valid()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("standard stream, descriptor ", fd, ": ", strerror(errno)));
}

int DescriptorOf(const StreamSpec& spec, int number) {
  return spec.kind == StreamSpec::Kind::kHandle ? static_cast<int>(spec.handle) : number;
}

absl::Status ConnectInput(const StreamSpec& spec, Streams& streams) {
  if (spec.kind == StreamSpec::Kind::kPipe) return MakePipe(streams.child[0], streams.input);
  if (spec.kind != StreamSpec::Kind::kNull) return Duplicate(DescriptorOf(spec, STDIN_FILENO), streams.child[0]);
  return Duplicate(UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)).get(), streams.child[0]);
}

absl::Status ConnectOutput(const StreamSpec& spec, int number, bool counted, Streams& streams) {
  const bool null = spec.kind == StreamSpec::Kind::kNull;
  const bool pipe = spec.kind == StreamSpec::Kind::kPipe;
  UniqueFd& child = streams.child[number];
  if (!pipe && !counted) {
    if (!null) return Duplicate(DescriptorOf(spec, number), child);
    return Duplicate(UniqueFd(open("/dev/null", O_WRONLY | O_CLOEXEC)).get(), child);
  }
  UniqueFd source;
  RETURN_IF_ERROR(MakePipe(source, child));
  fcntl(source.get(), F_SETFL, O_NONBLOCK);
  const int target = pipe ? Relay::kToSink : null ? Relay::kDiscard : DescriptorOf(spec, number);
  const auto stream = number == STDOUT_FILENO ? paddock::StreamId::kStdout : paddock::StreamId::kStderr;
  streams.outputs.emplace_back(std::move(source), target, stream);
  return absl::OkStatus();
}

}  // namespace

absl::Status MakePipe(UniqueFd& read_end, UniqueFd& write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("pipe2: ", strerror(errno)));
  const UniqueFd first(ends[0]), second(ends[1]);
  RETURN_IF_ERROR(Duplicate(first.get(), read_end));
  return Duplicate(second.get(), write_end);
}

absl::StatusOr<Streams> Connect(const paddock::Stdio& stdio, bool count_output) {
  Streams streams;
  RETURN_IF_ERROR(ConnectInput(stdio.in, streams));
  RETURN_IF_ERROR(ConnectOutput(stdio.out, STDOUT_FILENO, count_output, streams));
  RETURN_IF_ERROR(ConnectOutput(stdio.err, STDERR_FILENO, count_output, streams));
  return streams;
}

pollfd Relay::Wanted() const {
  if (pending_ > 0) return {target_, POLLOUT, 0};
  return {source_.get(), POLLIN, 0};
}

uint64_t Relay::Step(paddock::EventSink& sink, uint64_t room) {
  if (pending_ > 0) {
    Deliver(sink);
    return 0;
  }
  const ssize_t got = read(source_.get(), buffer_.data(), buffer_.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (got <= 0) {
    source_.reset();
    return 0;
  }
  begin_ = 0;
  pending_ = static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(got), room));
  if (target_ < 0 && pending_ > 0) Deliver(sink);  // a descriptor is polled first
  return static_cast<uint64_t>(got);
}

void Relay::Deliver(paddock::EventSink& sink) {
  if (target_ == kToSink) sink.OnEvent(paddock::OutputEvent{stream_, {buffer_.data() + begin_, pending_}});
  if (target_ < 0) {
    pending_ = 0;
    return;
  }
  const ssize_t written = write(target_, buffer_.data() + begin_, pending_);
  if (written > 0) {
    begin_ += static_cast<size_t>(written);
    pending_ -= static_cast<size_t>(written);
  } else if (errno != EAGAIN && errno != EINTR) {
    // Nobody reads any more: the command learns it by SIGPIPE, as it would without us.
    pending_ = 0;
    source_.reset();
  }
}

}  // namespace posix_limits
