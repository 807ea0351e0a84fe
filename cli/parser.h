#ifndef PADDOCK_CLI_PARSER_H_
#define PADDOCK_CLI_PARSER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace paddock::cli {

// The tool wraps every command of an agent, so its own start counts: parsing by a table costs a microsecond, where a
// library's parser objects cost 100, and misreads what hostile arguments hold ("--wall=", "[a,b]").

// Where an option's value goes. A bool is a switch; a single value may be given once; a list grows with each use.
using OptionTarget = std::variant<bool*, std::optional<std::string>*, std::vector<std::string>*>;

// What a value is, for who completes it and who reads about it. The parser takes any.
enum class ValueKind : unsigned char {
  kText,       // anything
  kChoice,     // one of a closed set
  kFile,       //
  kDirectory,  //
  kPath,       // a file or a directory
  kVariable,   // the name of an environment variable
  kBackend,    // a backend's name, perhaps with a tier
};

// The closed set of a kChoice, made when somebody asks. A value that goes on ("allow=") ends in "=".
using ValueSet = std::vector<std::string> (*)();

// One row of a subcommand's options: what the parser accepts, what --help prints, what shells complete and what the
// manual page says. There is no other list of options.
struct OptionRow {
  absl::string_view group;  // heading in the help
  absl::string_view names;  // "--wall", "-q,--quiet"
  absl::string_view value;  // "TIME"; empty for a switch
  absl::string_view help;   // "{values}" in it stands for the closed set
  OptionTarget target;
  ValueKind kind = ValueKind::kText;
  ValueSet values = nullptr;  // kChoice
};

struct Positional {
  absl::string_view name;  // "FILE"
  std::vector<std::string>* values = nullptr;
  size_t at_most = 0;
};

// Parses `args` by `rows`, and what is no option into `positional`. Values are taken as they are: never split, never
// converted; an empty one is a value. `--name=VALUE` and `--name VALUE` are the same. InvalidArgument says what is
// wrong with which argument, as it was given.
absl::Status ParseOptions(const std::vector<std::string>& args, const std::vector<OptionRow>& rows,
                          const Positional& positional);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_PARSER_H_
