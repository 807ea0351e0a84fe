#ifndef PADDOCK_SERVICE_EVENT_LOG_H_
#define PADDOCK_SERVICE_EVENT_LOG_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "paddock/v1/paddock.pb.h"

namespace paddock::service {

// What a run has said and somebody may still want to hear. Not thread-safe.
class EventLog {
 public:
  // `kept`: bytes that stay after they have been read, for who attaches later; 0: none.
  explicit EventLog(size_t kept) : kept_(kept) {}

  // With the next sequence number.
  void Append(v1::RunResponse event);

  // There is a reader, who has all up to `sequence`: from now on nothing is dropped that it has not read. Or there is
  // none.
  void Read(uint64_t sequence);
  void StopReading();

  // What the reader has not read: the next event, or Dropped in place of those that are there no more.
  std::optional<v1::RunResponse> Next();
  // Bytes of it.
  size_t unread() const { return unread_; }

 private:
  void Trim();

  const size_t kept_;
  std::deque<v1::RunResponse> events_;
  size_t bytes_ = 0, unread_ = 0;
  uint64_t last_ = 0;  // sequence numbers: the latest event's
  // What the reader has. There is one from the start, who is about to come.
  std::optional<uint64_t> read_ = 0;
};

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_EVENT_LOG_H_
