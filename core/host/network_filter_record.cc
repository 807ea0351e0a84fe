#include "core/host/network_filter_record.h"

#include <nlohmann/json.hpp>

#include "core/base/json.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr char kSchema[] = "paddock.network-filter/1";

}  // namespace

std::string FormatNetworkFilterRecord(const NetworkFilterRecord& record) {
  return DumpJson({{"schema", kSchema}, {"setup", record.setup}, {"holds", record.holds}});
}

absl::StatusOr<NetworkFilterRecord> ParseNetworkFilterRecord(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, kNetworkFilterFile, kMaxNetworkFilterRecord));
  const JsonMembers members(json, 3, kNetworkFilterFile);
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const std::string schema, members.Text("schema"));
  if (schema != kSchema) return absl::InvalidArgumentError("network-filter.json is of another schema");
  NetworkFilterRecord record;
  ASSIGN_OR_RETURN(record.setup, members.Text("setup"));
  ASSIGN_OR_RETURN(record.holds, members.Flag("holds"));
  return record;
}

Fact NetworkFilterFact(const absl::StatusOr<std::string>& text, absl::string_view setup) {
  if (absl::IsNotFound(text.status())) return {Tri::kUnknown, "no launch has tried it yet"};
  if (!text.ok()) return {Tri::kUnknown, std::string(text.status().message())};
  const auto record = ParseNetworkFilterRecord(*text);
  if (!record.ok()) return {Tri::kUnknown, std::string(record.status().message())};
  if (record->setup != setup) return {Tri::kUnknown, "no launch has tried it since the last set-up"};
  return record->holds ? Yes("the last launch's connection failed as it must")
                       : No("the last launch's connection was made");
}

}  // namespace paddock
