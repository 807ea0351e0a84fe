#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/wsl2/distribution_facts.h"
#include "backends/wsl2/far_report.h"
#include "backends/wsl2/launch_sandbox.h"
#include "backends/wsl2/launch_session.h"
#include "backends/wsl2/launch_streams.h"
#include "backends/wsl2/launcher.h"
#include "backends/wsl2/wsl2_plan.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace wsl2 {
namespace {

bool IsThere(const StreamSpec& spec, DWORD own) {
  return spec.kind == StreamSpec::Kind::kPipe || SourceOf(spec, own) != INVALID_HANDLE_VALUE;
}

absl::Status CheckStreams(const Stdio& stdio) {
  RETURN_IF_ERROR(CheckStream(SourceOf(stdio.in, STD_INPUT_HANDLE)));
  RETURN_IF_ERROR(CheckStream(SourceOf(stdio.out, STD_OUTPUT_HANDLE)));
  return CheckStream(SourceOf(stdio.err, STD_ERROR_HANDLE));
}

// The nested request with what only the launch knows: which streams there are.
absl::StatusOr<std::string> StartFrame(const Wsl2Plan& plan, const Stdio& stdio) {
  NestedRun run = plan.run;
  run.tty.reset();
  if (stdio.tty) run.tty = WindowCells{stdio.tty_columns, stdio.tty_rows};
  run.streams = {IsThere(stdio.in, STD_INPUT_HANDLE), IsThere(stdio.out, STD_OUTPUT_HANDLE),
                 IsThere(stdio.err, STD_ERROR_HANDLE)};
  ASSIGN_OR_RETURN(const std::string payload, EncodeNestedRun(run));
  return EncodeFrame(FrameType::kStart, payload);
}

// Up to kStarted or kExited. The far side's refusal is Unavailable: nothing ran, and elsewhere the request may do.
absl::StatusOr<std::vector<Frame>> ReadStart(RelaySession& session, const Wsl2Plan& plan) {
  std::vector<Frame> frames;
  while (true) {
    auto frame = session.Next();
    if (!frame.ok()) return frame.status();
    if (!frame->has_value()) {
      return ReasonError(
          absl::StatusCode::kInternal, "wsl_run_lost",
          absl::StrCat("the relay in '", plan.distribution, "' ended before the command started. ", session.Said()));
    }
    frames.push_back(**std::move(frame));
    if (frames.back().type == FrameType::kStarted) return frames;
    if (frames.back().type != FrameType::kExited) continue;
    ASSIGN_OR_RETURN(const RunResult result, ResultOf(frames.back().payload, plan));
    if (result.outcome.kind != ExitKind::kRefused) return frames;
    Reason reason = result.outcome.reason;
    reason.detail = absl::StrCat("in '", plan.distribution, "': ", reason.detail);
    return ReasonError(absl::StatusCode::kUnavailable, reason);
  }
}

class Wsl2Launcher : public Launcher {
 public:
  explicit Wsl2Launcher(Wsl2LauncherOptions options) : options_(std::move(options)) {}

  absl::string_view backend() const override { return "wsl2"; }

  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const LaunchPlan& plan, const Stdio& stdio,
                                                  EventSink& sink) override {
    const auto body = std::dynamic_pointer_cast<const Wsl2Plan>(plan.body);
    if (body == nullptr) return absl::InvalidArgumentError("the plan is none of wsl2");
    RETURN_IF_ERROR(CheckStreams(stdio));
    ASSIGN_OR_RETURN(const std::string start, StartFrame(*body, stdio));
    ASSIGN_OR_RETURN(const RelayFile relay,
                     ReadRelayFile(absl::StrCat(options_.relay_directory, "\\", body->relay_file)));
    // Until the command has started an interrupt ends the attempt; from then on it is the command's.
    const HANDLE interrupt = stdio.signals == -1 ? nullptr : reinterpret_cast<HANDLE>(stdio.signals);
    ASSIGN_OR_RETURN(RelaySession session, RelaySession::Open(body->distribution, relay, false, interrupt));
    RETURN_IF_ERROR(CheckMounts(body->mounts, session.inside()));
    RETURN_IF_ERROR(session.channel().Write(start));
    ASSIGN_OR_RETURN(std::vector<Frame> frames, ReadStart(session, *body));
    session.channel().Heed(nullptr);
    return MakeWsl2Sandbox({std::move(session), std::move(frames), body, stdio}, sink);
  }

 private:
  const Wsl2LauncherOptions options_;
};

}  // namespace
}  // namespace wsl2

std::unique_ptr<Launcher> MakeWsl2Launcher(Wsl2LauncherOptions options) {
  return std::make_unique<wsl2::Wsl2Launcher>(std::move(options));
}

}  // namespace paddock
