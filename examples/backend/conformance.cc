// conformance FACTS.json...   checks the backend against the contract of core/backend/backend.h on each of these hosts.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/backend/conformance.h"
#include "core/base/json.h"
#include "core/base/status_macros.h"
#include "posix_limits/backend.h"

namespace {

absl::StatusOr<paddock::Facts> ReadFacts(const std::string& name) {
  std::ifstream file(name);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ASSIGN_OR_RETURN(const paddock::Json json, paddock::ParseJson(text, name));
  return paddock::FactsFromJson(json, name);
}

// Requests that between them take every branch of the backend.
std::vector<paddock::Request> Requests(const paddock::Facts& facts) {
  paddock::Request plain;
  plain.workspace = plain.cwd = facts.workspace.root.real_path;
  plain.command = {"make"};
  plain.write = {{plain.workspace, false, ".", {}}};

  paddock::Request limited = plain;
  limited.command = {"/usr/bin/make"};
  limited.deny_read = {{"/etc/shadow", false, "/etc/shadow", {}}};
  limited.unix_sockets = {{"/run/agent", false, "/run/agent", {}}};
  limited.policy.network.mode = paddock::NetworkMode::kOpen;
  limited.policy.filesystem.read = paddock::ReadMode::kMinimal;
  limited.policy.filesystem.tmp = paddock::TmpMode::kHost;
  limited.policy.limits = {std::chrono::seconds(9), std::chrono::seconds(5), 1u << 30, 64, 1u << 20, 1u << 20};

  paddock::Request terminal = plain;
  terminal.tty = paddock::TtyMode::kAlways;
  paddock::Request app = plain;
  app.policy.workload = paddock::Workload::kPackagedApp;
  return {plain, limited, terminal, app};
}

}  // namespace

int main(int argc, char** argv) {
  const auto backend = posix_limits::MakeBackend();
  int checked = 0, faults = 0;
  for (const std::string& name : std::vector<std::string>(argv + 1, argv + argc)) {
    const absl::StatusOr<paddock::Facts> facts = ReadFacts(name);
    if (!facts.ok()) std::printf("%s\n", facts.status().ToString().c_str());
    if (!facts.ok()) return 1;
    for (const paddock::Request& request : Requests(*facts)) {
      ++checked;
      for (const std::string& fault : paddock::ConformanceFaults(*backend, request, *facts)) {
        std::printf("%s: %s\n", name.c_str(), fault.c_str());
        ++faults;
      }
    }
  }
  std::printf("%d decisions checked, %d faults\n", checked, faults);
  return checked > 0 && faults == 0 ? 0 : 1;
}
