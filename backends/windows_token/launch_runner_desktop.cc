#include "backends/windows_token/launch_runner_desktop.h"

#include <algorithm>

#include "core/access/binary.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"
#include "core/windows_launch/descriptor.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

// A station of the logon session's may be there already, made for runs of the developer's own account.
absl::Status OpenStation(HWINSTA station, const access::Sid& group) {
  SECURITY_INFORMATION what = DACL_SECURITY_INFORMATION;
  DWORD size = 0;
  GetUserObjectSecurity(station, &what, nullptr, 0, &size);
  std::string bytes(size, '\0');
  if (!GetUserObjectSecurity(station, &what, bytes.data(), size, &size)) {
    return StepRefused("window_station_unavailable", "reading the list of the runs' window station", GetLastError());
  }
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor, access::ParseBinary(bytes));
  const access::Ace entry = access::AllowAce(group, WINSTA_ALL_ACCESS);
  auto& aces = descriptor.dacl.aces;
  if (descriptor.dacl_state != access::AclState::kPresent || std::find(aces.begin(), aces.end(), entry) != aces.end()) {
    return absl::OkStatus();
  }
  aces.push_back(entry);
  ASSIGN_OR_RETURN(const DescriptorBuffer buffer, DescriptorBuffer::Make(descriptor));
  if (SetUserObjectSecurity(station, &what, buffer.get())) return absl::OkStatus();
  return StepRefused("window_station_unavailable", "opening the runs' window station to the dedicated users",
                     GetLastError());
}

}  // namespace

absl::StatusOr<RunDesktop> MakeRunnerDesktop(const access::Sid& developer, const access::Sid& group,
                                             LaunchRecorder& recorder) {
  DesktopSpec spec;
  spec.station = spec.desktop = "paddock-{name}";
  spec.descriptor = "D:(A;;GA;;;{developer})(A;;GA;;;{group})";
  Symbols symbols;
  ASSIGN_OR_RETURN(const std::string name, RandomHex(32));
  symbols.Set("{name}", name);
  symbols.Set("{developer}", developer.ToString());
  symbols.Set("{group}", group.ToString());
  ASSIGN_OR_RETURN(RunDesktop made, MakeDesktop(spec, symbols, recorder));
  if (made.shared_in_session) RETURN_IF_ERROR(OpenStation(made.station.get(), group));
  return made;
}

}  // namespace paddock
