#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

constexpr size_t kMaxQuoted = 80;
constexpr size_t kMaxGuessed = 40;

// Insertions, deletions and replacements, and swaps of neighbours, which are the commonest slip.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string Quote(absl::string_view text) {
  const bool cut = text.size() > kMaxQuoted;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kMaxQuoted)), cut ? "..." : "", "\"");
}

std::string OneOf(const std::vector<absl::string_view>& values) {
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : i + 1 == values.size() ? " or " : ", ", "\"", values[i], "\"");
  }
  return text;
}

std::string DidYouMean(absl::string_view text, const std::vector<absl::string_view>& known) {
  if (text.size() > kMaxGuessed) return "";
  std::string lower = absl::AsciiStrToLower(text);
  std::replace(lower.begin(), lower.end(), '-', '_');
  const absl::string_view* best = nullptr;
  size_t best_distance = 3;  // two slips at most
  for (const absl::string_view& candidate : known) {
    std::string folded(candidate);
    std::replace(folded.begin(), folded.end(), '-', '_');
    const size_t distance = Distance(lower, folded);
    if (distance < best_distance && distance * 2 < candidate.size() + 1) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : absl::StrCat("; did you mean `", *best, "`?");
}

}  // namespace paddock
