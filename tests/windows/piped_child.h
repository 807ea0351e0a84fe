#ifndef PADDOCK_TESTS_WINDOWS_PIPED_CHILD_H_
#define PADDOCK_TESTS_WINDOWS_PIPED_CHILD_H_

#include <gtest/gtest.h>

#include <string>

#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

// A program that writes into a pipe, of which it has the only end to write to.
struct PipedChild {
  UniqueHandle process, thread, output;
};

// `line` is the whole command line, `flags` CreateProcess's. The test fails if it cannot be started.
inline PipedChild StartPiped(std::wstring line, DWORD flags = 0) {
  SECURITY_ATTRIBUTES inherit = {sizeof(inherit), nullptr, TRUE};
  HANDLE reader = nullptr, writer = nullptr;
  EXPECT_TRUE(CreatePipe(&reader, &writer, &inherit, 0));
  const UniqueHandle write(writer);
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = writer;
  PROCESS_INFORMATION made = {};
  EXPECT_TRUE(CreateProcessW(nullptr, line.data(), nullptr, nullptr, TRUE, flags, nullptr, nullptr, &startup, &made));
  return {UniqueHandle(made.hProcess), UniqueHandle(made.hThread), UniqueHandle(reader)};
}

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_PIPED_CHILD_H_
