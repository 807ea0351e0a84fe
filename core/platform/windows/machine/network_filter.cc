#include "core/platform/windows/machine/network_filter.h"

#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock::machine {
namespace {

// fwpmtypes.h and fwpmu.h of the Windows SDK; mingw-w64 10 has none of them.
constexpr UINT32 kProviderPersistent = 0x1, kSublayerPersistent = 0x1, kFilterPersistent = 0x1;
constexpr UINT32 kFilterClearActionRight = 0x8;  // a lower filter cannot override the action
constexpr UINT32 kNoFilter = 0x80320003, kNoProvider = 0x80320005, kNoSublayer = 0x80320007;  // FWP_E_*_NOT_FOUND
constexpr UINT32 kAuthnWinNt = 10;                                                            // RPC_C_AUTHN_WINNT
constexpr GUID kConditionUser = {
    0xaf043a0a, 0xb34d, 0x4f86, {0x97, 0x9c, 0xc9, 0x03, 0x71, 0xaf, 0x6e, 0x66}};  // FWPM_CONDITION_ALE_USER_ID

absl::StatusOr<GUID> GuidOf(const std::string& text) {
  const std::string bytes = absl::HexStringToBytes(absl::StrReplaceAll(text, {{"-", ""}}));
  if (text.size() != 36 || bytes.size() != 16) return absl::InvalidArgumentError(absl::StrCat(text, ": no GUID"));
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  GUID guid = {};
  guid.Data1 = (static_cast<uint32_t>(byte(0)) << 24) | (static_cast<uint32_t>(byte(1)) << 16) |
               (static_cast<uint32_t>(byte(2)) << 8) | byte(3);
  guid.Data2 = static_cast<uint16_t>((byte(4) << 8) | byte(5));
  guid.Data3 = static_cast<uint16_t>((byte(6) << 8) | byte(7));
  for (size_t i = 0; i < 8; ++i) guid.Data4[i] = byte(8 + i);
  return guid;
}

// A connection to the filtering engine. A transaction that is not committed is aborted.
class Engine {
 public:
  explicit Engine(const MachineCalls& calls) : calls_(calls) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() {
    if (transacting_) calls_.fwpm_transaction_abort(handle_);
    if (handle_ != nullptr) calls_.fwpm_engine_close(handle_);
  }

  absl::Status Open() {
    return Answer(calls_.fwpm_engine_open(nullptr, kAuthnWinNt, nullptr, nullptr, &handle_), "FwpmEngineOpen");
  }
  absl::Status Begin() {
    RETURN_IF_ERROR(Answer(calls_.fwpm_transaction_begin(handle_, 0), "FwpmTransactionBegin"));
    transacting_ = true;
    return absl::OkStatus();
  }
  absl::Status Commit() {
    RETURN_IF_ERROR(Answer(calls_.fwpm_transaction_commit(handle_), "FwpmTransactionCommit"));
    transacting_ = false;
    return absl::OkStatus();
  }
  static absl::Status Answer(DWORD error, absl::string_view tried) {
    return error == ERROR_SUCCESS ? absl::OkStatus() : Win32Status(error, tried);
  }
  HANDLE get() const { return handle_; }

 private:
  const MachineCalls& calls_;
  HANDLE handle_ = nullptr;
  bool transacting_ = false;
};

FWPM_DISPLAY_DATA0 Display(std::wstring* name) {
  FWPM_DISPLAY_DATA0 data = {};
  data.name = name->data();
  return data;
}

absl::Status AddOwners(const MachineCalls& calls, const Engine& engine, const UserFilters& objects) {
  FWPM_PROVIDER0 provider = {};
  ASSIGN_OR_RETURN(provider.providerKey, GuidOf(objects.provider.key));
  std::wstring provider_name = ToWide(objects.provider.name);
  provider.displayData = Display(&provider_name);
  provider.flags = kProviderPersistent;
  RETURN_IF_ERROR(Engine::Answer(calls.fwpm_provider_add(engine.get(), &provider, nullptr), "FwpmProviderAdd"));

  FWPM_SUBLAYER0 sublayer = {};
  ASSIGN_OR_RETURN(sublayer.subLayerKey, GuidOf(objects.sublayer.key));
  std::wstring sublayer_name = ToWide(objects.sublayer.name);
  sublayer.displayData = Display(&sublayer_name);
  sublayer.flags = kSublayerPersistent;
  sublayer.providerKey = &provider.providerKey;
  sublayer.weight = 0xffff;
  return Engine::Answer(calls.fwpm_sublayer_add(engine.get(), &sublayer, nullptr), "FwpmSubLayerAdd");
}

// Who the filter is about, as a descriptor that gives that SID alone a right (Microsoft Learn, "ALE_USER_ID").
absl::StatusOr<std::string> UserDescriptor(const access::Sid& user) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor,
                   access::ParseSddl(absl::StrCat("O:LSD:(A;;CC;;;", user.ToString(), ")")));
  return access::ToBinary(descriptor);
}

absl::Status AddFilter(const MachineCalls& calls, const Engine& engine, const UserFilters& objects,
                       const UserFilters::Filter& wanted, std::string descriptor) {
  ASSIGN_OR_RETURN(GUID provider, GuidOf(objects.provider.key));
  FWP_BYTE_BLOB blob = {static_cast<UINT32>(descriptor.size()), reinterpret_cast<UINT8*>(descriptor.data())};
  FWPM_FILTER_CONDITION0 condition = {};
  condition.fieldKey = kConditionUser;
  condition.matchType = FWP_MATCH_EQUAL;
  condition.conditionValue.type = FWP_SECURITY_DESCRIPTOR_TYPE;
  condition.conditionValue.sd = &blob;

  FWPM_FILTER0 filter = {};
  ASSIGN_OR_RETURN(filter.filterKey, GuidOf(wanted.object.key));
  std::wstring name = ToWide(wanted.object.name);
  filter.displayData = Display(&name);
  filter.flags = kFilterPersistent | kFilterClearActionRight;
  filter.providerKey = &provider;
  ASSIGN_OR_RETURN(filter.layerKey, GuidOf(wanted.layer));
  ASSIGN_OR_RETURN(filter.subLayerKey, GuidOf(objects.sublayer.key));
  filter.weight.type = FWP_EMPTY;  // the engine's own
  filter.numFilterConditions = 1;
  filter.filterCondition = &condition;
  filter.action.type = FWP_ACTION_BLOCK;
  return Engine::Answer(calls.fwpm_filter_add(engine.get(), &filter, nullptr, nullptr),
                        absl::StrCat("FwpmFilterAdd ", wanted.object.name));
}

absl::Status RemoveAll(const MachineCalls& calls, const Engine& engine, const UserFilters& objects) {
  const auto remove = [&](auto call, const std::string& key, DWORD absent, absl::string_view tried) -> absl::Status {
    ASSIGN_OR_RETURN(const GUID guid, GuidOf(key));
    const DWORD error = call(engine.get(), &guid);
    return error == absent ? absl::OkStatus() : Engine::Answer(error, tried);
  };
  for (const UserFilters::Filter& filter : objects.filters) {
    RETURN_IF_ERROR(remove(calls.fwpm_filter_delete, filter.object.key, kNoFilter, "FwpmFilterDeleteByKey"));
  }
  RETURN_IF_ERROR(remove(calls.fwpm_sublayer_delete, objects.sublayer.key, kNoSublayer, "FwpmSubLayerDeleteByKey"));
  return remove(calls.fwpm_provider_delete, objects.provider.key, kNoProvider, "FwpmProviderDeleteByKey");
}

bool IsAbout(const FWPM_FILTER0& filter, const std::string& descriptor) {
  if (filter.action.type != FWP_ACTION_BLOCK || filter.numFilterConditions != 1) return false;
  const FWPM_FILTER_CONDITION0& condition = filter.filterCondition[0];
  if (std::memcmp(&condition.fieldKey, &kConditionUser, sizeof(GUID)) != 0) return false;
  if (condition.matchType != FWP_MATCH_EQUAL || condition.conditionValue.type != FWP_SECURITY_DESCRIPTOR_TYPE) {
    return false;
  }
  const FWP_BYTE_BLOB& blob = *condition.conditionValue.sd;
  return absl::string_view(reinterpret_cast<const char*>(blob.data), blob.size) == descriptor;
}

}  // namespace

absl::Status AddUserFilters(const MachineCalls& calls, const UserFilters& objects, const access::Sid& user) {
  ASSIGN_OR_RETURN(const std::string descriptor, UserDescriptor(user));
  Engine engine(calls);
  RETURN_IF_ERROR(engine.Open());
  RETURN_IF_ERROR(engine.Begin());
  RETURN_IF_ERROR(RemoveAll(calls, engine, objects));
  RETURN_IF_ERROR(AddOwners(calls, engine, objects));
  for (const UserFilters::Filter& filter : objects.filters) {
    RETURN_IF_ERROR(AddFilter(calls, engine, objects, filter, descriptor));
  }
  return engine.Commit();
}

absl::StatusOr<bool> HasUserFilters(const MachineCalls& calls, const UserFilters& objects, const access::Sid& user) {
  ASSIGN_OR_RETURN(const std::string descriptor, UserDescriptor(user));
  Engine engine(calls);
  RETURN_IF_ERROR(engine.Open());
  for (const UserFilters::Filter& wanted : objects.filters) {
    ASSIGN_OR_RETURN(const GUID key, GuidOf(wanted.object.key));
    FWPM_FILTER0* filter = nullptr;
    const DWORD error = calls.fwpm_filter_get(engine.get(), &key, &filter);
    if (error == kNoFilter) return false;
    RETURN_IF_ERROR(Engine::Answer(error, "FwpmFilterGetByKey"));
    const bool about = IsAbout(*filter, descriptor);
    calls.fwpm_free_memory(reinterpret_cast<void**>(&filter));
    if (!about) return false;
  }
  return true;
}

absl::Status RemoveUserFilters(const MachineCalls& calls, const UserFilters& objects) {
  Engine engine(calls);
  RETURN_IF_ERROR(engine.Open());
  RETURN_IF_ERROR(engine.Begin());
  RETURN_IF_ERROR(RemoveAll(calls, engine, objects));
  return engine.Commit();
}

}  // namespace paddock::machine
