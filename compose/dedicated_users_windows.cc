#include "compose/dedicated_users_windows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/host/network_filter_record.h"
#include "core/platform/files.h"
#include "provision/own_setup.h"

namespace paddock {
namespace {

constexpr char kSource[] = "HKLM\\SOFTWARE\\Paddock";

class SetupProbeHere : public SetupProbe {
 public:
  explicit SetupProbeHere(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  void AddSetupFacts(WindowsFacts* facts) const override {
    const auto setup = provision::FindOwnSetup(state_dir_);
    if (!setup.ok()) {
      // What has no reason could not be looked at.
      const auto reason = ReasonOf(setup.status());
      const std::string why = absl::StrCat(kSource, ": ", reason ? reason->detail : setup.status().message());
      facts->provisioned = reason ? No(why) : Fact{Tri::kUnknown, why};
      facts->network_filter_verified = reason ? No(why) : Fact{Tri::kUnknown, why};
      return;
    }
    facts->provisioned = Yes(kSource);
    const std::string path = absl::StrCat(state_dir_, "\\", kNetworkFilterFile);
    facts->network_filter_verified =
        NetworkFilterFact(ReadWholeFile(path, kMaxNetworkFilterRecord), setup->record.number);
  }

 private:
  const std::string state_dir_;
};

class DedicatedUsersHere : public DedicatedUsers {
 public:
  explicit DedicatedUsersHere(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  absl::StatusOr<DedicatedUser> Find(bool offline) override {
    ASSIGN_OR_RETURN(provision::OwnSetup setup, provision::FindOwnSetup(state_dir_));
    DedicatedUser user;
    user.name = std::string(offline ? provision::kOfflineUser : provision::kOnlineUser);
    const provision::RecordedStep* const account = setup.record.Account(user.name);
    const provision::RecordedStep* const group = setup.record.Account(provision::kUsersGroup);
    if (account == nullptr || group == nullptr || !setup.passwords.contains(user.name)) {
      return ReasonError(absl::StatusCode::kUnavailable, "not_provisioned",
                         absl::StrCat("the record of set-up knows no ", user.name));
    }
    ASSIGN_OR_RETURN(user.sid, access::Sid::Parse(account->identity));
    ASSIGN_OR_RETURN(user.group, access::Sid::Parse(group->identity));
    user.password = setup.passwords.at(user.name);
    user.runner = setup.runner;
    user.setup = setup.record.number;
    return user;
  }

 private:
  const std::string state_dir_;
};

}  // namespace

std::unique_ptr<SetupProbe> MakeSetupProbe(std::string state_dir) {
  return std::make_unique<SetupProbeHere>(std::move(state_dir));
}

std::unique_ptr<DedicatedUsers> MakeDedicatedUsers(std::string state_dir) {
  return std::make_unique<DedicatedUsersHere>(std::move(state_dir));
}

}  // namespace paddock
