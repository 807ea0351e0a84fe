#include "backends/windows_token/launch_enforcement.h"

#include "core/base/status_macros.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/run_folders.h"

namespace paddock {
namespace {

class ReadBack : public Enforcement {
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

  absl::Status CheckEntry(AclFile& file, const access::Ace& entry) override { return ReadBackEntry(file, entry); }
};

}  // namespace

std::unique_ptr<Enforcement> MakeEnforcement() { return std::make_unique<ReadBack>(); }

}  // namespace paddock
