#include "service/slots.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace paddock::service {

absl::StatusOr<Slots::Ticket> Slots::Take(std::function<void()> go) {
  if (taken_.size() < most_) {
    taken_.push_back(++last_);
    const Ticket ticket = last_;
    go();
    return ticket;
  }
  if (waiting_.size() >= most_waiting_) {
    return ReasonError(absl::StatusCode::kResourceExhausted, "service_busy",
                       absl::StrCat(taken_.size(), " are running and ", waiting_.size(), " are waiting"));
  }
  waiting_.emplace_back(++last_, std::move(go));
  return last_;
}

void Slots::GiveBack(Ticket ticket) {
  waiting_.remove_if([&](const auto& waiting) { return waiting.first == ticket; });
  const auto taken = std::find(taken_.begin(), taken_.end(), ticket);
  if (taken == taken_.end()) return;
  taken_.erase(taken);
  if (waiting_.empty() || taken_.size() >= most_) return;
  auto [next, go] = std::move(waiting_.front());
  waiting_.pop_front();
  taken_.push_back(next);
  go();
}

}  // namespace paddock::service
