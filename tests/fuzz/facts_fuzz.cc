#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backends/appcontainer/backend.h"
#include "backends/linux_landlock/backend.h"
#include "backends/low_integrity/backend.h"
#include "backends/windows_sandbox/backend.h"
#include "backends/windows_token/backend.h"
#include "backends/wsl2/backend.h"
#include "core/doctor/doctor.h"
#include "core/host/facts.h"
#include "core/rubric/rubric.h"

// A facts file is read, written, read again, decided about and diagnosed. Whatever it holds, the second reading gives
// the same, every backend is either ranked or rejected with a reason, and where nothing may run something is found.

namespace paddock {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << '\n';
  std::abort();
}

void CheckDecision(const Facts& facts, Workload workload) {
  static const std::unique_ptr<Backend> kBackends[] = {MakeLinuxLandlockBackend(), MakeWindowsTokenBackend(),
                                                       MakeWsl2Backend(),          MakeWindowsSandboxBackend(),
                                                       MakeAppContainerBackend(),  MakeLowIntegrityBackend()};
  std::vector<const Backend*> backends;
  for (const auto& backend : kBackends) backends.push_back(backend.get());
  Request request;
  request.policy.workload = workload;
  request.policy.command_os = CommandOs::kAny;
  request.workspace = facts.workspace.root.real_path;
  request.write = {{request.workspace, false, ".", {}}};
  const Decision decision = Evaluate(backends, request, facts);
  for (const Rejection& rejection : decision.rejected) {
    if (rejection.reasons.empty()) Fail("rejected without a reason: " + ToString(rejection.backend));
  }
  if (decision.ranked.size() + decision.rejected.size() < backends.size()) Fail("a backend is left out");
  DumpJson(ToJson(decision));
  const Diagnosis diagnosis = Diagnose(backends, request, facts, "");
  for (const Finding& finding : diagnosis.findings) {
    if (finding.found.empty() || finding.remedies.empty()) Fail("a finding without a remedy: " + finding.id);
  }
  if (decision.ranked.empty() && diagnosis.findings.empty()) Fail("nothing may run, and nothing is found");
  DumpJson(ToJson(diagnosis));
}

}  // namespace
}  // namespace paddock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto json = paddock::ParseJson(absl::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!json.ok()) return 0;
  const auto facts = paddock::FactsFromJson(*json, "fuzz");
  if (!facts.ok()) return 0;
  const std::string written = paddock::DumpJson(paddock::ToJson(*facts));
  const auto again = paddock::ParseJson(written, "again");
  if (!again.ok()) paddock::Fail("what was written cannot be parsed");
  const auto same = paddock::FactsFromJson(*again, "again");
  if (!same.ok()) paddock::Fail(std::string(same.status().message()));
  if (paddock::DumpJson(paddock::ToJson(*same)) != written) paddock::Fail("the second reading differs");
  for (const auto workload : {paddock::Workload::kCoding, paddock::Workload::kComputerUse}) {
    paddock::CheckDecision(*facts, workload);
  }
  return 0;
}
