#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/base/windows_cmd.h"
#include "core/base/windows_command_line.h"

namespace paddock {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckPrograms(const std::vector<std::string>& argv) {
  const auto line = MakeWindowsCommandLine(argv);
  if (!line.ok()) return;
  Require(!IsBatchFile(argv[0]) && !IsCommandProcessor(argv[0]));
  Require(SplitWindowsCommandLine(*line, ArgvRules::kUcrt) == argv);
  Require(SplitWindowsCommandLine(*line, ArgvRules::kCommandLineToArgvW) == argv);
}

// Behind /c and its quotation mark, cmd.exe must find nothing special outside of quotation marks, and no % at all.
void CheckBatch(std::vector<std::string> argv) {
  argv.insert(argv.begin(), "C:\\x y\\z.bat");
  const auto line = MakeBatchCommandLine("C:\\Windows\\System32\\cmd.exe", argv);
  if (!line.ok()) return;
  const std::string opening = " /s /c \"";
  const size_t begin = line->find(opening) + opening.size();
  const std::string inner = line->substr(begin, line->size() - begin - 1);
  Require(inner.find_first_of(std::string("%!^&|<>\r\n\0", 10)) == std::string::npos);
  // The marks stand around whole arguments, so the rules of programs find the same ones.
  Require(SplitWindowsCommandLine(inner, ArgvRules::kUcrt) == argv);
  Require(SplitWindowsCommandLine(inner, ArgvRules::kCommandLineToArgvW) == argv);
}

// Whatever a line splits into can be quoted and split again.
void CheckLine(absl::string_view line) {
  for (const ArgvRules rules : {ArgvRules::kUcrt, ArgvRules::kCommandLineToArgvW}) {
    const std::vector<std::string> argv = SplitWindowsCommandLine(line, rules);
    Require(argv.empty() == line.empty());
    CheckPrograms(argv);
  }
}

}  // namespace
}  // namespace paddock

// Arguments, separated by the byte 0x01, and the same bytes as a command line.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> argv = absl::StrSplit(text, '\x01');
  paddock::CheckPrograms(argv);
  paddock::CheckBatch(argv);
  static_cast<void>(paddock::MakeCmdCommandLine(argv));
  paddock::CheckLine(text);
  return 0;
}
