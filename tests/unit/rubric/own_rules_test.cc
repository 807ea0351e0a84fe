#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/backend/assessment_builder.h"
#include "core/rubric/rubric.h"
#include "tests/unit/rubric/rubric_hosts.h"

// A program that brings a backend of its own ranks it by rows of its own.

namespace paddock {
namespace {

using ::testing::ElementsAre;

class Outsider : public Backend {
 public:
  const BackendInfo& info() const override { return info_; }
  Assessment Assess(absl::string_view /*tier*/, const Request& request, const Facts& facts) const override {
    AssessmentBuilder builder(request, facts);
    for (const Condition condition :
         {Condition::kOpenBinaries, Condition::kHostWorkspace, Condition::kNoAdmin, Condition::kTree}) {
      builder.Meet(condition, Meets::kYes, "so it says");
    }
    builder.RequireHost(OsFamily::kLinux);
    builder.WeakenedBy({"outsider_needs_care", "nobody cared", "Take care."});
    return std::move(builder).Take();
  }
  absl::StatusOr<LaunchPlan> Plan(absl::string_view /*tier*/, const Request& /*request*/,
                                  const Facts& /*facts*/) const override {
    return absl::UnimplementedError("not asked here");
  }

 private:
  const BackendInfo info_ = {"outsider", "lives elsewhere", OsFamily::kLinux, {}};
};

bool Always(const Request& /*request*/, const Facts& /*facts*/) { return true; }

Rule OwnRule() {
  Rule rule;
  rule.id = "X1";
  rule.os = OsFamily::kLinux;
  rule.when_text = "always";
  rule.when = Always;
  rule.adds = {{"outsider", ""}};
  rule.why = "it is ours";
  rule.source = "a test";
  return rule;
}

std::vector<Rule> BuiltInWith(Rule rule, absl::string_view before) {
  std::vector<Rule> rules(Rules().begin(), Rules().end());
  auto at = rules.begin();
  while (at != rules.end() && at->id != before) ++at;
  rules.insert(at, std::move(rule));
  return rules;
}

Decision DecideBy(const std::vector<Rule>& rules, const Ask& ask, const Facts& facts) {
  static const Outsider kOutsider;
  std::vector<const Backend*> backends = AllBackends();
  backends.push_back(&kOutsider);
  return Evaluate(backends, MakeAsk(ask, facts), facts, rules);
}

TEST(OwnRulesTest, ARowPlacesItsBackendWhereItStands) {
  const Facts facts = LoadHost("linux_6_18");
  EXPECT_EQ(Ranking(DecideBy(BuiltInWith(OwnRule(), "L1"), {}, facts)),
            "outsider by X1, linux_landlock:namespaces by L1");
  EXPECT_EQ(Ranking(DecideBy(BuiltInWith(OwnRule(), "L4"), {}, facts)),
            "linux_landlock:namespaces by L1, outsider by X1");
}

TEST(OwnRulesTest, WithoutARowItIsChosenByNameAlone) {
  const Facts facts = LoadHost("linux_6_18");
  const std::vector<Rule> built_in(Rules().begin(), Rules().end());
  const Decision decision = DecideBy(built_in, {}, facts);
  EXPECT_EQ(Ranking(decision), "linux_landlock:namespaces by L1");
  EXPECT_THAT(RejectionCodes(decision, "outsider"), ElementsAre("not_in_rule"));
  EXPECT_EQ(Ranking(DecideBy(built_in, {.forced = "outsider"}, facts)), "outsider by forced");
}

TEST(OwnRulesTest, ThePolicysListHoldsForItToo) {
  const Facts facts = LoadHost("linux_6_18");
  const std::vector<Rule> rules = BuiltInWith(OwnRule(), "L1");
  EXPECT_EQ(Ranking(DecideBy(rules, {.allow = {"outsider"}}, facts)), "outsider by X1");
  EXPECT_EQ(Ranking(DecideBy(rules, {.allow = {"linux_landlock"}}, facts)), "linux_landlock:namespaces by L1");
}

TEST(OwnRulesTest, ItsPriceHasToBeAccepted) {
  const Facts facts = LoadHost("linux_6_18");
  Rule rule = OwnRule();
  rule.accepts = {{Guarantee::kWrite, write_level::kNone, true}};
  const std::vector<Rule> rules = BuiltInWith(rule, "L4");
  EXPECT_THAT(RejectionCodes(DecideBy(rules, {}, facts), "outsider"), ElementsAre("level_not_accepted:write"));
  EXPECT_EQ(Ranking(DecideBy(rules, {.require = {"write=none"}}, facts)),
            "linux_landlock:namespaces by L1, outsider by X1");
}

TEST(OwnRulesTest, ACodeOfItsOwnStandsBesideTheUnreachedLevel) {
  const Facts facts = LoadHost("linux_6_18");
  const Decision decision = DecideBy(BuiltInWith(OwnRule(), "L1"), {.require = {"write=confined"}}, facts);
  EXPECT_THAT(RejectionCodes(decision, "outsider"), ElementsAre("guarantee_unreachable:write", "outsider_needs_care"));
}

TEST(OwnRulesTest, ATableThatCoversNothingRefusesWithAReason) {
  const Facts facts = LoadHost("linux_6_18");
  const Decision decision = DecideBy({}, {}, facts);
  EXPECT_EQ(Ranking(decision), "nothing");
  EXPECT_THAT(RejectionCodes(decision, "outsider"), ElementsAre("no_rule"));
}

}  // namespace
}  // namespace paddock
