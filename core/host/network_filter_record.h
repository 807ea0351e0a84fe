#ifndef PADDOCK_CORE_HOST_NETWORK_FILTER_RECORD_H_
#define PADDOCK_CORE_HOST_NETWORK_FILTER_RECORD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/host/facts.h"

// What a launch as the dedicated user has found out about the filter of that user's traffic, kept in the state
// directory of whoever launched. It can be learnt by trying alone: a standard user cannot read filters back.

namespace paddock {

inline constexpr char kNetworkFilterFile[] = "network-filter.json";
inline constexpr size_t kMaxNetworkFilterRecord = 4096;

struct NetworkFilterRecord {
  std::string setup;   // number of the set-up that it was tried with
  bool holds = false;  // the connection failed as it must
  friend bool operator==(const NetworkFilterRecord&, const NetworkFilterRecord&) = default;
};

// Schema "paddock.network-filter/1".
std::string FormatNetworkFilterRecord(const NetworkFilterRecord& record);
absl::StatusOr<NetworkFilterRecord> ParseNetworkFilterRecord(absl::string_view text);

// WindowsFacts::network_filter_verified, for the set-up of number `setup`: unknown unless the record, given as it was
// read, is of that one.
Fact NetworkFilterFact(const absl::StatusOr<std::string>& text, absl::string_view setup);

}  // namespace paddock

#endif  // PADDOCK_CORE_HOST_NETWORK_FILTER_RECORD_H_
