#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/audit/finding.h"
#include "core/audit/secrets.h"
#include "core/audit/sockets.h"

// Names and texts as a workspace may hold them: what is found lies in the text, each kind once, and a name becomes one
// word of a shell that no terminal takes for anything else.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  absl::string_view before;
  for (const paddock::audit::SecretText& found : paddock::audit::FindSecretTexts(text)) {
    if (found.offset >= size || found.what == before) std::abort();
    before = found.what;
  }
  const paddock::audit::SecretName* const name = paddock::audit::FindSecretName(text);
  if (name != nullptr && name->what.empty()) std::abort();
  if (paddock::audit::KindOfSocket(text).what.empty()) std::abort();
  for (const char c : paddock::audit::ShellWord(text)) {
    if (c < ' ' || c > '~') std::abort();
  }
  return 0;
}
