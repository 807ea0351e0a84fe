#include "core/audit/snapshot_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status_macros.h"

namespace paddock::audit {
namespace {

constexpr absl::string_view kSchema = "paddock.snapshot/1";
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kMaxRoots = 1000;
constexpr size_t kMaxGroups = 1024;  // the most that a token holds

// Attributes of a token's groups (Microsoft Learn, "TOKEN_GROUPS structure").
constexpr uint64_t kGroupEnabled = 0x4;
constexpr uint64_t kGroupDenyOnly = 0x10;
constexpr uint64_t kGroupIntegrity = 0x20;
constexpr uint64_t kGroupLogon = 0xC0000000;

}  // namespace

SnapshotReader::SnapshotReader(std::string source) { snapshot_.source = std::move(source); }

absl::Status SnapshotReader::Error(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(snapshot_.source, ":", line_, ": ", what));
}

absl::Status SnapshotReader::Add(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const absl::string_view piece = bytes.substr(0, end);
    if (rest_.size() + piece.size() > kMaxSnapshotLine) {
      ++line_;
      return Error(absl::StrCat("a line of more than ", kMaxSnapshotLine, " bytes; no entry needs that"));
    }
    if (end == absl::string_view::npos) {
      absl::StrAppend(&rest_, piece);
      return absl::OkStatus();
    }
    if (rest_.empty()) {
      RETURN_IF_ERROR(Line(piece));
    } else {
      absl::StrAppend(&rest_, piece);
      const std::string line = std::exchange(rest_, {});
      RETURN_IF_ERROR(Line(line));
    }
    bytes.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> SnapshotReader::Finish() && {
  if (!rest_.empty()) {
    const std::string line = std::exchange(rest_, {});
    RETURN_IF_ERROR(Line(line));
  }
  if (!began_) {
    line_ = 1;
    return Error(absl::StrCat("empty; a snapshot begins with a line {\"schema\":\"", kSchema, "\", ...}"));
  }
  snapshot_.complete = ended_;
  return std::move(snapshot_);
}

absl::Status SnapshotReader::Line(absl::string_view line) {
  ++line_;
  if (line_ == 1 && absl::StartsWith(line, kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
  if (line.empty()) return absl::OkStatus();
  if (ended_) return Error("something follows the line that ends the snapshot");
  const absl::StatusOr<Json> json = ParseJson(line, "JSON", kMaxSnapshotLine);
  if (!json.ok()) return Error(json.status().message());
  if (!json->is_object()) return Error("no JSON object; each line is one, in braces");
  if (!began_) return Header(*json);
  if (json->contains("path")) return Entry(*json);
  if (json->contains("skipped")) return Skipped(*json);
  if (json->contains("end")) return End(*json);
  return Error("neither \"path\" nor \"skipped\" nor \"end\" is in this line");
}

absl::Status SnapshotReader::Keys(const Json& json, std::initializer_list<absl::string_view> known) const {
  for (const auto& item : json.items()) {
    if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
    return Error(absl::StrCat("unknown key \"", item.key(), "\"; known here: ", absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SnapshotReader::Text(const Json& json, const char* key) const {
  const auto found = json.find(key);
  if (found == json.end()) return Error(absl::StrCat("the key \"", key, "\" is missing"));
  if (!found->is_string()) return Error(absl::StrCat("\"", key, "\" is no text"));
  return found->get<std::string>();
}

absl::StatusOr<std::optional<std::string>> SnapshotReader::PerhapsText(const Json& json, const char* key) const {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string text, Text(json, key));
  return std::optional<std::string>(std::move(text));
}

absl::StatusOr<std::optional<uint64_t>> SnapshotReader::Number(const Json& json, const char* key,
                                                               uint64_t at_most) const {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::optional<uint64_t>();
  if (!found->is_number_unsigned() || found->get<uint64_t>() > at_most) {
    return Error(absl::StrCat("\"", key, "\" is no whole number from 0 to ", at_most));
  }
  return std::optional<uint64_t>(found->get<uint64_t>());
}

absl::StatusOr<bool> SnapshotReader::Flag(const Json& json, const char* key) const {
  const auto found = json.find(key);
  if (found == json.end()) return false;
  if (!found->is_boolean()) return Error(absl::StrCat("\"", key, "\" is neither true nor false"));
  return found->get<bool>();
}

absl::StatusOr<access::Sid> SnapshotReader::SidOf(const std::string& text, absl::string_view key) const {
  absl::StatusOr<access::Sid> sid = access::Sid::Parse(text);
  if (!sid.ok()) return Error(absl::StrCat("\"", key, "\": ", sid.status().message()));
  return sid;
}

absl::Status SnapshotReader::Header(const Json& json) {
  ASSIGN_OR_RETURN(const std::string schema, Text(json, "schema"));
  if (schema != kSchema) {
    return Error(absl::StrCat("the schema is \"", schema, "\"; this version reads \"", kSchema, "\""));
  }
  RETURN_IF_ERROR(Keys(json, {"schema", "taken", "by", "roots", "user", "groups", "integrity", "machine", "domain",
                              "forest", "labels"}));
  const auto roots = json.find("roots");
  if (roots == json.end() || !roots->is_array() || roots->empty() || roots->size() > kMaxRoots) {
    return Error(absl::StrCat("\"roots\" is no list of 1 to ", kMaxRoots, " paths"));
  }
  for (const Json& root : *roots) {
    if (!root.is_string()) return Error("a root is no text");
    snapshot_.roots.push_back(root.get<std::string>());
    const absl::string_view problem = PathProblem(snapshot_.roots.back());
    if (!problem.empty()) return Error(absl::StrCat("the root \"", snapshot_.roots.back(), "\" ", problem));
  }
  if (!json.contains("labels")) return Error("the key \"labels\" is missing: were mandatory labels read?");
  ASSIGN_OR_RETURN(has_labels_, Flag(json, "labels"));
  if (!has_labels_) snapshot_.cannot_tell.emplace_back("mandatory labels were not read");
  RETURN_IF_ERROR(Account(json));
  began_ = true;
  return absl::OkStatus();
}

absl::Status SnapshotReader::Account(const Json& json) {
  SnapshotAccount& account = snapshot_.account;
  ASSIGN_OR_RETURN(const std::string user, Text(json, "user"));
  ASSIGN_OR_RETURN(account.user, SidOf(user, "user"));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> integrity, Number(json, "integrity", UINT32_MAX));
  account.integrity = static_cast<uint32_t>(integrity.value_or(access::kMediumIntegrity));
  RETURN_IF_ERROR(Domains(json));
  const auto groups = json.find("groups");
  if (groups == json.end() || !groups->is_array() || groups->size() > kMaxGroups) {
    return Error(absl::StrCat("\"groups\" is no list of at most ", kMaxGroups, " groups"));
  }
  for (const Json& group : *groups) RETURN_IF_ERROR(Group(group));
  return absl::OkStatus();
}

absl::Status SnapshotReader::Domains(const Json& json) {
  access::SddlDomains& domains = snapshot_.account.domains;
  const std::pair<const char*, std::optional<access::Sid>*> rows[] = {
      {"machine", &domains.machine}, {"domain", &domains.domain}, {"forest", &domains.forest}};
  for (const auto& [key, sid] : rows) {
    ASSIGN_OR_RETURN(const std::optional<std::string> text, PerhapsText(json, key));
    if (!text) continue;
    ASSIGN_OR_RETURN(*sid, SidOf(*text, key));
  }
  return absl::OkStatus();
}

absl::Status SnapshotReader::Group(const Json& json) {
  if (!json.is_object()) return Error(R"(a group is written {"sid":"S-1-5-32-545","attributes":7})");
  RETURN_IF_ERROR(Keys(json, {"sid", "attributes"}));
  ASSIGN_OR_RETURN(const std::string text, Text(json, "sid"));
  ASSIGN_OR_RETURN(const access::Sid sid, SidOf(text, "sid"));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> given, Number(json, "attributes", UINT32_MAX));
  const uint64_t attributes = given.value_or(kGroupEnabled);
  // The token's own level stands among its groups.
  if ((attributes & kGroupIntegrity) != 0) return absl::OkStatus();
  access::Group group;
  group.sid = sid;
  group.enabled = (attributes & kGroupEnabled) != 0;
  group.deny_only = (attributes & kGroupDenyOnly) != 0;
  group.logon = (attributes & kGroupLogon) == kGroupLogon;
  snapshot_.account.groups.push_back(group);
  return absl::OkStatus();
}

absl::Status SnapshotReader::Entry(const Json& json) {
  RETURN_IF_ERROR(Keys(json, {"path", "directory", "reparse", "read_only", "sddl", "error"}));
  if (snapshot_.entries.size() >= kMaxSnapshotEntries) {
    return Error(absl::StrCat("more than ", kMaxSnapshotEntries, " entries; take snapshots of parts of the tree"));
  }
  SnapshotEntry entry;
  entry.line = line_;
  ASSIGN_OR_RETURN(entry.path, Text(json, "path"));
  const absl::string_view problem = PathProblem(entry.path);
  if (!problem.empty()) return Error(absl::StrCat("the path \"", entry.path, "\" ", problem));
  ASSIGN_OR_RETURN(const bool directory, Flag(json, "directory"));
  entry.kind = directory ? EntryKind::kDirectory : EntryKind::kFile;
  ASSIGN_OR_RETURN(entry.reparse, Flag(json, "reparse"));
  ASSIGN_OR_RETURN(entry.read_only, Flag(json, "read_only"));
  RETURN_IF_ERROR(Descriptor(json, &entry));
  snapshot_.entries.push_back(std::move(entry));
  return absl::OkStatus();
}

absl::Status SnapshotReader::Descriptor(const Json& json, SnapshotEntry* entry) {
  const auto sddl = json.find("sddl");
  ASSIGN_OR_RETURN(const std::optional<std::string> error, PerhapsText(json, "error"));
  if ((sddl == json.end()) != error.has_value()) {
    return Error("an entry has either \"sddl\" or, if that could not be read, \"error\"");
  }
  if (error) {
    entry->problem = table_.Problem(*error);
    return absl::OkStatus();
  }
  DescriptorTable::Place place;
  if (sddl->is_string()) {
    place = table_.Sddl(sddl->get<std::string>(), snapshot_.account.domains, {has_labels_, nullptr});
    texts_.push_back(place);
  } else {
    ASSIGN_OR_RETURN(const std::optional<uint64_t> number, Number(json, "sddl", UINT32_MAX));
    if (!number || *number >= texts_.size()) {
      return Error(absl::StrCat("\"sddl\" is neither a text nor the number of one of the ", texts_.size(),
                                " texts before this line, counted from 0"));
    }
    place = texts_[*number];
  }
  entry->descriptor = place.descriptor;
  entry->problem = place.problem;
  return absl::OkStatus();
}

absl::Status SnapshotReader::Skipped(const Json& json) {
  RETURN_IF_ERROR(Keys(json, {"skipped", "error"}));
  RETURN_IF_ERROR(Text(json, "skipped").status());
  RETURN_IF_ERROR(Text(json, "error").status());
  ++snapshot_.skipped;
  return absl::OkStatus();
}

absl::Status SnapshotReader::End(const Json& json) {
  RETURN_IF_ERROR(Keys(json, {"end", "entries"}));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> entries, Number(json, "entries", kMaxSnapshotEntries));
  if (!entries || *entries != snapshot_.entries.size()) {
    return Error(absl::StrCat("\"entries\" is not ", snapshot_.entries.size(),
                              ", the number of entries before this line: lines are missing, or were added"));
  }
  ended_ = true;
  return absl::OkStatus();
}

}  // namespace paddock::audit
