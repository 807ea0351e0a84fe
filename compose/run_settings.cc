#include "compose/run_settings.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace paddock {
namespace {

struct TtyChoice {
  absl::string_view name;
  TtyMode mode;
};
constexpr TtyChoice kTtyChoices[] = {
    {"auto", TtyMode::kAuto}, {"always", TtyMode::kAlways}, {"never", TtyMode::kNever}};

}  // namespace

std::vector<std::string> TtyModeNames() {
  std::vector<std::string> names;
  for (const TtyChoice& choice : kTtyChoices) names.emplace_back(choice.name);
  return names;
}

absl::StatusOr<TtyMode> ParseTtyMode(absl::string_view text) {
  for (const TtyChoice& choice : kTtyChoices) {
    if (choice.name == text) return choice.mode;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--tty: '", text, "' is none of ", absl::StrJoin(TtyModeNames(), ", ")));
}

}  // namespace paddock
