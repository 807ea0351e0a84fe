// One run of a lease on the files at hand, and a collection of it, in a process that dies at a call of its choice.
//
//   lease_child STATE ROOT CALL     0: it lives; says how many calls there were that change something
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/platform/windows/random.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/windows_launch/ntfs_volume.h"
#include "core/windows_launch/symbols.h"
#include "core/windows_launch/token.h"
#include "tests/windows/lease_plan.h"

namespace paddock {
namespace {

constexpr UINT kDied = 77;

// What changes something is counted, and one of these calls is not made any more.
class Calls {
 public:
  explicit Calls(unsigned long fatal) : fatal_(fatal) {}
  void Count() {
    if (++made_ == fatal_) TerminateProcess(GetCurrentProcess(), kDied);
  }
  unsigned long made() const { return made_; }

 private:
  const unsigned long fatal_;
  unsigned long made_ = 0;
};

class CountedFile : public AclFile {
 public:
  CountedFile(Calls& calls, std::unique_ptr<AclFile> file) : calls_(calls), file_(std::move(file)) {}
  static absl::StatusOr<std::unique_ptr<AclFile>> Of(Calls& calls, absl::StatusOr<std::unique_ptr<AclFile>> file) {
    if (!file.ok()) return file.status();
    return std::unique_ptr<AclFile>(new CountedFile(calls, *std::move(file)));
  }

  const FileInfo& info() const override { return file_->info(); }
  absl::StatusOr<access::SecurityDescriptor> Read() override { return file_->Read(); }
  absl::Status WriteDacl(const access::Acl& dacl, uint16_t control) override {
    calls_.Count();
    return file_->WriteDacl(dacl, control);
  }
  absl::StatusOr<access::Acl> ReadLabel() override { return file_->ReadLabel(); }
  absl::Status WriteLabel(const access::Acl& label) override {
    calls_.Count();
    return file_->WriteLabel(label);
  }
  absl::StatusOr<std::vector<std::string>> List() override { return file_->List(); }
  absl::StatusOr<std::unique_ptr<AclFile>> OpenChild(absl::string_view name) override {
    return Of(calls_, file_->OpenChild(name));
  }
  absl::StatusOr<std::unique_ptr<AclFile>> MakeHiddenDirectory(absl::string_view name) override {
    calls_.Count();
    return Of(calls_, file_->MakeHiddenDirectory(name));
  }
  absl::Status Remove() override {
    calls_.Count();
    return file_->Remove();
  }
  absl::Status MoveTo(AclFile& directory, absl::string_view name) override {
    calls_.Count();
    return file_->MoveTo(*static_cast<CountedFile&>(directory).file_, name);
  }

 private:
  Calls& calls_;
  std::unique_ptr<AclFile> file_;
};

class CountedVolumes : public AclVolumes {
 public:
  CountedVolumes(Calls& calls, std::unique_ptr<AclVolumes> volumes) : calls_(calls), volumes_(std::move(volumes)) {}
  absl::StatusOr<std::unique_ptr<AclFile>> Open(absl::string_view path) override {
    return CountedFile::Of(calls_, volumes_->Open(path));
  }
  absl::StatusOr<std::unique_ptr<AclFile>> OpenByKey(const FileKey& key, absl::string_view path_hint) override {
    return CountedFile::Of(calls_, volumes_->OpenByKey(key, path_hint));
  }

 private:
  Calls& calls_;
  std::unique_ptr<AclVolumes> volumes_;
};

class CountedState : public LeaseState {
 public:
  CountedState(Calls& calls, std::unique_ptr<LeaseState> state) : calls_(calls), state_(std::move(state)) {}
  absl::StatusOr<std::vector<std::string>> List() override { return state_->List(); }
  absl::StatusOr<std::string> Read(absl::string_view name) override { return state_->Read(name); }
  absl::Status Replace(absl::string_view name, absl::string_view content) override {
    calls_.Count();
    return state_->Replace(name, content);
  }
  absl::Status Rename(absl::string_view name, absl::string_view other) override {
    calls_.Count();
    return state_->Rename(name, other);
  }
  absl::Status Remove(absl::string_view name) override {
    calls_.Count();
    return state_->Remove(name);
  }
  absl::StatusOr<std::unique_ptr<Lock>> Acquire(absl::string_view name, LockKind kind) override {
    return state_->Acquire(name, kind);
  }
  absl::StatusOr<std::unique_ptr<Lock>> TryAcquire(absl::string_view name, LockKind kind) override {
    return state_->TryAcquire(name, kind);
  }
  void ForgetLock(absl::string_view name) override { state_->ForgetLock(name); }

 private:
  Calls& calls_;
  std::unique_ptr<LeaseState> state_;
};

absl::Status Run(const LeaseHost& host, const std::string& root) {
  LeaseOptions options;
  const auto user = ReadUserToken();
  if (!user.ok()) return user.status();
  options.user = *user;
  auto lease = AcquireLease(host, LeasePlanFor(root), options);
  if (!lease.ok()) return lease.status();
  // The command makes what it should not.
  const std::wstring watched = ToWide(absl::StrCat(root, "\\.mcp.json"));
  UniqueFileHandle(CreateFileW(watched.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr)).reset();
  const auto released = (*lease)->Release();
  lease->reset();
  if (!released.ok()) return released.status();
  return CollectLeases(host, 1).status();
}

int Main(const std::string& state_dir, const std::string& root, unsigned long fatal) {
  auto state = OpenLeaseState(state_dir);
  if (!state.ok()) return 1;
  Calls calls(fatal);
  CountedVolumes volumes(calls, MakeNtfsVolumes());
  CountedState counted(calls, *std::move(state));
  const absl::Status run = Run({volumes, counted, RandomWords}, root);
  if (!run.ok()) std::printf("%s\n", run.ToString().c_str());
  if (run.ok()) std::printf("%lu\n", calls.made());
  return run.ok() ? 0 : 1;
}

}  // namespace
}  // namespace paddock

int wmain(int argc, wchar_t** argv) {
  if (argc != 4) return 2;
  return paddock::Main(paddock::ToUtf8(argv[1]), paddock::ToUtf8(argv[2]), std::wcstoul(argv[3], nullptr, 10));
}
