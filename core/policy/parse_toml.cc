// toml++ as a header, in this one file, without exceptions; its nesting limit guards the stack.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
#include <toml++/toml.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/policy/document.h"

namespace paddock {
namespace {

int LineOf(const toml::source_region& region) { return static_cast<int>(region.begin.line); }

absl::Status Error(absl::string_view file, int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ": ", what));
}

// toml++ limits the nesting of values, not of dotted keys, whose tables it builds and destroys by recursion: a megabyte
// of "a.a.a" would end the stack. This looks at the text alone: dots of one key path, outside strings and comments.
class DepthScan {
 public:
  explicit DepthScan(absl::string_view text) : text_(text) {}

  // The line where a key has too many parts, or 0.
  int TooDeep() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        SkipString(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '\n') ++line_;
      if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') dots_ = 0;
      if (c == '.' && ++dots_ >= kMaxDocumentDepth) return line_;
      ++at_;
    }
    return 0;
  }

 private:
  void SkipString(char quote) {
    const std::string triple(3, quote);
    const bool multi_line = text_.substr(at_, 3) == triple;
    at_ += multi_line ? 3 : 1;
    while (at_ < text_.size()) {
      if (text_[at_] == '\n') {
        if (!multi_line) return;  // unterminated: the parser says so
        ++line_;
      }
      if (multi_line ? text_.substr(at_, 3) == triple : text_[at_] == quote) {
        at_ += multi_line ? 3 : 1;
        // Up to two more quotes may belong to the string's end.
        while (multi_line && at_ < text_.size() && text_[at_] == quote) ++at_;
        return;
      }
      at_ += text_[at_] == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' ? 2 : 1;
    }
  }

  absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  int dots_ = 0;
};

DocumentNode Convert(const toml::node& node, int line);

DocumentNode ConvertTable(const toml::table& table, int line) {
  DocumentNode result;
  result.line = line;
  for (auto&& [key, value] : table) {
    result.members.emplace_back(std::string(key.str()), Convert(value, LineOf(key.source())));
  }
  return result;
}

DocumentNode ConvertArray(const toml::array& array, int line) {
  DocumentNode result;
  result.kind = NodeKind::kArray;
  result.line = line;
  for (const toml::node& item : array) result.items.push_back(Convert(item, LineOf(item.source())));
  return result;
}

DocumentNode Convert(const toml::node& node, int line) {
  if (const auto* table = node.as_table()) return ConvertTable(*table, line);
  if (const auto* array = node.as_array()) return ConvertArray(*array, line);
  DocumentNode result;
  result.line = line;
  if (const auto* text = node.as_string()) {
    result.kind = NodeKind::kString;
    result.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    result.kind = NodeKind::kInteger;
    result.integer = integer->get();
  } else if (const auto* boolean = node.as_boolean()) {
    result.kind = NodeKind::kBoolean;
    result.boolean = boolean->get();
  } else {
    result.kind = NodeKind::kOther;
    result.text = node.is_floating_point() ? "a number with a fraction" : "a date or time";
  }
  return result;
}

}  // namespace

absl::StatusOr<DocumentNode> ParseTomlDocument(absl::string_view text, absl::string_view file) {
  if (const int line = DepthScan(text).TooDeep(); line != 0) {
    return Error(file, line,
                 absl::StrCat("a key of more than ", kMaxDocumentDepth, " parts; no key of a policy has so many"));
  }
  const toml::parse_result parsed = toml::parse(std::string_view(text.data(), text.size()));
  if (!parsed) {
    const std::string_view description = parsed.error().description();
    return Error(file, LineOf(parsed.error().source()), absl::string_view(description.data(), description.size()));
  }
  return ConvertTable(parsed.table(), 1);
}

}  // namespace paddock
