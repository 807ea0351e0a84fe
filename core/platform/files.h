#ifndef PADDOCK_CORE_PLATFORM_FILES_H_
#define PADDOCK_CORE_PLATFORM_FILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace paddock {

// Writes all of `text` to a descriptor, blocking as long as it takes. Unavailable: nobody reads any more.
absl::Status WriteAll(int descriptor, absl::string_view text);

// Whether `handle` is a descriptor (Windows: a HANDLE) that is open in this process.
bool IsOpenHandle(intptr_t handle);

// A file that is written once, at the end, and whole: what was there before stays until then. Open it before the run:
// the directory is held from then on, so that the command cannot lead the file elsewhere by putting a link in its way,
// and a target that could not be written is refused while nothing has run yet.
class OutputFile {
 public:
  // "-": stderr. A terminal, pipe or device (/dev/fd/3) is written in place; a symbolic link to a file is replaced,
  // never followed. InvalidArgument: a directory, a missing parent, no right to write there.
  static absl::StatusOr<OutputFile> Open(const std::string& path);

  OutputFile(OutputFile&&) noexcept;
  OutputFile& operator=(OutputFile&&) noexcept;
  ~OutputFile();

  absl::Status Commit(absl::string_view text);

 private:
  struct Target;
  explicit OutputFile(std::unique_ptr<Target> target);
  std::unique_ptr<Target> target_;
};

// The whole of a regular file of at most `max_bytes`. Messages begin with the path. InvalidArgument: larger, or no
// regular file; else what the system said.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLATFORM_FILES_H_
