#ifndef PADDOCK_PROVISION_WINDOWS_HOST_H_
#define PADDOCK_PROVISION_WINDOWS_HOST_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "core/platform/windows/machine/machine_calls.h"
#include "provision/provision_host.h"

namespace paddock::provision {

// Keys below HKEY_LOCAL_MACHINE: of the record, and of the accounts that the sign-in screen leaves out.
inline constexpr char kRecordKey[] = "SOFTWARE\\Paddock";
inline constexpr char kSignInKey[] =
    "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\SpecialAccounts\\UserList";

// The record, as ProvisionHost::ReadRecord gives it. Everybody can read it.
absl::StatusOr<std::optional<std::string>> ReadRecordAt(const std::string& record_key);

struct WindowsHostOptions {
  const machine::MachineCalls* calls = nullptr;  // required; outlives the host
  std::map<std::string, std::string> passwords;  // by user; of those that are made
  std::string runner;                            // the file that StepKind::kRunner copies
  // A token to take on for what the caller of set-up may do by itself: the lists of its own directories. Outlives the
  // host; null: none is taken on.
  HANDLE caller = nullptr;
  std::string record_key = kRecordKey;
  std::string sign_in_key = kSignInKey;
};

// This machine.
std::unique_ptr<ProvisionHost> MakeWindowsHost(WindowsHostOptions options);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_WINDOWS_HOST_H_
