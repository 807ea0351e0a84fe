#ifndef PADDOCK_CLI_APP_H_
#define PADDOCK_CLI_APP_H_

#include <string>
#include <vector>

#include "cli/command.h"

namespace paddock::cli {

// The whole tool: `args` is what follows the program's name. Gives the exit status.
int AppMain(const std::vector<std::string>& args, const Context& context);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_APP_H_
