#include "compose/run_order.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr absl::string_view kSchema = "paddock.run/1";

absl::Status Wrong(absl::string_view source, absl::string_view member, absl::string_view wanted) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "order_invalid",
                     absl::StrCat(source, ": \"", member, "\": ", wanted));
}

using Text = std::optional<std::string> RunSettings::*;
using List = std::vector<std::string> RunSettings::*;

struct TextMember {
  absl::string_view name;
  Text field;
};
constexpr TextMember kTexts[] = {
    {"workspace", &RunSettings::workspace},
    {"cwd", &RunSettings::cwd},
    {"profile", &RunSettings::profile},
    {"workload", &RunSettings::workload},
    {"command_os", &RunSettings::command_os},
    {"backend", &RunSettings::backend},
    {"prefer", &RunSettings::prefer},
    {"wsl_distribution", &RunSettings::wsl_distribution},
    {"net", &RunSettings::net},
    {"wall", &RunSettings::wall},
    {"memory", &RunSettings::memory},
    {"output", &RunSettings::output},
};

struct ListMember {
  absl::string_view name;
  List field;
};
constexpr ListMember kLists[] = {
    {"rw", &RunSettings::rw},
    {"ro", &RunSettings::ro},
    {"hide", &RunSettings::hide},
};

absl::Status ReadTexts(const Json& json, absl::string_view source, absl::string_view member,
                       std::vector<std::string>* texts) {
  constexpr absl::string_view kWanted = "a list of strings is wanted";
  if (!json.is_array()) return Wrong(source, member, kWanted);
  for (const Json& item : json) {
    if (!item.is_string()) return Wrong(source, member, kWanted);
    texts->push_back(item.get<std::string>());
  }
  return absl::OkStatus();
}

// {"NAME": "VALUE"}: as NAME=VALUE; with null, where the option takes a bare NAME, as that.
absl::Status ReadPairs(const Json& json, absl::string_view source, absl::string_view member, bool bare,
                       std::vector<std::string>* texts) {
  const absl::string_view wanted = bare ? "an object of strings, or null for a variable of the caller's, is wanted"
                                        : "an object of strings is wanted";
  if (!json.is_object()) return Wrong(source, member, wanted);
  for (const auto& [name, value] : json.items()) {
    if (name.find('=') != std::string::npos) return Wrong(source, member, "a name holds \"=\"");
    if (value.is_null() && bare) {
      texts->push_back(name);
    } else if (value.is_string()) {
      texts->push_back(absl::StrCat(name, "=", value.get<std::string>()));
    } else {
      return Wrong(source, member, wanted);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadBool(const Json& json, absl::string_view source, absl::string_view member, bool* value) {
  if (!json.is_boolean()) return Wrong(source, member, "true or false is wanted");
  *value = json.get<bool>();
  return absl::OkStatus();
}

// The members that are no plain text or list.
absl::Status ReadOther(const Json& value, absl::string_view source, const std::string& name, RunOrder* order) {
  RunSettings& settings = order->settings;
  if (name == "schema") {
    if (value == std::string(kSchema)) return absl::OkStatus();
    return Wrong(source, name, absl::StrCat("this program reads \"", kSchema, "\""));
  }
  if (name == "command") return ReadTexts(value, source, name, &order->command);
  if (name == "env") return ReadPairs(value, source, name, true, &settings.env);
  if (name == "require") return ReadPairs(value, source, name, false, &settings.require);
  if (name == "strict") return ReadBool(value, source, name, &settings.strict);
  if (name == "processes") {
    if (!value.is_number_unsigned()) return Wrong(source, name, "a whole number is wanted");
    settings.processes = value.dump();
    return absl::OkStatus();
  }
  if (name == "policy") {
    if (!value.is_string() && !value.is_object()) return Wrong(source, name, "a path, or a policy, is wanted");
    (value.is_string() ? settings.policy : settings.policy_text) =
        value.is_string() ? value.get<std::string>() : value.dump();
    return absl::OkStatus();
  }
  return Wrong(source, name, "there is no such member");
}

absl::Status ReadMember(const Json& value, absl::string_view source, const std::string& name, RunOrder* order) {
  const auto is_named = [&](const auto& member) { return member.name == name; };
  if (const auto text = std::find_if(std::begin(kTexts), std::end(kTexts), is_named); text != std::end(kTexts)) {
    if (!value.is_string()) return Wrong(source, name, "a string is wanted");
    order->settings.*text->field = value.get<std::string>();
    return absl::OkStatus();
  }
  if (const auto list = std::find_if(std::begin(kLists), std::end(kLists), is_named); list != std::end(kLists)) {
    return ReadTexts(value, source, name, &(order->settings.*list->field));
  }
  return ReadOther(value, source, name, order);
}

}  // namespace

absl::StatusOr<RunOrder> ParseRunOrder(absl::string_view text, absl::string_view source) {
  if (text.size() > kLargestRunOrder) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "order_invalid",
                       absl::StrCat(source, ": ", text.size(), " bytes, and at most ", kLargestRunOrder, " are read"));
  }
  const absl::StatusOr<Json> json = ParseJson(text, source);
  if (!json.ok()) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "order_invalid", json.status().message());
  }
  if (!json->is_object()) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "order_invalid", absl::StrCat(source, ": no JSON object"));
  }
  RunOrder order;
  for (const auto& [name, value] : json->items()) {
    RETURN_IF_ERROR(ReadMember(value, source, name, &order));
  }
  return order;
}

}  // namespace paddock
