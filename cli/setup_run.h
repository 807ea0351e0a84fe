#ifndef PADDOCK_CLI_SETUP_RUN_H_
#define PADDOCK_CLI_SETUP_RUN_H_

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

// What `paddock setup` and `paddock teardown` do on the operating system at hand.

namespace paddock::cli {

struct SetupOptions {
  bool dry_run = false, status = false, json = false, help = false;
  std::vector<std::string> tool_directories;
  std::optional<std::string> host;  // with dry_run: for the host in this file
};

// Makes what is planned, on Windows; elsewhere says that there is nothing to make.
int SetUpHere(const Context& context, const SetupOptions& options);
// What is recorded, and whether this user can use it.
int ShowSetup(const Context& context, const SetupOptions& options);
// Undoes it; with `dry_run` says what would be undone.
int TearDownHere(const Context& context, const SetupOptions& options);

// The plan for this host; prints it.
int PlanSetupHere(const Context& context, const SetupOptions& options);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_SETUP_RUN_H_
