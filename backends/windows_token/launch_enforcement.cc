#include "backends/windows_token/launch_enforcement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_error.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"

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
    BOOL inside = FALSE;
    if (!IsProcessInJob(process, job, &inside) || !inside) {
      return ReadBackFailed("the command's process says that it is not in its job");
    }
    HANDLE opened = nullptr;
    if (!OpenProcessToken(process, TOKEN_QUERY, &opened)) {
      return StepRefused("readback_failed", "opening the token of the command's process", GetLastError());
    }
    const UniqueHandle token(opened);
    return ReadBackToken(token.get(), order);
  }

  absl::Status CheckEntry(AclFile& file, const access::Ace& entry) override {
    ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, file.Read());
    const auto& aces = descriptor.dacl.aces;
    const bool found =
        descriptor.dacl_state == access::AclState::kPresent && std::find(aces.begin(), aces.end(), entry) != aces.end();
    if (found) return absl::OkStatus();
    return ReadBackFailed(absl::StrCat("the entry ", access::ToSddl(entry).value_or("of the run"),
                                       " was written to a list and does not stand there"));
  }
};

}  // namespace

std::unique_ptr<Enforcement> MakeEnforcement() { return std::make_unique<ReadBack>(); }

}  // namespace paddock
