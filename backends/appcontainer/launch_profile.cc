#include "backends/appcontainer/launch_profile.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_record.h"
#include "core/platform/windows/token_data.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/wide.h"

namespace paddock {
namespace {

// userenv.h; not in older headers.
using DeriveFunction = HRESULT(WINAPI*)(PCWSTR name, PSID* sid);
using CreateFunction = HRESULT(WINAPI*)(PCWSTR name, PCWSTR display_name, PCWSTR description,
                                        PSID_AND_ATTRIBUTES capabilities, DWORD count, PSID* sid);
using DeleteFunction = HRESULT(WINAPI*)(PCWSTR name);
constexpr char kDerive[] = "DeriveAppContainerSidFromAppContainerName";
constexpr char kCreate[] = "CreateAppContainerProfile";
constexpr char kDelete[] = "DeleteAppContainerProfile";

constexpr absl::string_view kLockSuffix = ".lock";

std::string ProfilesIn(const std::string& state_dir) { return absl::StrCat(state_dir, "\\profiles"); }

absl::Status Refused(absl::string_view function, HRESULT result) {
  const auto bits = static_cast<uint32_t>(result);
  // HRESULT_FROM_WIN32
  if ((bits & 0xffff0000u) == 0x80070000u) return StepRefused("setup_failed", function, bits & 0xffffu);
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed",
                     absl::StrCat(function, ": the system answers 0x", absl::Hex(bits)));
}

bool IsNotFound(HRESULT result) {
  return result == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) || result == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

// A name that Paddock makes, and nobody else: a journal that somebody has added to leads to no other app.
bool IsPackageName(absl::string_view name) {
  return absl::ConsumePrefix(&name, kPackagePrefix) && !name.empty() &&
         name.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

absl::StatusOr<access::Sid> Taken(PSID sid) {
  auto taken = SidAt(sid);
  FreeSid(sid);
  return taken;
}

}  // namespace

absl::StatusOr<PackageCalls> PackageCalls::Load() {
  auto library = SystemLibrary::Load("userenv.dll");
  const char* missing = "userenv.dll";
  if (library.ok()) {
    missing = nullptr;
    for (const char* const name : {kDerive, kCreate, kDelete}) {
      if (library->Find<FARPROC>(name) == nullptr) missing = name;
    }
  }
  if (missing == nullptr) return PackageCalls(*std::move(library));
  return ReasonError(absl::StatusCode::kUnavailable, "appcontainer_absent",
                     absl::StrCat("this Windows has no ", missing));
}

absl::StatusOr<access::Sid> PackageCalls::Derive(const std::string& name) const {
  ASSIGN_OR_RETURN(const std::wstring wide, WideText(name));
  PSID sid = nullptr;
  const HRESULT result = library_.Find<DeriveFunction>(kDerive)(wide.c_str(), &sid);
  if (FAILED(result) || sid == nullptr) return Refused(kDerive, result);
  return Taken(sid);
}

absl::StatusOr<access::Sid> PackageCalls::Create(const std::string& name, const std::string& display_name,
                                                 const std::vector<access::Sid>& capabilities) const {
  ASSIGN_OR_RETURN(const std::wstring wide, WideText(name));
  ASSIGN_OR_RETURN(const std::wstring display, WideText(display_name));
  std::vector<std::string> bytes(capabilities.size());
  std::vector<SID_AND_ATTRIBUTES> list;
  for (size_t i = 0; i < capabilities.size(); ++i) {
    capabilities[i].AppendBytes(&bytes[i]);
    list.push_back({bytes[i].data(), SE_GROUP_ENABLED});
  }
  PSID sid = nullptr;
  const HRESULT result = library_.Find<CreateFunction>(kCreate)(wide.c_str(), display.c_str(), display.c_str(),
                                                                list.empty() ? nullptr : list.data(),
                                                                static_cast<DWORD>(list.size()), &sid);
  if (FAILED(result) || sid == nullptr) return Refused(kCreate, result);
  return Taken(sid);
}

absl::Status PackageCalls::Delete(const std::string& name) const {
  ASSIGN_OR_RETURN(const std::wstring wide, WideText(name));
  const HRESULT result = library_.Find<DeleteFunction>(kDelete)(wide.c_str());
  return SUCCEEDED(result) || IsNotFound(result) ? absl::OkStatus() : Refused(kDelete, result);
}

absl::StatusOr<std::unique_ptr<PackageProfile>> PackageProfile::Make(const std::string& state_dir,
                                                                     const PackageOrder& order,
                                                                     LaunchRecorder& recorder) {
  ASSIGN_OR_RETURN(PackageCalls calls, PackageCalls::Load());
  // Asked before anything is made: the entries of the grants will be for the SID that Paddock derives.
  recorder.OnCall(kDerive, {{"name", order.name}});
  ASSIGN_OR_RETURN(const access::Sid derived, calls.Derive(order.name));
  if (derived != order.sid) {
    return ReadBackFailed(absl::StrCat("the system derives ", derived.ToString(), " from the name ", order.name,
                                       ", and not ", order.sid.ToString()));
  }
  std::unique_ptr<PackageProfile> made(new PackageProfile(std::move(calls), order.name));
  ASSIGN_OR_RETURN(made->journal_, OpenLeaseState(ProfilesIn(state_dir)));
  ASSIGN_OR_RETURN(made->lock_, made->journal_->Acquire(order.name, LeaseState::LockKind::kExclusive));
  RETURN_IF_ERROR(made->journal_->Replace(order.name, order.sid.ToString()));
  std::vector<std::string> capabilities;
  for (const access::Sid& sid : order.capabilities) capabilities.push_back(sid.ToString());
  recorder.OnCall(kCreate,
                  {{"name", order.name}, {"display_name", order.display_name}, {"capabilities", capabilities}});
  ASSIGN_OR_RETURN(const access::Sid sid, made->calls_.Create(order.name, order.display_name, order.capabilities));
  if (sid == order.sid) return made;
  return ReadBackFailed(absl::StrCat("the profile of ", order.name, " was made for ", sid.ToString()));
}

// The journal forgets the package last.
absl::Status PackageProfile::Remove() {
  if (lock_ == nullptr) return absl::OkStatus();
  const absl::Status deleted = calls_.Delete(name_);
  if (deleted.ok()) {
    (void)journal_->Remove(name_);
    (void)journal_->Remove(absl::StrCat(name_, kLockSuffix));
  }
  lock_.reset();
  return deleted;
}

PackageProfile::~PackageProfile() { (void)Remove(); }

void PackageProfile::Undo(RunResult* result) {
  const absl::Status removed = Remove();
  if (removed.ok()) return;
  result->notices.push_back(absl::StrCat("the profile of ", name_, " could not be removed (", removed.message(),
                                         "); `paddock gc` tries again"));
}

absl::StatusOr<std::vector<std::string>> CollectPackages(const std::string& state_dir,
                                                         std::vector<std::string>* stuck) {
  std::vector<std::string> removed;
  const auto directory = MakeNtfsVolumes()->Open(ProfilesIn(state_dir));
  if (absl::IsNotFound(directory.status())) return removed;
  ASSIGN_OR_RETURN(const std::unique_ptr<LeaseState> journal, OpenLeaseState(ProfilesIn(state_dir)));
  RETURN_IF_ERROR(RemoveUnfinished(ProfilesIn(state_dir), [](absl::string_view name) { return std::string(name); }));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, journal->List());
  for (const std::string& name : names) {
    if (!IsPackageName(name)) continue;
    ASSIGN_OR_RETURN(const auto lock, journal->TryAcquire(name, LeaseState::LockKind::kExclusive));
    if (lock == nullptr) continue;  // its run lives
    const auto calls = PackageCalls::Load();
    const absl::Status deleted = calls.ok() ? calls->Delete(name) : calls.status();
    if (!deleted.ok()) {
      stuck->push_back(absl::StrCat(name, ": ", deleted.message()));
      continue;
    }
    removed.push_back(name);
    (void)journal->Remove(name);
    (void)journal->Remove(absl::StrCat(name, kLockSuffix));
  }
  return removed;
}

}  // namespace paddock
