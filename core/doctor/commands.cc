#include "core/doctor/commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/base/shell_quote.h"

namespace paddock {
namespace {

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

bool HasHint(const LinuxFacts& host, absl::string_view part) {
  return std::any_of(host.container_hints.begin(), host.container_hints.end(),
                     [part](const std::string& hint) { return absl::StrContains(hint, part); });
}

std::optional<std::pair<int, int>> KernelOf(const LinuxFacts& host) {
  const std::vector<absl::string_view> parts = absl::StrSplit(host.kernel.value.value_or(""), '.');
  int major = 0, minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor)) return {};
  return std::make_pair(major, minor);
}

}  // namespace

bool IsPlain(absl::string_view text) {
  return !text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/._-+", absl::string_view(&c, 1));
  });
}

std::string ShellWord(absl::string_view text, absl::string_view fallback) {
  if (text.empty() || !IsPrintable(text)) return std::string(fallback);
  if (IsPlain(text)) return std::string(text);
  return ShellQuote(text);
}

// about_Quoting_Rules: inside single quotes only the quote itself is special, and is doubled.
std::string PowerShellWord(absl::string_view text, absl::string_view fallback) {
  if (text.empty() || !IsPrintable(text)) return std::string(fallback);
  if (IsPlain(text)) return std::string(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

absl::string_view Sudo(const LinuxFacts& host) { return host.uid == 0 ? "" : "sudo "; }

absl::string_view OuterSudo(const LinuxFacts& host) {
  return ContainerOf(host) == Container::kNone ? Sudo(host) : "sudo ";
}

std::vector<std::string> WriteFile(const LinuxFacts& host, absl::string_view path,
                                   const std::vector<std::string>& lines) {
  std::vector<std::string> commands = {"printf '%s\\n' \\"};
  for (const std::string& line : lines) commands.push_back(absl::StrCat("  '", line, "' \\"));
  commands.push_back(absl::StrCat("  | ", OuterSudo(host), "tee ", path));
  return commands;
}

std::vector<std::string> SetSysctl(const LinuxFacts& host, absl::string_view setting, absl::string_view name) {
  return {absl::StrCat(OuterSudo(host), "sysctl -w ", setting),
          absl::StrCat("echo ", setting, " | ", OuterSudo(host), "tee /etc/sysctl.d/", name)};
}

Container ContainerOf(const LinuxFacts& host) {
  if (host.container_hints.empty()) return Container::kNone;
  if (HasHint(host, "kubepods") || HasHint(host, "KUBERNETES_SERVICE_HOST")) return Container::kKubernetes;
  if (HasHint(host, "/run/.containerenv") || HasHint(host, "libpod") || HasHint(host, "podman")) {
    return Container::kPodman;
  }
  return HasHint(host, "docker") ? Container::kDocker : Container::kOther;
}

std::string OnOuterHost(const LinuxFacts& host, absl::string_view text) {
  if (ContainerOf(host) != Container::kNone) return absl::StrCat("On the machine that runs the container: ", text);
  std::string sentence(text);
  if (!sentence.empty()) sentence[0] = absl::ascii_toupper(static_cast<unsigned char>(sentence[0]));
  return sentence;
}

bool IsKernelBefore(const LinuxFacts& host, int major, int minor) {
  const auto kernel = KernelOf(host);
  return kernel.has_value() && *kernel < std::make_pair(major, minor);
}

bool IsKernelFrom(const LinuxFacts& host, int major, int minor) {
  const auto kernel = KernelOf(host);
  return kernel.has_value() && *kernel >= std::make_pair(major, minor);
}

}  // namespace paddock
