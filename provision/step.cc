#include "provision/step.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"

namespace paddock::provision {
namespace {

struct KindRow {
  StepKind kind;
  absl::string_view name;
  absl::string_view words;  // $0: name, $1: value
};

constexpr KindRow kKinds[] = {
    {StepKind::kGroup, "group", "local group $0"},
    {StepKind::kUser, "user", "local user $0"},
    {StepKind::kMember, "member", "$0 is a member of $1"},
    {StepKind::kRight, "right", "$0 has the right $1"},
    {StepKind::kHidden, "hidden", "$0 is not offered on the sign-in screen"},
    {StepKind::kFolder, "folder", "directory $0"},
    {StepKind::kRunner, "runner", "program $0"},
    {StepKind::kNetworkFilter, "network_filter", "filters that block all network traffic of $0"},
    {StepKind::kToolAccess, "tool_access", "$0 and all below can be read and executed by PaddockUsers"},
};

const KindRow& RowOf(StepKind kind) { return kKinds[static_cast<size_t>(kind)]; }

}  // namespace

bool SameThing(const Step& a, const Step& b) {
  const bool by_value = a.kind == StepKind::kMember || a.kind == StepKind::kRight;
  return a.kind == b.kind && a.name == b.name && (!by_value || a.value == b.value);
}

absl::string_view Name(StepKind kind) { return RowOf(kind).name; }

absl::StatusOr<StepKind> ParseStepKind(absl::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return absl::InvalidArgumentError(absl::StrCat("no kind of step: \"", name, "\""));
}

std::string Describe(const Step& step) { return absl::Substitute(RowOf(step.kind).words, step.name, step.value); }

Json ToJson(const Step& step) {
  return {{"kind", std::string(Name(step.kind))}, {"name", step.name}, {"value", step.value}};
}

absl::StatusOr<Step> ParseStep(const Json& json) {
  const JsonMembers members(json, 3, "step");
  RETURN_IF_ERROR(members.Check());
  Step step;
  ASSIGN_OR_RETURN(const std::string kind, members.Text("kind"));
  ASSIGN_OR_RETURN(step.kind, ParseStepKind(kind));
  ASSIGN_OR_RETURN(step.name, members.Text("name"));
  ASSIGN_OR_RETURN(step.value, members.Text("value"));
  return step;
}

const std::vector<FilterObject>& FilterObjects() {
  using Kind = FilterObject::Kind;
  // Layers: fwpmu.h, FWPM_LAYER_ALE_{AUTH_CONNECT,RESOURCE_ASSIGNMENT}_{V4,V6}.
  static const std::vector<FilterObject> kObjects = {
      {Kind::kProvider, "7061646b-0001-4f1e-9d3a-6c5b2e8f1a01", "", "Paddock"},
      {Kind::kSublayer, "7061646b-0002-4f1e-9d3a-6c5b2e8f1a02", "", "Paddock"},
      {Kind::kFilter, "7061646b-0003-4f1e-9d3a-6c5b2e8f1a03", "c38d57d1-05a7-4c33-904f-7fbceee60e82",
       "Paddock: connect, IPv4"},
      {Kind::kFilter, "7061646b-0004-4f1e-9d3a-6c5b2e8f1a04", "4a72393b-319f-44bc-84c3-ba54dcb3b6b4",
       "Paddock: connect, IPv6"},
      {Kind::kFilter, "7061646b-0005-4f1e-9d3a-6c5b2e8f1a05", "1247d66d-0b60-4a15-8d44-7155d0f53a0c",
       "Paddock: take a port, IPv4"},
      {Kind::kFilter, "7061646b-0006-4f1e-9d3a-6c5b2e8f1a06", "55a650e1-5f0a-4eca-a653-88f53b26aa8c",
       "Paddock: take a port, IPv6"},
  };
  return kObjects;
}

}  // namespace paddock::provision
