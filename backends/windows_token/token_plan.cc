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
  return {{"dedicated_user", dedicated_user},
          {"token", TokenJson(token)},
          {"roots", JsonArray(roots)},
          {"folders", JsonArray(folders)},
          {"job", paddock::ToJson(job)},
          {"desktop", paddock::ToJson(desktop)},
          {"process", paddock::ToJson(process)},
          {"limits", WatchedLimitsJson(limits)},
          {"state_dir", state_dir}};
}

}  // namespace paddock
