#ifndef PADDOCK_CORE_PLAN_LAUNCH_PLAN_H_
#define PADDOCK_CORE_PLAN_LAUNCH_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/policy/guarantee.h"
#include "core/policy/policy.h"

// What a backend will do, as data. A plan is computed on any OS, printed by `paddock plan`, compared with goldens, and
// carried out by an executor that takes no decisions.

namespace paddock {

// A backend and the way it is used: "linux_landlock:namespaces".
struct BackendRef {
  std::string name;
  std::string tier;  // empty where a backend has one way only
  friend bool operator==(const BackendRef&, const BackendRef&) = default;
};
std::string ToString(const BackendRef& ref);
BackendRef ParseBackendRef(absl::string_view text);

enum class Verdict : uint8_t { kEnforced, kApproximated, kNotEnforced };
absl::string_view Name(Verdict verdict);

// How one rule of the policy fares under a plan.
struct RuleVerdict {
  std::string rule;  // "filesystem.deny_read ~/.ssh"
  Verdict verdict = Verdict::kNotEnforced;
  std::string mechanism;  // "empty read-only mount", "RLIMIT_DATA per process"
  std::string missing;    // what an approximation leaves open; empty when enforced
  friend bool operator==(const RuleVerdict&, const RuleVerdict&) = default;
};

// Something that stays possible although every rule is enforced as stated.
struct Risk {
  std::string code;  // stable, snake_case: "chmod_on_readable_files"
  std::string detail;
  friend bool operator==(const Risk&, const Risk&) = default;
};

// A change to the host that a plan makes and undoes.
struct PlannedLease {
  std::string kind;  // "placeholder"
  std::string path;
};

// The part that only its backend understands. Immutable once made.
class PlanBody {
 public:
  virtual ~PlanBody() = default;
  virtual Json ToJson() const = 0;
};

struct LaunchPlan {
  BackendRef backend;
  GuaranteeLevels promised;
  std::vector<RuleVerdict> verdicts;
  std::vector<Risk> risks;
  std::vector<PlannedLease> leases;
  std::shared_ptr<const PlanBody> body;
};

// Schema "paddock.plan/1".
Json ToJson(const LaunchPlan& plan);
Json ToJson(const RuleVerdict& verdict);
Json ToJson(const Risk& risk);

}  // namespace paddock

#endif  // PADDOCK_CORE_PLAN_LAUNCH_PLAN_H_
