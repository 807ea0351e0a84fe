#ifndef PADDOCK_CORE_PLATFORM_WINDOWS_REGISTRY_H_
#define PADDOCK_CORE_PLATFORM_WINDOWS_REGISTRY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// Reads the registry, its 64-bit view; writes nothing. A value of another type than the one asked for counts as absent:
// whoever may write there may write anything.
class RegistryKey {
 public:
  // NotFound: there is no such key. PermissionDenied and others: it cannot be read.
  static absl::StatusOr<RegistryKey> Open(HKEY root, absl::string_view path);

  std::optional<uint32_t> Number(absl::string_view name) const;   // REG_DWORD
  std::optional<std::string> Text(absl::string_view name) const;  // REG_SZ; at most 32 KiB
  // REG_EXPAND_SZ, with its variables as they stand.
  std::optional<std::string> Unexpanded(absl::string_view name) const;
  std::vector<std::string> Subkeys() const;  // at most 1000

 private:
  struct Traits {
    using Handle = HKEY;
    static Handle None() { return nullptr; }
    static void Close(Handle handle) { RegCloseKey(handle); }
  };
  explicit RegistryKey(HKEY key) : key_(key) {}
  std::optional<std::string> Characters(absl::string_view name, DWORD type) const;

  BasicUniqueHandle<Traits> key_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_WINDOWS_REGISTRY_H_
