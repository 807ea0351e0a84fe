// paddock-runner.exe with the executor for a Wine. A copy of it that is named "dies-N.exe" ends at the Nth call of
// that.
#include <windows.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "backends/windows_token/launch_runner.h"
#include "core/platform/windows/wide.h"
#include "tests/windows/compose_only.h"

namespace {

constexpr UINT kDead = 78;

class Mortal : public paddock::ComposeOnly {
 public:
  explicit Mortal(unsigned long fatal) : fatal_(fatal) {}
  absl::StatusOr<paddock::UniqueHandle> Token(const paddock::BaseToken& base, const paddock::TokenOrder& order,
                                              paddock::LaunchRecorder& recorder) override {
    Count();
    return ComposeOnly::Token(base, order, recorder);
  }
  absl::Status CheckProcess(HANDLE, HANDLE, const paddock::TokenOrder&) override {
    Count();
    return absl::OkStatus();
  }

 private:
  void Count() {
    if (++calls_ == fatal_) TerminateProcess(GetCurrentProcess(), kDead);
  }
  const unsigned long fatal_;
  unsigned long calls_ = 0;
};

unsigned long FatalCall() {
  std::wstring path(32768, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  const std::wstring name = path.substr(path.rfind(L'\\') + 1);
  constexpr wchar_t kPrefix[] = L"dies-";
  return name.rfind(kPrefix, 0) == 0 ? std::wcstoul(name.c_str() + 5, nullptr, 10) : 0;
}

}  // namespace

int wmain(int argc, wchar_t** argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) arguments.push_back(paddock::ToUtf8(argv[i]));
  Mortal enforcement(FatalCall());
  return paddock::RunRunner(arguments, enforcement).ok() ? 0 : 1;
}
