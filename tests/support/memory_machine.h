#ifndef PADDOCK_TESTS_SUPPORT_MEMORY_MACHINE_H_
#define PADDOCK_TESTS_SUPPORT_MEMORY_MACHINE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "provision/provision_host.h"

namespace paddock::provision {

// What of a Windows machine a set-up changes. Values, so that two states can be compared.
struct MemoryMachine {
  struct Account {
    std::string sid, comment;
    friend bool operator==(const Account&, const Account&) = default;
  };
  std::map<std::string, Account> groups, users;  // by name
  std::set<std::pair<std::string, std::string>> members, rights;
  std::map<std::string, int> sign_in;           // values of Winlogon's UserList
  std::map<std::string, std::string> folders;   // descriptors
  std::map<std::string, std::string> programs;  // SHA-256
  std::set<std::string> filtered;               // SIDs of users
  std::set<std::pair<std::string, std::string>> entries;
  std::optional<std::string> record;
  int next_rid = 1001;  // a SID is never given out twice: not part of what two states are compared by
  friend bool operator==(const MemoryMachine& a, const MemoryMachine& b) {
    const auto parts = [](const MemoryMachine& m) {
      return std::tie(m.groups, m.users, m.members, m.rights, m.sign_in, m.folders, m.programs, m.filtered, m.entries,
                      m.record);
    };
    return parts(a) == parts(b);
  }
};

// A process that changes it. At a chosen changing call it fails, or dies: before the change, or just after it. Who is
// dead answers kAborted, and changes nothing more.
class MemoryHost : public ProvisionHost {
 public:
  explicit MemoryHost(MemoryMachine* machine) : machine_(*machine) {}

  enum class Hurt { kNone, kFail, kDieBefore, kDieAfter };
  Hurt hurt = Hurt::kNone;
  int at = 0;     // the call that is hurt, from 1 on
  int calls = 0;  // changing calls so far

  absl::StatusOr<std::optional<std::string>> ReadRecord() override;
  absl::Status WriteRecord(absl::string_view text) override;
  absl::Status RemoveRecord() override;
  absl::StatusOr<Found> Look(const FilledStep& filled) override;
  absl::StatusOr<std::string> Make(const FilledStep& filled) override;
  absl::Status Remove(const FilledStep& filled) override;

 private:
  // `change`, unless this call is hurt.
  template <typename Change>
  absl::Status Try(Change change);

  MemoryMachine& machine_;
  bool dead_ = false;
};

}  // namespace paddock::provision

#endif  // PADDOCK_TESTS_SUPPORT_MEMORY_MACHINE_H_
