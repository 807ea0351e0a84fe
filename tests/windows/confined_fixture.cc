#include "tests/windows/confined_fixture.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/run_folders.h"

namespace paddock {

void OrderedCalls::OnCall(absl::string_view function, const Json& parameters) {
  calls[std::string(function)] = parameters;
  order.emplace_back(function);
}

void ConfinedFixture::SetUpTestSuite() {
  std::wstring line = L"cmd.exe /c exit";
  STARTUPINFOW startup = {};
  startup.cb = sizeof(startup);
  PROCESS_INFORMATION made = {};
  ASSERT_TRUE(CreateProcessW(L"C:\\windows\\system32\\cmd.exe", line.data(), nullptr, nullptr, FALSE, CREATE_NO_WINDOW,
                             nullptr, L"C:\\", &startup, &made));
  const UniqueHandle process(made.hProcess), thread(made.hThread);
  WaitForSingleObject(process.get(), INFINITE);
}

ConfinedFixture::ConfinedFixture() {
  std::wstring temp(32768, L'\0');
  temp.resize(GetEnvironmentVariableW(L"TEMP", temp.data(), static_cast<DWORD>(temp.size())));
  place_ = absl::StrCat(ToUtf8(temp), "\\paddock-confined-", GetCurrentProcessId());
  ws_ = In("ws");
  state_ = In("state");
  EXPECT_TRUE(MakeDirectories(absl::StrCat(ws_, "\\.git")).ok());
  EXPECT_TRUE(MakeDirectories(state_).ok());
  MakeFile(absl::StrCat(ws_, "\\.git\\config"), "[core]");
  MakeFile(absl::StrCat(ws_, "\\main.c"), "int main;");
  stdio_.in.kind = StreamSpec::Kind::kNull;
  stdio_.out.kind = stdio_.err.kind = StreamSpec::Kind::kPipe;
}

ConfinedFixture::~ConfinedFixture() { EXPECT_TRUE(RemoveFolder(place_).ok()); }

void ConfinedFixture::OnEvent(const Event& event) {
  const auto* const output = std::get_if<OutputEvent>(&event);
  if (output != nullptr) out_.append(output->bytes.data(), output->bytes.size());
}

std::string ConfinedFixture::Child() {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return ToUtf8(path.substr(0, path.rfind(L'\\') + 1) + L"launch_child.exe");
}

void ConfinedFixture::MakeFile(const std::string& path, absl::string_view content) {
  const UniqueFileHandle file(CreateFileW(ToWide(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr));
  DWORD written = 0;
  EXPECT_TRUE(WriteFile(file.get(), content.data(), static_cast<DWORD>(content.size()), &written, nullptr)) << path;
}

std::string ConfinedFixture::Read(const std::string& path) {
  const UniqueFileHandle file(
      CreateFileW(ToWide(path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
  char buffer[4096];
  DWORD got = 0;
  if (!file.valid() || !ReadFile(file.get(), buffer, sizeof(buffer), &got, nullptr)) return "none";
  return {buffer, got};
}

bool ConfinedFixture::IsThere(const std::string& path) {
  return GetFileAttributesW(ToWide(path).c_str()) != INVALID_FILE_ATTRIBUTES;
}

std::vector<std::string> ConfinedFixture::NamesIn(const std::string& path) {
  std::vector<std::string> names;
  WIN32_FIND_DATAW data;
  const UniqueFindHandle find(FindFirstFileW(ToWide(path + "\\*").c_str(), &data));
  if (!find.valid()) return names;
  do {
    const std::string name = ToUtf8(data.cFileName);
    if (name != "." && name != "..") names.push_back(name);
  } while (FindNextFileW(find.get(), &data));
  std::sort(names.begin(), names.end());
  return names;
}

void ConfinedFixture::Prepare(ProcessSpec* process, std::vector<std::string> command) const {
  process->command = std::move(command);
  process->cwd = ws_;
  process->environment = {"SystemRoot=C:\\windows"};
  process->handles = {"stdin", "stdout", "stderr"};
  process->mitigations = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};
}

RunResult ConfinedFixture::Run(Launcher& launcher, const LaunchPlan& plan) {
  auto sandbox = launcher.Launch(plan, stdio_, *this);
  EXPECT_TRUE(sandbox.ok()) << sandbox.status();
  return sandbox.ok() ? (*sandbox)->Wait() : RunResult();
}

void ConfinedFixture::ExpectNothingLeft() const {
  for (const char* const folder : {"runs", "profiles", "leases"}) {
    std::vector<std::string> names = NamesIn(absl::StrCat(state_, "\\", folder));
    std::erase_if(names, [](const std::string& name) { return absl::EndsWith(name, ".lock"); });
    EXPECT_EQ(absl::StrJoin(names, " "), "") << folder;
  }
}

}  // namespace paddock
