#include "backends/wsl2/launch_relay_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

// Where as much waits for the host, the command's pipes are left to fill.
constexpr size_t kMostQueued = 2 * kMaxFrameBytes;
// Signals of the host's before there is anything to get them.
constexpr size_t kMostEarlySignals = 16;

absl::Status Gone(absl::string_view how) { return absl::UnavailableError(absl::StrCat("the host is gone: ", how)); }
absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", strerror(errno)));
}

void SetNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

bool WouldWait() { return errno == EAGAIN || errno == EINTR; }

// `ours` does not block, since one thread serves all; the command's end does, as programs expect.
absl::Status MakePipe(UniqueFd* read_end, UniqueFd* write_end, bool ours_is_read_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("pipe2");
  read_end->reset(ends[0]);
  write_end->reset(ends[1]);
  SetNonBlocking(ours_is_read_end ? ends[0] : ends[1]);
  return absl::OkStatus();
}

StreamSpec Handle(int fd) { return {StreamSpec::Kind::kHandle, fd}; }
StreamSpec Null() { return {StreamSpec::Kind::kNull, -1}; }

}  // namespace

RelayPump::RelayPump(int in, int out, intptr_t signals)
    : in_(in),
      out_(out),
      signals_(signals),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      block_(std::make_unique_for_overwrite<char[]>(kMaxFrameBytes)) {
  SetNonBlocking(in_);
  SetNonBlocking(out_);
}

absl::Status RelayPump::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(out_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (!WouldWait()) return Gone(strerror(errno));
    // Its end is heard on the other stream, too: a host that neither reads nor lives must not keep us.
    pollfd events[] = {{out_, POLLOUT, 0}, {in_, POLLRDHUP, 0}};
    if (poll(events, 2, -1) < 0 && errno != EINTR) return SystemError("poll");
    if ((events[1].revents & (POLLHUP | POLLERR | POLLRDHUP)) != 0) return Gone("its end of input came");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RelayPump::AwaitStart() {
  for (;;) {
    const ssize_t n = read(in_, block_.get(), kMaxFrameBytes);
    if (n == 0) return Gone("its end of input came before a run");
    if (n < 0) {
      if (!WouldWait()) return Gone(strerror(errno));
      pollfd event = {in_, POLLIN, 0};
      if (poll(&event, 1, -1) < 0 && errno != EINTR) return SystemError("poll");
      continue;
    }
    absl::string_view bytes(block_.get(), static_cast<size_t>(n));
    ASSIGN_OR_RETURN(std::optional<Frame> start, reader_.Next(&bytes));
    if (!start.has_value()) continue;
    RETURN_IF_ERROR(TakeFrames(bytes));
    return std::move(start->payload);
  }
}

absl::StatusOr<Stdio> RelayPump::Connect(bool in, bool out, bool err, bool tty) {
  Stdio stdio;
  connected_ = true;
  stdio.tty = tty;
  stdio.signals = signals_;
  stdio.in = stdio.out = stdio.err = Null();
  if (in || tty) {
    UniqueFd read_end;
    RETURN_IF_ERROR(MakePipe(&read_end, &input_, /*ours_is_read_end=*/false));
    stdio.in = Handle(read_end.get());
    command_ends_.push_back(std::move(read_end));
  }
  const struct {
    bool wanted;
    FrameType type;
    StreamSpec* spec;
  } kOutputs[] = {{out || tty, FrameType::kStdout, &stdio.out}, {err && !tty, FrameType::kStderr, &stdio.err}};
  for (const auto& output : kOutputs) {
    if (!output.wanted) continue;
    UniqueFd read_end, write_end;
    RETURN_IF_ERROR(MakePipe(&read_end, &write_end, /*ours_is_read_end=*/true));
    *output.spec = Handle(write_end.get());
    outputs_.push_back({std::move(read_end), output.type, std::nullopt});
    command_ends_.push_back(std::move(write_end));
  }
  if (!input_.valid()) Credit(std::exchange(pending_, "").size());
  if (close_input_ && pending_.empty()) input_.reset();
  return stdio;
}

void RelayPump::Copy() {
  // A write to a pipe whose reader has gone is an error here; the signal would end the relay.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::vector<pollfd> events;
  while (!host_gone_) {
    StepEvents();
    StepDelivery();
    if (finished_ && queued_.empty()) return;
    const bool read_outputs = may_read_ && queued_.size() - queued_at_ < kMostQueued;
    events.assign({{wake_.get(), POLLIN, 0},
                   {finished_ ? -1 : in_, POLLIN, 0},
                   {out_, queued_.empty() ? short{0} : short{POLLOUT}, 0},
                   {pending_.empty() ? -1 : input_.get(), POLLOUT, 0}});
    for (const Output& output : outputs_) events.push_back({read_outputs ? output.source.get() : -1, POLLIN, 0});
    if (poll(events.data(), events.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return HostIsGone(SystemError("poll"));
    }
    if ((events[2].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return HostIsGone(Gone("it reads no more"));
    if (events[1].revents != 0) StepHost();
    if (events[3].revents != 0) StepInput();
    for (size_t i = 0; i < outputs_.size() && !host_gone_; ++i) {
      if (events[4 + i].revents != 0) StepOutput(&outputs_[i]);
    }
  }
}

void RelayPump::StepEvents() {
  uint64_t count;
  if (read(wake_.get(), &count, sizeof(count)) < 0 && !WouldWait()) return HostIsGone(SystemError("eventfd"));
  std::optional<std::string> exited;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queued_ += std::exchange(events_, "");
    may_read_ = started_ || exited_.has_value();
    exited = exited_;
  }
  if (!exited.has_value() || finished_) return;
  EndOutputs();
  const bool over = std::all_of(outputs_.begin(), outputs_.end(), [](const Output& o) { return !o.source.valid(); });
  if (!over) return;
  Queue(FrameType::kExited, *exited);
  finished_ = true;
}

// Nobody of the tree writes any more. A process that outlived it, where a tree is not contained, may: what it writes
// from now on is not the run's.
void RelayPump::EndOutputs() {
  for (Output& output : outputs_) {
    int left = 0;
    if (output.source.valid() && !output.left.has_value()) {
      output.left = ioctl(output.source.get(), FIONREAD, &left) == 0 ? static_cast<size_t>(left) : 0;
    }
    if (output.left == size_t{0}) output.source.reset();
  }
}

void RelayPump::StepHost() {
  const ssize_t n = read(in_, block_.get(), kMaxFrameBytes);
  if (n < 0 && WouldWait()) return;
  if (n < 0) return HostIsGone(Gone(strerror(errno)));
  if (n == 0) return HostIsGone(Gone("its end of input came before the run's end"));
  const absl::Status taken = TakeFrames(absl::string_view(block_.get(), static_cast<size_t>(n)));
  if (!taken.ok()) HostIsGone(taken);
}

absl::Status RelayPump::TakeFrames(absl::string_view bytes) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader_.Next(&bytes));
    if (!frame.has_value()) return absl::OkStatus();
    RETURN_IF_ERROR(TakeFrame(*frame));
  }
}

absl::Status RelayPump::TakeFrame(const Frame& frame) {
  if (frame.type == FrameType::kInput) {
    RETURN_IF_ERROR(window_.Send(frame.payload.size()));
    TakeInput(frame.payload);
    return absl::OkStatus();
  }
  if (frame.type == FrameType::kCloseInput) {
    close_input_ = true;
    if (pending_.empty()) input_.reset();
    return absl::OkStatus();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (frame.type == FrameType::kResize) {
    size_ = ParseResize(frame.payload);
    if (sandbox_ != nullptr) sandbox_->Resize(size_->columns, size_->rows).IgnoreError();
    return absl::OkStatus();
  }
  const int signal = ParseSignal(frame.payload);
  if (signal < 1 || signal > SIGRTMAX) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol",
                       absl::StrCat("a frame signal of the unknown signal ", signal));
  }
  if (sandbox_ != nullptr) {
    sandbox_->Signal(signal).IgnoreError();
  } else if (early_signals_.size() < kMostEarlySignals) {
    early_signals_.push_back(signal);
  }
  return absl::OkStatus();
}

void RelayPump::TakeInput(absl::string_view bytes) {
  if (connected_ && !input_.valid()) return Credit(bytes.size());  // for a command without the stream
  pending_.append(bytes.data(), bytes.size());
}

void RelayPump::StepInput() {
  const ssize_t n = write(input_.get(), pending_.data(), pending_.size());
  if (n < 0 && WouldWait()) return;
  if (n < 0) input_.reset();
  const size_t gone = n < 0 ? pending_.size() : static_cast<size_t>(n);
  pending_.erase(0, gone);
  Credit(gone);
  if (close_input_ && pending_.empty()) input_.reset();
}

void RelayPump::Credit(size_t bytes) {
  if (bytes == 0 || finished_) return;
  const auto credit = static_cast<uint32_t>(bytes);
  if (window_.Credit(credit).ok()) Queue(FrameType::kCredit, CreditPayload(credit));
}

void RelayPump::StepOutput(Output* output) {
  const size_t most = std::min(output->left.value_or(kMaxFrameBytes), kMaxFrameBytes);
  const ssize_t n = read(output->source.get(), block_.get(), most);
  if (n < 0 && WouldWait()) return;
  if (n <= 0) return output->source.reset();
  if (output->left.has_value()) *output->left -= static_cast<size_t>(n);
  Queue(output->type, absl::string_view(block_.get(), static_cast<size_t>(n)));
}

void RelayPump::Queue(FrameType type, absl::string_view payload) {
  const auto frame = EncodeFrame(type, payload);
  if (!frame.ok()) return HostIsGone(frame.status());
  queued_ += *frame;
}

void RelayPump::StepDelivery() {
  while (queued_at_ < queued_.size()) {
    const ssize_t n = write(out_, queued_.data() + queued_at_, queued_.size() - queued_at_);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return HostIsGone(Gone(strerror(errno)));
    queued_at_ += static_cast<size_t>(n);
  }
  queued_.clear();
  queued_at_ = 0;
}

void RelayPump::HostIsGone(absl::Status why) {
  if (std::exchange(host_gone_, true)) return;
  status_ = std::move(why);
  input_.reset();
  outputs_.clear();
  const std::lock_guard<std::mutex> lock(mutex_);
  end_sandbox_ = true;
  if (sandbox_ != nullptr) {
    sandbox_->Signal(SIGKILL).IgnoreError();
  } else if (signals_ >= 0 && !exited_.has_value()) {
    kill(getpid(), SIGTERM);  // set-up may hang in a file system; that it hears
  }
}

void RelayPump::Wake() {
  const uint64_t one = 1;
  static_cast<void>(!write(wake_.get(), &one, sizeof(one)));  // full: it is awake
}

void RelayPump::Tell(FrameType type, absl::string_view payload) {
  auto frame = EncodeFrame(type, payload);
  if (!frame.ok()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    events_ += *frame;
    if (type == FrameType::kStarted) started_ = true;
  }
  Wake();
}

void RelayPump::Observe(Sandbox* sandbox) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sandbox_ = sandbox;
  if (sandbox == nullptr) return;
  if (end_sandbox_) sandbox->Signal(SIGKILL).IgnoreError();
  if (size_.has_value()) sandbox->Resize(size_->columns, size_->rows).IgnoreError();
  for (const int signal : std::exchange(early_signals_, {})) sandbox->Signal(signal).IgnoreError();
}

void RelayPump::Ended(std::string exited) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    exited_ = std::move(exited);
  }
  Wake();
  command_ends_.clear();  // which the copying thread would hear of on its own otherwise
}

}  // namespace paddock::wsl2
