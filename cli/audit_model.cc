#include "cli/audit_model.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/render_audit.h"
#include "core/audit/icacls_reader.h"
#include "core/audit/judge_snapshot.h"
#include "core/audit/snapshot_reader.h"
#include "core/base/glob.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"

namespace paddock::cli {
namespace {

constexpr int kExitFindings = 1;
constexpr absl::string_view kGroup = "Windows permissions from a file";

constexpr audit::TokenKind kTokenKinds[] = {audit::TokenKind::kWindowsToken, audit::TokenKind::kAppContainer,
                                            audit::TokenKind::kLpac, audit::TokenKind::kLowIntegrity};

std::vector<std::string> TokenNames() {
  std::vector<std::string> names;
  for (const audit::TokenKind kind : kTokenKinds) names.emplace_back(audit::Name(kind));
  return names;
}

absl::StatusOr<audit::TokenKind> TokenOf(const ModelOptions& model) {
  if (!model.token) return audit::TokenKind::kWindowsToken;
  for (const audit::TokenKind kind : kTokenKinds) {
    if (*model.token == audit::Name(kind)) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--token: '", *model.token, "' is none of windows_token, appcontainer, lpac, low_integrity"));
}

absl::StatusOr<access::Sid> SidFlag(absl::string_view flag, const std::string& text,
                                    const access::SddlDomains& domains = {}) {
  absl::StatusOr<access::Sid> sid = access::ParseSddlSid(text, domains);
  if (!sid.ok()) return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "': ", sid.status().message()));
  return sid;
}

absl::StatusOr<std::vector<access::Sid>> SidFlags(absl::string_view flag, const std::vector<std::string>& texts,
                                                  const access::SddlDomains& domains = {}) {
  std::vector<access::Sid> sids;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const access::Sid sid, SidFlag(flag, text, domains));
    sids.push_back(sid);
  }
  return sids;
}

// A directory as somebody names it, as a snapshot has it.
absl::StatusOr<std::string> WindowsDirectory(absl::string_view flag, const std::string& text) {
  const absl::StatusOr<WindowsPath> path = WindowsPath::Parse(text);
  const absl::Status usual = path.ok() ? path->CheckUsual() : path.status();
  if (!usual.ok()) return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "' ", usual.message()));
  const std::string canonical = path->ToString();
  const absl::string_view problem = audit::PathProblem(canonical);
  if (!problem.empty()) return absl::InvalidArgumentError(absl::StrCat(flag, ": '", text, "' ", problem));
  return canonical;
}

// Those of the policy that lie below a workspace; of the host's own policy files none is read.
absl::StatusOr<std::vector<std::string>> ProtectedNames(const SharedOptions& shared) {
  PolicySources sources;
  sources.profile = shared.profile.value_or("");
  if (shared.policy) {
    ASSIGN_OR_RETURN(sources.user, LoadPolicyFile(*shared.policy));
  }
  ASSIGN_OR_RETURN(const Policy policy, BuildPolicy(sources));
  std::vector<std::string> names;
  for (const PathEntry& entry : policy.filesystem.deny_write) {
    const std::string& text = entry.text;
    const bool elsewhere = absl::StartsWith(text, "~") || IsAbsolutePath(text) || LooksLikeWindowsPath(text);
    if (!elsewhere && !HasGlob(text) && text != ".") names.push_back(absl::StrReplaceAll(text, {{"/", "\\"}}));
  }
  return names;
}

template <typename Reader>
absl::StatusOr<audit::Snapshot> ReadAll(const std::string& path, Reader* reader) {
  // From UTF-8 on Windows too, which would take a plain string for text in the system's old code page.
  std::ifstream file(std::filesystem::path(std::u8string(path.begin(), path.end())), std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be opened for reading"));
  std::array<char, 1 << 16> buffer{};
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    RETURN_IF_ERROR(reader->Add(absl::string_view(buffer.data(), static_cast<size_t>(file.gcount()))));
  }
  if (file.bad() || !file.eof()) {
    return absl::UnavailableError(absl::StrCat(path, ": reading it failed; nothing was judged"));
  }
  return std::move(*reader).Finish();
}

absl::StatusOr<audit::IcaclsContext> ContextOf(const ModelOptions& model) {
  if (!model.root || !model.user) {
    return absl::InvalidArgumentError(
        "--icacls needs --base DIR, the directory that its paths are relative to, and --user SID, whose token it is "
        "(`whoami /user` on that machine says it)");
  }
  audit::IcaclsContext context;
  ASSIGN_OR_RETURN(context.root, WindowsDirectory("--base", *model.root));
  access::SddlDomains& domains = context.account.domains;
  if (model.machine) {
    ASSIGN_OR_RETURN(domains.machine, SidFlag("--machine-sid", *model.machine));
  }
  if (model.domain) {
    ASSIGN_OR_RETURN(domains.domain, SidFlag("--domain-sid", *model.domain));
  }
  ASSIGN_OR_RETURN(context.account.user, SidFlag("--user", *model.user, domains));
  ASSIGN_OR_RETURN(const std::vector<access::Sid> groups, SidFlags("--group", model.groups, domains));
  context.account.groups = audit::OrdinaryGroups();
  for (const access::Sid& sid : groups) context.account.groups.push_back({sid, true, false, false});
  if (model.owner) {
    ASSIGN_OR_RETURN(context.owner, SidFlag("--assume-owner", *model.owner, domains));
  }
  context.no_labels = model.no_labels;
  return context;
}

absl::StatusOr<audit::Snapshot> Load(const ModelOptions& model) {
  if (model.snapshot && model.icacls) {
    return absl::InvalidArgumentError("--snapshot and --icacls are two sources: give one");
  }
  if (model.icacls) {
    ASSIGN_OR_RETURN(audit::IcaclsContext context, ContextOf(model));
    audit::IcaclsReader reader(*model.icacls, std::move(context));
    return ReadAll(*model.icacls, &reader);
  }
  const bool told_twice = model.root || model.user || model.owner || model.machine || model.domain || model.no_labels ||
                          !model.groups.empty();
  if (told_twice) {
    return absl::InvalidArgumentError(
        "--base, --user, --group, --assume-owner, --assume-no-labels, --machine-sid and --domain-sid go with --icacls: "
        "a snapshot says these itself");
  }
  audit::SnapshotReader reader(*model.snapshot);
  return ReadAll(*model.snapshot, &reader);
}

absl::StatusOr<audit::AuditReport> JudgeModel(const DecideOptions& options, const ModelOptions& model,
                                              const audit::Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const audit::TokenKind kind, TokenOf(model));
  ASSIGN_OR_RETURN(const std::vector<access::Sid> capabilities,
                   SidFlags("--capability", model.capabilities, snapshot.account.domains));
  ASSIGN_OR_RETURN(const audit::RunToken run, audit::MakeRunToken(snapshot.account, kind, capabilities));
  ASSIGN_OR_RETURN(std::vector<std::string> grants, ModelGrants(options.shared));
  ASSIGN_OR_RETURN(std::vector<std::string> names, ProtectedNames(options.shared));
  return audit::JudgeSnapshot({snapshot, run, std::move(grants), std::move(names)});
}

}  // namespace

std::vector<OptionRow> ModelRows(ModelOptions* options) {
  return {
      {kGroup, "--snapshot", "FILE",
       "judge the descriptors of a tree on Windows that snapshot.ps1 saved, on any system; writable are --workspace "
       "and "
       "--rw, as Windows paths",
       &options->snapshot, ValueKind::kFile},
      {kGroup, "--icacls", "FILE",
       "the same for what `icacls NAME /save FILE /t` saved, which has no owners and no labels: what depends on them "
       "is "
       "unknown",
       &options->icacls, ValueKind::kFile},
      {kGroup, "--base", "DIR",
       "what the paths of --icacls are relative to: the directory that holds NAME; on Windows without a file: walk DIR "
       "as "
       "well as the grants",
       &options->root, ValueKind::kDirectory},
      {kGroup, "--user", "SID", "whose token a run's is made from; with --icacls", &options->user},
      {kGroup, "--group", "SID", "a group of that user's, besides those of every user; with --icacls; may be repeated",
       &options->groups},
      {kGroup, "--assume-owner", "SID", "take everything to be owned by SID; with --icacls", &options->owner},
      {kGroup, "--assume-no-labels", "", "take nothing to have a mandatory label; with --icacls", &options->no_labels},
      {kGroup, "--machine-sid", "SID", "what LA and LG in the SDDL are relative to; with --icacls", &options->machine},
      {kGroup, "--domain-sid", "SID", "what DA, DU and the like are relative to; with --icacls", &options->domain},
      {kGroup, "--token", "KIND", "whose access is asked about: {values}; default windows_token", &options->token,
       ValueKind::kChoice, TokenNames},
      {kGroup, "--capability", "SID",
       "a capability that earlier runs have put into descriptors, and the run has; may be repeated; default: one that "
       "nothing names",
       &options->capabilities},
  };
}

bool AsksModel(const ModelOptions& options) { return options.snapshot || options.icacls; }

absl::Status CheckNoModel(const ModelOptions& options, bool here) {
  const bool given = options.user || options.owner || options.machine || options.domain || options.no_labels ||
                     !options.groups.empty() ||
                     (!here && (options.root || options.token || !options.capabilities.empty()));
  if (!given) return absl::OkStatus();
  return absl::InvalidArgumentError("options on Windows permissions go with --snapshot FILE or --icacls FILE");
}

absl::StatusOr<std::vector<std::string>> ModelGrants(const SharedOptions& shared) {
  std::vector<std::string> grants;
  if (shared.workspace) {
    ASSIGN_OR_RETURN(std::string grant, WindowsDirectory("--workspace", *shared.workspace));
    grants.push_back(std::move(grant));
  }
  for (const std::string& text : shared.rw) {
    ASSIGN_OR_RETURN(std::string grant, WindowsDirectory("--rw", text));
    grants.push_back(std::move(grant));
  }
  return grants;
}

// Options that say how a command is run mean nothing here, and to ignore them would be to promise something.
absl::Status CheckShared(const DecideOptions& options, const std::vector<std::string>& command) {
  SharedOptions rest = options.shared;
  rest.workspace.reset();
  rest.policy.reset();
  rest.profile.reset();
  rest.report.reset();
  rest.rw.clear();
  bool other = !command.empty();
  for (const OptionRow& row : SharedRows(&rest)) {
    const auto given = [](auto* value) {
      if constexpr (std::is_same_v<decltype(value), bool*>)
        return *value;
      else if constexpr (std::is_same_v<decltype(value), std::vector<std::string>*>)
        return !value->empty();
      else
        return value->has_value();
    };
    other = other || std::visit(given, row.target);
  }
  if (!other) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "with --snapshot and --icacls go --workspace, --rw, --policy, --profile, --json and --report, and no command");
}

int JudgeAndPrint(const DecideOptions& options, const ModelOptions& model, const audit::Snapshot& snapshot,
                  const Context& context) {
  const absl::StatusOr<audit::AuditReport> report = JudgeModel(options, model, snapshot);
  if (!report.ok()) return Failed(context, report.status());
  const int printed = PrintResult(
      options, [&] { return DumpJson(ToJson(*report)); }, [&] { return RenderAudit(*report, context.color); }, context);
  if (printed != kExitOk) return printed;
  const audit::Summary summary = audit::Summarize(report->findings);
  return summary.high + summary.medium > 0 ? kExitFindings : kExitOk;
}

int RunModelAudit(const DecideOptions& options, const ModelOptions& model, const std::vector<std::string>& command,
                  const Context& context) {
  const absl::Status usage = CheckShared(options, command);
  if (!usage.ok()) return UsageError(context, "audit", usage);
  const absl::StatusOr<audit::Snapshot> snapshot = Load(model);
  if (!snapshot.ok()) return Failed(context, snapshot.status());
  return JudgeAndPrint(options, model, *snapshot, context);
}

}  // namespace paddock::cli
