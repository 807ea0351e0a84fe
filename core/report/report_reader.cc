#include <algorithm>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/report/report.h"

namespace paddock {
namespace {

constexpr size_t kMostItems = 1u << 16;  // of one list

constexpr ExitKind kKinds[] = {ExitKind::kExited,        ExitKind::kSignalled,   ExitKind::kWallLimit,
                               ExitKind::kOutputLimit,   ExitKind::kMemoryLimit, ExitKind::kProcessLimit,
                               ExitKind::kCpuLimit,      ExitKind::kRefused,     ExitKind::kNotFound,
                               ExitKind::kNotExecutable, ExitKind::kFailed};
constexpr Verdict kVerdicts[] = {Verdict::kEnforced, Verdict::kApproximated, Verdict::kNotEnforced};

// snake_case, with an argument behind a colon where `argument` says so.
bool IsCode(absl::string_view text, bool argument) {
  constexpr size_t kLongest = 256;
  const absl::string_view word = argument ? text.substr(0, text.find(':')) : text;
  return !word.empty() && text.size() <= kLongest && absl::ascii_islower(static_cast<unsigned char>(word.front())) &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_';
         });
}

// Takes an object apart, key by key; what nobody took is an error. The first error stays.
class ObjectReader {
 public:
  ObjectReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) Wrong("is no object");
  }

  // nullptr: the key is not there, which is an error unless `optional`.
  const Json* Find(const char* key, bool optional = false) {
    keys_.push_back(key);
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    if (found != json_.end()) return &*found;
    if (!optional) Wrong(absl::StrCat("has no ", key));
    return nullptr;
  }

  std::string Text(const char* key, bool optional = false) {
    const Json* value = Find(key, optional);
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    Wrong(absl::StrCat(key, " is no text"));
    return "";
  }

  // A text, or null, which is the empty one.
  std::string TextOrNull(const char* key) {
    const Json* value = Find(key);
    if (value == nullptr || value->is_null()) return "";
    if (value->is_string()) return value->get<std::string>();
    Wrong(absl::StrCat(key, " is neither text nor null"));
    return "";
  }

  uint64_t Number(const char* key, uint64_t most, bool optional = false) {
    const Json* value = Find(key, optional);
    if (value == nullptr) return 0;
    const bool natural = value->is_number_unsigned() || (value->is_number_integer() && value->get<int64_t>() >= 0);
    if (natural && value->get<uint64_t>() <= most) return value->get<uint64_t>();
    Wrong(absl::StrCat(key, " is no number from 0 to ", most));
    return 0;
  }

  std::vector<std::string> Texts(const char* key) {
    std::vector<std::string> texts;
    Each(key, [&](const Json& item, const std::string&) {
      if (!item.is_string())
        return absl::InvalidArgumentError(absl::StrCat(where_, ": ", key, " holds what is no text"));
      texts.push_back(item.get<std::string>());
      return absl::OkStatus();
    });
    return texts;
  }

  template <typename T>
  std::vector<T> List(const char* key, absl::StatusOr<T> (*read)(const Json&, const std::string&)) {
    std::vector<T> items;
    Each(key, [&](const Json& item, const std::string& where) -> absl::Status {
      ASSIGN_OR_RETURN(T read_item, read(item, where));
      items.push_back(std::move(read_item));
      return absl::OkStatus();
    });
    return items;
  }

  void Wrong(absl::string_view what) { status_.Update(absl::InvalidArgumentError(absl::StrCat(where_, " ", what))); }
  void Update(const absl::Status& status) { status_.Update(status); }
  const std::string& where() const { return where_; }

  absl::Status Finish() {
    if (!json_.is_object()) return status_;
    for (const auto& item : json_.items()) {
      if (std::find(keys_.begin(), keys_.end(), item.key()) == keys_.end()) Wrong("has an unknown key");
    }
    return status_;
  }

 private:
  template <typename F>
  void Each(const char* key, F take) {
    const Json* value = Find(key);
    if (value == nullptr) return;
    if (!value->is_array() || value->size() > kMostItems) return Wrong(absl::StrCat(key, " is no list"));
    for (size_t i = 0; i < value->size() && status_.ok(); ++i) {
      status_.Update(take((*value)[i], absl::StrCat(where_, "/", key, "/", i)));
    }
  }

  const Json& json_;
  const std::string where_;
  std::vector<absl::string_view> keys_;
  absl::Status status_;
};

absl::StatusOr<Reason> ReadReason(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  Reason reason{in.Text("code"), in.Text("detail"), in.Text("remedy")};
  if (!IsCode(reason.code, true)) in.Wrong("has a code that is none");
  RETURN_IF_ERROR(in.Finish());
  return reason;
}

absl::StatusOr<Outcome> ReadOutcome(const Json& json, const std::string& where) {
  constexpr uint64_t kMostSignals = 127;
  ObjectReader in(json, where);
  Outcome outcome;
  const std::string name = in.Text("kind");
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](ExitKind k) { return Name(k) == name; });
  if (kind == std::end(kKinds)) in.Wrong("has an unknown kind");
  if (kind != std::end(kKinds)) outcome.kind = *kind;
  const bool exited = outcome.kind == ExitKind::kExited;
  const bool refused = outcome.kind == ExitKind::kRefused || outcome.kind == ExitKind::kFailed;
  outcome.code = static_cast<int>(in.Number("code", std::numeric_limits<int>::max(), !exited));
  outcome.signal = static_cast<int>(in.Number("signal", kMostSignals, outcome.kind != ExitKind::kSignalled));
  const uint64_t status = in.Number("status", std::numeric_limits<int>::max());
  if (const Json* reason = in.Find("reason", !refused); reason != nullptr) {
    ASSIGN_OR_RETURN(outcome.reason, ReadReason(*reason, absl::StrCat(where, "/reason")));
  }
  if (!exited && outcome.code != 0) in.Wrong("has a code without an exit");
  if (outcome.kind == ExitKind::kSignalled && outcome.signal == 0) in.Wrong("has no signal");
  if (status != static_cast<uint64_t>(ExitStatus(outcome))) in.Wrong("contradicts itself");
  RETURN_IF_ERROR(in.Finish());
  return outcome;
}

absl::StatusOr<Usage> ReadUsage(const Json& json, const std::string& where) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  ObjectReader in(json, where);
  Usage usage;
  usage.wall = std::chrono::nanoseconds(in.Number("wall_ns", kMost));
  usage.user_cpu = std::chrono::nanoseconds(in.Number("user_cpu_ns", kMost));
  usage.system_cpu = std::chrono::nanoseconds(in.Number("system_cpu_ns", kMost));
  usage.max_resident = in.Number("max_resident_bytes", kMost);
  usage.output = in.Number("output_bytes", kMost);
  RETURN_IF_ERROR(in.Finish());
  return usage;
}

absl::StatusOr<GuaranteeLevels> ReadLevels(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  GuaranteeLevels levels;
  for (const Guarantee guarantee : kAllGuarantees) {
    const std::string key(GuaranteeName(guarantee));
    const Json* const value = in.Find(GuaranteeName(guarantee).data());
    const auto level =
        value != nullptr && value->is_string() ? ParseLevel(guarantee, value->get<std::string>()) : std::nullopt;
    if (!level.has_value()) in.Wrong(absl::StrCat("has no level of ", key));
    if (level.has_value()) levels.Set(guarantee, *level);
  }
  RETURN_IF_ERROR(in.Finish());
  return levels;
}

absl::StatusOr<Requirement> ReadRequirement(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  const auto guarantee = ParseGuarantee(in.Text("guarantee"));
  const std::string name = in.Text("level");
  const auto level = guarantee.has_value() ? ParseLevel(*guarantee, name) : std::nullopt;
  const Json* required = in.Find("required");
  if (!level.has_value() || required == nullptr || !required->is_boolean()) in.Wrong("is no requirement");
  RETURN_IF_ERROR(in.Finish());
  return Requirement{*guarantee, *level, required->get<bool>()};
}

absl::StatusOr<RuleVerdict> ReadVerdict(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  RuleVerdict verdict;
  verdict.rule = in.Text("rule");
  const std::string name = in.Text("verdict");
  const auto found =
      std::find_if(std::begin(kVerdicts), std::end(kVerdicts), [&](Verdict v) { return Name(v) == name; });
  if (found == std::end(kVerdicts) || verdict.rule.empty()) in.Wrong("is no verdict");
  if (found != std::end(kVerdicts)) verdict.verdict = *found;
  verdict.mechanism = in.Text("mechanism");
  verdict.missing = in.Text("missing", true);
  RETURN_IF_ERROR(in.Finish());
  return verdict;
}

absl::StatusOr<Risk> ReadRisk(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  Risk risk{in.Text("code"), in.Text("detail")};
  if (!IsCode(risk.code, false)) in.Wrong("has a code that is none");
  RETURN_IF_ERROR(in.Finish());
  return risk;
}

// "protected name created: .mcp.json": what is inferred is about a path, which stands at the end.
absl::StatusOr<Violation> ReadViolation(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  Violation violation;
  const std::string evidence = in.Text("evidence");
  if (evidence != "observed" && evidence != "inferred") in.Wrong("has no evidence");
  violation.observed = evidence == "observed";
  violation.what = in.Text("what");
  violation.rule = in.Text("rule", true);
  const size_t colon = violation.observed ? std::string::npos : violation.what.find(": ");
  if (colon != std::string::npos) violation.path = violation.what.substr(colon + 2);
  RETURN_IF_ERROR(in.Finish());
  return violation;
}

absl::StatusOr<LeftBehind> ReadLeftBehind(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  LeftBehind left{in.Text("path"), in.Text("change"), in.Text("why")};
  RETURN_IF_ERROR(in.Finish());
  return left;
}

BackendRef ReadBackend(ObjectReader& in, absl::string_view text) {
  BackendRef ref = ParseBackendRef(text);
  if (!IsCode(ref.name, false) || (!ref.tier.empty() && !IsCode(ref.tier, false))) in.Wrong("names no backend");
  return ref;
}

absl::StatusOr<FallbackStep> ReadFallback(const Json& json, const std::string& where) {
  ObjectReader in(json, where);
  FallbackStep step;
  step.backend = ReadBackend(in, in.Text("backend"));
  if (const Json* reason = in.Find("reason"); reason != nullptr) {
    ASSIGN_OR_RETURN(step.reason, ReadReason(*reason, absl::StrCat(where, "/reason")));
  }
  RETURN_IF_ERROR(in.Finish());
  return step;
}

absl::Status ReadApplied(ObjectReader& in, Report& report) {
  const std::string backend = in.TextOrNull("backend");
  if (!backend.empty()) report.backend = ReadBackend(in, backend);
  report.rule = in.Text("rule");
  report.why = in.Text("why");
  if (const Json* promised = in.Find("promised"); promised != nullptr && !promised->is_null()) {
    ASSIGN_OR_RETURN(report.promised, ReadLevels(*promised, absl::StrCat(in.where(), "/promised")));
    if (backend.empty()) in.Wrong("promises levels of nothing that ran");
  }
  report.unmet = in.List("unmet", &ReadRequirement);
  report.verdicts = in.List("verdicts", &ReadVerdict);
  report.risks = in.List("risks", &ReadRisk);
  report.fallbacks = in.List("fallbacks", &ReadFallback);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Report> ReportFromJson(const Json& json, absl::string_view source) {
  ObjectReader in(json, std::string(source));
  Report report;
  if (in.Text("schema") != "paddock.report/1") in.Wrong("is no paddock.report/1");
  report.command = in.Texts("command");
  report.workspace = in.TextOrNull("workspace");
  if (const Json* outcome = in.Find("outcome"); outcome != nullptr) {
    ASSIGN_OR_RETURN(report.result.outcome, ReadOutcome(*outcome, absl::StrCat(source, "/outcome")));
  }
  if (const Json* usage = in.Find("usage"); usage != nullptr) {
    ASSIGN_OR_RETURN(report.result.usage, ReadUsage(*usage, absl::StrCat(source, "/usage")));
  }
  RETURN_IF_ERROR(ReadApplied(in, report));
  report.result.applied = in.Texts("applied");
  report.result.violations = in.List("violations", &ReadViolation);
  report.result.left_behind = in.List("left_behind", &ReadLeftBehind);
  report.result.notices = in.Texts("notices");
  if (const Json* inner = in.Find("inner"); inner != nullptr && !inner->is_null()) in.Wrong("holds a further report");
  RETURN_IF_ERROR(in.Finish());
  return report;
}

}  // namespace paddock
