#include "core/platform/windows/machine/machine_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock::machine {
namespace {

// One DLL, of which every function that is asked for has to be there.
class Library {
 public:
  explicit Library(const std::string& name) : name_(name), library_(SystemLibrary::Load(name)) {
    if (!library_.ok()) status_ = absl::UnavailableError(library_.status().message());
  }

  template <typename Function>
  void Find(const char* function, Function* found) {
    if (!status_.ok()) return;
    *found = library_->Find<Function>(function);
    if (*found == nullptr) status_ = absl::UnavailableError(absl::StrCat(name_, " has no function ", function));
  }

  absl::Status MoveTo(std::vector<SystemLibrary>* libraries) {
    if (status_.ok()) libraries->push_back(*std::move(library_));
    return status_;
  }

 private:
  const std::string& name_;
  absl::StatusOr<SystemLibrary> library_;
  absl::Status status_;
};

void FindAccounts(Library& in, MachineCalls* calls) {
  in.Find("NetLocalGroupAdd", &calls->net_local_group_add);
  in.Find("NetLocalGroupDel", &calls->net_local_group_del);
  in.Find("NetLocalGroupGetInfo", &calls->net_local_group_get_info);
  in.Find("NetLocalGroupAddMembers", &calls->net_local_group_add_members);
  in.Find("NetLocalGroupDelMembers", &calls->net_local_group_del_members);
  in.Find("NetLocalGroupGetMembers", &calls->net_local_group_get_members);
  in.Find("NetUserAdd", &calls->net_user_add);
  in.Find("NetUserDel", &calls->net_user_del);
  in.Find("NetUserGetInfo", &calls->net_user_get_info);
  in.Find("NetUserSetInfo", &calls->net_user_set_info);
  in.Find("NetApiBufferFree", &calls->net_api_buffer_free);
}

void FindSecurity(Library& in, MachineCalls* calls) {
  in.Find("LookupAccountNameW", &calls->lookup_account_name);
  in.Find("LsaOpenPolicy", &calls->lsa_open_policy);
  in.Find("LsaClose", &calls->lsa_close);
  in.Find("LsaAddAccountRights", &calls->lsa_add_account_rights);
  in.Find("LsaRemoveAccountRights", &calls->lsa_remove_account_rights);
  in.Find("LsaEnumerateAccountRights", &calls->lsa_enumerate_account_rights);
  in.Find("LsaFreeMemory", &calls->lsa_free_memory);
  in.Find("LsaNtStatusToWinError", &calls->lsa_nt_status_to_win_error);
  in.Find("GetSecurityInfo", &calls->get_security_info);
  in.Find("SetSecurityInfo", &calls->set_security_info);
}

void FindFilters(Library& in, MachineCalls* calls) {
  in.Find("FwpmEngineOpen0", &calls->fwpm_engine_open);
  in.Find("FwpmEngineClose0", &calls->fwpm_engine_close);
  in.Find("FwpmTransactionBegin0", &calls->fwpm_transaction_begin);
  in.Find("FwpmTransactionCommit0", &calls->fwpm_transaction_commit);
  in.Find("FwpmTransactionAbort0", &calls->fwpm_transaction_abort);
  in.Find("FwpmProviderAdd0", &calls->fwpm_provider_add);
  in.Find("FwpmProviderDeleteByKey0", &calls->fwpm_provider_delete);
  in.Find("FwpmSubLayerAdd0", &calls->fwpm_sublayer_add);
  in.Find("FwpmSubLayerDeleteByKey0", &calls->fwpm_sublayer_delete);
  in.Find("FwpmFilterAdd0", &calls->fwpm_filter_add);
  in.Find("FwpmFilterDeleteByKey0", &calls->fwpm_filter_delete);
  in.Find("FwpmFilterGetByKey0", &calls->fwpm_filter_get);
  in.Find("FwpmFreeMemory0", &calls->fwpm_free_memory);
}

void FindProfiles(Library& in, MachineCalls* calls) { in.Find("DeleteProfileW", &calls->delete_profile); }

}  // namespace

absl::StatusOr<MachineCalls> MachineCalls::Load(const MachineLibraries& names) {
  struct Row {
    const std::string& name;
    void (*find)(Library&, MachineCalls*);
  };
  const Row rows[] = {{names.accounts, FindAccounts},
                      {names.security, FindSecurity},
                      {names.filters, FindFilters},
                      {names.profiles, FindProfiles}};
  MachineCalls calls;
  for (const Row& row : rows) {
    Library library(row.name);
    row.find(library, &calls);
    const absl::Status found = library.MoveTo(&calls.libraries_);
    if (!found.ok()) return found;
  }
  return calls;
}

}  // namespace paddock::machine
