#include "core/audit/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/audit/sockets.h"
#include "core/audit/view.h"

namespace paddock::audit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string ByName(absl::string_view path) {
  const SecretName* const row = FindSecretName(path);
  return row == nullptr ? "" : std::string(row->what);
}

TEST(SecretNames, OfCredentials) {
  for (const char* const path :
       {"/ws/.env", "/ws/.env.production", "/ws/prod.env", "/ws/ID_RSA", "/ws/id_ed25519", "/ws/.npmrc", "/ws/.pypirc",
        "/ws/.netrc", "/ws/credentials.json", "/ws/service-account-1.json", "/ws/terraform.tfstate", "/ws/a.kdbx",
        "/ws/.git-credentials", "/ws/kubeconfig", "/ws/home/.kube/config", "/ws/.aws/credentials", "/ws/server.pem"}) {
    EXPECT_NE(ByName(path), "") << path;
  }
}

TEST(SecretNames, NotOfExamplesAndPublicHalves) {
  for (const char* const path :
       {"/ws/.env.example", "/ws/.env.sample", "/ws/id_rsa.pub", "/ws/src/config", "/ws/.envrc",
        "/ws/credentials.json.enc", "/ws/environment.ts", "/.env/readme", "/", ""}) {
    EXPECT_EQ(ByName(path), "") << path;
  }
}

// Put together here, so that no file of this repository holds what looks like a secret.
std::string Repeat(absl::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) absl::StrAppend(&all, text);
  return all;
}

std::vector<std::string> Kinds(absl::string_view text) {
  std::vector<std::string> kinds;
  for (const SecretText& found : FindSecretTexts(text)) kinds.emplace_back(found.what);
  return kinds;
}

TEST(SecretTexts, Tokens) {
  const std::string body = Repeat("aB3", 20);
  EXPECT_THAT(Kinds(absl::StrCat("key = ", "AKIA", Repeat("Q7R3", 4), "\n")), ElementsAre("AWS access key id"));
  EXPECT_THAT(Kinds(absl::StrCat("'", "ghp", "_", body, "'")), ElementsAre("GitHub token"));
  EXPECT_THAT(Kinds(absl::StrCat("github", "_pat_", body)), ElementsAre("GitHub token"));
  EXPECT_THAT(Kinds(absl::StrCat("//r/:_authToken=npm", "_", body)), ElementsAre("npm token"));
  EXPECT_THAT(Kinds(absl::StrCat("xoxb", "-12345-", body)), ElementsAre("Slack token"));
}

TEST(SecretTexts, NotWhatOnlyBeginsLikeOne) {
  EXPECT_THAT(Kinds(absl::StrCat("AKIA", Repeat("Q7R3", 3))), IsEmpty());
  EXPECT_THAT(Kinds(absl::StrCat("AKIA", Repeat("Q7R3", 5))), IsEmpty());       // longer than an id
  EXPECT_THAT(Kinds(absl::StrCat("xAKIA", Repeat("Q7R3", 4))), IsEmpty());      // inside a word
  EXPECT_THAT(Kinds(absl::StrCat("AKIA", "IOSFODNN7", "EXAMPLE")), IsEmpty());  // of the documentation
  EXPECT_THAT(Kinds(absl::StrCat("ghp", "_", Repeat("x", 36))), IsEmpty());     // a placeholder
  EXPECT_THAT(Kinds(absl::StrCat("npm_config_registry=", Repeat("a1", 40))), IsEmpty());
  EXPECT_THAT(Kinds(""), IsEmpty());
}

TEST(SecretTexts, PrivateKeys) {
  const std::string begin = absl::StrCat("-----BEGIN ", "RSA PRIVATE", " KEY-----");
  const std::string body = Repeat("MIIE", 16);
  EXPECT_THAT(Kinds(absl::StrCat("x\n", begin, "\n", body, "\n")), ElementsAre("private key"));
  EXPECT_EQ(FindSecretTexts(absl::StrCat("x\n", begin, "\n", body)).front().offset, 2u);
  // In a string of JSON, and encrypted.
  EXPECT_THAT(Kinds(absl::StrCat("\"", begin, "\\n", body, "\"")), ElementsAre("private key"));
  EXPECT_THAT(Kinds(absl::StrCat(begin, "\nProc-Type: 4,ENCRYPTED\n\n", body)), ElementsAre("private key"));
  // A program that looks for the line holds no key, a certificate is none.
  EXPECT_THAT(Kinds(absl::StrCat("if (text.startsWith(\"", begin, "\"))")), IsEmpty());
  EXPECT_THAT(Kinds(absl::StrCat("-----BEGIN CERTIFICATE-----\n", body)), IsEmpty());
}

TEST(SecretTexts, SeveralKindsEachOnce) {
  const std::string aws = absl::StrCat("AKIA", Repeat("Q7R3", 4), "\n");
  const std::string npm = absl::StrCat("npm", "_", Repeat("aB3", 12), "\n");
  EXPECT_THAT(Kinds(absl::StrCat(aws, npm, aws)), ElementsAre("AWS access key id", "npm token"));
}

TEST(Sockets, ByName) {
  EXPECT_TRUE(KindOfSocket("/run/docker.sock").escape);
  EXPECT_TRUE(KindOfSocket("/run/user/1000/bus").escape);
  EXPECT_TRUE(KindOfSocket("/tmp/.X11-unix/X0").escape);
  EXPECT_FALSE(KindOfSocket("/tmp/ssh-abc/agent.12").escape);
  EXPECT_EQ(KindOfSocket("/srv/app.sock").what, "a program of the host");
  EXPECT_EQ(KindOfSocket("").what, "a program of the host");
}

TEST(Sockets, WellKnownOnesWithAndWithoutAHome) {
  EXPECT_THAT(WellKnownSockets("/home/dev", "/run/user/1"), Contains("/home/dev/.docker/run/docker.sock"));
  EXPECT_THAT(WellKnownSockets("/home/dev", "/run/user/1"), Contains("/run/user/1/bus"));
  for (const std::string& path : WellKnownSockets("", "")) EXPECT_EQ(path.front(), '/') << path;
}

TEST(ViewTest, TheInnermostStepDecides) {
  View view;
  view.steps = {{"/home/dev", Sight::kOverlay},
                {"/home/dev/.ssh", Sight::kMasked},
                {"/home/dev/p", Sight::kWritable},
                {"/home/dev/p/.env", Sight::kMasked}};
  EXPECT_EQ(view.SightOf("/home/dev/x"), Sight::kOverlay);
  EXPECT_EQ(view.SightOf("/home/dev/.ssh/id"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/home/dev/p/a"), Sight::kWritable);
  EXPECT_EQ(view.SightOf("/home/dev/p/.env"), Sight::kMasked);
  EXPECT_EQ(view.SightOf("/home/dev/p/.envx"), Sight::kWritable);
  EXPECT_EQ(view.SightOf("/usr"), Sight::kReadOnly);
  view.minimal_root = true;
  EXPECT_EQ(view.SightOf("/usr"), Sight::kPrivate);
  view.steps.push_back({"/home/dev/p", Sight::kReadOnly});  // placed later
  EXPECT_EQ(view.SightOf("/home/dev/p/a"), Sight::kReadOnly);
}

}  // namespace
}  // namespace paddock::audit
