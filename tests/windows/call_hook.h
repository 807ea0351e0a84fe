#ifndef PADDOCK_TESTS_WINDOWS_CALL_HOOK_H_
#define PADDOCK_TESTS_WINDOWS_CALL_HOOK_H_

#include <windows.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace paddock {

// Stands between this program and the system: by the program's own import table, calls of the functions that launchers
// use (call_hook.cc has the table) are counted while it is armed, whichever thread makes them, and one of them fails
// with ERROR_ACCESS_DENIED, or is not made any more since the process ends. x86-64 alone. One at a time.
class CallHook {
 public:
  // Status of a process that ended at a call.
  static constexpr UINT kEnded = 77;

  CallHook();
  CallHook(const CallHook&) = delete;
  CallHook& operator=(const CallHook&) = delete;
  ~CallHook();

  void FailAt(unsigned long call) { Arm(Mode::kFail, call); }
  // Counts those calls alone that change something outside of this process.
  void EndAt(unsigned long call) { Arm(Mode::kEnd, call); }
  // Calls counted since it was armed.
  unsigned long Stop();
  // The function that failed; empty: none did.
  std::string failed() const;

 private:
  enum class Mode : uint8_t { kOff, kFail, kEnd };

  void Arm(Mode mode, unsigned long call);
  static int OnCall(CallHook* hook, uint32_t function);
  void Patch(uintptr_t* slot, uint32_t function);

  std::atomic<Mode> mode_{Mode::kOff};
  std::atomic<unsigned long> calls_{0};
  std::atomic<int> failed_{-1};
  unsigned long fatal_ = 0;
  uint8_t* code_ = nullptr;
  size_t used_ = 0;
  std::vector<std::pair<uintptr_t*, uintptr_t>> patched_;  // where, and what stood there
};

}  // namespace paddock

#endif  // PADDOCK_TESTS_WINDOWS_CALL_HOOK_H_
