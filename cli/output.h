#ifndef PADDOCK_CLI_OUTPUT_H_
#define PADDOCK_CLI_OUTPUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/platform/files.h"
#include "core/platform/terminal.h"

namespace paddock::cli {

// Where a subcommand writes. Not thread-safe.
class Output {
 public:
  virtual ~Output() = default;
  // Writes all of `text` before it returns. Unavailable: nobody reads any more.
  virtual absl::Status Write(absl::string_view text) = 0;
  virtual bool is_terminal() const { return false; }
};

// Writes to a descriptor of the process, which stays open. Unbuffered.
class DescriptorOutput : public Output {
 public:
  explicit DescriptorOutput(int descriptor) : descriptor_(descriptor) {}
  absl::Status Write(absl::string_view text) override { return WriteAll(descriptor_, text); }
  bool is_terminal() const override { return IsTerminal(descriptor_); }

 private:
  int descriptor_;
};

class StringOutput : public Output {
 public:
  absl::Status Write(absl::string_view text) override {
    text_.append(text.data(), text.size());
    return absl::OkStatus();
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_OUTPUT_H_
