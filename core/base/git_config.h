#ifndef PADDOCK_CORE_BASE_GIT_CONFIG_H_
#define PADDOCK_CORE_BASE_GIT_CONFIG_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace paddock {

// One assignment of a git configuration file (git-config(1), "Syntax").
struct GitConfigEntry {
  std::string section;     // lower case
  std::string subsection;  // as written
  std::string key;         // lower case
  std::string value;       // unquoted; empty for a key alone
};

// Parses `text`. Lines that git would refuse are left out, so that the result holds at least what git reads.
std::vector<GitConfigEntry> ParseGitConfig(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_GIT_CONFIG_H_
