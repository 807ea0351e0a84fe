#include "core/report/outcome.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

constexpr int kExitTimedOut = 124;
constexpr int kExitPaddock = 125;
constexpr int kExitNotExecutable = 126;
constexpr int kExitNotFound = 127;
constexpr int kExitSignalBase = 128;

}  // namespace

absl::string_view Name(ExitKind kind) {
  switch (kind) {
    case ExitKind::kExited:
      return "exited";
    case ExitKind::kSignalled:
      return "signalled";
    case ExitKind::kWallLimit:
      return "wall";
    case ExitKind::kOutputLimit:
      return "output";
    case ExitKind::kMemoryLimit:
      return "memory";
    case ExitKind::kProcessLimit:
      return "processes";
    case ExitKind::kCpuLimit:
      return "cpu";
    case ExitKind::kRefused:
      return "refused";
    case ExitKind::kNotFound:
      return "not-found";
    case ExitKind::kNotExecutable:
      return "not-executable";
    case ExitKind::kFailed:
      return "failed";
  }
  return "failed";
}

int ExitStatus(const Outcome& outcome) {
  switch (outcome.kind) {
    case ExitKind::kExited:
      return outcome.code;
    case ExitKind::kSignalled:
      return kExitSignalBase + outcome.signal;
    case ExitKind::kWallLimit:
      return kExitTimedOut;
    case ExitKind::kNotExecutable:
      return kExitNotExecutable;
    case ExitKind::kNotFound:
      return kExitNotFound;
    case ExitKind::kOutputLimit:
    case ExitKind::kMemoryLimit:
    case ExitKind::kProcessLimit:
    case ExitKind::kCpuLimit:
    case ExitKind::kRefused:
    case ExitKind::kFailed:
      return kExitPaddock;
  }
  return kExitPaddock;
}

Json ToJson(const Outcome& outcome) {
  Json json = {{"kind", std::string(Name(outcome.kind))}, {"status", ExitStatus(outcome)}};
  if (outcome.kind == ExitKind::kExited) json["code"] = outcome.code;
  if (outcome.signal != 0) json["signal"] = outcome.signal;
  if (!outcome.reason.code.empty()) {
    json["reason"] = {
        {"code", outcome.reason.code}, {"detail", outcome.reason.detail}, {"remedy", outcome.reason.remedy}};
  }
  return json;
}

Json ToJson(const Usage& usage) {
  return {{"wall_ns", usage.wall.count()},
          {"user_cpu_ns", usage.user_cpu.count()},
          {"system_cpu_ns", usage.system_cpu.count()},
          {"max_resident_bytes", usage.max_resident},
          {"output_bytes", usage.output}};
}

}  // namespace paddock
