#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_CALLS_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_CALLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/windows_api.h"

// clang-format off: each needs <windows.h>, and the last what stands before it
#include <aclapi.h>
#include <fwpmu.h>
#include <lm.h>
#include <ntsecapi.h>
// clang-format on

namespace paddock::machine {

// The DLLs, bare file names in System32, that hold what changes a machine: accounts, rights, lists, filters, profiles.
struct MachineLibraries {
  std::string accounts = "netapi32.dll";
  std::string security = "advapi32.dll";
  std::string filters = "fwpuclnt.dll";
  std::string profiles = "userenv.dll";
};

// Their functions. Loaded when they are needed and not before: a program that only runs commands has no use for them.
class MachineCalls {
 public:
  // Unavailable where this Windows has not all of them.
  static absl::StatusOr<MachineCalls> Load(const MachineLibraries& names = {});

  decltype(&::NetLocalGroupAdd) net_local_group_add = nullptr;
  decltype(&::NetLocalGroupDel) net_local_group_del = nullptr;
  decltype(&::NetLocalGroupGetInfo) net_local_group_get_info = nullptr;
  decltype(&::NetLocalGroupAddMembers) net_local_group_add_members = nullptr;
  decltype(&::NetLocalGroupDelMembers) net_local_group_del_members = nullptr;
  decltype(&::NetLocalGroupGetMembers) net_local_group_get_members = nullptr;
  decltype(&::NetUserAdd) net_user_add = nullptr;
  decltype(&::NetUserDel) net_user_del = nullptr;
  decltype(&::NetUserGetInfo) net_user_get_info = nullptr;
  decltype(&::NetUserSetInfo) net_user_set_info = nullptr;
  decltype(&::NetApiBufferFree) net_api_buffer_free = nullptr;

  decltype(&::LookupAccountNameW) lookup_account_name = nullptr;
  decltype(&::LsaOpenPolicy) lsa_open_policy = nullptr;
  decltype(&::LsaClose) lsa_close = nullptr;
  decltype(&::LsaAddAccountRights) lsa_add_account_rights = nullptr;
  decltype(&::LsaRemoveAccountRights) lsa_remove_account_rights = nullptr;
  decltype(&::LsaEnumerateAccountRights) lsa_enumerate_account_rights = nullptr;
  decltype(&::LsaFreeMemory) lsa_free_memory = nullptr;
  decltype(&::LsaNtStatusToWinError) lsa_nt_status_to_win_error = nullptr;
  decltype(&::GetSecurityInfo) get_security_info = nullptr;
  decltype(&::SetSecurityInfo) set_security_info = nullptr;

  decltype(&::FwpmEngineOpen0) fwpm_engine_open = nullptr;
  decltype(&::FwpmEngineClose0) fwpm_engine_close = nullptr;
  decltype(&::FwpmTransactionBegin0) fwpm_transaction_begin = nullptr;
  decltype(&::FwpmTransactionCommit0) fwpm_transaction_commit = nullptr;
  decltype(&::FwpmTransactionAbort0) fwpm_transaction_abort = nullptr;
  decltype(&::FwpmProviderAdd0) fwpm_provider_add = nullptr;
  decltype(&::FwpmProviderDeleteByKey0) fwpm_provider_delete = nullptr;
  decltype(&::FwpmSubLayerAdd0) fwpm_sublayer_add = nullptr;
  decltype(&::FwpmSubLayerDeleteByKey0) fwpm_sublayer_delete = nullptr;
  decltype(&::FwpmFilterAdd0) fwpm_filter_add = nullptr;
  decltype(&::FwpmFilterDeleteByKey0) fwpm_filter_delete = nullptr;
  decltype(&::FwpmFilterGetByKey0) fwpm_filter_get = nullptr;
  decltype(&::FwpmFreeMemory0) fwpm_free_memory = nullptr;

  using DeleteProfileFunction = BOOL(WINAPI*)(LPCWSTR sid, LPCWSTR path, LPCWSTR computer);
  DeleteProfileFunction delete_profile = nullptr;

 private:
  MachineCalls() = default;

  std::vector<SystemLibrary> libraries_;
};

}  // namespace paddock::machine

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_MACHINE_MACHINE_CALLS_H_
