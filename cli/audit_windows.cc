#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/audit_run.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/platform/caller.h"
#include "core/platform/windows/descriptor_walk.h"

namespace paddock::cli {

namespace {

// As somebody typed it, from the caller's directory.
absl::Status MakeAbsolute(const WindowsPath& here, std::string* text) {
  const absl::StatusOr<WindowsPath> path = here.Join(*text);
  if (!path.ok()) return absl::InvalidArgumentError(absl::StrCat("'", *text, "' ", path.status().message()));
  *text = path->ToString();
  return absl::OkStatus();
}

absl::StatusOr<int> Audit(DecideOptions options, ModelOptions model, const Context& context) {
  ASSIGN_OR_RETURN(const Caller caller, ReadCaller());
  ASSIGN_OR_RETURN(const WindowsPath here, WindowsPath::Parse(caller.cwd));
  SharedOptions& shared = options.shared;
  if (!shared.workspace) shared.workspace = caller.cwd;
  RETURN_IF_ERROR(MakeAbsolute(here, &*shared.workspace));
  for (std::string& text : shared.rw) RETURN_IF_ERROR(MakeAbsolute(here, &text));
  ASSIGN_OR_RETURN(std::vector<std::string> roots, ModelGrants(shared));
  if (model.root) {
    RETURN_IF_ERROR(MakeAbsolute(here, &*model.root));
    roots.push_back(*model.root);
  }
  ASSIGN_OR_RETURN(const audit::Snapshot snapshot, WalkDescriptors(roots));
  return JudgeAndPrint(options, model, snapshot, context);
}

}  // namespace

int RunAudit(const DecideOptions& options, const ModelOptions& model, const std::vector<std::string>& command,
             const Context& context) {
  absl::Status usage = CheckNoModel(model, /*here=*/true);
  if (usage.ok()) usage = CheckShared(options, command);
  if (!usage.ok()) return UsageError(context, "audit", usage);
  const absl::StatusOr<int> status = Audit(options, model, context);
  return status.ok() ? *status : Failed(context, status.status());
}

}  // namespace paddock::cli
