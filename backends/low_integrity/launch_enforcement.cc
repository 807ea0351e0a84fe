#include "backends/low_integrity/launch_enforcement.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/job.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

class ReadBack : public LowEnforcement {
 public:
  absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                     LaunchRecorder& recorder) override {
    ASSIGN_OR_RETURN(UniqueHandle token, ComposeToken(base, order, recorder));
    RETURN_IF_ERROR(ReadBackToken(token.get(), order));
    return token;
  }

  absl::Status CheckJob(HANDLE job, const JobSpec& spec) override { return ReadBackJob(job, spec); }

  absl::Status CheckProcess(HANDLE process, HANDLE job, const TokenOrder& order) override {
    RETURN_IF_ERROR(ReadBackMembership(process, job));
    HANDLE opened = nullptr;
    if (!OpenProcessToken(process, TOKEN_QUERY, &opened)) {
      return StepRefused("readback_failed", "opening the token of the command's process", GetLastError());
    }
    const UniqueHandle token(opened);
    return ReadBackToken(token.get(), order);
  }

  absl::Status CheckLabel(AclFile& directory, const access::Acl& label) override {
    ASSIGN_OR_RETURN(const access::Acl found, directory.ReadLabel());
    if (found.aces == label.aces) return absl::OkStatus();
    return ReadBackFailed("a low label was written to the run's folder and does not stand there");
  }
};

}  // namespace

std::unique_ptr<LowEnforcement> MakeLowEnforcement() { return std::make_unique<ReadBack>(); }

}  // namespace paddock
