#include "service/daemon.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/status_macros.h"
#include "core/platform/files.h"
#include "core/policy/load.h"
#include "service/grpc_service.h"
#include "service/posix/event_loop.h"
#include "service/posix/listener.h"
#include "service/posix/log.h"
#include "service/posix/process.h"
#include "service/posix/zygote_process.h"

namespace paddock::service {
namespace {

constexpr int kStderr = 2;
constexpr int kLargestMessage = 4 << 20;  // bytes: an order, its environment, a file of facts
constexpr int kMostStreams = 256;         // of one connection
constexpr size_t kGrpcMemory = 256u << 20;
constexpr int kGrpcThreads = 64;
constexpr size_t kLargestPem = 1u << 20;
constexpr std::chrono::seconds kMetricsEvery{10};
constexpr std::chrono::seconds kShutdown{2};  // for gRPC to tell its clients

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MutualTls(const DaemonOptions::Tls& tls) {
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ASSIGN_OR_RETURN(options.pem_root_certs, ReadWholeFile(tls.client_authority, kLargestPem));
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  ASSIGN_OR_RETURN(pair.private_key, ReadWholeFile(tls.key, kLargestPem));
  ASSIGN_OR_RETURN(pair.cert_chain, ReadWholeFile(tls.certificate, kLargestPem));
  options.pem_key_cert_pairs.push_back(std::move(pair));
  return grpc::SslServerCredentials(options);
}

class Daemon {
 public:
  Daemon(const DaemonOptions& options, ZygoteProcess zygote, std::unique_ptr<EventLoop> loop, SignalSource signals)
      : options_(options), zygote_(std::move(zygote)), loop_(std::move(loop)), signals_(std::move(signals)) {}

  absl::Status Start() {
    RETURN_IF_ERROR(Listen());
    dispatcher_.emplace(
        loop_.get(), Dispatching(), [this] { return zygote_.NewRunner(); }, &log_);
    service_ = MakeGrpcService(loop_.get(), &*dispatcher_);
    RETURN_IF_ERROR(StartGrpc());
    RETURN_IF_ERROR(loop_->Watch(signals_.descriptor(), kReadable, [this](uint32_t) { OnSignal(); }));
    RETURN_IF_ERROR(loop_->Watch(zygote_.socket(), kReadable, [this](uint32_t) { OnZygoteEnd(); }));
    if (options_.metrics.has_value()) RETURN_IF_ERROR(StartMetrics());
    log_.Write("serving", {{"socket", listener_->path()},
                           {"tcp", options_.tls.has_value() ? options_.tls->address : ""},
                           {"tcp_port", tcp_port_},
                           {"ceiling", options_.dispatcher.ceiling.value_or("")}});
    return absl::OkStatus();
  }

  absl::Status Run() {
    loop_->Run();
    if (shutdown_.joinable()) shutdown_.join();
    WriteMetrics();
    log_.Write("ended");
    return end_;
  }

 private:
  absl::Status Listen() {
    Listener::Hooks hooks;
    hooks.on_connection = [this](UniqueFd connection) {
      ++dispatcher_->counters().connections;
      grpc::AddInsecureChannelFromFd(server_.get(), connection.release());
    };
    hooks.on_refused = [this](const Listener::Peer& peer, const char* why) {
      ++dispatcher_->counters().refused_peers;
      log_.Write("refused_peer", {{"why", why}, {"uid", peer.uid}, {"pid", peer.pid}});
    };
    hooks.on_closed = [] {};
    ASSIGN_OR_RETURN(listener_, Listener::Inherit(loop_.get(), options_.max_connections, hooks));
    if (listener_ != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(listener_, Listener::Bind(loop_.get(), options_.socket, options_.max_connections, hooks));
    return absl::OkStatus();
  }

  // What lies in /run is out of a command's sight anyway, and any socket that listens is masked where it is not; a
  // policy that grants a directory or a socket by name does not grant this one.
  DispatcherOptions Dispatching() const {
    DispatcherOptions options = options_.dispatcher;
    if (!PathIsWithin(listener_->path(), "/run")) options.hidden.push_back(listener_->path());
    if (options_.tls.has_value()) options.hidden.push_back(options_.tls->key);
    return options;
  }

  absl::Status StartGrpc() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    if (options_.tls.has_value()) {
      ASSIGN_OR_RETURN(const auto credentials, MutualTls(*options_.tls));
      builder.AddListeningPort(options_.tls->address, credentials, &tcp_port_);
    }
    grpc::ResourceQuota quota("paddockd");
    quota.Resize(kGrpcMemory);
    quota.SetMaxThreads(kGrpcThreads);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(kLargestMessage);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreams);
    // Pings that measure a connection's bandwidth, and statistics that nobody can ask for, cost each run as much as a
    // message.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
    // Only reflection has methods that take threads of their own: one is enough, and each that polls costs the others.
    builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || (options_.tls.has_value() && tcp_port_ == 0)) {
      return absl::UnavailableError(
          absl::StrCat("gRPC cannot serve", options_.tls.has_value() ? " at " + options_.tls->address : ""));
    }
    return absl::OkStatus();
  }

  absl::Status StartMetrics() {
    ASSIGN_OR_RETURN(metrics_timer_, Timer::Every(kMetricsEvery));
    WriteMetrics();
    return loop_->Watch(metrics_timer_.descriptor(), kReadable, [this](uint32_t) {
      metrics_timer_.Take();
      WriteMetrics();
    });
  }

  void WriteMetrics() {
    if (!options_.metrics.has_value()) return;
    Counters& counters = dispatcher_->counters();
    counters.open_connections = listener_->open();
    auto file = OutputFile::Open(*options_.metrics);
    const absl::Status written = file.ok() ? file->Commit(PrometheusText(counters)) : file.status();
    if (!written.ok()) log_.Write("metrics_failed", {{"error", std::string(written.message())}});
  }

  void OnSignal() {
    const int signal = signals_.Take();
    if (signal == 0) return;
    log_.Write("signal", {{"signal", signal}, {"draining", true}});
    Drain();
  }

  // The first time: what runs may go on. Again: it is ended.
  void Drain() {
    if (std::exchange(draining_, true)) return dispatcher_->EndAll();
    listener_->Close();
    auto timer = Timer::Once(options_.drain);
    if (timer.ok()) {
      drain_timer_ = *std::move(timer);
      const absl::Status watched = loop_->Watch(drain_timer_.descriptor(), kReadable, [this](uint32_t) {
        drain_timer_.Take();
        dispatcher_->EndAll();
      });
      if (!watched.ok()) dispatcher_->EndAll();
    }
    dispatcher_->Drain([this] { ShutDown(); });
  }

  // Everything on the loop's thread goes on: gRPC's last callbacks are posted there.
  void ShutDown() {
    shutdown_ = std::thread([this] {
      server_->Shutdown(std::chrono::system_clock::now() + kShutdown);
      server_->Wait();
      loop_->Post([this] { loop_->Stop(); });
    });
  }

  void OnZygoteEnd() {
    loop_->Forget(zygote_.socket());
    log_.Write("zygote_ended");
    end_ = absl::InternalError("paddock-zygote ended; every run has ended with it");
    Drain();
  }

  const DaemonOptions& options_;
  Log log_{kStderr};
  ZygoteProcess zygote_;
  const std::unique_ptr<EventLoop> loop_;
  SignalSource signals_;
  std::unique_ptr<Listener> listener_;
  std::optional<Dispatcher> dispatcher_;
  std::unique_ptr<v1::Paddock::CallbackService> service_;
  std::unique_ptr<grpc::Server> server_;
  int tcp_port_ = 0;
  Timer metrics_timer_, drain_timer_;
  bool draining_ = false;
  std::thread shutdown_;
  absl::Status end_;
};

}  // namespace

absl::Status ServeUntilSignalled(const DaemonOptions& options) {
  if (options.dispatcher.ceiling.has_value()) {
    RETURN_IF_ERROR(LoadPolicyFile(*options.dispatcher.ceiling).status());  // now, not at the first run
  }
  RaiseDescriptorLimit();
  ASSIGN_OR_RETURN(ZygoteProcess zygote, ZygoteProcess::Start(options.zygote));
  ASSIGN_OR_RETURN(SignalSource signals, SignalSource::Create());
  ASSIGN_OR_RETURN(std::unique_ptr<EventLoop> loop, EventLoop::Create());
  Daemon daemon(options, std::move(zygote), std::move(loop), std::move(signals));
  RETURN_IF_ERROR(daemon.Start());
  return daemon.Run();
}

}  // namespace paddock::service
