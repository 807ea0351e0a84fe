#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

bool ShouldUpdate() {
  const auto arguments = ::testing::internal::GetArgvs();
  return std::find(arguments.begin(), arguments.end(), "--update_goldens") != arguments.end();
}

}  // namespace

std::string SourcePath(absl::string_view relative) { return absl::StrCat(PADDOCK_SOURCE_DIR, "/", relative); }

std::string ReadSource(absl::string_view relative) {
  std::ifstream file(SourcePath(relative), std::ios::binary);
  if (!file) ADD_FAILURE() << SourcePath(relative) << " cannot be read";
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void ExpectGolden(absl::string_view relative, absl::string_view text) {
  const std::string path = SourcePath(relative);
  if (ShouldUpdate()) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    EXPECT_TRUE(file.good()) << path << " cannot be written";
    return;
  }
  // Not EXPECT_EQ: it would print both texts whole, and their edit distance is slow to find.
  const std::string golden = ReadSource(relative);
  if (golden == text) return;
  const auto [a, b] = std::mismatch(golden.begin(), golden.end(), text.begin(), text.end());
  const auto line = 1 + std::count(golden.begin(), a, '\n');
  const auto around = [](const auto& whole, auto at) {
    const auto begin =
        std::find(std::make_reverse_iterator(at), std::make_reverse_iterator(whole.begin()), '\n').base();
    return std::string(begin, std::find(at, whole.end(), '\n'));
  };
  ADD_FAILURE() << path << ":" << line << " differs\n  golden: " << around(golden, a)
                << "\n  now:    " << around(text, b) << "\nreview the change, then run scripts/update_goldens";
}

}  // namespace paddock
