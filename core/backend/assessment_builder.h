#ifndef PADDOCK_CORE_BACKEND_ASSESSMENT_BUILDER_H_
#define PADDOCK_CORE_BACKEND_ASSESSMENT_BUILDER_H_

#include "absl/strings/string_view.h"
#include "core/backend/backend.h"

namespace paddock {

// Whether a grant of `path` would be one of the host itself: a root, a home directory or what holds it, a directory of
// the system. On Windows also where it cannot be told.
bool IsTooWide(absl::string_view path, const HostFacts& host);

// Collects an Assessment, and holds the checks that several backends share, so that one host gets one reason code
// whichever backend is asked. `request` and `facts` must outlive it.
class AssessmentBuilder {
 public:
  AssessmentBuilder(const Request& request, const Facts& facts);

  // `code` must be in the table of reason codes. A Reason as a whole may have a code of the backend's own (reason.h).
  void Block(absl::string_view code, absl::string_view detail);
  void Block(Reason reason);
  void WeakenedBy(absl::string_view code, absl::string_view detail);
  void WeakenedBy(Reason reason);
  void AddRisk(absl::string_view code, absl::string_view detail);
  void Reach(Guarantee guarantee, Level level) { assessment_.reached.Set(guarantee, level); }
  void Meet(Condition condition, Meets meets, absl::string_view detail);

  // False, and blocked, where the backend's launcher cannot run: the facts of the other system say nothing then.
  bool RequireHost(OsFamily os);

  // The workspace, if the request has one, exists, is a directory, is not so wide that a grant of it would be the host
  // itself (a root, a home directory, a directory of the system), and can be written where writing is asked.
  void CheckWorkspace();

  // The working directory, if it is another one and somebody looked at it, is a directory.
  void CheckWorkingDirectory();

  // `network = brokered` needs a broker; no backend has one.
  void CheckBroker();

  // Windows: the command is a Windows command.
  void CheckWindowsCommand();

  // Windows, for backends that change ACLs on the workspace: a local volume that keeps them, not synced elsewhere.
  void CheckAclWorkspace();

  Assessment Take() && { return std::move(assessment_); }

 private:
  const Request& request_;
  const Facts& facts_;
  Assessment assessment_;
};

}  // namespace paddock

#endif  // PADDOCK_CORE_BACKEND_ASSESSMENT_BUILDER_H_
