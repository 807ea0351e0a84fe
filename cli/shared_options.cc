#include "cli/shared_options.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "core/policy/builtin_profiles.h"
#include "core/policy/guarantee.h"
#include "core/policy/policy.h"

namespace paddock::cli {
namespace {

std::vector<std::string> Texts(const std::vector<absl::string_view>& names) { return {names.begin(), names.end()}; }

// The closed sets, each from where its values are defined.
std::vector<std::string> Profiles() { return Texts(BuiltinProfileNames()); }
std::vector<std::string> Workloads() { return Texts(EnumNames<Workload>()); }
std::vector<std::string> CommandSystems() { return Texts(EnumNames<CommandOs>()); }
std::vector<std::string> Preferences() { return Texts(EnumNames<Prefer>()); }
std::vector<std::string> NetworkChoices() { return {"off", "open", "allow="}; }

std::vector<std::string> RequiredLevels() {
  std::vector<std::string> texts;
  for (const Guarantee guarantee : kAllGuarantees) {
    for (size_t level = 0; level < LevelCount(guarantee); ++level) {
      texts.push_back(absl::StrCat(GuaranteeName(guarantee), "=", LevelName(guarantee, static_cast<Level>(level))));
    }
  }
  return texts;
}

auto IsOneOf(std::initializer_list<absl::string_view> names) {
  return [names](const OptionRow& row) { return std::find(names.begin(), names.end(), row.names) != names.end(); };
}

}  // namespace

std::vector<OptionRow> SharedRows(SharedOptions* o) {
  constexpr absl::string_view kWhere = "Where";
  constexpr absl::string_view kPolicy = "Policy";
  constexpr absl::string_view kFiles = "Files, network, environment";
  constexpr absl::string_view kLimits = "Limits";
  constexpr absl::string_view kSelection = "Selection and requirements";
  return {
      {kWhere, "--workspace", "DIR", "the workspace, the one place that is writable (default: the current directory)",
       &o->workspace, ValueKind::kDirectory},
      {kWhere, "--cwd", "DIR",
       "where the command starts (default: here if inside the workspace, else the workspace); "
       "grants nothing",
       &o->cwd, ValueKind::kDirectory},
      {kWhere, "--tty", "MODE",
       "a terminal of the sandbox's own: auto (if stdin, stdout and stderr are terminals), "
       "always, never (default: auto)",
       &o->tty, ValueKind::kChoice, TtyModeNames},
      {kWhere, "--report", "FILE",
       "write the JSON there, whole, at the end: of run the report, else what --json prints; - is stderr", &o->report,
       ValueKind::kFile},

      {kPolicy, "--policy", "FILE", "a policy in TOML or JSON, in place of the user's own policy.toml", &o->policy,
       ValueKind::kFile},
      {kPolicy, "--profile", "NAME", "built-in profile to start from: {values}", &o->profile, ValueKind::kChoice,
       Profiles},
      {kPolicy, "--workload", "NAME", "what runs: {values}", &o->workload, ValueKind::kChoice, Workloads},
      {kPolicy, "--command-os", "OS", "what system the command is for: {values} (any: a Windows host may use WSL2)",
       &o->command_os, ValueKind::kChoice, CommandSystems},

      {kFiles, "--rw", "PATH", "make PATH, which has to exist, writable too; may be repeated", &o->rw,
       ValueKind::kPath},
      {kFiles, "--ro", "PATH", "make PATH readable and never writable; may be repeated", &o->ro, ValueKind::kPath},
      {kFiles, "--hide", "PATH", "hide PATH (a glob may be used: '**/.env'); may be repeated", &o->hide,
       ValueKind::kPath},
      {kFiles, "--net", "MODE", "off, open, or allow=DOMAIN[:PORT],... (only these)", &o->net, ValueKind::kChoice,
       NetworkChoices},
      {kFiles, "--env", "NAME[=VALUE]", "pass the variable NAME on from here, or set it; may be repeated", &o->env,
       ValueKind::kVariable},

      {kLimits, "--wall", "TIME", "end the command after this wall-clock time: 500ms, 90s, 10m, 2h", &o->wall},
      {kLimits, "--memory", "SIZE", "memory of the whole tree: 512MiB, 4GiB", &o->memory},
      {kLimits, "--processes", "N", "processes and threads alive at once", &o->processes},
      {kLimits, "--output", "SIZE", "bytes of stdout and stderr together: 64MiB", &o->output},

      {kSelection, "--backend", "NAME",
       "use this backend alone, or this tier of one (linux_landlock:namespaces); `paddock explain` names them",
       &o->backend, ValueKind::kBackend},
      {kSelection, "--prefer", "WHAT",
       "what counts when several would do: auto, isolation (the strongest), fidelity (the live checkout)", &o->prefer,
       ValueKind::kChoice, Preferences},
      {kSelection, "--wsl-distribution", "NAME",
       "the WSL distribution in which the backend wsl2 runs the command; else the default one, or the first that will "
       "do",
       &o->wsl_distribution},
      {kSelection, "--require", "G=LEVEL",
       "refuse to run below this level of a guarantee: write=confined, network=off; `paddock explain` names those "
       "reached here; may be repeated",
       &o->require, ValueKind::kChoice, RequiredLevels},
      {kSelection, "--strict", "", "require everything that the policy prefers", &o->strict},
  };
}

std::vector<OptionRow> SharedRows(SharedOptions* options, std::initializer_list<absl::string_view> names) {
  std::vector<OptionRow> rows = SharedRows(options);
  rows.erase(std::remove_if(rows.begin(), rows.end(), std::not_fn(IsOneOf(names))), rows.end());
  return rows;
}

std::vector<OptionRow> SharedRowsWithout(SharedOptions* options, std::initializer_list<absl::string_view> names) {
  std::vector<OptionRow> rows = SharedRows(options);
  rows.erase(std::remove_if(rows.begin(), rows.end(), IsOneOf(names)), rows.end());
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

}  // namespace paddock::cli
