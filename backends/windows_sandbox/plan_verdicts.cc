#include <string>

#include "absl/strings/str_cat.h"
#include "backends/windows_sandbox/plan_builder.h"

namespace paddock {
namespace {

constexpr char kNotThere[] = "the machine has no such place of the host";

void DecideWrites(SandboxPlanBuilder& b) {
  for (const PathRule& rule : b.request.write) {
    const std::string name = absl::StrCat("filesystem.write ", rule.text);
    if (b.body.workspace == WorkspaceMode::kCopy) {
      b.Decide(name, Verdict::kApproximated, "a copy inside the machine",
               "what is written goes with the machine, and does not come back");
    } else {
      b.Decide(name, Verdict::kEnforced, "a mapped folder, read-write");
    }
  }
}

// What may not be written. In a folder that is mapped read-write nothing holds a name: it is looked at after the run.
void DecideUnwritable(SandboxPlanBuilder& b, const std::string& name, const PathRule& rule) {
  const PlannedFolder* const holder = b.FolderThatMayHold(rule.path);
  const bool in_copy =
      holder != nullptr && b.body.workspace == WorkspaceMode::kCopy && holder->sandbox == kGuestWorkspace;
  if (in_copy) {
    b.Decide(name, Verdict::kEnforced, "the host's own is mapped read-only; what the copy has of it goes with it");
    return;
  }
  if (holder == nullptr || !holder->writable) {
    b.Decide(name, Verdict::kEnforced, holder == nullptr ? kNotThere : "a folder mapped read-only");
    return;
  }
  if (rule.glob) {
    const auto matches = b.facts.workspace.globs.find(rule.path);
    if (matches == b.facts.workspace.globs.end() || !b.facts.workspace.scan_complete) {
      b.Decide(name, Verdict::kNotEnforced, "none", "nobody looked for what it matches in a folder mapped read-write");
      return;
    }
    for (const std::string& match : matches->second) b.body.watched.push_back({match, name});
  } else {
    b.body.watched.push_back({rule.path, name});
  }
  b.Decide(name, Verdict::kApproximated, "compared after the run",
           "it can be written while the machine runs, and is not put back");
}

void DecideReadable(SandboxPlanBuilder& b, const PathRule& rule) {
  const std::string name = absl::StrCat("filesystem.read_only ", rule.text);
  if (b.FolderThatMayHold(rule.path) == nullptr) {
    b.Decide(name, Verdict::kNotEnforced, "none",
             "it is not in the machine: only folders that are there can be mapped");
    return;
  }
  DecideUnwritable(b, name, rule);
}

void DecideSecrets(SandboxPlanBuilder& b) {
  for (const PathRule& rule : b.request.deny_read) {
    const std::string name = absl::StrCat("filesystem.deny_read ", rule.text);
    if (rule.glob) {
      const auto matches = b.facts.workspace.globs.find(rule.path);
      bool inside = matches == b.facts.workspace.globs.end() || !b.facts.workspace.scan_complete;
      if (!inside) {
        for (const std::string& match : matches->second) inside |= b.FolderThatMayHold(match) != nullptr;
      }
      if (inside && !b.folders.empty()) {
        b.Decide(name, Verdict::kNotEnforced, "none", "what it matches in a mapped folder is read in the machine");
      } else {
        b.Decide(name, Verdict::kEnforced, kNotThere);
      }
      continue;
    }
    const PathFacts* const found = b.Find(rule.path);
    bool holds_folder = false;
    for (const PlannedFolder& folder : b.folders) holds_folder |= MayLieInFolder(folder.host, rule.path);
    if (b.FolderThatMayHold(rule.path) == nullptr && !holds_folder) {
      b.Decide(name, Verdict::kEnforced, kNotThere);
    } else if (found != nullptr && found->type == PathType::kAbsent) {
      b.Decide(name, Verdict::kApproximated, "it was not there when it was looked at",
               "if it comes to be in a mapped folder, it is read in the machine");
    } else {
      b.Decide(name, Verdict::kNotEnforced, "none", "it lies in a mapped folder, and is read in the machine");
    }
  }
}

void DecidePlaces(SandboxPlanBuilder& b) {
  const FilesystemPolicy& policy = b.request.policy.filesystem;
  if (policy.read == ReadMode::kMinimal) {
    b.Decide("filesystem.read", Verdict::kEnforced, "the machine has its own Windows, and the mapped folders");
  } else {
    b.Decide("filesystem.read", Verdict::kApproximated, "the machine has its own Windows, and the mapped folders",
             "the rest of the host's files is not there");
  }
  if (policy.tmp == TmpMode::kPrivate) {
    b.Decide("filesystem.tmp", Verdict::kEnforced, "the machine's own");
  } else {
    b.Decide("filesystem.tmp", Verdict::kNotEnforced, "the machine's own", "it is not the host's");
  }
  switch (policy.home) {
    case HomeMode::kEphemeral:
      b.Decide("filesystem.home", Verdict::kEnforced, "the machine's own, which goes with it");
      break;
    case HomeMode::kKept:
      b.Decide("filesystem.home", Verdict::kNotEnforced, "the machine's own", "nothing of it is kept");
      break;
    case HomeMode::kReadOnly:
      b.Decide("filesystem.home", Verdict::kApproximated, "the machine's own, which goes with it",
               "it can be written; the host's home is not there");
      break;
  }
}

void DecideNetwork(SandboxPlanBuilder& b) {
  switch (b.request.policy.network.mode) {
    case NetworkMode::kOff:
      b.Decide("network.mode", Verdict::kEnforced, "Networking: Disable, a machine without a network adapter");
      break;
    case NetworkMode::kOpen:
      b.Decide("network.mode", Verdict::kEnforced, "Networking: Enable");
      break;
    case NetworkMode::kBrokered:
      b.Decide("network.mode", Verdict::kNotEnforced, "none", "there is no broker");
      break;
  }
  for (const PathRule& rule : b.request.unix_sockets) {
    b.Decide(absl::StrCat("network.unix_sockets ", rule.text), Verdict::kNotEnforced, "none",
             "nothing makes a socket of the host reachable in the machine");
  }
}

void DecideLimits(SandboxPlanBuilder& b) {
  constexpr char kJob[] = "a job inside the machine";
  constexpr char kAdministrator[] = "the command is an administrator there, and can start processes outside the job";
  const LimitsPolicy& limits = b.request.policy.limits;
  if (limits.wall.has_value()) {
    b.Decide("limits.wall", Verdict::kEnforced, "a clock in the machine, and the launcher's own that ends the machine");
  }
  if (limits.cpu.has_value()) b.Decide("limits.cpu", Verdict::kApproximated, kJob, kAdministrator);
  if (limits.memory.has_value()) {
    b.Decide("limits.memory", Verdict::kApproximated, "the machine's memory, and a job inside",
             absl::StrCat("a machine has at least ", kLeastMemoryMb, " MB, its own Windows among them"));
  }
  if (limits.processes.has_value()) b.Decide("limits.processes", Verdict::kApproximated, kJob, kAdministrator);
  if (limits.output.has_value()) {
    b.Decide("limits.output", Verdict::kEnforced, "counted by the launcher, which ends the machine");
  }
  if (limits.file_size.has_value()) {
    b.Decide("limits.file_size", Verdict::kNotEnforced, "none", "Windows has no such limit");
  }
}

}  // namespace

void PlanVerdicts(SandboxPlanBuilder& b) {
  DecideWrites(b);
  for (const PathRule& rule : b.request.deny_write) {
    DecideUnwritable(b, absl::StrCat("filesystem.deny_write ", rule.text), rule);
  }
  for (const PathRule& rule : b.request.read_only) DecideReadable(b, rule);
  DecideSecrets(b);
  DecidePlaces(b);
  DecideNetwork(b);
  DecideLimits(b);
}

}  // namespace paddock
