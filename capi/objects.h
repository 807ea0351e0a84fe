#ifndef PADDOCK_CAPI_OBJECTS_H_
#define PADDOCK_CAPI_OBJECTS_H_

#include <cstring>
#include <exception>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "capi/paddock.h"
#include "compose/registry.h"
#include "core/base/reason.h"
#include "core/request/request.h"

// What is behind the opaque types of paddock.h. Internal to capi.

struct paddock_error {
  paddock_code code = PADDOCK_UNKNOWN;
  std::string reason, message, remedy;
};

struct paddock_text {
  std::string bytes;
};

struct paddock_context {
  paddock::Caller caller;
  paddock::RuntimeOptions options;
};

namespace paddock::capi {

inline absl::string_view View(const char* data, size_t length) {
  return data == nullptr ? absl::string_view() : absl::string_view(data, length);
}

// Sets `*error`, if there is one to set, and gives the code. Also for a reason that came as an outcome.
paddock_code Fail(const absl::Status& status, paddock_error** error);
paddock_code Fail(paddock_code code, const Reason& reason, paddock_error** error);

void Give(std::string bytes, paddock_text** text);

// Copies what the caller's struct has of `Struct`; its size comes first. InvalidArgument if that cannot be.
template <typename Struct>
absl::Status CopyStruct(const Struct& from, absl::string_view name, Struct* to) {
  if (from.size < sizeof(from.size) || from.size > 4096) {
    return absl::InvalidArgumentError(absl::StrCat(name, ".size is ", from.size, ": set it to sizeof(", name, ")"));
  }
  const size_t known = from.size < sizeof(Struct) ? from.size : sizeof(Struct);
  *to = Struct();
  std::memcpy(static_cast<void*>(to), &from, known);
  return absl::OkStatus();
}

// Nothing is thrown across the interface: what `body` throws becomes an error.
template <typename Body>
paddock_code Guarded(paddock_error** error, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception& caught) {
    try {
      return Fail(absl::InternalError(caught.what()), error);
    } catch (...) {
      return PADDOCK_INTERNAL;
    }
  }
}

}  // namespace paddock::capi

#endif  // PADDOCK_CAPI_OBJECTS_H_
