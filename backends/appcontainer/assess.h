#ifndef PADDOCK_BACKENDS_APPCONTAINER_ASSESS_H_
#define PADDOCK_BACKENDS_APPCONTAINER_ASSESS_H_

#include "absl/strings/string_view.h"
#include "core/backend/backend.h"

namespace paddock {

// The column of appcontainer in the matrix of docs/rubric.md, for one request on one host. Pure.
Assessment AssessAppContainer(const Request& request, const Facts& facts);

// Whether the AppContainer capability of that name opens the network.
bool IsNetworkCapability(absl::string_view name);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_ASSESS_H_
