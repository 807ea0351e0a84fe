#ifndef PADDOCK_TESTS_UNIT_POLICY_POLICY_TEST_UTIL_H_
#define PADDOCK_TESTS_UNIT_POLICY_POLICY_TEST_UTIL_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/policy/merge.h"

namespace paddock {

// A file of one level, from TOML that parses.
inline PolicyFile FileOf(absl::string_view path, absl::string_view toml) {
  auto spec = ParsePolicy(toml, path, PolicyFormat::kToml);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return {std::string(path), spec.ok() ? *std::move(spec) : PolicySpec()};
}

// The levels of one case, as TOML; empty: no such file. Flags are "--rw PATH" and the like.
struct Levels {
  std::string admin = {}, user = {}, repo = {};
  std::vector<std::string> flags = {};
  std::string profile = {};
  bool strict = false;
  std::string service = {};
};

inline absl::Status AddFlag(absl::string_view flag, PolicySpec* spec) {
  const size_t space = flag.find(' ');
  const absl::string_view name = flag.substr(0, space), value = flag.substr(space + 1);
  if (name == "--net") return SetNetFlag(spec, value, name);
  if (name == "--env") return SetEnvFlag(spec, value, name);
  const struct {
    absl::string_view name;
    Key key;
  } kFlags[] = {{"--rw", Key::kWrite},           {"--ro", Key::kReadOnly},           {"--hide", Key::kDenyRead},
                {"--require", Key::kRequire},    {"--memory", Key::kMemory},         {"--wall", Key::kWall},
                {"--workload", Key::kWorkload},  {"--backend", Key::kBackendForced}, {"--prefer", Key::kPrefer},
                {"--processes", Key::kProcesses}};
  for (const auto& known : kFlags) {
    if (known.name == name) return SetFlag(spec, known.key, value, name);
  }
  return absl::NotFoundError(absl::StrCat("the test knows no flag ", name));
}

inline absl::StatusOr<Policy> Build(const Levels& levels) {
  PolicySources sources;
  if (!levels.admin.empty()) sources.admin = FileOf("admin.toml", levels.admin);
  if (!levels.user.empty()) sources.user = FileOf("user.toml", levels.user);
  if (!levels.repo.empty()) sources.repo = FileOf(".paddock.toml", levels.repo);
  if (!levels.service.empty()) sources.service = FileOf("service.toml", levels.service);
  for (const std::string& flag : levels.flags) {
    const absl::Status status = AddFlag(flag, &sources.flags);
    if (!status.ok()) return status;
  }
  sources.profile = levels.profile;
  sources.strict = levels.strict;
  sources.workspace = "/home/me/project";
  sources.home = "/home/me";
  return BuildPolicy(sources);
}

// The policy of levels that must be fine.
inline Policy Built(const Levels& levels) {
  auto policy = Build(levels);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? *std::move(policy) : Policy();
}

inline std::string CodeOf(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason ? reason->code : status.ok() ? "ok" : "no reason";
}

inline std::string DetailOf(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason ? reason->detail : std::string(status.message());
}

inline std::vector<std::string> Texts(const std::vector<PathEntry>& entries) {
  std::vector<std::string> texts;
  for (const PathEntry& entry : entries) texts.push_back(entry.text);
  return texts;
}

// "required off", "preferred masked", or "" where nothing is asked.
inline std::string Asked(const Policy& policy, Guarantee guarantee) {
  for (const Requirement& requirement : policy.requirements) {
    if (requirement.guarantee != guarantee) continue;
    return absl::StrCat(requirement.required ? "required " : "preferred ", LevelName(guarantee, requirement.level));
  }
  return "";
}

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_POLICY_POLICY_TEST_UTIL_H_
