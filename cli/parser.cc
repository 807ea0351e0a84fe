#include "cli/parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace paddock::cli {
namespace {

absl::string_view LongName(const OptionRow& row) {
  const size_t comma = row.names.find(',');
  return comma == absl::string_view::npos ? row.names : row.names.substr(comma + 1);
}

const OptionRow* Find(const std::vector<OptionRow>& rows, absl::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(), [name](const OptionRow& r) {
    return LongName(r) == name || (absl::StartsWith(r.names, name) && r.names.substr(name.size(), 1) == ",");
  });
  return row == rows.end() ? nullptr : &*row;
}

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
    }
    std::swap(previous, current);
  }
  return previous[b.size()];
}

absl::Status Unexpected(absl::string_view arg, const std::vector<OptionRow>& rows) {
  if (arg.size() < 2 || arg[0] != '-')
    return absl::InvalidArgumentError(absl::StrCat("unexpected argument '", arg, "'"));
  const absl::string_view name = arg.substr(0, arg.find('='));
  std::string message = absl::StrCat("unknown option '", name, "'");
  constexpr size_t kLongestName = 32, kClose = 2;
  constexpr size_t kDashes = 2;
  if (name.size() > kDashes && name.size() <= kLongestName) {
    const OptionRow* nearest = nullptr;
    size_t distance = std::min(kClose + 1, name.size() - kDashes);  // "--rw" is not close to everything short
    for (const OptionRow& row : rows) {
      const size_t d = EditDistance(name, LongName(row));
      if (d < distance) distance = d, nearest = &row;
    }
    if (nearest != nullptr) absl::StrAppend(&message, "; did you mean '", LongName(*nearest), "'?");
  }
  return absl::InvalidArgumentError(message);
}

absl::Status Store(const OptionRow& row, absl::string_view name, std::string value) {
  if (std::vector<std::string>* const* list = std::get_if<std::vector<std::string>*>(&row.target)) {
    (*list)->push_back(std::move(value));
    return absl::OkStatus();
  }
  std::optional<std::string>& one = *std::get<std::optional<std::string>*>(row.target);
  if (one.has_value()) return absl::InvalidArgumentError(absl::StrCat("'", name, "' is given twice"));
  one = std::move(value);
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseOptions(const std::vector<std::string>& args, const std::vector<OptionRow>& rows,
                          const Positional& positional) {
  for (size_t i = 0; i < args.size(); ++i) {
    const absl::string_view arg = args[i];
    const size_t equals = absl::StartsWith(arg, "--") ? arg.find('=') : absl::string_view::npos;
    const absl::string_view name = arg.substr(0, equals);
    const OptionRow* row = Find(rows, name);
    if (row == nullptr) {
      const bool looks_like_option = arg.size() > 1 && arg[0] == '-';
      const bool room = positional.values != nullptr && positional.values->size() < positional.at_most;
      if (looks_like_option || !room) return Unexpected(arg, rows);
      positional.values->emplace_back(arg);
      continue;
    }
    if (bool* const* flag = std::get_if<bool*>(&row->target)) {
      if (equals != absl::string_view::npos)
        return absl::InvalidArgumentError(absl::StrCat("'", name, "' takes no value"));
      **flag = true;
    } else if (equals != absl::string_view::npos) {
      RETURN_IF_ERROR(Store(*row, name, std::string(arg.substr(equals + 1))));
    } else if (i + 1 < args.size()) {
      RETURN_IF_ERROR(Store(*row, name, args[++i]));
    } else {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' needs a value: ", name, " ", row->value));
    }
  }
  return absl::OkStatus();
}

}  // namespace paddock::cli
