#include "core/base/glob.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"

namespace paddock {
namespace {

enum class TokenKind : uint8_t { kByte, kAny, kOne };

struct Token {
  TokenKind kind = TokenKind::kByte;
  char byte = 0;
  size_t length = 1;  // in the pattern
};

Token TokenAt(absl::string_view pattern, size_t at) {
  const char byte = pattern[at];
  if (byte == '*') return {TokenKind::kAny, 0, 1};
  if (byte == '?') return {TokenKind::kOne, 0, 1};
  if (byte == '[' && at + 2 < pattern.size() && pattern[at + 2] == ']' &&
      (pattern[at + 1] == '*' || pattern[at + 1] == '?' || pattern[at + 1] == '[')) {
    return {TokenKind::kByte, pattern[at + 1], 3};
  }
  return {TokenKind::kByte, byte, 1};
}

// Most texts hold nothing that TokenAt would have to look at.
bool IsPlain(absl::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '*' || c == '?' || c == '['; });
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// How many bytes of `text` a '?' takes at `at`.
size_t CharacterLength(absl::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  size_t length = 1;
  while (length < want && at + length < text.size() && IsContinuation(text[at + length])) ++length;
  return length == want ? want : 1;
}

// A failed match can only be mended by letting the latest * take more: earlier ones need not be tried again, so the
// work is bounded by the product of the lengths.
bool ComponentMatches(absl::string_view pattern, absl::string_view name) {
  size_t p = 0, n = 0;
  size_t after_star = absl::string_view::npos, star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size()) {
      const Token token = TokenAt(pattern, p);
      if (token.kind == TokenKind::kAny) {
        after_star = ++p;
        star_end = n;
        continue;
      }
      if (token.kind == TokenKind::kOne || token.byte == name[n]) {
        n += token.kind == TokenKind::kOne ? CharacterLength(name, n) : 1;
        p += token.length;
        continue;
      }
    }
    if (after_star == absl::string_view::npos) return false;
    p = after_star;
    n = ++star_end;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool HasGlob(absl::string_view text) {
  if (IsPlain(text)) return false;
  for (size_t at = 0; at < text.size();) {
    const Token token = TokenAt(text, at);
    if (token.kind != TokenKind::kByte) return true;
    at += token.length;
  }
  return false;
}

std::string EscapeGlob(absl::string_view literal) {
  std::string pattern;
  for (size_t at = 0; at < literal.size(); ++at) {
    const char byte = literal[at];
    const bool quotes_by_itself = TokenAt(literal, at).length == 3;
    if (byte == '*' || byte == '?' || quotes_by_itself) {
      absl::StrAppend(&pattern, "[", literal.substr(at, 1), "]");
    } else {
      pattern += byte;
    }
  }
  return pattern;
}

std::string UnescapeGlob(absl::string_view pattern) {
  if (IsPlain(pattern)) return std::string(pattern);
  std::string literal;
  for (size_t at = 0; at < pattern.size();) {
    const Token token = TokenAt(pattern, at);
    literal += token.kind == TokenKind::kByte ? token.byte : pattern[at];
    at += token.length;
  }
  return literal;
}

absl::StatusOr<Glob> Glob::Compile(absl::string_view pattern) {
  if (!IsAbsolutePath(pattern) || !IsNormalPath(pattern)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", pattern, "\" is no absolute, normal path pattern"));
  }
  Glob glob;
  glob.pattern_ = std::string(pattern);
  bool literal_so_far = true;
  std::string prefix;
  for (const absl::string_view component : PathComponents(pattern)) {
    if (component != "**" && component.find("**") != absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", pattern, "\": ** must be a whole component, as in \"a/**/b\"; within a name write *"));
    }
    // "**/**" means "**": one is enough, and keeps the matching cheap.
    if (component == "**" && !glob.components_.empty() && glob.components_.back() == "**") continue;
    glob.components_.emplace_back(component);
    literal_so_far = literal_so_far && !HasGlob(component);
    if (literal_so_far) absl::StrAppend(&prefix, "/", UnescapeGlob(component));
  }
  if (!glob.components_.empty() && !HasGlob(glob.components_.back())) {
    glob.literal_name_ = UnescapeGlob(glob.components_.back());
  }
  // A pattern without a wildcard names one path; a walk for it starts in its parent.
  if (literal_so_far) prefix = std::string(ParentPath(prefix));
  glob.literal_prefix_ = prefix.empty() ? "/" : std::move(prefix);
  return glob;
}

bool Glob::Matches(absl::string_view path) const {
  const absl::string_view name = PathBasename(path);
  if (!literal_name_.empty() && name != literal_name_) return false;
  // Most of a tree is decided by this, before the path is taken apart.
  const bool any_name = components_.empty() || components_.back() == "**";
  if (literal_name_.empty() && !any_name && !ComponentMatches(components_.back(), name)) return false;
  const std::vector<absl::string_view> names = PathComponents(path);
  size_t p = 0, n = 0;
  size_t after_star = absl::string_view::npos, star_end = 0;
  while (n < names.size()) {
    if (p < components_.size() && components_[p] == "**") {
      after_star = ++p;
      star_end = n;
    } else if (p < components_.size() && ComponentMatches(components_[p], names[n])) {
      ++p;
      ++n;
    } else if (after_star != absl::string_view::npos) {
      p = after_star;
      n = ++star_end;
    } else {
      return false;
    }
  }
  while (p < components_.size() && components_[p] == "**") ++p;
  return p == components_.size();
}

bool Glob::MayMatchBelow(absl::string_view directory) const {
  const std::vector<absl::string_view> names = PathComponents(directory);
  for (size_t i = 0; i < names.size(); ++i) {
    if (i >= components_.size()) return false;
    if (components_[i] == "**") return true;
    if (!ComponentMatches(components_[i], names[i])) return false;
  }
  return components_.size() > names.size();
}

bool WildcardMatch(absl::string_view pattern, absl::string_view text) {
  size_t p = 0, t = 0;
  size_t after_star = absl::string_view::npos, star_end = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (after_star != absl::string_view::npos) {
      p = after_star;
      t = ++star_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace paddock
