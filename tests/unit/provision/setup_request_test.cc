#include "provision/setup_request.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/reason.h"
#include "provision/setup_record.h"

namespace paddock::provision {
namespace {

constexpr char kPassword[] = "abcdefghijklmnopqrstuvwxyz";

SetupRequest Request() {
  SetupRequest request;
  request.number = "00112233445566778899aabbccddeeff";
  request.passwords = {{"PaddockOffline", kPassword}, {"PaddockOnline", kPassword}};
  request.tool_directories = {"C:\\Users\\dev\\tools"};
  return request;
}

TEST(SetupRequest, GoesThereAndBack) {
  const auto setup = ParseSetupRequest(FormatSetupRequest(Request()));
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(*setup, Request());
  SetupRequest teardown;
  teardown.action = SetupAction::kTearDown;
  teardown.number = Request().number;
  const auto parsed = ParseSetupRequest(FormatSetupRequest(teardown));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, teardown);
}

TEST(SetupRequest, RefusesAnythingElse) {
  const std::string good = FormatSetupRequest(Request());
  const std::pair<const char*, const char*> changes[] = {
      {"paddock.setup-request/1", "paddock.setup-request/2"},
      {"\"setup\"", "\"install\""},
      {"\"setup\"", "\"teardown\""},  // with passwords
      {"00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF"},
      {"PaddockOffline", "Administrator"},
      {"abcdefghijklmnopqrstuvwxyz", "short"},
      {"abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxy z"},
      {"[", "[1, "},
      {"\"action\"", "\"command\": \"calc.exe\", \"action\""},
  };
  for (const auto& [from, to] : changes) {
    const std::string bad = absl::StrReplaceAll(good, {{from, to}});
    ASSERT_NE(bad, good) << from;
    EXPECT_FALSE(ParseSetupRequest(bad).ok()) << to;
  }
  SetupRequest many = Request();
  many.tool_directories.assign(17, "C:\\t");
  EXPECT_FALSE(ParseSetupRequest(FormatSetupRequest(many)).ok());
}

TEST(SetupNews, KeepAStatusAndItsReason) {
  const absl::Status statuses[] = {
      absl::OkStatus(), absl::UnavailableError("gone"),
      ReasonError(absl::StatusCode::kAlreadyExists, "setup_name_taken", "local user PaddockOnline: taken")};
  for (const absl::Status& status : statuses) {
    const auto news = ParseSetupNews(FormatSetupNews(status));
    ASSERT_TRUE(news.ok()) << news.status();
    EXPECT_EQ(std::get<absl::Status>(*news), status);
    EXPECT_EQ(ReasonOf(std::get<absl::Status>(*news)), ReasonOf(status));
  }
}

TEST(SetupNews, KeepASteps) {
  const StepNews step = {{StepKind::kUser, "PaddockOnline", "comment"}, StepEvent::kNotUndone, "in use"};
  const auto news = ParseSetupNews(FormatSetupNews(step));
  ASSERT_TRUE(news.ok()) << news.status();
  const auto& read = std::get<StepNews>(*news);
  EXPECT_EQ(read.step, step.step);
  EXPECT_EQ(read.event, step.event);
  EXPECT_EQ(read.detail, step.detail);
}

TEST(SetupNews, RefusesAnythingElse) {
  const std::string schema = "{\"schema\": \"paddock.setup-news/1\", \"result\": ";
  const std::string other = "{\"code\": \"no_such\", \"detail\": \"\", \"remedy\": \"\"}";
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[]"), absl::StrCat(schema, "null}"),
                                 absl::StrCat(schema, "{\"code\": 2, \"message\": \"\", \"reasons\": null}}"),
                                 absl::StrCat(schema, "{\"code\": 99, \"message\": \"\", \"reason\": null}}"),
                                 absl::StrCat(schema, "{\"code\": 2, \"message\": \"\", \"reason\": ", other, "}}")}) {
    EXPECT_FALSE(ParseSetupNews(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace paddock::provision
