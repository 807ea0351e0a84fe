#include "provision/engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::provision {
namespace {

std::string SidOf(const SetupRecord& record, absl::string_view account) {
  const RecordedStep* const recorded = record.Account(account);
  return recorded == nullptr ? "" : recorded->identity;
}

FilledStep Fill(const SetupRecord& record, const Step& step) {
  const RecordedStep* const recorded = record.Find(step);
  FilledStep filled = {step, recorded == nullptr ? "" : recorded->identity, record.number, SidOf(record, step.name),
                       SidOf(record, kUsersGroup)};
  filled.step.value = absl::StrReplaceAll(step.value, {{"{setup}", filled.number}, {"{group}", filled.group}});
  return filled;
}

// A record, and the host that it is about.
class Journal {
 public:
  Journal(SetupRecord record, ProvisionHost& host, const StepListener& listener)
      : before_(record), record_(std::move(record)), host_(host), listener_(listener) {}

  const SetupRecord& record() const { return record_; }
  absl::Status MakeStep(const Step& step);
  absl::Status Complete();
  void UndoNotIn(const SetupPlan& plan);
  absl::Status UndoAll();
  // Undoes what this journal has made. The error that was the cause, with what it could not undo.
  absl::Status RollBack(const absl::Status& cause);

 private:
  absl::Status Announce(const Step& step);
  RecordedStep& Entry(const Step& step) { return *const_cast<RecordedStep*>(record_.Find(step)); }
  absl::Status Write() { return host_.WriteRecord(FormatSetupRecord(record_)); }
  absl::Status Undo(const Step& step);
  bool IsNeeded(const Step& step) const;
  std::vector<absl::Status> UndoEach(const std::vector<Step>& steps);

  const SetupRecord before_;
  SetupRecord record_;
  ProvisionHost& host_;
  const StepListener& listener_;
  std::vector<Step> made_now_;
};

absl::Status Journal::Announce(const Step& step) {
  const RecordedStep* const recorded = record_.Find(step);
  const SetupRecord before = record_;
  if (recorded == nullptr) {
    record_.steps.push_back({step, false, ""});
  } else {
    Entry(step).step = step;
  }
  record_.complete = false;
  if (record_ == before) return absl::OkStatus();
  const absl::Status written = Write();
  if (!written.ok()) record_ = before;
  return written;
}

absl::Status Journal::MakeStep(const Step& step) {
  ASSIGN_OR_RETURN(const Found found, host_.Look(Fill(record_, step)));
  const RecordedStep* const recorded = record_.Find(step);
  if (found == Found::kOther) {
    return ReasonError(absl::StatusCode::kAlreadyExists, "setup_name_taken",
                       absl::StrCat(Describe(step), ": something of that name is there, and not made by this set-up"));
  }
  if (recorded == nullptr && found == Found::kSame) {
    // Somebody's own. It serves as it is, and is not ours to take away.
    listener_(step, StepEvent::kKept, "");
    return absl::OkStatus();
  }
  const bool was_made = recorded != nullptr && recorded->made && found != Found::kAbsent;
  if (was_made && found == Found::kSame && recorded->step == step) {
    listener_(step, StepEvent::kKept, "");
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Announce(step));
  if (!was_made) made_now_.push_back(step);
  ASSIGN_OR_RETURN(std::string identity, host_.Make(Fill(record_, step)));
  RecordedStep& entry = Entry(step);
  entry.made = true;
  entry.identity = std::move(identity);
  RETURN_IF_ERROR(Write());
  listener_(step, was_made ? StepEvent::kKept : StepEvent::kMade, "");
  return absl::OkStatus();
}

absl::Status Journal::Undo(const Step& step) {
  const absl::Status removed = host_.Remove(Fill(record_, step));
  if (!removed.ok()) {
    listener_(step, StepEvent::kNotUndone, removed.message());
    return absl::Status(removed.code(), absl::StrCat("undoing ", Describe(step), ": ", removed.message()));
  }
  listener_(step, StepEvent::kRemoved, "");
  record_.steps.erase(record_.steps.begin() + (record_.Find(step) - record_.steps.data()));
  return record_.steps.empty() ? host_.RemoveRecord() : Write();
}

absl::Status Journal::Complete() {
  record_.complete = true;
  return Write();
}

// What cannot be undone now, such as a program that runs, stays recorded for the next time.
void Journal::UndoNotIn(const SetupPlan& plan) {
  const std::vector<RecordedStep> steps = record_.steps;
  for (auto recorded = steps.rbegin(); recorded != steps.rend(); ++recorded) {
    const bool wanted = std::any_of(plan.steps.begin(), plan.steps.end(),
                                    [&](const Step& step) { return SameThing(step, recorded->step); });
    if (!wanted) Undo(recorded->step).IgnoreError();
  }
}

// Whether something else is recorded that is about the SID of the account which `step` makes.
bool Journal::IsNeeded(const Step& step) const {
  const bool user = step.kind == StepKind::kUser;
  return std::any_of(record_.steps.begin(), record_.steps.end(), [&](const RecordedStep& recorded) {
    const Step& other = recorded.step;
    switch (other.kind) {
      case StepKind::kMember:
        return user ? other.name == step.name : other.value == step.name;
      case StepKind::kNetworkFilter:
      case StepKind::kRight:
        return other.name == step.name;
      default:
        return !user && absl::StrContains(other.value, "{group}");
    }
  });
}

// The last one first. An account stays as long as something that is about it could not be undone: its SID would be
// known to nobody. Gives what could not be undone.
std::vector<absl::Status> Journal::UndoEach(const std::vector<Step>& steps) {
  std::vector<absl::Status> failures;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const bool account = step->kind == StepKind::kGroup || step->kind == StepKind::kUser;
    if (record_.Find(*step) == nullptr || (account && IsNeeded(*step))) continue;
    absl::Status undone = Undo(*step);
    if (!undone.ok()) failures.push_back(std::move(undone));
  }
  return failures;
}

absl::Status Journal::UndoAll() {
  record_.complete = false;
  if (record_.steps.empty()) return host_.RemoveRecord();
  RETURN_IF_ERROR(Write());
  std::vector<Step> steps;
  for (const RecordedStep& recorded : record_.steps) steps.push_back(recorded.step);
  const std::vector<absl::Status> failures = UndoEach(steps);
  return failures.empty() ? absl::OkStatus() : failures.front();
}

absl::Status Journal::RollBack(const absl::Status& cause) {
  std::string left;
  for (const absl::Status& failure : UndoEach(made_now_)) absl::StrAppend(&left, "; ", failure.message());
  // Complete again where all is there that was.
  const bool complete = before_.complete && std::none_of(made_now_.begin(), made_now_.end(), [&](const Step& step) {
                          return before_.Find(step) != nullptr;
                        });
  if (complete && left.empty()) {
    record_ = before_;
    const absl::Status written = Write();
    if (!written.ok()) left = absl::StrCat("; ", written.message());
  }
  if (left.empty()) return cause;
  const auto reason = ReasonOf(cause);
  if (!reason) return absl::Status(cause.code(), absl::StrCat(cause.message(), left));
  return ReasonError(cause.code(), Reason{reason->code, absl::StrCat(reason->detail, left), reason->remedy});
}

absl::StatusOr<std::optional<SetupRecord>> Recorded(ProvisionHost& host) {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, host.ReadRecord());
  if (!text) return std::optional<SetupRecord>();
  ASSIGN_OR_RETURN(SetupRecord record, ParseSetupRecord(*text));
  return std::optional<SetupRecord>(std::move(record));
}

}  // namespace

absl::StatusOr<SetupRecord> MakeSetup(const SetupPlan& plan, const std::string& owner, const std::string& number,
                                      ProvisionHost& host, const StepListener& listener) {
  ASSIGN_OR_RETURN(std::optional<SetupRecord> record, Recorded(host));
  if (record && record->owner != owner) {
    return ReasonError(absl::StatusCode::kAlreadyExists, "provisioned_for_another",
                       absl::StrCat("this machine is set up for ", record->owner, ", who alone has the passwords"));
  }
  if (!record) record = SetupRecord{number, owner, false, {}};
  Journal journal(*std::move(record), host, listener);
  for (const Step& step : plan.steps) {
    const absl::Status made = journal.MakeStep(step);
    if (!made.ok()) return journal.RollBack(made);
  }
  journal.UndoNotIn(plan);
  RETURN_IF_ERROR(journal.Complete());
  return journal.record();
}

absl::Status UndoSetup(ProvisionHost& host, const StepListener& listener) {
  ASSIGN_OR_RETURN(std::optional<SetupRecord> record, Recorded(host));
  if (!record) return absl::OkStatus();
  return Journal(*std::move(record), host, listener).UndoAll();
}

absl::StatusOr<SetupRecord> ReadSetup(ProvisionHost& host) {
  ASSIGN_OR_RETURN(std::optional<SetupRecord> record, Recorded(host));
  if (record) return *std::move(record);
  return ReasonError(absl::StatusCode::kNotFound, "not_provisioned", "this machine is not set up");
}

}  // namespace paddock::provision
