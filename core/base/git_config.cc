#include "core/base/git_config.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace paddock {
namespace {

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xef\xbb\xbf") at_ = 3;
  }

  std::vector<GitConfigEntry> Run() {
    while (!AtEnd()) {
      SkipBlanks();
      if (AtEnd()) break;
      const char c = text_[at_];
      if (c == '\n') {
        ++at_;
      } else if (c == '#' || c == ';') {
        SkipLine();
      } else if (c == '[') {
        ParseSection();  // an assignment may follow on the same line
      } else {
        ParseAssignment();
      }
    }
    return std::move(entries_);
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\n' : text_[at_]; }
  void SkipLine() {
    while (!AtEnd() && text_[at_] != '\n') ++at_;
  }
  void SkipBlanks() {
    while (!AtEnd() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  // [core]  [remote "origin"]  [branch.main]
  void ParseSection() {
    ++at_;
    section_.clear();
    subsection_.clear();
    while (Peek() != '\n' && Peek() != ']' && Peek() != ' ' && Peek() != '\t') section_.push_back(text_[at_++]);
    SkipBlanks();
    if (Peek() == '"') ParseQuotedSubsection();
    SkipBlanks();
    if (Peek() == ']') ++at_;
    const size_t dot = section_.find('.');
    if (dot != std::string::npos) {
      subsection_ = section_.substr(dot + 1);
      section_.resize(dot);
    }
    absl::AsciiStrToLower(&section_);
  }

  void ParseQuotedSubsection() {
    for (++at_; Peek() != '\n' && Peek() != '"'; ++at_) {
      if (Peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      subsection_.push_back(text_[at_]);
    }
    if (Peek() == '"') ++at_;
  }

  void ParseAssignment() {
    GitConfigEntry entry = {section_, subsection_, "", ""};
    while (absl::ascii_isalnum(static_cast<unsigned char>(Peek())) || Peek() == '-') entry.key.push_back(text_[at_++]);
    absl::AsciiStrToLower(&entry.key);
    SkipBlanks();
    if (Peek() == '=') {
      ++at_;
      entry.value = ParseValue();
    } else {
      SkipLine();
    }
    if (!entry.key.empty()) entries_.push_back(std::move(entry));
  }

  // Blanks at both ends go, unless quoted; # and ; begin a comment; a backslash at the end continues the line.
  std::string ParseValue() {
    SkipBlanks();
    std::string value;
    size_t kept = 0;  // up to where `value` survives the trimming at its end
    bool quoted = false;
    for (; !AtEnd() && text_[at_] != '\n'; ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        quoted = !quoted;
        kept = value.size();
      } else if (c == '\\') {
        AppendEscape(value);
        kept = value.size();
      } else if (!quoted && (c == '#' || c == ';')) {
        SkipLine();
        break;
      } else {
        value.push_back(c);
        if (quoted || (c != ' ' && c != '\t' && c != '\r')) kept = value.size();
      }
    }
    value.resize(kept);
    return value;
  }

  // On a backslash; leaves `at_` on the last character of the escape.
  void AppendEscape(std::string& value) {
    if (at_ + 1 >= text_.size()) return;
    const char c = text_[++at_];
    if (c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
      ++at_;
      return;
    }
    switch (c) {
      case '\n':
        return;
      case 'n':
        value.push_back('\n');
        return;
      case 't':
        value.push_back('\t');
        return;
      case 'b':
        value.push_back('\b');
        return;
      default:
        value.push_back(c);
    }
  }

  absl::string_view text_;
  size_t at_ = 0;
  std::string section_, subsection_;
  std::vector<GitConfigEntry> entries_;
};

}  // namespace

std::vector<GitConfigEntry> ParseGitConfig(absl::string_view text) { return Parser(text).Run(); }

}  // namespace paddock
