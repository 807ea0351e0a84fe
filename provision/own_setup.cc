#include "provision/own_setup.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/platform/windows/machine/elevation.h"
#include "core/platform/windows/machine/user_secret.h"
#include "provision/windows_host.h"

namespace paddock::provision {
namespace {

absl::Status Not(absl::string_view code, absl::string_view why) {
  return ReasonError(absl::StatusCode::kUnavailable, code, why);
}

absl::StatusOr<SetupRecord> UsableRecord() {
  ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadRecordAt(kRecordKey));
  if (!text) return Not("not_provisioned", "this machine is not set up");
  auto record = ParseSetupRecord(*text);
  if (!record.ok()) return Not("setup_record_broken", record.status().message());
  ASSIGN_OR_RETURN(const access::Sid user, machine::OwnUser());
  if (record->owner != user.ToString()) {
    return Not("provisioned_for_another", absl::StrCat("this machine is set up for ", record->owner));
  }
  if (!record->complete) return Not("not_provisioned", "set-up was begun and not finished");
  return record;
}

}  // namespace

absl::StatusOr<OwnSetup> FindOwnSetup(const std::string& state_dir) {
  OwnSetup own;
  ASSIGN_OR_RETURN(own.record, UsableRecord());
  ASSIGN_OR_RETURN(std::optional<Passwords> passwords, ReadPasswords(state_dir));
  if (!passwords) return Not("not_provisioned", "the passwords of the dedicated users are lost");
  own.passwords = *std::move(passwords);
  for (const RecordedStep& recorded : own.record.steps) {
    if (recorded.step.kind == StepKind::kRunner) own.runner = recorded.step.name;
  }
  if (own.runner.empty() || !machine::IsThere(own.runner)) {
    return Not("not_provisioned", absl::StrCat("the runner ", own.runner, " is not there"));
  }
  return own;
}

}  // namespace paddock::provision
