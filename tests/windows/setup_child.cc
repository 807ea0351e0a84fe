// Stands in for the elevated process of set-up: `setup_child NAME CALLER [silent]`. As setup_test.cc has it: with the
// DLL that stands in for the system's, and keys and files of the test's own. "silent": ends without a word.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "provision/setup_service.h"

int wmain(int argc, wchar_t** argv) {
  using paddock::provision::SetupSurroundings;
  if (argc < 3) return 2;
  const std::wstring name = argv[1], mode = argc > 3 ? argv[3] : L"";
  if (mode == L"silent") return 3;
  SetupSurroundings surroundings;
  const std::string fake = "paddock_setup_fake.dll";
  surroundings.libraries = {fake, fake, fake, fake};
  surroundings.runner = "C:\\paddock-setup-test\\runner.exe";
  surroundings.program_files = "C:\\paddock-setup-test\\Program Files";
  surroundings.domain_controller = paddock::No("test");
  surroundings.record_key = "SOFTWARE\\Paddock setup test";
  surroundings.sign_in_key = "SOFTWARE\\Paddock setup test sign-in";
  const auto caller = static_cast<uint32_t>(std::wcstoul(argv[2], nullptr, 10));
  const absl::Status served =
      paddock::provision::ServeSetup(std::string(name.begin(), name.end()), caller, surroundings);
  if (!served.ok()) std::fprintf(stderr, "%s\n", served.ToString().c_str());
  return served.ok() ? 0 : 1;
}
