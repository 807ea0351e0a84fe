#include "tests/unit/rubric/rubric_hosts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "backends/appcontainer/backend.h"
#include "backends/linux_landlock/backend.h"
#include "backends/low_integrity/backend.h"
#include "backends/windows_sandbox/backend.h"
#include "backends/windows_token/backend.h"
#include "backends/wsl2/backend.h"
#include "tests/support/golden.h"

namespace paddock {
namespace {

constexpr char kHosts[] = "tests/fixtures/hosts";

Requirement ParseRequirement(const std::string& text, bool required) {
  const std::vector<std::string> parts = absl::StrSplit(text, '=');
  const auto guarantee = ParseGuarantee(parts.at(0));
  const auto level = guarantee.has_value() ? ParseLevel(*guarantee, parts.at(1)) : std::nullopt;
  if (!level.has_value()) {
    ADD_FAILURE() << "no such level: " << text;
    return {};
  }
  return {*guarantee, *level, required};
}

}  // namespace

std::vector<std::string> HostNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath(kHosts))) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Facts LoadHost(absl::string_view name) {
  const std::string path = absl::StrCat(kHosts, "/", name, ".json");
  const auto json = ParseJson(ReadSource(path), path);
  if (!json.ok()) {
    ADD_FAILURE() << json.status();
    return {};
  }
  auto facts = FactsFromJson(*json, path);
  if (!facts.ok()) {
    ADD_FAILURE() << facts.status();
    return {};
  }
  return *std::move(facts);
}

Request MakeAsk(const Ask& ask, const Facts& facts) {
  Request request;
  Policy& policy = request.policy;
  policy.workload = ask.workload;
  policy.command_os = ask.command_os;
  policy.network.mode = ask.network;
  policy.backend.prefer = ask.prefer;
  policy.backend.allow = ask.allow;
  policy.backend.forced = ask.forced;
  policy.capabilities = ask.capabilities;
  policy.limits.processes = 2048;
  for (const std::string& text : ask.require) policy.requirements.push_back(ParseRequirement(text, true));
  for (const std::string& text : ask.would_like) policy.requirements.push_back(ParseRequirement(text, false));
  request.command = {"make"};
  if (!ask.with_workspace) return request;

  request.workspace = facts.workspace.root.real_path;
  request.cwd = request.workspace;
  const bool windows = facts.host.os == OsFamily::kWindows;
  const auto rule = [&](absl::string_view text, bool glob) {
    const std::string below = windows ? absl::StrReplaceAll(text, {{"/", "\\"}}) : std::string(text);
    const std::string path = absl::StrCat(request.workspace, windows ? "\\" : "/", below);
    return PathRule{path, glob, std::string(text), {"built-in:coding", 0}};
  };
  if (ask.writing) request.write = {{request.workspace, false, ".", {"built-in:coding", 0}}};
  for (const char* name : {".git/hooks", ".git/config", ".vscode", ".mcp.json"}) {
    request.deny_write.push_back(rule(name, false));
  }
  if (ask.secrets) request.deny_read = {rule("**/.env", true)};
  return request;
}

std::vector<const Backend*> AllBackends() {
  static const std::unique_ptr<Backend> kAll[] = {MakeLinuxLandlockBackend(), MakeWindowsTokenBackend(),
                                                  MakeWsl2Backend(),          MakeWindowsSandboxBackend(),
                                                  MakeAppContainerBackend(),  MakeLowIntegrityBackend()};
  std::vector<const Backend*> all;
  for (const auto& backend : kAll) all.push_back(backend.get());
  return all;
}

Decision Decide(const Ask& ask, const Facts& facts) { return Evaluate(AllBackends(), MakeAsk(ask, facts), facts); }

std::string Ranking(const Decision& decision) {
  if (decision.ranked.empty()) return "nothing";
  return absl::StrJoin(decision.ranked, ", ", [](std::string* out, const Candidate& candidate) {
    absl::StrAppend(out, ToString(candidate.backend), " by ", candidate.rule,
                    candidate.moved_by_requirement ? "!" : "");
  });
}

std::string Levels(const GuaranteeLevels& levels) {
  return absl::StrJoin(kAllGuarantees, " ", [&levels](std::string* out, Guarantee guarantee) {
    absl::StrAppend(out, GuaranteeName(guarantee), "=", LevelName(guarantee, levels[guarantee]));
  });
}

std::vector<std::string> RejectionCodes(const Decision& decision, absl::string_view backend) {
  std::vector<std::string> codes;
  for (const Rejection& rejection : decision.rejected) {
    if (rejection.backend.name != backend && ToString(rejection.backend) != backend) continue;
    for (const Reason& reason : rejection.reasons) {
      if (std::find(codes.begin(), codes.end(), reason.code) == codes.end()) codes.push_back(reason.code);
    }
  }
  return codes;
}

}  // namespace paddock
