#ifndef PADDOCK_BACKENDS_WSL2_BACKEND_H_
#define PADDOCK_BACKENDS_WSL2_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// A relay into a WSL2 distribution, where the Linux sandbox does the work (docs/backends/wsl2.md).
std::unique_ptr<Backend> MakeWsl2Backend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WSL2_BACKEND_H_
