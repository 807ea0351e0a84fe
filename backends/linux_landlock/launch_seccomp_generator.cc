#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "backends/linux_landlock/launch_seccomp_syscalls.h"
#include "backends/linux_landlock/seccomp_compiler.h"
#include "backends/linux_landlock/seccomp_table.h"

// Run by the build: writes the filter programs of every variant and architecture as a C++ fragment, which
// launch_seccomp_program.cc includes. A rule that cannot be said fails the build.

namespace paddock {
namespace {

constexpr SeccompArch kArchs[] = {SeccompArch::kX8664, SeccompArch::kAarch64};

// "shared_user" as kSharedUser.
std::string ConstantName(absl::string_view variant) {
  std::string name = "k";
  for (const absl::string_view word : absl::StrSplit(variant, '_')) {
    absl::StrAppend(&name, std::string(1, absl::ascii_toupper(static_cast<unsigned char>(word[0]))), word.substr(1));
  }
  return name;
}

absl::StatusOr<std::string> Array(const SeccompOptions& options, SeccompArch arch) {
  const auto program = CompileSeccomp(SeccompRules(), options, arch, ResolveSyscall);
  if (!program.ok()) return program.status();
  std::string text = absl::StrCat("constexpr sock_filter ", ConstantName(VariantName(options)), "[] = {\n");
  for (const BpfInstruction& i : *program) {
    absl::StrAppendFormat(&text, "    {0x%02x, %d, %d, 0x%08x},\n", i.code, i.jump_true, i.jump_false, i.k);
  }
  return absl::StrCat(text, "};\n");
}

absl::StatusOr<std::string> Fragment() {
  std::string text = "// Written by launch_seccomp_generator.cc from seccomp_table.cc.\n";
  for (SeccompArch arch : kArchs) {
    absl::StrAppend(&text, arch == kArchs[0] ? "#if" : "#elif", " defined(__", ArchName(arch), "__)\n");
    for (const SeccompOptions& options : SeccompVariants()) {
      const auto array = Array(options, arch);
      if (!array.ok()) return array.status();
      absl::StrAppend(&text, *array);
    }
  }
  return absl::StrCat(text, "#else\n#error \"no seccomp program for this architecture\"\n#endif\n");
}

int Main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " OUTPUT\n";
    return 2;
  }
  const auto text = Fragment();
  if (!text.ok()) {
    std::cerr << "seccomp_table.cc: " << text.status() << "\n";
    return 1;
  }
  std::ofstream file(argv[1], std::ios::binary | std::ios::trunc);
  file << *text;
  file.close();
  if (!file) {
    std::cerr << argv[1] << ": could not be written\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace paddock

int main(int argc, char** argv) { return paddock::Main(argc, argv); }
