#include "core/platform/windows/secret_probe.h"

#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/base/windows_path.h"
#include "core/host/windows_decode.h"
#include "core/platform/windows/path_lookup.h"
#include "core/platform/windows/tree_walk.h"
#include "core/platform/windows/unique_handle.h"
#include "core/platform/windows/wide.h"
#include "core/platform/windows/win32_error.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {
namespace {

// Names as they stand, without the limit of MAX_PATH.
std::wstring Verbatim(const std::string& path) {
  return ToWide(absl::StartsWith(path, "\\\\") ? path : absl::StrCat("\\\\?\\", path));
}

absl::StatusOr<std::string> DescriptorOf(const std::string& path) {
  constexpr SECURITY_INFORMATION kParts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  std::string bytes(1024, '\0');
  DWORD needed = 0;
  while (!GetFileSecurityW(Verbatim(path).c_str(), kParts, bytes.data(), static_cast<DWORD>(bytes.size()), &needed)) {
    const DWORD error = GetLastError();
    if (error != ERROR_INSUFFICIENT_BUFFER || needed <= bytes.size()) {
      return Win32Status(error, absl::StrCat("reading the list of access of ", path));
    }
    bytes.resize(needed);
  }
  bytes.resize(GetSecurityDescriptorLength(bytes.data()));
  ASSIGN_OR_RETURN(access::SecurityDescriptor descriptor, access::ParseBinary(bytes));
  descriptor.group.reset();
  return access::ToSddl(descriptor);
}

// Why the lists of access on the volume of `path`, a final path, would say nothing; empty if they count.
std::string VolumeProblem(const std::string& path) {
  if (absl::StartsWith(path, "\\\\"))
    return absl::StrCat(path, " is on a share, whose server decides by other accounts");
  const UniqueFileHandle file(CreateFileW(Verbatim(path).c_str(), READ_CONTROL,
                                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                          OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  DWORD flags = 0;
  if (!file.valid() || !GetVolumeInformationByHandleW(file.get(), nullptr, 0, nullptr, nullptr, &flags, nullptr, 0)) {
    return std::string(Win32Status(GetLastError(), absl::StrCat("asking for the volume of ", path)).message());
  }
  return (flags & FILE_PERSISTENT_ACLS) != 0 ? "" : absl::StrCat("the volume of ", path, " keeps no lists of access");
}

class SecretWalker {
 public:
  explicit SecretWalker(const SecretLimits& limits)
      : limits_(limits), until_(std::chrono::steady_clock::now() + limits.at_most) {}

  DescriptorFacts Look(const std::string& path) {
    facts_ = {};
    found_.clear();
    std::string start = path;
    while (LookAtWindowsPath(start).type == PathType::kAbsent && start.size() > 3) {
      start = start.substr(0, start.rfind('\\'));
      if (start.size() < 3) start.push_back('\\');  // the root of a drive
    }
    const auto final_path = FinalPathOf(start);
    if (!final_path.ok()) {
      Problem(final_path.status().message());
      return Take();
    }
    const std::string real = WithoutVerbatimPrefix(*final_path);
    if (start != path) facts_.above = real;
    Problem(VolumeProblem(real));
    Add(real);
    if (start == path && LookAtWindowsPath(real).type == PathType::kDirectory) AddBelow(real);
    return Take();
  }

 private:
  void Problem(absl::string_view what) {
    if (facts_.problem.empty()) facts_.problem = std::string(what);
  }

  void Add(const std::string& path) {
    auto descriptor = DescriptorOf(path);
    if (!descriptor.ok()) return Problem(descriptor.status().message());
    found_.insert(*std::move(descriptor));
    if (found_.size() > limits_.descriptors) Problem(absl::StrCat("too many different lists of access at ", path));
  }

  void AddBelow(const std::string& top) {
    const bool complete = WalkTreeOfFiles(top, {limits_.entries, until_}, [&](const TreeEntry& entry) {
      const std::string path = absl::StrCat(top, absl::EndsWith(top, "\\") ? "" : "\\", entry.path);
      if (entry.reparse_point && LookAtWindowsPath(path).type == PathType::kSymlink) {
        Problem(absl::StrCat(path, " is a link, and nobody has looked where it leads"));
      }
      Add(path);
      return facts_.problem.empty();
    });
    if (!complete) Problem(absl::StrCat("not everything below ", top, " could be looked at in time"));
  }

  DescriptorFacts Take() {
    facts_.descriptors.assign(found_.begin(), found_.end());
    if (found_.size() > limits_.descriptors) facts_.descriptors.resize(limits_.descriptors);
    return std::move(facts_);
  }

  const SecretLimits& limits_;
  const std::chrono::steady_clock::time_point until_;
  DescriptorFacts facts_;
  std::set<std::string> found_;
};

}  // namespace

std::map<std::string, DescriptorFacts> LookAtSecrets(const std::vector<std::string>& paths,
                                                     const SecretLimits& limits) {
  SecretWalker walker(limits);
  std::map<std::string, DescriptorFacts> secrets;
  for (const std::string& path : paths) {
    if (secrets.find(path) == secrets.end()) secrets[path] = walker.Look(path);
  }
  return secrets;
}

}  // namespace paddock
