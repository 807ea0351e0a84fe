#ifndef PADDOCK_SERVICE_COUNTERS_H_
#define PADDOCK_SERVICE_COUNTERS_H_

#include <cstdint>
#include <map>
#include <string>

namespace paddock::service {

// What the daemon has done. On the loop's thread.
struct Counters {
  uint64_t connections = 0, refused_peers = 0;
  uint64_t runs_started = 0, questions = 0, busy = 0, stalled = 0;
  std::map<std::string, uint64_t> runs_ended;  // by kind of end
  uint64_t output_bytes = 0;
  double run_seconds = 0;
  // Now.
  uint64_t running = 0, waiting = 0, kept = 0, open_connections = 0;
};

// In Prometheus' text format, version 0.0.4.
std::string PrometheusText(const Counters& counters);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_COUNTERS_H_
