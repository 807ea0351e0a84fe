#include "cli/command.h"

#include "absl/strings/str_cat.h"

namespace paddock::cli {

int UsageError(const Context& context, absl::string_view command, const absl::Status& status) {
  context.messages.Error(absl::StrCat(command, ": ", status.message(), " (see `paddock ", command, " --help`)"));
  return kExitUsage;
}

int Failed(const Context& context, const absl::Status& status) {
  context.messages.Failure(status);
  return absl::IsInvalidArgument(status) ? kExitUsage : kExitPaddock;
}

int PrintHelp(const Context& context, const HelpText& help, const std::vector<OptionRow>& rows) {
  if (context.reader == nullptr) return Print(context, RenderHelp(help, rows, context.color));
  (*context.reader)(help, rows);
  return kExitOk;
}

int Print(const Context& context, absl::string_view text) {
  const absl::Status written = context.out.Write(text);
  if (written.ok() || absl::IsUnavailable(written)) return kExitOk;
  context.messages.Error(absl::StrCat("stdout: ", written.message()));
  return kExitPaddock;
}

}  // namespace paddock::cli
