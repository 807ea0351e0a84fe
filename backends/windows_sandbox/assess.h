#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_ASSESS_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_ASSESS_H_

#include "core/backend/backend.h"

namespace paddock {

// The column of windows_sandbox in the matrix of docs/rubric.md, for one request on one host. Pure.
Assessment AssessWindowsSandbox(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_ASSESS_H_
