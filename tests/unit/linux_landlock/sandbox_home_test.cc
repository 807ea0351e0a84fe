// A home that is kept for the workspace's next run (filesystem.home = "kept"), with real commands in real sandboxes.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/linux_landlock/sandbox_fixture.h"

namespace paddock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class KeptHomeTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    if (IsSkipped()) return;
    request_.policy.filesystem.home = HomeMode::kKept;
    // Where the temporary directory cannot carry the upper layer of an overlay, there is nothing to test.
    RecordingSink sink;
    const RunResult result = RunShell("true", sink);
    if (!result.verdicts.empty()) {
      GTEST_SKIP() << "host fact missing: a file system for a kept layer: " << result.notices[0];
    }
  }

  void HomeFile(absl::string_view name, absl::string_view content) const {
    const fs::path path = absl::StrCat(home_, "/", name);
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  void DenyRead(absl::string_view name) {
    request_.deny_read.push_back({absl::StrCat(home_, "/", name), false, absl::StrCat("~/", name), {"test", 0}});
  }

  // The layer's directory, the only one.
  std::string Layer() const {
    std::string path;
    for (const auto& entry : fs::directory_iterator(state_ + "/homes")) path = entry.path();
    return path;
  }

  std::string Output(const std::string& script) {
    RecordingSink sink;
    const RunResult result = RunShell(script, sink);
    EXPECT_THAT(result.notices, IsEmpty());
    EXPECT_THAT(result.verdicts, IsEmpty());
    return sink.out;
  }

  // Runs `script`, which has to get a home that is thrown away; gives the reason's code, or what is wrong.
  std::string LostFor(const std::string& script, RecordingSink& sink) {
    const RunResult result = RunShell(script, sink);
    if (!absl::StrContains(sink.kinds, "N")) return absl::StrCat("no notice: ", sink.kinds);
    if (result.verdicts.size() != 1 || result.notices.size() != 1) return "no verdict, or no notice in the report";
    EXPECT_EQ(result.verdicts[0].rule, "filesystem.home");
    EXPECT_EQ(result.verdicts[0].verdict, Verdict::kApproximated);
    EXPECT_THAT(result.verdicts[0].missing, HasSubstr("nothing is kept"));
    for (const char* const code : {"home_layer_busy", "home_layer_unusable"}) {
      if (absl::StrContains(result.notices[0], code)) return code;
    }
    return result.notices[0];
  }
};

TEST_F(KeptHomeTest, TheNextRunFindsWhatThisOneWroteAndTheHostDoesNot) {
  HomeFile(".profile", "host\n");
  EXPECT_EQ(Output("mkdir -p ~/.cache/x; echo hit > ~/.cache/x/y; echo more >> ~/.profile"), "");
  EXPECT_EQ(Output("cat ~/.cache/x/y ~/.profile"), "hit\nhost\nmore\n");
  EXPECT_EQ(ReadFile(home_ + "/.profile"), "host\n");
  EXPECT_FALSE(fs::exists(home_ + "/.cache"));
  request_.policy.filesystem.home = HomeMode::kEphemeral;
  EXPECT_EQ(Output("cat ~/.profile; ls -a ~ | grep cache"), "host\n") << "control: another mode has no part in it";
}

TEST_F(KeptHomeTest, AnotherWorkspaceHasAnotherLayer) {
  EXPECT_EQ(Output("echo hit > ~/cache"), "");
  ws_ = root_ + "/other";
  fs::create_directory(ws_);
  request_.workspace = request_.cwd = ws_;
  request_.write[0].path = ws_;
  EXPECT_EQ(Output("ls -a ~ | grep -c cache"), "0\n");
}

TEST_F(KeptHomeTest, ASecondRunAtTheSameTimeDoesWithoutAndSaysSo) {
  EXPECT_EQ(Output("echo first > ~/mark"), "");
  RecordingSink held, sink;
  auto first = Launch({"cat"}, AllPipes(), held);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(LostFor("cat ~/mark; echo second > ~/mark; cat ~/mark", sink), "home_layer_busy");
  EXPECT_EQ(sink.out, "second\n");
  EXPECT_THAT(sink.err, HasSubstr("mark"));
  ASSERT_TRUE(first->CloseInput().ok());
  EXPECT_EQ(first->Wait().outcome.code, 0);
  EXPECT_EQ(Output("cat ~/mark"), "first\n") << "Wait() has let the layer go";
}

TEST_F(KeptHomeTest, ALayerThatOthersMayChangeIsLeftAlone) {
  EXPECT_EQ(Output("echo kept > ~/mark"), "");
  ASSERT_EQ(chmod(Layer().c_str(), 0770), 0);
  RecordingSink sink;
  EXPECT_EQ(LostFor("ls -a ~ | grep -c mark", sink), "home_layer_unusable");
  EXPECT_EQ(sink.out, "0\n");
}

// As where the state directory's file system cannot carry one: known only by trying.
TEST_F(KeptHomeTest, ALayerThatCannotBeMountedIsToldAndLeavesNothingBehind) {
  EXPECT_EQ(Output("true"), "");
  const size_t descriptors = OpenDescriptors();
  const LaunchPlan plan = PlanFor({"sh", "-c", "echo ran > ~/x && cat ~/x"});
  // An overlay does not take a regular file for its upper directory, nor does Paddock.
  fs::remove_all(Layer() + "/upper");
  std::ofstream(Layer() + "/upper") << "no directory";
  RecordingSink sink;
  {
    auto sandbox = TryLaunch(plan, OutputOnly(), sink);
    ASSERT_TRUE(sandbox.ok()) << sandbox.status();
    EXPECT_THAT((*sandbox)->Wait().notices, ElementsAre(HasSubstr("home_layer_unusable")));
  }
  EXPECT_EQ(sink.out, "ran\n");
  EXPECT_TRUE(HasNoChild());
  EXPECT_EQ(OpenDescriptors(), descriptors);
}

TEST_F(KeptHomeTest, AKilledRunLeavesALayerThatTheNextOneCanUse) {
  RecordingSink sink;
  auto sandbox = Launch({"sh", "-c", "echo kept > ~/mark; echo ready; exec sleep 600"}, OutputOnly(), sink);
  ASSERT_NE(sandbox, nullptr);
  sink.then = [&](const Event& event) {
    if (!std::holds_alternative<OutputEvent>(event)) return;
    EXPECT_TRUE(sandbox->Signal(SIGKILL).ok());
  };
  EXPECT_EQ(sandbox->Wait().outcome.signal, SIGKILL);
  EXPECT_EQ(Output("cat ~/mark"), "kept\n");
}

// ---- What a run before has left in the layer.

TEST_F(KeptHomeTest, AMaskHoldsOverTheLayerAndItsCopies) {
  HomeFile(".ssh/id", "secret\n");
  EXPECT_EQ(Output("cat ~/.ssh/id; echo touched >> ~/.ssh/id"), "secret\n")
      << "control: a policy that does not deny it";
  DenyRead(".ssh");
  const std::string out =
      Output("cat ~/.ssh/id ~/.ssh; ls ~/.ssh; mv ~/.ssh ~/x; ln ~/.ssh/id ~/y; rm -rf ~/.ssh; cat ~/x/id");
  EXPECT_THAT(out, Not(HasSubstr("secret")));
  EXPECT_EQ(ReadFile(home_ + "/.ssh/id"), "secret\n");
}

TEST_F(KeptHomeTest, WhatWasRemovedInTheLayerNeedsNoMask) {
  HomeFile(".ssh/id", "secret\n");
  HomeFile(".config/gh/hosts", "secret\n");
  EXPECT_EQ(Output("rm -r ~/.ssh ~/.config/gh; echo done"), "done\n");
  DenyRead(".ssh");
  DenyRead(".config/gh/hosts");
  EXPECT_EQ(Output("mkdir ~/.ssh ~/.config/gh; cat ~/.ssh/id ~/.config/gh/hosts; echo ran"), "ran\n");
}

TEST_F(KeptHomeTest, WhatTookTheNameOfAMaskedDirectoryEndsTheUseOfTheLayer) {
  HomeFile(".ssh/id", "secret\n");
  EXPECT_EQ(Output("rm -r ~/.ssh; ln -s /etc ~/.ssh; echo done"), "done\n");
  DenyRead(".ssh");
  RecordingSink sink;
  EXPECT_EQ(LostFor("cat ~/.ssh/id ~/.ssh/passwd; echo ran", sink), "home_layer_unusable");
  EXPECT_EQ(sink.out, "ran\n");
}

TEST_F(KeptHomeTest, WhatTookTheNameOfAGrantEndsTheUseOfTheLayer) {
  HomeFile("other/file", "host\n");
  EXPECT_EQ(Output("rm -r ~/other; echo x > ~/other; echo done"), "done\n");
  request_.write.push_back({home_ + "/other", false, "~/other", {"test", 0}});
  RecordingSink sink;
  EXPECT_EQ(LostFor("echo more >> ~/other/file; cat ~/other/file", sink), "home_layer_unusable");
  EXPECT_EQ(sink.out, "host\nmore\n");
  EXPECT_EQ(ReadFile(home_ + "/other/file"), "host\nmore\n");
}

TEST_F(KeptHomeTest, ARenameOfADirectoryOfTheHostsIsACopyOfWhatMayBeSeen) {
  HomeFile("app/secret", "secret\n");
  HomeFile("app/plain", "plain\n");
  DenyRead("app/secret");
  const std::string out = Output("mv ~/app ~/app2 2>/dev/null; cat ~/app2/secret ~/app2/plain; ls ~/app");
  EXPECT_THAT(out, Not(HasSubstr("secret\nplain")));
  EXPECT_THAT(Output("cat ~/app2/secret ~/app/secret; echo ran"), "ran\n");
}

TEST_F(KeptHomeTest, AMinimalRootKeepsItsOwnAndNoCopyOfTheHosts) {
  HomeFile(".profile", "host\n");
  EXPECT_EQ(Output("echo more >> ~/.profile; cat ~/.profile"), "host\nmore\n");
  request_.policy.filesystem.read = ReadMode::kMinimal;
  EXPECT_EQ(Output("cat ~/.profile; echo bare > ~/mark; ls -A ~"), "mark\n");
  EXPECT_EQ(Output("cat ~/mark"), "bare\n");
  request_.policy.filesystem.read = ReadMode::kHost;
  EXPECT_EQ(Output("cat ~/.profile; ls ~"), "host\nmore\n");
}

}  // namespace
}  // namespace paddock
