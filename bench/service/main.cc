// What a run through paddockd costs beside `paddock run` and bare bubblewrap, in turns. See bench/README.md.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/launchers/contenders.h"
#include "bench/launchers/spawn.h"
#include "bench/service/load.h"
#include "core/platform/posix/unique_fd.h"

namespace paddock::bench {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::string paddockd, paddock, bwrap = FindOnPath("bwrap");
  std::vector<int> at_once = {1, 8, 32};
  int rounds = 200, turns = 5, milliseconds = 1000, connections = 0;
  std::vector<std::string> daemon_arguments;
  std::string only;
  bool report = false;
};

// A daemon of its own, from start to end. It inherits a socket that listens already, as from systemd, so that nobody
// has to wait until it serves.
class Daemon {
 public:
  absl::Status Start(const Options& options, const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(socket.get(), SOMAXCONN) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("listening at ", path));
    }
    std::vector<std::string> words = {"/bin/sh", "-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"", "sh",
                                      options.paddockd};
    words.insert(words.end(), options.daemon_arguments.begin(), options.daemon_arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    constexpr int kFirstInherited = 3;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket.get(), kFirstInherited);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, absl::StrCat("starting ", options.paddockd));
  }
  ~Daemon() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  // Processor time of the daemon alone: its runners and commands are others.
  Seconds Used() const {
    std::ifstream file(absl::StrCat("/proc/", pid_, "/stat"));
    std::string text;
    std::getline(file, text);
    const std::vector<std::string> fields =
        absl::StrSplit(text.substr(std::min(text.size(), text.rfind(')') + 1)), ' ');
    constexpr size_t kUser = 12, kSystem = 13;  // of those after the name: utime and stime of proc_pid_stat(5)
    double user = 0, system = 0;
    if (fields.size() <= kSystem || !absl::SimpleAtod(fields[kUser], &user) ||
        !absl::SimpleAtod(fields[kSystem], &system)) {
      return Seconds(0);
    }
    return Seconds((user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
  }

 private:
  pid_t pid_ = -1;
};

Seconds OwnTime() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return Seconds(seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Contender {
  std::string name;
  std::function<absl::StatusOr<std::chrono::nanoseconds>()> once;
  std::function<absl::StatusOr<double>(int at_once, std::chrono::milliseconds duration)> rate;
};

Contender Program(const std::string& name, const Command& command) {
  return {
      name, [command] { return TimeOnce(command); },
      [command](int at_once, std::chrono::milliseconds duration) { return RunsPerSecond(command, at_once, duration); }};
}

std::vector<Contender> Contenders(const Options& options, const Target& target) {
  const std::string& ws = target.workspace;
  auto one = std::make_shared<std::unique_ptr<Load>>(MakeLoad(target, 1));
  const auto rate = [target, most = options.connections](int at_once, std::chrono::milliseconds duration) {
    const std::unique_ptr<Load> load = MakeLoad(target, most == 0 ? at_once : std::min(most, at_once));
    const auto warm = load->RunsPerSecond(at_once, std::chrono::milliseconds(0));  // connects
    return warm.ok() ? load->RunsPerSecond(at_once, duration) : warm;
  };
  std::vector<Contender> all = {{"paddockd", [one] { return (*one)->TimeOnce(); }, rate}};
  std::vector<std::string> run = {options.paddock, "run", "--"};
  std::vector<std::string> bare = {
      options.bwrap,      "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", ws, ws,
      "--die-with-parent"};
  for (std::vector<std::string>* words : {&run, &bare})
    words->insert(words->end(), target.argv.begin(), target.argv.end());
  all.push_back(Program("paddock run", {run, ws}));
  if (!options.bwrap.empty()) all.push_back(Program("bwrap", {bare, ws}));
  if (!options.only.empty()) std::erase_if(all, [&](const Contender& c) { return c.name != options.only; });
  return all;
}

absl::Status PrintLatency(const Options& options, const std::vector<Contender>& contenders) {
  std::map<std::string, std::vector<double>> times;
  for (int round = -1; round < options.rounds; ++round) {
    for (const Contender& contender : contenders) {
      const auto time = contender.once();
      if (!time.ok()) return time.status();
      if (round >= 0) times[contender.name].push_back(1000 * Seconds(*time).count());
    }
  }
  const double tool = Median(times["paddock run"]);
  std::printf("| latency | median ms | of `paddock run` |\n|---|---|---|\n");
  for (const Contender& contender : contenders) {
    const double median = Median(times[contender.name]);
    std::printf("| %s | %.2f | %.2f |\n", contender.name.c_str(), median, median / tool);
  }
  std::printf("\n");
  return absl::OkStatus();
}

// Ratios are taken within a turn, in which all contenders meet the same machine, and their median is told.
absl::Status PrintThroughput(const Options& options, int at_once, const std::vector<Contender>& contenders,
                             const Daemon& daemon) {
  std::map<std::string, std::vector<double>> rates, ratios, of_client, of_daemon;
  for (int turn = 0; turn < options.turns; ++turn) {
    std::map<std::string, double> now;
    for (const Contender& contender : contenders) {
      const Seconds client = OwnTime(), served = daemon.Used();
      const auto rate = contender.rate(at_once, std::chrono::milliseconds(options.milliseconds));
      if (!rate.ok()) return rate.status();
      now[contender.name] = *rate;
      const double runs = *rate * options.milliseconds / 1000;
      of_client[contender.name].push_back(1000 * (OwnTime() - client).count() / runs);
      of_daemon[contender.name].push_back(1000 * (daemon.Used() - served).count() / runs);
    }
    for (const auto& [name, rate] : now) {
      rates[name].push_back(rate);
      ratios[name].push_back(rate / now["paddock run"]);
    }
  }
  for (const Contender& contender : contenders) {
    const std::string& name = contender.name;
    std::printf("| %d | %s | %.0f | %.2f | %.2f | %.2f |\n", at_once, name.c_str(), Median(rates[name]),
                Median(ratios[name]), Median(of_client[name]), Median(of_daemon[name]));
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

absl::Status Measure(const Options& options, const std::string& directory) {
  const Target target{directory + "/s.sock", directory + "/ws", {"/bin/true"}, options.report};
  fs::create_directory(target.workspace);
  Daemon daemon;
  absl::Status started = daemon.Start(options, target.socket);
  if (!started.ok()) return started;
  const std::vector<Contender> contenders = Contenders(options, target);
  std::printf("%u cores, %s; `/bin/true`.\n\n", std::thread::hardware_concurrency(),
              geteuid() == 0 ? "as root" : "as an ordinary user");
  absl::Status latency = PrintLatency(options, contenders);
  if (!latency.ok()) return latency;
  std::printf("| at once | what | runs a second | of `paddock run` | client's ms of processor a run | daemon's |\n");
  std::printf("|---|---|---|---|---|---|\n");
  for (const int at_once : options.at_once) {
    absl::Status measured = PrintThroughput(options, at_once, contenders, daemon);
    if (!measured.ok()) return measured;
  }
  return absl::OkStatus();
}

int Run(const Options& options) {
  std::string directory = "/var/tmp/paddock-bench-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror("bench_service: no directory can be made in /var/tmp");
    return 1;
  }
  const absl::Status measured = Measure(options, directory);
  fs::remove_all(directory);
  if (measured.ok()) return 0;
  std::fprintf(stderr, "bench_service: %s\n", std::string(measured.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace paddock::bench

int main(int argc, char** argv) {
  paddock::bench::Options options;
  CLI::App app("Times runs through paddockd beside `paddock run` and bare bubblewrap.");
  app.add_option("--paddockd", options.paddockd, "the daemon to measure, absolute")->required();
  app.add_option("--paddock", options.paddock, "the tool to compare it with, absolute")->required();
  app.add_option("--bwrap", options.bwrap, "bubblewrap's program");
  app.add_option("--rounds", options.rounds, "of latency: runs of each")->capture_default_str();
  app.add_option("--at-once", options.at_once, "of throughput: runs at once")->capture_default_str();
  app.add_option("--turns", options.turns, "of throughput: how often each has its turn")->capture_default_str();
  app.add_option("--milliseconds", options.milliseconds, "of a turn")->capture_default_str();
  app.add_option("--connections", options.connections, "to the daemon; 0: one for each of those at once");
  app.add_option("--daemon-argument", options.daemon_arguments, "for paddockd; repeatable");
  app.add_flag("--report", options.report,
               "each run through paddockd gives its report, which `paddock run` does not make");
  app.add_option("--only", options.only, "the one contender to run: for a profiler");
  CLI11_PARSE(app, argc, argv);
  return paddock::bench::Run(options);
}
