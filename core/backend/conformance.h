#ifndef PADDOCK_CORE_BACKEND_CONFORMANCE_H_
#define PADDOCK_CORE_BACKEND_CONFORMANCE_H_

#include <string>
#include <vector>

#include "core/backend/backend.h"

// The contract of backend.h, checked. For the tests of a backend, in this tree or outside; uses no test framework.

namespace paddock {

// What `backend` breaks of its contract for one request on one host, in each of its tiers, as sentences; empty: nothing
// was found. Looked at are:
//   - info: names as others may write them, tiers without repetition;
//   - Assess: the same answer twice; levels that exist; all four conditions in order; codes that are known, or the
//     backend's own, each with detail and remedy; blocked where the host runs another system;
//   - Plan: the same plan twice, down to its JSON; refused where Assess has blockers; a refusal carries a reason; the
//     plan names the backend and tier that were asked, promises what Assess reached, has a body, exactly one verdict
//     for each rule of the policy and none twice, and each verdict says by what, or what is missing.
// Whether what is promised holds takes a kernel and attacks, and is not looked at.
std::vector<std::string> ConformanceFaults(const Backend& backend, const Request& request, const Facts& facts);

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_CONFORMANCE_H_
