#include "service/grpc_status.h"

#include <string>

#include "core/base/reason.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace paddock::service {
namespace {

constexpr char kDomain[] = "paddock";
constexpr char kRemedy[] = "remedy";
// Trailers share 8 KiB with all else that is in them.
constexpr size_t kLongestText = 2u << 10;

// Names of files may be in it, which are any bytes; a proto's string is UTF-8.
std::string Printable(absl::string_view text) {
  std::string clean(text.substr(0, kLongestText));
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) c = '?';
  }
  return clean;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::optional<Reason> reason = ReasonOf(status);
  const std::string message = Printable(reason.has_value() ? reason->detail : status.message());
  if (!reason.has_value()) return {code, message};
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(Printable(reason->code));
  (*info.mutable_metadata())[kRemedy] = Printable(reason->remedy);
  google::rpc::Status details;
  details.set_code(static_cast<int>(code));
  details.set_message(message);
  details.add_details()->PackFrom(info);
  return {code, message, details.SerializeAsString()};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (details.ParseFromString(status.error_details()) && details.details_size() > 0 &&
      details.details(0).UnpackTo(&info) && info.domain() == kDomain) {
    const auto remedy = info.metadata().find(kRemedy);
    return ReasonError(
        code, Reason{info.reason(), status.error_message(), remedy == info.metadata().end() ? "" : remedy->second});
  }
  return absl::Status(code, status.error_message());
}

}  // namespace paddock::service
