#ifndef PADDOCK_PROVISION_SETUP_RECORD_H_
#define PADDOCK_PROVISION_SETUP_RECORD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provision/step.h"

// What the machine remembers of its set-up: the journal while it is made, and afterwards what `paddock teardown` undoes
// and what a launch relies on. It lies where administrators alone can write and everyone can read.

namespace paddock::provision {

struct RecordedStep {
  Step step;             // its symbols as they were planned
  bool made = false;     // else it was about to be made, and may or may not be there
  std::string identity;  // the SID, of accounts that are made
  friend bool operator==(const RecordedStep&, const RecordedStep&) = default;
};

struct SetupRecord {
  std::string number;  // {setup}
  std::string owner;   // SID of who asked for it, and alone has the passwords
  bool complete = false;
  std::vector<RecordedStep> steps;

  // What is recorded of the same thing, or nullptr.
  const RecordedStep* Find(const Step& step) const;
  // The recorded account of this name, or nullptr.
  const RecordedStep* Account(absl::string_view name) const;
  friend bool operator==(const SetupRecord&, const SetupRecord&) = default;
};

inline constexpr size_t kMaxSetupRecord = 16000;  // bytes: what is read of a value of the registry

// 32 hexadecimal digits, lower case.
bool IsSetupNumber(absl::string_view text);

// Schema "paddock.setup/1".
std::string FormatSetupRecord(const SetupRecord& record);
// InvalidArgument `setup_record_broken` for anything but what FormatSetupRecord gives.
absl::StatusOr<SetupRecord> ParseSetupRecord(absl::string_view text);

}  // namespace paddock::provision

#endif  // PADDOCK_PROVISION_SETUP_RECORD_H_
