#include "core/policy/schema.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/units.h"
#include "core/policy/builtin_profiles.h"

namespace paddock {
namespace {

constexpr uint64_t kMaxMs = static_cast<uint64_t>(kMaxDuration.count());
constexpr uint64_t kMinMemory = 1u << 20;      // less does not start any program
constexpr uint64_t kMaxProcesses = 4'194'304;  // PID_MAX_LIMIT of 64-bit Linux, proc(5)

KeyInfo Choice(Key key, absl::string_view section, absl::string_view name, Tighten tighten,
               std::vector<absl::string_view> values, std::vector<int> strictness, absl::string_view help) {
  return {key, section, name, KeyType::kChoice, tighten, std::move(values), std::move(strictness), 0, 0, true, help};
}

KeyInfo Other(Key key, absl::string_view section, absl::string_view name, KeyType type, Tighten tighten,
              absl::string_view help) {
  return {key, section, name, type, tighten, {}, {}, 0, 0, true, help};
}

KeyInfo Limit(Key key, absl::string_view name, KeyType type, uint64_t min, uint64_t max, absl::string_view help) {
  return {key, "limits", name, type, Tighten::kLower, {}, {}, min, max, true, help};
}

std::vector<KeyInfo> MakeTable() {
  using K = Key;
  using T = KeyType;
  // clang-format off
  std::vector<KeyInfo> table = {
    Choice(K::kExtends, "", "extends", Tighten::kFixed, BuiltinProfileNames(), {}, "built-in profile to start from"),
    Other(K::kStrict, "", "strict", T::kBoolean, Tighten::kStricter, "every preferred guarantee becomes required"),
    Choice(K::kWorkload, "", "workload", Tighten::kFixed, EnumNames<Workload>(), {}, "what kind of program runs"),
    Choice(K::kCommandOs, "", "command_os", Tighten::kFixed, EnumNames<CommandOs>(), {}, "which system the command is for"),
    Other(K::kCapabilities, "", "capabilities", T::kCapabilities, Tighten::kCovered, "AppContainer capabilities of a packaged app"),

    Other(K::kWrite, "filesystem", "write", T::kPaths, Tighten::kCovered, "what may be written; relative to the workspace"),
    Other(K::kDenyWrite, "filesystem", "deny_write", T::kDenyPaths, Tighten::kAdd, "inside the grants, still not writable"),
    Other(K::kReadOnly, "filesystem", "read_only", T::kPaths, Tighten::kAdd, "readable even if read is minimal, never writable"),
    Choice(K::kRead, "filesystem", "read", Tighten::kStricter, EnumNames<ReadMode>(), {0, 1}, "what of the host may be read"),
    Other(K::kDenyRead, "filesystem", "deny_read", T::kDenyPaths, Tighten::kAdd, "hidden"),
    Choice(K::kTmp, "filesystem", "tmp", Tighten::kStricter, EnumNames<TmpMode>(), {1, 0}, "a /tmp of its own, or the host's"),
    Choice(K::kHome, "filesystem", "home", Tighten::kStricter, EnumNames<HomeMode>(), {1, 0, 2}, "what happens to writes below the home directory"),

    Choice(K::kNetworkMode, "network", "mode", Tighten::kStricter, EnumNames<NetworkMode>(), {2, 1, 0}, "what the command can reach"),
    Other(K::kNetworkAllow, "network", "allow", T::kHosts, Tighten::kCovered, "hosts that brokered reaches; empty allows nothing"),
    Other(K::kUnixSockets, "network", "unix_sockets", T::kPaths, Tighten::kCovered, "sockets of the host made reachable"),

    Other(K::kInherit, "environment", "inherit", T::kNames, Tighten::kCovered, "variables taken from the caller"),
    Other(K::kScrub, "environment", "scrub", T::kPatterns, Tighten::kAdd, "variables that no pattern of inherit lets in"),
    Other(K::kSet, "environment", "set", T::kVariables, Tighten::kNewNames, "variables and their values"),

    Limit(K::kWall, "wall", T::kDuration, 1, kMaxMs, "wall-clock time of the run"),
    Limit(K::kCpu, "cpu", T::kDuration, 1, kMaxMs, "processor time"),
    Limit(K::kMemory, "memory", T::kSize, kMinMemory, kMaxSize, "memory"),
    Limit(K::kProcesses, "processes", T::kCount, 1, kMaxProcesses, "processes and threads alive at once"),
    Limit(K::kOutput, "output", T::kSize, 1, kMaxSize, "bytes of stdout and stderr together"),
    Limit(K::kFileSize, "file_size", T::kSize, 1, kMaxSize, "bytes of the largest file that may be written"),

    Other(K::kRequire, "require", "", T::kLevels, Tighten::kRaise, "lowest level accepted of each guarantee"),

    Choice(K::kPrefer, "backend", "prefer", Tighten::kStricter, EnumNames<Prefer>(), {1, 2, 0}, "what counts when several backends would do"),
    Other(K::kBackendAllow, "backend", "allow", T::kBackends, Tighten::kCovered, "backends that may be chosen; left out: all"),
    Other(K::kWslDistribution, "backend", "wsl_distribution", T::kDistribution, Tighten::kFixed, "the WSL distribution that wsl2 uses; left out: the default one, or the first that will do"),
    Other(K::kBackendForced, "backend", "forced", T::kBackend, Tighten::kFixed, "the one backend to use (--backend)"),
  };
  // clang-format on
  table.back().in_files = false;
  return table;
}

}  // namespace

const std::vector<KeyInfo>& PolicyKeys() {
  static const std::vector<KeyInfo> kTable = MakeTable();
  return kTable;
}

const KeyInfo& InfoOf(Key key) { return PolicyKeys()[static_cast<size_t>(key)]; }

std::string KeyPath(Key key) {
  const KeyInfo& info = InfoOf(key);
  const bool both = !info.section.empty() && !info.name.empty();
  return absl::StrCat(info.section, both ? "." : "", info.name);
}

bool IsList(KeyType type) {
  switch (type) {
    case KeyType::kPaths:
    case KeyType::kDenyPaths:
    case KeyType::kNames:
    case KeyType::kPatterns:
    case KeyType::kHosts:
    case KeyType::kCapabilities:
    case KeyType::kBackends:
      return true;
    default:
      return false;
  }
}

bool IsLimit(KeyType type) { return type == KeyType::kDuration || type == KeyType::kSize || type == KeyType::kCount; }

bool IsName(KeyType type) { return type == KeyType::kBackend || type == KeyType::kDistribution; }

}  // namespace paddock
