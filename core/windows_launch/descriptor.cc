#include "core/windows_launch/descriptor.h"

#include <cstring>

#include "core/access/binary.h"
#include "core/access/sddl.h"
#include "core/base/status_macros.h"
#include "core/windows_launch/launch_error.h"

namespace paddock {

absl::StatusOr<DescriptorBuffer> DescriptorBuffer::Make(const access::SecurityDescriptor& descriptor) {
  ASSIGN_OR_RETURN(const std::string bytes, access::ToBinary(descriptor));
  DescriptorBuffer buffer;
  buffer.words_.resize(bytes.size() / sizeof(std::max_align_t) + 1);
  std::memcpy(buffer.words_.data(), bytes.data(), bytes.size());
  ASSIGN_OR_RETURN(buffer.sddl_, access::ToSddl(descriptor));
  return buffer;
}

PACL DescriptorBuffer::dacl() const {
  BOOL present = FALSE, defaulted = FALSE;
  PACL dacl = nullptr;
  return GetSecurityDescriptorDacl(get(), &present, &dacl, &defaulted) && present ? dacl : nullptr;
}

absl::StatusOr<access::SecurityDescriptor> DescriptorWith(PACL dacl) {
  SECURITY_DESCRIPTOR absolute;
  DWORD size = 0;
  if (!InitializeSecurityDescriptor(&absolute, SECURITY_DESCRIPTOR_REVISION) ||
      !SetSecurityDescriptorDacl(&absolute, TRUE, dacl, FALSE)) {
    return StepFailed("making a descriptor of a list");
  }
  MakeSelfRelativeSD(&absolute, nullptr, &size);
  std::string bytes(size, '\0');
  if (!MakeSelfRelativeSD(&absolute, bytes.data(), &size)) return StepFailed("making a descriptor of a list");
  return access::ParseBinary(bytes);
}

}  // namespace paddock
