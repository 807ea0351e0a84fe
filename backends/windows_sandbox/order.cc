#include "backends/windows_sandbox/order.h"

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"

namespace paddock {
namespace {

constexpr absl::string_view kSchema = "paddock.guest-order/1";
constexpr absl::string_view kControlMagic = "paddock-control/1";
constexpr size_t kMostBytes = 1u << 20;

struct CommandName {
  GuestCommand command;
  absl::string_view name;
};
constexpr CommandName kCommandNames[] = {
    {GuestCommand::kWait, "wait"}, {GuestCommand::kRun, "work"}, {GuestCommand::kEnd, "stop"}};

template <typename T>
Json NumberOrNull(const std::optional<T>& value) {
  return value.has_value() ? Json(static_cast<uint64_t>(*value)) : Json(nullptr);
}

Json MillisecondsOrNull(const std::optional<std::chrono::milliseconds>& value) {
  return value.has_value() ? Json(static_cast<uint64_t>(value->count())) : Json(nullptr);
}

std::optional<std::chrono::milliseconds> Milliseconds(const std::optional<uint64_t>& value) {
  if (!value.has_value()) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(*value));
}

absl::StatusOr<GuestOrder> FromJson(const Json& json) {
  const JsonMembers members(json, 10, "the order");
  RETURN_IF_ERROR(members.Check());
  ASSIGN_OR_RETURN(const std::string schema, members.Text("schema"));
  if (schema != kSchema) return absl::InvalidArgumentError(absl::StrCat("the order is of another schema: ", schema));
  GuestOrder order;
  ASSIGN_OR_RETURN(order.nonce, members.Text("nonce"));
  if (!IsNonce(order.nonce)) return absl::InvalidArgumentError("the order's nonce is none");
  ASSIGN_OR_RETURN(order.command, members.Texts("command"));
  if (order.command.empty()) return absl::InvalidArgumentError("the order has no command");
  ASSIGN_OR_RETURN(order.cwd, members.Text("cwd"));
  ASSIGN_OR_RETURN(order.copy_from, members.Text("copy_from"));
  ASSIGN_OR_RETURN(order.copy_to, members.Text("copy_to"));
  ASSIGN_OR_RETURN(order.environment, members.TextMap("environment"));
  ASSIGN_OR_RETURN(const auto wall, members.NumberOrNull("wall_ms", uint64_t{1} << 52));
  ASSIGN_OR_RETURN(const auto cpu, members.NumberOrNull("cpu_ms", uint64_t{1} << 52));
  order.wall = Milliseconds(wall);
  order.cpu = Milliseconds(cpu);
  ASSIGN_OR_RETURN(const Json* limits, members.Object("limits"));
  const JsonMembers inner(*limits, 3, "the order's limits");
  RETURN_IF_ERROR(inner.Check());
  ASSIGN_OR_RETURN(order.output, inner.NumberOrNull("output", UINT64_MAX));
  ASSIGN_OR_RETURN(order.memory, inner.NumberOrNull("memory", UINT64_MAX));
  ASSIGN_OR_RETURN(const auto processes, inner.NumberOrNull("processes", UINT32_MAX));
  if (processes.has_value()) order.processes = static_cast<uint32_t>(*processes);
  return order;
}

}  // namespace

bool IsNonce(absl::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

Json ToJson(const GuestOrder& order) {
  return {{"schema", std::string(kSchema)},
          {"nonce", order.nonce},
          {"command", order.command},
          {"cwd", order.cwd},
          {"copy_from", order.copy_from},
          {"copy_to", order.copy_to},
          {"environment", order.environment.empty() ? Json::object() : Json(order.environment)},
          {"wall_ms", MillisecondsOrNull(order.wall)},
          {"cpu_ms", MillisecondsOrNull(order.cpu)},
          {"limits",
           {{"output", NumberOrNull(order.output)},
            {"memory", NumberOrNull(order.memory)},
            {"processes", NumberOrNull(order.processes)}}}};
}

absl::StatusOr<GuestOrder> ParseGuestOrder(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, kOrderFile, kMostBytes));
  return FromJson(json);
}

std::string FormatControl(absl::string_view nonce, const Control& control) {
  for (const CommandName& row : kCommandNames) {
    if (row.command == control.command) {
      return absl::StrFormat("%s %s %s %020u\n", kControlMagic, nonce, row.name, control.beat);
    }
  }
  return "";
}

absl::StatusOr<Control> ParseControl(absl::string_view nonce, absl::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError("no control file of this run");
  if (text.size() > 128 || !absl::EndsWith(text, "\n")) return wrong;
  const std::vector<absl::string_view> words = absl::StrSplit(text.substr(0, text.size() - 1), ' ');
  if (words.size() != 4 || words[0] != kControlMagic || words[1] != nonce) return wrong;
  Control control;
  if (!absl::SimpleAtoi(words[3], &control.beat)) return wrong;
  for (const CommandName& row : kCommandNames) {
    if (row.name != words[2]) continue;
    control.command = row.command;
    return control;
  }
  return wrong;
}

}  // namespace paddock
