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

}  // namespace

Json WindowsTokenPlan::ToJson() const {
  Json json = {{"dedicated_user", dedicated_user}};
  if (dedicated_user) json["filtered_network"] = filtered_network;
  json["token"] = TokenJson(token);
  json["roots"] = JsonArray(roots);
  json["folders"] = JsonArray(folders);
  json["job"] = paddock::ToJson(job);
  json["desktop"] = paddock::ToJson(desktop);
  json["process"] = paddock::ToJson(process);
  json["limits"] = WatchedLimitsJson(limits);
  json["state_dir"] = state_dir;
  return json;
}

}  // namespace paddock
