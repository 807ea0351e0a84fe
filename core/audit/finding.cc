#include "core/audit/finding.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "core/base/shell_quote.h"

namespace paddock::audit {
namespace {

Json FindingJson(const Finding& finding) {
  return {{"id", std::string(finding.kind->id)},
          {"severity", std::string(Name(finding.severity))},
          {"title", std::string(finding.kind->title)},
          {"why", std::string(finding.kind->why)},
          {"detail", finding.detail},
          {"remedy", std::string(finding.kind->remedy)},
          {"commands", finding.commands},
          {"count", finding.count},
          {"paths", JsonArray(finding.paths, [](const FindingPath& path) {
             Json json = {{"path", path.path}, {"note", path.note}};
             if (path.count != 1) json["count"] = path.count;
             return json;
           })}};
}

Json ModelJson(const ModelScan& model) {
  return {{"source", model.source},          {"statement", model.statement},   {"roots", model.roots},
          {"grants", model.grants},          {"unreadable", model.unreadable}, {"skipped", model.skipped},
          {"descriptors", model.descriptors}};
}

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("_-./:=,+@%").find(c) != absl::string_view::npos;
}

}  // namespace

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kLow:
      return "low";
    case Severity::kMedium:
      return "medium";
    case Severity::kHigh:
      return "high";
  }
  return "";
}

Summary Summarize(const std::vector<Finding>& findings) {
  Summary summary;
  for (const Finding& finding : findings) {
    ++(finding.severity == Severity::kHigh     ? summary.high
       : finding.severity == Severity::kMedium ? summary.medium
       : finding.severity == Severity::kLow    ? summary.low
                                               : summary.info);
  }
  return summary;
}

void SortFindings(std::vector<Finding>* findings) {
  std::stable_sort(findings->begin(), findings->end(), [](const Finding& left, const Finding& right) {
    return left.severity != right.severity ? left.severity > right.severity : left.kind->id < right.kind->id;
  });
}

Json ToJson(const AuditReport& report) {
  const Summary summary = Summarize(report.findings);
  Json json = {{"schema", "paddock.audit/1"}, {"workspace", report.workspace}, {"backend", report.backend}};
  json["summary"] = {{"high", summary.high}, {"medium", summary.medium}, {"low", summary.low}, {"info", summary.info}};
  json["scan"] = {{"entries", report.scan.entries},
                  {"files_read", report.scan.files_read},
                  {"bytes_read", report.scan.bytes_read},
                  {"complete", report.scan.complete}};
  if (report.model) json["model"] = ModelJson(*report.model);
  json["findings"] = JsonArray(report.findings, FindingJson);
  return json;
}

std::string ShellWord(absl::string_view argument) {
  const auto printable = [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); };
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), IsPlain)) return std::string(argument);
  if (std::all_of(argument.begin(), argument.end(), printable)) return ShellQuote(argument);
  std::string word = "$'";
  for (const char c : argument) {
    if (!printable(c)) {
      absl::StrAppendFormat(&word, "\\%03o", static_cast<unsigned char>(c));
    } else if (c == '\'' || c == '\\') {
      word.append({'\\', c});
    } else {
      word.push_back(c);
    }
  }
  word.push_back('\'');
  return word;
}

}  // namespace paddock::audit
