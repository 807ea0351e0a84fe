#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_WSB_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_WSB_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/json.h"

// The configuration of one Windows Sandbox machine, and its .wsb file. Source: Microsoft Learn, "Windows Sandbox
// configuration". An element whose name is not known is ignored in silence there, and one that is missing has the
// default, which is open for half of them: so every switch is written, always.

namespace paddock {

struct MappedFolder {
  std::string host_folder;     // absolute; may hold symbols of a plan
  std::string sandbox_folder;  // absolute, inside
  bool read_only = true;
  friend bool operator==(const MappedFolder&, const MappedFolder&) = default;
};

// What the machine shares with the host; each off but for what the policy opens.
struct MachineSpec {
  bool virtual_gpu = false;
  bool networking = false;
  bool audio_input = false;
  bool video_input = false;
  bool protected_client = true;  // the window on the host runs in an AppContainer
  bool printer_redirection = false;
  bool clipboard_redirection = false;
  uint32_t memory_mb = 0;  // 0: the system's own choice, and no element
  std::vector<MappedFolder> folders;
  std::string logon_command;  // empty: none
  friend bool operator==(const MachineSpec&, const MachineSpec&) = default;
};

// The machine starts with no less, whatever the file says.
inline constexpr uint32_t kLeastMemoryMb = 2048;

Json ToJson(const MachineSpec& machine);

// The text of a .wsb file: UTF-8, CR LF. InvalidArgument for what XML 1.0 cannot hold: control characters, half
// surrogate pairs, bytes that are no UTF-8.
absl::StatusOr<std::string> WsbText(const MachineSpec& machine);

// `text` as the content of an element.
absl::StatusOr<std::string> XmlText(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_WSB_H_
