#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_BACKEND_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// Mandatory integrity control: a low-integrity process that cannot write up. Assess and Plan; the launcher is Windows's
// own.
std::unique_ptr<Backend> MakeLowIntegrityBackend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_BACKEND_H_
