#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/manual_pages.h"
#include "cli/roff.h"
#include "core/base/json.h"
#include "core/base/units.h"
#include "core/policy/builtin_profiles.h"
#include "core/policy/guarantee.h"
#include "core/policy/merge.h"
#include "core/policy/schema.h"

// paddock-policy(5): keys, types, ranges, defaults and what a repository may do to them come from the table of the
// policy (core/policy/schema.h) and from the built-in profiles themselves.

namespace paddock::cli {
namespace {

struct Meaning {
  absl::string_view guarantee, level, text;
};
constexpr Meaning kMeanings[] = {
    {"write", "none", "writes are not confined"},
    {"write", "modify-scoped",
     "writes are checked against access control lists; deleting outside the grants stays possible"},
    {"write", "scoped", "deletion too; open wherever everyone may write"},
    {"write", "confined", "the kernel denies every write outside the grants"},
    {"write", "disposable", "writes land in a machine that is thrown away"},
    {"read", "none", "reads are open"},
    {"read", "masked", "the listed secrets are hidden"},
    {"read", "allowlisted", "only what is listed can be read"},
    {"network", "open", "unrestricted"},
    {"network", "advisory", "proxy variables only"},
    {"network", "filtered", "filtered by user in the kernel; system services still send on its behalf"},
    {"network", "brokered", "only through the broker, by domain"},
    {"network", "off", "none"},
    {"tree", "inherited", "children carry the confinement"},
    {"tree", "contained", "and none survives the run"},
    {"process", "shared", "processes outside can be seen"},
    {"process", "isolated", "what is outside cannot be seen, signalled or traced"},
    {"ui", "shared", "the user's desktop"},
    {"ui", "private-desktop", "a desktop of its own, or none"},
    {"ui", "separate-machine", "another machine's"},
    {"limits", "none", "not held"},
    {"limits", "per-process", "held for each process alone"},
    {"limits", "tree", "held for the tree as a whole"},
    {"workspace", "none", "there is no workspace"},
    {"workspace", "copy", "a copy"},
    {"workspace", "mapped", "mapped folders"},
    {"workspace", "live", "the checkout itself; fidelity, not strength"},
    {"host_change", "permanent", "what is changed on the host stays"},
    {"host_change", "recorded", "kept between runs, known, undone by `gc` or teardown"},
    {"host_change", "leased", "undone after the run, after a crash too"},
    {"host_change", "none", "nothing is changed"},
};

// In quotes as a file has them, joined.
std::string Quoted(const std::vector<absl::string_view>& values) {
  return absl::StrJoin(values, ", ",
                       [](std::string* out, absl::string_view value) { absl::StrAppend(out, "\"", value, "\""); });
}

std::string Range(const KeyInfo& info) {
  switch (info.type) {
    case KeyType::kDuration:
      return absl::StrCat("at least ", FormatDuration(std::chrono::milliseconds(static_cast<int64_t>(info.min))));
    case KeyType::kSize:
      return absl::StrCat("at least ", FormatSize(info.min), info.min == 1 ? " byte" : "");
    default:
      return absl::StrCat(info.min, " to ", info.max);
  }
}

std::string TypeText(const KeyInfo& info) {
  switch (info.type) {
    case KeyType::kChoice:
      return absl::StrCat("one of ", Quoted(info.values));
    case KeyType::kBoolean:
      return "true or false";
    case KeyType::kPaths:
      return "a list of paths";
    case KeyType::kDenyPaths:
      return "a list of paths and globs";
    case KeyType::kNames:
      return "a list of names of variables; * at the end of one matches any rest";
    case KeyType::kPatterns:
      return "a list of patterns of names; * matches anything";
    case KeyType::kHosts:
      return "a list of hosts: name or *.suffix, each with :port or without";
    case KeyType::kCapabilities:
      return "a list of names of capabilities";
    case KeyType::kBackends:
      return "a list of backends";
    case KeyType::kBackend:
      return "a backend";
    case KeyType::kDistribution:
      return "the name of a distribution";
    case KeyType::kVariables:
      return "a table: name = text";
    case KeyType::kLevels:
      return "a table: guarantee = level";
    case KeyType::kDuration:
    case KeyType::kSize:
    case KeyType::kCount: {
      const absl::string_view what = info.type == KeyType::kDuration ? "a duration"
                                     : info.type == KeyType::kSize   ? "a size"
                                                                     : "a number";
      return absl::StrCat(what, ", ", Range(info), ", or \"none\"");
    }
  }
  return "";
}

absl::string_view TightenText(Tighten tighten) {
  switch (tighten) {
    case Tighten::kFixed:
      return "may only repeat what holds";
    case Tighten::kStricter:
      return "may only be stricter";
    case Tighten::kAdd:
      return "adds, and takes nothing away";
    case Tighten::kCovered:
      return "may only name what the inherited list covers";
    case Tighten::kLower:
      return "may only be lower";
    case Tighten::kRaise:
      return "may only ask for more";
    case Tighten::kNewNames:
      return "may only add variables, none that another level sets, and none that makes programs load code";
  }
  return "";
}

// A key of a built-in profile, as a policy file in JSON has it, which is how TOML writes it, too; empty where the
// profile says nothing.
std::string DefaultOf(absl::string_view profile, const KeyInfo& info) {
  if (info.key == Key::kStrict) return "false";  // not a part of a policy, but of how it is merged
  PolicySources sources;
  sources.profile = std::string(profile);
  const auto policy = BuildPolicy(sources);
  if (!policy.ok()) return "";
  const Json whole = ToJson(*policy);
  const Json* place = &whole;
  for (const absl::string_view step : {info.section, info.name}) {
    if (step.empty()) continue;
    const auto found = place->find(std::string(step));
    if (found == place->end()) return "";
    place = &*found;
  }
  if (!place->is_array()) return place->dump();
  return absl::StrCat(
      "[", absl::StrJoin(*place, ", ", [](std::string* out, const Json& item) { absl::StrAppend(out, item.dump()); }),
      "]");
}

void AddKeys(ManualPage* page) {
  page->Section("Keys");
  page->Paragraph(
      "Defaults are those of the profile `coding`. The last line of a key says what a repository's file may "
      "do to it.");
  absl::string_view section = "-";
  for (const KeyInfo& info : PolicyKeys()) {
    if (!info.in_files) continue;
    if (info.section != section) {
      section = info.section;
      page->Subsection(section.empty() ? "At the top" : absl::StrCat("[", section, "]"));
    }
    page->Item(KeyPath(info.key), "", absl::StrCat(info.help, "."));
    page->ItemContinued(absl::StrCat("Type: ", TypeText(info), "."));
    const std::string value = DefaultOf("coding", info);
    if (!value.empty()) page->ItemContinued(absl::StrCat("Default: `", value, "`"));
    page->ItemContinued(absl::StrCat("In a repository: ", TightenText(info.tighten), "."));
  }
}

void AddProfiles(ManualPage* page) {
  page->Section("Profiles");
  page->Paragraph("What each says otherwise than `coding`:");
  for (const absl::string_view profile : BuiltinProfileNames()) {
    if (profile == "coding") continue;
    std::vector<std::string> others;
    for (const KeyInfo& info : PolicyKeys()) {
      const std::string value = DefaultOf(profile, info);
      if (info.key != Key::kExtends && value != DefaultOf("coding", info)) {
        others.push_back(absl::StrCat("`", KeyPath(info.key), " = ", value, "`"));
      }
    }
    page->Item(profile, "", absl::StrJoin(others, ", "));
  }
}

void AddGuarantees(ManualPage* page) {
  page->Section("Guarantees");
  page->Paragraph(
      "A guarantee is what a backend promises on this host, as a level. What a file or a flag spells out is required: "
      "a host that does not reach it runs nothing. What only a profile says is preferred, and told in the report if it "
      "is not reached. `strict = true` makes all required; a level in [require] takes the place of what the keys ask. "
      "The levels, weak to strong:");
  for (const Guarantee guarantee : kAllGuarantees) {
    page->Subsection(GuaranteeName(guarantee));
    for (size_t level = 0; level < LevelCount(guarantee); ++level) {
      const absl::string_view name = LevelName(guarantee, static_cast<Level>(level));
      page->Item(name, "", LevelMeaning(GuaranteeName(guarantee), name));
    }
  }
}

void AddValues(ManualPage* page) {
  page->Section("Values");
  page->Item("paths", "",
             "A path is relative to the workspace, begins with ~/ for the home directory, or is absolute. It must not "
             "leave the place that it is relative to. Variables are not expanded. Only denials take globs: * is any "
             "part of one name, ? one character, ** any number of directories; [*], [?] and [[] are the characters "
             "themselves.");
  page->Item("durations", "",
             "Whole numbers with units d, h, m, s, ms, the largest first: \"500ms\", \"10m\", \"1h30m\".");
  page->Item(
      "sizes", "",
      "A number of bytes, or a text with a unit: B, KB, MB, GB, TB are powers of 1000, KiB, MiB, GiB, TiB powers "
      "of 1024. \"4G\" is an error, since it means either.");
  page->Item("lists", "",
             "A list replaces the one of the level below; the element \"@inherited\" in it stands for that list.");
}

void AddLevels(ManualPage* page) {
  page->Section("Merging");
  page->Paragraph(
      "Each level is laid over the former: the built-in profile, the administrator's file, the user's (or `--policy "
      "FILE` in its place), the repository's, the flags of the command line. Single values and lists are replaced, "
      "tables are merged by name. `paddock policy show` prints what holds, and which files say so.");
  page->Paragraph(
      "The repository's file only tightens: whoever can write to a repository could otherwise loosen the sandbox of "
      "everybody who works in it. A key that would loosen is an error that names it.");
  page->Paragraph(
      "What the administrator's file spells out is a default and a bound: its denials are always added, and a final "
      "value that is looser is an error, whoever wrote it. Keys that it leaves out are not bounded.");
}

}  // namespace

absl::string_view LevelMeaning(absl::string_view guarantee, absl::string_view level) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.guarantee == guarantee && meaning.level == level) return meaning.text;
  }
  return "";
}

std::string PolicyPage(const PageStamp& stamp) {
  ManualPage page("paddock-policy", 5, "what a sandboxed command may write, read, reach and use", stamp.date,
                  stamp.version);
  page.Section("Description");
  page.Paragraph(
      "A policy is a TOML file, or a JSON file of the same keys (`.json`). A mistake in it is never ignored: an "
      "unknown "
      "key, a wrong type or unit, a contradiction, a key written twice is an error that names file, line and key, and "
      "nothing runs. `paddock policy check FILE` says what is wrong with a file, `paddock policy schema` prints its "
      "JSON Schema.");
  AddLevels(&page);
  AddKeys(&page);
  AddValues(&page);
  AddProfiles(&page);
  AddGuarantees(&page);
  page.Section("Files");
  page.Item("/etc/paddock/policy.toml", "", "the administrator's");
  page.Item("$XDG_CONFIG_HOME/paddock/policy.toml", "", "the user's; ~/.config by default");
  page.Item(".paddock.toml", "", "the repository's, in the workspace");
  page.Section("Examples");
  page.Paragraph(
      "A user's policy: one more secret, a cache that checkouts share (it has to exist), an end after ten minutes:");
  page.Example(
      "extends = \"coding\"\n\n[filesystem]\nwrite = [\".\", \"~/.cache/ccache\"]\n"
      "deny_read = [\"@inherited\", \"secrets\"]\n\n[limits]\nwall = \"10m\"");
  page.Paragraph("A repository's: its deployment keys are nobody's business:");
  page.Example("[filesystem]\ndeny_read = [\"@inherited\", \"deploy/keys\", \"**/*.pem\"]");
  page.Section("See also");
  page.Paragraph("`paddock`(1), `paddock-policy`(1), `paddock-run`(1)");
  return page.text();
}

}  // namespace paddock::cli
