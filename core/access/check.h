#ifndef PADDOCK_CORE_ACCESS_CHECK_H_
#define PADDOCK_CORE_ACCESS_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/access/mapping.h"
#include "core/access/security_descriptor.h"
#include "core/access/token.h"

// The access check of Windows over data: MS-DTYP 2.5.3.2 and 2.5.3.3, with restricted and write-restricted tokens
// (Microsoft Learn, "Restricted Tokens") and lowbox tokens (AppContainer). All functions are pure, may run on any
// number of threads, and take any descriptor and any token; Check() and MaximumAllowed() do not allocate.

namespace paddock::access {

enum class Decision : uint8_t { kGranted, kDenied, kUnknown };

// The step of the check that decided.
enum class Pass : uint8_t {
  kRequest,     // nothing was asked for
  kIntegrity,   // the mandatory label
  kSacl,        // an entry of the SACL whose effect is not modelled: trust label, access filter, central policy
  kPrivilege,   // SeSecurity, SeTakeOwnership, SeRelabel
  kOwner,       // what the owner has without any ACE
  kDacl,        // the user and the groups
  kRestricted,  // the restricting SIDs
  kPackage,     // package and capabilities of a lowbox token
};

// Granted or denied: the answer is the same whatever those entries mean that are not modelled. Unknown: it is not, and
// whoever asks for safety's sake takes the worse one.
struct Verdict {
  Decision decision = Decision::kDenied;
  // Granted: the rights asked for, generic ones mapped. Denied: those of them that the deciding pass refused. Unknown:
  // those that may or may not be granted.
  uint32_t mask = 0;
  Pass pass = Pass::kRequest;
  // The entry that decided, by its index in the DACL (passes kDacl, kRestricted, kPackage) or the SACL (kIntegrity,
  // kSacl); -1 if none did: no list, no label, or no entry grants what is missing. Granted: the one that completed the
  // grant. Unknown: the first whose effect is not modelled.
  int ace = -1;

  bool operator==(const Verdict&) const = default;
};

// Whether `token` gets all of `wanted` on an object of the type that `mapping` stands for. Generic rights are mapped in
// `wanted`, and in entries, where Windows does so when it stores them. With kMaximumAllowed in `wanted`: granted if the
// rest is and some right is, with all of them in the mask. `wanted` 0 is denied, as SeAccessCheck does.
//
// What is not modelled, and answered `unknown` exactly where both readings do not come to the same:
//   - conditional, object and compound ACEs, and ACEs of unknown types: taken to apply and not to apply, each where its
//     SID counts in the pass at all (compound and unknown ones always do). An entry behind the one that decides, for
//     other rights, or for other SIDs never makes a verdict unknown;
//   - a process trust label and an access filter: may take away what their mask does not hold; a scoped policy, or an
//     unknown entry of the SACL: may take away everything. Resource attributes and audit entries decide nothing;
//   - generic rights in a deny entry: a descriptor that was not stored by Windows may still hold them, and AccessCheck
//     maps none;
//   - no owner: the token may own the object or not. Windows' own AccessCheck refuses such a descriptor; here it means
//     that the source did not tell;
//   - `sacl_known` false: any label at all.
Verdict Check(const Token& token, const SecurityDescriptor& descriptor, uint32_t wanted, const GenericMapping& mapping);

// Each right that a request for it alone would be granted. `granted` is certain; `possible` holds it, and what the
// parts that are not modelled may add. Rights are those of `mapping`.all and ACCESS_SYSTEM_SECURITY. For a
// write-restricted token a request for several at once may still be refused: with one that writes among them, all are
// checked against the restricting SIDs.
struct Rights {
  uint32_t granted = 0;
  uint32_t possible = 0;

  bool operator==(const Rights&) const = default;
};
Rights MaximumAllowed(const Token& token, const SecurityDescriptor& descriptor, const GenericMapping& mapping);

absl::string_view ToString(Decision decision);  // "granted", "denied", "unknown"
absl::string_view ToString(Pass pass);          // "request", "integrity", ...

// A verdict as a sentence, the deciding entry in SDDL: "denied 0x2: the restricting SIDs are not granted it".
std::string Describe(const Verdict& verdict, const SecurityDescriptor& descriptor);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_CHECK_H_
