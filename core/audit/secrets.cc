#include "core/audit/secrets.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"

namespace paddock::audit {
namespace {

constexpr absl::string_view kPrivateKey = "PRIVATE KEY";

constexpr SecretName kNames[] = {
    // clang-format off
    {".env",                   "environment file",                ""},
    {".env.*",                 "environment file",                ""},
    {"*.env",                  "environment file",                ""},
    {"id_rsa*",                "SSH private key",                 kPrivateKey},
    {"id_dsa*",                "SSH private key",                 kPrivateKey},
    {"id_ecdsa*",              "SSH private key",                 kPrivateKey},
    {"id_ed25519*",            "SSH private key",                 kPrivateKey},
    {"*.pem",                  "private key",                     kPrivateKey},
    {"*.key",                  "private key",                     kPrivateKey},
    {"*.ppk",                  "PuTTY private key",               ""},
    {"*.p12",                  "PKCS #12 key store",              ""},
    {"*.pfx",                  "PKCS #12 key store",              ""},
    {"*.jks",                  "Java key store",                  ""},
    {"*.keystore",             "Java key store",                  ""},
    {"*.kdbx",                 "KeePass database",                ""},
    {".npmrc",                 "npm credentials",                 "_auth"},
    {".yarnrc.yml",            "npm credentials",                 "npmAuth"},
    {".pypirc",                "PyPI credentials",                "password"},
    {".netrc",                 "passwords of servers",            ""},
    {"_netrc",                 "passwords of servers",            ""},
    {".git-credentials",       "passwords of git servers",        ""},
    {".pgpass",                "passwords of databases",          ""},
    {".my.cnf",                "passwords of databases",          "password"},
    {".htpasswd",              "password hashes",                 ""},
    {".dockerconfigjson",      "registry credentials",            ""},
    {".docker/config.json",    "registry credentials",            "\"auth\""},
    {"credentials.json",       "credentials",                     ""},
    {"client_secret*.json",    "OAuth client secret",             ""},
    {"service-account*.json",  "Google service account key",      "private_key"},
    {"service_account*.json",  "Google service account key",      "private_key"},
    {".aws/credentials",       "AWS credentials",                 ""},
    {".cargo/credentials",     "registry token",                  ""},
    {"credentials.toml",       "registry token",                  "token"},
    {".kube/config",           "Kubernetes credentials",          ""},
    {"kubeconfig",             "Kubernetes credentials",          ""},
    {"*.kubeconfig",           "Kubernetes credentials",          ""},
    {"kubeconfig.y*ml",        "Kubernetes credentials",          ""},
    {"terraform.tfstate",      "Terraform state, which holds secrets as text", ""},
    {"terraform.tfstate.*",    "Terraform state, which holds secrets as text", ""},
    {"*.tfvars",               "Terraform variables",             "="},
    {"secrets.y*ml",           "secrets",                         ":"},
    {"secrets.json",           "secrets",                         ":"},
    {"secrets.toml",           "secrets",                         "="},
    {"master.key",             "Rails master key",                ""},
    {".vault-token",           "Vault token",                     ""},
    {".vault_pass*",           "Ansible vault password",          ""},
    {"wp-config.php",          "WordPress database password",     "DB_PASSWORD"},
    // clang-format on
};

constexpr absl::string_view kNoSecretEnds[] = {".pub",  ".example",  ".sample", ".template", ".tmpl",
                                               ".dist", ".defaults", ".schema", ".md",       ".enc",
                                               ".age",  ".gpg",      ".sops"};

enum class Alphabet : uint8_t { kUpper, kWord, kDashed };

bool IsOf(Alphabet alphabet, char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (alphabet) {
    case Alphabet::kUpper:
      return absl::ascii_isupper(byte) || absl::ascii_isdigit(byte);
    case Alphabet::kWord:
      return absl::ascii_isalnum(byte) || c == '_';
    case Alphabet::kDashed:
      return absl::ascii_isalnum(byte) || c == '_' || c == '-';
  }
  return false;
}

// A token: `prefix`, then at least `least` characters of an alphabet, with no letter or digit before it.
struct Token {
  absl::string_view prefix;
  size_t least;
  Alphabet alphabet;
  absl::string_view what;
};

constexpr Token kTokens[] = {
    {"AKIA", 16, Alphabet::kUpper, "AWS access key id"}, {"ASIA", 16, Alphabet::kUpper, "AWS access key id"},
    {"ghp_", 36, Alphabet::kWord, "GitHub token"},       {"gho_", 36, Alphabet::kWord, "GitHub token"},
    {"ghu_", 36, Alphabet::kWord, "GitHub token"},       {"ghs_", 36, Alphabet::kWord, "GitHub token"},
    {"ghr_", 36, Alphabet::kWord, "GitHub token"},       {"github_pat_", 22, Alphabet::kWord, "GitHub token"},
    {"glpat-", 20, Alphabet::kDashed, "GitLab token"},   {"npm_", 36, Alphabet::kWord, "npm token"},
    {"pypi-AgE", 50, Alphabet::kDashed, "PyPI token"},   {"xoxa-", 10, Alphabet::kDashed, "Slack token"},
    {"xoxb-", 10, Alphabet::kDashed, "Slack token"},     {"xoxp-", 10, Alphabet::kDashed, "Slack token"},
    {"xoxr-", 10, Alphabet::kDashed, "Slack token"},     {"xoxs-", 10, Alphabet::kDashed, "Slack token"},
    {"sk_live_", 24, Alphabet::kWord, "Stripe key"},     {"sk-ant-", 24, Alphabet::kDashed, "Anthropic key"},
    {"AIza", 35, Alphabet::kDashed, "Google API key"},
};

// Longer texts are a program's or a library's, not a token.
constexpr size_t kLongestToken = 512;
// What documentation writes in place of a secret ("AKIAIOSFODNN7EXAMPLE").
constexpr absl::string_view kExample = "EXAMPLE";

bool IsToken(const Token& token, absl::string_view text, size_t at) {
  if (at > 0 && absl::ascii_isalnum(static_cast<unsigned char>(text[at - 1]))) return false;
  const size_t begin = at + token.prefix.size();
  size_t end = begin;
  while (end < text.size() && end - begin <= kLongestToken && IsOf(token.alphabet, text[end])) ++end;
  const size_t length = end - begin;
  // An id of fixed length is no longer than that.
  if (token.alphabet == Alphabet::kUpper && length != token.least) return false;
  if (length < token.least || length > kLongestToken) return false;
  const absl::string_view body = text.substr(begin, length);
  // "xoxb-xxxxxxxxxx", "ghp_000000..."
  const bool one_letter = body.find_first_not_of(body.substr(0, 1)) == absl::string_view::npos;
  return !one_letter && !absl::EndsWith(body, kExample);
}

size_t FindToken(const Token& token, absl::string_view text) {
  size_t at = text.find(token.prefix);
  while (at != absl::string_view::npos && !IsToken(token, text, at)) at = text.find(token.prefix, at + 1);
  return at;
}

// RFC 7468: "-----BEGIN RSA PRIVATE KEY-----", and PGP's "-----BEGIN PGP PRIVATE KEY BLOCK-----". A line of base 64 has
// to follow, so that a program that only looks for the header is not taken for a key; a key inside a string of JSON has
// the two characters \n there.
size_t FindPrivateKey(absl::string_view text) {
  constexpr absl::string_view kBegin = "-----BEGIN ";
  constexpr size_t kLongestLabel = 40, kLeastBody = 40;
  for (size_t at = text.find(kBegin); at != absl::string_view::npos; at = text.find(kBegin, at + 1)) {
    const size_t label_at = at + kBegin.size();
    const size_t label_end = text.substr(label_at, kLongestLabel).find("-----");
    if (label_end == absl::string_view::npos) continue;
    if (!absl::StrContains(text.substr(label_at, label_end), kPrivateKey)) continue;
    const absl::string_view rest = text.substr(label_at + label_end, 4096);
    size_t run = 0;
    for (size_t i = 0; i < rest.size() && run < kLeastBody; ++i) {
      const char c = rest[i];
      run = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/' || c == '=' ? run + 1 : 0;
    }
    if (run >= kLeastBody) return at;
  }
  return absl::string_view::npos;
}

}  // namespace

const SecretName* FindSecretName(absl::string_view path) {
  const std::string lower = absl::AsciiStrToLower(path.substr(path.size() - std::min<size_t>(path.size(), 512)));
  const std::vector<absl::string_view> components = PathComponents(lower);
  if (components.empty()) return nullptr;
  const absl::string_view name = components.back();
  const std::string last_two =
      components.size() < 2 ? "" : std::string(components[components.size() - 2]) + "/" + std::string(name);
  for (const absl::string_view end : kNoSecretEnds) {
    if (absl::EndsWith(name, end)) return nullptr;
  }
  for (const SecretName& row : kNames) {
    const bool two = absl::StrContains(row.pattern, "/");
    if (WildcardMatch(row.pattern, two ? absl::string_view(last_two) : name)) return &row;
  }
  return nullptr;
}

std::vector<SecretText> FindSecretTexts(absl::string_view text) {
  std::vector<SecretText> found;
  if (const size_t at = FindPrivateKey(text); at != absl::string_view::npos) found.push_back({"private key", at});
  for (const Token& token : kTokens) {
    const size_t at = FindToken(token, text);
    if (at == absl::string_view::npos) continue;
    if (found.empty() || found.back().what != token.what) found.push_back({token.what, at});
  }
  return found;
}

}  // namespace paddock::audit
