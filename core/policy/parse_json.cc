#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/policy/document.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

// Where the lexer is. It has read one byte past a number and up to the last byte of anything else; neither a token nor
// the byte that ends it lies beyond `at - 1`.
struct Progress {
  const char* begin = nullptr;
  const char* at = nullptr;
};

// Iterates over the text and tells how far the lexer has come.
class TrackingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackingIterator(const char* at, Progress* progress) : at_(at), progress_(progress) {}
  reference operator*() const { return *at_; }
  TrackingIterator& operator++() {
    progress_->at = ++at_;
    return *this;
  }
  friend bool operator==(const TrackingIterator& a, const TrackingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  Progress* progress_;
};

// Builds the tree without recursion and refuses what a DOM would accept in silence: a key written twice.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(const Progress* progress) : progress_(progress), counted_(progress->begin) {
    stack_.push_back(&top_);
    names_.emplace_back();
  }

  bool null() override { return Add(Other("null")); }
  bool boolean(bool value) override {
    DocumentNode node = Node(NodeKind::kBoolean);
    node.boolean = value;
    return Add(std::move(node));
  }
  bool number_integer(number_integer_t value) override {
    DocumentNode node = Node(NodeKind::kInteger);
    node.integer = value;
    return Add(std::move(node));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) return Add(Other("a number beyond 9223372036854775807"));
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    const bool fraction = absl::StrContains(text, ".") || absl::StrContains(text, "e") || absl::StrContains(text, "E");
    return Add(Other(fraction ? "a number with a fraction" : "a number beyond 9223372036854775807"));
  }
  bool string(string_t& value) override {
    DocumentNode node = Node(NodeKind::kString);
    node.text = value;
    return Add(std::move(node));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(NodeKind::kTable); }
  bool start_array(size_t) override { return Open(NodeKind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    if (!names_.back().insert(value).second) return Fail(absl::StrCat(Quote(value), " is written twice in one table"));
    DocumentNode node;
    node.line = Line();
    stack_.back()->members.push_back({value, std::move(node)});
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...": the line is told already.
    std::string what = error.what();
    const size_t detail = what.find(": ");
    return Fail(absl::StrCat("no JSON: ", detail == std::string::npos ? what : what.substr(detail + 2)));
  }

  const std::string& error() const { return error_; }
  int error_line() const { return error_line_; }
  DocumentNode& root() { return top_.items.front(); }
  bool has_root() const { return !top_.items.empty(); }

 private:
  // Counts each newline once, however often the line is asked for.
  int Line() const {
    const char* end = std::max(counted_, progress_->at == progress_->begin ? progress_->begin : progress_->at - 1);
    lines_ += static_cast<int>(std::count(counted_, end, '\n'));
    counted_ = end;
    return 1 + lines_;
  }

  DocumentNode Node(NodeKind kind) const {
    DocumentNode node;
    node.kind = kind;
    node.line = Line();
    return node;
  }

  DocumentNode Other(std::string what) const {
    DocumentNode node = Node(NodeKind::kOther);
    node.text = std::move(what);
    return node;
  }

  bool Fail(std::string what) {
    error_ = std::move(what);
    error_line_ = Line();
    return false;
  }

  // A member keeps the line of its key.
  DocumentNode* Place(DocumentNode node) {
    DocumentNode* parent = stack_.back();
    if (parent->kind == NodeKind::kTable) {
      node.line = parent->members.back().second.line;
      parent->members.back().second = std::move(node);
      return &parent->members.back().second;
    }
    parent->items.push_back(std::move(node));
    return &parent->items.back();
  }

  bool Add(DocumentNode node) {
    Place(std::move(node));
    return true;
  }

  bool Open(NodeKind kind) {
    if (stack_.size() > static_cast<size_t>(kMaxDocumentDepth)) {
      return Fail(absl::StrCat("nested deeper than ", kMaxDocumentDepth, " levels; no key of a policy is"));
    }
    // The pointer stays good: a parent gets no further child before this one is closed.
    stack_.push_back(Place(Node(kind)));
    names_.emplace_back();
    return true;
  }

  bool Close() {
    stack_.pop_back();
    names_.pop_back();
    return true;
  }

  const Progress* progress_;
  mutable const char* counted_;
  mutable int lines_ = 0;
  DocumentNode top_{NodeKind::kArray, 0, "", 0, false, {}, {}};  // holds the root as its only item
  std::vector<DocumentNode*> stack_;
  std::vector<std::set<std::string>> names_;  // of each open table
  std::string error_;
  int error_line_ = 0;
};

}  // namespace

absl::StatusOr<DocumentNode> ParseJsonDocument(absl::string_view text, absl::string_view file) {
  Progress progress{text.data(), text.data()};
  TreeBuilder builder(&progress);
  const TrackingIterator begin(text.data(), &progress), end(text.data() + text.size(), &progress);
  const bool parsed = Json::sax_parse(begin, end, &builder);
  if (!parsed || !builder.has_root()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", builder.error_line(), ": ", builder.error()));
  }
  if (builder.root().kind != NodeKind::kTable) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":1: no policy: the outermost value must be a table {...}"));
  }
  return std::move(builder.root());
}

}  // namespace paddock
