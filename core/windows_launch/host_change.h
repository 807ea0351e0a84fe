#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_HOST_CHANGE_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_HOST_CHANGE_H_

#include "core/report/outcome.h"

namespace paddock {

// Something on the host that a run has changed. What its end undoes is undone by Undo, or by destruction if that was
// not called.
class HostChange {
 public:
  virtual ~HostChange() = default;

  // After the tree has ended. Adds to `result` what was found, and what could not be undone.
  virtual void Undo(RunResult* result) = 0;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_HOST_CHANGE_H_
