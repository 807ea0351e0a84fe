#include "backends/windows_sandbox/wsb.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/base/utf16.h"

namespace paddock {
namespace {

struct Switch {
  absl::string_view element;
  bool MachineSpec::*value;
};

constexpr Switch kSwitches[] = {
    {"VGpu", &MachineSpec::virtual_gpu},
    {"Networking", &MachineSpec::networking},
    {"AudioInput", &MachineSpec::audio_input},
    {"VideoInput", &MachineSpec::video_input},
    {"ProtectedClient", &MachineSpec::protected_client},
    {"PrinterRedirection", &MachineSpec::printer_redirection},
    {"ClipboardRedirection", &MachineSpec::clipboard_redirection},
};

// XML 1.0, section 2.2: Char. In names and commands a tab or a line break is somebody's attack, and is refused too.
bool MayStand(char16_t unit) { return unit >= 0x20 && unit != 0xFFFE && unit != 0xFFFF; }

bool IsHigh(char16_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(char16_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

absl::Status CheckCharacters(absl::string_view text) {
  const auto units = Utf8ToUtf16(text);
  if (!units.ok()) return absl::InvalidArgumentError("holds bytes that are no UTF-8, which a .wsb file cannot");
  for (size_t i = 0; i < units->size(); ++i) {
    const char16_t unit = (*units)[i];
    if (IsHigh(unit) && i + 1 < units->size() && IsLow((*units)[i + 1])) {
      ++i;
    } else if (IsHigh(unit) || IsLow(unit) || !MayStand(unit)) {
      return absl::InvalidArgumentError("holds a character that no .wsb file can");
    }
  }
  return absl::OkStatus();
}

absl::string_view EscapeOf(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return "";
  }
}

absl::Status AppendElement(absl::string_view indent, absl::string_view element, absl::string_view text,
                           std::string* out) {
  const auto escaped = XmlText(text);
  if (!escaped.ok()) return absl::InvalidArgumentError(absl::StrCat(element, " ", escaped.status().message()));
  absl::StrAppend(out, indent, "<", element, ">", *escaped, "</", element, ">\r\n");
  return absl::OkStatus();
}

absl::Status AppendFolders(const std::vector<MappedFolder>& folders, std::string* out) {
  if (folders.empty()) return absl::OkStatus();
  absl::StrAppend(out, "  <MappedFolders>\r\n");
  for (const MappedFolder& folder : folders) {
    absl::StrAppend(out, "    <MappedFolder>\r\n");
    RETURN_IF_ERROR(AppendElement("      ", "HostFolder", folder.host_folder, out));
    RETURN_IF_ERROR(AppendElement("      ", "SandboxFolder", folder.sandbox_folder, out));
    RETURN_IF_ERROR(AppendElement("      ", "ReadOnly", folder.read_only ? "true" : "false", out));
    absl::StrAppend(out, "    </MappedFolder>\r\n");
  }
  absl::StrAppend(out, "  </MappedFolders>\r\n");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> XmlText(absl::string_view text) {
  RETURN_IF_ERROR(CheckCharacters(text));
  std::string escaped;
  for (const char c : text) {
    const absl::string_view entity = EscapeOf(c);
    if (entity.empty()) {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, entity);
    }
  }
  return escaped;
}

absl::StatusOr<std::string> WsbText(const MachineSpec& machine) {
  std::string text = "<Configuration>\r\n";
  for (const Switch& row : kSwitches) {
    RETURN_IF_ERROR(AppendElement("  ", row.element, machine.*row.value ? "Enable" : "Disable", &text));
  }
  if (machine.memory_mb > 0) RETURN_IF_ERROR(AppendElement("  ", "MemoryInMB", absl::StrCat(machine.memory_mb), &text));
  RETURN_IF_ERROR(AppendFolders(machine.folders, &text));
  if (!machine.logon_command.empty()) {
    absl::StrAppend(&text, "  <LogonCommand>\r\n");
    RETURN_IF_ERROR(AppendElement("    ", "Command", machine.logon_command, &text));
    absl::StrAppend(&text, "  </LogonCommand>\r\n");
  }
  absl::StrAppend(&text, "</Configuration>\r\n");
  return text;
}

Json ToJson(const MachineSpec& machine) {
  Json json = Json::object();
  for (const Switch& row : kSwitches) json[std::string(row.element)] = machine.*row.value;
  json["MemoryInMB"] = machine.memory_mb > 0 ? Json(machine.memory_mb) : Json(nullptr);
  json["MappedFolders"] = JsonArray(machine.folders, [](const MappedFolder& folder) {
    return Json{
        {"HostFolder", folder.host_folder}, {"SandboxFolder", folder.sandbox_folder}, {"ReadOnly", folder.read_only}};
  });
  json["LogonCommand"] = machine.logon_command;
  return json;
}

}  // namespace paddock
