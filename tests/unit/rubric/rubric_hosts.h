#ifndef PADDOCK_TESTS_UNIT_RUBRIC_RUBRIC_HOSTS_H_
#define PADDOCK_TESTS_UNIT_RUBRIC_RUBRIC_HOSTS_H_

#include <memory>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/host/facts.h"
#include "core/request/request.h"
#include "core/rubric/rubric.h"

namespace paddock {

// The hosts of tests/fixtures/hosts, and requests as short as a command line.

std::vector<std::string> HostNames();  // sorted

// Facts of one host; the test fails where its file does not hold to the schema.
Facts LoadHost(absl::string_view name);

// What a request asks for; everything left out is as in the profile coding.
struct Ask {
  Workload workload = Workload::kCoding;
  CommandOs command_os = CommandOs::kNative;
  Prefer prefer = Prefer::kAuto;
  std::vector<std::string> require = {};     // "write=confined"
  std::vector<std::string> would_like = {};  // the same, preferred
  NetworkMode network = NetworkMode::kOff;
  bool with_workspace = true;
  bool writing = true;
  bool secrets = true;  // deny_read is not empty
  std::vector<std::string> capabilities = {};
  std::vector<std::string> allow = {};
  std::string forced = {};
};

// A request for the workspace of `facts`.
Request MakeAsk(const Ask& ask, const Facts& facts);

// All six.
std::vector<const Backend*> AllBackends();

Decision Decide(const Ask& ask, const Facts& facts);

// "windows_token by W7, wsl2 by W7"; "nothing" if nothing is ranked. A candidate with moved_by_requirement ends in "!".
std::string Ranking(const Decision& decision);

// "write=confined read=masked ..."
std::string Levels(const GuaranteeLevels& levels);

// The codes of every rejection of `backend` ("linux_landlock" stands for all of its tiers), in order, each once.
std::vector<std::string> RejectionCodes(const Decision& decision, absl::string_view backend);

}  // namespace paddock

#endif  // PADDOCK_TESTS_UNIT_RUBRIC_RUBRIC_HOSTS_H_
