#include "provision/windows_host.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/machine/account_rights.h"
#include "core/platform/windows/machine/local_accounts.h"
#include "core/platform/windows/machine/machine_files.h"
#include "core/platform/windows/machine/network_filter.h"
#include "core/platform/windows/machine/registry_values.h"
#include "core/platform/windows/registry.h"
#include "core/platform/windows/win32_error.h"
#include "provision/setup_record.h"

namespace paddock::provision {
namespace {

constexpr char kRecordValue[] = "Setup";

machine::UserFilters Filters() {
  machine::UserFilters filters;
  for (const FilterObject& object : FilterObjects()) {
    machine::UserFilters::Named named = {std::string(object.key), std::string(object.name)};
    switch (object.kind) {
      case FilterObject::Kind::kProvider:
        filters.provider = std::move(named);
        break;
      case FilterObject::Kind::kSublayer:
        filters.sublayer = std::move(named);
        break;
      case FilterObject::Kind::kFilter:
        filters.filters.push_back({std::move(named), std::string(object.layer)});
        break;
    }
  }
  return filters;
}

Found FoundOf(machine::FilePresence presence) {
  switch (presence) {
    case machine::FilePresence::kAbsent:
      return Found::kAbsent;
    case machine::FilePresence::kAsWanted:
      return Found::kSame;
    case machine::FilePresence::kOther:
      break;
  }
  return Found::kOther;
}

// An account whose comment carries the set-up's number was made by it: names alone say nothing.
Found FoundAccount(const std::optional<machine::LocalAccount>& account, const FilledStep& filled) {
  if (!account) return Found::kAbsent;
  const bool same = filled.identity.empty() || filled.identity == account->sid.ToString();
  return same && absl::StrContains(account->comment, filled.number) ? Found::kOurs : Found::kOther;
}

absl::StatusOr<access::Ace> EntryOf(const Step& step) {
  ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, access::ParseSddl(absl::StrCat("D:", step.value)));
  if (descriptor.dacl.aces.size() != 1)
    return absl::InvalidArgumentError(absl::StrCat(step.value, ": no single entry"));
  return descriptor.dacl.aces.front();
}

// This thread acts as the caller of set-up, until this goes.
class AsCaller {
 public:
  AsCaller() = default;
  AsCaller(const AsCaller&) = delete;
  AsCaller& operator=(const AsCaller&) = delete;
  ~AsCaller() {
    // To go on as somebody else than is thought would be worse than to end.
    if (taken_on_ && !RevertToSelf()) std::abort();
  }
  absl::Status TakeOn(HANDLE token) {
    if (token == nullptr) return absl::OkStatus();
    if (!ImpersonateLoggedOnUser(token)) return Win32Status(GetLastError(), "ImpersonateLoggedOnUser");
    taken_on_ = true;
    return absl::OkStatus();
  }

 private:
  bool taken_on_ = false;
};

class WindowsHost : public ProvisionHost {
 public:
  explicit WindowsHost(WindowsHostOptions options)
      : options_(std::move(options)), calls_(*options_.calls), accounts_(calls_) {}

  absl::StatusOr<std::optional<std::string>> ReadRecord() override { return ReadRecordAt(options_.record_key); }
  absl::Status WriteRecord(absl::string_view text) override;
  absl::Status RemoveRecord() override { return machine::RemoveMachineValue(options_.record_key, kRecordValue); }
  absl::StatusOr<Found> Look(const FilledStep& filled) override;
  absl::StatusOr<std::string> Make(const FilledStep& filled) override;
  absl::Status Remove(const FilledStep& filled) override;

 private:
  absl::StatusOr<Found> LookAtHidden(const std::string& user) const;
  absl::StatusOr<Found> LookBySid(const FilledStep& filled) const;
  absl::StatusOr<std::string> MakeGroup(const FilledStep& filled);
  absl::StatusOr<std::string> MakeUser(const FilledStep& filled);
  absl::Status MakeOther(const FilledStep& filled);
  absl::Status RemoveAccount(const FilledStep& filled);

  WindowsHostOptions options_;
  const machine::MachineCalls& calls_;
  machine::LocalAccounts accounts_;
};

absl::Status WindowsHost::WriteRecord(absl::string_view text) {
  if (text.size() > kMaxSetupRecord) return absl::ResourceExhaustedError("the record of set-up has become too long");
  return machine::SetMachineText(options_.record_key, kRecordValue, text);
}

absl::StatusOr<Found> WindowsHost::LookAtHidden(const std::string& user) const {
  const auto key = RegistryKey::Open(HKEY_LOCAL_MACHINE, options_.sign_in_key);
  if (absl::IsNotFound(key.status())) return Found::kAbsent;
  RETURN_IF_ERROR(key.status());
  const std::optional<uint32_t> value = key->Number(user);
  if (!value) return Found::kAbsent;
  return *value == 0 ? Found::kSame : Found::kOther;
}

// Of an account that is not made, nothing is there.
absl::StatusOr<Found> WindowsHost::LookBySid(const FilledStep& filled) const {
  if (filled.account.empty()) return Found::kAbsent;
  ASSIGN_OR_RETURN(const access::Sid account, access::Sid::Parse(filled.account));
  absl::StatusOr<bool> there = false;
  switch (filled.step.kind) {
    case StepKind::kMember:
      there = accounts_.IsMember(filled.step.value, account);
      break;
    case StepKind::kRight:
      there = machine::HasRight(calls_, account, filled.step.value);
      break;
    default:
      there = machine::HasUserFilters(calls_, Filters(), account);
      break;
  }
  RETURN_IF_ERROR(there.status());
  return *there ? Found::kSame : Found::kAbsent;
}

absl::StatusOr<Found> WindowsHost::Look(const FilledStep& filled) {
  const Step& step = filled.step;
  switch (step.kind) {
    case StepKind::kGroup: {
      ASSIGN_OR_RETURN(const auto group, accounts_.FindGroup(step.name));
      return FoundAccount(group, filled);
    }
    case StepKind::kUser: {
      ASSIGN_OR_RETURN(const auto user, accounts_.FindUser(step.name));
      return FoundAccount(user, filled);
    }
    case StepKind::kMember:
    case StepKind::kRight:
    case StepKind::kNetworkFilter:
      return LookBySid(filled);
    case StepKind::kHidden:
      return LookAtHidden(step.name);
    case StepKind::kFolder: {
      ASSIGN_OR_RETURN(const machine::FilePresence presence, machine::LookAtFolder(calls_, step.name));
      return FoundOf(presence);
    }
    case StepKind::kRunner: {
      ASSIGN_OR_RETURN(const machine::FilePresence presence, machine::LookAtProgram(step.name, step.value));
      return FoundOf(presence);
    }
    case StepKind::kToolAccess: {
      ASSIGN_OR_RETURN(const access::Ace entry, EntryOf(step));
      AsCaller caller;
      RETURN_IF_ERROR(caller.TakeOn(options_.caller));
      ASSIGN_OR_RETURN(const machine::FilePresence presence, machine::LookForEntry(calls_, step.name, entry));
      return FoundOf(presence);
    }
  }
  return Found::kOther;
}

absl::StatusOr<std::string> WindowsHost::MakeGroup(const FilledStep& filled) {
  const Step& step = filled.step;
  ASSIGN_OR_RETURN(std::optional<machine::LocalAccount> group, accounts_.FindGroup(step.name));
  if (!group) {
    RETURN_IF_ERROR(accounts_.AddGroup(step.name, step.value));
    ASSIGN_OR_RETURN(group, accounts_.FindGroup(step.name));
  }
  if (FoundAccount(group, filled) != Found::kOurs) {
    return absl::FailedPreconditionError(absl::StrCat(step.name, " is not the group that was made"));
  }
  return group->sid.ToString();
}

absl::StatusOr<std::string> WindowsHost::MakeUser(const FilledStep& filled) {
  const Step& step = filled.step;
  const auto password = options_.passwords.find(step.name);
  if (password == options_.passwords.end()) {
    return absl::InvalidArgumentError(absl::StrCat("no password was given for ", step.name));
  }
  ASSIGN_OR_RETURN(std::optional<machine::LocalAccount> user, accounts_.FindUser(step.name));
  const bool there = user.has_value();
  if (!there) {
    RETURN_IF_ERROR(accounts_.AddUser(step.name, step.value, password->second));
    ASSIGN_OR_RETURN(user, accounts_.FindUser(step.name));
  }
  if (FoundAccount(user, filled) != Found::kOurs) {
    return absl::FailedPreconditionError(absl::StrCat(step.name, " is not the user that was made"));
  }
  if (there) RETURN_IF_ERROR(accounts_.SetPassword(step.name, password->second));
  return user->sid.ToString();
}

absl::Status WindowsHost::MakeOther(const FilledStep& filled) {
  const Step& step = filled.step;
  switch (step.kind) {
    case StepKind::kHidden:
      return machine::SetMachineNumber(options_.sign_in_key, step.name, 0);
    case StepKind::kFolder: {
      ASSIGN_OR_RETURN(const access::SecurityDescriptor descriptor, access::ParseSddl(step.value));
      return machine::MakeFolder(step.name, descriptor);
    }
    case StepKind::kRunner:
      return machine::PlaceProgram(options_.runner, step.name, step.value);
    case StepKind::kToolAccess: {
      ASSIGN_OR_RETURN(const access::Ace entry, EntryOf(step));
      AsCaller caller;
      RETURN_IF_ERROR(caller.TakeOn(options_.caller));
      return machine::AddEntry(calls_, step.name, entry);
    }
    default:
      break;
  }
  ASSIGN_OR_RETURN(const access::Sid account, access::Sid::Parse(filled.account));
  if (step.kind == StepKind::kMember) return accounts_.AddMember(step.value, account);
  if (step.kind == StepKind::kRight) return machine::AddRight(calls_, account, step.value);
  return machine::AddUserFilters(calls_, Filters(), account);
}

absl::StatusOr<std::string> WindowsHost::Make(const FilledStep& filled) {
  if (filled.step.kind == StepKind::kGroup) return MakeGroup(filled);
  if (filled.step.kind == StepKind::kUser) return MakeUser(filled);
  RETURN_IF_ERROR(MakeOther(filled));
  return std::string();
}

absl::Status WindowsHost::RemoveAccount(const FilledStep& filled) {
  const Step& step = filled.step;
  const bool is_group = step.kind == StepKind::kGroup;
  ASSIGN_OR_RETURN(const std::optional<machine::LocalAccount> account,
                   is_group ? accounts_.FindGroup(step.name) : accounts_.FindUser(step.name));
  if (!account) return absl::OkStatus();
  if (FoundAccount(account, filled) != Found::kOurs) {
    return absl::FailedPreconditionError(absl::StrCat(step.name, " is not the account that set-up made"));
  }
  if (is_group) return accounts_.RemoveGroup(step.name);
  // Before the user: afterwards nothing would say whose it was.
  RETURN_IF_ERROR(accounts_.RemoveProfile(account->sid));
  return accounts_.RemoveUser(step.name);
}

absl::Status WindowsHost::Remove(const FilledStep& filled) {
  const Step& step = filled.step;
  switch (step.kind) {
    case StepKind::kGroup:
    case StepKind::kUser:
      return RemoveAccount(filled);
    case StepKind::kHidden:
      return machine::RemoveMachineValue(options_.sign_in_key, step.name);
    case StepKind::kFolder:
      return machine::RemoveFolder(step.name);
    case StepKind::kRunner:
      return machine::RemoveProgram(step.name, step.value);
    case StepKind::kToolAccess: {
      ASSIGN_OR_RETURN(const access::Ace entry, EntryOf(step));
      AsCaller caller;
      RETURN_IF_ERROR(caller.TakeOn(options_.caller));
      return machine::RemoveEntry(calls_, step.name, entry);
    }
    case StepKind::kNetworkFilter:
      return machine::RemoveUserFilters(calls_, Filters());
    case StepKind::kMember:
    case StepKind::kRight:
      break;
  }
  if (filled.account.empty()) return absl::OkStatus();  // it never had a SID
  ASSIGN_OR_RETURN(const access::Sid account, access::Sid::Parse(filled.account));
  return step.kind == StepKind::kMember ? accounts_.RemoveMember(step.value, account)
                                        : machine::RemoveRight(calls_, account, step.value);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadRecordAt(const std::string& record_key) {
  const auto key = RegistryKey::Open(HKEY_LOCAL_MACHINE, record_key);
  if (absl::IsNotFound(key.status())) return std::optional<std::string>();
  RETURN_IF_ERROR(key.status());
  return key->Text(kRecordValue);
}

std::unique_ptr<ProvisionHost> MakeWindowsHost(WindowsHostOptions options) {
  return std::make_unique<WindowsHost>(std::move(options));
}

}  // namespace paddock::provision
