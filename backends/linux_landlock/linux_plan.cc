#include "backends/linux_landlock/linux_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json StepJson(const MountStep& step) {
  Json json = {{"op", std::string(Name(step.op))}, {"target", step.target}};
  if (!step.source.empty()) json["source"] = step.source;
  if (!step.directory) json["directory"] = false;
  if (step.writable) json["writable"] = true;
  if (step.sticky) json["sticky"] = true;
  if (step.optional) json["optional"] = true;
  if (step.idmap_owner) json["idmap_owner"] = *step.idmap_owner;
  if (step.identity.inode != 0) json["identity"] = {{"device", step.identity.device}, {"inode", step.identity.inode}};
  return json;
}

Json LimitsJson(const LimitsPolicy& limits, const ProcessLimits& how, const CgroupPlan& cgroup) {
  Json json = Json::object();
  if (limits.wall) json["wall_ms"] = limits.wall->count();
  if (limits.cpu) json["cpu_ms"] = limits.cpu->count();
  if (limits.memory) json["memory_bytes"] = *limits.memory;
  if (limits.processes) json["processes"] = *limits.processes;
  if (limits.output) json["output_bytes"] = *limits.output;
  if (limits.file_size) json["file_size_bytes"] = *limits.file_size;
  json["by"] = {{"namespace_pid_max", how.namespace_pid_max},
                {"rlimit_nproc", how.rlimit_nproc},
                {"rlimit_data", how.rlimit_data},
                {"rlimit_cpu", how.rlimit_cpu}};
  if (!cgroup.parent.empty()) {
    json["by"]["cgroup"] = {{"parent", cgroup.parent},
                            {"memory", cgroup.memory},
                            {"processes", cgroup.processes},
                            {"ends_tree", cgroup.ends_tree}};
  }
  return json;
}

Json RuleJson(const LandlockRule& rule) {
  Json json = {{"path", rule.path}, {"grant", std::string(Name(rule.grant))}};
  if (!rule.except.empty()) json["except"] = rule.except;
  return json;
}

Json RunDirectoryJson(const RunDirectoryPlan& directory) {
  Json json = {{"parent", directory.parent}};
  if (directory.tmp) json["TMPDIR"] = "{run}/tmp";
  if (directory.home) json["HOME"] = "{run}/home";
  if (!directory.home_links.empty()) json["home_links_to"] = directory.home_links;
  return json;
}

}  // namespace

absl::string_view Name(LinuxTier tier) {
  switch (tier) {
    case LinuxTier::kNamespaces:
      return "namespaces";
    case LinuxTier::kBubblewrap:
      return "bubblewrap";
    case LinuxTier::kLandlock:
      return "landlock";
  }
  return "";
}

absl::string_view Name(MountOp op) {
  switch (op) {
    case MountOp::kBind:
      return "bind";
    case MountOp::kReadOnly:
      return "read-only";
    case MountOp::kPin:
      return "pin";
    case MountOp::kMask:
      return "mask";
    case MountOp::kCover:
      return "cover";
    case MountOp::kPrivate:
      return "private";
    case MountOp::kHome:
      return "home";
    case MountOp::kDev:
      return "dev";
    case MountOp::kProc:
      return "proc";
    case MountOp::kSymlink:
      return "symlink";
  }
  return "";
}

absl::string_view Name(LandlockGrant grant) {
  switch (grant) {
    case LandlockGrant::kRead:
      return "read";
    case LandlockGrant::kReadWrite:
      return "read-write";
    case LandlockGrant::kDevices:
      return "devices";
    case LandlockGrant::kReadOnly:
      return "read-no-execute";
  }
  return "";
}

Json LinuxPlan::ToJson() const {
  Json json = {{"tier", std::string(Name(tier))},
               {"uid", uid},
               {"gid", gid},
               {"network_namespace", network_namespace},
               {"minimal_root", minimal_root},
               {"workspace", workspace},
               {"cwd", cwd},
               {"command", command},
               {"environment", environment}};
  if (!bubblewrap.empty()) json["bubblewrap"] = bubblewrap;
  if (own_binfmt) json["own_binfmt"] = true;
  if (network_filtered) json["network_filtered"] = true;
  if (!run_directory.parent.empty()) json["run_directory"] = RunDirectoryJson(run_directory);
  json["placeholders"] = JsonArray(placeholders, [](const Placeholder& p) {
    return Json{{"path", p.path}, {"file", p.kind != PlaceholderKind::kDirectory}};
  });
  json["mounts"] = JsonArray(mounts, StepJson);
  json["landlock"] = {{"abi", landlock_abi}, {"rules", JsonArray(landlock, RuleJson)}};
  json["seccomp"] = {{"program", "baseline"}, {"root_caller", seccomp_root_caller}, {"allow_perf", seccomp_allow_perf}};
  json["limits"] = LimitsJson(limits, process_limits, cgroup);
  json["watched"] = JsonArray(watched, [](const WatchedPath& w) {
    Json row = {{"path", w.path}, {"why", w.why}};
    if (!w.rule.empty()) row["rule"] = w.rule;
    if (w.violation) row["violation"] = true;
    if (w.deep) row["deep"] = true;
    return row;
  });
  return json;
}

}  // namespace paddock
