#include "service/dispatcher.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/glob.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "service/order.h"

namespace paddock::service {
namespace {

// Names a run, and is what a client has to know to attach to it.
std::string NewRunId() {
  std::random_device random;
  return absl::StrFormat("%08x%08x%08x%08x", random(), random(), random(), random());
}

}  // namespace

// A question from its place in the queue to its answer. The object outlives its asker until its runner has gone.
class Dispatcher::Asked : public std::enable_shared_from_this<Dispatcher::Asked> {
 public:
  Asked(Dispatcher* dispatcher, Start start, std::function<void(Ending)> answer)
      : dispatcher_(dispatcher), start_(std::move(start)), answer_(std::move(answer)) {}

  absl::Status Enter() {
    ++dispatcher_->asked_;
    keep_ = shared_from_this();
    const auto ticket = dispatcher_->question_slots_.Take([this] { Begin(); });
    if (!ticket.ok()) {
      Leave();
      return ticket.status();
    }
    ticket_ = *ticket;
    if (over_) dispatcher_->question_slots_.GiveBack(ticket_);
    return absl::OkStatus();
  }

  // Nobody waits for the answer.
  void Abandon() {
    answer_ = nullptr;
    if (channel_ != nullptr) return channel_->HangUp();
    End();
  }

 private:
  void Begin() {
    auto socket = dispatcher_->make_runner_();
    if (!socket.ok()) return Answer(socket.status());
    RunnerChannel::Listener listener;
    listener.on_frame = [this](const wsl2::Frame& frame) {
      if (frame.type != wsl2::FrameType::kExited) return;
      auto ending = ParseEnding(frame.payload);
      if (ending.ok()) ending_ = *std::move(ending);
    };
    listener.on_end = [this] {
      channel_.reset();
      if (ending_.has_value()) return Answer(absl::OkStatus());
      Answer(ReasonError(absl::StatusCode::kInternal, "launch_failed", "the runner ended without an answer"));
    };
    auto channel = RunnerChannel::Create(dispatcher_->loop_, *std::move(socket), std::move(listener));
    if (!channel.ok()) return Answer(channel.status());
    const auto payload = EncodeStart(start_);
    if (!payload.ok()) return Answer(payload.status());
    channel_ = *std::move(channel);
    channel_->Send(wsl2::FrameType::kStart, *payload);
  }

  // Later, on the loop: whoever asked may not have come back from asking yet.
  void Answer(absl::Status status) {
    if (!ending_.has_value()) {
      ending_.emplace();
      ending_->status = std::move(status);
    }
    dispatcher_->loop_->Post([self = shared_from_this()] {
      if (self->answer_) std::exchange(self->answer_, nullptr)(*std::move(self->ending_));
      self->End();
    });
  }

  void End() {
    if (std::exchange(over_, true)) return;
    dispatcher_->question_slots_.GiveBack(ticket_);
    Leave();
  }

  void Leave() {
    --dispatcher_->asked_;
    dispatcher_->CheckEmpty();
    dispatcher_->loop_->Post([self = std::move(keep_)] {});
  }

  Dispatcher* const dispatcher_;
  Start start_;
  std::function<void(Ending)> answer_;
  std::unique_ptr<RunnerChannel> channel_;
  std::optional<Ending> ending_;
  std::shared_ptr<Asked> keep_;
  Slots::Ticket ticket_ = 0;
  bool over_ = false;
};

Dispatcher::Dispatcher(EventLoop* loop, DispatcherOptions options, MakeRunner make_runner, Log* log)
    : loop_(loop),
      options_(std::move(options)),
      make_runner_(std::move(make_runner)),
      log_(log),
      run_slots_(options_.max_runs, options_.queue),
      question_slots_(options_.max_questions, options_.question_queue) {}

Dispatcher::~Dispatcher() {
  if (expiry_.has_value()) loop_->Cancel(*expiry_);
}

absl::Status Dispatcher::Bind(Start* start) const {
  if (draining_) {
    return ReasonError(absl::StatusCode::kUnavailable, "service_draining", "the daemon was told to end");
  }
  start->settings.ceiling = options_.ceiling;
  if (!start->facts.empty()) return absl::OkStatus();  // another host, where nothing of this one is
  for (const std::string& path : options_.hidden) start->settings.hide.push_back(EscapeGlob(path));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<Run>> Dispatcher::StartRun(const v1::Start& message) {
  ASSIGN_OR_RETURN(Start start, StartOf(message));
  RETURN_IF_ERROR(Bind(&start));
  RETURN_IF_ERROR(EncodeStart(start).status());
  Run::Options options;
  options.id = NewRunId();
  options.keep = message.keep();
  options.kept_bytes = options_.kept_bytes;
  options.on_end = [this](Run* run) { OnRunEnd(run); };
  const std::string id = options.id;
  const auto run = std::make_shared<Run>(std::move(start), std::move(options));
  run->Accept(/*waiting=*/run_slots_.taken() >= options_.max_runs);
  runs_[id] = run;
  // Its turn may come at once; it begins on the loop, when whoever asked has attached to it.
  const auto ticket = run_slots_.Take([this, run] {
    loop_->Post([this, run] {
      if (run->ended()) return;
      ++counters_.runs_started;
      auto socket = make_runner_();
      if (!socket.ok()) return run->Fail(socket.status());
      run->Begin(loop_, *std::move(socket));
    });
  });
  if (!ticket.ok()) {
    ++counters_.busy;
    runs_.erase(id);
    return ticket.status();
  }
  tickets_[id] = *ticket;
  return run;
}

void Dispatcher::OnRunEnd(Run* run) {
  counters_.output_bytes += run->output_bytes();
  ++counters_.runs_ended[run->ending().kind];
  const std::chrono::duration<double> took = std::chrono::system_clock::now() - run->created();
  counters_.run_seconds += took.count();
  Json line = {{"run", run->id()},
               {"kind", run->ending().kind},
               {"exit_status", run->ending().exit_status},
               {"seconds", took.count()},
               {"output_bytes", run->output_bytes()}};
  // On the loop: the run is in the middle of something.
  loop_->Post([this, id = run->id(), line = std::move(line)] {
    const auto ticket = tickets_.find(id);
    if (ticket != tickets_.end()) {
      run_slots_.GiveBack(ticket->second);
      tickets_.erase(ticket);
    }
    const auto found = runs_.find(id);
    if (found != runs_.end() && found->second->kept() && !draining_) {
      kept_.push_back({id, std::chrono::steady_clock::now()});
      DropOldRuns();
    } else if (found != runs_.end()) {
      runs_.erase(found);
    }
    log_->Write("run_ended", line);  // when whoever reads it finds it so
    CheckEmpty();
  });
}

void Dispatcher::DropOldRuns() {
  const auto oldest = std::chrono::steady_clock::now() - options_.kept_for;
  while (!kept_.empty() && (kept_.size() > options_.kept_runs || kept_.front().ended <= oldest)) {
    log_->Write("run_forgotten", {{"run", kept_.front().id}});
    runs_.erase(kept_.front().id);
    kept_.pop_front();
  }
  if (kept_.empty() || expiry_.has_value()) return;
  const auto left = kept_.front().ended - oldest;
  expiry_ = loop_->After(std::chrono::ceil<std::chrono::milliseconds>(left), [this] {
    expiry_.reset();
    DropOldRuns();
  });
}

void Dispatcher::OnStalled(const Run& run) {
  ++counters_.stalled;
  log_->Write("client_stalled", {{"run", run.id()}, {"kept", run.kept()}, {"reason", "service_stalled"}});
}

absl::StatusOr<std::unique_ptr<Question>> Dispatcher::Ask(Start start, std::function<void(Ending)> answer) {
  class Handle : public Question {
   public:
    explicit Handle(std::shared_ptr<Asked> asked) : asked_(std::move(asked)) {}
    ~Handle() override { asked_->Abandon(); }

   private:
    std::shared_ptr<Asked> asked_;
  };
  RETURN_IF_ERROR(Bind(&start));
  ++counters_.questions;
  auto asked = std::make_shared<Asked>(this, std::move(start), std::move(answer));
  const absl::Status entered = asked->Enter();
  if (!entered.ok()) {
    ++counters_.busy;
    return entered;
  }
  return std::make_unique<Handle>(std::move(asked));
}

absl::StatusOr<std::shared_ptr<Run>> Dispatcher::Find(const std::string& id) const {
  const auto found = runs_.find(id);
  if (found != runs_.end()) return found->second;
  return ReasonError(absl::StatusCode::kNotFound, "run_unknown", "no run of that id");
}

std::vector<std::shared_ptr<Run>> Dispatcher::List() const {
  std::vector<std::shared_ptr<Run>> runs;
  runs.reserve(runs_.size());
  for (const auto& [id, run] : runs_) runs.push_back(run);
  return runs;
}

void Dispatcher::Stop(const std::shared_ptr<Run>& run, int signal) {
  if (!run->ended()) return run->Signal(signal);
  kept_.remove_if([&](const KeptRun& kept) { return kept.id == run->id(); });
  runs_.erase(run->id());
}

void Dispatcher::Drain(std::function<void()> empty) {
  draining_ = true;
  empty_ = std::move(empty);
  CheckEmpty();
}

void Dispatcher::EndAll() {
  for (const std::shared_ptr<Run>& run : List()) run->End();
}

void Dispatcher::CheckEmpty() {
  if (empty_ && tickets_.empty() && asked_ == 0) std::exchange(empty_, nullptr)();
}

Counters& Dispatcher::counters() {
  counters_.running = run_slots_.taken();
  counters_.waiting = run_slots_.waiting();
  counters_.kept = kept_.size();
  return counters_;
}

}  // namespace paddock::service
