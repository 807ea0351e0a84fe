#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/platform/caller.h"
#include "core/platform/files.h"
#include "service/daemon.h"
#include "service/posix/process.h"

// paddockd(1); docs/service.md is its manual.

namespace {

using paddock::service::DaemonOptions;

constexpr int kExitFailed = 125, kExitUsage = 2;

// Beside this program, or where it is installed.
std::string DefaultZygote(const std::string& executable) {
  const std::string directory(paddock::ParentPath(executable));
  const std::string beside = paddock::JoinPath(directory, "paddock-zygote");
  return paddock::service::IsProgram(beside) ? beside
                                             : paddock::JoinPath(directory, "../libexec/paddock/paddock-zygote");
}

std::string DefaultSocket() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime == nullptr || *runtime != '/' ? "" : absl::StrCat(runtime, "/paddock/paddockd.sock");
}

int Fail(int status, absl::string_view message) {
  std::cerr << "paddockd: " << message << "\n";
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  DaemonOptions options;
  options.socket = DefaultSocket();
  DaemonOptions::Tls tls;
  std::string policy, metrics;
  unsigned kept_kib = 1024, kept_seconds = 600, stalled_seconds = 600, drain_seconds = 30;
  CLI::App app("Serves paddock.v1.Paddock: sandboxed runs for programs, over gRPC.", "paddockd");
  app.add_option("--socket", options.socket,
                 "unix socket to serve at (default: $XDG_RUNTIME_DIR/paddock/paddockd.sock)");
  app.add_option("--policy", policy, "a policy that no request can exceed, besides the administrator's");
  app.add_option("--zygote", options.zygote, "the program paddock-zygote (default: beside this one)");
  app.add_option("--max-runs", options.dispatcher.max_runs, "runs at once")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--queue", options.dispatcher.queue, "runs that wait")
      ->check(CLI::Range(0, 65536))
      ->capture_default_str();
  app.add_option("--max-connections", options.max_connections, "connections at once")
      ->check(CLI::Range(1, 8192))
      ->capture_default_str();
  app.add_option("--kept-runs", options.dispatcher.kept_runs, "runs that have ended and are kept")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--kept-seconds", kept_seconds, "how long")->check(CLI::Range(0u, 604800u))->capture_default_str();
  app.add_option("--kept-output", kept_kib, "KiB of output of each run that is kept")
      ->check(CLI::Range(256u, 1048576u))
      ->capture_default_str();
  app.add_option("--stalled-seconds", stalled_seconds,
                 "how long a client may take nothing of its run's output; 0: for ever")
      ->check(CLI::Range(0u, 604800u))
      ->capture_default_str();
  app.add_option("--drain", drain_seconds, "seconds that runs have to end after SIGTERM")
      ->check(CLI::Range(0u, 86400u))
      ->capture_default_str();
  app.add_option("--metrics", metrics, "file to keep counters in, in Prometheus' text format");
  app.add_option("--listen-tcp", tls.address, "HOST:PORT to serve at as well, with mutual TLS");
  app.add_option("--tls-certificate", tls.certificate, "PEM file: the server's chain");
  app.add_option("--tls-key", tls.key, "PEM file: its private key");
  app.add_option("--tls-client-ca", tls.client_authority, "PEM file: who signs clients' certificates");
  app.set_version_flag("--version", absl::StrCat("paddockd ", PADDOCK_VERSION));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : kExitUsage;
  }
  const auto caller = paddock::ReadCaller();
  if (!caller.ok()) return Fail(kExitFailed, caller.status().message());
  const auto absolute = [&](const std::string& path) {
    return path.empty() ? path : paddock::JoinPath(caller->cwd, path);
  };
  const bool any_tls =
      !tls.address.empty() || !tls.certificate.empty() || !tls.key.empty() || !tls.client_authority.empty();
  const bool all_tls =
      !tls.address.empty() && !tls.certificate.empty() && !tls.key.empty() && !tls.client_authority.empty();
  if (any_tls && !all_tls) {
    return Fail(kExitUsage,
                "--listen-tcp, --tls-certificate, --tls-key and --tls-client-ca go together: there is no TCP without "
                "mutual TLS");
  }
  if (options.socket.empty() && std::getenv("LISTEN_FDS") == nullptr) {
    return Fail(kExitUsage, "--socket PATH is needed where XDG_RUNTIME_DIR is not set");
  }
  options.socket = absolute(options.socket);
  options.zygote = options.zygote.empty() ? DefaultZygote(caller->executable) : absolute(options.zygote);
  if (!policy.empty()) options.dispatcher.ceiling = absolute(policy);
  if (!metrics.empty()) options.metrics = absolute(metrics);
  if (all_tls) {
    tls.key = absolute(tls.key);
    options.tls = tls;
  }
  options.dispatcher.kept_for = std::chrono::seconds(kept_seconds);
  options.dispatcher.stalled_for = std::chrono::seconds(stalled_seconds);
  options.dispatcher.kept_bytes = size_t{kept_kib} << 10;
  options.drain = std::chrono::seconds(drain_seconds);
  const absl::Status served = paddock::service::ServeUntilSignalled(options);
  return served.ok() ? 0 : Fail(kExitFailed, served.message());
}
