#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/launch_profile.h"
#include "backends/windows_sandbox/launcher.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "cli/escape.h"
#include "cli/gc_run.h"
#include "compose/registry.h"
#include "core/base/json.h"
#include "core/base/windows_path.h"
#include "core/platform/caller.h"
#include "core/windows_launch/run_folders.h"

namespace paddock::cli {
namespace {

std::string NotesText(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) absl::StrAppend(&text, "note     ", Escape(note), "\n");
  return text;
}

// What every answer of `gc` has.
Json EmptyAnswer() {
  const Json none = Json::array();
  return {{"schema", "paddock.gc/1"}, {"leases", none}, {"homes", none}, {"cgroups", none}, {"run_directories", none}};
}

int Answer(const Context& context, const GcOptions& options, const std::string& text, const Json& json, bool whole) {
  const int printed = options.quiet ? kExitOk : Print(context, options.json ? DumpJson(json) : text);
  return whole ? printed : kExitPaddock;
}

std::string ScanText(const ScanReport& scan) {
  std::string text;
  if (scan.removed > 0) absl::StrAppend(&text, "removed  the entries of lost leases on ", scan.removed, " files\n");
  for (const access::Sid& sid : scan.orphans) absl::StrAppend(&text, "lost     ", sid.ToString(), "\n");
  if (scan.recorded > 0) {
    absl::StrAppend(&text, "kept     those of recorded leases on ", scan.recorded,
                    " files: `paddock gc` removes them\n");
  }
  absl::StrAppend(&text, NotesText(NoteLines(scan.report)));
  if (text.empty()) absl::StrAppend(&text, "no entries of Paddock's on ", scan.report.counts.entries, " files\n");
  return text;
}

Json ScanJson(const std::string& path, const ScanReport& scan) {
  std::vector<std::string> orphans;
  for (const access::Sid& sid : scan.orphans) orphans.push_back(sid.ToString());
  Json json = EmptyAnswer();
  json["scan"] = {{"path", path},
                  {"entries", scan.report.counts.entries},
                  {"found", scan.found},
                  {"removed", scan.removed},
                  {"recorded", scan.recorded},
                  {"orphans", orphans},
                  {"unreadable", scan.report.counts.unreadable},
                  {"failed", scan.report.counts.failed},
                  {"notes", NoteLines(scan.report)}};
  return json;
}

int Scan(const Context& context, const GcOptions& options, const Caller& caller, const std::string& state) {
  const auto here = WindowsPath::Parse(caller.cwd);
  const auto path = here.ok() ? here->Join(*options.scan) : here;
  if (!path.ok()) {
    return UsageError(
        context, "gc",
        absl::InvalidArgumentError(absl::StrCat("--scan: '", *options.scan, "' ", path.status().message())));
  }
  const std::string top = path->ToString();
  const auto scan = ScanGrants(state, top);
  if (!scan.ok()) return Failed(context, scan.status());
  return Answer(context, options, ScanText(*scan), ScanJson(top, *scan), scan->report.counts.failed == 0);
}

}  // namespace

int Collect(const Context& context, const GcOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const std::string state = StateDirectory(*caller);
  if (state.empty()) {
    context.messages.Error("%LOCALAPPDATA% is not known, so there is no state to look at: set LOCALAPPDATA");
    return kExitPaddock;
  }
  if (options.scan) return Scan(context, options, *caller, state);
  std::vector<std::string> stuck;
  auto folders = CollectRunFolders(state, &stuck);
  if (!folders.ok()) return Failed(context, folders.status());
  const auto machines = CollectSandboxFolders(state, &stuck);
  if (!machines.ok()) return Failed(context, machines.status());
  folders->insert(folders->end(), machines->begin(), machines->end());
  const auto packages = CollectPackages(state, &stuck);
  if (!packages.ok()) return Failed(context, packages.status());
  const auto grants = CollectGrants(state);
  if (!grants.ok()) return Failed(context, grants.status());
  const std::vector<std::string> notes = NoteLines(grants->report);
  std::string text;
  if (grants->removed > 0) absl::StrAppend(&text, "removed  the entries of ", grants->removed, " leases\n");
  if (grants->live > 0) absl::StrAppend(&text, "live     ", grants->live, " leases\n");
  absl::StrAppend(&text, NotesText(notes));
  for (const std::string& path : *folders) absl::StrAppend(&text, "removed  ", Escape(path), "\n");
  for (const std::string& name : *packages) {
    absl::StrAppend(&text, "removed  the AppContainer profile ", Escape(name), "\n");
  }
  for (const std::string& what : stuck) absl::StrAppend(&text, "stuck    ", Escape(what), "\n");
  if (text.empty()) text = "nothing to undo\n";
  Json json = EmptyAnswer();
  json["run_directories"] = *folders;
  json["grants"] = {{"removed", grants->removed}, {"live", grants->live}, {"kept", grants->kept}, {"notes", notes}};
  return Answer(context, options, text, json, stuck.empty() && grants->kept == 0);
}

}  // namespace paddock::cli
