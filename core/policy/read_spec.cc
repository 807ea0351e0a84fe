#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/policy/document.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

// For editors that look up a JSON file's schema by it; says nothing to Paddock.
constexpr absl::string_view kSchemaKey = "$schema";

std::string Found(const DocumentNode& node) {
  switch (node.kind) {
    case NodeKind::kString:
      return absl::StrCat("the text ", Quote(node.text));
    case NodeKind::kInteger:
      return absl::StrCat("the number ", node.integer);
    case NodeKind::kBoolean:
      return node.boolean ? "true" : "false";
    case NodeKind::kArray:
      return "a list";
    case NodeKind::kTable:
      return "a table";
    case NodeKind::kOther:
      return node.text;
  }
  return "";
}

// A name as part of a key's path: as it is if that is harmless and readable.
std::string Shown(absl::string_view name) {
  std::string quoted = Quote(name);
  return !name.empty() && quoted.size() == name.size() + 2 ? std::string(name) : quoted;
}

class Reader {
 public:
  explicit Reader(absl::string_view file) : file_(file) {}

  absl::StatusOr<PolicySpec> Read(const DocumentNode& root) {
    for (const auto& [name, node] : root.members) RETURN_IF_ERROR(ReadTop(name, node));
    return std::move(spec_);
  }

 private:
  absl::Status Error(const DocumentNode& at, absl::string_view key, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", at.line, ": ", key, ": ", what));
  }

  absl::Status WrongType(const DocumentNode& node, absl::string_view key, absl::string_view right) const {
    return Error(node, key, absl::StrCat("is ", Found(node), "; write ", right));
  }

  Origin OriginOf(const DocumentNode& node) const { return {std::string(file_), node.line}; }

  absl::Status ReadTop(const std::string& name, const DocumentNode& node) {
    if (name == kSchemaKey && node.kind == NodeKind::kString) return absl::OkStatus();
    if (name.empty()) return UnknownKey("", name, node);
    for (const KeyInfo& info : PolicyKeys()) {
      if (info.section == name && !info.name.empty()) return ReadSection(name, node);
      if ((info.section.empty() && info.name == name) || (info.section == name && info.name.empty())) {
        return ReadKey(info, node);
      }
    }
    return UnknownKey("", name, node);
  }

  absl::Status ReadSection(const std::string& section, const DocumentNode& table) {
    if (table.kind != NodeKind::kTable) return WrongType(table, section, absl::StrCat("a table [", section, "]"));
    for (const auto& [name, node] : table.members) {
      const auto& keys = PolicyKeys();
      const auto info = std::find_if(keys.begin(), keys.end(), [&, &key = name](const KeyInfo& candidate) {
        return candidate.in_files && candidate.section == section && candidate.name == key;
      });
      if (info == keys.end()) return UnknownKey(section, name, node);
      RETURN_IF_ERROR(ReadKey(*info, node));
    }
    return absl::OkStatus();
  }

  // Says where the name would be right, if it is a slip or stands in the wrong section.
  absl::Status UnknownKey(absl::string_view section, absl::string_view name, const DocumentNode& node) const {
    const std::string shown = absl::StrCat(section, section.empty() ? "" : ".", Shown(name));
    std::vector<absl::string_view> here;
    for (const KeyInfo& info : PolicyKeys()) {
      if (!info.in_files) continue;
      if (info.name == name && !name.empty())
        return Error(node, shown, absl::StrCat("unknown key; did you mean `", KeyPath(info.key), "`?"));
      if (info.section == section) here.push_back(info.name);
      if (section.empty() && !info.section.empty()) here.push_back(info.section);
    }
    here.erase(std::unique(here.begin(), here.end()), here.end());
    std::string hint = DidYouMean(name, here);
    if (hint.empty()) hint = absl::StrCat("; known here: ", OneOf(here));
    return Error(node, shown, absl::StrCat("unknown key", hint));
  }

  absl::Status ReadKey(const KeyInfo& info, const DocumentNode& node) {
    const std::string key = KeyPath(info.key);
    Setting setting;
    setting.origin = OriginOf(node);
    absl::Status status;
    if (IsList(info.type)) {
      status = ReadList(info, key, node, &setting);
    } else if (info.type == KeyType::kVariables || info.type == KeyType::kLevels) {
      status = ReadTable(info, key, node, &setting);
    } else {
      status = ReadScalar(info, key, node, &setting);
    }
    RETURN_IF_ERROR(status);
    spec_.Set(info.key, std::move(setting));
    return absl::OkStatus();
  }

  absl::Status ReadList(const KeyInfo& info, const std::string& key, const DocumentNode& node, Setting* setting) const {
    if (node.kind != NodeKind::kArray) return WrongType(node, key, "a list of texts: [\"...\", \"...\"]");
    for (size_t i = 0; i < node.items.size(); ++i) {
      const DocumentNode& item = node.items[i];
      const std::string item_key = absl::StrCat(key, "[", i, "]");
      if (item.kind != NodeKind::kString) return WrongType(item, item_key, "a text in quotes");
      PathEntry entry{item.text, OriginOf(item)};
      if (item.text != kInherited) {
        const auto checked = CheckElement(info, item.text);
        if (!checked.ok()) return Error(item, item_key, checked.status().message());
        entry.text = *checked;
      }
      setting->list.push_back(std::move(entry));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTable(const KeyInfo& info, const std::string& key, const DocumentNode& node,
                         Setting* setting) const {
    if (node.kind != NodeKind::kTable) {
      return WrongType(node, key,
                       info.type == KeyType::kLevels ? "a table of guarantees: write = \"confined\""
                                                     : "a table: { NAME = \"value\" }");
    }
    for (const auto& [name, value] : node.members) {
      const std::string entry_key = absl::StrCat(key, ".", Shown(name));
      if (value.kind != NodeKind::kString) return WrongType(value, entry_key, "a text in quotes");
      const absl::Status status = CheckEntry(info, name, value.text);
      if (!status.ok()) return Error(value, entry_key, status.message());
      setting->map[name] = PathEntry{value.text, OriginOf(value)};
    }
    return absl::OkStatus();
  }

  absl::Status ReadScalar(const KeyInfo& info, const std::string& key, const DocumentNode& node,
                          Setting* setting) const {
    if (info.type == KeyType::kBoolean) {
      if (node.kind != NodeKind::kBoolean) return WrongType(node, key, "true or false");
      setting->flag = node.boolean;
      return absl::OkStatus();
    }
    if (info.type == KeyType::kChoice) {
      if (node.kind != NodeKind::kString) return WrongType(node, key, OneOf(info.values));
      const auto choice = CheckChoice(info, node.text);
      if (!choice.ok()) return Error(node, key, choice.status().message());
      setting->choice = *choice;
      return absl::OkStatus();
    }
    if (IsName(info.type)) {
      if (node.kind != NodeKind::kString) return WrongType(node, key, "a name in quotes");
      auto checked = CheckElement(info, node.text);
      if (!checked.ok()) return Error(node, key, checked.status().message());
      setting->list = {{*std::move(checked), OriginOf(node)}};
      return absl::OkStatus();
    }
    return ReadNumber(info, key, node, setting);
  }

  // Sizes and counts may be written as numbers; a duration without a unit would be a guess.
  absl::Status ReadNumber(const KeyInfo& info, const std::string& key, const DocumentNode& node,
                          Setting* setting) const {
    if (node.kind == NodeKind::kInteger && info.type != KeyType::kDuration) {
      if (node.integer < 0) return Error(node, key, absl::StrCat(node.integer, " is negative"));
      setting->number = static_cast<uint64_t>(node.integer);
      const absl::Status range = CheckRange(info, setting->number);
      if (!range.ok()) return Error(node, key, absl::StrCat(node.integer, " ", range.message()));
      return absl::OkStatus();
    }
    const bool count = info.type == KeyType::kCount;
    if (node.kind != NodeKind::kString || (count && node.text != "none")) {
      return WrongType(node, key,
                       count                         ? "a whole number such as 512, or \"none\""
                       : info.type == KeyType::kSize ? "a size such as \"4GiB\", or \"none\""
                                                     : "a duration such as \"10m\", or \"none\"");
    }
    const auto number = CheckNumber(info, node.text);
    if (!number.ok()) return Error(node, key, number.status().message());
    setting->number = *number;
    return absl::OkStatus();
  }

  absl::string_view file_;
  PolicySpec spec_;
};

}  // namespace

absl::StatusOr<PolicySpec> ReadSpec(const DocumentNode& root, absl::string_view file) {
  return Reader(file).Read(root);
}

}  // namespace paddock
