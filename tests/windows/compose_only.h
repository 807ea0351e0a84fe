#ifndef PADDOCK_TESTS_WINDOWS_COMPOSE_ONLY_H_
#define PADDOCK_TESTS_WINDOWS_COMPOSE_ONLY_H_

#include "backends/windows_token/launch_enforcement.h"

namespace paddock {

// Composes tokens, and asks nothing of the system about what came of it: the executor for a Wine, which confines
// nothing.
class ComposeOnly : public Enforcement {
 public:
  absl::StatusOr<UniqueHandle> Token(const BaseToken& base, const TokenOrder& order,
                                     LaunchRecorder& recorder) override {
    return ComposeToken(base, order, recorder);
  }
  absl::Status CheckJob(HANDLE, const JobSpec&) override { return absl::OkStatus(); }
  absl::Status CheckProcess(HANDLE, HANDLE, const TokenOrder&) override { return absl::OkStatus(); }
  absl::Status CheckEntry(AclFile&, const access::Ace&) override { return absl::OkStatus(); }
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_COMPOSE_ONLY_H_
