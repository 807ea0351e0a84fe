#include "backends/windows_sandbox/order.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "core/base/json.h"

namespace paddock {
namespace {

constexpr char kNonce[] = "0123456789abcdef0123456789abcdef";

GuestOrder Full() {
  GuestOrder order;
  order.nonce = kNonce;
  order.command = {"x.exe", "", "a\"b"};
  order.cwd = kGuestWorkspace;
  order.copy_from = kGuestSource;
  order.copy_to = kGuestWorkspace;
  order.environment = {{"CI", "1"}, {"Path", ""}};
  order.wall = std::chrono::milliseconds(1);
  order.cpu = std::chrono::milliseconds(2);
  order.output = 3;
  order.memory = 4;
  order.processes = 5;
  return order;
}

TEST(GuestOrderTest, ComesBackAsItWas) {
  GuestOrder least;
  least.nonce = kNonce;
  least.command = {"x"};
  for (const GuestOrder& order : {Full(), least}) {
    const auto parsed = ParseGuestOrder(DumpJson(ToJson(order)));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, order);
  }
}

TEST(GuestOrderTest, AnythingElseIsRefused) {
  const Json good = ToJson(Full());
  ASSERT_TRUE(ParseGuestOrder(good.dump()).ok());
  int tried = 0;
  for (const auto& [key, value] : good.items()) {
    Json without = good, other = good;
    without.erase(key);
    other[key] = Json::array({1});
    EXPECT_FALSE(ParseGuestOrder(without.dump()).ok()) << key;
    EXPECT_FALSE(ParseGuestOrder(other.dump()).ok()) << key;
    ++tried;
  }
  EXPECT_EQ(tried, 10);
  Json more = good;
  more["more"] = 1;
  EXPECT_FALSE(ParseGuestOrder(more.dump()).ok());
  Json nonce = good;
  nonce["nonce"] = kNonceSymbol;
  EXPECT_FALSE(ParseGuestOrder(nonce.dump()).ok());
  Json command = good;
  command["command"] = Json::array();
  EXPECT_FALSE(ParseGuestOrder(command.dump()).ok());
}

TEST(ControlTest, ComesBackAsItWasAndNothingElseDoes) {
  for (const GuestCommand command : {GuestCommand::kWait, GuestCommand::kRun, GuestCommand::kEnd}) {
    const Control control{command, 7};
    const auto parsed = ParseControl(kNonce, FormatControl(kNonce, control));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, control);
  }
  const std::string good = FormatControl(kNonce, {GuestCommand::kRun, 1});
  EXPECT_FALSE(ParseControl("ffffffffffffffffffffffffffffffff", good).ok());
  for (size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(ParseControl(kNonce, good.substr(0, i)).ok()) << i;
  EXPECT_FALSE(ParseControl(kNonce, absl::StrCat(good, good)).ok());
}

}  // namespace
}  // namespace paddock
