#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/windows_token/launch_folders.h"
#include "backends/windows_token/launch_lease_grants.h"
#include "cli/escape.h"
#include "cli/gc_run.h"
#include "compose/registry.h"
#include "core/base/json.h"
#include "core/platform/caller.h"

namespace paddock::cli {

int Collect(const Context& context, const GcOptions& options) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const std::string state = StateDirectory(*caller);
  if (state.empty()) {
    context.messages.Error("%LOCALAPPDATA% is not known, so there is no state to look at: set LOCALAPPDATA");
    return kExitPaddock;
  }
  std::vector<std::string> stuck;
  const auto folders = CollectRunFolders(state, &stuck);
  if (!folders.ok()) return Failed(context, folders.status());
  const auto grants = CollectGrants(state);
  if (!grants.ok()) return Failed(context, grants.status());
  const std::vector<std::string> notes = NoteLines(grants->report);
  std::string text;
  if (grants->removed > 0) absl::StrAppend(&text, "removed  the entries of ", grants->removed, " leases\n");
  if (grants->live > 0) absl::StrAppend(&text, "live     ", grants->live, " leases\n");
  for (const std::string& note : notes) absl::StrAppend(&text, "note     ", Escape(note), "\n");
  for (const std::string& path : *folders) absl::StrAppend(&text, "removed  ", Escape(path), "\n");
  for (const std::string& what : stuck) absl::StrAppend(&text, "stuck    ", Escape(what), "\n");
  if (text.empty()) text = "nothing to undo\n";
  const Json none = Json::array();
  if (options.json) {
    text = DumpJson(
        {{"schema", "paddock.gc/1"},
         {"leases", none},
         {"grants", {{"removed", grants->removed}, {"live", grants->live}, {"kept", grants->kept}, {"notes", notes}}},
         {"homes", none},
         {"cgroups", none},
         {"run_directories", *folders}});
  }
  const int printed = options.quiet ? kExitOk : Print(context, text);
  return stuck.empty() && grants->kept == 0 ? printed : kExitPaddock;
}

}  // namespace paddock::cli
