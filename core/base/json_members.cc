#include "core/base/json_members.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"

namespace paddock {

absl::Status JsonMembers::Wrong(const char* name) const {
  return absl::InvalidArgumentError(absl::StrCat(what_, ": \"", name, "\" is missing or of another type"));
}

absl::Status JsonMembers::Check() const {
  if (json_.is_object() && json_.size() == count_) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what_, ": no object of ", count_, " members"));
}

absl::StatusOr<std::string> JsonMembers::Text(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_string()) return Wrong(name);
  return found->get_ref<const std::string&>();
}

absl::StatusOr<std::vector<std::string>> JsonMembers::Texts(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_array()) return Wrong(name);
  std::vector<std::string> texts;
  for (const Json& item : *found) {
    if (!item.is_string()) return Wrong(name);
    texts.push_back(item.get_ref<const std::string&>());
  }
  return texts;
}

absl::StatusOr<std::map<std::string, std::string>> JsonMembers::TextMap(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_object()) return Wrong(name);
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : found->items()) {
    if (!value.is_string()) return Wrong(name);
    texts[key] = value.get_ref<const std::string&>();
  }
  return texts;
}

absl::StatusOr<uint64_t> JsonMembers::Number(const char* name, uint64_t most) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_number_unsigned() || found->get<uint64_t>() > most) return Wrong(name);
  return found->get<uint64_t>();
}

absl::StatusOr<std::optional<uint64_t>> JsonMembers::NumberOrNull(const char* name, uint64_t most) const {
  const auto found = json_.find(name);
  if (found != json_.end() && found->is_null()) return std::optional<uint64_t>();
  const auto number = Number(name, most);
  if (!number.ok()) return number.status();
  return std::optional<uint64_t>(*number);
}

absl::StatusOr<bool> JsonMembers::Flag(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_boolean()) return Wrong(name);
  return found->get<bool>();
}

absl::StatusOr<const Json*> JsonMembers::List(const char* name, size_t most) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_array() || found->size() > most) return Wrong(name);
  return &*found;
}

absl::StatusOr<const Json*> JsonMembers::Object(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end() || !found->is_object()) return Wrong(name);
  return &*found;
}

}  // namespace paddock
