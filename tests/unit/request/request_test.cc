#include "core/request/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/glob.h"
#include "core/base/reason.h"
#include "core/policy/merge.h"

namespace paddock {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Policy PolicyOf(absl::string_view toml, absl::string_view profile = "") {
  PolicySources sources;
  auto spec = ParsePolicy(toml, "user.toml", PolicyFormat::kToml);
  EXPECT_TRUE(spec.ok()) << spec.status();
  sources.user = PolicyFile{"user.toml", *spec};
  sources.profile = std::string(profile);
  auto policy = BuildPolicy(sources);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

Caller Me() {
  Caller caller;
  caller.home = "/home/me";
  caller.cwd = "/home/me/project";
  caller.environment = {{"PATH", "/usr/bin"}, {"HOME", "/home/me"}};
  return caller;
}

RequestOptions Running(std::vector<std::string> command = {"true"}) {
  RequestOptions options;
  options.command = std::move(command);
  return options;
}

Request Made(const Policy& policy, const RequestOptions& options, const Caller& caller) {
  auto request = MakeRequest(policy, options, caller);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? *std::move(request) : Request();
}

std::string CodeOf(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason ? reason->code : status.ok() ? "ok" : "no reason";
}

const PathRule* Find(const std::vector<PathRule>& rules, absl::string_view text) {
  const auto rule =
      std::find_if(rules.begin(), rules.end(), [&](const PathRule& candidate) { return candidate.text == text; });
  return rule == rules.end() ? nullptr : &*rule;
}

TEST(RequestTest, ResolvesAgainstWorkspaceAndHome) {
  const Policy policy = PolicyOf(
      "[filesystem]\nwrite = [\".\", \"out\", \"/opt/cache\", \"~/cache\"]\nread_only = [\"/usr/share/x\"]\n"
      "deny_read = [\"~/.ssh\", \"**/.env\", \"/srv/*.key\", \"~/*.pem\", \"a[*]b\"]");
  const Request request = Made(policy, Running(), Me());
  EXPECT_EQ(request.workspace, "/home/me/project");
  EXPECT_EQ(request.cwd, "/home/me/project");
  ASSERT_EQ(request.write.size(), 4u);
  EXPECT_EQ(request.write[0].path, "/home/me/project");
  EXPECT_EQ(request.write[1].path, "/home/me/project/out");
  EXPECT_EQ(request.write[2].path, "/opt/cache");
  EXPECT_EQ(request.write[3].path, "/home/me/cache");
  EXPECT_EQ(request.write[1].text, "out");
  EXPECT_EQ(request.write[1].origin, (Origin{"user.toml", 2}));
  EXPECT_EQ(Find(request.deny_read, "~/.ssh")->path, "/home/me/.ssh");
  EXPECT_FALSE(Find(request.deny_read, "~/.ssh")->glob);
  EXPECT_EQ(Find(request.deny_read, "**/.env")->path, "/home/me/project/**/.env");
  EXPECT_TRUE(Find(request.deny_read, "**/.env")->glob);
  EXPECT_EQ(Find(request.deny_read, "/srv/*.key")->path, "/srv/*.key");
  EXPECT_EQ(Find(request.deny_read, "~/*.pem")->path, "/home/me/*.pem");
  EXPECT_EQ(Find(request.deny_read, "a[*]b")->path, "/home/me/project/a*b") << "a quoted star is a star";
}

// A workspace may be called "my*project": its name is no pattern.
TEST(RequestTest, WildcardsInTheWorkspacesNameAreQuoted) {
  Caller caller = Me();
  caller.cwd = "/home/me/a*b [x]";
  const Request request = Made(PolicyOf(""), Running(), caller);
  EXPECT_EQ(request.workspace, "/home/me/a*b [x]");
  const PathRule* rule = Find(request.deny_read, "**/.env");
  ASSERT_NE(rule, nullptr);
  const auto glob = Glob::Compile(rule->path);
  ASSERT_TRUE(glob.ok()) << glob.status();
  EXPECT_TRUE(glob->Matches("/home/me/a*b [x]/sub/.env"));
  EXPECT_FALSE(glob->Matches("/home/me/aXb [x]/sub/.env"));
}

TEST(RequestTest, ChoosesWorkspaceAndDirectory) {
  const struct {
    const char* workspace;
    const char* cwd;
    const char* caller_cwd;
    const char* want_workspace;
    const char* want_cwd;
  } kCases[] = {
      {"", "", "/w/p", "/w/p", "/w/p"},
      {"sub", "", "/w/p", "/w/p/sub", "/w/p/sub"},
      {"/w/p", "", "/w/p/sub", "/w/p", "/w/p/sub"},
      {"..", "", "/w/p/sub", "/w/p", "/w/p/sub"},
      {"/w/p", "", "/elsewhere", "/w/p", "/w/p"},
      {"/w/p", "", "/w/pp", "/w/p", "/w/p"},
      {"~/x", "", "/w", "/home/me/x", "/home/me/x"},
      {"/w/p", "/opt", "/w/p", "/w/p", "/opt"},
      {"/w/p", "sub", "/w/p", "/w/p", "/w/p/sub"},
      {"/w/p", "~", "/w/p", "/w/p", "/home/me"},
      {"/w//p/./", "", "/", "/w/p", "/w/p"},
  };
  for (const auto& c : kCases) {
    Caller caller = Me();
    caller.cwd = c.caller_cwd;
    RequestOptions options = Running();
    options.workspace = c.workspace;
    options.cwd = c.cwd;
    const Request request = Made(PolicyOf(""), options, caller);
    EXPECT_EQ(request.workspace, c.want_workspace) << c.workspace;
    EXPECT_EQ(request.cwd, c.want_cwd) << c.workspace << " " << c.cwd;
    // Neither directory adds a grant.
    ASSERT_EQ(request.write.size(), 1u);
    EXPECT_EQ(request.write[0].path, c.want_workspace);
  }
}

TEST(RequestTest, RefusesPlacesThatMustNotBeWritten) {
  const struct {
    const char* place;
    const char* code;
  } kCases[] = {
      {"/", "workspace_is_root"},
      {"/..", "workspace_is_root"},
      {"/home/me", "workspace_is_home"},
      {"/home/me/", "workspace_is_home"},
      {"/home", "workspace_is_home"},
      {"/etc", "workspace_is_system"},
      {"/etc/paddock", "workspace_is_system"},
      {"/proc", "workspace_is_system"},
      {"/proc/self/cwd", "workspace_is_system"},
      {"/sys", "workspace_is_system"},
      {"/dev/shm/x", "workspace_is_system"},
      {"/usr", "workspace_is_system"},
      {"/usr/lib/x", "workspace_is_system"},
      {"/usr/local", "workspace_is_system"},
      {"/usr/local/bin", "workspace_is_system"},
      {"/var", "workspace_is_system"},
      {"/var/lib", "workspace_is_system"},
      {"/var/lib/dpkg/info", "workspace_is_system"},
      {"/boot", "workspace_is_system"},
      {"/run/user/1000", "workspace_is_system"},
      {"/tmp", "workspace_is_system"},
      {"/var/tmp", "workspace_is_system"},
      {"/opt", "workspace_is_system"},
      {"/bin/x", "workspace_is_system"},
      {"/root", "workspace_is_system"},
      {"/home/me/.ssh", "workspace_denied"},
      {"/home/me/.aws/x", "workspace_denied"},
      {"/home/me/.config", "workspace_holds_secret"},
      {"/home/me/.docker", "workspace_holds_secret"},
      // Controls: directories that people do work in.
      {"/home/me/project", "ok"},
      {"/home/me/.config/nvim", "ok"},
      {"/home/you/project", "ok"},
      {"/tmp/x", "ok"},
      {"/opt/app", "ok"},
      {"/usr/src/app", "ok"},
      {"/usr/local/src/app", "ok"},
      {"/var/www/html", "ok"},
      {"/var/lib/jenkins/workspace/x", "ok"},
      {"/run/media/me/stick/project", "ok"},
      {"/srv/git", "ok"},
      {"/etcetera", "ok"},
      {"/workspaces/x", "ok"},
  };
  for (const auto& c : kCases) {
    RequestOptions options = Running();
    options.workspace = c.place;
    EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, Me()).status()), c.code) << c.place;

    if (absl::string_view(c.code) == "workspace_denied") continue;  // a contradiction that BuildPolicy finds
    const Policy granting = PolicyOf(absl::StrCat("[filesystem]\nwrite = [\"", c.place, "\"]"));
    const auto granted = MakeRequest(granting, Running(), Me());
    EXPECT_EQ(CodeOf(granted.status()), c.code) << "a grant of " << c.place;
    if (granted.ok()) continue;
    EXPECT_THAT(std::string(granted.status().message()), HasSubstr("filesystem.write \"")) << c.place;
  }
}

TEST(RequestTest, AGrantOfTheHomeByTildeIsRefusedToo) {
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf("[filesystem]\nwrite = [\"~\"]\ndeny_read = []"), Running(), Me()).status()),
            "workspace_is_home");
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf("[filesystem]\nwrite = [\"~/.config\"]"), Running(), Me()).status()),
            "workspace_holds_secret");
}

TEST(RequestTest, AnUnknownHomeFailsClosed) {
  Caller caller = Me();
  caller.home = "";
  caller.cwd = "/w";
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), Running(), caller).status()), "home_unknown")
      << "the default denials need it";
  const Policy without = PolicyOf("[filesystem]\ndeny_read = []\ndeny_write = [\".git/hooks\"]");
  EXPECT_TRUE(MakeRequest(without, Running(), caller).ok());
  const Policy granting = PolicyOf("[filesystem]\nwrite = [\"~/x\"]\ndeny_read = []\ndeny_write = []");
  EXPECT_EQ(CodeOf(MakeRequest(granting, Running(), caller).status()), "home_unknown");
  RequestOptions options = Running();
  options.workspace = "~/x";
  EXPECT_EQ(CodeOf(MakeRequest(without, options, caller).status()), "home_unknown");
  caller.home = "not/absolute";
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), Running(), caller).status()), "home_unknown");
}

TEST(RequestTest, RefusesCommandsThatCannotBe) {
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), Running({}), Me()).status()), "command_empty");
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), Running({"a", std::string("b\0c", 3)}), Me()).status()),
            "command_invalid");
  EXPECT_TRUE(MakeRequest(PolicyOf(""), Running({"", "-x", "a\nb\x1b[31m\xff"}), Me()).ok());
  RequestOptions options = Running();
  options.workspace = std::string("/w\0x", 4);
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, Me()).status()), "path_invalid");
  options = Running();
  options.cwd = std::string("/w\0x", 4);
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, Me()).status()), "path_invalid");
  Caller nowhere = Me();
  nowhere.cwd = "";
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), Running(), nowhere).status()), "path_invalid");
}

TEST(RequestTest, TheDirectoryMustBeReadable) {
  RequestOptions options = Running();
  options.cwd = "/home/me/.ssh";
  EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, Me()).status()), "cwd_unusable");
  options.cwd = "/opt/elsewhere";
  EXPECT_TRUE(MakeRequest(PolicyOf(""), options, Me()).ok());
  const Policy minimal = PolicyOf("[filesystem]\nread = \"minimal\"\nread_only = [\"/opt/tools\"]");
  EXPECT_EQ(CodeOf(MakeRequest(minimal, options, Me()).status()), "cwd_unusable");
  options.cwd = "/opt/tools/bin";
  EXPECT_TRUE(MakeRequest(minimal, options, Me()).ok());
  options.cwd = "/home/me/project/sub";
  EXPECT_TRUE(MakeRequest(minimal, options, Me()).ok());
}

TEST(RequestTest, ADesktopNeedsNoWorkspace) {
  const Request request = Made(PolicyOf("", "computer-use"), Running(), Me());
  EXPECT_EQ(request.workspace, "");
  EXPECT_EQ(request.cwd, "/home/me");
  EXPECT_THAT(request.write, IsEmpty());
  EXPECT_NE(Find(request.deny_read, "~/.ssh"), nullptr);
  EXPECT_EQ(Find(request.deny_read, "**/.env"), nullptr) << "there is no workspace to search";
  RequestOptions options = Running();
  options.workspace = "/w/p";
  EXPECT_EQ(Made(PolicyOf("", "computer-use"), options, Me()).workspace, "/w/p");
  const Policy relative = PolicyOf("[network]\nunix_sockets = [\"x.sock\"]", "computer-use");
  EXPECT_EQ(CodeOf(MakeRequest(relative, Running(), Me()).status()), "workspace_needed");
}

TEST(RequestTest, WindowsPathsAreUnderstoodEverywhere) {
  Caller caller;
  caller.home = "C:\\Users\\me";
  caller.cwd = "C:\\src\\app";
  const Request request = Made(PolicyOf(""), Running({"msbuild.exe"}), caller);
  EXPECT_EQ(request.workspace, "C:\\src\\app");
  EXPECT_EQ(request.cwd, "C:\\src\\app");
  EXPECT_EQ(request.write[0].path, "C:\\src\\app");
  EXPECT_EQ(Find(request.deny_write, ".git/hooks")->path, "C:\\src\\app\\.git\\hooks");
  EXPECT_EQ(Find(request.deny_read, "~/.ssh")->path, "C:\\Users\\me\\.ssh");
  const struct {
    const char* workspace;
    const char* code;
  } kCases[] = {
      {"C:\\", "workspace_is_root"},
      {"\\\\server\\share", "workspace_is_root"},
      {"C:\\Users\\me", "workspace_is_home"},
      {"c:\\users", "workspace_is_home"},
      {"C:\\Windows\\System32", "workspace_is_system"},
      {"C:\\Program Files\\x", "workspace_is_system"},
      {"C:\\Users\\me\\.SSH\\x", "workspace_denied"},
      {"D:/src/app", "ok"},
      {"\\\\server\\share\\app", "ok"},
      {"sub\\x", "ok"},
      {"\\src", "ok"},
      {"C:\\src\\app. ", "ok"},
      {"C:\\Windows.", "workspace_is_system"},
      {"C:\\Users\\me\\.ssh::$DATA", "workspace_denied"},
      // What may be such a place under its short name is refused; what cannot be is not.
      {"C:\\PROGRA~1\\x", "workspace_is_system"},
      {"C:\\WINDOW~1", "workspace_is_home"},
      {"C:\\Users\\ME~1", "workspace_is_home"},
      {"C:\\Users\\me\\SSH~1", "workspace_denied"},
      {"C:\\Users\\ME~1\\src\\app", "ok"},
      // So is what may be one through the share of a whole drive, which each Windows has.
      {"\\\\localhost\\C$\\Windows\\System32", "workspace_is_system"},
      {"\\\\localhost\\c$\\Users\\me", "workspace_is_home"},
      {"\\\\127.0.0.1\\C$\\Users\\me\\.ssh\\x", "workspace_denied"},
      {"\\\\localhost\\C$\\src\\app", "ok"},
      {"C:\\src\\app:s", "path_invalid"},
      {"C:\\src\\NUL", "path_invalid"},
      {"C:app", "path_invalid"},
      {"C:\\src\\a*", "path_invalid"},
      {"\\\\?\\C:\\src\\app", "path_invalid"},
      {"\\\\.\\C:", "path_invalid"},
      {"\\\\server", "path_invalid"},
  };
  for (const auto& c : kCases) {
    RequestOptions options = Running();
    options.workspace = c.workspace;
    EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, caller).status()), c.code) << c.workspace;
  }
  const struct {
    const char* cwd;
    const char* code;
  } kDirectories[] = {
      {"sub", "ok"},
      {"C:/src/app/sub. ", "ok"},
      {"C:\\Users\\me\\.SSH", "cwd_unusable"},
      {"C:\\Users\\me\\SSH~1\\x", "cwd_unusable"},
      {"C:sub", "path_invalid"},
      {"\\\\?\\C:\\Users\\me\\.ssh", "path_invalid"},
      {"nul", "path_invalid"},
  };
  for (const auto& c : kDirectories) {
    RequestOptions options = Running();
    options.cwd = c.cwd;
    EXPECT_EQ(CodeOf(MakeRequest(PolicyOf(""), options, caller).status()), c.code) << c.cwd;
  }
  for (const char* entry : {"a[*]b", "aux/x", "a:s", "a|b"}) {
    const Policy odd = PolicyOf(absl::StrCat("[filesystem]\ndeny_write = ['", entry, "']"));
    EXPECT_EQ(CodeOf(MakeRequest(odd, Running(), caller).status()), "path_invalid") << entry;
    EXPECT_TRUE(MakeRequest(odd, Running(), Me()).ok()) << entry << " is a name on POSIX systems";
  }
  const Policy posix = PolicyOf("[filesystem]\nwrite = [\"/opt/x\"]");
  EXPECT_EQ(CodeOf(MakeRequest(posix, Running(), caller).status()), "policy_invalid");
  const Policy windows = PolicyOf("[filesystem]\ndeny_read = ['C:\\secrets']");
  EXPECT_EQ(CodeOf(MakeRequest(windows, Running(), Me()).status()), "policy_invalid") << "it would protect nothing";
}

class EnvironmentTest : public testing::Test {
 protected:
  static std::map<std::string, std::string> Environment(const Policy& policy,
                                                        const std::map<std::string, std::string>& caller) {
    Caller me = Me();
    me.environment = caller;
    return Made(policy, Running(), me).environment;
  }
};

TEST_F(EnvironmentTest, DefaultsLetToolsWorkAndSecretsOut) {
  const std::vector<std::string> kept = {"PATH", "HOME", "USER", "SHELL", "LANG",   "LC_ALL",
                                         "TERM", "TZ",   "CI",   "CC",    "GOPATH", "JAVA_HOME"};
  const std::vector<std::string> dropped = {"GITHUB_TOKEN",
                                            "AWS_ACCESS_KEY_ID",
                                            "OPENAI_API_KEY",
                                            "SSH_AUTH_SOCK",
                                            "SSH_AGENT_PID",
                                            "GPG_AGENT_INFO",
                                            "DBUS_SESSION_BUS_ADDRESS",
                                            "LD_PRELOAD",
                                            "LD_LIBRARY_PATH",
                                            "GCONV_PATH",
                                            "BASH_ENV",
                                            "ENV",
                                            "PYTHONSTARTUP",
                                            "PYTHONPATH",
                                            "NODE_OPTIONS",
                                            "GIT_SSH_COMMAND",
                                            "GIT_DIR",
                                            "EDITOR",
                                            "PAGER",
                                            "XDG_RUNTIME_DIR",
                                            "DISPLAY",
                                            "TMPDIR",
                                            "KUBECONFIG",
                                            "UNKNOWN_THING",
                                            "PERL5LIB",
                                            "http_proxy",
                                            "HTTPS_PROXY",
                                            "BASH_FUNC_x%%"};
  std::map<std::string, std::string> caller;
  for (const std::string& name : kept) caller[name] = "v";
  for (const std::string& name : dropped) caller[name] = "v";
  const auto environment = Environment(PolicyOf(""), caller);
  for (const std::string& name : kept) EXPECT_THAT(environment, Contains(testing::Key(name)));
  for (const std::string& name : dropped) EXPECT_THAT(environment, Not(Contains(testing::Key(name))));
}

TEST_F(EnvironmentTest, AStarInheritsAllButTheScrubbed) {
  const Policy all = PolicyOf("[environment]\ninherit = [\"*\"]");
  const auto environment = Environment(
      all, {{"ANYTHING", "1"}, {"my_secret_thing", "2"}, {"LD_PRELOAD", "3"}, {"npm_config__authToken", "4"}});
  EXPECT_THAT(environment, Contains(testing::Key("ANYTHING")));
  EXPECT_EQ(environment.size(), 1u);
  const Policy unscrubbed = PolicyOf("[environment]\ninherit = [\"*\"]\nscrub = []");
  EXPECT_EQ(Environment(unscrubbed, {{"LD_PRELOAD", "3"}}).size(), 1u);
}

TEST_F(EnvironmentTest, ANameThatIsSpelledOutComesIn) {
  const Policy policy = PolicyOf("[environment]\ninherit = [\"@inherited\", \"GITHUB_TOKEN\"]");
  const auto environment = Environment(policy, {{"GITHUB_TOKEN", "t"}, {"GITLAB_TOKEN", "u"}});
  EXPECT_THAT(environment, testing::ElementsAre(testing::Pair("GITHUB_TOKEN", "t")));
}

TEST_F(EnvironmentTest, SetWins) {
  const Policy policy =
      PolicyOf("[environment]\nset = { PATH = \"/x\", AWS_PROFILE = \"p\", EMPTY = \"\", HTTP_PROXY = \"y\" }");
  const auto environment = Environment(policy, {{"PATH", "/usr/bin"}});
  EXPECT_EQ(environment.at("PATH"), "/x");
  EXPECT_EQ(environment.at("AWS_PROFILE"), "p");
  EXPECT_EQ(environment.at("EMPTY"), "");
  EXPECT_EQ(environment.at("HTTP_PROXY"), "y");
}

TEST_F(EnvironmentTest, ProxiesComeInWithTheNetwork) {
  const std::map<std::string, std::string> caller = {{"https_proxy", "p"}, {"NO_PROXY", "n"}};
  EXPECT_THAT(Environment(PolicyOf(""), caller), IsEmpty());
  EXPECT_EQ(Environment(PolicyOf("[network]\nmode = \"open\""), caller).size(), 2u);
  EXPECT_THAT(Environment(PolicyOf("[environment]\ninherit = [\"https_proxy\"]"), caller), IsEmpty());
}

TEST_F(EnvironmentTest, OddNamesAndValues) {
  const Policy all = PolicyOf("[environment]\ninherit = [\"*\"]\nscrub = []");
  const auto environment = Environment(
      all, {{"", "x"}, {"A=B", "x"}, {"N", std::string("a\0b", 3)}, {"LINES", "a\nb\x1b\xff"}, {"=C:", "x"}});
  EXPECT_THAT(environment, testing::ElementsAre(testing::Pair("LINES", "a\nb\x1b\xff")));
}

TEST(ParseEnvironmentTest, EntriesWithoutNameOrValueAreLeftOut) {
  const auto environment = ParseEnvironment({"A=1", "A=2", "B=x=y", "C=", "novalue", "=C:=C:\\x", "", "="});
  EXPECT_THAT(environment,
              testing::ElementsAre(testing::Pair("A", "1"), testing::Pair("B", "x=y"), testing::Pair("C", "")));
}

}  // namespace
}  // namespace paddock
