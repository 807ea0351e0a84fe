#include "service/posix/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace paddock::service {

void Log::Write(absl::string_view event, const Json& fields) {
  Json line = {{"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone())},
               {"event", std::string(event)}};
  line.update(fields);
  const std::string text = absl::StrCat(line.dump(-1, ' ', false, Json::error_handler_t::replace), "\n");
  // The description is shared with who started the daemon, and O_NONBLOCK would be theirs, too. A pipe that reports
  // room has PIPE_BUF bytes of it (pipe(7)), and no line is longer than that.
  pollfd room = {descriptor_, POLLOUT, 0};
  if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0 || text.size() > PIPE_BUF) return;
  if (send(descriptor_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != ENOTSOCK) return;
  static_cast<void>(!write(descriptor_, text.data(), text.size()));
}

}  // namespace paddock::service
