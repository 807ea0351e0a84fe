#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_BACKEND_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// Composed tokens: a write-restricted token with a synthetic SID for each grant, in a job and on a desktop of its own;
// as a dedicated user where `paddock setup` has made one. Assess and Plan; the launcher is Windows's own.
std::unique_ptr<Backend> MakeWindowsTokenBackend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_BACKEND_H_
