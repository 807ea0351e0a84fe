#include "tests/support/low_integrity_faults.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/access/check.h"
#include "core/access/restrict.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "tests/support/process_faults.h"

namespace paddock {
namespace {

using access::Decision;
using access::FileOp;
using access::NormalTreePath;

// What a run may do: read, write (of a directory: make something in it), change attributes, delete.
struct Row {
  PlaceKind kind;
  const char* rights;
};
constexpr Row kExpected[] = {
    {PlaceKind::kSystem, "r---"},        {PlaceKind::kSystemTop, "r---"},   {PlaceKind::kOwn, "r---"},
    {PlaceKind::kOwnTop, "r---"},        {PlaceKind::kOther, "----"},       {PlaceKind::kEveryone, "r---"},
    {PlaceKind::kAuthenticated, "r---"}, {PlaceKind::kAllPackages, "r---"}, {PlaceKind::kLowLabelled, "rwad"},
    {PlaceKind::kRoot, "r---"},          {PlaceKind::kGranted, "rwad"},
};

// Processes have a label of their own that forbids reading up too (Microsoft Learn, "Mandatory Integrity Control").
constexpr char kProcessLabel[] = "S:(ML;;NWNR;;;ME)", kOtherLabel[] = "S:(ML;;NW;;;ME)",
               kOwnLabel[] = "S:(ML;;NWNR;;;LW)";

constexpr uint32_t kTerminate = 0x1, kVmRead = 0x10, kVmWrite = 0x20, kDupHandle = 0x40, kHookControl = 0x8;

struct Object {
  const char* name;
  access::ObjectType type;
  const char* label;
  uint32_t rights;
  bool granted;
};
constexpr Object kObjects[] = {
    {"a process of the user's, read", access::ObjectType::kProcess, kProcessLabel, kVmRead, false},
    {"a process of the user's, written", access::ObjectType::kProcess, kProcessLabel, kVmWrite, false},
    // PROCESS_TERMINATE belongs to GENERIC_EXECUTE, which a label of this kind does not take away.
    {"a process of the user's, ended", access::ObjectType::kProcess, kProcessLabel, kTerminate, true},
    {"a process of the user's, its handles", access::ObjectType::kProcess, kProcessLabel, kDupHandle, false},
    {"the desktop, hooked", access::ObjectType::kDesktop, kOtherLabel, kHookControl, false},
    {"a pipe, written", access::ObjectType::kFile, kOtherLabel, access::kFileWriteData, false},
    {"a pipe, read", access::ObjectType::kFile, kOtherLabel, access::kFileReadData, true},
    {"a process of the run, written", access::ObjectType::kProcess, kOwnLabel, kVmWrite, true},
    {"another low process, ended", access::ObjectType::kProcess, kOwnLabel, kTerminate, true},
};

bool IsIn(const std::string& path, const std::string& directory) {
  return path == directory || absl::StartsWith(path, absl::StrCat(directory, "\\"));
}

class Faults {
 public:
  Faults(const WindowsScene& scene, const LowIntegrityPlan& plan)
      : scene_(scene), plan_(plan), model_(scene, /*dedicated=*/false) {}

  std::vector<std::string> Find() && {
    CheckToken();
    CheckCopies();
    CheckObjects();
    CheckProcess();
    if (const absl::Status applied = ApplyLow(plan_, &model_); !applied.ok()) {
      Add("copies", applied.ToString());
      return std::move(faults_);
    }
    CheckFiles();
    return std::move(faults_);
  }

 private:
  void Add(absl::string_view subject, absl::string_view what) { faults_.push_back(absl::StrCat(subject, ": ", what)); }
  void Same(absl::string_view subject, bool same, absl::string_view what) {
    if (!same) Add(subject, what);
  }

  void CheckToken() {
    for (const bool elevated : {false, true}) {
      const auto token = LowToken(model_, plan_.token, elevated);
      if (!token.ok()) return Add("token", token.status().ToString());
      token_ = *token;
      Same("token", token_.integrity == access::kLowIntegrity && token_.no_write_up, "not low");
      Same("token", !access::HasEnabled(token_, access::kAdministrators), "an administrator");
      Same("token", token_.privileges == access::PrivilegeSet{access::Privilege::kChangeNotify}, "privileges are left");
      Same("token", token_.owner == token_.user, "what it makes is somebody else's");
      Same("token", !token_.restricting.has_value() && !token_.package.has_value(), "another kind of token");
    }
    token_ = LowToken(model_, plan_.token).value();
  }

  // What the run's own objects let in: the user, the system, and the logon session to look.
  void CheckObjects() {
    const std::string dacl = model_.Fill(plan_.token.default_dacl);
    const auto defaults = access::ParseSddl(absl::StrCat("O:", token_.user.ToString(), "G:BU", dacl));
    if (!defaults.ok() || defaults->dacl_state != access::AclState::kPresent) {
      return Add("objects", "the default DACL is none");
    }
    access::Token stranger = model_.Host();
    stranger.user = stranger.owner = model_.SidOf("{other}");
    stranger.privileges = {};
    const auto& mapping = access::MappingOf(access::ObjectType::kProcess);
    Same("objects", access::Check(stranger, *defaults, kVmWrite, mapping).decision == Decision::kDenied,
         "the logon session writes the run's processes");
    Same("objects", access::Check(model_.Host(), *defaults, kTerminate, mapping).decision == Decision::kGranted,
         "the user does not end the run's processes");
    stranger.groups = {{access::kEveryone}};  // of another session
    Same("objects", access::Check(stranger, *defaults, kVmRead, mapping).decision == Decision::kDenied,
         "everybody reads the run's processes");
    for (const Object& object : kObjects) {
      const auto descriptor = access::ParseSddl(
          absl::StrCat("O:", token_.user.ToString(), "G:BUD:(A;;GA;;;", token_.user.ToString(), ")", object.label));
      if (!descriptor.ok()) {
        Add("objects", descriptor.status().ToString());
        continue;
      }
      const auto verdict = access::Check(token_, *descriptor, object.rights, access::MappingOf(object.type));
      Same("objects", verdict.decision == (object.granted ? Decision::kGranted : Decision::kDenied),
           absl::StrCat(object.name, " should be ", object.granted ? "granted" : "denied"));
    }
  }

  // Each grant has one copy, or lies in what has one; a copy is the run's own, and so is where it is kept.
  void CheckCopies() {
    Same("copies", plan_.state_dir == scene_.facts.leases.state_dir, "the state is elsewhere");
    std::set<std::string> places;
    const std::string kept_in = absl::StrCat(scene_.facts.leases.state_dir, "\\copies\\{run}-");
    for (const TreeCopy& copy : plan_.copies) {
      Same("copies", places.insert(copy.to).second && places.insert(copy.keep).second, "two copies in one place");
      Same("copies", absl::StartsWith(copy.to, "{run_folder}\\"), absl::StrCat(copy.to, " is not the run's"));
      Same("copies", absl::StartsWith(copy.keep, kept_in), absl::StrCat(copy.keep, " is not the run's"));
      Same("copies", !copy.rule.empty(), "a copy belongs to no rule");
      const auto* const node = model_.tree().Find(NormalTreePath(copy.from));
      Same("copies", node != nullptr && node->directory == copy.directory,
           absl::StrCat(copy.from, " is another kind of file"));
      const bool asked =
          std::any_of(scene_.request.write.begin(), scene_.request.write.end(),
                      [&](const PathRule& rule) { return NormalTreePath(rule.path) == NormalTreePath(copy.from); });
      Same("copies", asked, absl::StrCat(copy.from, " is not granted"));
    }
    for (const PathRule& rule : scene_.request.write) {
      const bool copied = std::any_of(plan_.copies.begin(), plan_.copies.end(), [&](const TreeCopy& copy) {
        return IsIn(NormalTreePath(rule.path), NormalTreePath(copy.from));
      });
      Same("copies", copied, absl::StrCat(rule.path, " has no copy"));
    }
    for (const std::string& folder : plan_.folders) {
      Same("copies", absl::StartsWith(folder, "{run_folder}\\") && !places.contains(folder),
           absl::StrCat(folder, " is not the run's"));
    }
  }

  void Expect(const ModelFile& file, char what, const std::string& path, FileOp op) {
    const Row* const row =
        std::find_if(std::begin(kExpected), std::end(kExpected), [&](const Row& r) { return r.kind == file.kind; });
    const bool expected = what != '\0' && absl::StrContains(row->rights, what);
    const auto verdict = access::CheckFileOp(model_.tree(), path, op, token_);
    if ((verdict.decision == Decision::kGranted) == expected && verdict.decision != Decision::kUnknown) return;
    Add("files", absl::StrCat(ToString(op), " ", path, " should be ", expected ? "granted" : "denied", ": ",
                              verdict.Describe(model_.tree())));
  }

  PlaceKind KindOf(const ModelFile& file) const {
    if (IsIn(file.path, "c:\\run\\1")) return PlaceKind::kGranted;
    const bool of_workspace = IsIn(file.path, NormalTreePath(model_.Fill("{ws}")));
    return of_workspace ? PlaceKind::kOwn : file.kind;
  }

  void CheckFiles() {
    size_t own = 0;
    for (const ModelFile& listed : model_.files()) {
      const ModelFile file = {listed.path, listed.directory, KindOf(listed)};
      own += file.kind == PlaceKind::kGranted ? 1u : 0u;
      Expect(file, 'r', file.path, file.directory ? FileOp::kList : FileOp::kRead);
      if (file.directory) {
        Expect(file, 'w', absl::StrCat(file.path, "\\new.txt"), FileOp::kCreateFile);
        Expect(file, 'w', absl::StrCat(file.path, "\\new"), FileOp::kCreateDirectory);
      } else {
        Expect(file, 'w', file.path, FileOp::kWrite);
        Expect(file, 'w', file.path, FileOp::kAppend);
      }
      Expect(file, 'a', file.path, FileOp::kSetAttributes);
      Expect(file, 'd', file.path, FileOp::kRemove);
      // The owner changes lists, and owners and labels need WRITE_OWNER: of what is low alone.
      Expect(file, file.kind == PlaceKind::kGranted || file.kind == PlaceKind::kLowLabelled ? 'w' : '\0', file.path,
             FileOp::kSetDacl);
    }
    Same("files", own > 0, "the run has nothing to write");
  }

  void CheckProcess() {
    ProcessExpectation expected = {"low_integrity", scene_.request.cwd, "{run_folder}\\tmp", "{run_folder}\\home",
                                   false};
    if (expected.cwd.empty()) expected.cwd = "{run_folder}";
    for (const TreeCopy& copy : plan_.copies) {
      const std::string from = NormalTreePath(copy.from), cwd = NormalTreePath(expected.cwd);
      if (IsIn(cwd, from)) expected.cwd = absl::StrCat(copy.to, cwd.substr(from.size()));
    }
    for (std::string& fault : ProcessFaults(scene_, expected, plan_.job, plan_.limits, plan_.process)) {
      faults_.push_back(std::move(fault));
    }
  }

  const WindowsScene& scene_;
  const LowIntegrityPlan& plan_;
  WindowsModel model_;
  access::Token token_;
  std::vector<std::string> faults_;
};

}  // namespace

absl::StatusOr<access::Token> LowToken(const WindowsModel& model, const LowTokenSpec& spec, bool elevated) {
  access::Restriction restriction;
  restriction.disable_max_privilege = spec.disable_max_privilege;
  restriction.lua_token = spec.lua_token;
  access::Token token = access::Restrict(model.Base(elevated), restriction);
  if (spec.integrity == "low") token.integrity = std::min(token.integrity, access::kLowIntegrity);
  ASSIGN_OR_RETURN(token.owner, access::Sid::Parse(model.Fill(spec.owner)));
  ASSIGN_OR_RETURN(const access::SecurityDescriptor defaults, access::ParseSddl(model.Fill(spec.default_dacl)));
  token.default_dacl = defaults.dacl;
  return token;
}

absl::Status ApplyLow(const LowIntegrityPlan& plan, WindowsModel* model) {
  const std::string inherited = absl::StrReplaceAll(plan.label, {{";OICI;", ";OICIID;"}});
  RETURN_IF_ERROR(model->Add("{run_folder}", true, PlaceKind::kGranted, plan.label));
  for (const std::string& folder : plan.folders) {
    RETURN_IF_ERROR(model->Add(folder, true, PlaceKind::kGranted, inherited));
    RETURN_IF_ERROR(model->Add(absl::StrCat(folder, "\\made.txt"), false, PlaceKind::kGranted, inherited));
  }
  for (const TreeCopy& copy : plan.copies) {
    const std::string from = NormalTreePath(copy.from);
    RETURN_IF_ERROR(model->Add(copy.to.substr(0, copy.to.rfind('\\')), true, PlaceKind::kGranted, inherited));
    const std::vector<ModelFile> files = model->files();
    for (const ModelFile& file : files) {
      if (!IsIn(file.path, from)) continue;
      RETURN_IF_ERROR(model->Add(absl::StrCat(copy.to, file.path.substr(from.size())), file.directory,
                                 PlaceKind::kGranted, inherited));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> LowFaults(const WindowsScene& scene, const LowIntegrityPlan& plan) {
  return Faults(scene, plan).Find();
}

}  // namespace paddock
