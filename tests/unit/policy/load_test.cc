#include "core/policy/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "tests/unit/policy/policy_test_util.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LoadTest : public testing::Test {
 protected:
  LoadTest() : directory_(testing::TempDir() + "/paddock_load_test") {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~LoadTest() override { fs::remove_all(directory_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::string directory_;
};

TEST_F(LoadTest, ReadsBothFormats) {
  const auto toml = LoadPolicyFile(Write("a.toml", "[network]\nmode = \"open\"\n"));
  ASSERT_TRUE(toml.ok()) << toml.status();
  EXPECT_EQ(toml->spec.Find(Key::kNetworkMode)->origin.line, 2);
  EXPECT_TRUE(LoadPolicyFile(Write("a.json", "{\"network\": {\"mode\": \"open\"}}")).ok());
  EXPECT_TRUE(LoadPolicyFile(Write("a.JSON", "{}")).ok());
  EXPECT_FALSE(LoadPolicyFile(Write("b.json", "[network]\n")).ok());
}

TEST_F(LoadTest, ALinkIsFollowedAndADanglingOneNoAbsentFile) {
  Write("a.toml", "");
  std::error_code error;
  fs::create_symlink(directory_ + "/a.toml", directory_ + "/link.toml", error);
  if (error) GTEST_SKIP() << "no symbolic links here: " << error.message();
  EXPECT_TRUE(LoadPolicyFile(directory_ + "/link.toml").ok());
  fs::create_symlink(directory_ + "/gone", directory_ + "/dangling.toml");
  EXPECT_EQ(CodeOf(LoadPolicyFileIfPresent(directory_ + "/dangling.toml").status()), "policy_unreadable");
  fs::create_symlink("loop.toml", directory_ + "/loop.toml");
  EXPECT_EQ(CodeOf(LoadPolicyFileIfPresent(directory_ + "/loop.toml").status()), "policy_unreadable");
}

TEST_F(LoadTest, AnAbsentFileIsNoneAndAnUnreadableOneAnError) {
  EXPECT_EQ(*LoadPolicyFileIfPresent(directory_ + "/none.toml"), std::nullopt);
  EXPECT_EQ(*LoadPolicyFileIfPresent(directory_ + "/no/such/dir.toml"), std::nullopt);
  EXPECT_EQ(*LoadPolicyFileIfPresent(""), std::nullopt);
  EXPECT_TRUE(LoadPolicyFileIfPresent(Write("a.toml", ""))->has_value());
  EXPECT_EQ(CodeOf(LoadPolicyFile(directory_ + "/none.toml").status()), "policy_unreadable");

  fs::create_directory(directory_ + "/dir.toml");
  const auto directory = LoadPolicyFileIfPresent(directory_ + "/dir.toml");
  EXPECT_EQ(CodeOf(directory.status()), "policy_unreadable");
  EXPECT_THAT(DetailOf(directory.status()), HasSubstr("is a directory"));
}

TEST_F(LoadTest, ADeviceIsNoPolicy) {
  if (!fs::exists("/dev/zero")) GTEST_SKIP() << "no /dev/zero here";
  const auto device = LoadPolicyFileIfPresent("/dev/zero");
  EXPECT_EQ(CodeOf(device.status()), "policy_unreadable");
  EXPECT_THAT(DetailOf(device.status()), HasSubstr("is no regular file"));
}

TEST_F(LoadTest, ABigFileIsRefusedByItsSize) {
  const auto big = LoadPolicyFile(Write("big.toml", std::string(10u << 20, '#')));
  EXPECT_EQ(CodeOf(big.status()), "policy_invalid");
  EXPECT_THAT(DetailOf(big.status()), HasSubstr("is larger than 1048576 bytes, which no policy needs"));
  EXPECT_TRUE(LoadPolicyFile(Write("most.toml", std::string(kMaxPolicyBytes, '#'))).ok());
}

TEST(PolicyPathsTest, Posix) {
  const PolicyPaths plain = PosixPolicyPaths({}, "/home/me", "/ws");
  EXPECT_EQ(plain.user, "/home/me/.config/paddock/policy.toml");
  EXPECT_EQ(plain.repo, "/ws/.paddock.toml");
  EXPECT_EQ(PosixPolicyPaths({{"XDG_CONFIG_HOME", "/cfg"}}, "/home/me", "/ws").user, "/cfg/paddock/policy.toml");
  EXPECT_EQ(PosixPolicyPaths({{"XDG_CONFIG_HOME", "rel"}}, "/home/me", "/ws").user,
            "/home/me/.config/paddock/policy.toml");
  EXPECT_EQ(PosixPolicyPaths({}, "", "").user, "");
  EXPECT_EQ(PosixPolicyPaths({}, "", "").repo, "");
}

TEST(PolicyPathsTest, Windows) {
  const PolicyPaths paths = WindowsPolicyPaths({{"APPDATA", "C:\\Users\\me\\AppData\\Roaming"}}, "D:\\ws");
  EXPECT_EQ(paths.user, "C:\\Users\\me\\AppData\\Roaming\\paddock\\policy.toml");
  EXPECT_EQ(paths.repo, "D:\\ws\\.paddock.toml");
}

}  // namespace
}  // namespace paddock
