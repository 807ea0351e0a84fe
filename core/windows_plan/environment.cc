#include "core/windows_plan/environment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/windows_plan/places.h"

namespace paddock {
namespace {

// Where programs that write below the profile are sent instead. `below`: a directory of the folder; else `value`.
struct Redirection {
  absl::string_view variable;
  absl::string_view below;
  absl::string_view value;
};
constexpr Redirection kRedirections[] = {
    {"npm_config_cache", "npm", ""},      {"PIP_CACHE_DIR", "pip", ""}, {"NUGET_PACKAGES", "nuget", ""},
    {"CARGO_HOME", "cargo", ""},          {"GOCACHE", "go-build", ""},  {"DOTNET_CLI_HOME", "dotnet", ""},
    {"MSBUILDDISABLENODEREUSE", "", "1"},
};

// An address that nobody listens at: discard, which Windows has no service for.
constexpr char kNowhere[] = "http://127.0.0.1:9";

// What programs that heed such variables do without a network.
struct OfflineSwitch {
  absl::string_view variable;
  absl::string_view value;
};
constexpr OfflineSwitch kOfflineSwitches[] = {
    {"HTTP_PROXY", kNowhere}, {"HTTPS_PROXY", kNowhere},     {"ALL_PROXY", kNowhere}, {"npm_config_offline", "true"},
    {"PIP_NO_INDEX", "1"},    {"CARGO_NET_OFFLINE", "true"}, {"GOPROXY", "off"},
};

}  // namespace

bool WindowsEnvironment::ByUpperCase::operator()(const std::string& a, const std::string& b) const {
  return absl::AsciiStrToUpper(a) < absl::AsciiStrToUpper(b);
}

WindowsEnvironment::WindowsEnvironment(const Request& request) : request_(request) {
  for (const auto& [name, value] : request.environment) values_.emplace(name, value);
}

bool WindowsEnvironment::UserSet(absl::string_view name) const {
  const auto& set = request_.policy.environment.set;
  return std::any_of(set.begin(), set.end(),
                     [name](const auto& variable) { return absl::EqualsIgnoreCase(variable.first, name); });
}

void WindowsEnvironment::Set(absl::string_view name, std::string value) {
  if (UserSet(name)) return;
  values_.erase(std::string(name));
  values_[std::string(name)] = std::move(value);
}

void WindowsEnvironment::Erase(absl::string_view name) {
  if (!UserSet(name)) values_.erase(std::string(name));
}

void WindowsEnvironment::Force(absl::string_view name, std::string value) {
  values_[std::string(name)] = std::move(value);
}

void WindowsEnvironment::Redirect(const std::string& folder) {
  for (const Redirection& row : kRedirections) {
    Set(row.variable, row.below.empty() ? std::string(row.value) : BelowDirectory(folder, row.below));
  }
}

void WindowsEnvironment::GoOffline() {
  for (const OfflineSwitch& row : kOfflineSwitches) Set(row.variable, std::string(row.value));
}

std::vector<std::string> WindowsEnvironment::Entries() const {
  std::vector<std::string> entries;
  for (const auto& [name, value] : values_) entries.push_back(absl::StrCat(name, "=", value));
  return entries;
}

}  // namespace paddock
