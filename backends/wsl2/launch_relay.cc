#include "backends/wsl2/launch_relay.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/frame.h"
#include "backends/wsl2/launch_relay_pump.h"
#include "backends/wsl2/nested_run.h"
#include "backends/wsl2/preamble.h"
#include "backends/wsl2/relay_request.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

// Output comes by the pipes, not as events; ExitedEvent is the report's.
class RelaySink : public EventSink {
 public:
  explicit RelaySink(RelayPump* pump) : pump_(pump) {}
  void OnEvent(const Event& event) override {
    if (const auto* started = std::get_if<StartedEvent>(&event)) {
      pump_->Tell(FrameType::kStarted, StartedPayload(started->process_id));
    } else if (const auto* violation = std::get_if<ViolationEvent>(&event)) {
      pump_->Tell(FrameType::kViolation, ViolationPayload(violation->violation));
    } else if (const auto* notice = std::get_if<NoticeEvent>(&event)) {
      pump_->Tell(FrameType::kNotice, NoticePayload(notice->text));
    }
  }

 private:
  RelayPump* pump_;
};

// What the host learns of this side before it asks for anything.
absl::Status SayReady(const Runtime& runtime, const RelayOptions& options, RelayPump* pump) {
  ASSIGN_OR_RETURN(Facts facts, runtime.Probe(Request()));
  facts.workspace = {};
  ASSIGN_OR_RETURN(const std::string frame,
                   EncodeFrame(FrameType::kReady, ToJson(facts).dump(-1, ' ', false, Json::error_handler_t::replace)));
  return pump->Send(absl::StrCat(EncodePreamble(options.nonce), frame));
}

// Nothing ran: the report says why.
absl::Status Refuse(const absl::Status& why, RelayPump* pump) {
  Report report;
  report.result.outcome.kind = ExitKind::kRefused;
  report.result.outcome.reason = ReasonOf(why).value_or(MakeReason("request_invalid", why.message()));
  ASSIGN_OR_RETURN(const std::string frame, EncodeFrame(FrameType::kExited, ExitedPayload(std::move(report))));
  return pump->Send(frame);
}

Report RunToEnd(const Runtime& runtime, const Request& request, const Stdio& stdio, RelaySink* sink, RelayPump* pump) {
  auto started = runtime.Start(request, stdio, *sink);
  if (Report* const refused = std::get_if<Report>(&started)) return std::move(*refused);
  ActiveRun& run = *std::get<std::unique_ptr<ActiveRun>>(started);
  pump->Observe(&run.sandbox());
  Report report = run.Wait();
  pump->Observe(nullptr);
  return report;
}

absl::Status RunIt(const Runtime& runtime, const NestedRun& run, const Request& request, RelayPump* pump) {
  const NestedStreams& streams = run.streams;
  ASSIGN_OR_RETURN(Stdio stdio, pump->Connect(streams.in, streams.out, streams.err, run.tty.has_value()));
  if (run.tty.has_value()) {
    stdio.tty_columns = run.tty->columns;
    stdio.tty_rows = run.tty->rows;
  }
  // The run stays on this thread: its processes die with the thread that started them.
  std::thread copying([&] { pump->Copy(); });
  RelaySink sink(pump);
  Report report = RunToEnd(runtime, request, stdio, &sink, pump);
  pump->Ended(ExitedPayload(std::move(report)));
  copying.join();
  return pump->status();
}

}  // namespace

absl::Status ServeRelay(const Runtime& runtime, const RelayOptions& options) {
  if (!IsNonce(options.nonce)) return absl::InvalidArgumentError("the nonce is not 32 hexadecimal digits");
  RelayPump pump(options.in, options.out, options.signals);
  RETURN_IF_ERROR(SayReady(runtime, options, &pump));
  if (options.facts_only) return absl::OkStatus();
  const auto start = pump.AwaitStart();
  if (!start.ok()) {
    if (ReasonOf(start.status()).has_value()) Refuse(start.status(), &pump).IgnoreError();
    return start.status();
  }
  const auto run = ParseNestedRun(*start, {options.admin, options.caller.home});
  if (!run.ok()) return Refuse(run.status(), &pump);
  const auto request = RelayRequest(*run, options.caller);
  if (!request.ok()) return Refuse(request.status(), &pump);
  return RunIt(runtime, *run, *request, &pump);
}

}  // namespace paddock::wsl2
