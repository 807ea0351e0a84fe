#include "core/platform/windows/overlapped_pipe.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

absl::Status Failed(absl::string_view tried) {
  return ReasonError(absl::StatusCode::kUnavailable, "setup_failed", Win32Status(GetLastError(), tried).message());
}

}  // namespace

// Anonymous pipes cannot be read overlapped, hence a name: random, for one instance, whose only client is opened here.
// Whoever else opened it first makes that fail.
absl::StatusOr<OverlappedPipe> MakeOverlappedPipe(bool to_child, absl::string_view stream) {
  ASSIGN_OR_RETURN(const std::string random, RandomHex(32));
  const std::wstring name = ToWide(absl::StrCat("\\\\.\\pipe\\paddock-", random));
  OverlappedPipe pipe;
  const DWORD direction = to_child ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND;
  pipe.parent.reset(CreateNamedPipeW(name.c_str(), direction | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                     PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, kPipeBytes, kPipeBytes, 0,
                                     nullptr));
  if (!pipe.parent.valid()) return Failed(absl::StrCat("making a pipe for ", stream));
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  // Programs ask a pipe for its state, and set it: FILE_READ_ATTRIBUTES and FILE_WRITE_ATTRIBUTES.
  const DWORD access = to_child ? GENERIC_READ | FILE_WRITE_ATTRIBUTES : GENERIC_WRITE | FILE_READ_ATTRIBUTES;
  pipe.child.reset(CreateFileW(name.c_str(), access, 0, &inherit, OPEN_EXISTING, 0, nullptr));
  if (!pipe.child.valid()) return Failed(absl::StrCat("opening the program's end of a pipe for ", stream));
  return pipe;
}

}  // namespace paddock
