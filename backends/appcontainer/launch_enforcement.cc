#include "backends/appcontainer/launch_enforcement.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/token_data.h"
#include "core/windows_launch/job.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/run_folders.h"

namespace paddock {
namespace {

// winnt.h; not in older headers.
constexpr auto kTokenIsLessPrivilegedAppContainer = static_cast<TOKEN_INFORMATION_CLASS>(46);

absl::StatusOr<bool> Flag(HANDLE token, TOKEN_INFORMATION_CLASS what, absl::string_view name) {
  DWORD value = 0, size = 0;
  if (!GetTokenInformation(token, what, &value, sizeof(value), &size)) {
    return StepRefused("readback_failed", absl::StrCat("reading ", name, " of the command's token"), GetLastError());
  }
  return value != 0;
}

absl::Status Data(const absl::Status& status) { return ReadBackFailed(status.message()); }

absl::Status CheckPackage(HANDLE token, const ContainerOrder& order) {
  const auto data = TokenData(token, TokenAppContainerSid, "the package");
  if (!data.ok()) return Data(data.status());
  PSID const sid = reinterpret_cast<const TOKEN_APPCONTAINER_INFORMATION*>(data->data())->TokenAppContainer;
  if (sid == nullptr) return ReadBackFailed("the command's token is of no package");
  ASSIGN_OR_RETURN(const access::Sid package, SidAt(sid));
  if (package == order.package) return absl::OkStatus();
  return ReadBackFailed(absl::StrCat("the command's token is of the package ", package.ToString()));
}

absl::Status CheckCapabilities(HANDLE token, const ContainerOrder& order) {
  const auto data = TokenData(token, TokenCapabilities, "the capabilities");
  if (!data.ok()) return Data(data.status());
  const auto* const groups = reinterpret_cast<const TOKEN_GROUPS*>(data->data());
  std::vector<access::Sid> found, wanted = order.capabilities;
  for (DWORD i = 0; i < groups->GroupCount; ++i) {
    ASSIGN_OR_RETURN(const access::Sid sid, SidAt(groups->Groups[i].Sid));
    found.push_back(sid);
  }
  for (std::vector<access::Sid>* const list : {&found, &wanted}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (found == wanted) return absl::OkStatus();
  return ReadBackFailed(absl::StrCat("the command's token has ", found.size(), " capabilities and not the ",
                                     wanted.size(), " that were declared"));
}

class ReadBack : public PackageEnforcement {
 public:
  const ContainerOrder* Container(const ContainerOrder& order) override { return &order; }

  absl::Status CheckJob(HANDLE job, const JobSpec& spec) override { return ReadBackJob(job, spec); }

  absl::Status CheckProcess(HANDLE process, HANDLE job, const ContainerOrder& order) override {
    RETURN_IF_ERROR(ReadBackMembership(process, job));
    HANDLE opened = nullptr;
    if (!OpenProcessToken(process, TOKEN_QUERY, &opened)) {
      return StepRefused("readback_failed", "opening the token of the command's process", GetLastError());
    }
    const UniqueHandle token(opened);
    ASSIGN_OR_RETURN(const bool contained, Flag(opened, TokenIsAppContainer, "TokenIsAppContainer"));
    if (!contained) return ReadBackFailed("the command's process is in no AppContainer");
    RETURN_IF_ERROR(CheckPackage(opened, order));
    RETURN_IF_ERROR(CheckCapabilities(opened, order));
    ASSIGN_OR_RETURN(const bool lpac,
                     Flag(opened, kTokenIsLessPrivilegedAppContainer, "TokenIsLessPrivilegedAppContainer"));
    if (lpac != order.lpac) {
      return ReadBackFailed(absl::StrCat("the command's AppContainer is ", lpac ? "" : "not ", "less privileged"));
    }
    const auto integrity = IntegrityOf(opened);
    if (!integrity.ok()) return Data(integrity.status());
    if (*integrity <= access::kLowIntegrity) return absl::OkStatus();
    return ReadBackFailed("the command's process is above the low integrity level");
  }

  absl::Status CheckEntry(AclFile& file, const access::Ace& entry) override { return ReadBackEntry(file, entry); }
};

}  // namespace

std::unique_ptr<PackageEnforcement> MakePackageEnforcement() { return std::make_unique<ReadBack>(); }

}  // namespace paddock
