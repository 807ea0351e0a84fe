#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "cli/completion.h"
#include "cli/manual_pages.h"

// paddock_pages DIRECTORY DATE VERSION: writes below DIRECTORY what an installed tool brings besides itself, as it lies
// below share/: manual pages and completion scripts. A part of the build, installed nowhere.

namespace {

bool Write(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "paddock_pages: %s cannot be written\n", path.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kArguments = 4;
  if (argc != kArguments) {
    std::fputs("usage: paddock_pages DIRECTORY DATE VERSION\n", stderr);
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  const paddock::cli::Manual manual = paddock::cli::ReadManual();
  bool ok = true;
  for (const paddock::cli::PageFile& page : paddock::cli::ManualPages(manual, {argv[2], argv[3]})) {
    ok = Write(directory / "man" / page.path, page.text) && ok;
  }
  for (const paddock::cli::Shell& shell : paddock::cli::Shells()) {
    ok = Write(directory / std::string(shell.file), shell.script(manual)) && ok;
  }
  return ok ? 0 : 1;
}
