#ifndef PADDOCK_TESTS_SUPPORT_GOLDEN_H_
#define PADDOCK_TESTS_SUPPORT_GOLDEN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace paddock {

// A path of the source tree, from its root: "docs/rubric.md".
std::string SourcePath(absl::string_view relative);

// Empty, and the test fails, if it cannot be read.
std::string ReadSource(absl::string_view relative);

// Fails unless the file at `relative` holds `text`. In a test program that was started with --update_goldens, writes it
// instead.
void ExpectGolden(absl::string_view relative, absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_TESTS_SUPPORT_GOLDEN_H_
