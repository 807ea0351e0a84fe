// What the package of each golden plan could do on a modelled host, by the access-check evaluator: label `model`.
// Nothing of Windows itself takes part.

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "backends/appcontainer/plan.h"
#include "core/access/app_container.h"
#include "core/access/file_ops.h"
#include "core/access/sddl.h"
#include "tests/support/appcontainer_faults.h"
#include "tests/support/confined_scenes.h"

namespace paddock {
namespace {

using access::Decision;
using access::FileOp;

constexpr char kWs[] = "C:\\Users\\dev\\src\\app";
std::string InWs(const char* below) { return std::string(kWs) + below; }

Decision Of(const WindowsModel& model, const std::string& path, FileOp op, const access::Token& token) {
  return access::CheckFileOp(model.tree(), path, op, token).decision;
}

TEST(AppContainerProofTest, EveryPlanDecidesEveryPathAsGuaranteesAndRisksSay) {
  int plans = 0;
  for (const WindowsScene& scene : AppContainerScenes()) {
    const auto plan = PlanAppContainer("", scene.request, scene.facts);
    if (!plan.ok()) continue;
    ++plans;
    const std::vector<std::string> faults = PackageFaults(scene, PackageBodyOf(*plan));
    EXPECT_TRUE(faults.empty()) << scene.name << "\n" << absl::StrJoin(faults, "\n");
  }
  EXPECT_GE(plans, 18);
}

// A host with a plan's entries on it, and the plan's token.
struct Applied {
  explicit Applied(const std::string& name) : scene(SceneNamed(AppContainerScenes(), name)), model(scene, false) {
    const auto made = PlanAppContainer("", scene.request, scene.facts);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return;
    plan = *made;
    EXPECT_TRUE(model.Apply(PackageBodyOf(plan).roots, PackageBodyOf(plan).folders).ok());
    run = LowboxToken(model, PackageBodyOf(plan).package);
  }
  WindowsScene scene;
  WindowsModel model;
  LaunchPlan plan;
  access::Token run;
};

// The control: without the sandbox the same developer does what the run cannot.
TEST(AppContainerProofTest, TheDeveloperDoesWhatTheRunCannot) {
  const Applied names("names");
  const struct {
    std::string path;
    FileOp op;
  } kCases[] = {
      {"C:\\Users\\dev\\notes.txt", FileOp::kRead},
      {"C:\\Users\\dev\\notes.txt", FileOp::kWrite},
      {"C:\\Users\\dev\\notes.txt", FileOp::kRemove},
      {"C:\\Users\\dev\\.ssh\\id_ed25519", FileOp::kRead},
      {"C:\\shared\\drop.txt", FileOp::kWrite},
      {InWs("\\.git\\config"), FileOp::kWrite},
      {InWs("\\.git\\config"), FileOp::kRemove},
      {InWs("\\.git\\hooks\\pre-push"), FileOp::kCreateFile},
      {InWs("\\.git\\hooks\\lib\\common.sh"), FileOp::kRemove},
      {InWs("\\.git"), FileOp::kRemove},
      {InWs("\\.env"), FileOp::kRead},
      {InWs("\\main.cc"), FileOp::kSetDacl},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Of(names.model, test.path, test.op, names.run), Decision::kDenied)
        << test.path << " " << ToString(test.op);
    EXPECT_EQ(Of(names.model, test.path, test.op, names.model.Host()), Decision::kGranted)
        << test.path << " " << ToString(test.op);
  }
}

// Why names are cut off, and not denied: what a denial for the package would come to.
TEST(AppContainerProofTest, DenialsDoNotBindThePackage) {
  const Applied names("names");
  AppContainerPlan denied = PackageBodyOf(names.plan);
  auto& changes = denied.roots[0].changes;
  const std::string config = InWs("\\.git\\config");
  std::erase_if(changes, [&](const AceChange& change) { return change.cut_off; });
  changes.push_back({config, "(D;;0x1f01ff;;;{package})", AceScope::kObject, false, false, "filesystem.deny_write"});
  WindowsModel model(names.scene, false);
  ASSERT_TRUE(model.Apply(denied.roots, denied.folders).ok());
  EXPECT_EQ(Of(model, config, FileOp::kWrite, names.run), Decision::kGranted);
  EXPECT_EQ(Of(names.model, config, FileOp::kWrite, names.run), Decision::kDenied);
  // A denial of the same form binds a token that is no package's.
  access::Token user = names.run;
  user.package.reset();
  user.groups.push_back({*names.run.package});
  user.integrity = access::kMediumIntegrity;
  EXPECT_EQ(Of(model, config, FileOp::kWrite, user), Decision::kDenied);
}

// What is open to all application packages is closed to a less privileged one, and to it alone.
TEST(AppContainerProofTest, LessPrivilegedPackagesAreNotAllPackages) {
  const Applied with("names"), without("without_lpac");
  const std::string shared = "C:\\packages\\shared.txt", system = "C:\\Windows\\System32\\kernel32.dll";
  for (const FileOp op : {FileOp::kRead, FileOp::kWrite}) {
    EXPECT_EQ(Of(with.model, shared, op, with.run), Decision::kDenied);
    EXPECT_EQ(Of(without.model, shared, op, without.run), Decision::kGranted);
  }
  EXPECT_EQ(Of(with.model, system, FileOp::kExecute, with.run), Decision::kGranted);
  EXPECT_EQ(Of(with.model, system, FileOp::kWrite, with.run), Decision::kDenied);
}

// A declared capability opens what has an entry for it, and another one does not.
TEST(AppContainerProofTest, CapabilitiesOpenWhatIsTheirs) {
  const Applied reads("reads_only"), names("names");
  const auto key =
      access::ParseSddl("O:BAG:SYD:(A;;GR;;;BU)(A;;GR;;;" + access::CapabilitySid("registryRead")->ToString() + ")");
  ASSERT_TRUE(key.ok());
  const auto& mapping = access::MappingOf(access::ObjectType::kKey);
  EXPECT_EQ(access::Check(reads.run, *key, mapping.read, mapping).decision, Decision::kGranted);
  EXPECT_EQ(access::Check(names.run, *key, mapping.read, mapping).decision, Decision::kDenied);
}

// One run's package gets at nothing of another's, whose workspace is the same.
TEST(AppContainerProofTest, RunsAreApart) {
  const Applied names("names");
  access::Token other = names.run;
  other.package = access::PackageSid("paddock.2").value();
  for (const FileOp op : {FileOp::kRead, FileOp::kWrite}) {
    EXPECT_EQ(Of(names.model, InWs("\\main.cc"), op, names.run), Decision::kGranted);
    EXPECT_EQ(Of(names.model, InWs("\\main.cc"), op, other), Decision::kDenied);
  }
}

}  // namespace
}  // namespace paddock
