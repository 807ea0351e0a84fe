#ifndef PADDOCK_CORE_LEASE_LEASE_PROGRESS_H_
#define PADDOCK_CORE_LEASE_LEASE_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <string>

namespace paddock {

// LeaseOptions::progress that tells a person: nothing of a tree that is stamped before anybody wonders, then a line
// each time that as much again has been done. Lines are counted by files and not by time, so that the same tree gives
// the same lines. `tell` is called as `progress` is.
std::function<void(uint64_t entries)> StampProgress(std::string root, std::function<void(std::string text)> tell);

// Few enough that the first line comes before somebody takes the tool for stuck.
inline constexpr uint64_t kFirstProgress = 20000;

}  // namespace paddock

#endif  // PADDOCK_CORE_LEASE_LEASE_PROGRESS_H_
