#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/glob.h"
#include "core/base/posix_path.h"

// Paths and globs. The first line is a pattern, the rest a path. Normal form is stable, and a match lies below the
// pattern's literal prefix, where every directory above it may match below.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t split = text.find('\n');
  const std::string pattern = paddock::NormalizePath(text.substr(0, split));
  const std::string path = paddock::NormalizePath(split == absl::string_view::npos ? text : text.substr(split + 1));
  if (paddock::NormalizePath(path) != path || !paddock::IsNormalPath(path)) std::abort();
  const auto glob = paddock::Glob::Compile(pattern);
  if (!glob.ok() || !paddock::IsAbsolutePath(path) || path == "/" || !glob->Matches(path)) return 0;
  if (!paddock::PathIsWithin(path, glob->literal_prefix())) std::abort();
  for (std::string above(paddock::ParentPath(path)); above != "/"; above = std::string(paddock::ParentPath(above))) {
    if (!glob->MayMatchBelow(above)) std::abort();
  }
  return 0;
}
