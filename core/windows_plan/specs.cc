#include "core/windows_plan/specs.h"

#include <nlohmann/json.hpp>

namespace paddock {

Json ToJson(const OwnFolder& folder) {
  Json json = {{"path", folder.path}};
  if (!folder.ace.empty()) json["ace"] = folder.ace;
  json["kept"] = folder.kept;
  return json;
}

Json ToJson(const JobSpec& job) {
  Json json = {{"kill_on_close", job.kill_on_close}, {"die_on_unhandled_exception", job.die_on_unhandled_exception}};
  if (job.processes) json["processes"] = *job.processes;
  if (job.memory) json["memory_bytes"] = *job.memory;
  if (job.cpu) json["cpu_ms"] = job.cpu->count();
  json["ui_limits"] = job.ui_limits;
  return json;
}

Json ToJson(const DesktopSpec& desktop) {
  Json json = {{"own_station", desktop.own_station}};
  if (!desktop.station.empty()) json["station"] = desktop.station;
  json["desktop"] = desktop.desktop;
  json["descriptor"] = desktop.descriptor;
  return json;
}

Json ToJson(const ProcessSpec& process) {
  return {{"command", process.command}, {"cwd", process.cwd},         {"environment", process.environment},
          {"tty", process.tty},         {"handles", process.handles}, {"mitigations", process.mitigations}};
}

Json WatchedLimitsJson(const LimitsPolicy& limits) {
  Json json = Json::object();
  if (limits.wall) json["wall_ms"] = limits.wall->count();
  if (limits.output) json["output_bytes"] = *limits.output;
  return json;
}

}  // namespace paddock
