#include "cli/shared_options.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"

namespace paddock::cli {

std::vector<OptionRow> SharedRows(SharedOptions* o) {
  constexpr absl::string_view kWhere = "Where";
  constexpr absl::string_view kPolicy = "Policy";
  constexpr absl::string_view kFiles = "Files, network, environment";
  constexpr absl::string_view kLimits = "Limits";
  constexpr absl::string_view kSelection = "Selection and requirements";
  return {
      {kWhere, "--workspace", "DIR", "the workspace, the one place that is writable (default: the current directory)",
       &o->workspace},
      {kWhere, "--cwd", "DIR",
       "where the command starts (default: here if inside the workspace, else the workspace); "
       "grants nothing",
       &o->cwd},
      {kWhere, "--tty", "MODE",
       "a terminal of the sandbox's own: auto (if stdin, stdout and stderr are terminals), "
       "always, never (default: auto)",
       &o->tty},
      {kWhere, "--report", "FILE", "write the JSON report there, whole, at the end; - is stderr", &o->report},

      {kPolicy, "--policy", "FILE", "a policy in TOML or JSON, in place of the user's own policy.toml", &o->policy},
      {kPolicy, "--profile", "NAME",
       "built-in profile to start from: coding, read-only, computer-use, packaged-app, "
       "low-integrity",
       &o->profile},
      {kPolicy, "--workload", "NAME", "what runs: coding, computer-use, packaged-app, low-integrity", &o->workload},
      {kPolicy, "--command-os", "OS", "what system the command is for: native, linux, any", &o->command_os},

      {kFiles, "--rw", "PATH", "make PATH writable too; may be repeated", &o->rw},
      {kFiles, "--ro", "PATH", "make PATH readable and never writable; may be repeated", &o->ro},
      {kFiles, "--hide", "PATH", "hide PATH (a glob may be used: '**/.env'); may be repeated", &o->hide},
      {kFiles, "--net", "MODE", "off, open, or allow=DOMAIN[:PORT],... (only these)", &o->net},
      {kFiles, "--env", "NAME[=VALUE]", "pass NAME on, or set it; may be repeated", &o->env},

      {kLimits, "--wall", "TIME", "wall-clock time: 500ms, 90s, 10m, 2h", &o->wall},
      {kLimits, "--memory", "SIZE", "memory of the whole tree: 512MiB, 4GiB", &o->memory},
      {kLimits, "--processes", "N", "processes and threads alive at once", &o->processes},
      {kLimits, "--output", "SIZE", "bytes of stdout and stderr together: 64MiB", &o->output},

      {kSelection, "--backend", "NAME", "use this backend alone: linux_landlock, or linux_landlock:TIER", &o->backend},
      {kSelection, "--prefer", "WHAT", "auto, isolation (the strongest), fidelity (the live checkout)", &o->prefer},
      {kSelection, "--require", "G=LEVEL",
       "refuse to run below this level: write=confined, network=off; may be "
       "repeated",
       &o->require},
      {kSelection, "--strict", "", "require everything that the policy prefers", &o->strict},
  };
}

std::vector<OptionRow> SharedRows(SharedOptions* options, std::initializer_list<absl::string_view> names) {
  std::vector<OptionRow> rows = SharedRows(options);
  const auto wanted = [&](const OptionRow& row) {
    return std::find(names.begin(), names.end(), row.names) != names.end();
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), std::not_fn(wanted)), rows.end());
  return rows;
}

CutArguments CutAtCommand(const std::vector<std::string>& args) {
  const auto cut = std::find(args.begin(), args.end(), "--");
  CutArguments result;
  result.options.assign(args.begin(), cut);
  result.has_command = cut != args.end();
  if (result.has_command) result.command.assign(cut + 1, args.end());
  return result;
}

absl::StatusOr<TtyMode> ParseTtyMode(absl::string_view text) {
  if (text == "auto") return TtyMode::kAuto;
  if (text == "always") return TtyMode::kAlways;
  if (text == "never") return TtyMode::kNever;
  return absl::InvalidArgumentError(absl::StrCat("--tty: '", text, "' is none of auto, always, never"));
}

}  // namespace paddock::cli
