#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/decide.h"
#include "cli/help.h"
#include "cli/render_doctor.h"
#include "compose/prepare.h"
#include "compose/registry.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/doctor/doctor.h"
#include "core/platform/caller.h"

namespace paddock::cli {
namespace {

constexpr int kExitFindings = 1;

HelpText DoctorHelp() {
  HelpText help;
  help.usage = "paddock doctor [--workspace DIR] [--host FACTS.json] [--json]";
  help.about =
      "Says what is missing on this host for a stronger sandbox: what was found, what it costs, and the commands that "
      "mend it, which it leaves to you. What it costs is computed: the decision is taken again as if it were mended. "
      "Changes nothing, starts nothing.";
  help.examples = {{"paddock doctor", "findings, remedies, and what is reached now"},
                   {"paddock doctor --host laptop.json", "the same for another host, Windows or Linux"}};
  help.statuses = {{"0", "nothing to mend, or advice alone"},
                   {"1", "something blocks a stronger sandbox or weakens this one, and can be mended"},
                   {"125", "the host cannot be looked at"},
                   {"2", "options or files are wrong"}};
  return help;
}

bool IsUnfitWorkspace(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  if (!reason.has_value()) return false;
  for (const absl::string_view code : {"workspace_is_home", "workspace_is_root", "workspace_is_system",
                                       "workspace_holds_secret", "workspace_denied"}) {
    if (reason->code == code) return true;
  }
  return false;
}

// Somebody who asks about the host, from a home directory say, gets an answer about a project that could be on it.
DecideOptions WithSomeWorkspace(DecideOptions options, const std::string& home) {
  options.shared.workspace = LooksLikeWindowsPath(home) ? absl::StrCat(home, "\\src\\project")
                                                        : JoinPath(home.empty() ? "/srv" : home, "src/project");
  return options;
}

void AssumeWorkspace(const std::string& path, Facts& facts) {
  facts.workspace = {};
  facts.workspace.root.type = PathType::kDirectory;
  facts.workspace.root.real_path = path;
  facts.workspace.root.owner = facts.host.linux_host.uid;
  facts.workspace.location = WorkspaceLocation::kLocal;
  facts.workspace.location_source = "assumed";
  facts.workspace.persistent_acls = Yes("assumed");
  facts.workspace.paths[path] = facts.workspace.root;
}

struct Examined {
  Decided decided;
  std::optional<std::string> assumed;  // why the workspace is one that was made up
};

absl::StatusOr<Examined> Examine(const DecideOptions& options, const Caller& caller) {
  Examined examined;
  auto decided = Decide(options, {});
  if (decided.ok()) {
    examined.decided = *std::move(decided);
    return examined;
  }
  if (options.shared.workspace.has_value() || !IsUnfitWorkspace(decided.status())) return decided.status();
  examined.assumed = ReasonOf(decided.status())->detail;
  std::string home = caller.home;
  if (options.host.has_value()) {
    ASSIGN_OR_RETURN(const Facts facts, LoadFacts(*options.host));
    home = facts.host.home;
  }
  const DecideOptions elsewhere = WithSomeWorkspace(options, home);
  ASSIGN_OR_RETURN(examined.decided, Decide(elsewhere, {}));
  AssumeWorkspace(examined.decided.request.workspace, examined.decided.facts);
  return examined;
}

int Doctor(const DecideOptions& options, const Context& context) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const auto examined = Examine(options, *caller);
  if (!examined.ok()) return Failed(context, examined.status());
  const Decided& decided = examined->decided;
  const std::string executable = options.host.has_value() ? "" : caller->executable;
  const Diagnosis diagnosis = Diagnose(decided.runtime->backends(), decided.request, decided.facts, executable);
  const int printed =
      Print(context, options.json ? DumpJson(ToJson(diagnosis)) : RenderDiagnosis(diagnosis, context.color));
  if (printed != kExitOk) return printed;
  if (examined->assumed.has_value()) {
    context.messages.Notice(absl::StrCat("this directory is no workspace (", *examined->assumed,
                                         "), so an ordinary one is assumed; --workspace names yours"));
  }
  return NeedsMending(diagnosis) ? kExitFindings : kExitOk;
}

}  // namespace

int DoctorMain(const std::vector<std::string>& args, const Context& context) {
  DecideOptions options;
  std::vector<OptionRow> rows = SharedRows(&options.shared, {"--workspace", "--policy"});
  rows.push_back({"Output", "--host", "FACTS.json",
                  "examine the host in this file (see `paddock probe --json`), on any system", &options.host,
                  ValueKind::kFile});
  rows.push_back(JsonRow(&options.json));
  rows.push_back(HelpRow(&options.help));
  const absl::Status usage = ParseOptions(args, rows, {});
  if (options.help) return PrintHelp(context, DoctorHelp(), rows);
  if (!usage.ok()) return UsageError(context, "doctor", usage);
  return Doctor(options, context);
}

}  // namespace paddock::cli
