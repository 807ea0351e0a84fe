#ifndef PADDOCK_COMPOSE_REGISTRY_H_
#define PADDOCK_COMPOSE_REGISTRY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/request/request.h"
#include "core/runtime/runtime.h"

// The composition root: everything concrete is named here, and registered by call.

namespace paddock {

struct RuntimeOptions {
  // The tool `paddock` as a file, absolute: launchers start it where a part of Paddock has to run inside of a sandbox.
  // Empty: what needs that is unavailable. A program that calls RunAsInnerStage() itself may name kThisProgram.
  // Windows: the parts lie beside it as programs of their own; empty: beside the caller's executable.
  std::string tool;
};
extern const char* const kThisProgram;

// A Runtime with this host's probe, every backend, and the launchers of this operating system.
std::unique_ptr<Runtime> MakeRuntime(Caller caller, const RuntimeOptions& options);

// The same backends, to decide for a host whose facts come from a file: it can neither probe nor launch.
std::unique_ptr<Runtime> MakeOfflineRuntime();

// Every backend, in the order in which equals are listed.
void RegisterBackends(Runtime* runtime);

// If `args` are those by which a launcher starts this program inside of a sandbox: becomes that part of it, and returns
// only what to exit with when it is nothing of the kind.
std::optional<int> RunAsInnerStage(const std::vector<std::string>& args);

// Where Paddock keeps its journals (docs/cli.md); empty if the caller has no home.
std::string StateDirectory(const Caller& caller);

}  // namespace paddock

#endif  // PADDOCK_COMPOSE_REGISTRY_H_
