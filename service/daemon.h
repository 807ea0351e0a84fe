#ifndef PADDOCK_SERVICE_DAEMON_H_
#define PADDOCK_SERVICE_DAEMON_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "service/dispatcher.h"

namespace paddock::service {

struct DaemonOptions {
  std::string socket;  // absolute; unless systemd handed one in
  std::string zygote;  // the program `paddock-zygote`, absolute
  DispatcherOptions dispatcher;
  size_t max_connections = 256;
  std::chrono::seconds drain{30};
  std::optional<std::string> metrics;  // a file for node_exporter's textfile collector

  // TCP with mutual TLS; all four or none.
  struct Tls {
    std::string address;                             // HOST:PORT
    std::string certificate, key, client_authority;  // files, PEM
  };
  std::optional<Tls> tls;
};

// Serves until SIGTERM, SIGINT or SIGHUP, then until nothing runs any more or `drain` is over. Before this process has
// any thread.
absl::Status ServeUntilSignalled(const DaemonOptions& options);

}  // namespace paddock::service

#endif  // PADDOCK_SERVICE_DAEMON_H_
