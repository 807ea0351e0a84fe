#include "core/policy/builtin_profiles.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/base/status_macros.h"
#include "core/policy/schema.h"

namespace paddock {
namespace {

// A key and what it is set to: a list, or the text of anything else, as a flag would give it.
struct Row {
  Key key;
  absl::string_view text = {};
  absl::Span<const absl::string_view> list = {};
};

// Names below the workspace that the host later acts upon without being asked: hooks, settings that name commands, the
// configuration of agents. Denied whether they exist or not. What lies in .git beyond these two (info/attributes,
// modules, worktrees, commondir) depends on the repository, and backends add it.
constexpr absl::string_view kProtectedNames[] = {
    // clang-format off
    ".git/hooks", ".git/config",                                        // git
    ".vscode", ".idea", ".devcontainer",                                // editors
    ".claude", ".codex", ".cursor", ".gemini", ".agents", ".mcp.json",  // agents
    ".github/hooks",
    ".envrc", ".tool-versions", "mise.toml",                            // read by the shell on entering
    ".paddock.toml", "~/.config/paddock",                               // Paddock's own
    // clang-format on
};

// Credentials, where common tools keep them.
constexpr absl::string_view kSecrets[] = {
    // clang-format off
    "~/.ssh", "~/.aws", "~/.gnupg", "~/.kube", "~/.azure", "~/.config/gh", "~/.config/gcloud",
    "~/.docker/config.json", "~/.netrc", "~/.git-credentials", "~/.config/git/credentials",
    "~/.npmrc", "~/.pypirc", "~/.cargo/credentials.toml", "~/.cargo/credentials", "~/.gem/credentials", "~/.m2/settings.xml",
    "~/.password-store", "~/.local/share/keyrings", "~/.vault-token", "~/.terraform.d/credentials.tfrc.json",
    "~/.mozilla", "~/.config/google-chrome", "~/.config/chromium",
    "**/.env", "**/.env.local", "**/.env.*.local", "**/.env.production",
    // clang-format on
};

// What build tools and shells need to work as at home. None holds a secret, none makes a program load code that it
// would not load without it: so no EDITOR, LD_*, PYTHONPATH, NODE_OPTIONS, GIT_*. TMPDIR and XDG_RUNTIME_DIR name
// places that a sandbox replaces. Proxies come in only where the network is not off (request.h).
constexpr absl::string_view kInheritedVariables[] = {
    // clang-format off
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ",
    "TERM", "COLORTERM", "TERM_PROGRAM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE",
    "CI", "DEBIAN_FRONTEND", "SOURCE_DATE_EPOCH",
    "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_DATA_DIRS", "XDG_CONFIG_DIRS",
    "CC", "CXX", "CPP", "AR", "LD", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "PKG_CONFIG_PATH",
    "CMAKE_GENERATOR", "CMAKE_PREFIX_PATH", "CMAKE_BUILD_PARALLEL_LEVEL", "CMAKE_BUILD_TYPE", "CCACHE_DIR",
    "JAVA_HOME", "ANDROID_HOME", "GRADLE_USER_HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUST_BACKTRACE",
    "GOPATH", "GOROOT", "GOCACHE", "GOMODCACHE", "GOBIN", "NVM_DIR", "NVM_BIN", "VOLTA_HOME", "PNPM_HOME", "BUN_INSTALL",
    "NODE_ENV", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYENV_ROOT", "PYENV_VERSION", "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE", "GEM_HOME", "GEM_PATH", "RBENV_ROOT", "SDKMAN_DIR", "DOTNET_ROOT",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE",
    "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
    // Windows, which does not start most programs without them.
    "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "OS", "NUMBER_OF_PROCESSORS", "PROCESSOR_*",
    "USERNAME", "USERDOMAIN", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "ProgramData",
    "ProgramFiles", "ProgramFiles(x86)", "ProgramW6432", "CommonProgramFiles", "CommonProgramFiles(x86)", "TEMP", "TMP",
    // clang-format on
};

// What no pattern of `inherit` lets in, "*" above all: first what holds secrets or leads to them, then what makes
// programs load code, then what points at a session of the host.
constexpr absl::string_view kScrubbedVariables[] = {
    // clang-format off
    "*TOKEN*", "*SECRET*", "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*CREDENTIAL*", "*_KEY", "*_KEY_*", "*APIKEY*",
    "*_AUTH", "*_AUTH_*", "*COOKIE*", "*_PAT", "*_DSN", "DATABASE_URL", "*_WEBHOOK*",
    "AWS_*", "AZURE_*", "GOOGLE_*", "GCP_*", "CLOUDSDK_*", "DOCKER_*", "KUBECONFIG", "VAULT_*", "NETRC", "npm_config_*",
    "LD_*", "DYLD_*", "GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH", "NLSPATH", "HOSTALIASES", "RES_OPTIONS",
    "BASH_ENV", "BASH_FUNC_*", "ENV", "ZDOTDIR", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "PS4", "IFS", "CDPATH",
    "PYTHON*", "NODE_*", "PERL*", "RUBY*", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH",
    "MAKEFLAGS", "GNUMAKEFLAGS", "MAKEFILES", "RUSTC_WRAPPER", "RUSTFLAGS", "GOFLAGS", "GIT_*", "SSH_ASKPASS",
    "EDITOR", "VISUAL", "PAGER", "MANPAGER", "LESSOPEN", "LESSCLOSE", "BROWSER",
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "GPG_AGENT_INFO", "GPG_TTY",
    "DBUS_*", "XAUTHORITY", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_*", "TMPDIR", "TMUX*",
    "WSL_INTEROP", "WSLENV", "NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_*",
    // clang-format on
};

// What all profiles share; each overrides below.
constexpr Row kBase[] = {
    {Key::kWorkload, "coding"},
    {Key::kCommandOs, "native"},
    {Key::kCapabilities},
    {Key::kStrict, "false"},
    {Key::kWrite},
    {Key::kDenyWrite, {}, kProtectedNames},
    {Key::kReadOnly},
    {Key::kRead, "host"},
    {Key::kDenyRead, {}, kSecrets},
    {Key::kTmp, "private"},
    {Key::kHome, "ephemeral"},
    {Key::kNetworkMode, "off"},
    {Key::kNetworkAllow},
    {Key::kUnixSockets},
    {Key::kInherit, {}, kInheritedVariables},
    {Key::kScrub, {}, kScrubbedVariables},
    {Key::kSet},
    {Key::kProcesses, "2048"},
    {Key::kOutput, "1GiB"},
    {Key::kPrefer, "auto"},
};

constexpr absl::string_view kWorkspace[] = {"."};

constexpr Row kCoding[] = {{Key::kWrite, {}, kWorkspace}};
constexpr Row kComputerUse[] = {{Key::kWorkload, "computer-use"}, {Key::kRead, "minimal"}, {Key::kProcesses, "4096"}};
constexpr Row kPackagedApp[] = {{Key::kWorkload, "packaged-app"}, {Key::kRead, "minimal"}};
constexpr Row kLowIntegrity[] = {
    {Key::kWorkload, "low-integrity"}, {Key::kWrite, {}, kWorkspace}, {Key::kDenyRead}, {Key::kNetworkMode, "open"}};

struct Profile {
  absl::string_view name;
  absl::Span<const Row> overrides;
};

// No `require`: what a profile chooses is preferred; what the user spells out is required.
constexpr Profile kProfiles[] = {
    // A coding agent's command in a checkout: writes there alone, reads the host but for secrets, no network.
    {"coding", kCoding},
    // The same without any write: search, review, static analysis.
    {"read-only", {}},
    // A whole desktop to click through, without the user's files.
    {"computer-use", kComputerUse},
    // A known program that declares what it needs; capabilities say which network it has, if any.
    {"packaged-app", kPackagedApp},
    // Protects the host from a low process and nothing else: integrity levels neither hide files nor stop the network,
    // so the profile does not pretend to.
    {"low-integrity", kLowIntegrity},
};

// Lists are canonical as they stand above (a test checks it), so that they cost no check in each run.
absl::Status Write(absl::Span<const Row> rows, const std::string& origin, PolicySpec* spec) {
  for (const Row& row : rows) {
    Setting setting;
    setting.origin = Origin{origin, 0};
    setting.list.reserve(row.list.size());
    for (const absl::string_view element : row.list) setting.list.push_back({std::string(element), setting.origin});
    spec->Set(row.key, std::move(setting));
    if (!row.text.empty()) RETURN_IF_ERROR(SetFlag(spec, row.key, row.text, origin));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<absl::string_view>& BuiltinProfileNames() {
  static const std::vector<absl::string_view> kNames = {"coding", "read-only", "computer-use", "packaged-app",
                                                        "low-integrity"};
  return kNames;
}

absl::StatusOr<PolicySpec> BuiltinProfile(absl::string_view name) {
  const auto profile = std::find_if(std::begin(kProfiles), std::end(kProfiles),
                                    [&](const Profile& candidate) { return candidate.name == name; });
  if (profile == std::end(kProfiles)) return absl::NotFoundError(absl::StrCat("no built-in profile \"", name, "\""));
  PolicySpec spec;
  const std::string origin = absl::StrCat("built-in:", name);
  RETURN_IF_ERROR(Write(kBase, origin, &spec));
  RETURN_IF_ERROR(Write(profile->overrides, origin, &spec));
  return spec;
}

}  // namespace paddock
