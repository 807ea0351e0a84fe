#ifndef PADDOCK_CORE_POLICY_POLICY_H_
#define PADDOCK_CORE_POLICY_POLICY_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/policy/guarantee.h"

// The merged, validated policy: what holds for a run, whoever wrote it. Built by core/policy/merge.h from PolicySpecs
// (core/policy/spec.h), and immutable from then on by convention: it travels as a const value.

namespace paddock {

enum class Workload : uint8_t { kCoding, kComputerUse, kPackagedApp, kLowIntegrity };
enum class CommandOs : uint8_t { kNative, kLinux, kAny };
enum class ReadMode : uint8_t { kHost, kMinimal };
enum class TmpMode : uint8_t { kPrivate, kHost };
enum class HomeMode : uint8_t { kEphemeral, kKept, kReadOnly };
enum class NetworkMode : uint8_t { kOff, kBrokered, kOpen };
enum class Prefer : uint8_t { kAuto, kIsolation, kFidelity };

absl::string_view Name(Workload value);
absl::string_view Name(CommandOs value);
absl::string_view Name(ReadMode value);
absl::string_view Name(TmpMode value);
absl::string_view Name(HomeMode value);
absl::string_view Name(NetworkMode value);
absl::string_view Name(Prefer value);
template <typename T>
std::optional<T> ParseEnum(absl::string_view name);  // specialised for the enums above
template <typename T>
const std::vector<absl::string_view>& EnumNames();  // the same; by value

// Where a value was written.
struct Origin {
  std::string file;  // a path, "built-in:coding", or the flag ("--rw")
  int line = 0;      // 1-based; 0 where a line means nothing
  friend bool operator==(const Origin&, const Origin&) = default;
};

// A path of the policy as its author wrote it: "." or "src" (relative to the workspace), "~/.ssh", "/opt/x", or a glob
// with *, ? and ** ("**/.env"). Lexically normal: no ".", "..", "//" inside.
struct PathEntry {
  std::string text;
  Origin origin;
  friend bool operator==(const PathEntry&, const PathEntry&) = default;
};

struct FilesystemPolicy {
  std::vector<PathEntry> write;       // writable grants
  std::vector<PathEntry> deny_write;  // inside the grants, still not writable; names that do not exist included
  std::vector<PathEntry> read_only;   // readable even under ReadMode::kMinimal, never writable
  std::vector<PathEntry> deny_read;   // masked
  ReadMode read = ReadMode::kHost;
  TmpMode tmp = TmpMode::kPrivate;
  HomeMode home = HomeMode::kEphemeral;
};

struct NetworkPolicy {
  NetworkMode mode = NetworkMode::kOff;
  std::vector<std::string> allow;       // "host[:port]" or "*.suffix[:port]"; empty allows nothing
  std::vector<PathEntry> unix_sockets;  // host sockets made reachable
};

struct EnvironmentPolicy {
  std::vector<std::string> inherit;        // names; a trailing * matches any suffix; "*" all but the scrubbed
  std::vector<std::string> scrub;          // patterns never inherited, whatever `inherit` says by a pattern
  std::map<std::string, std::string> set;  // wins over both
};

struct LimitsPolicy {
  std::optional<std::chrono::milliseconds> wall;
  std::optional<std::chrono::milliseconds> cpu;
  std::optional<uint64_t> memory;     // bytes
  std::optional<uint32_t> processes;  // processes and threads alive at once
  std::optional<uint64_t> output;     // bytes of stdout and stderr together
  std::optional<uint64_t> file_size;  // bytes, the largest file that may be written
};

struct BackendPolicy {
  Prefer prefer = Prefer::kAuto;
  std::vector<std::string> allow;  // backend names; empty: all
  std::string wsl_distribution;    // the one that wsl2 uses; empty: the default, or the first that qualifies
  std::string forced;              // --backend NAME or NAME:TIER; empty: by the rubric
};

struct Policy {
  std::string profile;  // the built-in profile it extends
  Workload workload = Workload::kCoding;
  CommandOs command_os = CommandOs::kNative;
  FilesystemPolicy filesystem;
  NetworkPolicy network;
  EnvironmentPolicy environment;
  LimitsPolicy limits;
  std::vector<Requirement> requirements;  // at most one per guarantee, in the order of kAllGuarantees
  std::vector<std::string> capabilities;  // packaged-app: AppContainer capabilities declared up front
  BackendPolicy backend;
};

// The canonical form, same schema as a policy file in JSON, every key present; `require` lists what is required. Parsed
// again as a file of the user it gives the same policy, but for the preferred levels.
Json ToJson(const Policy& policy);

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_POLICY_H_
