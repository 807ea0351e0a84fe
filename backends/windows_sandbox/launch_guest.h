#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_H_

#include <string>

namespace paddock {

// What paddock-guest.exe is. Reads the order that lies in `in`, says that it is ready, runs the command when the
// control file says so, tells what comes of it in `out`, and ends the machine: when it is told to, and when the
// launcher has been silent for kSilence. Gives the program's exit status: 0 if there was an order.
int RunGuest(const std::string& in, const std::string& out);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_GUEST_H_
