#ifndef PADDOCK_CLI_GC_RUN_H_
#define PADDOCK_CLI_GC_RUN_H_

#include <optional>
#include <string>

#include "cli/command.h"

namespace paddock::cli {

struct GcOptions {
  bool homes = false, quiet = false, json = false;
  std::optional<std::string> scan;  // as somebody typed it
};

// What `paddock gc` does on this operating system; gives the exit status.
int Collect(const Context& context, const GcOptions& options);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_GC_RUN_H_
