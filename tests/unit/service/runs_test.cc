#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/reason.h"
#include "service/counters.h"
#include "service/event_log.h"
#include "service/slots.h"

namespace paddock::service {
namespace {

using testing::ElementsAre;

TEST(SlotsTest, FirstComeFirstServed) {
  Slots slots(1, 2);
  std::vector<int> went;
  const auto first = slots.Take([&] { went.push_back(1); });
  const auto second = slots.Take([&] { went.push_back(2); });
  const auto third = slots.Take([&] { went.push_back(3); });
  EXPECT_EQ(ReasonOf(slots.Take([] {}).status())->code, "service_busy");
  EXPECT_THAT(went, ElementsAre(1));
  slots.GiveBack(*second);  // it waits no more
  slots.GiveBack(*first);
  EXPECT_THAT(went, ElementsAre(1, 3));
  slots.GiveBack(*first);  // again: of no effect
  EXPECT_EQ(slots.taken(), 1u);
  slots.GiveBack(*third);
  EXPECT_EQ(slots.taken(), 0u);
}

v1::RunResponse Output(size_t size) {
  v1::RunResponse event;
  event.mutable_output()->set_data(std::string(size, 'x'));
  return event;
}

std::vector<uint64_t> Rest(EventLog* log) {
  std::vector<uint64_t> sequences;
  while (const auto event = log->Next()) sequences.push_back(event->sequence());
  return sequences;
}

TEST(EventLogTest, NothingIsDroppedThatAReaderHasNotRead) {
  EventLog log(0);
  for (int i = 0; i < 3; ++i) log.Append(Output(1000));
  EXPECT_GE(log.unread(), 3000u);
  EXPECT_THAT(Rest(&log), ElementsAre(1, 2, 3));
  EXPECT_EQ(log.unread(), 0u);
  log.Append(Output(1));
  EXPECT_THAT(Rest(&log), ElementsAre(4));
}

TEST(EventLogTest, WithoutAReaderTheLatestStays) {
  EventLog log(2500);
  log.StopReading();
  for (int i = 0; i < 5; ++i) log.Append(Output(1000));
  EXPECT_FALSE(log.Next().has_value());
  log.Read(0);
  const auto dropped = log.Next();
  ASSERT_TRUE(dropped.has_value());
  EXPECT_EQ(dropped->dropped().events(), 3u);
  EXPECT_EQ(dropped->sequence(), 3u);
  EXPECT_THAT(Rest(&log), ElementsAre(4, 5));
  log.Read(4);  // somebody who has all but the last
  EXPECT_THAT(Rest(&log), ElementsAre(5));
  log.Read(1u << 30);  // of a future
  EXPECT_TRUE(Rest(&log).empty());
}

TEST(EventLogTest, TheEndOfAKeptRunStays) {
  EventLog log(100);
  log.StopReading();
  v1::RunResponse exited;
  exited.mutable_exited()->set_report_json(std::string(10000, 'x'));
  log.Append(Output(1000));
  log.Append(std::move(exited));
  log.Read(0);
  EXPECT_TRUE(log.Next()->has_dropped());
  EXPECT_TRUE(log.Next()->has_exited());
}

TEST(CountersTest, PrometheusText) {
  Counters counters;
  counters.runs_started = 3;
  counters.runs_ended["exited"] = 2;
  const std::string text = PrometheusText(counters);
  EXPECT_THAT(text, testing::HasSubstr("# TYPE paddockd_runs_started_total counter\npaddockd_runs_started_total 3\n"));
  EXPECT_THAT(text, testing::HasSubstr("paddockd_runs_ended_total{kind=\"exited\"} 2\n"));
}

}  // namespace
}  // namespace paddock::service
