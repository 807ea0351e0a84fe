#ifndef PADDOCK_CORE_POLICY_SCHEMA_H_
#define PADDOCK_CORE_POLICY_SCHEMA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"
#include "core/policy/spec.h"

// Every key of a policy, as one table: TOML, JSON, flags, merging, the published JSON Schema and the documentation's
// check all read it, so they cannot differ.

namespace paddock {

enum class KeyType : uint8_t {
  kChoice,        // one of `values`
  kBoolean,       //
  kPaths,         // list of paths that are granted: no globs
  kDenyPaths,     // list of paths that are denied: globs too
  kNames,         // list of environment names; a trailing * matches any suffix
  kPatterns,      // list of environment patterns; * anywhere
  kHosts,         // list of "host", "*.suffix", each with ":port" or without
  kCapabilities,  // list of AppContainer capability names
  kBackends,      // list of backend names
  kBackend,       // one backend, "name" or "name:tier"
  kDistribution,  // the name of a WSL distribution
  kVariables,     // table: name -> text
  kLevels,        // table: guarantee -> level
  kDuration,      // "10m", or "none"
  kSize,          // "4GiB", 65536, or "none"
  kCount,         // 512, or "none"
};

// What a repository's file may do to a key, and what the administrator's bound means for it.
enum class Tighten : uint8_t {
  kFixed,     // say the same again
  kStricter,  // choose a value of at least the same strictness
  kAdd,       // add elements: they deny
  kCovered,   // choose elements that the inherited list covers
  kLower,     // lower the number
  kRaise,     // ask for higher levels
  kNewNames,  // add variables that nobody set and that load no code
};

struct KeyInfo {
  Key key = Key::kExtends;
  absl::string_view section;  // "filesystem"; empty at the top
  absl::string_view name;     // "deny_write"; empty where the section as a whole is the value (require)
  KeyType type = KeyType::kChoice;
  Tighten tighten = Tighten::kFixed;
  std::vector<absl::string_view> values;  // kChoice
  std::vector<int> strictness;            // kChoice with kStricter: rank of each of `values`, loosest 0
  uint64_t min = 0, max = 0;              // numbers, in ms, bytes or units
  bool in_files = true;                   // false: a flag alone
  absl::string_view help;                 // one line
};

// In the order of enum Key.
const std::vector<KeyInfo>& PolicyKeys();
const KeyInfo& InfoOf(Key key);

// "filesystem.deny_write", "workload", "require".
std::string KeyPath(Key key);

bool IsList(KeyType type);
bool IsLimit(KeyType type);
bool IsName(KeyType type);  // one checked word: Setting::list has it as its last element

// Checks one written value and gives it in canonical form. Errors say what is wrong with `text` and what would be
// right, without naming file or key. `kInherited` is not known here.
absl::StatusOr<std::string> CheckElement(const KeyInfo& info, absl::string_view text);  // of a list; IsName
absl::StatusOr<size_t> CheckChoice(const KeyInfo& info, absl::string_view text);
absl::StatusOr<uint64_t> CheckNumber(const KeyInfo& info, absl::string_view text);
absl::Status CheckRange(const KeyInfo& info, uint64_t number);
absl::Status CheckEntry(const KeyInfo& info, absl::string_view name, absl::string_view value);  // of a table

// ` "a", "b" or "c"` for messages.
std::string OneOf(const std::vector<absl::string_view>& values);

// "; did you mean `write`?" if one of `known` is close to `text`, else "".
std::string DidYouMean(absl::string_view text, const std::vector<absl::string_view>& known);

// `text` in double quotes, cut to a length that a terminal line holds, control bytes and non-UTF-8 as escapes.
std::string Quote(absl::string_view text);

// docs/schema/policy.schema.json: JSON Schema, draft 7, made from the table.
Json PolicyJsonSchema();

}  // namespace paddock

#endif  // PADDOCK_CORE_POLICY_SCHEMA_H_
