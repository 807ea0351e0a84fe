#include "backends/low_integrity/low_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json TokenJson(const LowTokenSpec& token) {
  return {{"disable_max_privilege", token.disable_max_privilege},
          {"lua_token", token.lua_token},
          {"integrity", token.integrity},
          {"owner", token.owner},
          {"default_dacl", token.default_dacl}};
}

Json CopyJson(const TreeCopy& copy) {
  Json json = {{"from", copy.from}, {"to", copy.to}};
  if (!copy.directory) json["directory"] = false;
  json["keep"] = copy.keep;
  json["rule"] = copy.rule;
  return json;
}

}  // namespace

Json LowIntegrityPlan::ToJson() const {
  return {{"token", TokenJson(token)},
          {"copies", JsonArray(copies, CopyJson)},
          {"folders", folders},
          {"label", label},
          {"job", paddock::ToJson(job)},
          {"process", paddock::ToJson(process)},
          {"limits", WatchedLimitsJson(limits)},
          {"state_dir", state_dir}};
}

}  // namespace paddock
