#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/render_json.h"
#include "cli/shared_options.h"
#include "compose/prepare.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"
#include "core/policy/schema.h"

namespace paddock::cli {
namespace {

// What stands for the version of a policy file, which has no room for a key "schema" of the tool's own.
constexpr absl::string_view kPolicySchema = "paddock.policy/1";

struct PolicyOptions {
  SharedOptions shared;
  bool json = false;
  bool help = false;
  std::vector<std::string> files;
};

// The files that count, weakest first.
std::string Levels(const PolicySources& sources, const Policy& policy) {
  std::string text = absl::StrCat("built-in:", policy.profile);
  const auto add = [&text](absl::string_view level, const std::optional<PolicyFile>& file) {
    if (file.has_value()) absl::StrAppend(&text, " <- ", level, " ", file->path);
  };
  add("administrator", sources.admin);
  add("user", sources.user);
  add("repository", sources.repo);
  if (!sources.flags.empty()) absl::StrAppend(&text, " <- flags");
  return text;
}

int Show(const PolicyOptions& options, const Context& context) {
  const auto caller = ReadCaller();
  if (!caller.ok()) return Failed(context, caller.status());
  const auto sources = LoadSources(options.shared, *caller);
  if (!sources.ok()) return Failed(context, sources.status());
  const auto policy = BuildPolicy(*sources);
  if (!policy.ok()) return Failed(context, policy.status());
  const Json json = ToJson(*policy);
  if (options.json) {
    Json file = {{"$schema", std::string(kPolicySchema)}};
    file.update(json);
    return Print(context, DumpJson(file));
  }
  Json listing = {{"levels", Levels(*sources, *policy)}};
  for (const auto& item : json.items()) listing[item.key()] = item.value();
  return Print(context, RenderJson(listing, context.color));
}

absl::Status CheckFile(const std::string& file) {
  PolicySources sources;
  ASSIGN_OR_RETURN(sources.user, LoadPolicyFile(file));
  return BuildPolicy(sources).status();
}

// A file alone: that it can be read, and that it makes a policy on top of its profile.
int Check(PolicyOptions& options, const Context& context) {
  const std::string& file = options.files.front();
  const absl::Status checked = CheckFile(file);
  const Reason problem = ReasonOf(checked).value_or(Reason{"policy_invalid", std::string(checked.message()), ""});
  if (options.json) {
    Json problems = Json::array();
    if (!checked.ok()) problems.push_back(ToJson(problem));
    const int printed = Print(context, DumpJson({{"schema", "paddock.policy-check/1"},
                                                 {"file", file},
                                                 {"valid", checked.ok()},
                                                 {"problems", std::move(problems)}}));
    return checked.ok() ? printed : kExitUsage;
  }
  if (checked.ok()) return Print(context, "ok\n");
  context.messages.Error(problem.detail);
  return kExitUsage;
}

int Schema(PolicyOptions& options, const Context& context) {
  if (options.files.empty()) return Print(context, DumpJson(PolicyJsonSchema()));
  return UsageError(context, "policy", absl::InvalidArgumentError("schema takes no FILE"));
}

int CheckOne(PolicyOptions& options, const Context& context) {
  if (!options.files.empty()) return Check(options, context);
  return UsageError(context, "policy", absl::InvalidArgumentError("check needs a FILE"));
}

int ShowOne(PolicyOptions& options, const Context& context) {
  if (!options.files.empty() && options.shared.policy.has_value()) {
    return UsageError(context, "policy", absl::InvalidArgumentError("FILE and --policy are the same thing: give one"));
  }
  if (!options.files.empty()) options.shared.policy = options.files.front();
  return Show(options, context);
}

struct Verb {
  absl::string_view name;
  int (*run)(PolicyOptions& options, const Context& context);
};
constexpr Verb kVerbs[] = {{"show", ShowOne}, {"check", CheckOne}, {"schema", Schema}};

std::vector<std::string> Verbs() {
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  return names;
}

HelpText PolicyHelp() {
  HelpText help;
  help.usage = "paddock policy show|check|schema [options] [FILE]";
  help.about =
      "show prints the policy that would hold here: the built-in profile, the administrator's file, the user's own "
      "(or FILE in its place), the repository's and the flags, merged. check reads FILE alone and says what is wrong "
      "with it, with line and key; the other options do not count for it. schema prints the JSON Schema of policy "
      "files.";
  help.operands = {{"show|check|schema", ValueKind::kChoice, Verbs}, {"FILE", ValueKind::kFile}};
  help.examples = {{"paddock policy show", "what holds in this directory, and which files say so"},
                   {"paddock policy check .paddock.toml", "before it is committed"},
                   {"paddock policy schema > policy.schema.json", "for an editor's completion"}};
  help.statuses = {{"0", "fine"}, {"2", "the options or the policy are wrong"}, {"125", "a file cannot be read"}};
  return help;
}

}  // namespace

int PolicyMain(const std::vector<std::string>& args, const Context& context) {
  PolicyOptions options;
  // Those that say how a command is run are no part of a policy.
  std::vector<OptionRow> rows = SharedRowsWithout(&options.shared, {"--cwd", "--tty", "--report"});
  rows.push_back({"Output", "--json", "", "print JSON, stable and versioned; of show: a policy file", &options.json});
  rows.push_back(HelpRow(&options.help));
  std::vector<std::string> words;
  const absl::Status usage = ParseOptions(args, rows, {"FILE", &words, 2});
  if (options.help) return PrintHelp(context, PolicyHelp(), rows);
  if (!usage.ok()) return UsageError(context, "policy", usage);
  const auto verb = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                 [&](const Verb& v) { return !words.empty() && words.front() == v.name; });
  if (verb == std::end(kVerbs)) {
    const std::string known = absl::StrJoin(Verbs(), ", ");
    return UsageError(
        context, "policy",
        absl::InvalidArgumentError(words.empty() ? absl::StrCat("say which: ", known)
                                                 : absl::StrCat("'", words.front(), "' is none of ", known)));
  }
  options.files.assign(words.begin() + 1, words.end());
  return verb->run(options, context);
}

}  // namespace paddock::cli
