#include <cstdint>
#include <cstdlib>

#include "core/lease/lease_group.h"
#include "core/lease/lease_record.h"

// The record of a lease: whatever is read is written and read back as the same, and holds no name that leads elsewhere.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto record = paddock::ParseLeaseRecord({reinterpret_cast<const char*>(data), size});
  if (!record.ok()) return 0;
  const bool ours = record->group             ? paddock::IsGroupSid(record->capability) && record->package.empty()
                    : record->package.empty() ? paddock::IsLeaseSid(record->capability)
                                              : paddock::LeasePackageSid(record->package).value() == record->capability;
  if (!ours) std::abort();
  for (const paddock::LeasedDirectory& placeholder : record->placeholders) {
    if (placeholder.temporary.find('\\') != std::string::npos) std::abort();
  }
  const auto again = paddock::ParseLeaseRecord(paddock::FormatLeaseRecord(*record));
  if (!again.ok() || !(*again == *record)) std::abort();
  return 0;
}
