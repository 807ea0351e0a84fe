// What the two processes of `paddock setup` read of each other, and the machine's record. The first byte chooses.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "provision/setup_record.h"
#include "provision/setup_request.h"

using paddock::provision::FormatSetupNews;
using paddock::provision::FormatSetupRecord;
using paddock::provision::FormatSetupRequest;
using paddock::provision::ParseSetupNews;
using paddock::provision::ParseSetupRecord;
using paddock::provision::ParseSetupRequest;

// What was read, and written again, is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 3) {
    case 0: {
      const auto record = ParseSetupRecord(text);
      if (record.ok() && ParseSetupRecord(FormatSetupRecord(*record)).value() != *record) std::abort();
      break;
    }
    case 1: {
      const auto request = ParseSetupRequest(text);
      if (request.ok() && ParseSetupRequest(FormatSetupRequest(*request)).value() != *request) std::abort();
      break;
    }
    default: {
      const auto news = ParseSetupNews(text);
      if (news.ok() && ParseSetupNews(FormatSetupNews(*news)).value().index() != news->index()) std::abort();
      break;
    }
  }
  return 0;
}
