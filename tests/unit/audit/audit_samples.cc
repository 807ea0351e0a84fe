// Prints a JSON array of audit reports: one with a finding of every kind, hostile names included, and one without any.
// The schema test reads it.

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "core/audit/finding.h"
#include "core/base/json.h"

namespace paddock::audit {
namespace {

int Main() {
  AuditReport full;
  full.workspace = "/home/dev/project";
  full.backend = "linux_landlock:namespaces";
  full.scan = {100, 20, 4096, true, 0, 0, 0, 0};
  full.model = ModelScan{"ws.jsonl", "By the model, ...", {"C:\\"}, {"C:\\ws"}, 1, 2, 3};
  int next = 0;
  for (const FindingKind& kind : FindingKinds()) {
    Finding finding;
    finding.kind = &kind;
    finding.severity = static_cast<Severity>(next++ % 4);
    finding.detail = "what holds here";
    finding.count = 3;
    finding.paths = {{"/ws/a\n\x1b[2J\xff", "note", 2}, {"/ws/b", ""}};
    finding.commands = {"chmod go-w " + ShellWord("/ws/a\n\x1b[2J\xff")};
    full.findings.push_back(std::move(finding));
  }
  Json all = Json::array({ToJson(full), ToJson(AuditReport())});
  const std::string text = DumpJson(all);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}

}  // namespace
}  // namespace paddock::audit

int main() { return paddock::audit::Main(); }
