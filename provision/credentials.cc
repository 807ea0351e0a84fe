#include "provision/credentials.h"

#include <utility>

#include <nlohmann/json.hpp>
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/json.h"
#include "core/base/json_members.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/files.h"
#include "core/platform/windows/machine/user_secret.h"
#include "core/platform/windows/random.h"

namespace paddock::provision {
namespace {

constexpr char kSchema[] = "paddock.passwords/1";
constexpr size_t kMostBytes = 64u << 10;

std::string FileIn(const std::string& state_dir) { return absl::StrCat(state_dir, "\\dedicated-users.json"); }

absl::StatusOr<Passwords> Decode(const std::string& text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "passwords", kMostBytes));
  const JsonMembers members(json, 2, "passwords");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const std::string schema, members.Text("schema"));
  if (schema != kSchema) return absl::InvalidArgumentError("another schema");
  ASSIGN_OR_RETURN(const Passwords encrypted, members.TextMap("passwords"));
  Passwords passwords;
  for (const auto& [user, blob] : encrypted) {
    ASSIGN_OR_RETURN(passwords[user], machine::UnprotectForUser(absl::HexStringToBytes(blob)));
  }
  return passwords;
}

}  // namespace

absl::StatusOr<std::string> RandomPassword() {
  // 28 of 64 characters are 168 bits; what follows is for policies that count kinds.
  constexpr absl::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  ASSIGN_OR_RETURN(const auto bytes, RandomBytes());
  std::string password;
  for (size_t i = 0; i < 28; ++i) password.push_back(kCharacters[bytes[i] % kCharacters.size()]);
  return absl::StrCat(password, "aA1!");
}

absl::StatusOr<std::optional<Passwords>> ReadPasswords(const std::string& state_dir) {
  const auto text = ReadWholeFile(FileIn(state_dir), kMostBytes);
  if (absl::IsNotFound(text.status())) return std::optional<Passwords>();
  RETURN_IF_ERROR(text.status());
  auto passwords = Decode(*text);
  if (!passwords.ok()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, "setup_record_broken",
                       absl::StrCat(FileIn(state_dir), ": ", passwords.status().message()));
  }
  return std::optional<Passwords>(*std::move(passwords));
}

absl::Status KeepPasswords(const std::string& state_dir, const Passwords& passwords) {
  std::map<std::string, std::string> encrypted;
  for (const auto& [user, password] : passwords) {
    ASSIGN_OR_RETURN(const std::string blob, machine::ProtectForUser(password));
    encrypted[user] = absl::BytesToHexString(blob);
  }
  RETURN_IF_ERROR(machine::MakeUserFolder(state_dir));
  ASSIGN_OR_RETURN(OutputFile file, OutputFile::Open(FileIn(state_dir)));
  return file.Commit(DumpJson({{"schema", kSchema}, {"passwords", encrypted}}));
}

absl::Status ForgetPasswords(const std::string& state_dir) { return machine::RemoveUserFile(FileIn(state_dir)); }

}  // namespace paddock::provision
