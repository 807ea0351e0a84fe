#include "backends/wsl2/distribution_facts.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_replace.h"
#include "backends/wsl2/wsl_failure.h"
#include "core/base/json.h"
#include "core/base/reason.h"

namespace paddock::wsl2 {
namespace {

HostFacts Inside() {
  HostFacts inside;
  inside.os = OsFamily::kLinux;
  inside.home = "/home/dev";
  inside.linux_host.landlock_abi.value = 7;
  inside.linux_host.user_namespaces = Yes("unshare");
  inside.linux_host.windows_mounts = {{"/mnt/c", "C:\\", "9p"}, {"/usr/lib/wsl/drivers", "", "9p"}};
  inside.linux_host.mount_points = {"/", "/mnt/c", "/mnt/d", "/usr/lib/wsl/drivers"};
  return inside;
}

std::string Ready() {
  Facts facts;
  facts.host = Inside();
  return DumpJson(ToJson(facts));
}

TEST(DistributionFactsTest, WhatWasAskedIsFilledIn) {
  const auto inside = ParseReady(Ready());
  ASSERT_TRUE(inside.ok()) << inside.status();
  WslDistribution distribution;
  FillIn(*inside, "relay --facts", &distribution);
  EXPECT_TRUE(distribution.landlock.yes());
  EXPECT_TRUE(distribution.user_namespaces.yes());
  EXPECT_TRUE(distribution.network_namespace.yes());
  EXPECT_TRUE(distribution.bubblewrap.no());
  EXPECT_EQ(distribution.landlock.source, "relay --facts");
  EXPECT_EQ(distribution.home, "/home/dev");
  EXPECT_EQ(distribution.mounts, (std::map<std::string, std::string>{{"C:", "/mnt/c"}}));
}

// Bubblewrap that anybody may replace is none.
TEST(DistributionFactsTest, OnlyTrustedBubblewrapCounts) {
  HostFacts inside = Inside();
  inside.linux_host.user_namespaces = No("");
  inside.linux_host.user_namespaces_via_bubblewrap = Yes("");
  inside.linux_host.bubblewrap = {"/usr/bin/bwrap", No("")};
  WslDistribution distribution;
  FillIn(inside, "", &distribution);
  EXPECT_TRUE(distribution.bubblewrap.no());
  EXPECT_TRUE(distribution.network_namespace.no());
  inside.linux_host.bubblewrap.trusted = Yes("");
  FillIn(inside, "", &distribution);
  EXPECT_TRUE(distribution.bubblewrap.yes());
}

TEST(DistributionFactsTest, AnswersThatAreNone) {
  Facts windows;
  windows.host.os = OsFamily::kWindows;
  for (const std::string& payload : {std::string(), std::string("{}"), std::string("[]"), DumpJson(ToJson(windows)),
                                     absl::StrReplaceAll(Ready(), {{"landlock_abi", "landlock_abj"}})}) {
    EXPECT_FALSE(ParseReady(payload).ok()) << payload.substr(0, 80);
  }
}

TEST(DistributionFactsTest, MountsArePlannedAndLookedFor) {
  EXPECT_TRUE(CheckMounts({}, Inside()).ok());
  EXPECT_TRUE(CheckMounts({{"C:", "/mnt/c"}}, Inside()).ok());
  EXPECT_TRUE(CheckMounts({{"D:", "/mnt/d"}}, Inside()).ok()) << "mounted, of what is not known";
  for (const auto& [volume, path] : {std::pair("E:", "/mnt/e"), std::pair("D:", "/mnt/c")}) {
    const absl::Status status = CheckMounts({{volume, path}}, Inside());
    EXPECT_TRUE(absl::IsUnavailable(status)) << volume;
    EXPECT_EQ(ReasonOf(status)->code, "wsl_drive_not_mounted");
  }
}

TEST(DistributionFactsTest, KeptAnswersHoldForOneRegistrationAndOneRelay) {
  const CacheKey key{"{guid} C:\\wsl", std::string(64, 'a')};
  const std::string kept = EncodeCache(key, Ready());
  EXPECT_EQ(*DecodeCache(key, kept), Ready());
  EXPECT_FALSE(DecodeCache({"{guid} D:\\wsl", key.relay}, kept).ok());
  EXPECT_FALSE(DecodeCache({key.identity, std::string(64, 'b')}, kept).ok());
  EXPECT_NE(CacheName(key), CacheName({"{other} C:\\wsl", key.relay}));
  EXPECT_EQ(CacheName(key).find_first_not_of("0123456789abcdef.json"), std::string::npos);
}

TEST(DistributionFactsTest, BrokenKeptAnswersAreNone) {
  const CacheKey key{"{guid} C:\\wsl", std::string(64, 'a')};
  const std::string kept = EncodeCache(key, Ready());
  for (size_t length = 0; length < kept.size() - 2; length += 7) {
    EXPECT_FALSE(DecodeCache(key, kept.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(DecodeCache(key, absl::StrReplaceAll(kept, {{"paddock.wsl_facts/1", "paddock.wsl_facts/2"}})).ok());
  EXPECT_FALSE(DecodeCache(key, absl::StrReplaceAll(kept, {{"/home/dev", "/home/eve"}})).ok());
  EXPECT_FALSE(DecodeCache(key, kept + std::string(kMaxCacheBytes, ' ')).ok());
  EXPECT_FALSE(DecodeCache(key, "[]").ok());
}

TEST(WslFailureTest, ErrorCodesDecideWhateverTheLanguage) {
  const struct {
    const char* said;
    const char* code;
  } kRows[] = {
      {"Es gibt keine Distribution.\r\nFehlercode: Wsl/Service/WSL_E_DISTRO_NOT_FOUND",
       "wsl_distribution_unregistered"},
      {"Error code: Wsl/Service/CreateInstance/CreateVm/HCS/HCS_E_HYPERV_NOT_INSTALLED", "virtualization_disabled"},
      {"WslRegisterDistribution failed with error: 0x80370102", "virtualization_disabled"},
      {"Error code: Wsl/WSL_E_WSL_OPTIONAL_COMPONENT_REQUIRED", "wsl2_absent"},
      {"Error code: Wsl/0x80070422", "wsl_service_stopped"},
      {"Error code: Wsl/Service/E_UNEXPECTED", "wsl_failed"},
      {"", "wsl_failed"},
  };
  for (const auto& row : kRows) {
    const Reason reason = WslFailure("Debian", row.said, 0xFFFFFFFF);
    EXPECT_EQ(reason.code, row.code) << row.said;
    EXPECT_NE(reason.detail.find("Debian"), std::string::npos);
    EXPECT_NE(reason.detail.find(row.said), std::string::npos);
    EXPECT_FALSE(reason.remedy.empty());
  }
}

}  // namespace
}  // namespace paddock::wsl2
