#include "service/counters.h"

#include "absl/strings/str_cat.h"

namespace paddock::service {
namespace {

struct Row {
  absl::string_view name, kind, help;
  uint64_t Counters::*value;
};
constexpr Row kRows[] = {
    {"paddockd_connections_total", "counter", "Connections taken.", &Counters::connections},
    {"paddockd_refused_peers_total", "counter", "Connections refused for who made them.", &Counters::refused_peers},
    {"paddockd_runs_started_total", "counter", "Runs that got a runner.", &Counters::runs_started},
    {"paddockd_questions_total", "counter", "Questions: probe, explain, plan, audit.", &Counters::questions},
    {"paddockd_busy_total", "counter", "Runs and questions refused because too many were there.", &Counters::busy},
    {"paddockd_stalled_clients_total", "counter", "Clients that were detached since they took nothing.",
     &Counters::stalled},
    {"paddockd_output_bytes_total", "counter", "Output of commands.", &Counters::output_bytes},
    {"paddockd_running", "gauge", "Runs that run.", &Counters::running},
    {"paddockd_waiting", "gauge", "Runs that wait for their turn.", &Counters::waiting},
    {"paddockd_kept", "gauge", "Runs that have ended and are kept.", &Counters::kept},
    {"paddockd_open_connections", "gauge", "Connections that are open.", &Counters::open_connections},
};

}  // namespace

std::string PrometheusText(const Counters& counters) {
  std::string text;
  const auto head = [&](absl::string_view name, absl::string_view kind, absl::string_view help) {
    absl::StrAppend(&text, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind, "\n");
  };
  for (const Row& row : kRows) {
    head(row.name, row.kind, row.help);
    absl::StrAppend(&text, row.name, " ", counters.*row.value, "\n");
  }
  head("paddockd_run_seconds_total", "counter", "Time from the start of runs to their end.");
  absl::StrAppend(&text, "paddockd_run_seconds_total ", counters.run_seconds, "\n");
  head("paddockd_runs_ended_total", "counter", "Runs that have ended, by how.");
  for (const auto& [kind, count] : counters.runs_ended) {
    absl::StrAppend(&text, "paddockd_runs_ended_total{kind=\"", kind, "\"} ", count, "\n");
  }
  return text;
}

}  // namespace paddock::service
