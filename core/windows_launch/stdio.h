#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_STDIO_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_STDIO_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/backend/launcher.h"
#include "core/platform/windows/system_library.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// What the command gets: ends that it inherits, or a pseudoconsole. To be closed once it has started, but for the
// console.
struct ChildStdio {
  UniqueFileHandle in, out, err;
  void* console = nullptr;  // HPCON; the streams are invalid then

  // By a name of ProcessSpec::handles; INVALID_HANDLE_VALUE where there is none.
  HANDLE Of(absl::string_view name) const;
};

// Paddock's end of one of the command's outputs.
struct OutputEnd {
  StreamId stream = StreamId::kStdout;
  UniqueFileHandle pipe;                  // overlapped; invalid: nothing is relayed
  HANDLE copy_to = INVALID_HANDLE_VALUE;  // the caller's; invalid: OutputEvents
};

struct ParentStdio {
  UniqueFileHandle input;                   // overlapped, the end that Write writes to; invalid: there is none
  HANDLE copy_from = INVALID_HANDLE_VALUE;  // the caller's, copied into `input`
  OutputEnd out, err;
};

struct RunStdio {
  ChildStdio child;
  ParentStdio parent;
};

// Pipes, files and copies of handles as `stdio` asks for, without a terminal. The caller's own console is never handed
// over, since whoever holds it can type into it: what would inherit it gets a pipe, which is copied. FailedPrecondition
// with `stdio_is_directory` for a stream that is one.
absl::StatusOr<RunStdio> MakeStreams(const Stdio& stdio);

// The command's terminal.
class Terminal {
 public:
  virtual ~Terminal() = default;
  virtual absl::Status Resize(uint16_t columns, uint16_t rows) = 0;
  // Ends it; may wait until its output has been read.
  virtual void Close() = 0;
};

// A pseudoconsole (CreatePseudoConsole, Windows 10 1809).
class PseudoConsole : public Terminal {
 public:
  static absl::StatusOr<PseudoConsole> Make(uint16_t columns, uint16_t rows, HANDLE input, HANDLE output);
  PseudoConsole(PseudoConsole&& other) noexcept;
  PseudoConsole& operator=(PseudoConsole&&) = delete;
  ~PseudoConsole() override { Close(); }

  void* get() const { return console_; }
  absl::Status Resize(uint16_t columns, uint16_t rows) override;
  void Close() final;

 private:
  PseudoConsole(SystemLibrary library, void* console) : library_(std::move(library)), console_(console) {}

  SystemLibrary library_;
  void* console_ = nullptr;
};

// The two pipes of a terminal: the child's ends go to PseudoConsole::Make.
absl::StatusOr<RunStdio> MakeTerminalPipes(const Stdio& stdio);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_STDIO_H_
