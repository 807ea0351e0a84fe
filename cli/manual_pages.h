#ifndef PADDOCK_CLI_MANUAL_PAGES_H_
#define PADDOCK_CLI_MANUAL_PAGES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/manual.h"

// The manual pages: one of the tool, one of each subcommand, one of policy files. Options, values, exit statuses,
// examples, keys and defaults come from the tables; the prose beside them is here. Made at build time (pages_main.cc),
// and no part of the tool.

namespace paddock::cli {

struct PageStamp {
  std::string date;  // YYYY-MM-DD
  std::string version;
};

struct PageFile {
  std::string path;  // "man1/paddock-run.1"
  std::string text;
};

std::vector<PageFile> ManualPages(const Manual& manual, const PageStamp& stamp);

// paddock-policy(5).
std::string PolicyPage(const PageStamp& stamp);

// What a level of a guarantee means, as docs/policy.md says it.
absl::string_view LevelMeaning(absl::string_view guarantee, absl::string_view level);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_MANUAL_PAGES_H_
