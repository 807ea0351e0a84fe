#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/policy/load.h"
#include "core/policy/schema.h"
#include "tests/unit/policy/policy_test_util.h"

namespace paddock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kToml[] = R"(extends = "read-only"
strict = true
workload = "packaged-app"
command_os = "any"
capabilities = ["internetClient"]

[filesystem]
write = [".", "./src//x/", "~/cache/."]
deny_write = ["**/*.lock"]
read_only = ["/opt/tools"]
read = "minimal"
deny_read = ["@inherited", "secret?"]
tmp = "host"
home = "kept"

[network]
mode = "brokered"
allow = ["*.NPMjs.org:443", "10.0.0.1", "[::1]:80"]
unix_sockets = ["/run/x.sock"]

[environment]
inherit = ["PATH", "LC_*"]
scrub = ["*_X*"]
set = { CI = "1" }

[limits]
wall = "1h30m"
cpu = "5m"
memory = "4GiB"
processes = 512
output = 1048576
file_size = "none"

[require]
write = "confined"

[backend]
prefer = "isolation"
allow = ["linux_landlock"]
wsl_distribution = "Debian"
)";

constexpr char kJson[] = R"({
"extends": "read-only", "strict": true, "workload": "packaged-app", "command_os": "any",
"capabilities": ["internetClient"],
"filesystem": {"write": [".", "./src//x/", "~/cache/."], "deny_write": ["**/*.lock"], "read_only": ["/opt/tools"],
  "read": "minimal", "deny_read": ["@inherited", "secret?"], "tmp": "host", "home": "kept"},
"network": {"mode": "brokered", "allow": ["*.NPMjs.org:443", "10.0.0.1", "[::1]:80"], "unix_sockets": ["/run/x.sock"]},
"environment": {"inherit": ["PATH", "LC_*"], "scrub": ["*_X*"], "set": {"CI": "1"}},
"limits": {"wall": "1h30m", "cpu": "5m", "memory": "4GiB", "processes": 512, "output": 1048576, "file_size": "none"},
"require": {"write": "confined"},
"backend": {"prefer": "isolation", "allow": ["linux_landlock"],
  "wsl_distribution": "Debian"}
})";

void Forget(Origin* origin) { *origin = Origin(); }

// The same settings, whatever the lines.
Setting WithoutLines(Setting setting) {
  Forget(&setting.origin);
  for (PathEntry& entry : setting.list) Forget(&entry.origin);
  for (auto& [name, value] : setting.map) Forget(&value.origin);
  return setting;
}

TEST(ParseTest, TomlAndJsonGiveTheSameForEveryKey) {
  const auto toml = ParsePolicy(kToml, "f", PolicyFormat::kToml);
  const auto json = ParsePolicy(kJson, "f", PolicyFormat::kJson);
  ASSERT_TRUE(toml.ok()) << toml.status();
  ASSERT_TRUE(json.ok()) << json.status();
  for (const KeyInfo& info : PolicyKeys()) {
    const Setting* a = toml->Find(info.key);
    const Setting* b = json->Find(info.key);
    ASSERT_EQ(a != nullptr, info.in_files) << KeyPath(info.key) << ": the sample above should hold every key";
    ASSERT_EQ(b != nullptr, info.in_files) << KeyPath(info.key);
    if (a == nullptr) continue;
    EXPECT_EQ(WithoutLines(*a), WithoutLines(*b)) << KeyPath(info.key);
  }
}

TEST(ParseTest, ValuesAreCanonical) {
  const auto spec = ParsePolicy(kToml, "f", PolicyFormat::kToml);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_THAT(Texts(spec->Find(Key::kWrite)->list), ElementsAre(".", "src/x", "~/cache"));
  EXPECT_THAT(Texts(spec->Find(Key::kNetworkAllow)->list), ElementsAre("*.npmjs.org:443", "10.0.0.1", "[::1]:80"));
  EXPECT_EQ(spec->Find(Key::kWall)->number, 5'400'000u);
  EXPECT_EQ(spec->Find(Key::kFileSize)->number, kNoLimit);
}

TEST(ParseTest, OriginsNameFileAndLine) {
  const auto toml = ParsePolicy(kToml, "p.toml", PolicyFormat::kToml);
  ASSERT_TRUE(toml.ok());
  EXPECT_EQ(toml->Find(Key::kDenyWrite)->origin, (Origin{"p.toml", 9}));
  EXPECT_EQ(toml->Find(Key::kSet)->map.at("CI").origin, (Origin{"p.toml", 24}));
  const auto json =
      ParsePolicy("{\n\"limits\": {\n\n\"processes\": 5\n},\n\"filesystem\": {\"write\": [\n\".\",\n\"a\"]}}", "p.json",
                  PolicyFormat::kJson);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->Find(Key::kProcesses)->origin, (Origin{"p.json", 4}));
  EXPECT_EQ(json->Find(Key::kWrite)->origin, (Origin{"p.json", 6}));
  EXPECT_EQ(json->Find(Key::kWrite)->list[1].origin, (Origin{"p.json", 8}));
}

TEST(ParseTest, EmptyFilesSayNothing) {
  EXPECT_TRUE(ParsePolicy("", "f", PolicyFormat::kToml)->empty());
  EXPECT_TRUE(ParsePolicy("# nothing\n", "f", PolicyFormat::kToml)->empty());
  EXPECT_TRUE(ParsePolicy("{}", "f", PolicyFormat::kJson)->empty());
  EXPECT_TRUE(ParsePolicy("{\"$schema\": \"policy.schema.json\"}", "f", PolicyFormat::kJson)->empty());
}

struct BadCase {
  const char* text;
  const char* message;  // after "file:"
};

void ExpectErrors(const std::vector<BadCase>& cases, PolicyFormat format) {
  for (const BadCase& c : cases) {
    const auto spec = ParsePolicy(c.text, "p", format);
    ASSERT_FALSE(spec.ok()) << c.text;
    EXPECT_EQ(CodeOf(spec.status()), "policy_invalid") << c.text;
    EXPECT_THAT(DetailOf(spec.status()), StartsWith(absl::StrCat("p:", c.message))) << c.text;
    EXPECT_FALSE(ReasonOf(spec.status())->remedy.empty());
  }
}

TEST(ParseTest, TomlErrorsNameLineKeyAndWhatIsRight) {
  ExpectErrors(
      {
          // unknown keys
          {"\n[filesystem]\nwirte = []", "3: filesystem.wirte: unknown key; did you mean `write`?"},
          {"[filesystem]\ndeny-write = []", "2: filesystem.deny-write: unknown key; did you mean `deny_write`?"},
          {"wall = \"1s\"", "1: wall: unknown key; did you mean `limits.wall`?"},
          {"[limits]\nwrite = []", "2: limits.write: unknown key; did you mean `filesystem.write`?"},
          {"[filesystems]", "1: filesystems: unknown key; did you mean `filesystem`?"},
          {"[sandbox]\nx = 1", "1: sandbox: unknown key; known here: \"extends\", "},
          {"[network]\nproxy = 1",
           "2: network.proxy: unknown key; known here: \"mode\", \"allow\" or \"unix_sockets\""},
          {"[backend]\nforced = \"wsl2\"", "2: backend.forced: unknown key"},
          {"\"\" = 1", "1: \"\": unknown key"},
          {"\"a\\u001b-\" = 1", "1: \"a\\x1b-\": unknown key"},
          // wrong types
          {"filesystem = 1", "1: filesystem: is the number 1; write a table [filesystem]"},
          {"[filesystem]\nwrite = \".\"", "2: filesystem.write: is the text \".\"; write a list of texts"},
          {"[filesystem]\nwrite = [\".\",\n 3]", "3: filesystem.write[1]: is the number 3; write a text in quotes"},
          {"[filesystem]\nread = true", "2: filesystem.read: is true; write \"host\" or \"minimal\""},
          {"[network]\nmode = [\"off\"]", "2: network.mode: is a list; write \"off\", \"brokered\" or \"open\""},
          {"strict = \"yes\"", "1: strict: is the text \"yes\"; write true or false"},
          {"[environment]\nset = [\"A=1\"]", "2: environment.set: is a list; write a table"},
          {"[environment]\nset = { A = 1 }", "2: environment.set.A: is the number 1; write a text in quotes"},
          {"require = \"write\"", "1: require: is the text \"write\"; write a table of guarantees"},
          {"[limits]\nprocesses = \"512\"",
           "2: limits.processes: is the text \"512\"; write a whole number such as 512"},
          {"[limits]\nprocesses = 1.5", "2: limits.processes: is a number with a fraction; write a whole number"},
          {"[limits]\nwall = 10", "2: limits.wall: is the number 10; write a duration such as \"10m\""},
          {"[limits]\nwall = 1979-05-27", "2: limits.wall: is a date or time; write a duration"},
          // values
          {"extends = \"codng\"", "1: extends: \"codng\" is none of \"coding\", "},
          {"extends = \"codng\"",
           "1: extends: \"codng\" is none of \"coding\", \"read-only\", \"computer-use\", \"packaged-app\" or "
           "\"low-integrity\"; did you mean `coding`?"},
          {"[network]\nmode = \"none\"", "2: network.mode: \"none\" is none of \"off\", \"brokered\" or \"open\""},
          {"[require]\nwirte = \"confined\"", "2: require.wirte: \"wirte\" is no guarantee; there are \"write\", "},
          {"[require]\nwrite = \"strong\"",
           "2: require.write: \"strong\" is no level of write; from weak to strong: \"none\", "},
          {"[require]\nnetwork = \"confined\"", "2: require.network: \"confined\" is no level of network"},
          // units and ranges
          {"[limits]\nwall = \"10\"", "2: limits.wall: \"10\" has no unit"},
          {"[limits]\nwall = \"10 m\"", "2: limits.wall: \"10 m\" has an unknown unit"},
          {"[limits]\nwall = \"0s\"", "2: limits.wall: \"0s\" is zero, so that nothing could run; write \"none\""},
          {"[limits]\nmemory = \"4G\"", "2: limits.memory: \"4G\" is ambiguous; write GiB (powers of 1024) or GB"},
          {"[limits]\nmemory = \"1KiB\"", "2: limits.memory: \"1KiB\" is below the least, 1MiB"},
          {"[limits]\nmemory = -1", "2: limits.memory: -1 is negative"},
          {"[limits]\nmemory = \"\"", "2: limits.memory: \"\" is empty; write a size such as \"4GiB\", or \"none\""},
          {"[limits]\nprocesses = 0", "2: limits.processes: 0 is zero"},
          {"[limits]\nprocesses = 5000000", "2: limits.processes: 5000000 is above the most, 4194304"},
          {"[limits]\noutput = \"99999999TiB\"", "2: limits.output: \"99999999TiB\" is larger than"},
          // syntax
          {"extends = ", "1: "},
          {"a = 1\na = 2", "2: "},
          {"[filesystem]\n[filesystem]", "2: "},
          {"[filesystem]\nread = \"host\"\nread = \"host\"", "3: "},
          {"extends = \"\xff\"", "1: "},
          {"a = [[[[[[[[[[1]]]]]]]]]]", "1: "},
          {"\n[[[a]]]", "2: a table header must begin with a key"},
          {"x = [\n[1]]\n[", "3: a table header must begin with a key"},
          {"\na.b.c.d.e.f.g.h.i.j = 1", "2: a key of more than 8 parts"},
          {"[a.b.c.d.e.f.g.h.i.j]", "1: a key of more than 8 parts"},
      },
      PolicyFormat::kToml);
}

TEST(ParseTest, JsonErrorsNameLineKeyAndWhatIsRight) {
  ExpectErrors(
      {
          {"", "1: no JSON: "},
          {"{", "1: no JSON: "},
          {"{}x", "1: no JSON: "},
          {"{\"a\": 1,}", "1: no JSON: "},
          {"[]", "1: no policy: the outermost value must be a table {...}"},
          {"\"text\"", "1: no policy"},
          {"null", "1: no policy"},
          {"{\n\"filesystem\": {\n\"wirte\": []}}", "3: filesystem.wirte: unknown key; did you mean `write`?"},
          {"{\n\"filesystem\": null}", "2: filesystem: is null; write a table"},
          {"{\"extends\": \"coding\",\n\"extends\": \"coding\"}", "2: \"extends\" is written twice in one table"},
          {"{\"limits\": {\"processes\": 512.5}}", "1: limits.processes: is a number with a fraction"},
          {"{\"limits\": {\"memory\": 18446744073709551615}}",
           "1: limits.memory: is a number beyond 9223372036854775807"},
          {"{\"limits\": {\"memory\": 1e400}}", "1: no JSON: "},
          {"{\"limits\": {\"wall\": 10}}", "1: limits.wall: is the number 10"},
          {"{\"a\":\n[[[[[[[[[1]]]]]]]]]}", "2: nested deeper than 8 levels"},
          {"{\"filesystem\": {\"write\": [\"a\\u0000b\"]}}", "1: filesystem.write[0]: "},
          {"{\"filesystem\": {\"write\": [\"\xff\"]}}", "1: no JSON: "},
          {"{\"environment\": {\"set\": {\"A\": \"x\\u0000\"}}}", "1: environment.set.A: "},
          {"{\"environment\": {\"set\": {\"A\\u0000B\": \"x\"}}}", "1: environment.set.\"A\\x00\\x42\": "},
          {"{\"$schema\": 1}", "1: $schema: unknown key"},
      },
      PolicyFormat::kJson);
}

TEST(ParseTest, HugeAndDeepInputsAreRefusedAtOnce) {
  const std::string spaces(kMaxPolicyBytes + 1, ' ');
  for (const PolicyFormat format : {PolicyFormat::kToml, PolicyFormat::kJson}) {
    const auto spec = ParsePolicy(spaces, "p", format);
    ASSERT_FALSE(spec.ok());
    EXPECT_THAT(DetailOf(spec.status()), HasSubstr("is larger than 1048576 bytes"));
    EXPECT_FALSE(ParsePolicy(std::string(kMaxPolicyBytes, '['), "p", format).ok());
    EXPECT_FALSE(ParsePolicy(std::string(kMaxPolicyBytes, '{'), "p", format).ok());
  }
  std::string dots = "a";
  while (dots.size() + 8 < kMaxPolicyBytes) dots += ".a";
  EXPECT_FALSE(ParsePolicy(dots + " = 1", "p", PolicyFormat::kToml).ok());
  EXPECT_FALSE(ParsePolicy("[" + dots + "]", "p", PolicyFormat::kToml).ok());
  EXPECT_FALSE(ParsePolicy("x = { " + dots + " = 1 }", "p", PolicyFormat::kToml).ok());
  const std::string objects = absl::StrReplaceAll(std::string(kMaxPolicyBytes / 5, '{'), {{"{", "{\"a\":"}});
  EXPECT_FALSE(ParsePolicy(objects, "p", PolicyFormat::kJson).ok());
}

// Dots inside strings and comments are no nesting, and strings end where TOML says.
TEST(ParseTest, DotsInsideTextAreNoNesting) {
  const char kManyDots[] =
      "# a.b.c.d.e.f.g.h.i.j.k\n"
      "[environment]\n"
      "set = { A = \"a.b.c.d.e.f.g.h.i.j\\\".k.l\", B = 'a.b.c.d.e.f.g.h.i.j\\', C = "
      "\"\"\"\na.b.c.d.e.f.g.h.i.j\"\"\"\"\" }\n"
      "inherit = [\"PATH\"]\n";
  const auto spec = ParsePolicy(kManyDots, "p", PolicyFormat::kToml);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->Find(Key::kSet)->map.at("C").text, "a.b.c.d.e.f.g.h.i.j\"\"");
}

TEST(FlagTest, AreCheckedLikeFilesAndNameThemselves) {
  PolicySpec spec;
  EXPECT_TRUE(SetFlag(&spec, Key::kWrite, "src/../lib", "--rw").ok());
  EXPECT_TRUE(SetFlag(&spec, Key::kWrite, "/opt/x/", "--rw").ok());
  EXPECT_THAT(Texts(spec.Find(Key::kWrite)->list), ElementsAre("lib", "/opt/x"));
  EXPECT_EQ(spec.Find(Key::kWrite)->origin, (Origin{"--rw", 0}));

  const struct {
    absl::Status status;
    const char* message;
  } kCases[] = {
      {SetFlag(&spec, Key::kWrite, "*", "--rw"), "--rw: \"*\" holds a wildcard"},
      {SetFlag(&spec, Key::kWall, "soon", "--wall"), "--wall: \"soon\" does not begin with a number"},
      {SetFlag(&spec, Key::kProcesses, "-5", "--processes"), "--processes: \"-5\" is negative"},
      {SetFlag(&spec, Key::kRequire, "write", "--require"),
       "--require: \"write\" has no \"=\"; write for instance write=confined"},
      {SetFlag(&spec, Key::kRequire, "write=x", "--require"), "--require: \"x\" is no level of write"},
      {SetFlag(&spec, Key::kBackendForced, "No Such", "--backend"), "--backend: \"No Such\" is no name of a backend"},
      {SetFlag(&spec, Key::kWorkload, "code", "--workload"), "--workload: \"code\" is none of"},
      {SetNetFlag(&spec, "on", "--net"), "--net: \"on\" is none of off, open and allow=HOST[:PORT],..."},
      {SetNetFlag(&spec, "allow=", "--net"), "--net: \"\" is empty"},
      {SetNetFlag(&spec, "allow=a.org,,b.org", "--net"), "--net: \"\" is empty"},
      {SetEnvFlag(&spec, "=x", "--env"), "--env: \"\" is empty"},
      {SetEnvFlag(&spec, "", "--env"), "--env: \"\" is empty"},
      {SetEnvFlag(&spec, "A*B", "--env"), "--env: \"A*B\" holds a *"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CodeOf(c.status), "policy_invalid");
    EXPECT_THAT(DetailOf(c.status), StartsWith(c.message));
  }
}

TEST(FlagTest, NetAndEnv) {
  PolicySpec spec;
  ASSERT_TRUE(SetNetFlag(&spec, "allow=*.npmjs.org:443,pypi.org", "--net").ok());
  EXPECT_EQ(spec.Find(Key::kNetworkMode)->choice, static_cast<size_t>(NetworkMode::kBrokered));
  EXPECT_THAT(Texts(spec.Find(Key::kNetworkAllow)->list), ElementsAre("*.npmjs.org:443", "pypi.org"));
  ASSERT_TRUE(SetEnvFlag(&spec, "A=b=c", "--env").ok());
  ASSERT_TRUE(SetEnvFlag(&spec, "EMPTY=", "--env").ok());
  ASSERT_TRUE(SetEnvFlag(&spec, "GITHUB_TOKEN", "--env").ok());
  EXPECT_EQ(spec.Find(Key::kSet)->map.at("A").text, "b=c");
  EXPECT_EQ(spec.Find(Key::kSet)->map.at("EMPTY").text, "");
  EXPECT_THAT(Texts(spec.Find(Key::kInherit)->list), ElementsAre("GITHUB_TOKEN"));
}

}  // namespace
}  // namespace paddock
