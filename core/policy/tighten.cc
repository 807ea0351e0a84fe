#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/base/glob.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/policy/levels.h"

// May a repository say this, and does the result keep within the administrator's bound? Both ask the same question of
// the same table: is a value looser than another.

namespace paddock {
namespace {

absl::Status Looser(absl::string_view what) { return absl::InvalidArgumentError(what); }

// "*.suffix" covers every name below the suffix; no port covers every port.
bool HostCovers(absl::string_view bound, absl::string_view host) {
  const auto split = [](absl::string_view text, absl::string_view* port) {
    const size_t colon = text.rfind(':');
    const size_t bracket = text.rfind(']');
    const bool has_port = colon != absl::string_view::npos && (bracket == absl::string_view::npos || colon > bracket);
    *port = has_port ? text.substr(colon) : absl::string_view();
    return has_port ? text.substr(0, colon) : text;
  };
  absl::string_view bound_port, host_port;
  absl::string_view bound_name = split(bound, &bound_port);
  const absl::string_view host_name = split(host, &host_port);
  if (!bound_port.empty() && bound_port != host_port) return false;
  if (bound_name == host_name) return true;
  return absl::ConsumePrefix(&bound_name, "*") && absl::EndsWith(host_name, bound_name);
}

// "LC_*" covers "LC_ALL" and "LC_A*".
bool NameCovers(absl::string_view bound, absl::string_view name) {
  if (bound == name) return true;
  return absl::ConsumeSuffix(&bound, "*") && absl::StartsWith(name, bound);
}

bool ElementCovers(KeyType type, absl::string_view bound, absl::string_view element, const PathRoots& roots) {
  switch (type) {
    case KeyType::kPaths:
      return PathCovers(bound, element, roots);
    case KeyType::kHosts:
      return HostCovers(bound, element);
    case KeyType::kNames:
      return NameCovers(bound, element);
    default:
      return bound == element;
  }
}

absl::Status ListCovered(const KeyInfo& info, const std::vector<PathEntry>& list, const Setting& bound,
                         const PathRoots& roots) {
  for (const PathEntry& entry : list) {
    const bool covered = std::any_of(bound.list.begin(), bound.list.end(), [&](const PathEntry& wide) {
      return ElementCovers(info.type, wide.text, entry.text, roots);
    });
    if (!covered) return Looser(absl::StrCat(Quote(entry.text), " is not covered by ", SettingText(info, bound)));
  }
  return absl::OkStatus();
}

int Strictness(const KeyInfo& info, const Setting& setting) {
  return info.type == KeyType::kBoolean ? (setting.flag ? 1 : 0) : info.strictness[setting.choice];
}

// OK if `value` is not looser than `bound`. The keys whose elements add, or whose entries are compared one by one, have
// checks of their own.
absl::Status NotLooser(const KeyInfo& info, const Setting& value, const Setting& bound, const PathRoots& roots) {
  switch (info.tighten) {
    case Tighten::kFixed: {
      const bool same =
          IsName(info.type) ? value.list.back().text == bound.list.back().text : value.choice == bound.choice;
      if (same) return absl::OkStatus();
      return Looser(absl::StrCat(SettingText(info, value), " differs from ", SettingText(info, bound),
                                 ", and the key cannot be changed here"));
    }
    case Tighten::kStricter:
      if (Strictness(info, value) >= Strictness(info, bound)) return absl::OkStatus();
      return Looser(absl::StrCat(SettingText(info, value), " is looser than ", SettingText(info, bound)));
    case Tighten::kCovered:
      return ListCovered(info, value.list, bound, roots);
    case Tighten::kLower:
      if (value.number <= bound.number) return absl::OkStatus();
      return Looser(absl::StrCat(SettingText(info, value), " is more than ", SettingText(info, bound)));
    case Tighten::kAdd:
    case Tighten::kRaise:
    case Tighten::kNewNames:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Loosened(const Origin& at, absl::string_view key, absl::string_view what, const Origin& inherited) {
  return ReasonError(
      absl::StatusCode::kInvalidArgument, "policy_loosened",
      absl::StrCat(OriginText(at), ": ", key, ": ", what, ", which is inherited from ", OriginText(inherited)));
}

absl::Status CheckRepoVariables(const Setting& written, const Merged& inherited) {
  const Setting* set = inherited.FindSetting(Key::kSet);
  for (const auto& [name, value] : written.map) {
    const std::string key = absl::StrCat("environment.set.", name);
    if (set != nullptr) {
      const auto earlier = set->map.find(name);
      if (earlier != set->map.end() && earlier->second.text != value.text) {
        return Loosened(value.origin, key, absl::StrCat(Quote(value.text), " replaces ", Quote(earlier->second.text)),
                        earlier->second.origin);
      }
    }
    if (IsInjectionVariable(name)) {
      return ReasonError(
          absl::StatusCode::kInvalidArgument, "policy_loosened",
          absl::StrCat(OriginText(value.origin), ": ", key,
                       ": a repository may not set it, since it can make programs load code or redirects them"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRepoLevels(const Setting& written, const Merged& inherited,
                             const std::vector<Requirement>& required) {
  for (const auto& [name, text] : written.map) {
    const Guarantee guarantee = *ParseGuarantee(name);
    const Level level = *ParseLevel(guarantee, text.text);
    const auto requirement = std::find_if(required.begin(), required.end(),
                                          [&](const Requirement& r) { return r.guarantee == guarantee && r.required; });
    if (requirement == required.end() || level >= requirement->level) continue;
    const auto spelled = inherited.explicit_levels().find(guarantee);
    const Origin from = spelled == inherited.explicit_levels().end() ? Origin{"what earlier levels spell out", 0}
                                                                     : spelled->second.origin;
    return Loosened(
        text.origin, absl::StrCat("require.", name),
        absl::StrCat(Quote(text.text), " is weaker than \"", LevelName(guarantee, requirement->level), "\""), from);
  }
  return absl::OkStatus();
}

// Under read = "minimal" the list also grants reading, so that adding to it would widen.
absl::Status CheckRepoReadOnly(const Setting& written, const Merged& inherited, const PathRoots& roots) {
  const Setting* read = inherited.FindSetting(Key::kRead);
  if (read == nullptr || read->choice != static_cast<size_t>(ReadMode::kMinimal)) return absl::OkStatus();
  const Setting* bound = inherited.FindSetting(Key::kReadOnly);
  const Setting nothing;
  const Setting& earlier = bound == nullptr ? nothing : *bound;
  const absl::Status status =
      ListCovered(InfoOf(Key::kReadOnly), WithInherited(written.list, earlier.list), earlier, roots);
  return status.ok() ? status : Loosened(written.origin, KeyPath(Key::kReadOnly), status.message(), earlier.origin);
}

absl::Status Exceeds(absl::string_view key, absl::string_view what, const Origin& by, const Origin& bound) {
  return ReasonError(
      absl::StatusCode::kInvalidArgument, "policy_exceeds_ceiling",
      absl::StrCat(key, " (", OriginText(by), "): ", what, ", the administrator's bound (", OriginText(bound), ")"));
}

absl::Status CheckCeilingKey(const KeyInfo& info, const Setting& bound, const Setting& value, const PathRoots& roots) {
  if (info.tighten == Tighten::kNewNames) {
    for (const auto& [name, fixed] : bound.map) {
      const auto now = value.map.find(name);
      if (now != value.map.end() && now->second.text == fixed.text) continue;
      const Origin by = now == value.map.end() ? value.origin : now->second.origin;
      return Exceeds(absl::StrCat(KeyPath(info.key), ".", name), absl::StrCat("is not ", Quote(fixed.text)), by,
                     fixed.origin);
    }
    return absl::OkStatus();
  }
  const absl::Status status = NotLooser(info, value, bound, roots);
  return status.ok() ? status : Exceeds(KeyPath(info.key), status.message(), value.origin, bound.origin);
}

// A variable that the administrator's patterns shut out must not be let in by its name.
absl::Status CheckScrubbed(const Merged& bound, const Merged& final_state) {
  const Slot* scrub = bound.Find(Key::kScrub);
  const Setting* inherit = final_state.FindSetting(Key::kInherit);
  if (scrub == nullptr || scrub->rank != Rank::kAdmin || inherit == nullptr) return absl::OkStatus();
  for (const PathEntry& name : inherit->list) {
    // Scrubbed patterns win over patterns; and what the administrator names is meant.
    if (absl::EndsWith(name.text, "*") || name.origin.file == scrub->setting.origin.file) continue;
    for (const PathEntry& pattern : scrub->setting.list) {
      const bool administrators = pattern.origin.file == scrub->setting.origin.file;
      if (administrators && WildcardMatch(absl::AsciiStrToUpper(pattern.text), absl::AsciiStrToUpper(name.text))) {
        return Exceeds(KeyPath(Key::kInherit), absl::StrCat(Quote(name.text), " is scrubbed by ", Quote(pattern.text)),
                       name.origin, pattern.origin);
      }
    }
  }
  return absl::OkStatus();
}

// A list of allowed hosts bounds the mode too, even where the administrator does not say "brokered": whoever may reach
// these hosts may not reach all.
absl::Status CheckImpliedMode(const Merged& bound, const Merged& final_state) {
  const Slot* allow = bound.Find(Key::kNetworkAllow);
  const Slot* mode = bound.Find(Key::kNetworkMode);
  const Setting* now = final_state.FindSetting(Key::kNetworkMode);
  const bool implied =
      allow != nullptr && allow->rank == Rank::kAdmin && (mode == nullptr || mode->rank != Rank::kAdmin);
  if (!implied || now == nullptr || now->choice != static_cast<size_t>(NetworkMode::kOpen)) return absl::OkStatus();
  return Exceeds(KeyPath(Key::kNetworkMode), "\"open\" reaches more than network.allow", now->origin,
                 allow->setting.origin);
}

absl::Status CheckRequirementCeiling(const Merged& bound, const std::vector<Requirement>& bound_requirements,
                                     const std::vector<Requirement>& requirements, const Merged& final_state) {
  for (const Requirement& least : bound_requirements) {
    if (!least.required) continue;
    const auto now = std::find_if(requirements.begin(), requirements.end(),
                                  [&](const Requirement& r) { return r.guarantee == least.guarantee; });
    if (now != requirements.end() && now->required && now->level >= least.level) continue;
    const auto by = final_state.explicit_levels().find(least.guarantee);
    const auto from = bound.explicit_levels().find(least.guarantee);
    const Origin unknown{"the merged policy", 0}, administrator{"its keys", 0};
    return Exceeds(absl::StrCat("require.", GuaranteeName(least.guarantee)),
                   absl::StrCat("is weaker than \"", LevelName(least.guarantee, least.level), "\""),
                   by == final_state.explicit_levels().end() ? unknown : by->second.origin,
                   from == bound.explicit_levels().end() ? administrator : from->second.origin);
  }
  return absl::OkStatus();
}

}  // namespace

bool IsInjectionVariable(absl::string_view name) {
  static constexpr absl::string_view kPatterns[] = {
      "PATH",
      "HOME",
      "USER",
      "LOGNAME",
      "SHELL",
      "LD_*",
      "DYLD_*",
      "GCONV_PATH",
      "GLIBC_TUNABLES",
      "LOCPATH",
      "NLSPATH",
      "BASH_ENV",
      "BASH_FUNC_*",
      "ENV",
      "ZDOTDIR",
      "SHELLOPTS",
      "BASHOPTS",
      "PROMPT_COMMAND",
      "PS4",
      "IFS",
      "CDPATH",
      "PYTHON*",
      "NODE_OPTIONS",
      "NODE_PATH",
      "PERL*",
      "RUBY*",
      "*JAVA_OPTIONS",
      "*JAVA_TOOL_OPTIONS",
      "CLASSPATH",
      "MAKEFLAGS",
      "GNUMAKEFLAGS",
      "MAKEFILES",
      "RUSTC*",
      "RUSTFLAGS",
      "GOFLAGS",
      "GIT_*",
      "EDITOR",
      "VISUAL",
      "PAGER",
      "*PAGER",
      "LESSOPEN",
      "LESSCLOSE",
      "BROWSER",
      "*_ASKPASS",
      "*_PROXY",
      "XDG_*",
      "CC",
      "CXX",
      "LD",
      "AR",
      "CARGO_HOME",
      "npm_config_*",
      "DOCKER_*",
      "SSL_CERT_*",
      "SSH_*",
      "DBUS_*",
      "COMSPEC",
      "PATHEXT",
      "SYSTEMROOT",
      "WINDIR",
      "*_WRAPPER",
  };
  const std::string upper = absl::AsciiStrToUpper(name);
  return std::any_of(std::begin(kPatterns), std::end(kPatterns),
                     [&](absl::string_view pattern) { return WildcardMatch(absl::AsciiStrToUpper(pattern), upper); });
}

absl::Status CheckTightens(const PolicySpec& spec, const Merged& inherited, const std::vector<Requirement>& required,
                           const PathRoots& roots) {
  for (const KeyInfo& info : PolicyKeys()) {
    const Setting* written = spec.Find(info.key);
    if (written == nullptr) continue;
    if (info.key == Key::kRequire) {
      RETURN_IF_ERROR(CheckRepoLevels(*written, inherited, required));
    } else if (info.key == Key::kSet) {
      RETURN_IF_ERROR(CheckRepoVariables(*written, inherited));
    } else if (info.key == Key::kReadOnly) {
      RETURN_IF_ERROR(CheckRepoReadOnly(*written, inherited, roots));
    }
    const Setting* bound = inherited.FindSetting(info.key);
    if (bound == nullptr && info.tighten == Tighten::kFixed) {
      return ReasonError(absl::StatusCode::kInvalidArgument, "policy_loosened",
                         absl::StrCat(OriginText(written->origin), ": ", KeyPath(info.key),
                                      ": a repository may not choose it, only say the same again"));
    }
    if (bound == nullptr) continue;  // nothing was limited: whatever is written limits
    Setting value = *written;
    value.list = WithInherited(written->list, bound->list);
    const absl::Status status = NotLooser(info, value, *bound, roots);
    if (!status.ok()) return Loosened(written->origin, KeyPath(info.key), status.message(), bound->origin);
  }
  return absl::OkStatus();
}

absl::Status CheckCeiling(const Merged& bound, const Merged& final_state,
                          const std::vector<Requirement>& bound_requirements,
                          const std::vector<Requirement>& requirements, const PathRoots& roots) {
  const Setting* mode = final_state.FindSetting(Key::kNetworkMode);
  const bool brokered = mode != nullptr && mode->choice == static_cast<size_t>(NetworkMode::kBrokered);
  for (const KeyInfo& info : PolicyKeys()) {
    const Slot* limit = bound.Find(info.key);
    const Setting* value = final_state.FindSetting(info.key);
    if (limit == nullptr || limit->rank != Rank::kAdmin || value == nullptr) continue;
    if (info.key == Key::kNetworkAllow && !brokered) continue;
    RETURN_IF_ERROR(CheckCeilingKey(info, limit->setting, *value, roots));
  }
  RETURN_IF_ERROR(CheckScrubbed(bound, final_state));
  RETURN_IF_ERROR(CheckImpliedMode(bound, final_state));
  return CheckRequirementCeiling(bound, bound_requirements, requirements, final_state);
}

}  // namespace paddock
