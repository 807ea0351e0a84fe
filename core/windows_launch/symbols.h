#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_SYMBOLS_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_SYMBOLS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/access/acl.h"
#include "core/access/security_descriptor.h"
#include "core/access/sid.h"

namespace paddock {

// What the symbols of a plan (the body of each backend says which there are) stand for in one launch. The one place
// where they are filled in.
class Symbols {
 public:
  // `symbol` with its braces: "{run}".
  void Set(absl::string_view symbol, absl::string_view value);

  // The symbols that are set, by their values; other text in braces stays: a variable may hold any.
  std::string Fill(absl::string_view text) const;

  // A symbol or a SID in text; SDDL of one ACE, "(A;OICI;0x1301bf;;;{run})"; SDDL of a descriptor. InvalidArgument for
  // what is none, which a symbol that is not set is too.
  absl::StatusOr<access::Sid> FillSid(absl::string_view text) const;
  absl::StatusOr<access::Ace> FillAce(absl::string_view text) const;
  absl::StatusOr<access::SecurityDescriptor> FillDescriptor(absl::string_view text) const;

  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

// A SID that nobody else has: of a domain that no machine has, with 96 random bits.
absl::StatusOr<access::Sid> RandomRunSid();

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_SYMBOLS_H_
