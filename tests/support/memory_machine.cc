#include "tests/support/memory_machine.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace paddock::provision {
namespace {

using Account = MemoryMachine::Account;
using Accounts = std::map<std::string, Account>;

Found FoundAccount(const Accounts& accounts, const FilledStep& filled) {
  const auto account = accounts.find(filled.step.name);
  if (account == accounts.end()) return Found::kAbsent;
  const bool same = filled.identity.empty() || filled.identity == account->second.sid;
  return same && absl::StrContains(account->second.comment, filled.number) ? Found::kOurs : Found::kOther;
}

std::string MakeAccount(Accounts* accounts, const Step& step, int* next_rid) {
  Account& account = (*accounts)[step.name];
  account.comment = step.value;
  if (account.sid.empty()) account.sid = absl::StrCat("S-1-5-21-1-2-3-", (*next_rid)++);
  return account.sid;
}

template <typename Value>
Found FoundValue(const std::map<std::string, Value>& values, const std::string& name, const Value& wanted) {
  const auto value = values.find(name);
  if (value == values.end()) return Found::kAbsent;
  return value->second == wanted ? Found::kSame : Found::kOther;
}

template <typename Set, typename Item>
Found FoundItem(const Set& set, const Item& item) {
  return set.contains(item) ? Found::kSame : Found::kAbsent;
}

}  // namespace

template <typename Change>
absl::Status MemoryHost::Try(Change change) {
  if (dead_) return absl::AbortedError("this process is dead");
  const bool hit = ++calls == at;
  if (hit && hurt == Hurt::kFail) return absl::InternalError("injected");
  dead_ = hit && (hurt == Hurt::kDieBefore || hurt == Hurt::kDieAfter);
  if (!hit || hurt != Hurt::kDieBefore) change();
  return dead_ ? absl::AbortedError("this process is dead") : absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MemoryHost::ReadRecord() { return machine_.record; }

absl::Status MemoryHost::WriteRecord(absl::string_view text) {
  return Try([&] { machine_.record = std::string(text); });
}

absl::Status MemoryHost::RemoveRecord() {
  return Try([&] { machine_.record.reset(); });
}

absl::StatusOr<Found> MemoryHost::Look(const FilledStep& filled) {
  const Step& step = filled.step;
  switch (step.kind) {
    case StepKind::kGroup:
      return FoundAccount(machine_.groups, filled);
    case StepKind::kUser:
      return FoundAccount(machine_.users, filled);
    case StepKind::kMember:
      return FoundItem(machine_.members, std::pair(filled.account, filled.group));
    case StepKind::kRight:
      return FoundItem(machine_.rights, std::pair(filled.account, step.value));
    case StepKind::kHidden:
      return FoundValue(machine_.sign_in, step.name, 0);
    case StepKind::kFolder:
      return FoundValue(machine_.folders, step.name, step.value);
    case StepKind::kRunner:
      return FoundValue(machine_.programs, step.name, step.value);
    case StepKind::kNetworkFilter:
      return FoundItem(machine_.filtered, filled.account);
    case StepKind::kToolAccess:
      return FoundItem(machine_.entries, std::pair(step.name, step.value));
  }
  return Found::kOther;
}

absl::StatusOr<std::string> MemoryHost::Make(const FilledStep& filled) {
  const Step& step = filled.step;
  std::string identity;
  const absl::Status made = Try([&] {
    switch (step.kind) {
      case StepKind::kGroup:
        identity = MakeAccount(&machine_.groups, step, &machine_.next_rid);
        break;
      case StepKind::kUser:
        identity = MakeAccount(&machine_.users, step, &machine_.next_rid);
        break;
      case StepKind::kMember:
        machine_.members.emplace(filled.account, filled.group);
        break;
      case StepKind::kRight:
        machine_.rights.emplace(filled.account, step.value);
        break;
      case StepKind::kHidden:
        machine_.sign_in[step.name] = 0;
        break;
      case StepKind::kFolder:
        machine_.folders[step.name] = step.value;
        break;
      case StepKind::kRunner:
        machine_.programs[step.name] = step.value;
        break;
      case StepKind::kNetworkFilter:
        machine_.filtered.insert(filled.account);
        break;
      case StepKind::kToolAccess:
        machine_.entries.emplace(step.name, step.value);
        break;
    }
  });
  if (!made.ok()) return made;
  return identity;
}

absl::Status MemoryHost::Remove(const FilledStep& filled) {
  const Step& step = filled.step;
  const bool account = step.kind == StepKind::kGroup || step.kind == StepKind::kUser;
  if (account) {
    const absl::StatusOr<Found> found = Look(filled);
    if (*found == Found::kAbsent) return Try([] {});
    if (*found == Found::kOther) return absl::FailedPreconditionError("it is not ours any more");
  }
  return Try([&] {
    switch (step.kind) {
      case StepKind::kGroup:
        machine_.groups.erase(step.name);
        break;
      case StepKind::kUser:
        machine_.users.erase(step.name);
        break;
      case StepKind::kMember:
        machine_.members.erase(std::pair(filled.account, filled.group));
        break;
      case StepKind::kRight:
        machine_.rights.erase(std::pair(filled.account, step.value));
        break;
      case StepKind::kHidden:
        machine_.sign_in.erase(step.name);
        break;
      case StepKind::kFolder:
        machine_.folders.erase(step.name);
        break;
      case StepKind::kRunner:
        machine_.programs.erase(step.name);
        break;
      case StepKind::kNetworkFilter:
        machine_.filtered.erase(filled.account);
        break;
      case StepKind::kToolAccess:
        machine_.entries.erase(std::pair(step.name, step.value));
        break;
    }
  });
}

}  // namespace paddock::provision
