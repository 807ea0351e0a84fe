#include "core/policy/load.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/policy/document.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;

// Paths are UTF-8 here, on Windows too, where a narrow string would be read in the system's code page.
fs::path NativePath(absl::string_view path) { return fs::path(std::u8string(path.begin(), path.end())); }

absl::Status Unreadable(absl::string_view path, absl::string_view why) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, "policy_unreadable",
                     absl::StrCat("policy file ", path, ": ", why));
}

absl::Status TooLarge(absl::string_view file) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "policy_invalid",
                     absl::StrCat(file, ": is larger than ", kMaxPolicyBytes, " bytes, which no policy needs"));
}

// Opening a FIFO would wait for a writer, and a device never ends: the type is looked at first.
absl::Status CheckRegular(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(NativePath(path), error);
  if (status.type() == fs::file_type::not_found) return Unreadable(path, "no such file");
  if (error) return Unreadable(path, error.message());
  if (status.type() == fs::file_type::directory) return Unreadable(path, "is a directory");
  if (status.type() != fs::file_type::regular) return Unreadable(path, "is no regular file");
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  RETURN_IF_ERROR(CheckRegular(path));
  errno = 0;
  std::ifstream file(NativePath(path), std::ios::binary);
  if (!file) return Unreadable(path, errno == 0 ? "cannot be opened" : std::generic_category().message(errno));
  std::string text;
  std::array<char, 4096> block;
  // By blocks: a buffer for the largest file would cost more than all else of a small one.
  while (text.size() <= kMaxPolicyBytes && (file.read(block.data(), block.size()) || file.gcount() > 0)) {
    text.append(block.data(), static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) return Unreadable(path, "cannot be read to its end");
  if (text.size() > kMaxPolicyBytes) return TooLarge(path);
  return text;
}

std::string Variable(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

}  // namespace

PolicyFormat FormatOfPath(absl::string_view path) {
  return absl::EndsWithIgnoreCase(path, ".json") ? PolicyFormat::kJson : PolicyFormat::kToml;
}

absl::StatusOr<PolicySpec> ParsePolicy(absl::string_view text, absl::string_view file, PolicyFormat format) {
  if (text.size() > kMaxPolicyBytes) return TooLarge(file);
  auto document = format == PolicyFormat::kJson ? ParseJsonDocument(text, file) : ParseTomlDocument(text, file);
  absl::Status status = document.status();
  if (status.ok()) {
    auto spec = ReadSpec(*document, file);
    if (spec.ok()) return spec;
    status = spec.status();
  }
  return ReasonError(absl::StatusCode::kInvalidArgument, "policy_invalid", status.message());
}

absl::StatusOr<PolicyFile> LoadPolicyFile(absl::string_view path) {
  PolicyFile file{std::string(path), {}};
  ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(file.path));
  ASSIGN_OR_RETURN(file.spec, ParsePolicy(text, path, FormatOfPath(path)));
  return file;
}

absl::StatusOr<std::optional<PolicyFile>> LoadPolicyFileIfPresent(absl::string_view path) {
  if (path.empty()) return std::optional<PolicyFile>();
  std::error_code error;
  // Of the link itself: a dangling one is a policy that cannot be read.
  const fs::file_status status = fs::symlink_status(NativePath(path), error);
  if (status.type() == fs::file_type::not_found) return std::optional<PolicyFile>();
  if (error) return Unreadable(path, error.message());
  ASSIGN_OR_RETURN(PolicyFile file, LoadPolicyFile(path));
  return std::optional<PolicyFile>(std::move(file));
}

PolicyPaths PosixPolicyPaths(const std::map<std::string, std::string>& environment, absl::string_view home,
                             absl::string_view workspace) {
  PolicyPaths paths;
  std::string config = Variable(environment, "XDG_CONFIG_HOME");
  if (!IsAbsolutePath(config)) config = IsAbsolutePath(home) ? JoinPath(home, ".config") : "";
  if (!config.empty()) paths.user = JoinPath(config, "paddock/policy.toml");
  if (IsAbsolutePath(workspace)) paths.repo = JoinPath(workspace, ".paddock.toml");
  return paths;
}

PolicyPaths WindowsPolicyPaths(const std::map<std::string, std::string>& environment, absl::string_view workspace) {
  PolicyPaths paths;
  const std::string user = Variable(environment, "APPDATA");
  if (!user.empty()) paths.user = absl::StrCat(user, "\\paddock\\policy.toml");
  if (!workspace.empty()) paths.repo = absl::StrCat(workspace, "\\.paddock.toml");
  return paths;
}

}  // namespace paddock
