#include "core/host/windows_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock {
namespace {

using ::testing::HasSubstr;

struct SkuCase {
  uint32_t number;
  absl::string_view edition;
  std::optional<WindowsSku> sku;
};

TEST(WindowsDecode, Editions) {
  constexpr SkuCase kCases[] = {
      {0x65, "Core", WindowsSku::kHome},
      {0x62, "CoreN", WindowsSku::kHome},
      {0x30, "professional", WindowsSku::kPro},
      {0x31, "ProfessionalN", WindowsSku::kPro},
      {0xA1, "ProfessionalWorkstation", WindowsSku::kProWorkstation},
      {0x04, "Enterprise", WindowsSku::kEnterprise},
      {0x7D, "EnterpriseS", WindowsSku::kEnterprise},
      {0x79, "Education", WindowsSku::kEducation},
      {0x07, "ServerStandard", std::nullopt},
      {0, "", std::nullopt},
      {0xABCDABCD, "Core ", std::nullopt},
      {0x12345, "Professional2030", std::nullopt},
  };
  for (const SkuCase& c : kCases) {
    EXPECT_EQ(SkuOfProduct(c.number), c.sku) << c.number;
    EXPECT_EQ(SkuOfEdition(c.edition), c.sku) << c.edition;
  }
}

TEST(WindowsDecode, Names) {
  EXPECT_EQ(WindowsName("Windows 10 Pro", 22631, "23H2"), "Windows 11 Pro 23H2");
  EXPECT_EQ(WindowsName("Windows 10 Home", 19045, "22H2"), "Windows 10 Home 22H2");
  EXPECT_EQ(WindowsName("Windows 10 Pro", 21999, ""), "Windows 10 Pro");
  EXPECT_EQ(WindowsName("Windows Server 2022 Datacenter", 26100, "21H2"), "Windows Server 2022 Datacenter 21H2");
  EXPECT_EQ(WindowsName("", 22631, ""), "Windows");
}

TEST(WindowsDecode, Architectures) {
  EXPECT_EQ(ArchitectureOf(0x8664), "x86_64");
  EXPECT_EQ(ArchitectureOf(0xAA64), "aarch64");
  EXPECT_EQ(ArchitectureOf(0x1234), "machine 0x1234");
}

constexpr uint32_t kPresent = 1u << 31, kVmx = 1u << 5, kHv = 0x31237648;

TEST(WindowsDecode, Hypervisors) {
  EXPECT_TRUE(HypervisorFact(std::nullopt).unknown());
  EXPECT_TRUE(NestedVirtualizationFact(std::nullopt).unknown());

  const CpuidLeaves bare = {kVmx, 0, 0, 0};
  EXPECT_TRUE(HypervisorFact(bare).no());
  EXPECT_TRUE(NestedVirtualizationFact(bare).unknown());

  // Windows itself on a machine with Hyper-V on: VMX is hidden from it, and nothing is missing.
  const CpuidLeaves root = {kPresent, 0, kHv, 1};
  EXPECT_TRUE(HypervisorFact(root).yes());
  EXPECT_TRUE(NestedVirtualizationFact(root).unknown());

  EXPECT_TRUE(NestedVirtualizationFact(CpuidLeaves{kPresent, 0, kHv, 0}).no());
  EXPECT_TRUE(NestedVirtualizationFact(CpuidLeaves{kPresent | kVmx, 0, kHv, 0}).yes());
  EXPECT_TRUE(NestedVirtualizationFact(CpuidLeaves{kPresent, 1u << 2, 0, 0}).yes());
  // The bit of the root partition means nothing under another maker's hypervisor.
  EXPECT_TRUE(NestedVirtualizationFact(CpuidLeaves{kPresent, 0, 0x12345678, 1}).no());
}

TEST(WindowsDecode, Distributions) {
  const auto found = DistributionsOf({{"{b}", "Ubuntu", 1u, 0xfu, "C:\\wsl\\ubuntu"},
                                      {"{a}", "Debian", 1u, 0x7u, std::nullopt},
                                      {"{c}", "Broken", std::nullopt, std::nullopt, std::nullopt},
                                      {"{d}", "Going", 3u, 0x8u, std::nullopt},
                                      {"{e}", std::nullopt, 1u, 0xfu, std::nullopt},
                                      {"{f}", "", 1u, 0xfu, std::nullopt}},
                                     "{B}");
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].name, "Broken");
  EXPECT_FALSE(found[0].version.known());
  EXPECT_TRUE(found[0].installed.unknown());
  EXPECT_EQ(found[1].name, "Debian");
  EXPECT_EQ(found[1].version.value, 1);
  EXPECT_FALSE(found[1].is_default);
  EXPECT_EQ(found[2].name, "Going");
  EXPECT_EQ(found[2].version.value, 2);
  EXPECT_TRUE(found[2].installed.no());
  EXPECT_EQ(found[3].name, "Ubuntu");
  EXPECT_EQ(found[3].version.value, 2);
  EXPECT_TRUE(found[3].is_default);
  EXPECT_TRUE(found[3].installed.yes());
  EXPECT_TRUE(found[3].landlock.unknown());
  EXPECT_EQ(found[3].identity, "{b} C:\\wsl\\ubuntu");
  EXPECT_EQ(found[1].identity, "") << "not known without the place of its disk";
  EXPECT_TRUE(DistributionsOf({}, "").empty());
}

TEST(WindowsDecode, MirroredNetworking) {
  EXPECT_TRUE(MirroredNetworkingFact(std::nullopt).no());
  EXPECT_TRUE(MirroredNetworkingFact("").no());
  EXPECT_TRUE(MirroredNetworkingFact("[wsl2]\r\nnetworkingMode=mirrored\r\n").yes());
  EXPECT_TRUE(MirroredNetworkingFact("[WSL2]\n  NetworkingMode = Mirrored # why\n").yes());
  EXPECT_TRUE(MirroredNetworkingFact("[experimental]\nnetworkingMode=\"mirrored\"\n").yes());
  EXPECT_TRUE(MirroredNetworkingFact("[wsl2]\nnetworkingMode=nat\n").no());
  EXPECT_TRUE(MirroredNetworkingFact("[other]\nnetworkingMode=mirrored\n").no());
  EXPECT_TRUE(MirroredNetworkingFact("[wsl2]\n#networkingMode=mirrored\n").no());
}

TEST(WindowsDecode, OptionalFeatures) {
  EXPECT_TRUE(OptionalFeatureFact(1, "s").yes());
  EXPECT_TRUE(OptionalFeatureFact(2, "s").no());
  EXPECT_TRUE(OptionalFeatureFact(3, "s").no());
  EXPECT_TRUE(OptionalFeatureFact(4, "s").unknown());
  EXPECT_TRUE(OptionalFeatureFact(std::nullopt, "s").unknown());
}

TEST(WindowsDecode, AppControl) {
  EXPECT_TRUE(AppControlFact({0x1, false, std::nullopt}).no());
  EXPECT_TRUE(AppControlFact({0x5, false, std::nullopt}).yes());
  EXPECT_TRUE(AppControlFact({0xd, false, std::nullopt}).no()) << "audited only";
  EXPECT_TRUE(AppControlFact({0x1, true, 1}).yes());
  EXPECT_TRUE(AppControlFact({0x1, true, 0}).no());
  EXPECT_TRUE(AppControlFact({0x1, true, std::nullopt}).yes());
  EXPECT_TRUE(AppControlFact({std::nullopt, true, 1}).yes());
  EXPECT_TRUE(AppControlFact({std::nullopt, false, std::nullopt}).unknown());
}

TEST(WindowsDecode, SecondaryLogon) {
  EXPECT_TRUE(SecondaryLogonFact(3, false).yes());
  EXPECT_TRUE(SecondaryLogonFact(4, false).no());
  EXPECT_TRUE(SecondaryLogonFact(std::nullopt, true).no());
  EXPECT_TRUE(SecondaryLogonFact(std::nullopt, false).unknown());
}

TEST(WindowsDecode, FinalPaths) {
  EXPECT_EQ(WithoutVerbatimPrefix("\\\\?\\C:\\a"), "C:\\a");
  EXPECT_EQ(WithoutVerbatimPrefix("\\\\?\\UNC\\srv\\share\\a"), "\\\\srv\\share\\a");
  EXPECT_EQ(WithoutVerbatimPrefix("\\\\?\\Volume{1}\\a"), "\\\\?\\Volume{1}\\a");
  EXPECT_EQ(WithoutVerbatimPrefix("C:\\a"), "C:\\a");
}

TEST(WindowsDecode, SubstDrives) {
  EXPECT_EQ(WithoutSubst("S:\\app", "\\??\\C:\\src"), "C:\\src\\app");
  EXPECT_EQ(WithoutSubst("S:\\", "\\??\\C:\\"), "C:\\");
  EXPECT_EQ(WithoutSubst("C:\\app", "\\Device\\HarddiskVolume3"), "C:\\app");
  EXPECT_EQ(WithoutSubst("S:\\app", "\\??\\UNC\\srv\\share"), "S:\\app");
  EXPECT_EQ(WithoutSubst("\\\\srv\\share\\app", "\\??\\C:\\src"), "\\\\srv\\share\\app");
}

TEST(WindowsDecode, DistributionInAPath) {
  EXPECT_EQ(WslDistributionOf("\\\\wsl$\\Ubuntu\\home"), "Ubuntu");
  EXPECT_EQ(WslDistributionOf("\\\\WSL.localhost\\Debian"), "Debian");
  EXPECT_EQ(WslDistributionOf("\\\\server\\wsl$\\x"), "");
  EXPECT_EQ(WslDistributionOf("C:\\wsl$"), "");
}

VolumeObservations On(std::string path, std::string final_path, uint32_t drive_type) {
  VolumeObservations seen;
  seen.path = std::move(path);
  seen.final_path = std::move(final_path);
  seen.drive_type = drive_type;
  return seen;
}

TEST(WindowsDecode, PlacesByDriveType) {
  EXPECT_EQ(PlaceOf(On("C:\\a", "\\\\?\\C:\\a", 3)).location, WorkspaceLocation::kLocal);
  EXPECT_EQ(PlaceOf(On("C:\\a", "\\\\?\\C:\\a", 3)).real_path, "C:\\a");
  EXPECT_EQ(PlaceOf(On("E:\\a", "\\\\?\\E:\\a", 2)).location, WorkspaceLocation::kRemovable);
  EXPECT_EQ(PlaceOf(On("E:\\a", "\\\\?\\E:\\a", 4)).location, WorkspaceLocation::kMappedDrive);
  EXPECT_EQ(PlaceOf(On("E:\\a", "\\\\?\\E:\\a", 0)).location, WorkspaceLocation::kUnknown);
  EXPECT_EQ(PlaceOf(On("E:\\a", "\\\\?\\Volume{1}\\a", 3)).location, WorkspaceLocation::kUnknown);
}

TEST(WindowsDecode, PlacesOnTheNetwork) {
  EXPECT_EQ(PlaceOf(On("\\\\srv\\share\\a", "\\\\?\\UNC\\srv\\share\\a", 4)).location, WorkspaceLocation::kUnc);
  // A junction, or a subst drive, that leads to a share.
  EXPECT_EQ(PlaceOf(On("C:\\link", "\\\\?\\UNC\\srv\\share\\a", 4)).location, WorkspaceLocation::kUnc);
  VolumeObservations mapped = On("Z:\\a", "\\\\?\\UNC\\srv\\share\\a", 4);
  mapped.remote_name = "\\\\srv\\share";
  EXPECT_EQ(PlaceOf(mapped).location, WorkspaceLocation::kMappedDrive);
  EXPECT_THAT(PlaceOf(mapped).source, HasSubstr("\\\\srv\\share"));
  VolumeObservations subst = On("S:\\a", "\\\\?\\UNC\\srv\\share\\a", 4);
  subst.dos_device = "\\??\\UNC\\srv\\share";
  EXPECT_EQ(PlaceOf(subst).location, WorkspaceLocation::kMappedDrive);
}

TEST(WindowsDecode, ASubstDriveIsWhereItLeads) {
  VolumeObservations seen = On("S:\\a", "\\\\?\\C:\\src\\a", 3);
  seen.dos_device = "\\??\\C:\\src";
  EXPECT_EQ(PlaceOf(seen).location, WorkspaceLocation::kLocal);
  EXPECT_EQ(PlaceOf(seen).real_path, "C:\\src\\a");
}

TEST(WindowsDecode, PlacesInDistributions) {
  const WorkspacePlace plain = PlaceOf(On("\\\\wsl$\\Ubuntu\\home\\a", "\\\\?\\UNC\\wsl$\\Ubuntu\\home\\a", 4));
  EXPECT_EQ(plain.location, WorkspaceLocation::kWslDistribution);
  EXPECT_EQ(plain.distribution, "Ubuntu");
  VolumeObservations mapped = On("W:\\home", "\\\\?\\W:\\home", 4);
  mapped.remote_name = "\\\\wsl.localhost\\Debian";
  EXPECT_EQ(PlaceOf(mapped).distribution, "Debian");
  // It does not run, so it cannot be opened in time: its name says enough.
  VolumeObservations asleep;
  asleep.path = "\\\\wsl.localhost\\Debian\\home";
  EXPECT_EQ(PlaceOf(asleep).location, WorkspaceLocation::kWslDistribution);
}

TEST(WindowsDecode, SyncedFolders) {
  VolumeObservations seen = On("C:\\Users\\dev\\OneDrive\\a", "\\\\?\\C:\\Users\\dev\\OneDrive\\a", 3);
  seen.sync_root = "OneDrive";
  seen.sync_source = "CfGetSyncRootInfoByPath";
  EXPECT_EQ(PlaceOf(seen).location, WorkspaceLocation::kSynced);
  seen.final_path = "\\\\?\\UNC\\srv\\share";
  EXPECT_EQ(PlaceOf(seen).location, WorkspaceLocation::kUnc) << "the network rules out more";
}

TEST(WindowsDecode, WhatCannotBeOpenedIsOfUnknownPlace) {
  VolumeObservations seen;
  seen.path = "C:\\link";
  seen.not_opened = "Access is denied (error 5)";
  seen.drive_type = 3;
  EXPECT_EQ(PlaceOf(seen).location, WorkspaceLocation::kUnknown);
  EXPECT_THAT(PlaceOf(seen).source, HasSubstr("error 5"));
  seen.path = "\\\\srv\\share\\a";
  EXPECT_EQ(PlaceOf(seen).location, WorkspaceLocation::kUnc);
}

}  // namespace
}  // namespace paddock
