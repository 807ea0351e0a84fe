#include "core/audit/view.h"

#include "core/base/posix_path.h"

namespace paddock::audit {

absl::string_view Name(Sight sight) {
  switch (sight) {
    case Sight::kMasked:
      return "masked in the sandbox";
    case Sight::kPrivate:
      return "not in the sandbox, which has a directory of its own there";
    case Sight::kReadOnly:
      return "read-only in the sandbox";
    case Sight::kOverlay:
      return "readable in the sandbox; writes are thrown away";
    case Sight::kWritable:
      return "writable in the sandbox";
  }
  return "";
}

void View::AddObeyedNames(absl::string_view workspace) {
  constexpr struct {
    absl::string_view name, why;
  } kObeyed[] = {
      {".envrc", "direnv runs it on entering the directory"},
      {".tool-versions", "asdf chooses programs by it"},
      {"mise.toml", "mise runs what it names on entering the directory"},
      {".mise.toml", "mise runs what it names on entering the directory"},
      {".vscode", "the editor runs its tasks"},
      {".idea", "the editor runs its configurations"},
      {".devcontainer", "the editor runs its commands"},
      {".claude", "an agent's settings and hooks"},
      {".codex", "an agent's settings"},
      {".cursor", "an agent's settings"},
      {".gemini", "an agent's settings"},
      {".agents", "an agent's settings"},
      {".mcp.json", "agents start the servers that it names"},
  };
  for (const auto& row : kObeyed) executed_later.push_back({JoinPath(workspace, row.name), std::string(row.why)});
}

Sight View::SightOf(absl::string_view path) const {
  const Step* innermost = nullptr;
  for (const Step& step : steps) {
    if (!PathIsWithin(path, step.path)) continue;
    if (innermost == nullptr || step.path.size() >= innermost->path.size()) innermost = &step;
  }
  if (innermost != nullptr) return innermost->sight;
  return minimal_root ? Sight::kPrivate : Sight::kReadOnly;
}

}  // namespace paddock::audit
