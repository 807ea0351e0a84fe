#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/prepare.h"
#include "cli/render_json.h"
#include "cli/shared_options.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"
#include "core/policy/schema.h"

namespace paddock::cli {
namespace {

struct PolicyOptions {
  SharedOptions shared;
  bool json = false;
  bool help = false;
  std::vector<std::string> files;
};

HelpText PolicyHelp() {
  HelpText help;
  help.usage = "paddock policy show|check|schema [options] [FILE]";
  help.about =
      "show prints the policy that would hold here: the built-in profile, the administrator's file, the user's own "
      "(or FILE in its place), the repository's and the flags, merged. check reads FILE and says what is wrong with "
      "it, with line and key. schema prints the JSON Schema of policy files.";
  help.examples = {{"paddock policy show", "what holds in this directory, and which files say so"},
                   {"paddock policy check .paddock.toml", "before it is committed"},
                   {"paddock policy schema > policy.schema.json", "for an editor's completion"}};
  help.statuses = {{"0", "fine"}, {"2", "the options or the policy are wrong"}, {"125", "a file cannot be read"}};
  return help;
}

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
  if (options.json) return Print(context, DumpJson(json));
  Json listing = {{"levels", Levels(*sources, *policy)}};
  for (const auto& item : json.items()) listing[item.key()] = item.value();
  return Print(context, RenderJson(listing, context.color));
}

// A file alone: that it can be read, and that it makes a policy on top of its profile.
int Check(const std::string& file, const Context& context) {
  PolicySources sources;
  auto loaded = LoadPolicyFile(file);
  if (!loaded.ok()) {
    context.messages.Error(
        ReasonOf(loaded.status()).value_or(Reason{"", std::string(loaded.status().message()), ""}).detail);
    return kExitUsage;
  }
  sources.user = *std::move(loaded);
  const auto policy = BuildPolicy(sources);
  if (policy.ok()) return Print(context, "ok\n");
  context.messages.Error(
      ReasonOf(policy.status()).value_or(Reason{"", std::string(policy.status().message()), ""}).detail);
  return kExitUsage;
}

int Dispatch(const std::string& verb, PolicyOptions& options, const Context& context) {
  if (verb == "schema") {
    if (options.files.empty()) return Print(context, DumpJson(PolicyJsonSchema()));
    return UsageError(context, "policy", absl::InvalidArgumentError("schema takes no FILE"));
  }
  if (verb == "check") {
    if (!options.files.empty()) return Check(options.files.front(), context);
    return UsageError(context, "policy", absl::InvalidArgumentError("check needs a FILE"));
  }
  if (!options.files.empty() && options.shared.policy.has_value()) {
    return UsageError(context, "policy", absl::InvalidArgumentError("FILE and --policy are the same thing: give one"));
  }
  if (!options.files.empty()) options.shared.policy = options.files.front();
  return Show(options, context);
}

}  // namespace

int PolicyMain(const std::vector<std::string>& args, const Context& context) {
  PolicyOptions options;
  std::vector<OptionRow> rows = SharedRows(&options.shared);
  rows.push_back({"Output", "--json", "", "print JSON, in the form of a policy file", &options.json});
  rows.push_back(HelpRow(&options.help));
  std::vector<std::string> words;
  const absl::Status usage = ParseOptions(args, rows, {"FILE", &words, 2});
  if (options.help) return Print(context, RenderHelp(PolicyHelp(), rows, context.color));
  if (!usage.ok()) return UsageError(context, "policy", usage);
  const std::string verb = words.empty() ? "" : words.front();
  if (verb != "show" && verb != "check" && verb != "schema") {
    return UsageError(
        context, "policy",
        absl::InvalidArgumentError(words.empty() ? "say which: show, check or schema"
                                                 : absl::StrCat("'", verb, "' is none of show, check, schema")));
  }
  options.files.assign(words.begin() + 1, words.end());
  return Dispatch(verb, options, context);
}

}  // namespace paddock::cli
