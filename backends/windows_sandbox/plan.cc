#include "backends/windows_sandbox/plan.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/assess.h"
#include "backends/windows_sandbox/plan_builder.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/base/windows_cmd.h"
#include "core/base/windows_command_line.h"
#include "core/base/windows_path.h"

namespace paddock {
namespace {

absl::Status Refuse(absl::string_view code, absl::string_view detail) {
  return ReasonError(absl::StatusCode::kFailedPrecondition, code, detail);
}

absl::Status CheckStateDirectory(const Facts& facts) {
  const auto parsed = WindowsPath::Parse(facts.leases.state_dir);
  if (parsed.ok() && parsed->IsAbsolute()) return absl::OkStatus();
  return Refuse("state_dir_unusable", "no directory is known where the run's folder could be made");
}

absl::Status CheckCommand(const Request& request) {
  if (request.command.empty() || request.command.front().empty()) {
    return Refuse("command_empty", "the request has no command");
  }
  const absl::Status arguments = CheckWindowsArguments(request.command);
  if (!arguments.ok()) return Refuse("command_invalid", arguments.message());
  return absl::OkStatus();
}

// The order is JSON, which holds no half of a surrogate pair as Windows has them in names (WTF-8): such a word would
// arrive as another one.
bool HoldsHalfPair(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) == 0xED && static_cast<unsigned char>(text[i + 1]) >= 0xA0) return true;
  }
  return false;
}

absl::Status CheckOrder(const GuestOrder& order) {
  bool half = HoldsHalfPair(order.cwd);
  for (const std::string& word : order.command) half |= HoldsHalfPair(word);
  for (const auto& [name, value] : order.environment) half |= HoldsHalfPair(name) || HoldsHalfPair(value);
  if (!half) return absl::OkStatus();
  return Refuse("command_invalid",
                "an argument, the directory or a variable holds half of a surrogate pair, which cannot be handed over");
}

void PlanMachine(SandboxPlanBuilder& b) {
  MachineSpec& machine = b.body.machine;
  machine.networking = b.request.policy.network.mode == NetworkMode::kOpen;
  if (b.request.policy.limits.memory.has_value()) {
    const uint64_t mb = (*b.request.policy.limits.memory + (1u << 20) - 1) >> 20;
    machine.memory_mb = static_cast<uint32_t>(std::clamp<uint64_t>(mb, kLeastMemoryMb, 1u << 20));
  }
}

// The environment of the host says nothing about the machine: what the policy sets by itself goes in.
void PlanOrder(SandboxPlanBuilder& b) {
  GuestOrder& order = b.body.order;
  const LimitsPolicy& limits = b.request.policy.limits;
  order.nonce = kNonceSymbol;
  order.command = b.request.command;
  const PlannedFolder* const folder = b.request.cwd.empty() ? nullptr : b.FolderOf(b.request.cwd);
  if (folder != nullptr) order.cwd = InsideOf(*folder, b.request.cwd);
  order.environment = b.request.policy.environment.set;
  order.wall = limits.wall;
  order.cpu = limits.cpu;
  order.output = limits.output;
  order.memory = limits.memory;
  order.processes = limits.processes;
}

void PlanMailbox(SandboxPlanBuilder& b) {
  MachineSpec& machine = b.body.machine;
  machine.folders.push_back({absl::StrCat(kRunFolderSymbol, "\\in"), kGuestIn, true});
  machine.folders.push_back({absl::StrCat(kRunFolderSymbol, "\\out"), kGuestOut, false});
  machine.logon_command = absl::StrCat(kGuestIn, "\\", kGuestProgram);
  b.plan.leases.push_back({"run folder", kRunFolderSymbol});
}

// What XML cannot hold would be found out while a folder stands already.
absl::Status CheckText(const MachineSpec& machine) {
  const auto text = WsbText(machine);
  return text.ok() ? absl::OkStatus() : Refuse("folder_not_mappable", text.status().message());
}

absl::StatusOr<std::string> LogonLine(const std::vector<std::string>& command) {
  if (IsBatchFile(command.front())) return MakeBatchCommandLine(R"(C:\Windows\System32\cmd.exe)", command);
  return IsCommandProcessor(command.front()) ? MakeCmdCommandLine(command) : MakeWindowsCommandLine(command);
}

// The facts, as they would be if each folder that nobody looked at were there, under its own name.
Facts Trusting(const Request& request, Facts facts) {
  const auto trust = [](const std::string& path, PathFacts* known) {
    if (!known->real_path.empty()) return;
    known->type = PathType::kDirectory;
    known->real_path = path;
  };
  if (!request.workspace.empty()) trust(request.workspace, &facts.workspace.root);
  for (const auto* rules : {&request.write, &request.read_only}) {
    for (const PathRule& rule : *rules) {
      if (!rule.glob && facts.workspace.paths.find(rule.path) == facts.workspace.paths.end()) {
        trust(rule.path, &facts.workspace.paths[rule.path]);
      }
    }
  }
  return facts;
}

}  // namespace

absl::StatusOr<LaunchPlan> PlanWindowsSandbox(absl::string_view tier, const Request& request, const Facts& facts) {
  if (!tier.empty()) {
    return ReasonError(absl::StatusCode::kNotFound, "unknown_tier", absl::StrCat("windows_sandbox has no tier ", tier));
  }
  const Assessment assessment = AssessWindowsSandbox(request, facts);
  if (!assessment.usable()) {
    return ReasonError(absl::StatusCode::kFailedPrecondition, assessment.blockers.front());
  }
  RETURN_IF_ERROR(CheckStateDirectory(facts));
  RETURN_IF_ERROR(CheckCommand(request));
  auto body = std::make_shared<WindowsSandboxPlan>();
  body->workspace = ModeFor(request);
  body->limits = request.policy.limits;
  body->state_dir = facts.leases.state_dir;
  LaunchPlan plan;
  plan.backend = {"windows_sandbox", ""};
  plan.promised = assessment.reached;
  plan.risks = assessment.risks;
  SandboxPlanBuilder builder{request, facts, *body, plan};
  PlanMachine(builder);
  RETURN_IF_ERROR(PlanFolders(builder));
  PlanOrder(builder);
  RETURN_IF_ERROR(CheckOrder(body->order));
  PlanMailbox(builder);
  RETURN_IF_ERROR(CheckText(body->machine));
  PlanVerdicts(builder);
  plan.body = std::move(body);
  return plan;
}

absl::StatusOr<MachineSpec> PlanMachineAlone(const Request& request, const Facts& facts) {
  if (request.policy.network.mode == NetworkMode::kBrokered) {
    return Refuse("guarantee_unreachable:network", "a machine's network is on or off, and nothing in between");
  }
  WindowsSandboxPlan body;
  LaunchPlan plan;
  const Facts trusting = Trusting(request, facts);
  // A copy is made by the guest program, which such a machine has not.
  body.workspace = request.workspace.empty() ? WorkspaceMode::kNone : WorkspaceMode::kMapped;
  SandboxPlanBuilder builder{request, trusting, body, plan};
  PlanMachine(builder);
  RETURN_IF_ERROR(PlanFolders(builder));
  if (!request.command.empty()) {
    const auto line = LogonLine(request.command);
    if (!line.ok()) return ReasonError(absl::StatusCode::kInvalidArgument, "command_invalid", line.status().message());
    body.machine.logon_command = *line;
  }
  RETURN_IF_ERROR(CheckText(body.machine));
  return body.machine;
}

}  // namespace paddock
