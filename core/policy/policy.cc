#include "core/policy/policy.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/units.h"

namespace paddock {

// The names of each enum, by value.
using Names = std::vector<absl::string_view>;

template <>
const Names& EnumNames<Workload>() {
  static const Names kNames = {"coding", "computer-use", "packaged-app", "low-integrity"};
  return kNames;
}
template <>
const Names& EnumNames<CommandOs>() {
  static const Names kNames = {"native", "linux", "any"};
  return kNames;
}
template <>
const Names& EnumNames<ReadMode>() {
  static const Names kNames = {"host", "minimal"};
  return kNames;
}
template <>
const Names& EnumNames<TmpMode>() {
  static const Names kNames = {"private", "host"};
  return kNames;
}
template <>
const Names& EnumNames<HomeMode>() {
  static const Names kNames = {"ephemeral", "kept", "read-only"};
  return kNames;
}
template <>
const Names& EnumNames<NetworkMode>() {
  static const Names kNames = {"off", "brokered", "open"};
  return kNames;
}
template <>
const Names& EnumNames<Prefer>() {
  static const Names kNames = {"auto", "isolation", "fidelity"};
  return kNames;
}

template <typename T>
std::optional<T> ParseEnum(absl::string_view name) {
  const Names& names = EnumNames<T>();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<T>(i);
  }
  return std::nullopt;
}
template std::optional<Workload> ParseEnum(absl::string_view);
template std::optional<CommandOs> ParseEnum(absl::string_view);
template std::optional<ReadMode> ParseEnum(absl::string_view);
template std::optional<TmpMode> ParseEnum(absl::string_view);
template std::optional<HomeMode> ParseEnum(absl::string_view);
template std::optional<NetworkMode> ParseEnum(absl::string_view);
template std::optional<Prefer> ParseEnum(absl::string_view);

namespace {

template <typename T>
absl::string_view NameOf(T value) {
  return EnumNames<T>()[static_cast<size_t>(value)];
}

std::string Text(absl::string_view text) { return std::string(text); }

Json Strings(const std::vector<std::string>& list) {
  Json array = Json::array();
  for (const std::string& text : list) array.push_back(text);
  return array;
}

Json Paths(const std::vector<PathEntry>& list) {
  Json array = Json::array();
  for (const PathEntry& entry : list) array.push_back(entry.text);
  return array;
}

Json Duration(const std::optional<std::chrono::milliseconds>& value) { return value ? FormatDuration(*value) : "none"; }
Json Size(const std::optional<uint64_t>& value) { return value ? FormatSize(*value) : "none"; }
Json Count(const std::optional<uint32_t>& value) { return value ? Json(*value) : Json("none"); }

// A forced backend is a flag's choice of the moment; a file says the same by allowing nothing else.
Json AllowedBackends(const BackendPolicy& backend) {
  if (backend.forced.empty()) return Strings(backend.allow);
  return Json::array({backend.forced.substr(0, backend.forced.find(':'))});
}

Json Required(const std::vector<Requirement>& requirements) {
  Json table = Json::object();
  for (const Requirement& requirement : requirements) {
    if (!requirement.required) continue;
    table[Text(GuaranteeName(requirement.guarantee))] = Text(LevelName(requirement.guarantee, requirement.level));
  }
  return table;
}

}  // namespace

absl::string_view Name(Workload value) { return NameOf(value); }
absl::string_view Name(CommandOs value) { return NameOf(value); }
absl::string_view Name(ReadMode value) { return NameOf(value); }
absl::string_view Name(TmpMode value) { return NameOf(value); }
absl::string_view Name(HomeMode value) { return NameOf(value); }
absl::string_view Name(NetworkMode value) { return NameOf(value); }
absl::string_view Name(Prefer value) { return NameOf(value); }

Json ToJson(const Policy& policy) {
  const FilesystemPolicy& fs = policy.filesystem;
  Json json = {
      {"extends", policy.profile},
      {"workload", Text(Name(policy.workload))},
      {"command_os", Text(Name(policy.command_os))},
      {"capabilities", Strings(policy.capabilities)},
  };
  json["filesystem"] = {
      {"write", Paths(fs.write)},    {"deny_write", Paths(fs.deny_write)}, {"read_only", Paths(fs.read_only)},
      {"read", Text(Name(fs.read))}, {"deny_read", Paths(fs.deny_read)},   {"tmp", Text(Name(fs.tmp))},
      {"home", Text(Name(fs.home))},
  };
  json["network"] = {
      {"mode", Text(Name(policy.network.mode))},
      {"allow", Strings(policy.network.allow)},
      {"unix_sockets", Paths(policy.network.unix_sockets)},
  };
  Json set = Json::object();
  for (const auto& [name, value] : policy.environment.set) set[name] = value;
  json["environment"] = {
      {"inherit", Strings(policy.environment.inherit)},
      {"scrub", Strings(policy.environment.scrub)},
      {"set", std::move(set)},
  };
  json["limits"] = {
      {"wall", Duration(policy.limits.wall)}, {"cpu", Duration(policy.limits.cpu)},
      {"memory", Size(policy.limits.memory)}, {"processes", Count(policy.limits.processes)},
      {"output", Size(policy.limits.output)}, {"file_size", Size(policy.limits.file_size)},
  };
  json["require"] = Required(policy.requirements);
  json["backend"] = {{"prefer", Text(Name(policy.backend.prefer))}};
  // Absent and empty differ in a file: absent allows every backend.
  const Json allow = AllowedBackends(policy.backend);
  if (!allow.empty()) json["backend"]["allow"] = allow;
  if (!policy.backend.wsl_distribution.empty()) json["backend"]["wsl_distribution"] = policy.backend.wsl_distribution;
  return json;
}

}  // namespace paddock
