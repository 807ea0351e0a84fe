#include "service/log.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/platform/files.h"

namespace paddock::service {

void Log::Write(absl::string_view event, const Json& fields) {
  Json line = {{"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone())},
               {"event", std::string(event)}};
  line.update(fields);
  WriteAll(descriptor_, absl::StrCat(line.dump(-1, ' ', false, Json::error_handler_t::replace), "\n")).IgnoreError();
}

}  // namespace paddock::service
