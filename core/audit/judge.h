#ifndef PADDOCK_CORE_AUDIT_JUDGE_H_
#define PADDOCK_CORE_AUDIT_JUDGE_H_

#include <optional>
#include <string>
#include <vector>

#include "core/audit/finding.h"
#include "core/audit/observations.h"
#include "core/audit/view.h"
#include "core/base/reason.h"
#include "core/host/facts.h"
#include "core/request/request.h"

// From what was seen to what it means under the policy at hand: pure, so that each finding, and the change that makes
// it go, is tested as data.

namespace paddock::audit {

struct Evidence {
  const Request& request;
  const Facts& facts;
  const View& view;
  const Observations& seen;
  std::optional<Reason> refusal;  // why no run would start
};

// Strongest first, then by id.
std::vector<Finding> Judge(const Evidence& evidence);

// What there is to say when not even a request could be made: the workspace is "/", say.
Finding RunRefused(const Reason& reason, const std::string& workspace);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_JUDGE_H_
