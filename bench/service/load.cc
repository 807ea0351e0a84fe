#include "bench/service/load.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "paddock/v1/paddock.grpc.pb.h"

namespace paddock::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Stub = v1::Paddock::Stub;

v1::RunRequest RequestFor(const Target& target) {
  v1::RunRequest request;
  request.mutable_start()->set_no_report(!target.report);
  v1::Order& order = *request.mutable_start()->mutable_order();
  for (const std::string& argument : target.argv) order.add_command(argument);
  order.set_workspace(target.workspace);
  order.mutable_caller()->set_cwd(target.workspace);
  for (char** variable = environ; *variable != nullptr; ++variable) order.mutable_caller()->add_environment(*variable);
  return request;
}

// One run: its start, its events and its status, each waited for in the queue.
class Call {
 public:
  struct Tag {
    Call* call;
    bool is_write;
  };

  Call(Stub* stub, grpc::CompletionQueue* queue, const v1::RunRequest& request) {
    context_.set_initial_metadata_corked(true);  // it goes with the first message, and has no completion of its own
    stream_ = stub->PrepareAsyncRun(&context_, queue);
    stream_->StartCall(nullptr);
    stream_->WriteLast(request, grpc::WriteOptions(), &written_);
    stream_->Read(&event_, &step_);
  }

  // True once the run has its status, and nothing of it is in the queue any more.
  bool Advance(const Tag& tag, bool ok) {
    if (tag.is_write) {
      writing_ = false;
    } else if (finishing_) {
      finished_ = true;
    } else if (ok) {
      exited_with_zero_ = event_.has_exited() && event_.exited().exit_status() == 0;
      stream_->Read(&event_, &step_);
    } else {
      finishing_ = true;
      stream_->Finish(&status_, &step_);
    }
    return finished_ && !writing_;
  }

  absl::Status result() const {
    if (!status_.ok()) return absl::UnknownError(absl::StrCat("a run through paddockd: ", status_.error_message()));
    return exited_with_zero_ ? absl::OkStatus() : absl::UnknownError("a run through paddockd did not exit with 0");
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::RunRequest, v1::RunResponse>> stream_;
  v1::RunResponse event_;
  grpc::Status status_;
  Tag written_ = {this, true}, step_ = {this, false};
  bool writing_ = true, finishing_ = false, finished_ = false, exited_with_zero_ = false;
};

class GrpcLoad : public Load {
 public:
  GrpcLoad(const Target& target, int connections) : request_(RequestFor(target)) {
    for (int i = 0; i < connections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all of them share one connection
      stubs_.push_back(v1::Paddock::NewStub(grpc::CreateCustomChannel(absl::StrCat("unix:", target.socket),
                                                                      grpc::InsecureChannelCredentials(), arguments)));
    }
  }
  ~GrpcLoad() override { queue_.Shutdown(); }

  absl::StatusOr<std::chrono::nanoseconds> TimeOnce() override {
    const Clock::time_point start = Clock::now();
    const absl::StatusOr<int> runs = Keep(1, start);
    if (!runs.ok()) return runs.status();
    return Clock::now() - start;
  }

  absl::StatusOr<double> RunsPerSecond(int at_once, std::chrono::milliseconds duration) override {
    const Clock::time_point start = Clock::now();
    const absl::StatusOr<int> runs = Keep(at_once, start + duration);
    if (!runs.ok()) return runs.status();
    return *runs / std::chrono::duration<double>(Clock::now() - start).count();
  }

 private:
  // Owned by its tags in the queue.
  void Begin() { new Call(stubs_[next_++ % stubs_.size()].get(), &queue_, request_); }

  // As many at once until `end`, and those to their end; how many there were.
  absl::StatusOr<int> Keep(int at_once, Clock::time_point end) {
    absl::Status failure;
    int runs = 0;
    for (int i = 0; i < at_once; ++i) Begin();
    void* tag = nullptr;
    bool ok = false;
    for (int left = at_once; left > 0 && queue_.Next(&tag, &ok);) {
      const auto* const step = static_cast<Call::Tag*>(tag);
      if (!step->call->Advance(*step, ok)) continue;
      const std::unique_ptr<Call> ended(step->call);
      if (!ended->result().ok()) failure = ended->result();
      ++runs;
      if (failure.ok() && Clock::now() < end) {
        Begin();
      } else {
        --left;
      }
    }
    if (!failure.ok()) return failure;
    return runs;
  }

  const v1::RunRequest request_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  size_t next_ = 0;
  grpc::CompletionQueue queue_;
};

}  // namespace

std::unique_ptr<Load> MakeLoad(const Target& target, int connections) {
  return std::make_unique<GrpcLoad>(target, connections);
}

}  // namespace paddock::bench
