#include "cli/setup_run.h"

namespace paddock::cli {
namespace {

int NotHere(const Context& context) {
  context.messages.Error(
      "dedicated users are for Windows: on Linux every run has its namespaces, and nothing is to be set up. `paddock "
      "setup --dry-run --host FACTS.json` shows what would be made on a Windows host");
  return kExitPaddock;
}

}  // namespace

int SetUpHere(const Context& context, const SetupOptions&) { return NotHere(context); }
int ShowSetup(const Context& context, const SetupOptions&) { return NotHere(context); }
int TearDownHere(const Context& context, const SetupOptions&) { return NotHere(context); }
int PlanSetupHere(const Context& context, const SetupOptions&) { return NotHere(context); }

}  // namespace paddock::cli
