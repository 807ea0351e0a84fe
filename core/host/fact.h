#ifndef PADDOCK_CORE_HOST_FACT_H_
#define PADDOCK_CORE_HOST_FACT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace paddock {

enum class Tri : uint8_t { kUnknown, kNo, kYes };

// A yes / no / unknown, with where it came from ("landlock_create_ruleset(VERSION)", "/proc/sys/...", "fixture").
// Unknown is a value of its own: whoever decides takes the lower bound.
struct Fact {
  Tri value = Tri::kUnknown;
  std::string source;

  bool yes() const { return value == Tri::kYes; }
  bool no() const { return value == Tri::kNo; }
  bool unknown() const { return value == Tri::kUnknown; }
  friend bool operator==(const Fact&, const Fact&) = default;
};

inline Fact Yes(std::string source) { return {Tri::kYes, std::move(source)}; }
inline Fact No(std::string source) { return {Tri::kNo, std::move(source)}; }
inline Fact YesIf(bool value, std::string source) { return {value ? Tri::kYes : Tri::kNo, std::move(source)}; }

// A number or text that may be unknown.
template <typename T>
struct Known {
  std::optional<T> value;
  std::string source;

  bool known() const { return value.has_value(); }
  friend bool operator==(const Known&, const Known&) = default;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_FACT_H_
