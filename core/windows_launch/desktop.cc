#include "core/windows_launch/desktop.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/descriptor.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {
namespace {

using UniqueStation = BasicUniqueHandle<StationTraits>;

absl::StatusOr<DescriptorBuffer> Descriptor(const std::string& sddl, const Symbols& symbols) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, symbols.FillDescriptor(sddl));
  return DescriptorBuffer::Make(descriptor);
}

UniqueStation CreateStation(const std::wstring& name, DWORD flags, const DescriptorBuffer& descriptor) {
  SECURITY_ATTRIBUTES attributes = descriptor.Attributes();
  return UniqueStation(
      CreateWindowStationW(name.empty() ? nullptr : name.c_str(), flags, WINSTA_ALL_ACCESS, &attributes));
}

std::string NameOf(HWINSTA station) {
  wchar_t name[256] = {};
  DWORD size = 0;
  return GetUserObjectInformationW(station, UOI_NAME, name, sizeof(name), &size) ? ToUtf8(name) : "";
}

absl::Status MakeStation(const DesktopSpec& spec, const Symbols& symbols, LaunchRecorder& recorder, RunDesktop* made) {
  ASSIGN_OR_RETURN(const DescriptorBuffer own, Descriptor(spec.descriptor, symbols));
  const std::string name = symbols.Fill(spec.station);
  recorder.OnCall("CreateWindowStation", {{"name", name}, {"descriptor", own.sddl()}});
  // Of its own, or not at all: somebody could have made one of this name before.
  made->station = CreateStation(ToWide(name), CWF_CREATE_ONLY, own);
  if (made->station.valid()) return absl::OkStatus();
  if (GetLastError() != ERROR_ACCESS_DENIED) {
    return StepRefused("window_station_unavailable", absl::StrCat("CreateWindowStation ", name), GetLastError());
  }
  const std::string to_session = absl::StrReplaceAll(spec.descriptor, {{"{run}", "{logon}"}});
  ASSIGN_OR_RETURN(const DescriptorBuffer shared, Descriptor(to_session, symbols));
  made->station = CreateStation(L"", 0, shared);
  if (!made->station.valid()) {
    return StepRefused("window_station_unavailable", "CreateWindowStation without a name", GetLastError());
  }
  made->shared_in_session = true;
  return absl::OkStatus();
}

// Puts the process on another window station, and back when it goes.
class OnStation {
 public:
  explicit OnStation(HWINSTA station) : before_(GetProcessWindowStation()) {
    entered_ = station == nullptr || SetProcessWindowStation(station);
  }
  OnStation(const OnStation&) = delete;
  OnStation& operator=(const OnStation&) = delete;
  ~OnStation() {
    const DWORD error = GetLastError();
    if (entered_ && before_ != nullptr) SetProcessWindowStation(before_);
    SetLastError(error);
  }
  bool entered() const { return entered_; }

 private:
  const HWINSTA before_;
  bool entered_ = false;
};

}  // namespace

absl::StatusOr<RunDesktop> MakeDesktop(const DesktopSpec& spec, const Symbols& symbols, LaunchRecorder& recorder) {
  RunDesktop made;
  if (spec.own_station) RETURN_IF_ERROR(MakeStation(spec, symbols, recorder, &made));
  ASSIGN_OR_RETURN(const DescriptorBuffer descriptor, Descriptor(spec.descriptor, symbols));
  SECURITY_ATTRIBUTES attributes = descriptor.Attributes();
  const std::string name = symbols.Fill(spec.desktop);
  recorder.OnCall("CreateDesktop", {{"name", name}, {"descriptor", descriptor.sddl()}});
  {
    const OnStation on(made.station.get());
    if (!on.entered()) {
      return StepRefused("window_station_unavailable", "SetProcessWindowStation to the run's own", GetLastError());
    }
    made.desktop.reset(CreateDesktopW(ToWide(name).c_str(), nullptr, nullptr, 0, GENERIC_ALL, &attributes));
  }
  if (!made.desktop.valid()) {
    return StepRefused("window_station_unavailable", absl::StrCat("CreateDesktop ", name), GetLastError());
  }
  const HWINSTA station = made.station.valid() ? made.station.get() : GetProcessWindowStation();
  made.name = absl::StrCat(NameOf(station), "\\", name);
  return made;
}

}  // namespace paddock
