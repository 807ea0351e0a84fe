#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_NETWORK_TEST_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_NETWORK_TEST_H_

#include <string>
#include <vector>

#include "backends/windows_token/runner_order.h"

namespace paddock {

// What a standard user can learn of the filter of an account's traffic: a process of that account tries to connect to a
// listener of the launcher's, on each address family of the loopback interface. Pure.

enum class FilterFinding : uint8_t {
  kHolds,    // each try was refused by the filtering platform
  kOpen,     // a connection arrived, or the runner says that it was made
  kUnclear,  // anything else: nothing listened, or a try ended in another way
};

struct NetworkTestResult {
  FilterFinding finding = FilterFinding::kUnclear;
  std::string detail;
};

// Winsock's WSAEACCES: what a blocked connect gives (Microsoft Learn, "Windows Sockets Error Codes").
inline constexpr uint32_t kConnectForbidden = 10013;

// `arrived`: whether a listener has accepted anything, which counts for more than what the runner says.
NetworkTestResult JudgeNetworkTest(const std::vector<ConnectTry>& asked, const std::vector<ConnectResult>& tried,
                                   bool arrived);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_NETWORK_TEST_H_
