#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/units.h"
#include "core/policy/schema.h"

// The schema that editors and other programs check a policy with. It says all that JSON Schema can say; what needs
// arithmetic or several keys at once, the parser alone knows.

namespace paddock {
namespace {

std::string Text(absl::string_view text) { return std::string(text); }

Json Names(const std::vector<absl::string_view>& names) {
  Json array = Json::array();
  for (const absl::string_view name : names) array.push_back(Text(name));
  return array;
}

// What follows is no path with a drive, and no UNC path.
constexpr absl::string_view kNotWindows = "^(?![A-Za-z]:[\\\\/]|\\\\[\\\\/][^\\\\/]+[\\\\/]+[^\\\\/])";
// A wildcard that is not in brackets.
constexpr absl::string_view kWildcard = "(^|[^\\[])[*?]|\\[[*?]([^\\]]|$)";

Json Pattern(absl::string_view pattern) { return {{"pattern", Text(pattern)}}; }

// All but the slips that path_entry.cc refuses.
Json PathPattern(bool globs) {
  Json refused = Json::array({
      Pattern("\\u0000"),
      Pattern("^[\\t-\\r ]|[\\t-\\r ]$"),                                  // blanks at either end
      Pattern("^\\$[A-Za-z_{]"),                                           // a variable
      Pattern("^%.*%"),                                                    //
      Pattern("://"),                                                      // a URL
      Pattern("^~[^/]"),                                                   // another user's home
      Pattern("^(\\./+)+~"),                                               // the same, in disguise
      Pattern("^(~/)?\\.\\.(/|$)"),                                        // leaves its root
      Pattern("^\\\\\\\\[?.]\\\\"),                                        // a device path
      Pattern(absl::StrCat(kNotWindows, "(\\\\|[^/~\\\\][^\\\\]*\\\\)")),  // a backslash in a relative path
  });
  if (globs) {
    refused.push_back(Pattern("\\[([!^][^\\]]+|[^\\]]-[^\\]])\\]"));  // a character class
    refused.push_back({{"allOf", {Pattern(kWildcard), Pattern("^[^{]*\\{[^},]*,[^}]*\\}")}}});
    refused.push_back(
        Pattern(absl::StrCat(kNotWindows, "[\\s\\S]*([^/]\\*\\*|\\*\\*[^/])")));  // ** as a part of a name
  } else {
    refused.push_back(Pattern(kWildcard));
  }
  return {{"type", "string"}, {"minLength", 1}, {"not", {{"anyOf", std::move(refused)}}}};
}

// A name of RFC 1123, or an IPv6 address in brackets; then perhaps a port up to 65535.
std::string HostPattern() {
  const absl::string_view label = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
  const absl::string_view address = "\\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\\]";
  const absl::string_view port = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}";
  return absl::StrCat("^((\\*\\.)?", label, "(\\.", label, ")*|", address, ")(:(?=[0-9]{1,5}$)0*(", port, "))?$");
}

Json Element(const KeyInfo& info) {
  switch (info.type) {
    case KeyType::kPaths:
      return PathPattern(false);
    case KeyType::kDenyPaths:
      return PathPattern(true);
    case KeyType::kNames:
      return {{"type", "string"}, {"pattern", "^[^=*\\u0000-\\u0020\\u007f]+\\*?$|^\\*$"}};
    case KeyType::kPatterns:
      return {{"type", "string"}, {"pattern", "^[^=\\u0000-\\u0020\\u007f]+$"}};
    case KeyType::kHosts:
      return {{"type", "string"}, {"pattern", HostPattern()}};
    case KeyType::kCapabilities:
      return {{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$"}, {"maxLength", 128}};
    default:
      return {{"type", "string"}, {"pattern", "^[a-z][a-z0-9_]*$"}, {"maxLength", 64}};
  }
}

Json List(const KeyInfo& info) {
  const Json inherited = {{"const", Text(kInherited)}};
  Json list = {{"type", "array"}, {"items", {{"anyOf", Json::array({inherited, Element(info)})}}}};
  if (info.type == KeyType::kBackends) list["minItems"] = 1;  // none at all could never run anything
  return list;
}

Json Levels() {
  Json properties = Json::object();
  for (const Guarantee guarantee : kAllGuarantees) {
    Json levels = Json::array();
    for (size_t i = 0; i < LevelCount(guarantee); ++i)
      levels.push_back(Text(LevelName(guarantee, static_cast<Level>(i))));
    properties[Text(GuaranteeName(guarantee))] = {{"enum", std::move(levels)}};
  }
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json Number(const KeyInfo& info) {
  const Json none = {{"const", "none"}};
  const Json integer = {{"type", "integer"}, {"minimum", info.min}, {"maximum", info.max}};
  if (info.type == KeyType::kCount) return {{"anyOf", Json::array({none, integer})}};
  const bool duration = info.type == KeyType::kDuration;
  const Json text = {{"type", "string"},
                     {"pattern", duration ? "^(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m(?!s))?([0-9]+s)?([0-9]+ms)?$"
                                          : "^[0-9]+([KMGT]?B|[KMGT]iB)?$"},
                     {"not", {{"pattern", "^[^1-9]*$"}}}};  // zero
  return {{"anyOf", duration ? Json::array({none, text}) : Json::array({none, integer, text})}};
}

Json Value(const KeyInfo& info) {
  if (IsList(info.type)) return List(info);
  if (IsLimit(info.type)) return Number(info);
  if (info.type == KeyType::kChoice) return {{"enum", Names(info.values)}};
  if (info.type == KeyType::kBoolean) return {{"type", "boolean"}};
  if (info.type == KeyType::kLevels) return Levels();
  if (info.type == KeyType::kDistribution) {
    return {{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$"}, {"maxLength", 64}};
  }
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^[^=*\\u0000-\\u0020\\u007f]+$"}}},
          {"additionalProperties", {{"type", "string"}, {"pattern", "^[^\\u0000]*$"}}}};
}

Json Described(const KeyInfo& info) {
  Json value = {{"description", Text(info.help)}};
  const Json members = Value(info);  // items() refers to it
  for (const auto& item : members.items()) value[item.key()] = item.value();
  return value;
}

}  // namespace

Json PolicyJsonSchema() {
  Json properties = {{"$schema", {{"type", "string"}}}};
  for (const KeyInfo& info : PolicyKeys()) {
    if (!info.in_files) continue;
    const std::string section = Text(info.section), name = Text(info.name);
    if (section.empty() || name.empty()) {
      properties[section.empty() ? name : section] = Described(info);
      continue;
    }
    if (!properties.contains(section)) {
      properties[section] = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
    }
    properties[section]["properties"][name] = Described(info);
  }
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "Paddock policy"},
          {"description", "A policy file of Paddock, in JSON or TOML. docs/policy.md explains every key."},
          {"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

}  // namespace paddock
