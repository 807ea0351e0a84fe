#include "service/event_log.h"

#include <algorithm>
#include <utility>

namespace paddock::service {
namespace {

// Of an event in memory, about.
size_t SizeOf(const v1::RunResponse& event) {
  constexpr size_t kEach = 96;
  return kEach + event.output().data().size() + event.exited().report_json().size() + event.notice().text().size() +
         event.violation().what().size() + event.violation().path().size();
}

}  // namespace

void EventLog::Append(v1::RunResponse event) {
  event.set_sequence(++last_);
  const size_t size = SizeOf(event);
  bytes_ += size;
  unread_ += size;
  events_.push_back(std::move(event));
  Trim();
}

void EventLog::Read(uint64_t sequence) {
  read_ = std::min(sequence, last_);
  unread_ = 0;
  for (const v1::RunResponse& event : events_) {
    if (event.sequence() > *read_) unread_ += SizeOf(event);
  }
}

void EventLog::StopReading() {
  read_.reset();
  Trim();
}

std::optional<v1::RunResponse> EventLog::Next() {
  if (!read_.has_value() || events_.empty() || *read_ == last_) return std::nullopt;
  const uint64_t first = events_.front().sequence();
  v1::RunResponse next;
  if (*read_ + 1 < first) {
    next.set_sequence(first - 1);
    next.mutable_dropped()->set_events(first - 1 - *read_);
  } else {
    next = events_[static_cast<size_t>(*read_ + 1 - first)];
    unread_ -= SizeOf(next);
  }
  read_ = next.sequence();
  Trim();
  return next;
}

// The end of a run stays, however long its report is.
void EventLog::Trim() {
  while (!events_.empty() && bytes_ > kept_) {
    const v1::RunResponse& front = events_.front();
    const bool unread = read_.has_value() && front.sequence() > *read_;
    if (unread || (kept_ > 0 && front.has_exited())) return;
    bytes_ -= SizeOf(front);
    events_.pop_front();
  }
}

}  // namespace paddock::service
