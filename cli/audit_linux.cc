#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/audit_run.h"
#include "cli/render_audit.h"
#include "compose/audit.h"
#include "compose/registry.h"
#include "core/audit/judge.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"

namespace paddock::cli {
namespace {

constexpr int kExitFindings = 1;

absl::StatusOr<audit::AuditReport> Audit(const SharedOptions& options, const std::vector<std::string>& command) {
  ASSIGN_OR_RETURN(const Caller caller, ReadCaller());
  return AuditHere(options, command.empty() ? std::vector<std::string>{"true"} : command, caller, {kThisProgram});
}

}  // namespace

int RunAudit(const DecideOptions& options, const ModelOptions& model, const std::vector<std::string>& command,
             const Context& context) {
  const absl::Status usage = CheckNoModel(model, /*here=*/false);
  if (!usage.ok()) return UsageError(context, "audit", usage);
  const auto report = Audit(options.shared, command);
  if (!report.ok()) return Failed(context, report.status());
  const int printed = PrintResult(
      options, [&] { return DumpJson(ToJson(*report)); }, [&] { return RenderAudit(*report, context.color); }, context);
  if (printed != kExitOk) return printed;
  const audit::Summary summary = audit::Summarize(report->findings);
  return summary.high + summary.medium > 0 ? kExitFindings : kExitOk;
}

}  // namespace paddock::cli
