#include "core/request/environment.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/base/glob.h"

namespace paddock {
namespace {

bool IsProxyVariable(absl::string_view name) { return absl::EndsWithIgnoreCase(name, "_proxy"); }

class Filter {
 public:
  explicit Filter(const EnvironmentPolicy& policy) : policy_(policy) {
    for (absl::string_view wanted : policy.inherit) {
      (absl::ConsumeSuffix(&wanted, "*") ? prefixes_ : names_).push_back(wanted);
    }
  }

  bool LetsIn(absl::string_view name) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return true;
    const auto starts = [name](absl::string_view prefix) { return absl::StartsWith(name, prefix); };
    return std::any_of(prefixes_.begin(), prefixes_.end(), starts) && !Scrubbed(name);
  }

 private:
  bool Scrubbed(absl::string_view name) {
    if (scrub_.empty()) {  // the first name that a pattern lets in; most callers have none
      for (const std::string& pattern : policy_.scrub) scrub_.push_back(absl::AsciiStrToUpper(pattern));
    }
    const std::string upper = absl::AsciiStrToUpper(name);
    return std::any_of(scrub_.begin(), scrub_.end(),
                       [&](const std::string& pattern) { return WildcardMatch(pattern, upper); });
  }

  const EnvironmentPolicy& policy_;
  std::vector<absl::string_view> names_, prefixes_;  // of policy_.inherit
  std::vector<std::string> scrub_;
};

// What execve(2) could not carry, or a program would misread.
bool IsCarried(absl::string_view name, absl::string_view value) {
  return !name.empty() && name.find('=') == absl::string_view::npos && name.find('\0') == absl::string_view::npos &&
         value.find('\0') == absl::string_view::npos;
}

}  // namespace

std::map<std::string, std::string> CommandEnvironment(const Policy& policy,
                                                      const std::map<std::string, std::string>& caller) {
  Filter filter(policy.environment);
  const bool network_off = policy.network.mode == NetworkMode::kOff;
  std::map<std::string, std::string> environment;
  for (const auto& [name, value] : caller) {
    if (!IsCarried(name, value) || (network_off && IsProxyVariable(name))) continue;
    if (filter.LetsIn(name)) environment[name] = value;
  }
  for (const auto& [name, value] : policy.environment.set) environment[name] = value;
  return environment;
}

}  // namespace paddock
