#ifndef PADDOCK_CORE_ACCESS_COMPOSE_H_
#define PADDOCK_CORE_ACCESS_COMPOSE_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "core/access/token.h"

namespace paddock::access {

// What makes the write-restricted token of one run out of its caller's token.
struct RunTokenSpec {
  std::vector<Sid> capabilities;  // one for each writable root, whose descriptors grant to it
  Sid run;                        // random, one for each run, never stored
  bool dedicated_user = false;    // the caller is an account of the sandbox's own: its SID restricts as well
  // Who launches as that account: may wait for the run's processes, and see that they are there.
  std::optional<Sid> developer = std::nullopt;
};

// The token that a run gets, as data, so that what it could do can be asked before it exists:
//   - write-restricted by the capabilities, the run's SID, the logon session's SID and Everyone, and by the user's own
//     SID for a dedicated user alone: with it, whatever the user may change, the run may;
//   - without privileges but SeChangeNotify, administrative groups for denial alone (LUA_TOKEN);
//   - at medium integrity at most, and owning by its user, which matters where the caller is elevated;
//   - a default DACL that lets the user, the system and the run do everything, and the logon session read and execute:
//     with more for the session, one run could write into another's processes, since both carry its SID.
// InvalidArgument if `base` has no logon SID (a group with `logon` set), or if the user's SID or a group's stands among
// the capabilities or as the run's: that would undo the restriction.
absl::StatusOr<Token> ComposeRunToken(const Token& base, const RunTokenSpec& spec);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_COMPOSE_H_
