#ifndef PADDOCK_CORE_ACCESS_MAPPING_H_
#define PADDOCK_CORE_ACCESS_MAPPING_H_

#include <cstdint>

namespace paddock::access {

// Bits of an access mask that mean the same for every type (MS-DTYP 2.4.3).
inline constexpr uint32_t kDelete = 0x00010000;
inline constexpr uint32_t kReadControl = 0x00020000;
inline constexpr uint32_t kWriteDac = 0x00040000;
inline constexpr uint32_t kWriteOwner = 0x00080000;
inline constexpr uint32_t kSynchronize = 0x00100000;
inline constexpr uint32_t kAccessSystemSecurity = 0x01000000;
inline constexpr uint32_t kMaximumAllowed = 0x02000000;
inline constexpr uint32_t kGenericAll = 0x10000000;
inline constexpr uint32_t kGenericExecute = 0x20000000;
inline constexpr uint32_t kGenericWrite = 0x40000000;
inline constexpr uint32_t kGenericRead = 0x80000000;
inline constexpr uint32_t kGenericRights = kGenericAll | kGenericExecute | kGenericWrite | kGenericRead;

// Rights of files and directories (Microsoft Learn, "File Access Rights Constants"): one bit, two names.
inline constexpr uint32_t kFileReadData = 0x0001;
inline constexpr uint32_t kFileListDirectory = 0x0001;
inline constexpr uint32_t kFileWriteData = 0x0002;
inline constexpr uint32_t kFileAddFile = 0x0002;
inline constexpr uint32_t kFileAppendData = 0x0004;
inline constexpr uint32_t kFileAddSubdirectory = 0x0004;
inline constexpr uint32_t kFileReadEa = 0x0008;
inline constexpr uint32_t kFileWriteEa = 0x0010;
inline constexpr uint32_t kFileExecute = 0x0020;
inline constexpr uint32_t kFileTraverse = 0x0020;
inline constexpr uint32_t kFileDeleteChild = 0x0040;
inline constexpr uint32_t kFileReadAttributes = 0x0080;
inline constexpr uint32_t kFileWriteAttributes = 0x0100;
inline constexpr uint32_t kFileAllAccess = 0x001f01ff;

// What the four generic rights stand for on objects of one type.
struct GenericMapping {
  uint32_t read;
  uint32_t write;
  uint32_t execute;
  uint32_t all;

  bool operator==(const GenericMapping&) const = default;
};

enum class ObjectType : uint8_t {
  kFile,  // files, directories, named pipes
  kKey,
  kProcess,
  kThread,
  kToken,
  kSection,
  kEvent,
  kMutant,
  kSemaphore,
  kDesktop,
  kWindowStation,
};

const GenericMapping& MappingOf(ObjectType type);

// `mask` with its generic bits replaced by what they stand for.
constexpr uint32_t MapGeneric(uint32_t mask, const GenericMapping& mapping) {
  if ((mask & kGenericRead) != 0) mask |= mapping.read;
  if ((mask & kGenericWrite) != 0) mask |= mapping.write;
  if ((mask & kGenericExecute) != 0) mask |= mapping.execute;
  if ((mask & kGenericAll) != 0) mask |= mapping.all;
  return mask & ~kGenericRights;
}

// The bits that make a request a write: a write-restricted token has its restricting SIDs consulted for a request that
// holds one of them, and for no other. For files 0x10D0116, which FILE_DELETE_CHILD (0x40) does not belong to: such a
// token deletes the children of every directory where the user may.
constexpr uint32_t WriteMask(const GenericMapping& mapping) {
  return kAccessSystemSecurity | kDelete | kWriteDac | kWriteOwner |
         (mapping.write & ~(mapping.read | mapping.execute));
}

// What a token below an object's label may have at most, under the label's policy (kNoWriteUp, ...). A right that two
// kinds of access share (READ_CONTROL and SYNCHRONIZE of files) falls only where both are taken away.
uint32_t MandatoryMask(const GenericMapping& mapping, uint32_t policy);

}  // namespace paddock::access

#endif  // PADDOCK_CORE_ACCESS_MAPPING_H_
