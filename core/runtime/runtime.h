#ifndef PADDOCK_CORE_RUNTIME_RUNTIME_H_
#define PADDOCK_CORE_RUNTIME_RUNTIME_H_

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/backend/backend.h"
#include "core/backend/launcher.h"
#include "core/host/probe.h"
#include "core/report/report.h"
#include "core/request/request.h"
#include "core/rubric/decision.h"
#include "core/rubric/rubric.h"

namespace paddock {

// A command that runs in its sandbox. Destroying it ends the tree.
class ActiveRun {
 public:
  virtual ~ActiveRun() = default;

  // For input, window size and signals, from any thread and also while Wait() runs.
  virtual Sandbox& sandbox() = 0;

  // Sandbox::Wait(), and what there is to report: call it once, instead of the sandbox's own. The sink gets
  // ExitedEvent last.
  virtual Report Wait() = 0;
};

// The whole flow: probe, decide, plan, launch, wait. Names no concrete backend: composition roots (cli, service, capi)
// register them. Configure it first, then use it from any thread.
class Runtime {
 public:
  // `rules` rank the backends (core/rubric/rubric.h); they are copied.
  explicit Runtime(std::unique_ptr<HostProbe> probe, absl::Span<const Rule> rules = Rules())
      : probe_(std::move(probe)), rules_(rules.begin(), rules.end()) {}

  void Register(std::unique_ptr<Backend> backend);
  void Register(std::unique_ptr<Launcher> launcher);

  // Facts of this host for `request`.
  absl::StatusOr<Facts> Probe(const Request& request) const;
  Decision Decide(const Request& request, const Facts& facts) const;

  // NotFound (`unknown_backend`) if no backend of that name is registered, else what Backend::Plan says.
  absl::StatusOr<LaunchPlan> Plan(const BackendRef& ref, const Request& request, const Facts& facts) const;

  // Runs the command to its end. Always gives a report: a refusal is an outcome. `sink` gets ExitedEvent once and last,
  // also when nothing ran.
  Report Run(const Request& request, const Stdio& stdio, EventSink& sink) const;

  // The first half of Run: a command that runs, or the report on why none does. `sink` must outlive what is returned.
  std::variant<std::unique_ptr<ActiveRun>, Report> Start(const Request& request, const Stdio& stdio,
                                                         EventSink& sink) const;

  // The same, for a caller that has probed and decided already (to show the decision first, say). Walks
  // `decision.ranked`: only Unavailable, or a missing launcher, leads on to the next candidate; each such step is told
  // by a NoticeEvent and recorded in the report. Any other error ends the run. A plan that promises less than the
  // request requires is refused, whatever the decision said.
  std::variant<std::unique_ptr<ActiveRun>, Report> StartDecided(const Request& request, const Facts& facts,
                                                                const Decision& decision, const Stdio& stdio,
                                                                EventSink& sink) const;

  std::vector<const Backend*> backends() const;

 private:
  // Plans into `plan`, checks it against the requirements, and launches it.
  absl::StatusOr<std::unique_ptr<Sandbox>> Launch(const BackendRef& backend, const Request& request, const Facts& facts,
                                                  const Stdio& stdio, EventSink& sink, LaunchPlan& plan) const;
  // The same, with new facts a few times where a path is not what it was when it was looked at (`path_changed`):
  // another run in the workspace may have ended meanwhile. Nothing ran then.
  absl::StatusOr<std::unique_ptr<Sandbox>> LaunchAnew(const BackendRef& backend, const Request& request,
                                                      const Facts& facts, const Stdio& stdio, EventSink& sink,
                                                      LaunchPlan& plan) const;

  std::unique_ptr<HostProbe> probe_;
  std::vector<Rule> rules_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::vector<std::unique_ptr<Launcher>> launchers_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_RUNTIME_RUNTIME_H_
