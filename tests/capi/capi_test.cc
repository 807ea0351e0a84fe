// The C library through its header alone, linked as a program of somebody's is: as the shared object or DLL, and as the
// archives. What a run does is tested by capi_test.py on Linux, and through wsl2 by tests/windows/capi_wsl_test.py.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "capi/paddock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using nlohmann::json;
using ::testing::HasSubstr;

#ifdef _WIN32
constexpr char kRoot[] = "C:\\";
constexpr char kSystem[] = "windows";
#else
constexpr char kRoot[] = "/";
constexpr char kSystem[] = "linux";
#endif

std::string Source(const std::string& file) {
  std::ifstream stream(std::string(PADDOCK_SOURCE_DIR) + "/" + file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Error {
  paddock_code code = PADDOCK_OK;
  std::string reason, message, remedy;
};

Error Take(paddock_error* error) {
  if (error == nullptr) return {};
  Error taken = {paddock_error_code(error), paddock_error_reason(error), paddock_error_message(error),
                 paddock_error_remedy(error)};
  paddock_error_free(error);
  return taken;
}

std::string Take(paddock_text* text) {
  if (text == nullptr) return "";
  std::string taken(paddock_text_data(text), paddock_text_length(text));
  EXPECT_EQ(paddock_text_data(text)[taken.size()], '\0');
  paddock_text_free(text);
  return taken;
}

struct Ran {
  paddock_code code = PADDOCK_OK;
  Error error;
  int32_t exit_status = -1;
  std::string report;
};

class CapiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(paddock_context_new(nullptr, &context_, nullptr), PADDOCK_OK);
    workspace_ = std::filesystem::temp_directory_path() /
                 ("paddock-capi-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(workspace_);
    std::filesystem::create_directory(workspace_);
  }
  void TearDown() override {
    paddock_context_free(context_);
    std::filesystem::remove_all(workspace_);
  }

  json Order() const { return {{"workspace", workspace_.string()}, {"command", {"true"}}}; }

  std::string Explain(const json& order, const std::string* facts = nullptr) {
    paddock_text* decision = nullptr;
    paddock_error* error = nullptr;
    const std::string text = order.dump();
    EXPECT_EQ(paddock_explain(context_, text.data(), text.size(), facts == nullptr ? nullptr : facts->data(),
                              facts == nullptr ? 0 : facts->size(), &decision, &error),
              PADDOCK_OK)
        << Take(error).message;
    return Take(decision);
  }

  Error Refused(const json& order) {
    paddock_text* decision = nullptr;
    paddock_error* error = nullptr;
    const std::string text = order.dump();
    const paddock_code code = paddock_explain(context_, text.data(), text.size(), nullptr, 0, &decision, &error);
    EXPECT_EQ(decision, nullptr);
    Error taken = Take(error);
    EXPECT_EQ(code, taken.code);
    return taken;
  }

  Ran Run(const json& order, const paddock_stdio* stdio, paddock_event_function on_event, void* user) {
    Ran ran;
    paddock_error* error = nullptr;
    paddock_text* report = nullptr;
    const std::string text = order.dump();
    ran.code =
        paddock_run(context_, text.data(), text.size(), stdio, on_event, user, &ran.exit_status, &report, &error);
    ran.error = Take(error);
    ran.report = Take(report);
    return ran;
  }

  paddock_context* context_ = nullptr;
  std::filesystem::path workspace_;
};

TEST_F(CapiTest, TheLibraryIsTheHeaders) {
  EXPECT_EQ(paddock_abi_version(), static_cast<uint32_t>(PADDOCK_ABI_VERSION));
  EXPECT_THAT(paddock_version(), HasSubstr("."));
}

TEST_F(CapiTest, AnotherHostIsDecidedForAsByTheTool) {
  for (const char* const name : {"linux_6_8", "windows_11_home", "windows_11_pro_wsl2"}) {
    const std::string facts = Source("tests/fixtures/hosts/" + std::string(name) + ".json");
    EXPECT_EQ(Explain(json::object(), &facts), Source("tests/golden/explain/" + std::string(name) + ".json")) << name;
  }
}

TEST_F(CapiTest, AnotherHostIsPlannedFor) {
  const std::string facts = Source("tests/fixtures/hosts/windows_11_home.json");
  paddock_text* plan = nullptr;
  ASSERT_EQ(paddock_plan(context_, R"({"command": ["node"]})", 21, facts.data(), facts.size(), &plan, nullptr),
            PADDOCK_OK);
  EXPECT_EQ(json::parse(Take(plan))["backend"], "windows_token");

  // The control: a backend that this host has not.
  const std::string order = R"({"command": ["node"], "backend": "linux_landlock"})";
  paddock_error* error = nullptr;
  EXPECT_EQ(paddock_plan(context_, order.data(), order.size(), facts.data(), facts.size(), &plan, &error),
            PADDOCK_FAILED_PRECONDITION);
  EXPECT_NE(Take(error).reason, "");
}

TEST_F(CapiTest, FactsOfThisHostDecideAsThisHost) {
  const std::string order = Order().dump();
  paddock_text* text = nullptr;
  ASSERT_EQ(paddock_probe(context_, order.data(), order.size(), &text, nullptr), PADDOCK_OK);
  const std::string facts = Take(text);
  EXPECT_EQ(json::parse(facts)["host"]["os"], kSystem) << facts;
  EXPECT_NE(Explain(Order()), "");
}

TEST_F(CapiTest, ErrorsSayWhatIsWrongAndWhatToDo) {
  const struct {
    json more;
    const char* reason;
  } cases[] = {
      {{{"comand", {"true"}}}, "order_invalid"},     {{{"strict", "yes"}}, "order_invalid"},
      {{{"wall", "soon"}}, "policy_invalid"},        {{{"policy", {{"limit", json::object()}}}}, "policy_invalid"},
      {{{"workspace", kRoot}}, "workspace_is_root"},
  };
  for (const auto& wrong : cases) {
    json order = Order();
    order.update(wrong.more);
    const Error error = Refused(order);
    EXPECT_EQ(error.reason, wrong.reason) << error.message;
    EXPECT_NE(error.message, "");
    EXPECT_NE(error.remedy, "") << error.message;
  }
}

TEST_F(CapiTest, AnErrorMayBeUnwanted) {
  paddock_text* decision = nullptr;
  EXPECT_EQ(paddock_explain(context_, "[", 1, nullptr, 0, &decision, nullptr), PADDOCK_INVALID_ARGUMENT);
  EXPECT_EQ(decision, nullptr);
}

TEST_F(CapiTest, FreeingTakesNull) {
  paddock_error_free(nullptr);
  paddock_text_free(nullptr);
  paddock_context_free(nullptr);
  paddock_sandbox_free(nullptr);
}

TEST_F(CapiTest, StructsSayTheirSize) {
  paddock_context_options options = {};
  paddock_context* context = nullptr;
  paddock_error* error = nullptr;
  EXPECT_EQ(paddock_context_new(&options, &context, &error), PADDOCK_INVALID_ARGUMENT);
  EXPECT_THAT(Take(error).message, HasSubstr("paddock_context_options.size"));
  // A caller who knows no member yet.
  options.size = sizeof(options.size);
  ASSERT_EQ(paddock_context_new(&options, &context, nullptr), PADDOCK_OK);
  paddock_context_free(context);
  options = {sizeof(options), "paddock", 7};
  EXPECT_EQ(paddock_context_new(&options, &context, &error), PADDOCK_INVALID_ARGUMENT);
  EXPECT_THAT(Take(error).message, HasSubstr("absolute"));
}

TEST_F(CapiTest, WrongStreamsAreRefused) {
  const paddock_stream null = {PADDOCK_STREAM_NULL, 0};
  const struct {
    paddock_stdio stdio;
    const char* named;
  } cases[] = {
      {{sizeof(paddock_stdio), null, {PADDOCK_STREAM_PIPE, 0}, null, 0, 0, 0}, "stdio.out"},
      {{sizeof(paddock_stdio), null, null, {9, 0}, 0, 0, 0}, "stdio.err"},
      {{sizeof(paddock_stdio), {PADDOCK_STREAM_HANDLE, -1}, null, null, 0, 0, 0}, "stdio.in"},
      {{sizeof(paddock_stdio), {PADDOCK_STREAM_HANDLE, 0x7ffc}, null, null, 0, 0, 0}, "stdio.in"},
      {{sizeof(paddock_stdio), null, null, null, 1, 80, 24}, "stdio.tty"},
      {{3, null, null, null, 0, 0, 0}, "paddock_stdio.size"},
  };
  for (const auto& wrong : cases) {
    const Ran ran = Run(Order(), &wrong.stdio, nullptr, nullptr);
    EXPECT_EQ(ran.code, PADDOCK_INVALID_ARGUMENT) << wrong.named;
    EXPECT_THAT(ran.error.message, HasSubstr(wrong.named));
    EXPECT_EQ(ran.exit_status, -1);
    EXPECT_EQ(ran.report, "");
  }
}

TEST_F(CapiTest, ThreadsShareAContext) {
  const std::string facts = Source("tests/fixtures/hosts/windows_11_pro_wsl2.json");
  const std::string alone = Explain(json::object(), &facts);
  std::atomic<int> same = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int asked = 0; asked < 8; ++asked) same += Explain(json::object(), &facts) == alone ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 32);
}

struct Heard {
  int exits = 0;
  int32_t exit_status = -1;
  std::string how;
};

void Listen(void* user, const paddock_event* event) {
  auto* const heard = static_cast<Heard*>(user);
  if (event->kind != PADDOCK_EVENT_EXITED) return;
  ++heard->exits;
  heard->exit_status = event->exit_status;
  heard->how.assign(event->data, event->length);
}

TEST_F(CapiTest, ARefusalIsAnErrorWithAReport) {
  json order = Order();
  order["require"] = {{"ui", "separate-machine"}};
  order["backend"] = "linux_landlock";
  Heard heard;
  const Ran ran = Run(order, nullptr, Listen, &heard);
  EXPECT_EQ(ran.code, PADDOCK_FAILED_PRECONDITION);
  EXPECT_NE(ran.error.reason, "");
  EXPECT_NE(ran.error.remedy, "");
  EXPECT_EQ(ran.exit_status, 125);
  EXPECT_EQ(json::parse(ran.report)["outcome"]["kind"], "refused");
  EXPECT_EQ(heard.exits, 1);
  EXPECT_EQ(heard.exit_status, 125);
  EXPECT_EQ(heard.how, "refused");

  paddock_sandbox* sandbox = nullptr;
  paddock_text* report = nullptr;
  paddock_error* error = nullptr;
  const std::string text = order.dump();
  EXPECT_EQ(paddock_spawn(context_, text.data(), text.size(), nullptr, Listen, &heard, &sandbox, &report, &error),
            PADDOCK_FAILED_PRECONDITION);
  EXPECT_EQ(sandbox, nullptr);
  EXPECT_EQ(Take(error).reason, ran.error.reason);
  EXPECT_EQ(json::parse(Take(report))["outcome"]["kind"], "refused");
  EXPECT_EQ(heard.exits, 2);
}

}  // namespace
