#include "cli/render_json.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/escape.h"
#include "cli/page.h"

namespace paddock::cli {
namespace {

constexpr size_t kStep = 2;
constexpr size_t kShortList = 70;  // columns

std::string Scalar(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_null()) return "-";
  if (json.is_boolean()) return json.get<bool>() ? "yes" : "no";
  return json.dump();
}

bool IsLeaf(const Json& json) { return !json.is_structured() || json.empty(); }

std::string Leaf(const Json& json) { return json.is_structured() ? "none" : Scalar(json); }

// All members on one line, or empty if they do not fit or are no scalars.
std::string OneLine(const Json& json) {
  std::vector<std::string> parts;
  for (const auto& item : json.items()) {
    if (!IsLeaf(item.value())) return "";
    parts.push_back(json.is_object() ? absl::StrCat(item.key(), "=", Leaf(item.value())) : Leaf(item.value()));
  }
  std::string line = absl::StrJoin(parts, ", ");
  return DisplayWidth(Escape(line)) <= kShortList ? line : "";
}

void Add(const Json& json, size_t indent, Page* page) {
  for (const auto& item : json.items()) {
    const std::string lead = json.is_object() ? absl::StrCat(item.key(), ": ") : "- ";
    const Json& value = item.value();
    if (IsLeaf(value)) {
      page->Paragraph(indent, Leaf(value), Style::kPlain, lead, Style::kStrong);
    } else if (const std::string line = OneLine(value); !line.empty()) {
      page->Paragraph(indent, line, Style::kPlain, lead, Style::kStrong);
    } else {
      page->Paragraph(indent, "", Style::kPlain, lead, Style::kStrong);
      Add(value, indent + kStep, page);
    }
  }
}

}  // namespace

std::string RenderJson(const Json& json, bool color) {
  Page page(color);
  if (IsLeaf(json)) {
    page.Paragraph(0, Leaf(json));
  } else {
    Add(json, 0, &page);
  }
  return page.text();
}

}  // namespace paddock::cli
