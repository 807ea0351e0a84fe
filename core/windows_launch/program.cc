#include "core/windows_launch/program.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_cmd.h"
#include "core/base/windows_command_line.h"
#include "core/base/windows_path.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/windows_launch/wide.h"

namespace paddock {
namespace {

constexpr absl::string_view kExecutable[] = {".com", ".exe", ".bat", ".cmd"};

absl::string_view Variable(const std::vector<std::string>& environment, absl::string_view name) {
  for (const absl::string_view entry : environment) {
    const size_t equals = entry.find('=', 1);
    if (equals == absl::string_view::npos) continue;
    if (absl::EqualsIgnoreCase(entry.substr(0, equals), name)) return entry.substr(equals + 1);
  }
  return "";
}

// PATHEXT's order, of the kinds that are programs.
std::vector<std::string> Extensions(const std::vector<std::string>& environment) {
  std::vector<std::string> found;
  for (const absl::string_view text : absl::StrSplit(Variable(environment, "PATHEXT"), ';', absl::SkipEmpty())) {
    const std::string extension = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
    for (const absl::string_view kind : kExecutable) {
      if (extension == kind) found.push_back(extension);
    }
  }
  if (found.empty()) {
    for (const absl::string_view kind : kExecutable) found.emplace_back(kind);
  }
  return found;
}

// The attributes of what `path` names, nullopt if that is nothing.
std::optional<DWORD> Attributes(const std::string& path) {
  const auto wide = WidePath(path);
  if (!wide.ok()) return std::nullopt;
  const DWORD attributes = GetFileAttributesW(wide->c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES) return attributes;
  const DWORD error = GetLastError();
  if (error == ERROR_ACCESS_DENIED || error == ERROR_SHARING_VIOLATION) return FILE_ATTRIBUTE_NORMAL;
  return std::nullopt;
}

bool HasExtension(absl::string_view name) {
  const size_t separator = name.find_last_of("\\/");
  if (separator != absl::string_view::npos) name.remove_prefix(separator + 1);
  return name.find('.') != absl::string_view::npos;
}

// What the search came upon: a file to start, or something of that name that is none.
struct Found {
  std::string file, other;
};

// `stem` as it stands if it has an extension, then with each of PATHEXT's. `named`: the caller wrote this very path, so
// that a file without an extension is what is meant.
void Try(const std::string& stem, bool named, const std::vector<std::string>& extensions, Found* found) {
  std::vector<std::string> candidates;
  if (HasExtension(stem)) candidates.push_back(stem);
  for (const std::string& extension : extensions) candidates.push_back(absl::StrCat(stem, extension));
  if (!HasExtension(stem) && named) candidates.push_back(stem);
  for (const std::string& candidate : candidates) {
    const std::optional<DWORD> attributes = Attributes(candidate);
    if (!attributes.has_value()) continue;
    if ((*attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
      found->file = candidate;
      return;
    }
    if (found->other.empty()) found->other = candidate;
  }
}

Found Search(const std::string& name, const std::string& cwd, const std::vector<std::string>& environment) {
  const std::vector<std::string> extensions = Extensions(environment);
  Found found;
  if (name.find_first_of("\\/:") != std::string::npos) {
    const auto base = WindowsPath::Parse(cwd);
    const auto path = base.ok() ? base->Join(name) : base;
    if (path.ok() && path->IsAbsolute()) Try(path->ToString(), true, extensions, &found);
    return found;
  }
  for (absl::string_view text : absl::StrSplit(Variable(environment, "PATH"), ';', absl::SkipEmpty())) {
    if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    const auto directory = WindowsPath::Parse(text);
    if (!directory.ok() || !directory->IsAbsolute()) continue;
    const auto path = directory->Join(name);
    if (path.ok()) Try(path->ToString(), false, extensions, &found);
    if (!found.file.empty()) return found;
  }
  return found;
}

// A file that may not be read or executed would fail in CreateProcess with the error that a token's restriction gives.
std::string WhyNotExecutable(const std::string& path) {
  const auto wide = WidePath(path);
  if (!wide.ok()) return std::string(wide.status().message());
  const UniqueFileHandle file(CreateFileW(wide->c_str(), GENERIC_EXECUTE, FILE_SHARE_READ | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, 0, nullptr));
  return file.valid() ? "" : Win32Message(GetLastError());
}

absl::StatusOr<std::string> SystemCmd() {
  wchar_t directory[MAX_PATH] = {};
  const UINT length = GetSystemDirectoryW(directory, MAX_PATH);
  if (length == 0 || length >= MAX_PATH) return Win32Status(GetLastError(), "GetSystemDirectory");
  return absl::StrCat(ToUtf8(directory), "\\cmd.exe");
}

absl::Status Unspeakable(const absl::Status& status) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "command_invalid", status.message());
}

absl::StatusOr<Program> Line(std::vector<std::string> argv, const std::string& file) {
  Program program;
  program.application = file;
  argv[0] = file;
  absl::StatusOr<std::string> line;
  if (IsBatchFile(file)) {
    ASSIGN_OR_RETURN(program.application, SystemCmd());
    line = MakeBatchCommandLine(program.application, argv);
  } else {
    line = IsCommandProcessor(file) ? MakeCmdCommandLine(argv) : MakeWindowsCommandLine(argv);
  }
  if (!line.ok()) return Unspeakable(line.status());
  program.command_line = *std::move(line);
  return program;
}

Program Nothing(ExitKind kind, absl::string_view code, const std::string& detail) {
  Program program;
  program.outcome = {kind, 0, 0, MakeReason(code, detail)};
  return program;
}

}  // namespace

absl::StatusOr<Program> FindProgram(const std::vector<std::string>& argv, const std::string& cwd,
                                    const std::vector<std::string>& environment) {
  if (argv.empty() || argv.front().empty()) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "command_empty", "the plan has no command");
  }
  const std::string& name = argv.front();
  const Found found = Search(name, cwd, environment);
  if (!found.file.empty()) {
    const std::string why = WhyNotExecutable(found.file);
    if (why.empty()) return Line(argv, found.file);
    return Nothing(ExitKind::kNotExecutable, "command_not_executable", absl::StrCat(found.file, ": ", why));
  }
  if (!found.other.empty()) {
    return Nothing(ExitKind::kNotExecutable, "command_not_executable", absl::StrCat(found.other, " is a directory"));
  }
  return Nothing(ExitKind::kNotFound, "command_not_found",
                 name.find_first_of("\\/:") == std::string::npos
                     ? absl::StrCat(name, " is in no directory of PATH, with no extension of PATHEXT that is a program")
                     : absl::StrCat(name, " does not exist"));
}

}  // namespace paddock
