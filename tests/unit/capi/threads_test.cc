#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capi/paddock.h"

// Several threads with one context, and with one of their own each. Under ThreadSanitizer nothing may be launched (the
// guard shares the launcher's memory, and with it the sanitizer's own state of the thread), so that the runs here are
// refused at the last moment; tests/capi has runs of several threads that run.

namespace {

constexpr int kThreads = 4, kTimes = 8;

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<paddock_context, Freed<paddock_context_free>>;
using Text = std::unique_ptr<paddock_text, Freed<paddock_text_free>>;
using Error = std::unique_ptr<paddock_error, Freed<paddock_error_free>>;

Context NewContext() {
  paddock_context* context = nullptr;
  paddock_error* error = nullptr;
  EXPECT_EQ(paddock_context_new(nullptr, &context, &error), PADDOCK_OK);
  return Context(context);
}

class ThreadsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string directory = testing::TempDir() + "/paddock-threads-XXXXXX";
    ASSERT_NE(mkdtemp(directory.data()), nullptr);
    workspace_ = directory;
  }
  void TearDown() override { std::filesystem::remove_all(workspace_); }

  // `more`: members of the order, ", ..." or nothing.
  std::string Order(const std::string& more) const {
    return absl::StrCat(R"({"workspace": ")", workspace_, R"(", "command": ["true"])", more, "}");
  }

  template <typename Work>
  static void InThreads(Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([work] {
        for (int time = 0; time < kTimes; ++time) work();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  std::string workspace_;
};

std::string Explain(const paddock_context* context, const std::string& order) {
  paddock_text* decision = nullptr;
  paddock_error* error = nullptr;
  const paddock_code code = paddock_explain(context, order.data(), order.size(), nullptr, 0, &decision, &error);
  const Text text(decision);
  const Error failure(error);
  EXPECT_EQ(code, PADDOCK_OK);
  return text == nullptr ? "" : std::string(paddock_text_data(text.get()), paddock_text_length(text.get()));
}

TEST_F(ThreadsTest, OneContextAnswersManyAtOnce) {
  const Context context = NewContext();
  const std::string order = Order(""), alone = Explain(context.get(), order);
  ASSERT_FALSE(alone.empty());
  InThreads([&] { EXPECT_EQ(Explain(context.get(), order), alone); });
}

TEST_F(ThreadsTest, ContextsComeAndGo) {
  const std::string order = Order("");
  InThreads([&] {
    const Context own = NewContext();
    EXPECT_FALSE(Explain(own.get(), order).empty());
  });
}

TEST_F(ThreadsTest, RefusedRuns) {
  const Context context = NewContext();
  const std::string order = Order(R"(, "require": {"ui": "separate-machine"})");
  InThreads([&] {
    int32_t status = 0;
    paddock_text* report = nullptr;
    paddock_error* error = nullptr;
    const paddock_code code =
        paddock_run(context.get(), order.data(), order.size(), nullptr, nullptr, nullptr, &status, &report, &error);
    const Text text(report);
    const Error failure(error);
    EXPECT_EQ(code, PADDOCK_FAILED_PRECONDITION);
    ASSERT_NE(failure, nullptr);
    EXPECT_STREQ(paddock_error_reason(failure.get()), "guarantee_unreachable:ui");
  });
}

}  // namespace
