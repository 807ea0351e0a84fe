#ifndef PADDOCK_BACKENDS_WSL2_ASSESS_H_
#define PADDOCK_BACKENDS_WSL2_ASSESS_H_

#include "core/backend/backend.h"

namespace paddock {

// The column of wsl2 in the matrix of docs/rubric.md, for one request on one host. Pure.
Assessment AssessWsl2(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WSL2_ASSESS_H_
