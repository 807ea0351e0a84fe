#ifndef PADDOCK_TESTS_WINDOWS_LEASE_PLAN_H_
#define PADDOCK_TESTS_WINDOWS_LEASE_PLAN_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "core/lease/lease.h"

namespace paddock {

// A grant on `root`, which holds ".git\config", with names that are there and names that are not.
inline WritableRoot LeasePlanFor(const std::string& root) {
  WritableRoot plan;
  plan.path = root;
  plan.capability = "{capability}";
  const std::string git = absl::StrCat(root, "\\.git");
  plan.changes = {
      {root, "(A;OICI;0x1301bf;;;{capability})", AceScope::kTree, true, false, "write"},
      {git, "(D;;0x10000;;;{capability})", AceScope::kObject, true, false, "git"},
      {absl::StrCat(git, "\\config"), "(D;;0xd0116;;;{capability})", AceScope::kObject, false, false, "git"},
      {git, "(D;;0x40;;;{user})", AceScope::kObject, true, true, "git"},
      {root, "(D;;0x40;;;{user})", AceScope::kObject, true, true, "git"},
  };
  plan.absent = {{absl::StrCat(root, "\\.claude"), true, "", "agents"},
                 {absl::StrCat(root, "\\.mcp.json"), false, "", "agents"}};
  return plan;
}

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_LEASE_PLAN_H_
