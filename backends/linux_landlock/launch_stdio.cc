#include "backends/linux_landlock/launch_stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

// A pipe that polls as writable takes this much without blocking (PIPE_BUF, pipe(7)); so do terminals and sockets or
// they take less.
constexpr size_t kUnblockedWrite = 4096;
constexpr char kEndOfTransmission = 4;  // ^D, what a terminal's line discipline takes as end of file

enum class Nature { kAbsent, kNull, kPassable, kCopied, kDirectory };

Nature NatureOf(int fd) {
  struct stat st = {};
  if (fd < 0 || fstat(fd, &st) != 0) return Nature::kAbsent;
  if (S_ISDIR(st.st_mode) || (fcntl(fd, F_GETFL) & O_PATH) != 0) return Nature::kDirectory;
  if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) return Nature::kNull;
  struct statfs fs = {};
  if (S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC) return Nature::kPassable;
  return Nature::kCopied;
}

bool IsRegular(intptr_t fd) {
  struct stat st = {};
  return fstat(static_cast<int>(fd), &st) == 0 && S_ISREG(st.st_mode);
}

bool SameFile(int a, int b) {
  struct stat one = {}, other = {};
  return fstat(a, &one) == 0 && fstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

absl::Status MakePipe(UniqueFd* read_end, UniqueFd* write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::InternalError(absl::StrCat("pipe2: ", strerror(errno)));
  read_end->reset(ends[0]);
  write_end->reset(ends[1]);
  return absl::OkStatus();
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

int HostFd(const StreamSpec& spec, int number) {
  switch (spec.kind) {
    case StreamSpec::Kind::kInherit:
      return number;
    case StreamSpec::Kind::kHandle:
      return static_cast<int>(spec.handle);
    case StreamSpec::Kind::kNull:
    case StreamSpec::Kind::kPipe:
      return -1;
  }
  return -1;
}

absl::Status RefuseDirectory(const char* name) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "stdio_is_directory",
                     absl::StrCat(name, " is a directory, through which the command could reach past every mask"));
}

absl::Status ConnectInput(const Stdio& stdio, Streams* streams) {
  const int fd = HostFd(stdio.in, 0);
  const Nature nature = NatureOf(fd);
  if (nature == Nature::kDirectory) return RefuseDirectory("stdin");
  if (stdio.in.kind != StreamSpec::Kind::kPipe) {
    if (nature == Nature::kAbsent || nature == Nature::kNull) return absl::OkStatus();
    if (nature == Nature::kPassable) {
      streams->child[0] = fd;
      return absl::OkStatus();
    }
  }
  UniqueFd read_end, write_end;
  RETURN_IF_ERROR(MakePipe(&read_end, &write_end));
  streams->child[0] = read_end.get();
  if (stdio.in.kind == StreamSpec::Kind::kPipe) {
    streams->api_input = std::move(write_end);
  } else {
    UniqueFd kept(fcntl(read_end.get(), F_DUPFD_CLOEXEC, 3));
    streams->input.emplace(fd, std::move(write_end), std::move(kept), /*terminal=*/false);
  }
  streams->child_ends.push_back(std::move(read_end));
  return absl::OkStatus();
}

absl::Status ConnectOutput(const StreamSpec& spec, int number, bool count_output, Streams* streams) {
  const int fd = HostFd(spec, number);
  const Nature nature = NatureOf(fd);
  if (nature == Nature::kDirectory) return RefuseDirectory(number == 1 ? "stdout" : "stderr");
  const bool to_sink = spec.kind == StreamSpec::Kind::kPipe;
  const bool nowhere = nature == Nature::kAbsent || nature == Nature::kNull;
  // What is counted has to pass through here, even if nobody wants it.
  if (!to_sink && nowhere && !count_output) return absl::OkStatus();
  if (!to_sink && nature == Nature::kPassable && !count_output) {
    streams->child[number] = fd;
    return absl::OkStatus();
  }
  UniqueFd read_end, write_end;
  RETURN_IF_ERROR(MakePipe(&read_end, &write_end));
  SetNonBlocking(read_end.get());
  streams->child[number] = write_end.get();
  const intptr_t target = to_sink ? Pump::kToSink : nowhere ? Pump::kDiscard : intptr_t{fd};
  streams->outputs.emplace_back(std::move(read_end), target, number == 1 ? StreamId::kStdout : StreamId::kStderr);
  streams->child_ends.push_back(std::move(write_end));
  return absl::OkStatus();
}

}  // namespace

int Pump::poll_fd() const { return pending_ > 0 ? static_cast<int>(target_) : source_.get(); }

short Pump::poll_events() const { return pending_ > 0 ? POLLOUT : POLLIN; }

void Pump::Abandon() {
  source_.reset();
  pending_ = 0;
}

size_t Pump::Step(EventSink& sink, uint64_t room) {
  size_t got = 0;
  if (pending_ == 0 && source_.valid()) {
    if (buffer_ == nullptr) buffer_ = std::unique_ptr<char[]>(new char[kBufferSize]);
    const ssize_t n = read(source_.get(), buffer_.get(), std::min<uint64_t>(kBufferSize, room + 1));
    if (n > 0) {
      got = static_cast<size_t>(n);
      begin_ = 0;
      pending_ = std::min<uint64_t>(got, room);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      source_.reset();  // EIO: the terminal's last slave is closed
    }
    if (pending_ > 0 && (target_ < 0 || IsRegular(target_))) Deliver(sink);
    return got;
  }
  if (pending_ > 0) Deliver(sink);
  return got;
}

void Pump::Deliver(EventSink& sink) {
  if (target_ < 0) {
    if (target_ == kToSink) sink.OnEvent(OutputEvent{stream_, absl::string_view(buffer_.get() + begin_, pending_)});
    pending_ = 0;
    return;
  }
  const size_t size = IsRegular(target_) ? pending_ : std::min(pending_, kUnblockedWrite);
  const ssize_t n = write(static_cast<int>(target_), buffer_.get() + begin_, size);
  if (n > 0) {
    begin_ += static_cast<size_t>(n);
    pending_ -= static_cast<size_t>(n);
  } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
    Abandon();
  }
}

InputPump::InputPump(int source, UniqueFd target, UniqueFd read_end, bool terminal)
    : source_(source), target_(std::move(target)), read_end_(std::move(read_end)), terminal_(terminal) {
  SetNonBlocking(target_.get());
}

short InputPump::poll_events() const { return pending_ > 0 ? POLLOUT : POLLIN; }

void InputPump::Step() {
  if (pending_ == 0) {
    buffer_.resize(kUnblockedWrite);
    const ssize_t n = read(source_, buffer_.data(), buffer_.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      if (terminal_ && write(target_.get(), &kEndOfTransmission, 1) < 0) errno = 0;
      target_.reset();
      return;
    }
    begin_ = 0;
    pending_ = static_cast<size_t>(n);
  }
  const ssize_t n = write(target_.get(), buffer_.data() + begin_, pending_);
  if (n > 0) {
    begin_ += static_cast<size_t>(n);
    pending_ -= static_cast<size_t>(n);
  } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
    target_.reset();
  }
}

void InputPump::GiveBack() {
  int unread = 0;
  if (!read_end_.valid() || !IsRegular(source_) || ioctl(read_end_.get(), FIONREAD, &unread) != 0) return;
  lseek(source_, -static_cast<off_t>(static_cast<size_t>(unread) + pending_), SEEK_CUR);
}

absl::StatusOr<Streams> ConnectStreams(const Stdio& stdio, bool count_output) {
  Streams streams;
  if (stdio.tty) return streams;
  RETURN_IF_ERROR(ConnectInput(stdio, &streams));
  RETURN_IF_ERROR(ConnectOutput(stdio.out, 1, count_output, &streams));
  // One file behind both: one pipe for both, or the order of what the command writes would be lost.
  const int out = HostFd(stdio.out, 1), err = HostFd(stdio.err, 2);
  if (!streams.outputs.empty() && out >= 0 && err >= 0 && SameFile(out, err)) {
    streams.child[2] = streams.child[1];
    return streams;
  }
  RETURN_IF_ERROR(ConnectOutput(stdio.err, 2, count_output, &streams));
  return streams;
}

void EndApiInput(Streams* streams) {
  if (streams->terminal.valid() && streams->api_input.valid()) {
    if (write(streams->api_input.get(), &kEndOfTransmission, 1) < 0) errno = 0;
  }
  streams->api_input.reset();
}

absl::Status AttachTerminal(const Stdio& stdio, UniqueFd master, Streams* streams) {
  SetNonBlocking(master.get());
  UniqueFd writer(fcntl(master.get(), F_DUPFD_CLOEXEC, 3));
  streams->terminal.reset(fcntl(master.get(), F_DUPFD_CLOEXEC, 3));
  if (!writer.valid() || !streams->terminal.valid())
    return absl::InternalError(absl::StrCat("terminal: dup: ", strerror(errno)));
  const int in = HostFd(stdio.in, 0);
  if (stdio.in.kind == StreamSpec::Kind::kPipe) {
    streams->api_input = std::move(writer);
  } else {
    streams->input.emplace(NatureOf(in) == Nature::kAbsent ? -1 : in, std::move(writer), UniqueFd(), /*terminal=*/true);
  }
  intptr_t out = HostFd(stdio.out, 1);
  if (stdio.out.kind == StreamSpec::Kind::kPipe) {
    out = Pump::kToSink;
  } else if (NatureOf(static_cast<int>(out)) == Nature::kAbsent) {
    out = Pump::kDiscard;
  }
  streams->outputs.emplace_back(std::move(master), out, StreamId::kStdout);
  return absl::OkStatus();
}

}  // namespace paddock
