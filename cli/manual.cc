#include "cli/manual.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/app.h"
#include "compose/registry.h"

namespace paddock::cli {
namespace {

std::vector<std::string> BackendChoices() {
  std::vector<std::string> names;
  const auto runtime = MakeOfflineRuntime();
  for (const Backend* backend : runtime->backends()) {
    const BackendInfo& info = backend->info();
    names.push_back(info.name);
    for (const std::string& tier : info.tiers) names.push_back(absl::StrCat(info.name, ":", tier));
  }
  return names;
}

std::vector<std::string> ValuesOf(ValueKind kind, ValueSet values) {
  if (kind == ValueKind::kBackend) return BackendChoices();
  return values == nullptr ? std::vector<std::string>() : values();
}

OptionEntry EntryOf(const OptionRow& row) {
  OptionEntry entry;
  entry.group = std::string(row.group);
  entry.names = absl::StrSplit(row.names, ',');
  entry.value = std::string(row.value);
  entry.help = OptionHelp(row);
  entry.repeats = std::holds_alternative<std::vector<std::string>*>(row.target);
  entry.kind = row.kind;
  entry.values = ValuesOf(row.kind, row.values);
  return entry;
}

std::vector<ManualLine> LinesOf(const std::vector<HelpLine>& lines) {
  std::vector<ManualLine> copies;
  for (const HelpLine& line : lines) copies.push_back({std::string(line.left), std::string(line.right)});
  return copies;
}

CommandEntry EntryOf(const HelpText& help, const std::vector<OptionRow>& rows) {
  CommandEntry entry;
  entry.usage = std::string(help.usage);
  entry.about = std::string(help.about);
  for (const OptionRow& row : rows) entry.options.push_back(EntryOf(row));
  for (const Operand& operand : help.operands) {
    entry.operands.push_back({std::string(operand.name), operand.kind, ValuesOf(operand.kind, operand.values)});
  }
  entry.examples = LinesOf(help.examples);
  entry.statuses = LinesOf(help.statuses);
  entry.takes_command = help.takes_command;
  return entry;
}

template <typename Main>
CommandEntry Read(Main main) {
  CommandEntry entry;
  StringOutput out, err;
  Messages messages(err);
  const auto read = [&entry](const HelpText& help, const std::vector<OptionRow>& rows) { entry = EntryOf(help, rows); };
  const HelpReader reader = read;
  main({"--help"}, Context{out, messages, false, &reader});
  return entry;
}

}  // namespace

Manual ReadManual() {
  Manual manual;
  manual.tool = Read(AppMain);
  manual.tool.summary = "run a command in the strongest sandbox this host can give";
  for (const Command& command : Commands()) {
    CommandEntry entry = Read(command.run);
    entry.name = std::string(command.name);
    entry.summary = std::string(command.summary);
    manual.commands.push_back(std::move(entry));
  }
  return manual;
}

}  // namespace paddock::cli
