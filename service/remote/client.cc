#include "service/remote/client.h"

#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/files.h"
#include "core/platform/terminal.h"
#include "paddock/v1/paddock.grpc.pb.h"
#include "service/grpc_status.h"
#include "service/order.h"
#include "service/posix/connect.h"
#include "service/posix/input_pump.h"

namespace paddock::service {
namespace {

constexpr int kStdin = 0, kStdout = 1, kStderr = 2;
constexpr int kLargestAnswer = 16 << 20;

v1::Order OrderHere(const RunSettings& settings, const std::vector<std::string>& command, const Caller& caller) {
  v1::Order order = OrderOf(settings, command);
  order.mutable_caller()->set_cwd(caller.cwd);
  for (const auto& [name, value] : caller.environment) {
    order.mutable_caller()->add_environment(absl::StrCat(name, "=", value));
  }
  return order;
}

// A daemon that goes away says so with gRPC's words and no reason.
absl::Status WithReason(const grpc::Status& status) {
  const absl::Status plain = FromGrpc(status);
  if (plain.ok() || ReasonOf(plain).has_value() || !absl::IsUnavailable(plain)) return plain;
  return ReasonError(plain.code(), "service_unreachable", plain.message());
}

Report NoReport(const std::vector<std::string>& command, const absl::Status& status) {
  const bool refused = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
                       absl::IsResourceExhausted(status) || absl::IsNotFound(status);
  Report report;
  report.command = command;
  report.result.outcome.kind = refused ? ExitKind::kRefused : ExitKind::kFailed;
  report.result.outcome.reason = ReasonOf(status).value_or(MakeReason("launch_failed", status.message()));
  return report;
}

// One run: events come on the caller's thread, input goes from one of the pump's.
class RemoteRun {
 public:
  RemoteRun(v1::Paddock::Stub* stub, bool tty, EventSink* sink)
      : tty_(tty), sink_(sink), stream_(stub->Run(&context_)) {}

  absl::StatusOr<Report> ToEnd(const v1::RunRequest& start, int signals) {
    Send(start);
    auto pump = InputPump::Start(kStdin, signals, Hooks());
    if (!pump.ok()) context_.TryCancel();
    v1::RunResponse event;
    while (stream_->Read(&event)) Take(event);
    if (pump.ok()) {
      const InputPump ended = *std::move(pump);
    }
    sink_->OnEvent(ExitedEvent{});
    const absl::Status status = WithReason(stream_->Finish());
    if (!report_json_.has_value() || report_json_->empty()) {
      return status.ok() ? absl::InternalError("the daemon ended the run without a report") : status;
    }
    ASSIGN_OR_RETURN(const Json json, ParseJson(*report_json_, "the daemon"));
    return ReportFromJson(json, "the daemon's report");
  }

 private:
  InputPump::Hooks Hooks() {
    InputPump::Hooks hooks;
    hooks.on_input = [this](absl::string_view bytes) {
      v1::RunRequest request;
      request.mutable_input()->set_stdin(bytes.data(), bytes.size());
      return Send(request);
    };
    hooks.on_end = [this] {
      // A terminal's end is a character; that this process has no more to read is none.
      if (tty_) return;
      v1::RunRequest request;
      request.mutable_input()->set_close_stdin(true);
      Send(request);
    };
    hooks.on_signal = [this](int signal) { SendSignal(signal); };
    return hooks;
  }

  void SendSignal(int signal) {
    v1::RunRequest request;
    if (signal == SIGWINCH) {
      if (!tty_) return;
      const WindowSize size = TerminalSize(IsTerminal(kStdout) ? kStdout : kStdin);
      request.mutable_input()->mutable_resize()->set_columns(size.columns);
      request.mutable_input()->mutable_resize()->set_rows(size.rows);
    } else {
      request.mutable_input()->set_signal(static_cast<uint32_t>(signal));
    }
    Send(request);
  }

  bool Send(const v1::RunRequest& request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stream_->Write(request);
  }

  void Take(const v1::RunResponse& event) {
    if (event.has_started()) {
      sink_->OnEvent(StartedEvent{event.started().process_id()});
    } else if (event.has_output()) {
      const bool out = event.output().stream() == v1::Output::STDOUT;
      Write(out ? kStdout : kStderr, event.output().data(), out ? &out_gone_ : &err_gone_);
    } else if (event.has_exited()) {
      report_json_ = event.exited().report_json();
    }
  }

  // Nobody reads this stream any more: the command learns it as it would from its own pipe.
  void Write(int descriptor, const std::string& bytes, bool* gone) {
    if (*gone || WriteAll(descriptor, bytes).ok()) return;
    *gone = true;
    SendSignal(SIGPIPE);
  }

  const bool tty_;
  EventSink* const sink_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::RunRequest, v1::RunResponse>> stream_;
  std::mutex mutex_;  // one writer at a time
  bool out_gone_ = false, err_gone_ = false;
  std::optional<std::string> report_json_;
};

class GrpcRemote : public cli::Remote {
 public:
  GrpcRemote(UniqueFd connection, Caller caller) : connection_(std::move(connection)), caller_(std::move(caller)) {}

  absl::StatusOr<Answer> Ask(Question question, const RunSettings& settings, const std::vector<std::string>& command,
                             const std::string& facts) override {
    const auto stub = Connect();
    grpc::ClientContext context;
    const v1::Order order = OrderHere(settings, command, caller_);
    Answer answer;
    switch (question) {
      case Question::kProbe: {
        v1::ProbeRequest request;
        v1::ProbeResponse response;
        *request.mutable_order() = order;
        RETURN_IF_ERROR(WithReason(stub->Probe(&context, request, &response)));
        answer.json = response.facts_json();
        return answer;
      }
      case Question::kExplain: {
        v1::ExplainRequest request;
        v1::ExplainResponse response;
        *request.mutable_order() = order;
        request.set_facts_json(facts);
        RETURN_IF_ERROR(WithReason(stub->Explain(&context, request, &response)));
        answer.json = response.decision_json();
        answer.would_run = response.would_run();
        if (response.has_refusal()) {
          const v1::Reason& reason = response.refusal();
          answer.refusal = ReasonError(absl::StatusCode::kFailedPrecondition,
                                       Reason{reason.code(), reason.message(), reason.remedy()});
        }
        return answer;
      }
      case Question::kPlan: {
        v1::PlanRequest request;
        v1::PlanResponse response;
        *request.mutable_order() = order;
        request.set_facts_json(facts);
        RETURN_IF_ERROR(WithReason(stub->Plan(&context, request, &response)));
        answer.json = response.plan_json();
        return answer;
      }
      case Question::kAudit: {
        v1::AuditRequest request;
        v1::AuditResponse response;
        *request.mutable_order() = order;
        RETURN_IF_ERROR(WithReason(stub->Audit(&context, request, &response)));
        answer.json = response.audit_json();
        return answer;
      }
    }
    return absl::InternalError("no such question");
  }

  Report Run(const RunSettings& settings, const std::vector<std::string>& command, const Stdio& stdio,
             EventSink& sink) override {
    v1::RunRequest request;
    v1::Start& start = *request.mutable_start();
    *start.mutable_order() = OrderHere(settings, command, caller_);
    start.set_stdin(true);
    if (stdio.tty) {
      start.mutable_tty()->set_columns(stdio.tty_columns);
      start.mutable_tty()->set_rows(stdio.tty_rows);
    }
    const auto stub = Connect();
    RemoteRun run(stub.get(), stdio.tty, &sink);
    auto report = run.ToEnd(request, static_cast<int>(stdio.signals));
    return report.ok() ? *std::move(report) : NoReport(command, report.status());
  }

 private:
  // Not before it is needed: gRPC starts threads, and a run's signals have to be held back before.
  std::unique_ptr<v1::Paddock::Stub> Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kLargestAnswer);
    return v1::Paddock::NewStub(grpc::CreateCustomInsecureChannelFromFd("paddockd", connection_.release(), arguments));
  }

  UniqueFd connection_;
  const Caller caller_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<cli::Remote>> ConnectRemote(const std::string& socket) {
  ASSIGN_OR_RETURN(Caller caller, ReadCaller());
  ASSIGN_OR_RETURN(UniqueFd connection, ConnectToDaemon(socket));
  return std::make_unique<GrpcRemote>(std::move(connection), std::move(caller));
}

}  // namespace paddock::service
