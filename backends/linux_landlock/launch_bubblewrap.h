#ifndef PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_BUBBLEWRAP_H_
#define PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_BUBBLEWRAP_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backends/linux_landlock/launch_child.h"
#include "backends/linux_landlock/launch_inner_plan.h"
#include "core/platform/posix/unique_fd.h"

// Tier bubblewrap, the launcher's side. bwrap makes the namespaces and the mounts; as pid 1 it starts the inner stage:
// the program that the launcher's options name, which ends in RunInnerStage().

namespace paddock {

// Where the inner stage finds what it needs, by descriptor. Standard input and output of bwrap itself lead nowhere, and
// its messages into a file of the launcher's: what it has to say is said in Paddock's words.
enum InnerDescriptor : int {
  kInnerStatus = 3,
  kInnerLauncher,  // a pidfd
  kInnerPlan,      // EncodeInnerPlan's bytes
  kInnerProgram,   // what bwrap executes
  kInnerArguments,
  kInnerStdio,                    // three: -1 in ChildSpec::stdio is closed here
  kInnerGuard = kInnerStdio + 3,  // the guard's lifeline, if there is a guard
  kInnerEnd,
};

// What starts bwrap, ready before the clone.
class PreparedBubblewrap {
 public:
  // Opens `plan.bubblewrap`, if it is still root's alone, and the inner stage's program; writes arguments and plan.
  // Unavailable: `bubblewrap_untrusted`, `no_launcher`, `setup_failed`.
  static absl::StatusOr<std::unique_ptr<PreparedBubblewrap>> Prepare(const InnerPlan& inner,
                                                                     const std::string& inner_stage);

  // In the cloned child: becomes bwrap. Async-signal-safe.
  [[noreturn]] void Exec(const ChildSpec& spec) const;

  // What bwrap has said so far, on one line.
  std::string Messages() const;

  // True if the host's files would now give bwrap other arguments: what it was told to cover has come or gone since.
  bool HostChanged(const LinuxPlan& plan) const;

 private:
  std::string arguments_text_;
  UniqueFd bubblewrap_, program_, arguments_, plan_, messages_;
};

// The argument by which a program is told to be the inner stage.
inline constexpr char kInnerStageArgument[] = "--paddock-inner-stage";

// Runs as pid 1 of bubblewrap's sandbox; never returns to the caller's main but with an error's exit status: the
// descriptors above are not what a launcher passes.
int RunInnerStage();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LINUX_LANDLOCK_LAUNCH_BUBBLEWRAP_H_
