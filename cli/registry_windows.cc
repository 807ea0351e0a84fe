#include "cli/registry.h"

namespace paddock::cli {

std::string StateDirectory(const Caller&) { return ""; }

std::unique_ptr<Runtime> MakeRuntime(Caller) { return MakeOfflineRuntime(); }

std::optional<int> RunAsInnerStage(const std::vector<std::string>&) { return std::nullopt; }

}  // namespace paddock::cli
