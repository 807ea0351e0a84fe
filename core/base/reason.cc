#include "core/base/reason.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace paddock {
namespace {

constexpr char kPayloadUrl[] = "paddock/reason";
// Separates the three fields in a payload; none of them may hold it.
constexpr char kSeparator = '\x1f';

absl::string_view WithoutArgument(absl::string_view code) { return code.substr(0, code.find(':')); }

}  // namespace

const ReasonCode* FindReasonCode(absl::string_view code) {
  const absl::string_view key = WithoutArgument(code);
  const auto& table = ReasonCodes();
  const auto row = std::lower_bound(table.begin(), table.end(), key,
                                    [](const ReasonCode& a, absl::string_view b) { return a.code < b; });
  return row != table.end() && row->code == key ? &*row : nullptr;
}

Reason MakeReason(absl::string_view code, absl::string_view detail) {
  const ReasonCode* row = FindReasonCode(code);
  assert(row != nullptr && "reason code is missing from reason_codes.cc");
  return {std::string(code), std::string(detail), row == nullptr ? "" : std::string(row->remedy)};
}

absl::Status ReasonError(absl::StatusCode status_code, const Reason& reason) {
  std::string message = absl::StrCat(reason.detail, " (", reason.code, ")");
  if (!reason.remedy.empty()) absl::StrAppend(&message, ". ", reason.remedy);
  absl::Status status(status_code, message);
  const char separator[] = {kSeparator, '\0'};
  status.SetPayload(kPayloadUrl,
                    absl::Cord(absl::StrCat(reason.code, separator, reason.detail, separator, reason.remedy)));
  return status;
}

absl::Status ReasonError(absl::StatusCode status_code, absl::string_view code, absl::string_view detail) {
  return ReasonError(status_code, MakeReason(code, detail));
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  const size_t first = text.find(kSeparator);
  const size_t second = text.find(kSeparator, first + 1);
  if (second == std::string::npos) return std::nullopt;
  return Reason{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

Json ToJson(const Reason& reason) {
  return {{"code", reason.code}, {"detail", reason.detail}, {"remedy", reason.remedy}};
}

}  // namespace paddock
