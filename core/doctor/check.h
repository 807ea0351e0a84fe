#ifndef PADDOCK_CORE_DOCTOR_CHECK_H_
#define PADDOCK_CORE_DOCTOR_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/doctor/doctor.h"

// The tables behind doctor.h, one for each system. Internal to core/doctor and its tests.

namespace paddock {

struct Subject {
  const Request& request;
  const Facts& facts;
  absl::string_view executable;
  const LinuxFacts& on_linux() const { return facts.host.linux_host; }
  const WindowsFacts& on_windows() const { return facts.host.windows_host; }
};

struct Found {
  std::string text;
  std::string source;
};

enum class Weight : uint8_t {
  kByEffect,     // what mending changes decides
  kAdvice,       // never more
  kBlocks,       // the run is refused after the decision, so that no decision shows it
  kIfEffective,  // as kByEffect, and silent where mending would change nothing
  kNotMendable,  // as kIfEffective, and no command of the host's mends it
};

struct Check {
  absl::string_view id;
  Weight weight = Weight::kByEffect;
  bool (*applies)(const Subject& subject) = nullptr;
  void (*mend)(Facts& facts) = nullptr;  // the facts as they would be
  Found (*found)(const Subject& subject) = nullptr;
  std::vector<Remedy> (*remedies)(const Subject& subject) = nullptr;
};

absl::Span<const Check> LinuxChecks();
absl::Span<const Check> WindowsChecks();
inline absl::Span<const Check> ChecksFor(OsFamily os) {
  return os == OsFamily::kLinux ? LinuxChecks() : WindowsChecks();
}

}  // namespace paddock

#endif  // PADDOCK_CORE_DOCTOR_CHECK_H_
