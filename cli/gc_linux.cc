#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/escape.h"
#include "cli/gc_run.h"
#include "compose/registry.h"
#include "core/base/json.h"
#include "core/platform/caller.h"
#include "core/platform/posix/cgroup_facts.h"
#include "core/platform/posix/home_layer.h"
#include "core/platform/posix/lease.h"
#include "core/platform/posix/run_cgroup.h"
#include "core/platform/posix/run_directory.h"

namespace paddock::cli {
namespace {

std::string Lines(const CollectedLease& lease) {
  const std::string workspace = Escape(lease.workspace);
  std::string text;
  for (const std::string& path : lease.removed) absl::StrAppend(&text, "removed  ", Escape(path), "\n");
  for (const std::string& path : lease.kept) absl::StrAppend(&text, "kept     ", Escape(path), " (no longer empty)\n");
  if (lease.live) absl::StrAppend(&text, "in use   ", workspace, "\n");
  if (!lease.unreadable.empty()) absl::StrAppend(&text, "unreadable  ", Escape(lease.unreadable), "\n");
  if (!lease.quarantined.empty()) {
    absl::StrAppend(&text, "damaged  ", workspace, ": journal set aside as ", Escape(lease.quarantined), "\n");
  }
  return text;
}

Json LeaseToJson(const CollectedLease& lease) {
  return {{"workspace", lease.workspace},
          {"live", lease.live},
          {"removed", lease.removed},
          {"kept", lease.kept},
          {"damaged_journal", lease.quarantined},
          {"unreadable_journal", lease.unreadable}};
}

std::string Size(const CollectedHome& home) {
  constexpr double kMebi = 1024.0 * 1024.0;
  return absl::StrFormat("%s%.1f MiB", home.all_bytes ? "" : "more than ", static_cast<double>(home.bytes) / kMebi);
}

std::string Lines(const CollectedHome& home) {
  const std::string whose = home.workspace.empty() ? "" : absl::StrCat(" of ", Escape(home.workspace));
  const std::string layer = absl::StrCat("home layer", whose);
  if (!home.obstacle.empty()) return absl::StrCat("stuck    ", Escape(home.path), ": ", Escape(home.obstacle), "\n");
  if (home.live) return absl::StrCat("in use   ", layer, "\n");
  return absl::StrCat(home.removed ? "removed  " : "kept     ", layer, " (", Size(home), ")\n");
}

Json HomeToJson(const CollectedHome& home) {
  return {{"path", home.path},           {"workspace", home.workspace}, {"live", home.live},
          {"workspace_gone", home.gone}, {"removed", home.removed},     {"obstacle", home.obstacle},
          {"bytes", home.bytes},         {"all_bytes", home.all_bytes}};
}

}  // namespace

int Collect(const Context& context, const GcOptions& options) {
  if (options.scan) {
    return UsageError(context, "gc",
                      absl::InvalidArgumentError("--scan looks for access control entries of Windows: nothing that "
                                                 "Paddock does on this system leaves any"));
  }
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const std::string state = StateDirectory(*caller);
  if (state.empty()) {
    context.messages.Error("there is no home directory, so there are no journals to look at: set HOME");
    return kExitPaddock;
  }
  const auto collected = CollectLeases(state);
  if (!collected.ok()) {
    context.messages.Failure(collected.status());
    return kExitPaddock;
  }
  const auto homes = CollectHomes(state, options.homes);
  if (!homes.ok()) {
    context.messages.Failure(homes.status());
    return kExitPaddock;
  }
  const std::string cgroup_parent = ProbeOwnCgroup().path;
  const std::vector<std::string> cgroups =
      cgroup_parent.empty() ? std::vector<std::string>() : CollectRunCgroups(cgroup_parent);
  std::string text;
  bool damaged = false;
  for (const CollectedLease& lease : *collected) {
    absl::StrAppend(&text, Lines(lease));
    damaged = damaged || !lease.quarantined.empty() || !lease.unreadable.empty();
  }
  for (const CollectedHome& home : *homes) {
    absl::StrAppend(&text, Lines(home));
    damaged = damaged || !home.obstacle.empty();
  }
  for (const std::string& path : cgroups) absl::StrAppend(&text, "removed  ", Escape(path), "\n");
  const std::vector<std::string> directories = CollectRunDirectories(absl::StrCat(state, "/runs"));
  for (const std::string& path : directories) absl::StrAppend(&text, "removed  ", Escape(path), "\n");
  if (text.empty()) text = "nothing to undo\n";
  if (options.json) {
    text = DumpJson({{"schema", "paddock.gc/1"},
                     {"leases", JsonArray(*collected, LeaseToJson)},
                     {"homes", JsonArray(*homes, HomeToJson)},
                     {"cgroups", cgroups},
                     {"run_directories", directories}});
  }
  const int printed = options.quiet ? kExitOk : Print(context, text);
  return damaged ? kExitPaddock : printed;
}

}  // namespace paddock::cli
