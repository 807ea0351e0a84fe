#include "backends/windows_sandbox/launch_folder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "backends/windows_sandbox/launcher.h"
#include "core/base/json.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"

namespace paddock {
namespace {

constexpr char kInstanceLock[] = "instance.lock";
constexpr absl::string_view kLockSuffix = ".lock";

std::string FoldersIn(const std::string& state_dir) { return absl::StrCat(state_dir, "\\windows_sandbox"); }

absl::Status Unusable(absl::string_view why) {
  return ReasonError(absl::StatusCode::kUnavailable, "state_dir_unusable", why);
}

absl::Status Failed(absl::string_view tried) { return Win32Status(GetLastError(), tried); }

absl::Status MakeFolder(const std::string& path) {
  ASSIGN_OR_RETURN(const std::wstring wide, LongPath(path));
  if (CreateDirectoryW(wide.c_str(), nullptr) || GetLastError() == ERROR_ALREADY_EXISTS) return absl::OkStatus();
  const DWORD error = GetLastError();
  const absl::Status status = Win32Status(error, absl::StrCat("making ", path));
  const size_t separator = path.rfind('\\');
  if (error != ERROR_PATH_NOT_FOUND || separator == std::string::npos || separator < 3) return status;
  RETURN_IF_ERROR(MakeFolder(path.substr(0, separator)));
  return CreateDirectoryW(wide.c_str(), nullptr) ? absl::OkStatus() : Failed(absl::StrCat("making ", path));
}

// Nobody else can open it while it is held, and it goes with its last handle.
UniqueFileHandle TakeLock(const std::string& path) {
  const auto wide = LongPath(path);
  if (!wide.ok()) return {};
  return UniqueFileHandle(CreateFileW(wide->c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, 0, nullptr, OPEN_ALWAYS,
                                      FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
}

absl::Status WriteNew(const std::string& path, absl::string_view text) {
  ASSIGN_OR_RETURN(const std::wstring wide, LongPath(path));
  const UniqueFileHandle file(CreateFileW(wide.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr));
  DWORD written = 0;
  if (!file.valid() || !WriteFile(file.get(), text.data(), static_cast<DWORD>(text.size()), &written, nullptr)) {
    return Failed(absl::StrCat("writing ", path));
  }
  return absl::OkStatus();
}

// One directory of a tree that is being removed. Held in a way that lets nobody rename it or put a link into its place
// while what is in it is removed by name.
struct HeldFolder {
  std::wstring path;
  UniqueFileHandle handle;
};

absl::StatusOr<HeldFolder> Hold(std::wstring path) {
  HeldFolder held{std::move(path), {}};
  held.handle.reset(CreateFileW(held.path.c_str(), FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, FILE_SHARE_READ, nullptr,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  BY_HANDLE_FILE_INFORMATION info = {};
  if (!held.handle.valid() || !GetFileInformationByHandle(held.handle.get(), &info)) {
    return Failed(absl::StrCat("opening ", ToUtf8(held.path)));
  }
  if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
      (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(ToUtf8(held.path), " is no directory any more"));
  }
  return held;
}

// Removes what is no directory to go into, and gives the next one that is; empty: nothing is left.
absl::StatusOr<std::wstring> RemoveFlat(const HeldFolder& held) {
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW((held.path + L"\\*").c_str(), &data));
  if (!find.valid()) return Failed(absl::StrCat("listing ", ToUtf8(held.path)));
  do {
    const std::wstring name = data.cFileName, path = held.path + L"\\" + name;
    if (name == L"." || name == L"..") continue;
    const bool directory = (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    const bool link = (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    if (directory && !link) return path;
    if ((data.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0) SetFileAttributesW(path.c_str(), FILE_ATTRIBUTE_NORMAL);
    if (!(directory ? RemoveDirectoryW(path.c_str()) : DeleteFileW(path.c_str()))) {
      return Failed(absl::StrCat("removing ", ToUtf8(path)));
    }
  } while (FindNextFileW(find.get(), &data));
  return std::wstring();
}

}  // namespace

absl::StatusOr<std::wstring> LongPath(absl::string_view path) {
  const auto parsed = WindowsPath::Parse(path);
  if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", parsed.status().message()));
  const auto verbatim = parsed->IsVerbatim() ? parsed->ToString() : parsed->ToVerbatim();
  if (!verbatim.ok()) return absl::InvalidArgumentError(absl::StrCat(path, " ", verbatim.status().message()));
  return ToWide(*verbatim);
}

absl::Status RemoveMachineFolder(const std::string& path) {
  ASSIGN_OR_RETURN(std::wstring top, LongPath(path));
  std::vector<HeldFolder> levels;
  ASSIGN_OR_RETURN(HeldFolder first, Hold(std::move(top)));
  levels.push_back(std::move(first));
  while (!levels.empty()) {
    ASSIGN_OR_RETURN(std::wstring below, RemoveFlat(levels.back()));
    if (!below.empty()) {
      ASSIGN_OR_RETURN(HeldFolder next, Hold(std::move(below)));
      levels.push_back(std::move(next));
      continue;
    }
    const std::wstring done = levels.back().path;
    levels.pop_back();
    if (!RemoveDirectoryW(done.c_str())) return Failed(absl::StrCat("removing ", ToUtf8(done)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MachineFolder>> MachineFolder::Make(const std::string& state_dir) {
  const std::string all = FoldersIn(state_dir);
  absl::Status status = MakeFolder(all);
  if (!status.ok()) return Unusable(status.message());
  std::unique_ptr<MachineFolder> made(new MachineFolder);
  made->instance_ = TakeLock(absl::StrCat(all, "\\", kInstanceLock));
  if (!made->instance_.valid()) {
    const DWORD error = GetLastError();
    if (error != ERROR_SHARING_VIOLATION) return Unusable(Win32Status(error, "locking the machine").message());
    return ReasonError(absl::StatusCode::kUnavailable, "sandbox_instance_running",
                       "another run of Paddock's has the one machine that there can be");
  }
  ASSIGN_OR_RETURN(made->nonce_, RandomHex(32));
  ASSIGN_OR_RETURN(const std::string name, RandomHex(12));
  const std::string path = absl::StrCat(all, "\\", name);
  made->lock_ = TakeLock(absl::StrCat(path, kLockSuffix));
  if (!made->lock_.valid()) return Unusable(Failed("locking the run's folder").message());
  status = MakeFolder(path);
  if (!status.ok()) return Unusable(status.message());
  made->path_ = path;
  return made;
}

MachineFolder::~MachineFolder() {
  std::vector<std::string> nobody;
  Remove(&nobody);
}

std::string MachineFolder::out() const { return absl::StrCat(path_, "\\out"); }
std::string MachineFolder::configuration() const { return absl::StrCat(path_, "\\machine.wsb"); }

absl::Status MachineFolder::Fill(const WindowsSandboxPlan& plan, const std::string& guest_program) {
  const std::string in = absl::StrCat(path_, "\\in");
  RETURN_IF_ERROR(MakeFolder(in));
  RETURN_IF_ERROR(MakeFolder(out()));
  GuestOrder order = plan.order;
  order.nonce = nonce_;
  RETURN_IF_ERROR(WriteNew(absl::StrCat(in, "\\", kOrderFile), DumpJson(ToJson(order))));
  const auto from = LongPath(guest_program), to = LongPath(absl::StrCat(in, "\\", kGuestProgram));
  RETURN_IF_ERROR(to.status());
  if (!from.ok() || !CopyFileW(from->c_str(), to->c_str(), TRUE)) {
    const std::string why = from.ok() ? Win32Message(GetLastError()) : std::string(from.status().message());
    return ReasonError(absl::StatusCode::kUnavailable, "guest_program_missing",
                       absl::StrCat(guest_program, " cannot be copied for the machine: ", why));
  }
  MachineSpec machine = plan.machine;
  for (MappedFolder& folder : machine.folders) {
    folder.host_folder = absl::StrReplaceAll(folder.host_folder, {{kRunFolderSymbol, path_}});
  }
  ASSIGN_OR_RETURN(text_, WsbText(machine));
  RETURN_IF_ERROR(WriteNew(configuration(), text_));
  ASSIGN_OR_RETURN(const std::wstring control, LongPath(absl::StrCat(in, "\\", kControlFile)));
  control_.reset(CreateFileW(control.c_str(), GENERIC_WRITE, FILE_SHARE_READ, nullptr, CREATE_NEW, 0, nullptr));
  if (!control_.valid()) return Failed("making the control file");
  Tell(GuestCommand::kWait);
  return absl::OkStatus();
}

// In place, and always as long: what is read half new is no control file, and is read again.
void MachineFolder::WriteControl() {
  if (!control_.valid()) return;
  ++told_.beat;
  const std::string text = FormatControl(nonce_, told_);
  OVERLAPPED start = {};
  DWORD written = 0;
  WriteFile(control_.get(), text.data(), static_cast<DWORD>(text.size()), &written, &start);
}

void MachineFolder::Tell(GuestCommand command) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // A machine that was told to end is not told anything else.
  if (told_.command != GuestCommand::kEnd) told_.command = command;
  WriteControl();
}

void MachineFolder::Beat() {
  const std::lock_guard<std::mutex> lock(mutex_);
  WriteControl();
}

void MachineFolder::Remove(std::vector<std::string>* notices) {
  if (path_.empty()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    control_.reset();
  }
  const absl::Status status = RemoveMachineFolder(path_);
  if (!status.ok() && !absl::IsNotFound(status)) {
    notices->push_back(absl::StrCat("the run's folder ", path_, " could not be removed (", status.message(),
                                    "); `paddock gc` tries again"));
  }
  path_.clear();
  lock_.reset();
  instance_.reset();
}

absl::StatusOr<std::vector<std::string>> CollectSandboxFolders(const std::string& state_dir,
                                                               std::vector<std::string>* stuck) {
  std::vector<std::string> removed;
  const std::string all = FoldersIn(state_dir);
  ASSIGN_OR_RETURN(const std::wstring wide, LongPath(all));
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW((wide + L"\\*").c_str(), &data));
  if (!find.valid()) {
    const absl::Status status = Failed(absl::StrCat("listing ", all));
    return absl::IsNotFound(status) ? absl::StatusOr<std::vector<std::string>>(removed) : status;
  }
  do {
    const std::string name = ToUtf8(data.cFileName);
    if (name == "." || name == ".." || (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) continue;
    const std::string path = absl::StrCat(all, "\\", name);
    const UniqueFileHandle lock = TakeLock(absl::StrCat(path, kLockSuffix));
    if (!lock.valid()) continue;
    const absl::Status status = RemoveMachineFolder(path);
    if (status.ok()) {
      removed.push_back(path);
    } else {
      stuck->push_back(absl::StrCat(path, ": ", status.message()));
    }
  } while (FindNextFileW(find.get(), &data));
  return removed;
}

}  // namespace paddock
