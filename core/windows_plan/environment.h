#ifndef PADDOCK_CORE_WINDOWS_PLAN_ENVIRONMENT_H_
#define PADDOCK_CORE_WINDOWS_PLAN_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/request/request.h"

namespace paddock {

// The variables of a command on Windows, where names differ by more than case alone.
class WindowsEnvironment {
 public:
  // With those of `request`, which outlives it.
  explicit WindowsEnvironment(const Request& request);

  // Whether the policy sets the variable itself.
  bool UserSet(absl::string_view name) const;

  // Unless the policy does.
  void Set(absl::string_view name, std::string value);
  void Erase(absl::string_view name);
  // Whatever the policy says.
  void Force(absl::string_view name, std::string value);

  // What common tools write below the profile goes below `folder`.
  void Redirect(const std::string& folder);

  // Proxies that nobody listens at, and the switches of tools that do without a network.
  void GoOffline();

  // NAME=VALUE, sorted as Windows sorts them.
  std::vector<std::string> Entries() const;

 private:
  struct ByUpperCase {
    bool operator()(const std::string& a, const std::string& b) const;
  };
  const Request& request_;
  std::map<std::string, std::string, ByUpperCase> values_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_PLAN_ENVIRONMENT_H_
