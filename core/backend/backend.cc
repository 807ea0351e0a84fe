#include "core/backend/backend.h"

namespace paddock {

absl::string_view Name(Condition condition) {
  switch (condition) {
    case Condition::kOpenBinaries:
      return "open_binaries";
    case Condition::kHostWorkspace:
      return "host_workspace";
    case Condition::kNoAdmin:
      return "no_admin";
    case Condition::kTree:
      return "tree";
  }
  return "";
}

absl::string_view Name(Meets meets) {
  switch (meets) {
    case Meets::kNo:
      return "no";
    case Meets::kPartial:
      return "partial";
    case Meets::kYes:
      return "yes";
  }
  return "";
}

}  // namespace paddock
