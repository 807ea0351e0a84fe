#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_BACKEND_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// A disposable Windows Sandbox machine, spoken to through a mailbox folder. Assess and Plan; the launcher is
// Windows's own.
std::unique_ptr<Backend> MakeWindowsSandboxBackend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_BACKEND_H_
