#ifndef PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_PROFILE_H_
#define PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_PROFILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/access/sid.h"
#include "core/lease/acl_volume.h"
#include "core/platform/windows/system_library.h"
#include "core/windows_launch/host_change.h"
#include "core/windows_launch/record.h"

namespace paddock {

// The functions of userenv.dll for AppContainers.
class PackageCalls {
 public:
  // Unavailable, `appcontainer_absent`, where this Windows has none.
  static absl::StatusOr<PackageCalls> Load();

  // The SID that the system derives from the name.
  absl::StatusOr<access::Sid> Derive(const std::string& name) const;
  // Makes the profile of a package, and gives its SID.
  absl::StatusOr<access::Sid> Create(const std::string& name, const std::string& display_name,
                                     const std::vector<access::Sid>& capabilities) const;
  // Removes it. OK if there is none.
  absl::Status Delete(const std::string& name) const;

 private:
  explicit PackageCalls(SystemLibrary library) : library_(std::move(library)) {}
  SystemLibrary library_;
};

struct PackageOrder {
  std::string name, display_name;
  access::Sid sid;
  std::vector<access::Sid> capabilities;
};

// The profile of one run's package, removed by its end.
class PackageProfile : public HostChange {
 public:
  // Written down below `state_dir`, then made. Unavailable where the system refuses, or gives it another SID than
  // `order` has; nothing is left then.
  static absl::StatusOr<std::unique_ptr<PackageProfile>> Make(const std::string& state_dir, const PackageOrder& order,
                                                              LaunchRecorder& recorder);
  PackageProfile(const PackageProfile&) = delete;
  PackageProfile& operator=(const PackageProfile&) = delete;
  ~PackageProfile() override;

  void Undo(RunResult* result) override;

 private:
  PackageProfile(PackageCalls calls, std::string name) : calls_(std::move(calls)), name_(std::move(name)) {}
  absl::Status Remove();

  PackageCalls calls_;
  std::string name_;
  std::unique_ptr<LeaseState> journal_;
  std::unique_ptr<LeaseState::Lock> lock_;
};

// Removes the profiles that killed runs have left. Gives their names; what cannot be removed stands in `stuck`.
absl::StatusOr<std::vector<std::string>> CollectPackages(const std::string& state_dir, std::vector<std::string>* stuck);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_APPCONTAINER_LAUNCH_PROFILE_H_
