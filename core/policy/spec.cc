#include "core/policy/spec.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

absl::Status FlagError(absl::string_view flag, absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "policy_invalid", absl::StrCat(flag, ": ", what));
}

absl::Status AddEntry(const KeyInfo& info, absl::string_view text, const Origin& origin, Setting* setting) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(text), " has no \"=\"; write ",
                     info.type == KeyType::kLevels ? "for instance write=confined" : "NAME=VALUE"));
  }
  const absl::string_view name = text.substr(0, equals), value = text.substr(equals + 1);
  RETURN_IF_ERROR(CheckEntry(info, name, value));
  setting->map[std::string(name)] = PathEntry{std::string(value), origin};
  return absl::OkStatus();
}

absl::Status Write(const KeyInfo& info, absl::string_view text, const Origin& origin, Setting* setting) {
  if (IsList(info.type) || IsName(info.type)) {
    ASSIGN_OR_RETURN(std::string element, CheckElement(info, text));
    setting->list.push_back({std::move(element), origin});
  } else if (info.type == KeyType::kVariables || info.type == KeyType::kLevels) {
    RETURN_IF_ERROR(AddEntry(info, text, origin, setting));
  } else if (info.type == KeyType::kChoice) {
    ASSIGN_OR_RETURN(setting->choice, CheckChoice(info, text));
  } else if (info.type == KeyType::kBoolean) {
    if (text != "true" && text != "false")
      return absl::InvalidArgumentError(absl::StrCat(Quote(text), " is neither true nor false"));
    setting->flag = text == "true";
  } else {
    ASSIGN_OR_RETURN(setting->number, CheckNumber(info, text));
  }
  return absl::OkStatus();
}

}  // namespace

bool PolicySpec::empty() const {
  return std::none_of(settings_.begin(), settings_.end(), [](const auto& setting) { return setting.has_value(); });
}

absl::Status SetFlag(PolicySpec* spec, Key key, absl::string_view text, absl::string_view flag) {
  const KeyInfo& info = InfoOf(key);
  const bool adds = IsList(info.type) || info.type == KeyType::kVariables || info.type == KeyType::kLevels;
  Setting setting = adds ? spec->Take(key) : Setting();
  setting.origin = Origin{std::string(flag), 0};
  const absl::Status status = Write(info, text, setting.origin, &setting);
  if (!status.ok()) return FlagError(flag, status.message());
  spec->Set(key, std::move(setting));
  return absl::OkStatus();
}

absl::Status SetNetFlag(PolicySpec* spec, absl::string_view text, absl::string_view flag) {
  if (text == "off" || text == "open") return SetFlag(spec, Key::kNetworkMode, text, flag);
  if (!absl::ConsumePrefix(&text, "allow=")) {
    return FlagError(flag, absl::StrCat(Quote(text), " is none of off, open and allow=HOST[:PORT],..."));
  }
  RETURN_IF_ERROR(SetFlag(spec, Key::kNetworkMode, "brokered", flag));
  for (const absl::string_view host : absl::StrSplit(text, ',')) {
    RETURN_IF_ERROR(SetFlag(spec, Key::kNetworkAllow, host, flag));
  }
  return absl::OkStatus();
}

absl::Status SetEnvFlag(PolicySpec* spec, absl::string_view text, absl::string_view flag) {
  return SetFlag(spec, absl::StrContains(text, "=") ? Key::kSet : Key::kInherit, text, flag);
}

}  // namespace paddock
