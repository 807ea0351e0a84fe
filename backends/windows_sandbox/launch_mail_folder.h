#ifndef PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MAIL_FOLDER_H_
#define PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MAIL_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backends/windows_sandbox/mailbox.h"
#include "core/platform/windows/unique_handle.h"

namespace paddock {

// The mailbox on the host, and an event that is set when something in it may have changed.
class HostMailFolder : public MailFolder {
 public:
  static absl::StatusOr<std::unique_ptr<HostMailFolder>> Open(const std::string& path);
  ~HostMailFolder() override;

  absl::StatusOr<std::vector<MailEntry>> List(size_t most) override;
  absl::StatusOr<std::string> Read(absl::string_view name, size_t most) override;
  absl::Status Remove(absl::string_view name) override;

  HANDLE changed() const { return changed_.get(); }
  // To be called before looking, each time `changed` was set.
  void WatchAgain();

 private:
  HostMailFolder() = default;

  std::wstring path_;
  UniqueFileHandle folder_;
  UniqueHandle changed_;
  OVERLAPPED operation_ = {};
  alignas(8) char buffer_[4096] = {};
};

}  // namespace paddock

#endif  // PADDOCK_BACKENDS_WINDOWS_SANDBOX_LAUNCH_MAIL_FOLDER_H_
