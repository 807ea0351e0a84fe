#include "service/run.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::service {
namespace {

using wsl2::FrameType;

// Where a client has as much to read, its run is held back.
constexpr size_t kMostUnread = 256u << 10;
// Input that waits for the command.
constexpr size_t kMostInput = 64u << 10;
constexpr size_t kMostInputMessage = 1u << 20;
constexpr uint32_t kMostSignal = 64, kKill = 9;
constexpr uint32_t kMostCells = 65535;

absl::Status Wrong(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "service_protocol", what);
}

// A frame's JSON, of our own runner; what is missing is empty.
Json Parsed(const std::string& payload) {
  auto json = ParseJson(payload, "a runner");
  return json.ok() && json->is_object() ? *std::move(json) : Json::object();
}

}  // namespace

Run::Run(Start start, Options options)
    : start_(std::move(start)), options_(std::move(options)), log_(options_.keep ? options_.kept_bytes : 0) {}

void Run::Accept(bool waiting) {
  v1::RunResponse event;
  event.mutable_accepted()->set_run_id(options_.id);
  event.mutable_accepted()->set_waiting(waiting);
  Append(std::move(event));
}

void Run::Begin(EventLoop* loop, UniqueFd socket) {
  RunnerChannel::Listener listener;
  listener.on_frame = [this](const wsl2::Frame& frame) { OnFrame(frame); };
  listener.on_end = [this] { OnChannelEnd(); };
  listener.on_sent = [this] {
    if (client_ != nullptr) client_->ReadMore();
  };
  auto channel = RunnerChannel::Create(loop, std::move(socket), std::move(listener));
  if (!channel.ok()) return Fail(channel.status());
  const auto payload = EncodeStart(start_);
  if (!payload.ok()) return Fail(payload.status());
  channel_ = *std::move(channel);
  channel_->Send(FrameType::kStart, *payload);
  // Only these are asked for again.
  start_.environment.clear();
  start_.facts.clear();
  SendInput();
}

void Run::Fail(const absl::Status& why) {
  Ending ending;
  ending.status = why;
  ending.exit_status = 125;
  ending.kind = "failed";
  ending_ = std::move(ending);
  Conclude();
}

void Run::Attach(RunClient* client, uint64_t sequence) {
  RunClient* const before = std::exchange(client_, client);
  if (before != nullptr && before != client) before->Replaced();
  log_.Read(sequence);
  HoldBack();
}

void Run::Detach(RunClient* client) {
  if (client_ != client) return;
  client_ = nullptr;
  log_.StopReading();
  HoldBack();
  if (!options_.keep) End();
}

std::optional<v1::RunResponse> Run::Next() {
  auto next = log_.Next();
  HoldBack();
  return next;
}

void Run::HoldBack() {
  if (channel_ != nullptr) channel_->SetReading(client_ == nullptr || log_.unread() < kMostUnread);
}

void Run::Append(v1::RunResponse event) {
  log_.Append(std::move(event));
  HoldBack();
  if (client_ != nullptr) client_->Wake();
}

void Run::End() {
  if (channel_ != nullptr) {
    channel_->HangUp();
  } else if (!ending_.has_value()) {
    Fail(absl::CancelledError("ended before it was its turn"));
  }
}

// ---- From the client.

bool Run::TakesInput() const {
  const size_t unsent = channel_ == nullptr ? 0 : channel_->unsent();
  return input_.size() < kMostInput && unsent < kMostInput;
}

absl::Status Run::TakeInput(const v1::Input& input) {
  switch (input.what_case()) {
    case v1::Input::kStdin:
      if (input.stdin().size() > kMostInputMessage) return Wrong("input of more than 1 MiB in one message");
      if (input_closed_) return Wrong("input after close_stdin");
      if (!start_.in && !start_.tty.has_value()) return Wrong("input for a run that was started without stdin");
      input_ += input.stdin();
      SendInput();
      return absl::OkStatus();
    case v1::Input::kCloseStdin:
      input_closed_ = true;
      SendInput();
      return absl::OkStatus();
    case v1::Input::kResize: {
      const v1::WindowSize& size = input.resize();
      if (size.columns() > kMostCells || size.rows() > kMostCells) return Wrong("a window of more than 65535 cells");
      if (channel_ == nullptr) return absl::OkStatus();
      channel_->Send(FrameType::kResize,
                     wsl2::ResizePayload({static_cast<uint16_t>(size.columns()), static_cast<uint16_t>(size.rows())}));
      return absl::OkStatus();
    }
    case v1::Input::kSignal:
      if (input.signal() < 1 || input.signal() > kMostSignal) return Wrong("a signal is a number from 1 to 64");
      Signal(static_cast<int>(input.signal()));
      return absl::OkStatus();
    case v1::Input::WHAT_NOT_SET:
      break;
  }
  return Wrong("an input of nothing that is known");
}

void Run::SendInput() {
  if (channel_ == nullptr || ending_.has_value()) return;
  while (!input_.empty() && window_.room() > 0) {
    const size_t count = std::min({input_.size(), size_t{window_.room()}, wsl2::kMaxFrameBytes});
    if (!window_.Send(count).ok()) return;
    channel_->Send(FrameType::kInput, absl::string_view(input_).substr(0, count));
    input_.erase(0, count);
  }
  if (!input_.empty() || !input_closed_ || std::exchange(input_close_sent_, true)) return;
  channel_->Send(FrameType::kCloseInput, "");
}

void Run::Signal(int signal) {
  if (channel_ != nullptr) {
    channel_->Send(FrameType::kSignal, wsl2::SignalPayload(static_cast<uint8_t>(signal)));
  } else if (signal == int{kKill} && !ending_.has_value()) {
    End();
  }
}

// ---- From the runner.

void Run::OnFrame(const wsl2::Frame& frame) {
  v1::RunResponse event;
  switch (frame.type) {
    case FrameType::kStarted:
      event.mutable_started()->set_process_id(Parsed(frame.payload).value("process_id", int64_t{0}));
      return Append(std::move(event));
    case FrameType::kStdout:
      return OnOutput(v1::Output::STDOUT, frame.payload);
    case FrameType::kStderr:
      return OnOutput(v1::Output::STDERR, frame.payload);
    case FrameType::kViolation: {
      const Json json = Parsed(frame.payload);
      v1::Violation& violation = *event.mutable_violation();
      violation.set_observed(json.value("evidence", "") == "observed");
      violation.set_what(json.value("what", ""));
      violation.set_rule(json.value("rule", ""));
      violation.set_path(json.value("path", ""));
      return Append(std::move(event));
    }
    case FrameType::kNotice:
      event.mutable_notice()->set_text(Parsed(frame.payload).value("text", ""));
      return Append(std::move(event));
    case FrameType::kCredit:
      if (!window_.Credit(wsl2::ParseCredit(frame.payload)).ok()) return End();
      SendInput();
      if (client_ != nullptr) client_->ReadMore();
      return;
    case FrameType::kExited: {
      auto ending = ParseEnding(frame.payload);
      if (ending.ok()) ending_ = *std::move(ending);
      return;
    }
    default:
      return;  // kReady; the reader lets no other pass
  }
}

void Run::OnOutput(v1::Output::Stream stream, const std::string& bytes) {
  output_bytes_ += bytes.size();
  v1::RunResponse event;
  event.mutable_output()->set_stream(stream);
  event.mutable_output()->set_data(bytes);
  Append(std::move(event));
}

void Run::OnChannelEnd() {
  std::move(channel_).reset();
  if (!ending_.has_value()) {
    return Fail(ReasonError(absl::StatusCode::kInternal, "launch_failed", "the runner ended without a report"));
  }
  Conclude();
}

void Run::Conclude() {
  input_.clear();
  v1::RunResponse event;
  v1::Exited& exited = *event.mutable_exited();
  exited.set_exit_status(ending_->exit_status);
  exited.set_kind(ending_->kind);
  exited.set_report_json(ending_->json);
  log_.Append(std::move(event));
  options_.on_end(this);
  if (client_ != nullptr) client_->Wake();
}

v1::RunInfo Run::Info() const {
  v1::RunInfo info;
  info.set_run_id(options_.id);
  info.set_state(ended() ? v1::ENDED : channel_ != nullptr ? v1::RUNNING : v1::WAITING);
  for (const std::string& argument : start_.command) info.add_command(argument);
  info.set_workspace(start_.settings.workspace.value_or(start_.cwd));
  info.set_created_unix_ms(std::chrono::duration_cast<std::chrono::milliseconds>(created_.time_since_epoch()).count());
  info.set_keep(options_.keep);
  info.set_attached(client_ != nullptr);
  info.set_output_bytes(output_bytes_);
  if (ended()) {
    info.set_exit_status(ending_->exit_status);
    info.set_kind(ending_->kind);
  }
  return info;
}

}  // namespace paddock::service
