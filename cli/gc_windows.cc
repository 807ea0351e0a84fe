#include <nlohmann/json.hpp>

#include "cli/gc_run.h"
#include "core/base/json.h"

namespace paddock::cli {

// No launcher of this version runs on Windows, so nothing can have been left.
int Collect(const Context& context, const GcOptions& options) {
  const Json none = Json::array();
  const std::string text = options.json ? DumpJson({{"schema", "paddock.gc/1"},
                                                    {"leases", none},
                                                    {"homes", none},
                                                    {"cgroups", none},
                                                    {"run_directories", none}})
                                        : "nothing to undo\n";
  return options.quiet ? kExitOk : Print(context, text);
}

}  // namespace paddock::cli
