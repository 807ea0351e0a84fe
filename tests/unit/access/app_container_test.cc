#include "core/access/app_container.h"

#include <gtest/gtest.h>

#include <string>

namespace paddock::access {
namespace {

std::string Package(absl::string_view name) {
  const auto sid = PackageSid(name);
  return sid.ok() ? sid->ToString() : "none";
}

std::string Capability(absl::string_view name) {
  const auto sid = CapabilitySid(name);
  return sid.ok() ? sid->ToString() : "none";
}

// As Microsoft's own documents and every installation of Windows 10 show them: loopback exemptions of Edge and of the
// web view (CheckNetIsolation LoopbackExempt), the list of HKLM\SOFTWARE.
TEST(AppContainer, PackagesThatArePublished) {
  EXPECT_EQ(Package("microsoft.microsoftedge_8wekyb3d8bbwe"),
            "S-1-15-2-3624051433-2125758914-1423191267-1740899205-1073925389-3782572162-737981194");
  EXPECT_EQ(Package("Microsoft.win32webviewhost_cw5n1h2txyewy"),
            "S-1-15-2-1310292540-1029022339-4008023048-2190398717-53961996-4257829345-603366646");
  EXPECT_EQ(Package("MICROSOFT.MicrosoftEdge_8wekyb3d8bbwe"), Package("microsoft.microsoftedge_8wekyb3d8bbwe"));
}

TEST(AppContainer, CapabilitiesThatArePublished) {
  EXPECT_EQ(Capability("registryRead"),
            "S-1-15-3-1024-1065365936-1281604716-3511738428-1654721687-432734479-3232135806-4053264122-3456934681");
  EXPECT_EQ(Capability("REGISTRYREAD"), Capability("registryread"));
  // winnt.h, SECURITY_CAPABILITY_*
  EXPECT_EQ(Capability("internetClient"), "S-1-15-3-1");
  EXPECT_EQ(Capability("internetclientserver"), "S-1-15-3-2");
  EXPECT_EQ(Capability("privateNetworkClientServer"), "S-1-15-3-3");
  EXPECT_EQ(Capability("documentsLibrary"), "S-1-15-3-7");
  EXPECT_EQ(Capability("contacts"), "S-1-15-3-12");
}

TEST(AppContainer, NamesThatAreNone) {
  EXPECT_EQ(Package(""), "none");
  EXPECT_EQ(Package("with space"), "none");
  EXPECT_EQ(Package("\xc3\xa9"), "none");
  EXPECT_EQ(Package(std::string(65, 'a')), "none");
  EXPECT_NE(Package(std::string(64, 'a')), "none");
  EXPECT_EQ(Capability(""), "none");
  EXPECT_EQ(Capability("internet\nClient"), "none");
}

TEST(AppContainer, FormsOfPackages) {
  EXPECT_TRUE(IsPackageSid(*PackageSid("paddock.0")));
  EXPECT_FALSE(IsPackageSid(*CapabilitySid("registryRead")));
  EXPECT_FALSE(IsPackageSid(kAllApplicationPackages));
  EXPECT_FALSE(IsPackageSid(PackageSid("paddock.0")->With(1)));
}

}  // namespace
}  // namespace paddock::access
