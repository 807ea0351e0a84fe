#include <vector>

#include "cli/command.h"
#include "cli/gc_run.h"
#include "cli/help.h"

namespace paddock::cli {
namespace {

HelpText GcHelp() {
  HelpText help;
  help.usage = "paddock gc [--homes | --scan PATH] [--quiet] [--json]";
  help.about =
      "Takes away what a run that was killed left on the host: placeholders of protected names, cgroups beside its "
      "own, directories of runs. What a live run uses, and what somebody has put something into since, stays. Every "
      "run cleans up after "
      "itself, so this is needed only after a power failure or the like. Lists the kept layers of the home "
      "(filesystem.home = \"kept\"), and takes away those of workspaces that are gone; with --homes, every one that no "
      "live run holds. On Windows it removes the access control entries of leases that no run holds. With --scan it "
      "does "
      "only this: it looks at PATH and everything below for entries of Paddock's that no record explains, and removes "
      "them: where the state directory is lost, or files were moved out of a workspace.";
  help.examples = {{"paddock gc", "clean up, and say what was done"},
                   {"paddock gc --homes", "forget also what commands have written below their homes"},
                   {"paddock gc --scan C:\\Users\\dev", "Windows: remove entries that nothing is known about"},
                   {"paddock gc --json", "clean up, and say so for a program to read"}};
  help.statuses = {{"0", "done"}, {"125", "something could not be undone"}, {"2", "options are wrong"}};
  return help;
}

}  // namespace

int GcMain(const std::vector<std::string>& args, const Context& context) {
  GcOptions options;
  bool help = false;
  const std::vector<OptionRow> rows = {
      {"Options", "--homes", "", "also remove the kept layers of the home", &options.homes},
      {"Options", "--scan", "PATH", "Windows: remove entries of lost leases below PATH, and do nothing else",
       &options.scan, ValueKind::kPath},
      {"Options", "-q,--quiet", "", "say nothing on stdout", &options.quiet},
      JsonRow(&options.json),
      HelpRow(&help)};
  const absl::Status usage = ParseOptions(args, rows, {});
  if (help) return PrintHelp(context, GcHelp(), rows);
  if (!usage.ok()) return UsageError(context, "gc", usage);
  if (options.scan && options.homes) {
    return UsageError(context, "gc", absl::InvalidArgumentError("--scan and --homes are two different things to do"));
  }
  return Collect(context, options);
}

}  // namespace paddock::cli
