#include "core/platform/windows/machine/account_rights.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

constexpr NTSTATUS kObjectNameNotFound = static_cast<NTSTATUS>(0xC0000034);  // the account has no right at all

LSA_UNICODE_STRING LsaText(std::wstring* text) {
  const auto bytes = static_cast<USHORT>(text->size() * sizeof(wchar_t));
  return {bytes, bytes, text->data()};
}

class Policy {
 public:
  explicit Policy(const MachineCalls& calls) : calls_(calls) {}
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  ~Policy() {
    if (handle_ != nullptr) calls_.lsa_close(handle_);
  }

  absl::Status Open() {
    LSA_OBJECT_ATTRIBUTES attributes = {};
    return Answer(calls_.lsa_open_policy(nullptr, &attributes, POLICY_LOOKUP_NAMES | POLICY_CREATE_ACCOUNT, &handle_),
                  "LsaOpenPolicy");
  }
  absl::Status Answer(NTSTATUS status, absl::string_view tried) const {
    if (status == 0) return absl::OkStatus();
    return Win32Status(calls_.lsa_nt_status_to_win_error(status), tried);
  }
  LSA_HANDLE get() const { return handle_; }

 private:
  const MachineCalls& calls_;
  LSA_HANDLE handle_ = nullptr;
};

}  // namespace

absl::StatusOr<bool> HasRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right) {
  Policy policy(calls);
  RETURN_IF_ERROR(policy.Open());
  std::string sid;
  account.AppendBytes(&sid);
  LSA_UNICODE_STRING* rights = nullptr;
  ULONG count = 0;
  const NTSTATUS status = calls.lsa_enumerate_account_rights(policy.get(), sid.data(), &rights, &count);
  if (status == kObjectNameNotFound) return false;
  RETURN_IF_ERROR(policy.Answer(status, "LsaEnumerateAccountRights"));
  bool found = false;
  for (ULONG i = 0; i < count; ++i) {
    found = found || ToUtf8({rights[i].Buffer, rights[i].Length / sizeof(wchar_t)}) == right;
  }
  calls.lsa_free_memory(rights);
  return found;
}

absl::Status AddRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right) {
  Policy policy(calls);
  RETURN_IF_ERROR(policy.Open());
  std::string sid;
  account.AppendBytes(&sid);
  std::wstring wide = ToWide(right);
  LSA_UNICODE_STRING text = LsaText(&wide);
  return policy.Answer(calls.lsa_add_account_rights(policy.get(), sid.data(), &text, 1),
                       absl::StrCat("LsaAddAccountRights ", right));
}

absl::Status RemoveRight(const MachineCalls& calls, const access::Sid& account, absl::string_view right) {
  Policy policy(calls);
  RETURN_IF_ERROR(policy.Open());
  std::string sid;
  account.AppendBytes(&sid);
  std::wstring wide = ToWide(right);
  LSA_UNICODE_STRING text = LsaText(&wide);
  const NTSTATUS status = calls.lsa_remove_account_rights(policy.get(), sid.data(), FALSE, &text, 1);
  if (status == kObjectNameNotFound) return absl::OkStatus();
  return policy.Answer(status, absl::StrCat("LsaRemoveAccountRights ", right));
}

}  // namespace paddock::machine
