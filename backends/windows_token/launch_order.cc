#include "backends/windows_token/launch_order.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock {

absl::StatusOr<TokenOrder> MakeTokenOrder(const TokenSpec& spec, const Symbols& symbols) {
  TokenOrder order;
  order.flags = (spec.disable_max_privilege ? DISABLE_MAX_PRIVILEGE : 0u) | (spec.lua_token ? LUA_TOKEN : 0u) |
                (spec.write_restricted ? WRITE_RESTRICTED : 0u);
  for (const std::string& text : spec.restricting) {
    ASSIGN_OR_RETURN(const access::Sid sid, symbols.FillSid(text));
    order.restricting.push_back(sid);
  }
  if (order.restricting.empty()) return absl::InvalidArgumentError("the plan names no restricting SID");
  if (spec.integrity == "low") {
    order.integrity = access::kLowIntegrity;
  } else if (spec.integrity != "medium") {
    return absl::InvalidArgumentError(absl::StrCat("the plan asks for the integrity level ", spec.integrity));
  }
  ASSIGN_OR_RETURN(order.owner, symbols.FillSid(spec.owner));
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, symbols.FillDescriptor(spec.default_dacl));
  if (descriptor.dacl_state != access::AclState::kPresent) {
    return absl::InvalidArgumentError("the plan's default DACL is no list, which would let everybody in");
  }
  order.default_dacl = descriptor.dacl;
  return order;
}

}  // namespace paddock
