// Access checks a second on one core: a typical file of a profile or workspace, and the tokens that are asked about.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>

#include "core/access/check.h"
#include "core/access/compose.h"
#include "core/access/sddl.h"

namespace paddock::access {
namespace {

constexpr char kFile[] =
    "O:S-1-5-21-1-2-3-1001D:AI(D;;0x40;;;S-1-5-21-1-2-3-1007)(A;ID;0x1301bf;;;S-1-5-21-900-11-12-13)"
    "(A;ID;0x1200a9;;;S-1-5-21-1-2-3-1005)(A;ID;0x1200a9;;;S-1-5-21-1-2-3-1006)(A;ID;FA;;;SY)(A;ID;FA;;;BA)"
    "(A;ID;FA;;;S-1-5-21-1-2-3-1001)(A;ID;0x1200a9;;;BU)";

SecurityDescriptor Descriptor() {
  absl::StatusOr<SecurityDescriptor> descriptor = ParseSddl(kFile);
  if (descriptor.ok()) return *std::move(descriptor);
  std::fprintf(stderr, "bench_access: %s\n", descriptor.status().ToString().c_str());
  std::exit(1);
}

// A user with a dozen groups, as a domain account has them.
Token UserToken() {
  Token token;
  token.user = token.owner = Sid(5, {21, 1, 2, 3, 1001});
  for (uint32_t rid = 1101; rid < 1107; ++rid) token.groups.push_back({Sid(5, {21, 1, 2, 3, rid})});
  token.groups.insert(token.groups.end(),
                      {{kEveryone}, {kUsers}, {kInteractive}, {kAuthenticatedUsers}, {Sid(5, {15})}});
  token.groups.push_back({Sid(5, {5, 0, 77}), true, false, true});
  token.privileges = {Privilege::kChangeNotify};
  return token;
}

// Four restricting SIDs: capability, run, logon session, Everyone.
Token RunToken() {
  return *ComposeRunToken(UserToken(), {{Sid(5, {21, 900, 11, 12, 13})}, Sid(5, {21, 900, 21, 22, 23}), false});
}

void Measure(benchmark::State& state, const Token& token, uint32_t wanted) {
  const SecurityDescriptor descriptor = Descriptor();
  const GenericMapping& mapping = MappingOf(ObjectType::kFile);
  for (auto _ : state) benchmark::DoNotOptimize(Check(token, descriptor, wanted, mapping));
  state.SetItemsProcessed(state.iterations());
}

void CheckReadAsUser(benchmark::State& state) { Measure(state, UserToken(), kGenericRead); }
BENCHMARK(CheckReadAsUser);

void CheckWriteAsRun(benchmark::State& state) { Measure(state, RunToken(), kGenericRead | kGenericWrite); }
BENCHMARK(CheckWriteAsRun);

// Denied: every entry is looked at.
void CheckWriteDacAsRun(benchmark::State& state) { Measure(state, RunToken(), kWriteDac); }
BENCHMARK(CheckWriteDacAsRun);

void MaximumAsRun(benchmark::State& state) {
  const SecurityDescriptor descriptor = Descriptor();
  const Token token = RunToken();
  const GenericMapping& mapping = MappingOf(ObjectType::kFile);
  for (auto _ : state) benchmark::DoNotOptimize(MaximumAllowed(token, descriptor, mapping));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(MaximumAsRun);

void ParseSddlOfAFile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseSddl(kFile));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ParseSddlOfAFile);

}  // namespace
}  // namespace paddock::access

BENCHMARK_MAIN();
