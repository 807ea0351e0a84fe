#include <cstddef>
#include <cstdint>

#include "core/policy/load.h"
#include "core/policy/merge.h"

// A policy file in either format: read, and merged as a user's and as a repository's. Any answer but a crash will do.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto format : {paddock::PolicyFormat::kToml, paddock::PolicyFormat::kJson}) {
    auto spec = paddock::ParsePolicy(text, "fuzz", format);
    if (!spec.ok()) continue;
    paddock::PolicySources user, repo;
    user.user = paddock::PolicyFile{"user", *spec};
    repo.repo = paddock::PolicyFile{"repo", *std::move(spec)};
    paddock::BuildPolicy(user).status().IgnoreError();
    paddock::BuildPolicy(repo).status().IgnoreError();
  }
  return 0;
}
