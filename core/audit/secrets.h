#ifndef PADDOCK_CORE_AUDIT_SECRETS_H_
#define PADDOCK_CORE_AUDIT_SECRETS_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

// How credentials are recognised, by a file's name and by its text. Both are guesses: a name may be that of an example,
// a token may have expired, and most secrets look like nothing. Nothing here gives a value back.

namespace paddock::audit {

struct SecretName {
  absl::string_view pattern;  // of the last component, or, with a slash, of the last two; * stands for any bytes
  absl::string_view what;
  absl::string_view needle;  // what the file has to hold, or the name alone says nothing; empty: the name is enough
};

// The row for the file at `path`, in any case of letters; nullptr for examples (".env.example") and public halves.
const SecretName* FindSecretName(absl::string_view path);

struct SecretText {
  absl::string_view what;
  size_t offset = 0;  // where it begins
};

// Each kind of secret that `text` holds, at its first place, in the order of the table. Linear in the length of `text`
// for each kind.
std::vector<SecretText> FindSecretTexts(absl::string_view text);

}  // namespace paddock::audit

#endif  // PADDOCK_CORE_AUDIT_SECRETS_H_
