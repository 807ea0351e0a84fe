#include "provision/setup_record.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include "absl/strings/str_cat.h"
#include "core/access/sid.h"
#include "core/base/json_members.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"

namespace paddock::provision {
namespace {

constexpr char kSchema[] = "paddock.setup/1";
constexpr size_t kMostSteps = 1000;

absl::Status Broken(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "setup_record_broken",
                     absl::StrCat("the machine's record of `paddock setup` cannot be used: ", what));
}

absl::StatusOr<RecordedStep> ParseRecorded(const Json& json) {
  const JsonMembers members(json, 3, "recorded step");
  RETURN_IF_ERROR(members.Check());
  RecordedStep recorded;
  ASSIGN_OR_RETURN(const Json* step, members.Object("step"));
  ASSIGN_OR_RETURN(recorded.step, ParseStep(*step));
  ASSIGN_OR_RETURN(recorded.made, members.Flag("made"));
  ASSIGN_OR_RETURN(recorded.identity, members.Text("identity"));
  if (!recorded.identity.empty()) RETURN_IF_ERROR(access::Sid::Parse(recorded.identity).status());
  return recorded;
}

absl::StatusOr<SetupRecord> Parse(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "record", kMaxSetupRecord));
  const JsonMembers members(json, 5, "record");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const std::string schema, members.Text("schema"));
  if (schema != kSchema) return absl::InvalidArgumentError(absl::StrCat("another schema, \"", schema, "\""));
  SetupRecord record;
  ASSIGN_OR_RETURN(record.number, members.Text("number"));
  if (!IsSetupNumber(record.number)) return absl::InvalidArgumentError("no number");
  ASSIGN_OR_RETURN(record.owner, members.Text("owner"));
  RETURN_IF_ERROR(access::Sid::Parse(record.owner).status());
  ASSIGN_OR_RETURN(record.complete, members.Flag("complete"));
  ASSIGN_OR_RETURN(const Json* steps, members.List("steps", kMostSteps));
  for (const Json& item : *steps) {
    ASSIGN_OR_RETURN(RecordedStep step, ParseRecorded(item));
    if (record.Find(step.step) != nullptr) return absl::InvalidArgumentError("a step stands there twice");
    record.steps.push_back(std::move(step));
  }
  return record;
}

}  // namespace

const RecordedStep* SetupRecord::Find(const Step& step) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const RecordedStep& recorded) { return SameThing(recorded.step, step); });
  return found == steps.end() ? nullptr : &*found;
}

const RecordedStep* SetupRecord::Account(absl::string_view name) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const RecordedStep& recorded) {
    const StepKind kind = recorded.step.kind;
    return (kind == StepKind::kGroup || kind == StepKind::kUser) && recorded.step.name == name;
  });
  return found == steps.end() ? nullptr : &*found;
}

bool IsSetupNumber(absl::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

std::string FormatSetupRecord(const SetupRecord& record) {
  Json steps = Json::array();
  for (const RecordedStep& recorded : record.steps) {
    steps.push_back({{"step", ToJson(recorded.step)}, {"made", recorded.made}, {"identity", recorded.identity}});
  }
  return DumpJson({{"schema", kSchema},
                   {"number", record.number},
                   {"owner", record.owner},
                   {"complete", record.complete},
                   {"steps", std::move(steps)}});
}

absl::StatusOr<SetupRecord> ParseSetupRecord(absl::string_view text) {
  auto record = Parse(text);
  if (!record.ok()) return Broken(record.status().message());
  return record;
}

}  // namespace paddock::provision
