#ifndef PADDOCK_CORE_WINDOWS_LAUNCH_DESCRIPTOR_H_
#define PADDOCK_CORE_WINDOWS_LAUNCH_DESCRIPTOR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/access/security_descriptor.h"
#include "core/platform/windows/windows_api.h"

namespace paddock {

// A descriptor as calls of Windows take it. The pointers that it gives live as long as it does, moved or not.
class DescriptorBuffer {
 public:
  static absl::StatusOr<DescriptorBuffer> Make(const access::SecurityDescriptor& descriptor);

  // Self-relative.
  PSECURITY_DESCRIPTOR get() const { return const_cast<std::max_align_t*>(words_.data()); }
  PACL dacl() const;  // null: there is none
  const std::string& sddl() const { return sddl_; }

  // For the creation of objects; what it gives is to be used before this goes.
  SECURITY_ATTRIBUTES Attributes() const { return {sizeof(SECURITY_ATTRIBUTES), get(), FALSE}; }

 private:
  std::vector<std::max_align_t> words_;
  std::string sddl_;
};

// The descriptor that consists of this list.
absl::StatusOr<access::SecurityDescriptor> DescriptorWith(PACL dacl);

}  // namespace paddock

#endif  // PADDOCK_CORE_WINDOWS_LAUNCH_DESCRIPTOR_H_
