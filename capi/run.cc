#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "capi/events.h"
#include "capi/objects.h"
#include "capi/order.h"
#include "compose/prepare.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/platform/background_thread.h"
#include "core/platform/notification.h"
#include "core/runtime/runtime.h"

namespace paddock::capi {
namespace {

constexpr int kKill = 9;  // ends the whole tree, on every system

// Everything that a run needs, made and checked before it starts.
struct Prepared {
  std::unique_ptr<Runtime> runtime;
  Request request;
  Stdio stdio;
};

absl::StatusOr<Prepared> Prepare(const paddock_context& context, absl::string_view order, const paddock_stdio* stdio,
                                 bool listened) {
  Prepared prepared;
  ASSIGN_OR_RETURN(const RunOrder read, ReadOrder(order.data(), order.size()));
  ASSIGN_OR_RETURN(prepared.stdio, ReadStdio(stdio, listened));
  ASSIGN_OR_RETURN(prepared.request, PrepareRequest(read.settings, read.command, context.caller));
  prepared.request.tty = prepared.stdio.tty ? TtyMode::kAlways : TtyMode::kNever;
  prepared.runtime = MakeRuntime(context.caller, context.options);
  return prepared;
}

// What a caller gets of a report.
paddock_code Conclude(const Report& report, int32_t* exit_status, paddock_text** text, paddock_error** error) {
  const Outcome& outcome = report.result.outcome;
  Give(DumpJson(ToJson(report)), text);
  if (exit_status != nullptr) *exit_status = ExitStatus(outcome);
  if (outcome.kind == ExitKind::kRefused) return Fail(PADDOCK_FAILED_PRECONDITION, outcome.reason, error);
  if (outcome.kind == ExitKind::kFailed) return Fail(PADDOCK_INTERNAL, outcome.reason, error);
  return PADDOCK_OK;
}

// One run on a thread of its own. The thread and the caller's object share it.
class SpawnedRun {
 public:
  SpawnedRun(Prepared prepared, Notification ended, paddock_event_function on_event, void* user)
      : prepared_(std::move(prepared)), sink_(on_event, user), ended_(std::move(ended)) {}

  // The thread's body.
  void Run() {
    auto started = prepared_.runtime->Start(prepared_.request, prepared_.stdio, sink_);
    if (auto* const active = std::get_if<std::unique_ptr<ActiveRun>>(&started)) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        active_ = std::move(*active);
      }
      changed_.notify_all();
      return Finish(active_->Wait());
    }
    Finish(std::get<Report>(std::move(started)));
  }

  // Waits until the command has been launched, or is over; true in the former case.
  bool AwaitLaunch() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return active_ != nullptr || report_.has_value(); });
    return active_ != nullptr;
  }

  const Report& AwaitEnd() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return report_.has_value(); });
    return *report_;
  }

  // Does `call` with the sandbox while it runs.
  template <typename Call>
  absl::Status WithSandbox(Call call) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (report_.has_value()) return absl::FailedPreconditionError("the run has ended");
    }
    return call(active_->sandbox());
  }

  void Silence() { sink_.Silence(); }
  intptr_t wait_handle() const { return ended_.handle(); }

 private:
  void Finish(Report report) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      report_ = std::move(report);
    }
    changed_.notify_all();
    ended_.Notify();
  }

  const Prepared prepared_;
  FunctionSink sink_;
  Notification ended_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ActiveRun> active_;  // set once, and there until the end of this
  std::optional<Report> report_;
};

}  // namespace
}  // namespace paddock::capi

struct paddock_sandbox {
  std::shared_ptr<paddock::capi::SpawnedRun> run;
  std::thread thread;
};

namespace paddock::capi {
namespace {

// A call that only passes on to the sandbox.
template <typename Call>
paddock_code Pass(paddock_sandbox* sandbox, paddock_error** error, Call call) {
  return Guarded(error, [&]() -> paddock_code {
    const absl::Status status = sandbox->run->WithSandbox(call);
    return status.ok() ? PADDOCK_OK : Fail(status, error);
  });
}

paddock_code Spawn(Prepared prepared, paddock_event_function on_event, void* user, paddock_sandbox** sandbox,
                   paddock_text** report, paddock_error** error) {
  auto ended = Notification::Create();
  if (!ended.ok()) return Fail(ended.status(), error);
  auto made = std::make_unique<paddock_sandbox>();
  made->run = std::make_shared<SpawnedRun>(std::move(prepared), *std::move(ended), on_event, user);
  auto thread = StartBackgroundThread([run = made->run] { run->Run(); });
  if (!thread.ok()) return Fail(thread.status(), error);
  made->thread = *std::move(thread);
  if (made->run->AwaitLaunch()) {
    *sandbox = made.release();
    return PADDOCK_OK;
  }
  made->thread.join();
  return Conclude(made->run->AwaitEnd(), nullptr, report, error);
}

}  // namespace
}  // namespace paddock::capi

using paddock::capi::Fail;
using paddock::capi::Guarded;
using paddock::capi::Pass;
using paddock::capi::View;

paddock_code paddock_run(const paddock_context* context, const char* order, size_t order_length,
                         const paddock_stdio* stdio, paddock_event_function on_event, void* user, int32_t* exit_status,
                         paddock_text** report, paddock_error** error) {
  return Guarded(error, [&]() -> paddock_code {
    const auto prepared = paddock::capi::Prepare(*context, View(order, order_length), stdio, on_event != nullptr);
    if (!prepared.ok()) return Fail(paddock::capi::WithReason(prepared.status()), error);
    paddock::capi::FunctionSink sink(on_event, user);
    const paddock::Report done = prepared->runtime->Run(prepared->request, prepared->stdio, sink);
    return paddock::capi::Conclude(done, exit_status, report, error);
  });
}

paddock_code paddock_spawn(const paddock_context* context, const char* order, size_t order_length,
                           const paddock_stdio* stdio, paddock_event_function on_event, void* user,
                           paddock_sandbox** sandbox, paddock_text** report, paddock_error** error) {
  return Guarded(error, [&]() -> paddock_code {
    auto prepared = paddock::capi::Prepare(*context, View(order, order_length), stdio, on_event != nullptr);
    if (!prepared.ok()) return Fail(paddock::capi::WithReason(prepared.status()), error);
    return paddock::capi::Spawn(*std::move(prepared), on_event, user, sandbox, report, error);
  });
}

paddock_code paddock_sandbox_write(paddock_sandbox* sandbox, const char* data, size_t length, paddock_error** error) {
  return Pass(sandbox, error, [&](paddock::Sandbox& running) { return running.Write(View(data, length)); });
}

paddock_code paddock_sandbox_close_input(paddock_sandbox* sandbox, paddock_error** error) {
  return Pass(sandbox, error, [](paddock::Sandbox& running) { return running.CloseInput(); });
}

paddock_code paddock_sandbox_resize(paddock_sandbox* sandbox, uint16_t columns, uint16_t rows, paddock_error** error) {
  return Pass(sandbox, error, [&](paddock::Sandbox& running) { return running.Resize(columns, rows); });
}

paddock_code paddock_sandbox_signal(paddock_sandbox* sandbox, int32_t signal, paddock_error** error) {
  return Pass(sandbox, error, [&](paddock::Sandbox& running) { return running.Signal(signal); });
}

intptr_t paddock_sandbox_wait_handle(const paddock_sandbox* sandbox) { return sandbox->run->wait_handle(); }

paddock_code paddock_sandbox_wait(paddock_sandbox* sandbox, int32_t* exit_status, paddock_text** report,
                                  paddock_error** error) {
  return Guarded(error, [&]() -> paddock_code {
    return paddock::capi::Conclude(sandbox->run->AwaitEnd(), exit_status, report, error);
  });
}

void paddock_sandbox_free(paddock_sandbox* sandbox) {
  if (sandbox == nullptr) return;
  Guarded(nullptr, [&]() -> paddock_code {
    const absl::Status ended =
        sandbox->run->WithSandbox([](paddock::Sandbox& running) { return running.Signal(paddock::capi::kKill); });
    return ended.ok() ? PADDOCK_OK : PADDOCK_FAILED_PRECONDITION;
  });
  if (sandbox->thread.get_id() == std::this_thread::get_id()) {
    sandbox->run->Silence();
    sandbox->thread.detach();
  } else {
    sandbox->thread.join();
  }
  delete sandbox;
}
