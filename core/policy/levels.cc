#include "core/policy/levels.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/units.h"

namespace paddock {
namespace {

void AddOnce(const PathEntry& entry, std::vector<PathEntry>* list) {
  const bool there =
      std::any_of(list->begin(), list->end(), [&](const PathEntry& known) { return known.text == entry.text; });
  if (!there) list->push_back(entry);
}

// Of the lists, flags add to all but those that say what is allowed: "--net allow=x" means x alone.
bool FlagsAdd(Key key) { return key != Key::kNetworkAllow && key != Key::kBackendAllow && key != Key::kBackendForced; }

std::vector<std::string> Texts(const Setting* setting) {
  std::vector<std::string> texts;
  if (setting == nullptr) return texts;
  for (const PathEntry& entry : setting->list) texts.push_back(entry.text);
  return texts;
}

std::vector<PathEntry> Entries(const Setting* setting) {
  return setting == nullptr ? std::vector<PathEntry>() : setting->list;
}

template <typename T>
void SetChoice(const Setting* setting, T* value) {
  if (setting != nullptr) *value = static_cast<T>(setting->choice);
}

// The written number, or nullopt where there is no limit.
std::optional<uint64_t> Limit(const Setting* setting) {
  if (setting == nullptr || setting->number == kNoLimit) return std::nullopt;
  return setting->number;
}

std::optional<std::chrono::milliseconds> DurationLimit(const Setting* setting) {
  const auto number = Limit(setting);
  if (!number) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(*number));
}

std::optional<uint32_t> CountLimit(const Setting* setting) {
  const auto number = Limit(setting);
  if (!number) return std::nullopt;
  return static_cast<uint32_t>(*number);  // the schema's range fits
}

}  // namespace

std::string OriginText(const Origin& origin) {
  return origin.line == 0 ? origin.file : absl::StrCat(origin.file, ":", origin.line);
}

std::string SettingText(const KeyInfo& info, const Setting& setting) {
  if (IsList(info.type) || IsName(info.type)) {
    constexpr size_t kShown = 6;
    std::string text = "[";
    for (size_t i = 0; i < setting.list.size() && i < kShown; ++i)
      absl::StrAppend(&text, i == 0 ? "" : ", ", Quote(setting.list[i].text));
    return absl::StrCat(text, setting.list.size() > kShown ? ", ...]" : "]");
  }
  if (info.type == KeyType::kChoice) return absl::StrCat("\"", info.values[setting.choice], "\"");
  if (info.type == KeyType::kBoolean) return setting.flag ? "true" : "false";
  if (setting.number == kNoLimit) return "\"none\"";
  if (info.type == KeyType::kDuration) {
    return absl::StrCat("\"", FormatDuration(std::chrono::milliseconds(static_cast<int64_t>(setting.number))), "\"");
  }
  return info.type == KeyType::kSize ? absl::StrCat("\"", FormatSize(setting.number), "\"")
                                     : absl::StrCat(setting.number);
}

std::vector<PathEntry> WithInherited(const std::vector<PathEntry>& list, const std::vector<PathEntry>& inherited) {
  std::vector<PathEntry> result;
  for (const PathEntry& entry : list) {
    if (entry.text != kInherited) {
      AddOnce(entry, &result);
      continue;
    }
    for (const PathEntry& earlier : inherited) AddOnce(earlier, &result);
  }
  return result;
}

Setting Merged::Laid(const KeyInfo& info, Setting setting, Rank rank) const {
  const Setting* earlier = FindSetting(info.key);
  if (IsList(info.type) && rank != Rank::kBuiltIn) {
    setting.list = WithInherited(setting.list, Entries(earlier));
    // Denials of a repository add; so do flags.
    const bool adds =
        (rank == Rank::kFlags && FlagsAdd(info.key)) || (rank == Rank::kRepo && info.tighten == Tighten::kAdd);
    if (adds && earlier != nullptr) {
      std::vector<PathEntry> list = earlier->list;
      for (const PathEntry& entry : setting.list) AddOnce(entry, &list);
      setting.list = std::move(list);
    }
  } else if (info.type == KeyType::kVariables && earlier != nullptr) {
    setting.map.insert(earlier->map.begin(), earlier->map.end());  // but for names that were written
  }
  return setting;
}

// A variable that an earlier level named is shut out by a pattern that a later level adds.
void Merged::PruneInherited(const Setting& scrub) {
  auto& inherit = slots_[static_cast<size_t>(Key::kInherit)];
  if (!inherit.has_value()) return;
  auto& names = inherit->setting.list;
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const PathEntry& name) {
                               return std::any_of(scrub.list.begin(), scrub.list.end(), [&](const PathEntry& pattern) {
                                 return pattern.text != kInherited && WildcardMatch(absl::AsciiStrToUpper(pattern.text),
                                                                                    absl::AsciiStrToUpper(name.text));
                               });
                             }),
              names.end());
}

void Merged::Apply(PolicySpec spec, Rank rank) {
  if (const Setting* scrub = spec.Find(Key::kScrub); scrub != nullptr) PruneInherited(*scrub);
  for (const KeyInfo& info : PolicyKeys()) {
    const Setting* written = spec.Find(info.key);
    if (written == nullptr) continue;
    if (info.type == KeyType::kLevels) {
      for (const auto& [name, level] : written->map) {
        const Guarantee guarantee = *ParseGuarantee(name);
        explicit_[guarantee] = {*ParseLevel(guarantee, level.text), rank, level.origin};
      }
      continue;
    }
    slots_[static_cast<size_t>(info.key)] = Slot{Laid(info, spec.Take(info.key), rank), rank};
  }
}

void Merged::AddDenials(const PolicySpec& bound) {
  for (const KeyInfo& info : PolicyKeys()) {
    const Setting* denials = bound.Find(info.key);
    auto& slot = slots_[static_cast<size_t>(info.key)];
    if (info.tighten != Tighten::kAdd || denials == nullptr || !slot.has_value()) continue;
    for (const PathEntry& entry : denials->list) {
      if (entry.text != kInherited) AddOnce(entry, &slot->setting.list);
    }
  }
}

Policy Merged::ToPolicy() const {
  Policy policy;
  if (const Setting* extends = FindSetting(Key::kExtends); extends != nullptr) {
    policy.profile = std::string(InfoOf(Key::kExtends).values[extends->choice]);
  }
  SetChoice(FindSetting(Key::kWorkload), &policy.workload);
  SetChoice(FindSetting(Key::kCommandOs), &policy.command_os);
  policy.capabilities = Texts(FindSetting(Key::kCapabilities));

  policy.filesystem.write = Entries(FindSetting(Key::kWrite));
  policy.filesystem.deny_write = Entries(FindSetting(Key::kDenyWrite));
  policy.filesystem.read_only = Entries(FindSetting(Key::kReadOnly));
  policy.filesystem.deny_read = Entries(FindSetting(Key::kDenyRead));
  SetChoice(FindSetting(Key::kRead), &policy.filesystem.read);
  SetChoice(FindSetting(Key::kTmp), &policy.filesystem.tmp);
  SetChoice(FindSetting(Key::kHome), &policy.filesystem.home);

  SetChoice(FindSetting(Key::kNetworkMode), &policy.network.mode);
  if (policy.network.mode == NetworkMode::kBrokered) policy.network.allow = Texts(FindSetting(Key::kNetworkAllow));
  policy.network.unix_sockets = Entries(FindSetting(Key::kUnixSockets));

  policy.environment.inherit = Texts(FindSetting(Key::kInherit));
  policy.environment.scrub = Texts(FindSetting(Key::kScrub));
  if (const Setting* set = FindSetting(Key::kSet); set != nullptr) {
    for (const auto& [name, value] : set->map) policy.environment.set[name] = value.text;
  }

  policy.limits.wall = DurationLimit(FindSetting(Key::kWall));
  policy.limits.cpu = DurationLimit(FindSetting(Key::kCpu));
  policy.limits.memory = Limit(FindSetting(Key::kMemory));
  policy.limits.processes = CountLimit(FindSetting(Key::kProcesses));
  policy.limits.output = Limit(FindSetting(Key::kOutput));
  policy.limits.file_size = Limit(FindSetting(Key::kFileSize));

  SetChoice(FindSetting(Key::kPrefer), &policy.backend.prefer);
  policy.backend.allow = Texts(FindSetting(Key::kBackendAllow));
  const std::vector<std::string> forced = Texts(FindSetting(Key::kBackendForced));
  if (!forced.empty()) policy.backend.forced = forced.back();
  const std::vector<std::string> distribution = Texts(FindSetting(Key::kWslDistribution));
  if (!distribution.empty()) policy.backend.wsl_distribution = distribution.back();
  return policy;
}

}  // namespace paddock
