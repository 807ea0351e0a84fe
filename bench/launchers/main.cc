// Times sandbox launchers side by side, in rounds that take turns, and prints medians and ratios as Markdown. See
// bench/README.md.
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/launchers/contenders.h"
#include "bench/launchers/spawn.h"

namespace paddock::bench {
namespace {

namespace fs = std::filesystem;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Options {
  Programs programs;
  std::string policies = PADDOCK_BENCH_POLICIES;
  std::string scratch = "/var/tmp";
  int rounds = 200;
  int rules = 1000;
  bool quick = false;
};

struct Samples {
  const Contender* contender = nullptr;
  std::vector<double> milliseconds;
  std::string failure;
};

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

// Everybody in turn, in an order drawn anew each round, so that nobody always follows the same neighbour: what a
// launcher leaves to the kernel to clean up, the next one pays for. Who takes over 100 ms comes to a tenth of the
// rounds, five at least.
std::vector<Samples> Race(const std::vector<Contender>& contenders, int rounds) {
  const int slow_every = std::clamp(rounds / 5, 1, 10);
  std::vector<Samples> all;
  std::vector<bool> slow;
  for (const Contender& contender : contenders) {
    Samples samples{&contender, {}, ""};
    if (absl::Status status = TryOut(contender.command); !status.ok()) samples.failure = std::string(status.message());
    absl::StatusOr<std::chrono::nanoseconds> warm = TimeOnce(contender.command);
    slow.push_back(warm.ok() && *warm > std::chrono::milliseconds(100));
    all.push_back(std::move(samples));
  }
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::minstd_rand random;
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t turn : order) {
      Samples& samples = all[turn];
      if (!samples.failure.empty() || (slow[turn] && round % slow_every != 0)) continue;
      absl::StatusOr<std::chrono::nanoseconds> time = TimeOnce(samples.contender->command);
      if (time.ok()) {
        samples.milliseconds.push_back(Milliseconds(*time).count());
      } else {
        samples.failure = std::string(time.status().message());
      }
    }
  }
  return all;
}

// False if one of Paddock's own did not work.
bool PrintTable(const std::vector<Samples>& all) {
  double yardstick = 0;
  bool good = true;
  for (const Samples& s : all) {
    if (s.contender->is_yardstick && s.failure.empty()) yardstick = Quantile(s.milliseconds, 0.5);
  }
  std::printf("| what | median ms | 90th percentile | ratio to bubblewrap | runs |\n|---|---|---|---|---|\n");
  for (const Samples& s : all) {
    if (!s.failure.empty()) {
      std::printf("| %s | did not work: %s | | | |\n", s.contender->name.c_str(), s.failure.c_str());
      good = good && s.contender->name.rfind("Paddock", 0) != 0;
      continue;
    }
    const double median = Quantile(s.milliseconds, 0.5);
    const std::string ratio = yardstick > 0 ? absl::StrFormat("%.2f", median / yardstick) : "";
    std::printf("| %s | %.2f | %.2f | %s | %zu |\n", s.contender->name.c_str(), median, Quantile(s.milliseconds, 0.9),
                ratio.c_str(), s.milliseconds.size());
  }
  std::printf("\n");
  return good;
}

// A workspace like a developer's: a git repository with a few files.
absl::Status MakeWorkspace(const Scene& scene) {
  fs::create_directories(scene.workspace + "/src");
  std::ofstream(scene.workspace + "/src/main.c") << "int main(void) { return 0; }\n";
  const std::string git = FindOnPath("git");
  if (git.empty()) return absl::NotFoundError("git is not on PATH; scripts/setup_debian installs it");
  return TryOut({{git, "init", "-q", scene.workspace}, ""});
}

void PrintHost(const Scene& scene) {
  utsname name{};
  uname(&name);
  std::printf("Linux %s, %s, %u cores, %s. Command: /bin/true. Medians over rounds that take turns.\n\n", name.release,
              name.machine, std::thread::hardware_concurrency(), geteuid() == 0 ? "as root" : "as an ordinary user");
  const std::pair<const char*, const std::string*> others[] = {{"bwrap", &scene.programs.bwrap},
                                                               {"codex", &scene.programs.codex},
                                                               {"srt", &scene.programs.srt},
                                                               {"lxc-exec (MXC)", &scene.programs.mxc}};
  for (const auto& [what, path] : others) {
    if (path->empty()) std::printf("Not installed here, so not in the table: %s.\n\n", what);
  }
}

bool PrintManyRules(const Options& options, const Scene& scene) {
  std::vector<std::string> directories;
  for (int i = 0; i < options.rules; ++i) {
    directories.push_back(absl::StrCat(scene.workspace, "/many/d", i));
    fs::create_directories(directories.back());
  }
  bool good = true;
  for (const bool masked : {false, true}) {
    std::printf("%d %s in the workspace:\n\n", options.rules,
                masked ? "hidden directories (masks)" : "read-only directories (grants)");
    const std::vector<Contender> contenders = ManyRules(scene, directories, masked);
    good = PrintTable(Race(contenders, std::max(5, options.rounds / 10))) && good;
  }
  return good;
}

bool PrintMemory(const Scene& scene) {
  constexpr std::chrono::milliseconds kLife(400);
  std::printf("Largest resident set of the launcher itself:\n\n| what | MiB |\n|---|---|\n");
  bool good = true;
  for (const Contender& contender : AllContenders(scene, {"/bin/sleep", "0.4"})) {
    const absl::StatusOr<uint64_t> bytes = PeakResident(contender.command, kLife);
    if (bytes.ok()) {
      std::printf("| %s | %.1f |\n", contender.name.c_str(), static_cast<double>(*bytes) / (1 << 20));
    } else {
      std::printf("| %s | %s |\n", contender.name.c_str(), std::string(bytes.status().message()).c_str());
      good = good && contender.name.rfind("Paddock", 0) != 0;
    }
  }
  std::printf("\n");
  return good;
}

void PrintThroughput(const Scene& scene) {
  std::printf("Runs a second, by number of workers:\n\n| what | 1 | 4 | 8 |\n|---|---|---|---|\n");
  for (const Contender& contender : AllContenders(scene, {"/bin/true"})) {
    if (!TryOut(contender.command).ok()) continue;
    std::printf("| %s |", contender.name.c_str());
    for (const int workers : {1, 4, 8}) {
      const absl::StatusOr<double> rate = RunsPerSecond(contender.command, workers, std::chrono::seconds(2));
      std::printf(" %s |", rate.ok() ? absl::StrFormat("%.0f", *rate).c_str() : "failed");
    }
    std::printf("\n");
  }
  std::printf("\n");
}

int Run(const Options& options) {
  std::string scratch = absl::StrCat(options.scratch, "/paddock-bench-XXXXXX");
  if (mkdtemp(scratch.data()) == nullptr) {
    std::fprintf(stderr, "launchers: no directory can be made in %s: %s\n", options.scratch.c_str(), strerror(errno));
    return 1;
  }
  const Scene scene{options.programs, scratch + "/workspace", options.policies, scratch};
  bool good = false;
  if (absl::Status status = MakeWorkspace(scene); status.ok()) {
    PrintHost(scene);
    const std::vector<Contender> contenders = AllContenders(scene, {"/bin/true"});
    good = PrintTable(Race(contenders, options.rounds));
    good = PrintMemory(scene) && good;
    if (!options.quick) {
      PrintThroughput(scene);
      good = PrintManyRules(options, scene) && good;  // last: its directories are in the workspace from then on
    }
  } else {
    std::fprintf(stderr, "launchers: making a workspace: %s\n", std::string(status.message()).c_str());
  }
  fs::remove_all(scratch);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace paddock::bench

int main(int argc, char** argv) {
  paddock::bench::Options options;
  options.programs.bwrap = paddock::bench::FindOnPath("bwrap");
  options.programs.codex = paddock::bench::FindOnPath("codex");
  options.programs.srt = paddock::bench::FindOnPath("srt");
  options.programs.mxc = paddock::bench::FindOnPath("lxc-exec");

  CLI::App app("Times sandbox launchers side by side.");
  app.add_option("--paddock", options.programs.paddock, "the paddock to measure, absolute")->required();
  app.add_option("--bwrap", options.programs.bwrap, "bubblewrap's program");
  app.add_option("--codex", options.programs.codex, "Codex's own binary, not its node wrapper");
  app.add_option("--srt", options.programs.srt, "srt, which needs node, ripgrep and socat");
  app.add_option("--mxc", options.programs.mxc, "MXC's lxc-exec");
  app.add_option("--policies", options.policies, "directory of the policy files");
  app.add_option("--scratch", options.scratch, "where a workspace may be made")->capture_default_str();
  app.add_option("--rounds", options.rounds, "runs of each")->check(CLI::Range(5, 100000))->capture_default_str();
  app.add_option("--rules", options.rules, "how many grants and masks")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "the first two tables only");
  CLI11_PARSE(app, argc, argv);
  return paddock::bench::Run(options);
}
