#ifndef PADDOCK_BACKENDS_APPCONTAINER_BACKEND_H_
#define PADDOCK_BACKENDS_APPCONTAINER_BACKEND_H_

#include <memory>

#include "core/backend/backend.h"

namespace paddock {

// AppContainer, less privileged (LPAC) where the build has it: for apps that declare what they need. Assess and Plan;
// the launcher is Windows's own.
std::unique_ptr<Backend> MakeAppContainerBackend();

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_BACKEND_H_
