#include "backends/wsl2/nested_run.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/posix_path.h"
#include "core/base/reason.h"
#include "core/base/status_macros.h"
#include "core/policy/merge.h"

namespace paddock::wsl2 {
namespace {

constexpr char kSchema[] = "paddock.nested_run/1";
constexpr char kSource[] = "nested run";
constexpr absl::string_view kKeys[] = {"schema", "policy",  "preferred",   "built_in", "backend", "workspace",
                                       "cwd",    "command", "environment", "tty",      "streams"};
constexpr absl::string_view kBuiltIn = "built-in:";  // begins the origin of what no file and no flag said

absl::Status Wrong(absl::string_view what) {
  return ReasonError(absl::StatusCode::kInvalidArgument, "relay_protocol", absl::StrCat(kSource, ": ", what));
}

// ---- Writing ----

bool IsUtf8(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());  // the library's own check
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

absl::Status CheckTexts(const NestedRun& run) {
  for (const std::string& argument : run.command) {
    if (IsUtf8(argument)) continue;
    return ReasonError(absl::StatusCode::kInvalidArgument, "command_invalid",
                       "an argument of the command holds half a surrogate pair, which is no character on Linux");
  }
  for (const std::string* path : {&run.workspace, &run.cwd}) {
    if (IsUtf8(*path)) continue;
    return ReasonError(absl::StatusCode::kInvalidArgument, "path_invalid",
                       "the workspace's path holds half a surrogate pair, which is no character on Linux");
  }
  return absl::OkStatus();
}

Json Preferred(const std::vector<Requirement>& requirements) {
  Json table = Json::object();
  for (const Requirement& asked : requirements) {
    if (asked.required) continue;
    table[std::string(GuaranteeName(asked.guarantee))] = std::string(LevelName(asked.guarantee, asked.level));
  }
  return table;
}

// What a built-in profile protects by default is held less strictly than what somebody wrote down, so that the origin
// has to travel (docs/backends/linux_landlock.md).
Json BuiltIn(const std::vector<PathEntry>& entries) {
  Json texts = Json::array();
  for (const PathEntry& entry : entries) {
    if (absl::StartsWith(entry.origin.file, kBuiltIn)) texts.push_back(entry.text);
  }
  return texts;
}

Json TtyJson(const std::optional<WindowCells>& tty) {
  if (!tty.has_value()) return nullptr;
  return {{"columns", tty->columns}, {"rows", tty->rows}};
}

// ---- Reading ----

absl::Status CheckKeys(const Json& json, absl::Span<const absl::string_view> keys, absl::string_view where) {
  if (!json.is_object()) return Wrong(absl::StrCat(where, ": is no table"));
  for (const auto& [key, value] : json.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      return Wrong(absl::StrCat(where, ": unknown key ", key));
  }
  for (const absl::string_view key : keys) {
    if (!json.contains(std::string(key))) return Wrong(absl::StrCat(where, ": ", key, " is missing"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadText(const Json& json, absl::string_view where) {
  if (!json.is_string()) return Wrong(absl::StrCat(where, ": is no text"));
  const std::string& text = json.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) return Wrong(absl::StrCat(where, ": holds a NUL byte"));
  return text;
}

absl::StatusOr<std::string> ReadPath(const Json& json, absl::string_view where) {
  ASSIGN_OR_RETURN(std::string path, ReadText(json, where));
  if (!IsAbsolutePath(path)) return Wrong(absl::StrCat(where, ": is no absolute path of Linux"));
  return path;
}

absl::StatusOr<bool> ReadFlag(const Json& json, absl::string_view where) {
  if (!json.is_boolean()) return Wrong(absl::StrCat(where, ": is neither true nor false"));
  return json.get<bool>();
}

absl::StatusOr<uint16_t> ReadCells(const Json& json, absl::string_view where) {
  if (!json.is_number_unsigned() || json.get<uint64_t>() > UINT16_MAX) {
    return Wrong(absl::StrCat(where, ": is no number from 0 to ", UINT16_MAX));
  }
  return json.get<uint16_t>();
}

absl::StatusOr<std::vector<std::string>> ReadCommand(const Json& json) {
  if (!json.is_array() || json.empty()) return Wrong("command: is no list, or an empty one");
  std::vector<std::string> command;
  for (const Json& argument : json) {
    ASSIGN_OR_RETURN(std::string text, ReadText(argument, "command"));
    command.push_back(std::move(text));
  }
  return command;
}

absl::StatusOr<std::map<std::string, std::string>> ReadEnvironment(const Json& json) {
  std::map<std::string, std::string> environment;
  if (!json.is_object()) return Wrong("environment: is no table");
  for (const auto& [name, value] : json.items()) {
    if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
      return Wrong("environment: a name that no variable can have");
    }
    ASSIGN_OR_RETURN(environment[name], ReadText(value, absl::StrCat("environment: ", name)));
  }
  return environment;
}

absl::StatusOr<std::optional<WindowCells>> ReadTty(const Json& json) {
  if (json.is_null()) return std::optional<WindowCells>();
  RETURN_IF_ERROR(CheckKeys(json, {"columns", "rows"}, "tty"));
  WindowCells size;
  ASSIGN_OR_RETURN(size.columns, ReadCells(json["columns"], "tty.columns"));
  ASSIGN_OR_RETURN(size.rows, ReadCells(json["rows"], "tty.rows"));
  return std::optional<WindowCells>(size);
}

absl::StatusOr<NestedStreams> ReadStreams(const Json& json) {
  RETURN_IF_ERROR(CheckKeys(json, {"stdin", "stdout", "stderr"}, "streams"));
  NestedStreams streams;
  ASSIGN_OR_RETURN(streams.in, ReadFlag(json["stdin"], "streams.stdin"));
  ASSIGN_OR_RETURN(streams.out, ReadFlag(json["stdout"], "streams.stdout"));
  ASSIGN_OR_RETURN(streams.err, ReadFlag(json["stderr"], "streams.stderr"));
  return streams;
}

absl::StatusOr<std::vector<Requirement>> ReadPreferred(const Json& json) {
  if (!json.is_object()) return Wrong("preferred: is no table");
  std::vector<Requirement> preferred;
  for (const auto& [name, value] : json.items()) {
    const auto guarantee = ParseGuarantee(name);
    if (!guarantee.has_value()) return Wrong(absl::StrCat("preferred: unknown guarantee ", name));
    ASSIGN_OR_RETURN(const std::string text, ReadText(value, absl::StrCat("preferred: ", name)));
    const auto level = ParseLevel(*guarantee, text);
    if (!level.has_value()) return Wrong(absl::StrCat("preferred: ", name, " has no level of that name"));
    preferred.push_back({*guarantee, *level, false});
  }
  return preferred;
}

absl::Status ReadBuiltIn(const Json& json, const std::string& profile, absl::string_view where,
                         std::vector<PathEntry>* entries) {
  if (!json.is_array()) return Wrong(absl::StrCat(where, ": is no list"));
  for (const Json& element : json) {
    ASSIGN_OR_RETURN(const std::string text, ReadText(element, where));
    bool found = false;
    for (PathEntry& entry : *entries) {
      if (entry.text != text) continue;
      entry.origin = Origin{absl::StrCat(kBuiltIn, profile), 0};
      found = true;
    }
    if (!found) return Wrong(absl::StrCat(where, ": names what the policy does not"));
  }
  return absl::OkStatus();
}

const Requirement* FindIn(const std::vector<Requirement>& requirements, Guarantee guarantee) {
  const auto found = std::find_if(requirements.begin(), requirements.end(),
                                  [&](const Requirement& asked) { return asked.guarantee == guarantee; });
  return found == requirements.end() ? nullptr : &*found;
}

// A policy file that spells a key asks for what goes with it, while the canonical form spells every key. So what is
// required is what `require` names and what the administrator's ceiling asks for by itself; the rest is as preferred
// where it came from.
std::vector<Requirement> AsAsked(const std::vector<Requirement>& read, const Json& require,
                                 const std::vector<Requirement>& preferred, const std::vector<Requirement>& ceiling) {
  std::vector<Requirement> requirements;
  for (const Guarantee guarantee : kAllGuarantees) {
    const Requirement* found = FindIn(read, guarantee);
    const Requirement* bound = FindIn(ceiling, guarantee);
    const Requirement* wanted = FindIn(preferred, guarantee);
    const bool named = require.is_object() && require.contains(std::string(GuaranteeName(guarantee)));
    const bool bounded = bound != nullptr && bound->required;
    if (named && found != nullptr) {
      requirements.push_back({guarantee, bounded ? std::max(found->level, bound->level) : found->level, true});
    } else if (bounded) {
      requirements.push_back(*bound);
    } else if (wanted != nullptr) {
      requirements.push_back(*wanted);
    }
  }
  return requirements;
}

absl::StatusOr<Policy> ReadPolicy(const Json& json, const std::string& workspace, const FarSide& far_side) {
  PolicySources sources;
  sources.admin = far_side.admin;
  sources.workspace = workspace;
  sources.home = far_side.home;
  ASSIGN_OR_RETURN(PolicySpec spec, ParsePolicy(DumpJson(json["policy"]), kSource, PolicyFormat::kJson));
  sources.user = PolicyFile{kSource, std::move(spec)};
  if (!json["backend"].is_null()) {
    ASSIGN_OR_RETURN(const std::string backend, ReadText(json["backend"], "backend"));
    RETURN_IF_ERROR(SetFlag(&sources.flags, Key::kBackendForced, backend, kSource));
  }
  ASSIGN_OR_RETURN(Policy policy, BuildPolicy(sources));
  ASSIGN_OR_RETURN(const std::vector<Requirement> preferred, ReadPreferred(json["preferred"]));
  std::vector<Requirement> ceiling;
  if (far_side.admin.has_value()) {
    PolicySources alone;
    alone.admin = far_side.admin;
    ASSIGN_OR_RETURN(const Policy bound, BuildPolicy(alone));
    ceiling = bound.requirements;
  }
  const Json require = json["policy"].value("require", Json::object());
  policy.requirements = AsAsked(policy.requirements, require, preferred, ceiling);
  RETURN_IF_ERROR(CheckKeys(json["built_in"], {"deny_write", "deny_read"}, "built_in"));
  RETURN_IF_ERROR(ReadBuiltIn(json["built_in"]["deny_write"], policy.profile, "built_in.deny_write",
                              &policy.filesystem.deny_write));
  RETURN_IF_ERROR(
      ReadBuiltIn(json["built_in"]["deny_read"], policy.profile, "built_in.deny_read", &policy.filesystem.deny_read));
  return policy;
}

}  // namespace

absl::StatusOr<std::string> EncodeNestedRun(const NestedRun& run) {
  RETURN_IF_ERROR(CheckTexts(run));
  const BackendPolicy& backend = run.policy.backend;
  Json json = {{"schema", kSchema},
               {"policy", ToJson(run.policy)},
               {"preferred", Preferred(run.policy.requirements)},
               {"built_in",
                {{"deny_write", BuiltIn(run.policy.filesystem.deny_write)},
                 {"deny_read", BuiltIn(run.policy.filesystem.deny_read)}}},
               {"backend", backend.forced.empty() ? Json(nullptr) : Json(backend.forced)},
               {"workspace", run.workspace},
               {"cwd", run.cwd},
               {"command", run.command},
               {"environment", run.environment},
               {"tty", TtyJson(run.tty)}};
  json["streams"] = {{"stdin", run.streams.in}, {"stdout", run.streams.out}, {"stderr", run.streams.err}};
  try {
    std::string text = json.dump();
    if (text.size() <= kMaxFrameJson) return text;
    return ReasonError(absl::StatusCode::kInvalidArgument, "command_invalid",
                       absl::StrCat("command, policy and environment are ", text.size(),
                                    " bytes together; a relay takes ", kMaxFrameJson));
  } catch (const Json::exception&) {
    return ReasonError(absl::StatusCode::kInvalidArgument, "command_invalid",
                       "the policy or the environment holds half a surrogate pair, which is no character on Linux");
  }
}

absl::StatusOr<NestedRun> ParseNestedRun(absl::string_view text, const FarSide& far_side) {
  const absl::StatusOr<Json> parsed = ParseJson(text, kSource, kMaxFrameJson);
  if (!parsed.ok()) return Wrong(parsed.status().message());
  const Json& json = *parsed;
  RETURN_IF_ERROR(CheckKeys(json, kKeys, "the outermost table"));
  if (json["schema"] != kSchema) return Wrong(absl::StrCat("schema: is not ", kSchema));
  NestedRun run;
  ASSIGN_OR_RETURN(run.workspace, ReadPath(json["workspace"], "workspace"));
  ASSIGN_OR_RETURN(run.cwd, ReadPath(json["cwd"], "cwd"));
  ASSIGN_OR_RETURN(run.command, ReadCommand(json["command"]));
  ASSIGN_OR_RETURN(run.environment, ReadEnvironment(json["environment"]));
  ASSIGN_OR_RETURN(run.tty, ReadTty(json["tty"]));
  ASSIGN_OR_RETURN(run.streams, ReadStreams(json["streams"]));
  ASSIGN_OR_RETURN(run.policy, ReadPolicy(json, run.workspace, far_side));
  return run;
}

}  // namespace paddock::wsl2
