#include "core/backend/policy_rules.h"

#include "absl/strings/str_cat.h"

namespace paddock {

std::vector<std::string> PolicyRules(const Request& request) {
  std::vector<std::string> names;
  const auto add_each = [&names](absl::string_view key, const std::vector<PathRule>& rules) {
    for (const PathRule& rule : rules) names.push_back(absl::StrCat(key, " ", rule.text));
  };
  add_each("filesystem.write", request.write);
  add_each("filesystem.deny_write", request.deny_write);
  add_each("filesystem.read_only", request.read_only);
  add_each("filesystem.deny_read", request.deny_read);
  names.insert(names.end(), {"filesystem.read", "filesystem.tmp", "filesystem.home", "network.mode"});
  add_each("network.unix_sockets", request.unix_sockets);

  const LimitsPolicy& limits = request.policy.limits;
  const struct {
    const char* name;
    bool stated;
  } kLimits[] = {
      {"limits.wall", limits.wall.has_value()},     {"limits.cpu", limits.cpu.has_value()},
      {"limits.memory", limits.memory.has_value()}, {"limits.processes", limits.processes.has_value()},
      {"limits.output", limits.output.has_value()}, {"limits.file_size", limits.file_size.has_value()},
  };
  for (const auto& limit : kLimits) {
    if (limit.stated) names.emplace_back(limit.name);
  }
  return names;
}

}  // namespace paddock
