#include "service/grpc_service.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "service/grpc_status.h"
#include "service/order.h"

namespace paddock::service {
namespace {

absl::Status Protocol(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "service_protocol", what);
}

// What may be asked of a run that somebody has, or wants to have.
struct Opened {
  std::shared_ptr<Run> run;
  uint64_t sequence = 0;
};

absl::StatusOr<Opened> Open(const v1::RunRequest& request, Dispatcher* dispatcher) {
  if (!request.has_start()) return Protocol("the first message of Run is a start");
  ASSIGN_OR_RETURN(std::shared_ptr<Run> run, dispatcher->StartRun(request.start()));
  return Opened{std::move(run), 0};
}

absl::StatusOr<Opened> Open(const v1::AttachRequest& request, Dispatcher* dispatcher) {
  if (!request.has_attach()) return Protocol("the first message of Attach names a run");
  ASSIGN_OR_RETURN(std::shared_ptr<Run> run, dispatcher->Find(request.attach().run_id()));
  return Opened{std::move(run), request.attach().after_sequence()};
}

// One client of one run. All members are the loop's, but for the two messages while gRPC reads into or writes from
// them.
template <typename Request>
class Stream : public grpc::ServerBidiReactor<Request, v1::RunResponse>, public RunClient {
 public:
  Stream(EventLoop* loop, Dispatcher* dispatcher, grpc::CallbackServerContext* context)
      : loop_(loop), dispatcher_(dispatcher), context_(context) {
    loop_->Post([this] { Read(); });
  }

  // gRPC's threads.
  void OnReadDone(bool ok) override {
    loop_->Post([this, ok] { TakeMessage(ok); });
  }
  void OnWriteDone(bool) override {
    loop_->Post([this] { Written(); });
  }
  void OnCancel() override {
    loop_->Post([this] {
      Leave();
      End(absl::CancelledError("the client went away"));
    });
  }
  void OnDone() override {
    {
      const std::lock_guard<std::mutex> lock(context_mutex_);
      context_ = nullptr;
    }
    loop_->Post([this] {
      Leave();
      if (patience_.has_value()) loop_->Cancel(*patience_);
      delete this;
    });
  }

  // The loop's.
  void Wake() override {
    if (writing_ || end_.has_value() || run_ == nullptr) return;
    std::optional<v1::RunResponse> next = run_->Next();
    if (next.has_value()) {
      response_ = *std::move(next);
      if (response_.has_exited()) return EndWithMessage();
      writing_ = true;
      write_began_ = std::chrono::steady_clock::now();
      WatchWrites();
      this->StartWrite(&response_);
    } else if (run_->ended()) {
      const absl::Status status = run_->ending().status;
      Leave();
      End(status);
    }
  }
  void ReadMore() override {
    if (!reading_ && !closed_ && !end_.has_value() && run_ != nullptr && run_->TakesInput()) Read();
  }
  void Replaced() override {
    run_ = nullptr;
    End(ReasonError(absl::StatusCode::kAborted, "run_attached_elsewhere", "another client has the run now"));
  }

 private:
  void Read() {
    reading_ = true;
    this->StartRead(&request_);
  }

  void TakeMessage(bool ok) {
    reading_ = false;
    if (end_.has_value()) return;
    closed_ = !ok;
    if (closed_) {
      if (run_ == nullptr) End(Protocol("the stream was closed before its first message"));
      return;
    }
    const absl::Status taken = run_ == nullptr ? TakeFirst() : TakeInput();
    if (!taken.ok()) {
      Leave();
      return End(taken);
    }
    ReadMore();
    Wake();
  }

  absl::Status TakeFirst() {
    ASSIGN_OR_RETURN(Opened opened, Open(request_, dispatcher_));
    run_ = std::move(opened.run);
    run_->Attach(this, opened.sequence);
    return absl::OkStatus();
  }

  absl::Status TakeInput() {
    if (!request_.has_input()) return Protocol("every message but the first is an input");
    return run_->TakeInput(request_.input());
  }

  void Written() {
    writing_ = false;
    if (end_.has_value()) return FinishNow();
    Wake();
  }

  // One alarm for all writes, which looks how long the latest one has taken: few take as long as a millisecond.
  void WatchWrites() {
    const std::chrono::milliseconds most = dispatcher_->stalled_for();
    if (most.count() == 0 || patience_.has_value()) return;
    const auto waited = std::chrono::steady_clock::now() - write_began_;
    patience_ = loop_->After(std::chrono::ceil<std::chrono::milliseconds>(most - waited), [this, most] {
      patience_.reset();
      if (!writing_) return;
      if (std::chrono::steady_clock::now() - write_began_ < most) return WatchWrites();
      Stalled();
    });
  }

  // Somebody who takes nothing would keep a slot, and what waits for it, for ever. What is being written can only be
  // taken back together with the call.
  void Stalled() {
    if (run_ != nullptr) dispatcher_->OnStalled(*run_);
    Leave();
    End(ReasonError(absl::StatusCode::kDeadlineExceeded, "service_stalled", "the client took nothing for too long"));
    const std::lock_guard<std::mutex> lock(context_mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }

  void Leave() {
    if (run_ != nullptr) std::exchange(run_, nullptr)->Detach(this);
  }

  void End(const absl::Status& status) {
    if (end_.has_value()) return;
    end_ = status;
    if (!writing_) FinishNow();
  }

  void FinishNow() {
    if (!std::exchange(finished_, true)) this->Finish(ToGrpc(*end_));
  }

  // The last message and the status go together.
  void EndWithMessage() {
    end_ = run_->ending().status;
    finished_ = writing_ = true;
    write_began_ = std::chrono::steady_clock::now();
    WatchWrites();
    Leave();
    this->StartWriteAndFinish(&response_, grpc::WriteOptions(), ToGrpc(*end_));
  }

  EventLoop* const loop_;
  Dispatcher* const dispatcher_;
  std::mutex context_mutex_;
  grpc::CallbackServerContext* context_;  // until OnDone(), which need not be on the loop
  std::shared_ptr<Run> run_;
  Request request_;
  v1::RunResponse response_;
  bool reading_ = false, writing_ = false, closed_ = false, finished_ = false;
  std::optional<absl::Status> end_;
  std::chrono::steady_clock::time_point write_began_;
  std::optional<EventLoop::Alarm> patience_;
};

// A question, which takes a runner.
class Asking : public grpc::ServerUnaryReactor {
 public:
  using Fill = std::function<void(const Ending&)>;

  Asking(EventLoop* loop, Dispatcher* dispatcher, absl::StatusOr<Start> start, Fill fill)
      : loop_(loop), fill_(std::move(fill)) {
    loop_->Post([this, dispatcher, asked = std::move(start)] {
      if (finished_) return;
      const absl::Status status = Ask(dispatcher, asked);
      if (!status.ok()) End(status);
    });
  }

  void OnCancel() override {
    loop_->Post([this] { End(absl::CancelledError("the client went away")); });
  }
  void OnDone() override {
    loop_->Post([this] { delete this; });
  }

 private:
  absl::Status Ask(Dispatcher* dispatcher, const absl::StatusOr<Start>& start) {
    RETURN_IF_ERROR(start.status());
    ASSIGN_OR_RETURN(question_, dispatcher->Ask(*start, [this](const Ending& ending) {
      if (ending.status.ok()) fill_(ending);
      End(ending.status);
    }));
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    if (std::exchange(finished_, true)) return;
    question_.reset();
    Finish(ToGrpc(status));
  }

  EventLoop* const loop_;
  const Fill fill_;
  std::unique_ptr<Question> question_;
  bool finished_ = false;
};

// What the dispatcher knows by itself.
class Looking : public grpc::ServerUnaryReactor {
 public:
  Looking(EventLoop* loop, std::function<absl::Status()> look) : loop_(loop) {
    loop_->Post([this, look = std::move(look)] { Finish(ToGrpc(look())); });
  }
  void OnDone() override {
    loop_->Post([this] { delete this; });
  }

 private:
  EventLoop* const loop_;
};

class GrpcService final : public v1::Paddock::CallbackService {
 public:
  GrpcService(EventLoop* loop, Dispatcher* dispatcher) : loop_(loop), dispatcher_(dispatcher) {}

  grpc::ServerUnaryReactor* Probe(grpc::CallbackServerContext*, const v1::ProbeRequest* request,
                                  v1::ProbeResponse* response) override {
    return Ask(Task::kProbe, request->order(), "",
               [response](const Ending& ending) { response->set_facts_json(ending.json); });
  }

  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext*, const v1::ExplainRequest* request,
                                    v1::ExplainResponse* response) override {
    return Ask(Task::kExplain, request->order(), request->facts_json(), [response](const Ending& ending) {
      response->set_decision_json(ending.json);
      response->set_would_run(ending.would_run);
      const std::optional<Reason> reason = ReasonOf(ending.refusal);
      if (!reason.has_value()) return;
      response->mutable_refusal()->set_code(reason->code);
      response->mutable_refusal()->set_message(reason->detail);
      response->mutable_refusal()->set_remedy(reason->remedy);
    });
  }

  grpc::ServerUnaryReactor* Plan(grpc::CallbackServerContext*, const v1::PlanRequest* request,
                                 v1::PlanResponse* response) override {
    return Ask(Task::kPlan, request->order(), request->facts_json(),
               [response](const Ending& ending) { response->set_plan_json(ending.json); });
  }

  grpc::ServerUnaryReactor* Audit(grpc::CallbackServerContext*, const v1::AuditRequest* request,
                                  v1::AuditResponse* response) override {
    return Ask(Task::kAudit, request->order(), "",
               [response](const Ending& ending) { response->set_audit_json(ending.json); });
  }

  grpc::ServerBidiReactor<v1::RunRequest, v1::RunResponse>* Run(grpc::CallbackServerContext* context) override {
    return new Stream<v1::RunRequest>(loop_, dispatcher_, context);
  }

  grpc::ServerBidiReactor<v1::AttachRequest, v1::RunResponse>* Attach(grpc::CallbackServerContext* context) override {
    return new Stream<v1::AttachRequest>(loop_, dispatcher_, context);
  }

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext*, const v1::ListRequest*,
                                 v1::ListResponse* response) override {
    return new Looking(loop_, [this, response] {
      for (const auto& run : dispatcher_->List()) *response->add_runs() = run->Info();
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext*, const v1::GetRequest* request,
                                v1::GetResponse* response) override {
    return new Looking(loop_, [this, request, response]() -> absl::Status {
      ASSIGN_OR_RETURN(const auto run, dispatcher_->Find(request->run_id()));
      *response->mutable_run() = run->Info();
      if (run->ended()) response->set_report_json(run->ending().json);
      return absl::OkStatus();
    });
  }

  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext*, const v1::StopRequest* request,
                                 v1::StopResponse* response) override {
    return new Looking(loop_, [this, request, response]() -> absl::Status {
      constexpr uint32_t kMostSignal = 64, kKill = 9;
      if (request->signal() > kMostSignal) return Protocol("a signal is a number from 1 to 64");
      ASSIGN_OR_RETURN(const auto run, dispatcher_->Find(request->run_id()));
      *response->mutable_run() = run->Info();
      dispatcher_->Stop(run, static_cast<int>(request->signal() == 0 ? kKill : request->signal()));
      return absl::OkStatus();
    });
  }

 private:
  grpc::ServerUnaryReactor* Ask(Task task, const v1::Order& order, const std::string& facts, Asking::Fill fill) {
    absl::StatusOr<Start> start = StartOf(order);
    if (start.ok()) {
      start->task = task;
      start->facts = facts;
    }
    return new Asking(loop_, dispatcher_, std::move(start), std::move(fill));
  }

  EventLoop* const loop_;
  Dispatcher* const dispatcher_;
};

}  // namespace

std::unique_ptr<v1::Paddock::CallbackService> MakeGrpcService(EventLoop* loop, Dispatcher* dispatcher) {
  return std::make_unique<GrpcService>(loop, dispatcher);
}

}  // namespace paddock::service
