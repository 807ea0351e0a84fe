#include "core/windows_launch/stdio.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/overlapped_pipe.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/launch_error.h"
#include "core/windows_launch/symbols.h"

namespace paddock {
namespace {

constexpr absl::string_view kStream = "a standard stream";

absl::StatusOr<UniqueFileHandle> OpenNull(bool input) {
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  UniqueFileHandle null(CreateFileW(L"NUL", input ? GENERIC_READ : GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                    &inherit, OPEN_EXISTING, 0, nullptr));
  if (!null.valid()) return StepFailed("opening NUL for a standard stream");
  return null;
}

bool IsConsole(HANDLE handle) {
  DWORD mode = 0;
  return GetConsoleMode(handle, &mode) != 0;
}

bool IsThere(HANDLE handle) { return handle != nullptr && handle != INVALID_HANDLE_VALUE; }

HANDLE Source(const StreamSpec& spec, DWORD own) {
  return spec.kind == StreamSpec::Kind::kHandle ? reinterpret_cast<HANDLE>(spec.handle) : GetStdHandle(own);
}

absl::StatusOr<UniqueFileHandle> Copy(HANDLE source) {
  BY_HANDLE_FILE_INFORMATION file = {};
  if (GetFileType(source) == FILE_TYPE_DISK && GetFileInformationByHandle(source, &file) &&
      (file.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "stdio_is_directory", "a standard stream is a directory");
  }
  HANDLE copy = INVALID_HANDLE_VALUE;
  if (!DuplicateHandle(GetCurrentProcess(), source, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS)) {
    return StepFailed("copying the handle of a standard stream");
  }
  return UniqueFileHandle(copy);
}

absl::Status MakeInput(const StreamSpec& spec, RunStdio* made) {
  const bool piped = spec.kind == StreamSpec::Kind::kPipe;
  const HANDLE source = piped ? INVALID_HANDLE_VALUE : Source(spec, STD_INPUT_HANDLE);
  if (!piped && (spec.kind == StreamSpec::Kind::kNull || !IsThere(source))) {
    ASSIGN_OR_RETURN(made->child.in, OpenNull(true));
    return absl::OkStatus();
  }
  if (!piped && !IsConsole(source)) {
    ASSIGN_OR_RETURN(made->child.in, Copy(source));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(OverlappedPipe pipe, MakeOverlappedPipe(true, kStream));
  made->child.in = std::move(pipe.child);
  made->parent.input = std::move(pipe.parent);
  made->parent.copy_from = source;
  return absl::OkStatus();
}

absl::Status MakeOutput(const StreamSpec& spec, DWORD own, UniqueFileHandle* child, OutputEnd* parent) {
  const bool piped = spec.kind == StreamSpec::Kind::kPipe;
  const HANDLE source = piped ? INVALID_HANDLE_VALUE : Source(spec, own);
  if (!piped && (spec.kind == StreamSpec::Kind::kNull || !IsThere(source))) {
    ASSIGN_OR_RETURN(*child, OpenNull(false));
    return absl::OkStatus();
  }
  if (!piped && !IsConsole(source)) {
    ASSIGN_OR_RETURN(*child, Copy(source));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(OverlappedPipe pipe, MakeOverlappedPipe(false, kStream));
  *child = std::move(pipe.child);
  parent->pipe = std::move(pipe.parent);
  parent->copy_to = source;
  return absl::OkStatus();
}

COORD Size(uint16_t columns, uint16_t rows) { return {static_cast<SHORT>(columns), static_cast<SHORT>(rows)}; }

}  // namespace

HANDLE ChildStdio::Of(absl::string_view name) const {
  return name == "stdin"    ? in.get()
         : name == "stdout" ? out.get()
         : name == "stderr" ? err.get()
                            : INVALID_HANDLE_VALUE;
}

absl::StatusOr<RunStdio> MakeStreams(const Stdio& stdio) {
  RunStdio made;
  made.parent.out.stream = StreamId::kStdout;
  made.parent.err.stream = StreamId::kStderr;
  RETURN_IF_ERROR(MakeInput(stdio.in, &made));
  RETURN_IF_ERROR(MakeOutput(stdio.out, STD_OUTPUT_HANDLE, &made.child.out, &made.parent.out));
  RETURN_IF_ERROR(MakeOutput(stdio.err, STD_ERROR_HANDLE, &made.child.err, &made.parent.err));
  return made;
}

absl::StatusOr<RunStdio> MakeTerminalPipes(const Stdio& stdio) {
  RunStdio made;
  ASSIGN_OR_RETURN(OverlappedPipe in, MakeOverlappedPipe(true, kStream));
  ASSIGN_OR_RETURN(OverlappedPipe out, MakeOverlappedPipe(false, kStream));
  made.child.in = std::move(in.child);
  made.child.out = std::move(out.child);
  made.parent.input = std::move(in.parent);
  made.parent.out.pipe = std::move(out.parent);
  using Kind = StreamSpec::Kind;
  const auto copied = [](const StreamSpec& spec) { return spec.kind == Kind::kInherit || spec.kind == Kind::kHandle; };
  if (copied(stdio.in)) made.parent.copy_from = Source(stdio.in, STD_INPUT_HANDLE);
  if (copied(stdio.out)) made.parent.out.copy_to = Source(stdio.out, STD_OUTPUT_HANDLE);
  return made;
}

absl::StatusOr<PseudoConsole> PseudoConsole::Make(uint16_t columns, uint16_t rows, HANDLE input, HANDLE output) {
  using Create = HRESULT(WINAPI*)(COORD, HANDLE, HANDLE, DWORD, void**);
  ASSIGN_OR_RETURN(SystemLibrary library, SystemLibrary::Load("kernel32.dll"));
  const auto create = library.Find<Create>("CreatePseudoConsole");
  if (create == nullptr) {
    return StepRefused("terminal_unsupported", "looking for CreatePseudoConsole, of Windows 10 1809",
                       ERROR_PROC_NOT_FOUND);
  }
  void* console = nullptr;
  const HRESULT result = create(Size(columns, rows), input, output, 0, &console);
  if (FAILED(result) || console == nullptr) {
    return StepRefused("terminal_unsupported", "CreatePseudoConsole", static_cast<uint32_t>(HRESULT_CODE(result)));
  }
  return PseudoConsole(std::move(library), console);
}

PseudoConsole::PseudoConsole(PseudoConsole&& other) noexcept
    : library_(std::move(other.library_)), console_(std::exchange(other.console_, nullptr)) {}

absl::Status PseudoConsole::Resize(uint16_t columns, uint16_t rows) {
  using ResizeConsole = HRESULT(WINAPI*)(void*, COORD);
  const auto resize = library_.Find<ResizeConsole>("ResizePseudoConsole");
  const HRESULT result = resize == nullptr ? E_NOTIMPL : resize(console_, Size(columns, rows));
  if (SUCCEEDED(result)) return absl::OkStatus();
  if (result == E_NOTIMPL) return absl::UnimplementedError("this system has no ResizePseudoConsole");
  return Win32Status(static_cast<uint32_t>(HRESULT_CODE(result)), "ResizePseudoConsole");
}

void PseudoConsole::Close() {
  using CloseConsole = void(WINAPI*)(void*);
  if (console_ == nullptr) return;
  const auto close = library_.Find<CloseConsole>("ClosePseudoConsole");
  if (close != nullptr) close(console_);
  console_ = nullptr;
}

}  // namespace paddock
