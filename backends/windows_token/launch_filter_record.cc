#include "backends/windows_token/launch_filter_record.h"

#include "core/host/network_filter_record.h"
#include "core/windows_launch/ntfs_volume.h"

namespace paddock {

void RememberNetworkFilter(const std::string& state_dir, const std::string& setup, FilterFinding finding) {
  const auto state = OpenLeaseState(state_dir);
  if (!state.ok()) return;
  if (finding == FilterFinding::kUnclear) {
    (void)(*state)->Remove(kNetworkFilterFile);
  } else {
    (void)(*state)->Replace(kNetworkFilterFile, FormatNetworkFilterRecord({setup, finding == FilterFinding::kHolds}));
  }
}

}  // namespace paddock
