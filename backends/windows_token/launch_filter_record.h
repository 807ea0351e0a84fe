#ifndef PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_FILTER_RECORD_H_
#define PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_FILTER_RECORD_H_

#include <string>

#include "backends/windows_token/network_test.h"

namespace paddock {

// Writes into the state directory how the last network test of set-up `setup` ended, for the probe to find
// (core/host/network_filter_record.h). Of an unclear one nothing is known afterwards. What cannot be written is not
// known either: the level then stays `advisory`.
void RememberNetworkFilter(const std::string& state_dir, const std::string& setup, FilterFinding finding);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_TOKEN_LAUNCH_FILTER_RECORD_H_
