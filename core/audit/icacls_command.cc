#include "core/audit/icacls_command.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace paddock::audit {
namespace {

// What PowerShell takes for a single quote (Microsoft Learn, "about_Quoting_Rules"; the language
// specification, 2.3.5.2): a file name that holds one would otherwise end the word, and go on as a command.
constexpr absl::string_view kSingleQuotes[] = {"'", "\u2018", "\u2019", "\u201a", "\u201b"};

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("_-.:\\/").find(c) != absl::string_view::npos;
}

}  // namespace

std::optional<std::string> PowerShellWord(absl::string_view argument) {
  // A double quote, which no name on Windows holds, does not survive the way to a program.
  const auto control = [](char c) { return c == '"' || absl::ascii_iscntrl(static_cast<unsigned char>(c)); };
  if (std::any_of(argument.begin(), argument.end(), control)) return std::nullopt;
  const bool option = absl::StartsWith(argument, "-");
  if (!argument.empty() && !option && std::all_of(argument.begin(), argument.end(), IsPlain)) {
    return std::string(argument);
  }
  std::string word = "'";
  while (!argument.empty()) {
    absl::string_view piece = argument.substr(0, 1);
    for (const absl::string_view quote : kSingleQuotes) {
      if (!absl::StartsWith(argument, quote)) continue;
      piece = quote;
      absl::StrAppend(&word, quote);
    }
    absl::StrAppend(&word, piece);
    argument.remove_prefix(piece.size());
  }
  word.push_back('\'');
  return word;
}

std::optional<std::string> IcaclsCommand(const std::vector<std::string>& arguments) {
  std::string line = "icacls";
  for (const std::string& argument : arguments) {
    const std::optional<std::string> word = PowerShellWord(argument);
    if (!word) return std::nullopt;
    absl::StrAppend(&line, " ", *word);
  }
  return line;
}

}  // namespace paddock::audit
