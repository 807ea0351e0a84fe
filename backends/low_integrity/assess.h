#ifndef PADDOCK_BACKENDS_LOW_INTEGRITY_ASSESS_H_
#define PADDOCK_BACKENDS_LOW_INTEGRITY_ASSESS_H_

#include "core/backend/backend.h"

namespace paddock {

// The column of low_integrity in the matrix of docs/rubric.md, for one request on one host. Pure.
Assessment AssessLowIntegrity(const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_LOW_INTEGRITY_ASSESS_H_
