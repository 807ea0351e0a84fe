#include "cli/manual_pages.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/roff.h"

namespace paddock::cli {
namespace {

// What no table says: paragraphs of a page ("" is the tool's), under a title each.
struct Prose {
  absl::string_view command;
  absl::string_view title;
  absl::string_view text;
};
constexpr Prose kProse[] = {
    {"", "Output for programs",
     "Every subcommand that prints something for people prints the same as JSON with `--json`; `run`, whose output is "
     "the command's, writes its report with `--report`. The key `schema` (`$schema` in a policy) names format and "
     "version: within a version keys are added, and none changes its meaning or goes. The JSON Schemas are installed "
     "beside the documentation, in `schema/`."},
    {"", "Output for programs",
     "Where there is no result there is no JSON: what is wrong with the command line, with a file, or with Paddock "
     "itself is told as text on stderr, and by the exit status."},
    {"run", "The sandbox",
     "Without a policy the built-in profile `coding` holds: the workspace is writable but for what the host executes "
     "later without asking (hooks, settings of editors and agents), the host is readable but for credentials, the "
     "home directory is a layer that is thrown away, /tmp is private, the network is off, and of the environment what "
     "build tools need is passed on. What is required and out of reach on this host is an error before anything runs."},
    {"run", "The report",
     "`--report` writes a report for refusals too: `outcome.kind` says how the run ended, and `outcome.reason` has "
     "code, detail and remedy where it was refused or failed. The directory of FILE is opened before the run; a place "
     "that cannot be written is refused then, with nothing run. The file appears whole, at the end. A symbolic link "
     "is replaced, never followed; a pipe or a device is written in place."},
    {"run", "Messages",
     "A run that went as asked says nothing. A refusal says what was found, its reason code and the remedy. Notices "
     "come after the run: a fallback to another sandbox, guarantees that are weaker than the policy prefers, "
     "violations, what was changed that the host executes later."},
    {"run", "Terminal and signals",
     "With a terminal of the sandbox's own, the user's is in raw mode while the command runs. INT, TERM, HUP, QUIT, "
     "USR1, USR2 and CONT sent to `paddock run` go to the command; WINCH changes the size of its terminal. Whatever "
     "ends `paddock run` ends the command and all that it started."},
    {"explain", "Another host",
     "Decisions rest on facts alone: `paddock probe --json` on one host and `--host` on any other give the same "
     "decision. Workspace and home are those of the facts; the environment is empty."},
};

struct Named {
  absl::string_view name;
  absl::string_view text;
};
constexpr Named kFiles[] = {
    {"/etc/paddock/policy.toml", "the administrator's policy: defaults, and a ceiling that nothing exceeds"},
    {"~/.config/paddock/policy.toml", "the user's policy"},
    {".paddock.toml", "the repository's policy, in the workspace; it can only tighten"},
    {"~/.local/state/paddock/", "journals of what runs put into workspaces, for `paddock gc`"},
};
constexpr Named kEnvironment[] = {
    {"XDG_CONFIG_HOME", "takes the place of ~/.config"},
    {"XDG_STATE_HOME", "takes the place of ~/.local/state"},
    {"HOME", "the home directory of the command's user"},
    {"NO_COLOR", "set to anything: no colours; there are none where stdout is no terminal"},
};

std::string PageName(const CommandEntry& command) {
  return command.name.empty() ? "paddock" : absl::StrCat("paddock-", command.name);
}

// "`paddock run` [options] -- CMD": the words to type as they are in bold.
std::string Synopsis(const CommandEntry& command) {
  const std::string typed = command.name.empty() ? "paddock" : absl::StrCat("paddock ", command.name);
  return absl::StrCat("`", typed, "`", absl::string_view(command.usage).substr(typed.size()));
}

void AddProse(absl::string_view command, ManualPage* page) {
  absl::string_view title;
  for (const Prose& prose : kProse) {
    if (prose.command != command) continue;
    if (prose.title != title) page->Section(prose.title);
    title = prose.title;
    page->Paragraph(prose.text);
  }
}

void AddOptions(const CommandEntry& command, ManualPage* page) {
  page->Section("Options");
  std::string group;
  for (const OptionEntry& option : command.options) {
    if (option.group != group) page->Subsection(option.group);
    group = option.group;
    page->Item(absl::StrJoin(option.names, ", "), option.value.empty() ? "" : absl::StrCat(" ", option.value),
               absl::StrCat(option.help, "."));
    const bool told = option.values.empty() || absl::StrContains(option.help, option.values.back());
    if (!told) page->ItemContinued(absl::StrCat("Values: ", absl::StrJoin(option.values, ", "), "."));
  }
}

void AddLines(absl::string_view title, const std::vector<ManualLine>& lines, ManualPage* page) {
  if (!lines.empty()) page->Section(title);
  for (const ManualLine& line : lines) page->Item(line.left, "", line.right);
}

void AddNamed(absl::string_view title, absl::Span<const Named> rows, ManualPage* page) {
  page->Section(title);
  for (const Named& row : rows) page->Item(row.name, "", row.text);
}

void AddExamples(const CommandEntry& command, ManualPage* page) {
  if (!command.examples.empty()) page->Section("Examples");
  for (const ManualLine& line : command.examples) {
    page->Paragraph(absl::StrCat(line.right, ":"));
    page->Example(line.left);
  }
}

void AddSeeAlso(const Manual& manual, const CommandEntry& self, ManualPage* page) {
  std::vector<std::string> pages;
  if (!self.name.empty()) pages.push_back("`paddock`(1)");
  for (const CommandEntry& command : manual.commands) {
    if (command.name != self.name) pages.push_back(absl::StrCat("`", PageName(command), "`(1)"));
  }
  pages.push_back("`paddock-policy`(5)");
  page->Section("See also");
  page->Paragraph(absl::StrJoin(pages, ", "));
}

std::string CommandPage(const Manual& manual, const CommandEntry& command, const PageStamp& stamp) {
  ManualPage page(PageName(command), 1, command.summary, stamp.date, stamp.version);
  page.Section("Synopsis");
  page.Paragraph(Synopsis(command));
  page.Section("Description");
  page.Paragraph(command.about);
  if (command.name.empty()) {
    page.Section("Commands");
    for (const CommandEntry& each : manual.commands) page.Item(PageName(each), "(1)", each.summary);
  }
  AddOptions(command, &page);
  AddProse(command.name, &page);
  AddLines("Exit status", command.statuses, &page);
  if (command.name.empty()) {
    AddNamed("Environment", kEnvironment, &page);
    AddNamed("Files", kFiles, &page);
  }
  AddExamples(command, &page);
  AddSeeAlso(manual, command, &page);
  return page.text();
}

}  // namespace

std::vector<PageFile> ManualPages(const Manual& manual, const PageStamp& stamp) {
  std::vector<PageFile> pages;
  pages.push_back({"man1/paddock.1", CommandPage(manual, manual.tool, stamp)});
  for (const CommandEntry& command : manual.commands) {
    pages.push_back({absl::StrCat("man1/", PageName(command), ".1"), CommandPage(manual, command, stamp)});
  }
  pages.push_back({"man5/paddock-policy.5", PolicyPage(stamp)});
  return pages;
}

}  // namespace paddock::cli
