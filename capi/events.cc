#include "capi/events.h"

#include <variant>

#include "core/base/status_macros.h"
#include "core/platform/files.h"

namespace paddock::capi {
namespace {

paddock_event Blank(int32_t kind) {
  paddock_event event = {};
  event.size = sizeof(event);
  event.kind = kind;
  return event;
}

paddock_event WithData(paddock_event event, absl::string_view data) {
  event.data = data.data();
  event.length = data.size();
  return event;
}

struct Converter {
  paddock_event operator()(const StartedEvent& started) const {
    paddock_event event = Blank(PADDOCK_EVENT_STARTED);
    event.process_id = started.process_id;
    return event;
  }
  paddock_event operator()(const OutputEvent& output) const {
    paddock_event event = WithData(Blank(PADDOCK_EVENT_OUTPUT), output.bytes);
    event.stream = output.stream == StreamId::kStderr ? PADDOCK_STDERR : PADDOCK_STDOUT;
    return event;
  }
  paddock_event operator()(const ViolationEvent& violation) const {
    return WithData(Blank(PADDOCK_EVENT_VIOLATION), violation.violation.what);
  }
  paddock_event operator()(const NoticeEvent& notice) const {
    return WithData(Blank(PADDOCK_EVENT_NOTICE), notice.text);
  }
  paddock_event operator()(const ProgressEvent& progress) const {
    return WithData(Blank(PADDOCK_EVENT_PROGRESS), progress.text);
  }
  paddock_event operator()(const ExitedEvent& exited) const {
    paddock_event event = WithData(Blank(PADDOCK_EVENT_EXITED), Name(exited.outcome.kind));
    event.exit_status = ExitStatus(exited.outcome);
    return event;
  }
};

absl::StatusOr<StreamSpec> ReadStream(const paddock_stream& stream, absl::string_view name, bool output,
                                      bool listened) {
  switch (stream.kind) {
    case PADDOCK_STREAM_INHERIT:
      return StreamSpec{StreamSpec::Kind::kInherit, -1};
    case PADDOCK_STREAM_NULL:
      return StreamSpec{StreamSpec::Kind::kNull, -1};
    case PADDOCK_STREAM_HANDLE:
      if (!IsOpenHandle(stream.handle)) {
        return absl::InvalidArgumentError(absl::StrCat("stdio.", name, ": ", stream.handle, " is no open handle"));
      }
      return StreamSpec{StreamSpec::Kind::kHandle, stream.handle};
    case PADDOCK_STREAM_PIPE:
      if (output && !listened) {
        return absl::InvalidArgumentError(
            absl::StrCat("stdio.", name, ": a pipe, and no event function that hears it"));
      }
      return StreamSpec{StreamSpec::Kind::kPipe, -1};
    default:
      return absl::InvalidArgumentError(absl::StrCat("stdio.", name, ": ", stream.kind, " is no kind of stream"));
  }
}

}  // namespace

void FunctionSink::OnEvent(const Event& event) {
  if (function_ == nullptr) return;
  const paddock_event converted = std::visit(Converter(), event);
  function_(user_, &converted);
}

absl::StatusOr<Stdio> ReadStdio(const paddock_stdio* stdio, bool listened) {
  Stdio result;
  if (stdio == nullptr) return result;
  paddock_stdio given;
  RETURN_IF_ERROR(CopyStruct(*stdio, "paddock_stdio", &given));
  if (given.tty != 0) {
    if (!listened) return absl::InvalidArgumentError("stdio.tty: there is no event function that hears the terminal");
    result.tty = true;
    result.tty_columns = given.columns;
    result.tty_rows = given.rows;
    result.in.kind = result.out.kind = result.err.kind = StreamSpec::Kind::kPipe;
    return result;
  }
  ASSIGN_OR_RETURN(result.in, ReadStream(given.in, "in", false, listened));
  ASSIGN_OR_RETURN(result.out, ReadStream(given.out, "out", true, listened));
  ASSIGN_OR_RETURN(result.err, ReadStream(given.err, "err", true, listened));
  return result;
}

}  // namespace paddock::capi
