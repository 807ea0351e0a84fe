#include "backends/windows_token/network_test.h"

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

const char* FamilyName(bool ipv6) { return ipv6 ? "[::1]" : "127.0.0.1"; }

}  // namespace

NetworkTestResult JudgeNetworkTest(const std::vector<ConnectTry>& asked, const std::vector<ConnectResult>& tried,
                                   bool arrived) {
  if (arrived) return {FilterFinding::kOpen, "a connection of the dedicated user arrived at the launcher"};
  for (const ConnectResult& result : tried) {
    if (result.error == 0) return {FilterFinding::kOpen, absl::StrCat("connected to ", FamilyName(result.ipv6))};
  }
  if (asked.empty()) return {FilterFinding::kUnclear, "nothing could listen on the loopback interface"};
  if (asked.size() != tried.size()) return {FilterFinding::kUnclear, "not every connection was tried"};
  for (size_t i = 0; i < asked.size(); ++i) {
    if (tried[i].ipv6 != asked[i].ipv6) return {FilterFinding::kUnclear, "other connections were tried"};
    if (tried[i].error == kConnectForbidden) continue;
    return {FilterFinding::kUnclear, absl::StrCat("the connection to ", FamilyName(tried[i].ipv6), " ended with error ",
                                                  tried[i].error, ", which says nothing of the filter")};
  }
  return {FilterFinding::kHolds, "each connection was forbidden"};
}

}  // namespace paddock
