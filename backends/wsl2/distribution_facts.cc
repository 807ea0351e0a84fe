#include "backends/wsl2/distribution_facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/sha256.h"
#include "core/base/status_macros.h"

namespace paddock::wsl2 {
namespace {

constexpr char kCacheSchema[] = "paddock.wsl_facts/1";

// "C:\" is "C:", as a drive is called everywhere else.
std::string Volume(absl::string_view source) { return std::string(absl::StripSuffix(source, "\\")); }

absl::Status BadCache(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the kept answer of the distribution ", what));
}

}  // namespace

absl::StatusOr<HostFacts> ParseReady(absl::string_view payload) {
  const auto wrong = [](absl::string_view what) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol", what);
  };
  const auto json = ParseJson(payload, "the relay's facts");
  if (!json.ok()) return wrong(json.status().message());
  // What is left out of a file of facts is unknown; the relay leaves out neither of these.
  if (!json->is_object() || !json->contains("schema") || !json->contains("host")) {
    return wrong("the relay's facts are none");
  }
  auto facts = FactsFromJson(*json, "the relay's facts");
  if (!facts.ok()) return wrong(facts.status().message());
  if (facts->host.os != OsFamily::kLinux) return wrong("the relay's facts are of no Linux host");
  return std::move(facts->host);
}

void FillIn(const HostFacts& inside, absl::string_view source, WslDistribution* distribution) {
  const LinuxFacts& linux_host = inside.linux_host;
  const auto yes_if = [source](bool value) { return YesIf(value, std::string(source)); };
  distribution->landlock = yes_if(linux_host.landlock_abi.value.value_or(0) >= 1);
  distribution->user_namespaces = yes_if(linux_host.user_namespaces.yes());
  const BubblewrapFacts& bubblewrap = linux_host.bubblewrap;
  distribution->bubblewrap =
      yes_if(linux_host.user_namespaces_via_bubblewrap.yes() && !bubblewrap.path.empty() && bubblewrap.trusted.yes());
  distribution->network_namespace = yes_if(distribution->user_namespaces.yes() || distribution->bubblewrap.yes());
  distribution->home = inside.home;
  distribution->mounts.clear();
  for (const WindowsMount& mount : linux_host.windows_mounts) {
    // Of several the first: the automounted one, whose path is the shorter.
    if (!mount.source.empty()) distribution->mounts.emplace(Volume(mount.source), mount.path);
  }
}

absl::Status CheckMounts(const std::map<std::string, std::string>& mounts, const HostFacts& inside) {
  const LinuxFacts& linux_host = inside.linux_host;
  for (const auto& [volume, path] : mounts) {
    const auto& all = linux_host.windows_mounts;
    const auto shown = std::find_if(all.begin(), all.end(), [&path = path](const auto& m) { return m.path == path; });
    const bool other =
        shown != all.end() && !shown->source.empty() && !absl::EqualsIgnoreCase(Volume(shown->source), volume);
    const auto& points = linux_host.mount_points;
    const bool there = std::find(points.begin(), points.end(), path) != points.end();
    if (there && !other) continue;
    return ReasonError(absl::StatusCode::kUnavailable, "wsl_drive_not_mounted",
                       absl::StrCat("the distribution does not mount ", volume, " at ", path,
                                    other ? absl::StrCat(", but ", shown->source) : ""));
  }
  return absl::OkStatus();
}

std::string CacheName(const CacheKey& key) {
  constexpr size_t kDigits = 32;
  return absl::StrCat(Sha256Hex(Sha256Of(key.identity)).substr(0, kDigits), ".json");
}

std::string EncodeCache(const CacheKey& key, absl::string_view ready) {
  return DumpJson({{"schema", kCacheSchema},
                   {"identity", key.identity},
                   {"relay", key.relay},
                   {"ready", std::string(ready)},
                   {"check", Sha256Hex(Sha256Of(ready))}});
}

absl::StatusOr<std::string> DecodeCache(const CacheKey& key, absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the kept answer of the distribution", kMaxCacheBytes));
  constexpr absl::string_view kKeys[] = {"schema", "identity", "relay", "ready", "check"};
  if (!json.is_object() || json.size() != std::size(kKeys)) return BadCache("has other keys than it should");
  for (const absl::string_view name : kKeys) {
    const auto found = json.find(std::string(name));
    if (found == json.end() || !found->is_string()) return BadCache(absl::StrCat("has no text ", name));
  }
  const auto& ready = json["ready"].get_ref<const std::string&>();
  if (json["schema"] != kCacheSchema) return BadCache("is of another version");
  if (json["identity"] != key.identity || json["relay"] != key.relay) return BadCache("is another one's");
  if (json["check"] != Sha256Hex(Sha256Of(ready))) return BadCache("was cut or changed");
  RETURN_IF_ERROR(ParseReady(ready).status());
  return ready;
}

}  // namespace paddock::wsl2
