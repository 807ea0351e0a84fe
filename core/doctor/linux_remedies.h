#ifndef PADDOCK_CORE_DOCTOR_LINUX_REMEDIES_H_
#define PADDOCK_CORE_DOCTOR_LINUX_REMEDIES_H_

#include <vector>

#include "core/doctor/check.h"

// How each finding on a Linux host is mended. Every command and option below is from the documentation of the tool that
// takes it: sysctl.d(5), apparmor.d(5), docker-run(1), podman-run(1), Kubernetes' "Configure a Security Context",
// systemd.resource-control(5), cgroups(7), Documentation/userspace-api/landlock.rst, Microsoft Learn, "Advanced
// settings configuration in WSL".

namespace paddock {

std::vector<Remedy> MendWsl1(const Subject& subject);
std::vector<Remedy> MendSeccomp(const Subject& subject);
std::vector<Remedy> MendUserNamespaces(const Subject& subject);
std::vector<Remedy> MendUnknownUserNamespaces(const Subject& subject);
std::vector<Remedy> MendBubblewrapAbsent(const Subject& subject);
std::vector<Remedy> MendBubblewrapUntrusted(const Subject& subject);
std::vector<Remedy> MendBubblewrapUnprofiled(const Subject& subject);
std::vector<Remedy> MendMountSetattr(const Subject& subject);
std::vector<Remedy> MendFreshProc(const Subject& subject);
std::vector<Remedy> MendLandlockAbsent(const Subject& subject);
std::vector<Remedy> MendLandlockOld(const Subject& subject);
std::vector<Remedy> MendInterop(const Subject& subject);
std::vector<Remedy> MendCgroup(const Subject& subject);
std::vector<Remedy> MendControllers(const Subject& subject);
std::vector<Remedy> MendPidMax(const Subject& subject);
std::vector<Remedy> MendOverlay(const Subject& subject);
std::vector<Remedy> MendPerf(const Subject& subject);
std::vector<Remedy> MendStateDirectory(const Subject& subject);
std::vector<Remedy> MendRootCaller(const Subject& subject);
std::vector<Remedy> MendForeignOwner(const Subject& subject);
std::vector<Remedy> MendRemoteWorkspace(const Subject& subject);

}  // namespace paddock

#endif  // PADDOCK_CORE_DOCTOR_LINUX_REMEDIES_H_
