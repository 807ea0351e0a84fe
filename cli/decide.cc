#include "cli/decide.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/help.h"
#include "cli/render_json.h"
#include "compose/prepare.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/files.h"

namespace paddock::cli {

std::vector<OptionRow> DecideRows(DecideOptions* options) {
  std::vector<OptionRow> rows = SharedRows(&options->shared);
  rows.push_back({"Output", "--host", "FACTS.json",
                  "decide for the host in this file (see `paddock probe --json`), on any "
                  "system; of this host's policy files only --policy is read",
                  &options->host, ValueKind::kFile});
  rows.push_back(JsonRow(&options->json));
  rows.push_back(HelpRow(&options->help));
  return rows;
}

absl::StatusOr<Decided> Decide(const DecideOptions& options, const std::vector<std::string>& command) {
  const std::vector<std::string> words = command.empty() ? std::vector<std::string>{"true"} : command;
  ASSIGN_OR_RETURN(const Caller caller, ReadCaller());
  if (!options.host.has_value()) return DecideHere(options.shared, words, caller, {kThisProgram});
  ASSIGN_OR_RETURN(Facts facts, LoadFacts(*options.host));
  return DecideFor(std::move(facts), options.shared, words, caller);
}

int PrintResult(const DecideOptions& options, absl::FunctionRef<std::string()> json,
                absl::FunctionRef<std::string()> text, const Context& context) {
  if (options.shared.report.has_value()) {
    auto file = OutputFile::Open(*options.shared.report);
    const absl::Status written = file.ok() ? file->Commit(json()) : file.status();
    if (!written.ok()) return Failed(context, written);
  }
  return Print(context, options.json ? json() : text());
}

absl::StatusOr<Remote::Answer> AskRemote(Remote::Question question, const DecideOptions& options,
                                         const std::vector<std::string>& command, const Context& context) {
  std::string facts;
  if (options.host.has_value()) {
    ASSIGN_OR_RETURN(const Facts loaded, LoadFacts(*options.host));
    facts = DumpJson(ToJson(loaded));
  }
  return context.remote->Ask(question, options.shared, command, facts);
}

int PrintAnswer(const DecideOptions& options, const std::string& json, const Context& context) {
  const auto parsed = ParseJson(json, "the daemon");
  if (!parsed.ok()) return Failed(context, parsed.status());
  return PrintResult(
      options, [&] { return DumpJson(*parsed); }, [&] { return RenderJson(*parsed, context.color); }, context);
}

}  // namespace paddock::cli
