#include "tests/support/process_faults.h"

#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/file_tree.h"

namespace paddock {
namespace {

using access::NormalTreePath;

class Faults {
 public:
  void Same(absl::string_view subject, bool same, absl::string_view what) {
    if (!same) found.push_back(absl::StrCat(subject, ": ", what));
  }
  std::vector<std::string> found;
};

std::string Variable(const ProcessSpec& process, absl::string_view name) {
  for (const std::string& entry : process.environment) {
    const size_t split = entry.find('=');
    if (absl::EqualsIgnoreCase(entry.substr(0, split), name)) return entry.substr(split + 1);
  }
  return "";
}

void CheckJob(const WindowsScene& scene, const JobSpec& job, const LimitsPolicy& watched, Faults& faults) {
  const LimitsPolicy& limits = scene.request.policy.limits;
  faults.Same("job", job.kill_on_close, "the tree outlives Paddock");
  faults.Same("job", job.die_on_unhandled_exception, "a crash waits for somebody to click");
  std::optional<uint64_t> processes;
  if (limits.processes) processes = *limits.processes;
  faults.Same("job", job.processes == processes, "another number of processes");
  faults.Same("job", job.memory == limits.memory, "another amount of memory");
  faults.Same("job", job.cpu == limits.cpu, "another time");
  std::set<std::string> wanted = {"desktop", "displaysettings", "exitwindows",      "globalatoms",
                                  "handles", "readclipboard",   "systemparameters", "writeclipboard"};
  if (!scene.facts.host.windows_host.in_job.no()) wanted.clear();
  faults.Same("job", std::set<std::string>(job.ui_limits.begin(), job.ui_limits.end()) == wanted,
              "other limits on windows");
  faults.Same("job", watched.wall == limits.wall, "another wall-clock time");
  faults.Same("job", watched.output == limits.output, "another amount of output");
}

void CheckEnvironment(const WindowsScene& scene, const ProcessExpectation& expected, const ProcessSpec& process,
                      Faults& faults) {
  std::set<std::string> names;
  std::string last;
  for (const std::string& entry : process.environment) {
    const std::string name = absl::AsciiStrToUpper(entry.substr(0, entry.find('=')));
    faults.Same("process", names.insert(name).second && last < name,
                absl::StrCat(name, " is there twice, or out of order"));
    last = name;
  }
  faults.Same("process", Variable(process, "PADDOCK_SANDBOX") == expected.backend,
              "the command cannot tell where it runs");
  for (const char* const name : {"TEMP", "TMP"}) {
    faults.Same("process", Variable(process, name) == expected.tmp, absl::StrCat(name, " lies elsewhere"));
  }
  for (const char* const name : {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
    faults.Same("process", (Variable(process, name) == "http://127.0.0.1:9") == expected.offline,
                absl::StrCat(name, " says something else of the network"));
  }
  if (scene.request.policy.filesystem.home == HomeMode::kReadOnly) return;
  for (const char* const name :
       {"npm_config_cache", "PIP_CACHE_DIR", "NUGET_PACKAGES", "CARGO_HOME", "GOCACHE", "DOTNET_CLI_HOME"}) {
    faults.Same("process", absl::StartsWith(Variable(process, name), absl::StrCat(expected.writable, "\\")),
                absl::StrCat(name, " leads to where nothing can be written"));
  }
}

}  // namespace

std::vector<std::string> ProcessFaults(const WindowsScene& scene, const ProcessExpectation& expected,
                                       const JobSpec& job, const LimitsPolicy& limits, const ProcessSpec& process) {
  Faults faults;
  CheckJob(scene, job, limits, faults);
  faults.Same("process", process.command == scene.request.command, "another command");
  faults.Same("process", NormalTreePath(process.cwd) == NormalTreePath(expected.cwd), "another working directory");
  faults.Same("process", process.tty == (scene.request.tty == TtyMode::kAlways), "another kind of stream");
  const std::vector<std::string> streams = {"stdin", "stdout", "stderr"};
  faults.Same("process", process.handles == (process.tty ? std::vector<std::string>() : streams),
              "other handles inherited");
  const std::set<std::string> mitigations(process.mitigations.begin(), process.mitigations.end());
  const std::set<std::string> wanted = {"image_load_no_remote", "image_load_no_low_label", "extension_point_disable"};
  faults.Same("process", mitigations == wanted, "other mitigations");
  CheckEnvironment(scene, expected, process, faults);
  return std::move(faults.found);
}

}  // namespace paddock
