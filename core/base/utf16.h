#ifndef PADDOCK_CORE_BASE_UTF16_H_
#define PADDOCK_CORE_BASE_UTF16_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Between the 16-bit strings of Windows and the bytes that Paddock keeps text in, without loss in either direction.
//
// Names on NTFS are arrays of 16-bit units that need not be well-formed UTF-16 (Microsoft Learn, "Naming Files, Paths,
// and Namespaces": the file system treats them as opaque). A surrogate without its other half is therefore kept, as
// the three bytes that UTF-8 would give that code point: the encoding known as WTF-8. Every 16-bit string has exactly
// one such text and the other way round, so that two different names never look alike.

namespace paddock {

// `text` in 16-bit units. InvalidArgument, with the offset in bytes, if `text` is not WTF-8: a stray or missing
// continuation byte, an overlong form, a code point above U+10FFFF, or a surrogate pair written as two times three
// bytes, which would be a second way to write what four bytes write.
absl::StatusOr<std::u16string> Utf8ToUtf16(absl::string_view text);

// The inverse; cannot fail.
std::string Utf16ToUtf8(std::u16string_view units);

// The number of 16-bit units of `text`, which is WTF-8.
size_t Utf16Length(absl::string_view text);

}  // namespace paddock

#endif  // PADDOCK_CORE_BASE_UTF16_H_
