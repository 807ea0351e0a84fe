// examples/administrator.toml as the ceiling that it is, above users who want this and that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/reason.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"

namespace paddock {
namespace {

// The reason code of the refusal, or "ok".
std::string Under(const std::string& user, Policy* policy = nullptr) {
  PolicySources sources;
  auto admin = LoadPolicyFile(PADDOCK_SOURCE_DIR "/examples/administrator.toml");
  if (!admin.ok()) return admin.status().ToString();
  sources.admin = *std::move(admin);
  auto spec = ParsePolicy(user, "policy.toml", PolicyFormat::kToml);
  if (!spec.ok()) return spec.status().ToString();
  sources.user = PolicyFile{"policy.toml", *std::move(spec)};
  const auto built = BuildPolicy(sources);
  if (!built.ok()) return ReasonOf(built.status()).value_or(Reason{}).code;
  if (policy != nullptr) *policy = *built;
  return "ok";
}

TEST(AdministratorExample, UsersMayBeStricter) {
  Policy policy;
  EXPECT_EQ(Under("[limits]\nwall = '10m'\n[filesystem]\nread = 'minimal'\n", &policy), "ok");
  EXPECT_EQ(policy.limits.wall, std::chrono::minutes(10));
}

TEST(AdministratorExample, ItsDenialsStayWhateverAUserWrites) {
  Policy policy;
  ASSERT_EQ(Under("[filesystem]\ndeny_read = ['mine']\ndeny_write = ['generated']\n", &policy), "ok");
  std::vector<std::string> hidden, protected_names;
  for (const PathEntry& entry : policy.filesystem.deny_read) hidden.push_back(entry.text);
  for (const PathEntry& entry : policy.filesystem.deny_write) protected_names.push_back(entry.text);
  EXPECT_THAT(hidden, ::testing::IsSupersetOf({"mine", "~/.config/acme", "~/.ssh"}));
  EXPECT_THAT(protected_names, ::testing::IsSupersetOf({"generated", ".github/workflows", ".git/hooks"}));
}

TEST(AdministratorExample, WhatIsLooserIsRefused) {
  for (const char* user : {"[network]\nmode = 'open'\n", "[filesystem]\ntmp = 'host'\n", "[limits]\nwall = '2h'\n",
                           "[limits]\nprocesses = 'none'\n", "[require]\nwrite = 'scoped'\n"}) {
    EXPECT_EQ(Under(user), "policy_exceeds_ceiling") << user;
  }
}

}  // namespace
}  // namespace paddock
