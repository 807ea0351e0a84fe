#include "capi/objects.h"

#include <memory>
#include <utility>

#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/windows_path.h"
#include "core/platform/caller.h"

namespace paddock::capi {

paddock_code Fail(paddock_code code, const Reason& reason, paddock_error** error) {
  if (error != nullptr) {
    auto made = std::make_unique<paddock_error>();
    made->code = code;
    made->reason = reason.code;
    made->message = reason.detail;
    made->remedy = reason.remedy;
    const ReasonCode* const row = FindReasonCode(reason.code);
    if (made->remedy.empty() && row != nullptr) made->remedy = std::string(row->remedy);
    *error = made.release();
  }
  return code;
}

paddock_code Fail(const absl::Status& status, paddock_error** error) {
  const auto code = static_cast<paddock_code>(status.code());
  const auto reason = ReasonOf(status);
  return Fail(code, reason.has_value() ? *reason : Reason{"", std::string(status.message()), ""}, error);
}

void Give(std::string bytes, paddock_text** text) {
  if (text != nullptr) *text = std::make_unique<paddock_text>(paddock_text{std::move(bytes)}).release();
}

}  // namespace paddock::capi

using paddock::capi::Fail;
using paddock::capi::Guarded;

uint32_t paddock_abi_version(void) { return PADDOCK_ABI_VERSION; }
const char* paddock_version(void) { return PADDOCK_VERSION; }

paddock_code paddock_error_code(const paddock_error* error) { return error->code; }
const char* paddock_error_reason(const paddock_error* error) { return error->reason.c_str(); }
const char* paddock_error_message(const paddock_error* error) { return error->message.c_str(); }
const char* paddock_error_remedy(const paddock_error* error) { return error->remedy.c_str(); }
void paddock_error_free(paddock_error* error) { delete error; }

const char* paddock_text_data(const paddock_text* text) { return text->bytes.c_str(); }
size_t paddock_text_length(const paddock_text* text) { return text->bytes.size(); }
void paddock_text_free(paddock_text* text) { delete text; }

paddock_code paddock_context_new(const paddock_context_options* options, paddock_context** context,
                                 paddock_error** error) {
  return Guarded(error, [&]() -> paddock_code {
    auto made = std::make_unique<paddock_context>();
    if (options != nullptr) {
      paddock_context_options given;
      const absl::Status copied = paddock::capi::CopyStruct(*options, "paddock_context_options", &given);
      if (!copied.ok()) return Fail(copied, error);
      made->options.tool = std::string(paddock::capi::View(given.tool, given.tool_length));
      const std::string& tool = made->options.tool;
      if (!tool.empty() && !paddock::IsAbsolutePath(tool) && !paddock::LooksLikeWindowsPath(tool)) {
        return Fail(absl::InvalidArgumentError("paddock_context_options.tool is no absolute path: '" + tool + "'"),
                    error);
      }
    }
    auto caller = paddock::ReadCaller();
    if (!caller.ok()) return Fail(caller.status(), error);
    made->caller = *std::move(caller);
    *context = made.release();
    return PADDOCK_OK;
  });
}

void paddock_context_free(paddock_context* context) { delete context; }
