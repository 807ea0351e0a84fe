// posix_limits_run POLICY.toml COMMAND...               runs the command under the policy
// posix_limits_run --host FACTS.json POLICY.toml COMMAND...   prints the decision and the plan for that host
//
// The composition root of a program with a backend of its own: registers it, ranks it by a rule of its own, and runs.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "core/platform/caller.h"
#include "core/platform/posix/linux_probe.h"
#include "core/platform/signal_relay.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"
#include "core/runtime/runtime.h"
#include "posix_limits/backend.h"
#include "posix_limits/launcher.h"

namespace {

using paddock::Guarantee;

bool IsCoding(const paddock::Request& request, const paddock::Facts& /*facts*/) {
  return request.policy.workload == paddock::Workload::kCoding;
}

// The built-in table with a row of ours behind what confines more, and before L4, which refuses what is left. It has
// its price: only who says `write = "none"` gets a backend that confines no access.
std::vector<paddock::Rule> RulesWithOurs() {
  paddock::Rule ours;
  ours.id = "X1";
  ours.os = paddock::OsFamily::kLinux;
  ours.when_text = "coding";
  ours.when = IsCoding;
  ours.adds = {{"posix_limits", ""}};
  ours.accepts = {{Guarantee::kWrite, paddock::write_level::kNone, true}};
  ours.why = "bounds what a command uses up, and confines no access";
  ours.source = "setrlimit(2)";
  std::vector<paddock::Rule> rules(paddock::Rules().begin(), paddock::Rules().end());
  auto at = rules.begin();
  while (at != rules.end() && at->id != "L4") ++at;
  rules.insert(at, ours);
  return rules;
}

// Hands the command's output on, and says what is Paddock's own on stderr.
class Printer : public paddock::EventSink {
 public:
  void OnEvent(const paddock::Event& event) override {
    if (const auto* output = std::get_if<paddock::OutputEvent>(&event)) {
      std::FILE* const file = output->stream == paddock::StreamId::kStderr ? stderr : stdout;
      std::fwrite(output->bytes.data(), 1, output->bytes.size(), file);
      std::fflush(file);
    } else if (const auto* notice = std::get_if<paddock::NoticeEvent>(&event)) {
      std::fprintf(stderr, "posix_limits_run: %s\n", notice->text.c_str());
    } else if (const auto* exited = std::get_if<paddock::ExitedEvent>(&event)) {
      const paddock::Outcome& outcome = exited->outcome;
      if (outcome.kind == paddock::ExitKind::kExited) return;
      std::fprintf(stderr, "posix_limits_run: %s %s %s\n", std::string(paddock::Name(outcome.kind)).c_str(),
                   outcome.reason.code.c_str(), outcome.reason.detail.c_str());
    }
  }
};

absl::StatusOr<paddock::Request> ReadRequest(const std::string& policy_file, std::vector<std::string> command,
                                             const paddock::Caller& caller) {
  paddock::PolicySources sources;
  ASSIGN_OR_RETURN(sources.user, paddock::LoadPolicyFile(policy_file));
  sources.workspace = caller.cwd;
  sources.home = caller.home;
  ASSIGN_OR_RETURN(paddock::Policy policy, paddock::BuildPolicy(sources));
  paddock::RequestOptions options;
  options.command = std::move(command);
  return paddock::MakeRequest(std::move(policy), options, caller);
}

// For any host that somebody has described; this one is not asked.
absl::Status Print(const std::string& facts_file, const std::string& policy_file, std::vector<std::string> command) {
  std::ifstream file(facts_file);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSIGN_OR_RETURN(const paddock::Json json, paddock::ParseJson(text, facts_file));
  ASSIGN_OR_RETURN(const paddock::Facts facts, paddock::FactsFromJson(json, facts_file));
  const paddock::Caller caller = {facts.host.home, facts.workspace.root.real_path, {{"PATH", "/usr/bin:/bin"}}, ""};
  ASSIGN_OR_RETURN(const paddock::Request request, ReadRequest(policy_file, std::move(command), caller));
  paddock::Runtime runtime(nullptr, RulesWithOurs());
  runtime.Register(posix_limits::MakeBackend());
  const paddock::Decision decision = runtime.Decide(request, facts);
  std::fputs(paddock::DumpJson(ToJson(decision)).c_str(), stdout);
  if (decision.ranked.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const paddock::LaunchPlan plan, runtime.Plan(decision.ranked[0].backend, request, facts));
  std::fputs(paddock::DumpJson(ToJson(plan)).c_str(), stdout);
  return absl::OkStatus();
}

absl::StatusOr<int> Run(const std::string& policy_file, std::vector<std::string> command) {
  ASSIGN_OR_RETURN(const paddock::Caller caller, paddock::ReadCaller());
  ASSIGN_OR_RETURN(const paddock::Request request, ReadRequest(policy_file, std::move(command), caller));
  paddock::ProbeInputs inputs;
  inputs.environment = caller.environment;
  paddock::Runtime runtime(std::make_unique<paddock::LinuxProbe>(std::move(inputs)), RulesWithOurs());
  runtime.Register(posix_limits::MakeBackend());
  runtime.Register(posix_limits::MakeLauncher());

  ASSIGN_OR_RETURN(const paddock::SignalRelay signals, paddock::SignalRelay::Start());
  paddock::Stdio stdio;
  stdio.out.kind = stdio.err.kind = paddock::StreamSpec::Kind::kPipe;
  stdio.signals = signals.handle();
  Printer printer;
  return paddock::ExitStatus(runtime.Run(request, stdio, printer).result.outcome);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool print = !arguments.empty() && arguments[0] == "--host";
  const size_t policy = print ? 2 : 0;
  if (arguments.size() < policy + 2) {
    std::fprintf(stderr, "usage: posix_limits_run [--host FACTS.json] POLICY.toml COMMAND...\n");
    return 2;
  }
  std::vector<std::string> command(arguments.begin() + static_cast<std::ptrdiff_t>(policy) + 1, arguments.end());
  const absl::StatusOr<int> status = [&]() -> absl::StatusOr<int> {
    if (!print) return Run(arguments[policy], std::move(command));
    RETURN_IF_ERROR(Print(arguments[1], arguments[policy], std::move(command)));
    return 0;
  }();
  if (status.ok()) return *status;
  std::fprintf(stderr, "posix_limits_run: %s\n", status.status().ToString().c_str());
  return 125;
}
