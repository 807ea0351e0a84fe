#include "core/platform/windows/deadline.h"

#include <gtest/gtest.h>

#include <future>

namespace paddock {
namespace {

TEST(AskInTime, AnAnswerInTimeIsTheAnswer) {
  EXPECT_EQ(AskInTime([] { return 7; }, std::chrono::hours(1)), 7);
}

TEST(AskInTime, NobodyWaitsForWhoDoesNotAnswer) {
  // Answers only after it has been given up: no clock decides.
  std::promise<void> given_up;
  auto wait = std::make_shared<std::future<void>>(given_up.get_future());
  EXPECT_EQ(AskInTime([wait] { return wait->wait(), 7; }, std::chrono::milliseconds(1)), std::nullopt);
  given_up.set_value();
}

}  // namespace
}  // namespace paddock
