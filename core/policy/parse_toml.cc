// toml++ as a header, in this one file, without its exceptions. Version 3.3 takes some malformed input past its own
// assertions, which a release build turns into assumptions, so undefined behaviour: here they are checks in every
// build, and a failed one ends the parse.
namespace paddock {
struct TomlAssertionFailed {};
constexpr void CheckTomlAssertion(bool condition) {
  if (!condition) throw TomlAssertionFailed();
}
}  // namespace paddock

#ifdef NDEBUG
#define PADDOCK_HAD_NDEBUG
#undef NDEBUG
#endif
#define TOML_ASSERT(condition) ::paddock::CheckTomlAssertion(static_cast<bool>(condition))
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
#include <toml++/toml.h>
#ifdef PADDOCK_HAD_NDEBUG
#define NDEBUG
#endif

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/policy/document.h"

namespace paddock {
namespace {

int LineOf(const toml::source_region& region) { return static_cast<int>(region.begin.line); }

absl::Status Error(absl::string_view file, int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ": ", what));
}

// A first look at the text, for what toml++ must not see. It limits the nesting of values, not that of dotted keys,
// whose tables it builds and destroys by recursion: a megabyte of "a.a.a" would end the stack. And a header that does
// not begin with a key ("[[[") fails an assertion, which knows no line.
class FirstLook {
 public:
  explicit FirstLook(absl::string_view text) : text_(text) {}

  absl::string_view Complaint() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '[' && line_start_ && open_ == 0 && !HeaderBeginsWithKey())
        return "a table header must begin with a key: [name]";
      line_start_ = c == '\n' || (line_start_ && (c == ' ' || c == '\t'));
      if (c == '"' || c == '\'') {
        SkipString(c);
        continue;
      }
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (absl::StrContains("\n=,[]{}", absl::string_view(&c, 1))) dots_ = 0;
      if (c == '\n') ++line_;
      if (c == '[' || c == '{') ++open_;
      if ((c == ']' || c == '}') && open_ > 0) --open_;
      if (c == '.' && ++dots_ >= kMaxDocumentDepth) return "a key of more than 8 parts; no key of a policy has so many";
      ++at_;
    }
    return "";
  }
  int line() const { return line_; }

 private:
  bool HeaderBeginsWithKey() const {
    const bool array = text_.substr(at_, 2) == "[[";
    const size_t key = text_.find_first_not_of(" \t", at_ + (array ? 2 : 1));
    if (key == absl::string_view::npos) return false;
    const char c = text_[key];
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '"' || c == '\'';
  }

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
  int open_ = 0;  // brackets and braces
  bool line_start_ = true;
};

DocumentNode Convert(const toml::node& node, int line);

DocumentNode ConvertTable(const toml::table& table, int line) {
  DocumentNode result;
  result.line = line;
  for (auto&& [key, value] : table) {
    result.members.push_back({std::string(key.str()), Convert(value, LineOf(key.source()))});
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
  FirstLook look(text);
  if (const absl::string_view complaint = look.Complaint(); !complaint.empty())
    return Error(file, look.line(), complaint);
  try {
    const toml::parse_result parsed = toml::parse(std::string_view(text.data(), text.size()));
    if (parsed) return ConvertTable(parsed.table(), 1);
    const std::string_view description = parsed.error().description();
    return Error(file, LineOf(parsed.error().source()), absl::string_view(description.data(), description.size()));
  } catch (const TomlAssertionFailed&) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": is no TOML: a key, a value or a table header is malformed"));
  }
}

}  // namespace paddock
