#include "backends/windows_token/token_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json TokenJson(const TokenSpec& token) {
  Json json = {{"disable_max_privilege", token.disable_max_privilege},
               {"lua_token", token.lua_token},
               {"write_restricted", token.write_restricted},
               {"restricting", token.restricting},
               {"integrity", token.integrity},
               {"owner", token.owner},
               {"default_dacl", token.default_dacl}};
  return json;
}

Json FolderJson(const OwnFolder& folder) {
  Json json = {{"path", folder.path}};
  if (!folder.ace.empty()) json["ace"] = folder.ace;
  json["kept"] = folder.kept;
  return json;
}

Json JobJson(const JobSpec& job) {
  Json json = {{"kill_on_close", job.kill_on_close}, {"die_on_unhandled_exception", job.die_on_unhandled_exception}};
  if (job.processes) json["processes"] = *job.processes;
  if (job.memory) json["memory_bytes"] = *job.memory;
  if (job.cpu) json["cpu_ms"] = job.cpu->count();
  json["ui_limits"] = job.ui_limits;
  return json;
}

Json DesktopJson(const DesktopSpec& desktop) {
  Json json = {{"own_station", desktop.own_station}};
  if (!desktop.station.empty()) json["station"] = desktop.station;
  json["desktop"] = desktop.desktop;
  json["descriptor"] = desktop.descriptor;
  return json;
}

Json ProcessJson(const ProcessSpec& process) {
  return {{"command", process.command}, {"cwd", process.cwd},         {"environment", process.environment},
          {"tty", process.tty},         {"handles", process.handles}, {"mitigations", process.mitigations}};
}

// What the launcher itself watches; the rest of the limits is the job's.
Json WatchedLimitsJson(const LimitsPolicy& limits) {
  Json json = Json::object();
  if (limits.wall) json["wall_ms"] = limits.wall->count();
  if (limits.output) json["output_bytes"] = *limits.output;
  return json;
}

}  // namespace

Json WindowsTokenPlan::ToJson() const {
  return {{"dedicated_user", dedicated_user},
          {"token", TokenJson(token)},
          {"roots", JsonArray(roots)},
          {"folders", JsonArray(folders, FolderJson)},
          {"job", JobJson(job)},
          {"desktop", DesktopJson(desktop)},
          {"process", ProcessJson(process)},
          {"limits", WatchedLimitsJson(limits)},
          {"state_dir", state_dir}};
}

}  // namespace paddock
