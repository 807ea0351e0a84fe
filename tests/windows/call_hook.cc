#include "tests/windows/call_hook.h"

#include <cstring>
#include <iterator>
#include <string_view>

namespace paddock {
namespace {

// What a function gives where it fails.
enum class Failure : uint8_t { kZero, kInvalid, kStatus, kNever };

struct Function {
  const char* name;
  Failure failure;
  bool changes;  // something outside of the process
};
// The C++ library starts threads by DuplicateHandle and ResumeThread as well, and does not bear their failure.
constexpr Function kFunctions[] = {
    {"CopyFileExW", Failure::kZero, true},
    {"CreateDirectoryW", Failure::kZero, true},
    {"CreateEventW", Failure::kZero, false},
    {"CreateFileW", Failure::kInvalid, true},
    {"CreateIoCompletionPort", Failure::kZero, false},
    {"CreateJobObjectW", Failure::kZero, true},
    {"CreateNamedPipeW", Failure::kInvalid, false},
    {"CreatePipe", Failure::kZero, false},
    {"CreateProcessAsUserW", Failure::kZero, true},
    {"CreateProcessW", Failure::kZero, true},
    {"CreateRestrictedToken", Failure::kZero, false},
    {"DeleteFileW", Failure::kZero, true},
    {"FindFirstFileW", Failure::kInvalid, false},
    {"FlushFileBuffers", Failure::kZero, true},
    {"GetFileAttributesExW", Failure::kZero, false},
    {"GetFileInformationByHandle", Failure::kZero, false},
    {"GetFileInformationByHandleEx", Failure::kZero, false},
    {"GetFileSizeEx", Failure::kZero, false},
    {"GetKernelObjectSecurity", Failure::kZero, false},
    {"GetTokenInformation", Failure::kZero, false},
    {"GetVolumePathNameW", Failure::kZero, false},
    {"InitializeProcThreadAttributeList", Failure::kZero, false},
    {"LoadLibraryExW", Failure::kZero, false},
    {"LockFileEx", Failure::kZero, true},
    {"MoveFileExW", Failure::kZero, true},
    {"NtCreateFile", Failure::kStatus, true},
    {"NtSetInformationFile", Failure::kStatus, true},
    {"OpenFileById", Failure::kInvalid, false},
    {"OpenProcessToken", Failure::kZero, false},
    {"ReadFile", Failure::kZero, false},
    {"RegisterWaitForSingleObject", Failure::kZero, false},
    {"ResumeThread", Failure::kNever, true},
    {"SetFileInformationByHandle", Failure::kZero, true},
    {"SetInformationJobObject", Failure::kZero, true},
    {"SetKernelObjectSecurity", Failure::kZero, true},
    {"SetTokenInformation", Failure::kZero, false},
    {"UpdateProcThreadAttribute", Failure::kZero, false},
    {"WriteFile", Failure::kZero, true},
};

constexpr uint64_t kAccessDenied = 0xc0000022;  // STATUS_ACCESS_DENIED

uint64_t ValueOf(Failure failure) {
  if (failure == Failure::kInvalid) return ~uint64_t{0};
  return failure == Failure::kStatus ? kAccessDenied : 0;
}

// Keeps the four registers of arguments, asks OnCall, and goes on to the function or returns what it gives on failure.
constexpr uint8_t kThunk[] = {
    0x51, 0x52, 0x41, 0x50, 0x41, 0x51,                    // push rcx, rdx, r8, r9
    0x48, 0x83, 0xec, 0x28,                                // sub rsp, 40
    0x48, 0xb9, 0,    0,    0,    0,    0, 0, 0, 0,        // mov rcx, hook            at 12
    0xba, 0,    0,    0,    0,                             // mov edx, function        at 21
    0x48, 0xb8, 0,    0,    0,    0,    0, 0, 0, 0,        // mov rax, OnCall          at 27
    0xff, 0xd0,                                            // call rax
    0x48, 0x83, 0xc4, 0x28,                                // add rsp, 40
    0x41, 0x59, 0x41, 0x58, 0x5a, 0x59,                    // pop r9, r8, rdx, rcx
    0x85, 0xc0,                                            // test eax, eax
    0x75, 0x0c,                                            // jnz over the next two
    0x48, 0xb8, 0,    0,    0,    0,    0, 0, 0, 0,        // mov rax, the function    at 53
    0xff, 0xe0,                                            // jmp rax
    0x48, 0xb8, 0,    0,    0,    0,    0, 0, 0, 0, 0xc3,  // mov rax, failure; ret    at 65
};
constexpr size_t kPage = 64 * 1024;

template <typename T>
const T* At(const uint8_t* base, DWORD offset) {
  return reinterpret_cast<const T*>(base + offset);
}

}  // namespace

CallHook::CallHook() {
  code_ = static_cast<uint8_t*>(VirtualAlloc(nullptr, kPage, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE));
  const auto* const base = reinterpret_cast<const uint8_t*>(GetModuleHandleW(nullptr));
  const auto* const headers = At<IMAGE_NT_HEADERS>(base, static_cast<DWORD>(At<IMAGE_DOS_HEADER>(base, 0)->e_lfanew));
  const DWORD imports = headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
  for (const auto* dll = At<IMAGE_IMPORT_DESCRIPTOR>(base, imports); dll->Name != 0; ++dll) {
    const auto* name = At<IMAGE_THUNK_DATA>(base, dll->OriginalFirstThunk);
    const auto* slot = At<IMAGE_THUNK_DATA>(base, dll->FirstThunk);
    for (; name->u1.AddressOfData != 0; ++name, ++slot) {
      if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) continue;
      const char* const text = At<IMAGE_IMPORT_BY_NAME>(base, static_cast<DWORD>(name->u1.AddressOfData))->Name;
      for (uint32_t i = 0; i < std::size(kFunctions); ++i) {
        if (std::strcmp(text, kFunctions[i].name) != 0) continue;
        Patch(reinterpret_cast<uintptr_t*>(const_cast<ULONGLONG*>(&slot->u1.Function)), i);
      }
    }
  }
}

CallHook::~CallHook() {
  for (const auto& [slot, before] : patched_) *slot = before;
}

void CallHook::Patch(uintptr_t* slot, uint32_t function) {
  if (used_ + sizeof(kThunk) > kPage) return;
  uint8_t* const thunk = code_ + used_;
  used_ += sizeof(kThunk);
  const CallHook* const hook = this;
  const auto on_call = &CallHook::OnCall;
  const uint64_t failure = ValueOf(kFunctions[function].failure);
  std::memcpy(thunk, kThunk, sizeof(kThunk));
  std::memcpy(thunk + 12, &hook, sizeof(hook));
  std::memcpy(thunk + 21, &function, sizeof(function));
  std::memcpy(thunk + 27, &on_call, sizeof(on_call));
  std::memcpy(thunk + 53, slot, sizeof(*slot));
  std::memcpy(thunk + 65, &failure, sizeof(failure));
  DWORD before = 0;
  if (!VirtualProtect(slot, sizeof(*slot), PAGE_READWRITE, &before)) return;
  patched_.emplace_back(slot, *slot);
  *slot = reinterpret_cast<uintptr_t>(thunk);
}

void CallHook::Arm(Mode mode, unsigned long call) {
  calls_ = 0;
  failed_ = -1;
  fatal_ = call;
  mode_ = mode;
}

unsigned long CallHook::Stop() {
  mode_ = Mode::kOff;
  return calls_;
}

std::string CallHook::failed() const { return failed_ < 0 ? "" : kFunctions[failed_].name; }

int CallHook::OnCall(CallHook* hook, uint32_t function) {
  const Mode mode = hook->mode_;
  if (mode == Mode::kOff) return 0;
  const Function& called = kFunctions[function];
  if (mode == Mode::kEnd ? !called.changes : called.failure == Failure::kNever) return 0;
  if (++hook->calls_ != hook->fatal_) return 0;
  if (mode == Mode::kEnd) TerminateProcess(GetCurrentProcess(), kEnded);
  hook->failed_ = static_cast<int>(function);
  SetLastError(ERROR_ACCESS_DENIED);
  return 1;
}

}  // namespace paddock
