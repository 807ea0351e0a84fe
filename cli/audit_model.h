#ifndef PADDOCK_CLI_AUDIT_MODEL_H_
#define PADDOCK_CLI_AUDIT_MODEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/decide.h"
#include "cli/parser.h"
#include "core/audit/snapshot.h"

// `paddock audit` of the descriptors of a tree on Windows: from a file, on any system.

namespace paddock::cli {

struct ModelOptions {
  std::optional<std::string> snapshot, icacls;
  std::optional<std::string> root, user, owner, machine, domain;
  std::optional<std::string> token;
  std::vector<std::string> groups, capabilities;
  bool no_labels = false;
};

std::vector<OptionRow> ModelRows(ModelOptions* options);

// Whether the command line asks for it: --snapshot or --icacls is there.
bool AsksModel(const ModelOptions& options);

// InvalidArgument if an option that needs one of these is there without. `here`: descriptors of this host are judged,
// so that --token and --capability mean something.
absl::Status CheckNoModel(const ModelOptions& options, bool here);

// InvalidArgument if options are there that mean nothing where descriptors are judged.
absl::Status CheckShared(const DecideOptions& options, const std::vector<std::string>& command);

// --workspace and --rw, as paths of a snapshot.
absl::StatusOr<std::vector<std::string>> ModelGrants(const SharedOptions& shared);

// Gives the exit status.
int RunModelAudit(const DecideOptions& options, const ModelOptions& model, const std::vector<std::string>& command,
                  const Context& context);

// The same for descriptors that are already here.
int JudgeAndPrint(const DecideOptions& options, const ModelOptions& model, const audit::Snapshot& snapshot,
                  const Context& context);

}  // namespace paddock::cli

#endif  // PADDOCK_CLI_AUDIT_MODEL_H_
