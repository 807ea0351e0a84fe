#include "core/platform/windows/optional_feature.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/windows_api.h"
// After it, since they use its types.
#include <objbase.h>
#include <oleauto.h>
#include <wbemidl.h>

namespace paddock {
namespace {

template <typename Interface>
struct ComTraits {
  using Handle = Interface*;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { handle->Release(); }
};
template <typename Interface>
using ComPointer = BasicUniqueHandle<ComTraits<Interface>>;

struct StringTraits {
  using Handle = BSTR;
  static Handle None() { return nullptr; }
  static void Close(Handle handle) { SysFreeString(handle); }
};
using UniqueString = BasicUniqueHandle<StringTraits>;

UniqueString MakeString(const std::string& text) { return UniqueString(SysAllocString(ToWide(text).c_str())); }

absl::Status Check(HRESULT result, absl::string_view tried) {
  if (SUCCEEDED(result)) return absl::OkStatus();
  return absl::UnavailableError(absl::StrFormat("%s: 0x%08x", tried, static_cast<uint32_t>(result)));
}

absl::StatusOr<ComPointer<IWbemServices>> Connect() {
  IWbemLocator* raw_locator = nullptr;
  RETURN_IF_ERROR(Check(CoCreateInstance(CLSID_WbemLocator, nullptr, CLSCTX_INPROC_SERVER, IID_IWbemLocator,
                                         reinterpret_cast<void**>(&raw_locator)),
                        "CoCreateInstance WbemLocator"));
  const ComPointer<IWbemLocator> locator(raw_locator);
  const UniqueString path = MakeString("ROOT\\CIMV2");
  IWbemServices* raw_services = nullptr;
  RETURN_IF_ERROR(Check(locator.get()->ConnectServer(path.get(), nullptr, nullptr, nullptr,
                                                     WBEM_FLAG_CONNECT_USE_MAX_WAIT, nullptr, nullptr, &raw_services),
                        "ConnectServer ROOT\\CIMV2"));
  ComPointer<IWbemServices> services(raw_services);
  RETURN_IF_ERROR(Check(CoSetProxyBlanket(services.get(), RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, nullptr,
                                          RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE),
                        "CoSetProxyBlanket"));
  return services;
}

absl::StatusOr<uint32_t> Ask(const std::string& name) {
  ASSIGN_OR_RETURN(const ComPointer<IWbemServices> services, Connect());
  const UniqueString language = MakeString("WQL");
  const UniqueString query =
      MakeString(absl::StrCat("SELECT InstallState FROM Win32_OptionalFeature WHERE Name = '", name, "'"));
  IEnumWbemClassObject* raw_rows = nullptr;
  RETURN_IF_ERROR(
      Check(services.get()->ExecQuery(language.get(), query.get(),
                                      WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, nullptr, &raw_rows),
            "ExecQuery Win32_OptionalFeature"));
  const ComPointer<IEnumWbemClassObject> rows(raw_rows);
  constexpr LONG kWaitMilliseconds = 10'000;
  IWbemClassObject* raw_row = nullptr;
  ULONG count = 0;
  RETURN_IF_ERROR(Check(rows.get()->Next(kWaitMilliseconds, 1, &raw_row, &count), "reading Win32_OptionalFeature"));
  if (count == 0 || raw_row == nullptr) return absl::NotFoundError(absl::StrCat("no optional feature ", name));
  const ComPointer<IWbemClassObject> row(raw_row);
  VARIANT value;
  VariantInit(&value);
  RETURN_IF_ERROR(Check(row.get()->Get(L"InstallState", 0, &value, nullptr, nullptr), "reading InstallState"));
  const bool number = value.vt == VT_I4 || value.vt == VT_UI4;
  const uint32_t state = number ? static_cast<uint32_t>(value.lVal) : 0;
  VariantClear(&value);
  if (!number) return absl::UnavailableError("InstallState is no number");
  return state;
}

}  // namespace

absl::StatusOr<uint32_t> OptionalFeatureState(const std::string& name) {
  RETURN_IF_ERROR(Check(CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx"));
  auto state = Ask(name);
  CoUninitialize();
  return state;
}

}  // namespace paddock
