#ifndef PADDOCK_TESTS_UNIT_ACCESS_SAMPLES_H_
#define PADDOCK_TESTS_UNIT_ACCESS_SAMPLES_H_

#include <cstdint>
#include <random>

#include "absl/strings/string_view.h"
#include "core/access/check.h"
#include "core/access/compose.h"
#include "core/access/restrict.h"
#include "core/access/sddl.h"

// Accounts and tokens that the tests share: a developer on a machine of their own, at work in C:\ws, and random ones.

namespace paddock::access {

inline constexpr Sid kMachine(5, {21, 1, 2, 3});
inline constexpr Sid kDeveloper = kMachine.With(1001);
inline constexpr Sid kOther = kMachine.With(1002);
inline constexpr Sid kLogon(5, {5, 0, 77});
inline constexpr Sid kCapability(5, {21, 900, 11, 12, 13});  // of the writable root C:\ws
inline constexpr Sid kRun(5, {21, 900, 21, 22, 23});
inline constexpr Sid kOtherRun(5, {21, 900, 31, 32, 33});
inline constexpr Sid kPackage(15, {2, 1001, 1002, 1003, 1004, 1005, 1006, 1007});
inline constexpr Sid kInternet(15, {3, 1});

// As the system gives it to a standard user at the console: medium integrity, SeChangeNotify and four more.
Token DeveloperToken();
// The same person as a member of Administrators, elevated.
Token ElevatedToken();
// The developer's token write-restricted for C:\ws, as ComposeRunToken gives it.
Token RunToken();
Token LowboxToken();

// The descriptor of an SDDL text that must be right; aliases of the machine are kMachine's.
SecurityDescriptor Sddl(absl::string_view text);

// Check() for files, with the mask that is asked for.
Verdict Ask(const Token& token, absl::string_view sddl, uint32_t wanted, ObjectType type = ObjectType::kFile);

using Random = std::mt19937_64;

inline uint32_t Below(Random& random, uint32_t limit) { return static_cast<uint32_t>(random() % limit); }
inline bool OneIn(Random& random, uint32_t count) { return Below(random, count) == 0; }

// Descriptors, tokens and masks over a handful of SIDs and rights, so that they meet often. `plain`: without what the
// evaluator answers `unknown` for.
Sid RandomSid(Random& random);
uint32_t RandomMask(Random& random);
SecurityDescriptor RandomDescriptor(Random& random, bool plain);
Token RandomToken(Random& random);

}  // namespace paddock::access

#endif  // PADDOCK_TESTS_UNIT_ACCESS_SAMPLES_H_
