// What happens between the command line and the launch, stage by stage, for the host and the directory that it runs in.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "compose/registry.h"
#include "core/platform/caller.h"
#include "core/policy/load.h"
#include "core/policy/merge.h"
#include "core/request/request.h"
#include "core/runtime/runtime.h"

namespace paddock {
namespace {

constexpr absl::string_view kUserPolicy = R"(
extends = "coding"
[filesystem]
write     = [".", "~/.cache"]
deny_read = ["@inherited", "~/.config/tokens", "**/*.pem"]
[network]
mode = "off"
[environment]
set = { CI = "1" }
[limits]
wall   = "10m"
memory = "4GiB"
[require]
write = "confined"
)";

// Ends the program: a benchmark of a failure would be a lie.
template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "bench_core: %s\n", value.status().ToString().c_str());
  std::exit(1);
}

Policy UserPolicy(const Caller& caller) {
  PolicySources sources;
  sources.user = PolicyFile{"policy.toml", OrDie(ParsePolicy(kUserPolicy, "policy.toml", PolicyFormat::kToml))};
  sources.workspace = caller.cwd;
  sources.home = caller.home;
  return OrDie(BuildPolicy(sources));
}

Request MakeBuildRequest(const Caller& caller) {
  RequestOptions options;
  options.command = {"make", "test"};
  return OrDie(MakeRequest(UserPolicy(caller), options, caller));
}

void ParseAndMergePolicy(benchmark::State& state) {
  const Caller caller = OrDie(ReadCaller());
  for (auto _ : state) benchmark::DoNotOptimize(UserPolicy(caller));
}
BENCHMARK(ParseAndMergePolicy);

void ResolveRequest(benchmark::State& state) {
  const Caller caller = OrDie(ReadCaller());
  const Policy policy = UserPolicy(caller);
  RequestOptions options;
  options.command = {"make", "test"};
  for (auto _ : state) benchmark::DoNotOptimize(MakeRequest(policy, options, caller));
}
BENCHMARK(ResolveRequest);

void ProbeThisHost(benchmark::State& state) {
  const Caller caller = OrDie(ReadCaller());
  const std::unique_ptr<Runtime> runtime = MakeRuntime(caller, {kThisProgram});
  const Request request = MakeBuildRequest(caller);
  for (auto _ : state) benchmark::DoNotOptimize(OrDie(runtime->Probe(request)));
}
BENCHMARK(ProbeThisHost);

void DecideOverAllBackends(benchmark::State& state) {
  const Caller caller = OrDie(ReadCaller());
  const std::unique_ptr<Runtime> runtime = MakeRuntime(caller, {kThisProgram});
  const Request request = MakeBuildRequest(caller);
  const Facts facts = OrDie(runtime->Probe(request));
  for (auto _ : state) benchmark::DoNotOptimize(runtime->Decide(request, facts));
}
BENCHMARK(DecideOverAllBackends);

void PlanNamespaces(benchmark::State& state) {
  const Caller caller = OrDie(ReadCaller());
  const std::unique_ptr<Runtime> runtime = MakeRuntime(caller, {kThisProgram});
  const Request request = MakeBuildRequest(caller);
  const Facts facts = OrDie(runtime->Probe(request));
  const BackendRef backend{"linux_landlock", "namespaces"};
  for (auto _ : state) benchmark::DoNotOptimize(OrDie(runtime->Plan(backend, request, facts)));
}
BENCHMARK(PlanNamespaces);

}  // namespace
}  // namespace paddock

BENCHMARK_MAIN();
