#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_ASSESS_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_ASSESS_H_

#include "core/backend/backend.h"

namespace paddock {

// The column of windows_token in the matrix of docs/rubric.md, for one request on one host. Pure.
Assessment AssessWindowsToken(const Request& request, const Facts& facts);

// Whether a run is made as a dedicated user: one is provisioned, each thing that starting it stands on is known, and
// nothing is to be seen of it.
bool UsesDedicatedUser(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_ASSESS_H_
