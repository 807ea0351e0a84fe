#include "core/lease/lease_record.h"

#include <utility>

#include <nlohmann/json.hpp>
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/access/app_container.h"
#include "core/access/mapping.h"
#include "core/access/sddl.h"
#include "core/base/json.h"
#include "core/base/json_members.h"
#include "core/base/status_macros.h"
#include "core/lease/lease_group.h"

namespace paddock {
namespace {

constexpr int kVersion = 1;
constexpr char kWhat[] = "no record of a lease";
constexpr size_t kMaxList = 4096;

struct PhaseName {
  LeasePhase phase;
  absl::string_view name;
};
constexpr PhaseName kPhases[] = {
    {LeasePhase::kStamping, "stamping"}, {LeasePhase::kStamped, "stamped"}, {LeasePhase::kRemoving, "removing"}};

absl::Status Broken(absl::string_view what) { return absl::InvalidArgumentError(absl::StrCat(kWhat, ": ", what)); }

std::string IdText(const FileKey& key) {
  return absl::BytesToHexString({reinterpret_cast<const char*>(key.id.data()), key.id.size()});
}

Json KeyJson(const FileKey& key) {
  return {{"volume", absl::StrCat(absl::Hex(key.volume, absl::kZeroPad16))}, {"id", IdText(key)}};
}

Json PlaceJson(const FilePlace& place) {
  Json json = KeyJson(place.key);
  json["path"] = place.path;
  return json;
}

JsonMembers MembersOf(const Json& json, size_t count) { return {json, count, kWhat}; }

bool IsLowerHex(absl::string_view text, size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

absl::StatusOr<FileKey> KeyOf(const JsonMembers& members) {
  ASSIGN_OR_RETURN(const std::string volume, members.Text("volume"));
  ASSIGN_OR_RETURN(const std::string id, members.Text("id"));
  FileKey key;
  if (!IsLowerHex(volume, 16) || !IsLowerHex(id, 2 * key.id.size()) || !absl::SimpleHexAtoi(volume, &key.volume)) {
    return Broken("a file key that is none");
  }
  const std::string bytes = absl::HexStringToBytes(id);
  for (size_t i = 0; i < key.id.size(); ++i) key.id[i] = static_cast<uint8_t>(bytes[i]);
  return key;
}

absl::StatusOr<FilePlace> PlaceOf(const Json& json) {
  const JsonMembers members = MembersOf(json, 3);
  RETURN_IF_ERROR(members.Check());
  FilePlace place;
  ASSIGN_OR_RETURN(place.key, KeyOf(members));
  ASSIGN_OR_RETURN(place.path, members.Text("path"));
  return place;
}

absl::StatusOr<FilePlace> PlaceOf(const JsonMembers& members, const char* name) {
  ASSIGN_OR_RETURN(const Json* json, members.Object(name));
  return PlaceOf(*json);
}

absl::StatusOr<std::string> CheckedName(const std::string& name) {
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of(std::string("\\/:\0", 4)) != std::string::npos) {
    return Broken("a name that no file has");
  }
  return name;
}

absl::StatusOr<std::string> NameOf(const JsonMembers& members, const char* member) {
  ASSIGN_OR_RETURN(const std::string name, members.Text(member));
  return CheckedName(name);
}

absl::StatusOr<UserDeny> UserDenyOf(const Json& json) {
  const JsonMembers members = MembersOf(json, 2);
  RETURN_IF_ERROR(members.Check());
  UserDeny deny;
  ASSIGN_OR_RETURN(deny.place, PlaceOf(members, "place"));
  ASSIGN_OR_RETURN(deny.ace, members.Text("ace"));
  const auto parsed = access::ParseSddl(absl::StrCat("D:", deny.ace));
  if (!parsed.ok() || parsed->control != 0 || parsed->dacl.aces.size() != 1) return Broken("an entry that is none");
  const access::Ace& ace = parsed->dacl.aces.front();
  if (ace != access::DenyAce(ace.sid, access::kFileDeleteChild)) return Broken("an entry that denies something else");
  return deny;
}

absl::StatusOr<LeasedDirectory> PlaceholderOf(const Json& json) {
  const JsonMembers members = MembersOf(json, json.contains("key") ? 4 : 3);
  RETURN_IF_ERROR(members.Check());
  LeasedDirectory placeholder;
  ASSIGN_OR_RETURN(placeholder.parent, PlaceOf(members, "parent"));
  ASSIGN_OR_RETURN(placeholder.name, NameOf(members, "name"));
  ASSIGN_OR_RETURN(placeholder.temporary, NameOf(members, "temporary"));
  if (!json.contains("key")) return placeholder;
  ASSIGN_OR_RETURN(const Json* key, members.Object("key"));
  const JsonMembers key_members = MembersOf(*key, 2);
  RETURN_IF_ERROR(key_members.Check());
  ASSIGN_OR_RETURN(placeholder.key, KeyOf(key_members));
  return placeholder;
}

template <typename T>
absl::Status ReadList(const JsonMembers& members, const char* name, absl::StatusOr<T> (*read)(const Json&),
                      std::vector<T>* items) {
  ASSIGN_OR_RETURN(const Json* list, members.List(name, kMaxList));
  for (const Json& json : *list) {
    ASSIGN_OR_RETURN(T item, read(json));
    items->push_back(std::move(item));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> NameItemOf(const Json& json) {
  if (!json.is_string()) return Broken("a name that is no text");
  return CheckedName(json.get_ref<const std::string&>());
}

absl::StatusOr<WatchedName> WatchedOf(const Json& json) {
  const JsonMembers members = MembersOf(json, 2);
  RETURN_IF_ERROR(members.Check());
  WatchedName watched;
  ASSIGN_OR_RETURN(watched.parent, PlaceOf(members, "parent"));
  RETURN_IF_ERROR(ReadList(members, "names", &NameItemOf, &watched.names));
  if (watched.names.empty()) return Broken("a watched name without a name");
  return watched;
}

absl::StatusOr<LeasePhase> PhaseOf(const JsonMembers& members) {
  ASSIGN_OR_RETURN(const std::string text, members.Text("phase"));
  for (const PhaseName& phase : kPhases) {
    if (phase.name == text) return phase.phase;
  }
  return Broken("a phase that is none");
}

std::string PhaseText(LeasePhase phase) {
  for (const PhaseName& row : kPhases) {
    if (row.phase == phase) return std::string(row.name);
  }
  return "";
}

// The SID is one of ours, or that of the package which the record names.
absl::Status ReadPackage(const Json& json, const JsonMembers& members, LeaseRecord* record) {
  if (json.contains("group")) {
    record->group = json["group"] == Json(true);
    const bool group = record->group && !json.contains("package") && IsGroupSid(record->capability);
    return group ? absl::OkStatus() : Broken("a group that is none");
  }
  if (!json.contains("package")) {
    return IsLeaseSid(record->capability) ? absl::OkStatus() : Broken("a capability that is none of ours");
  }
  ASSIGN_OR_RETURN(record->package, members.Text("package"));
  const auto sid = LeasePackageSid(record->package);
  return sid.ok() && *sid == record->capability ? absl::OkStatus() : Broken("a package that is none of ours");
}

uint64_t Digest(absl::string_view text) {  // FNV-1a; whoever finds a record compares the text itself
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  return hash;
}

}  // namespace

bool IsLeaseSid(const access::Sid& sid) {
  return sid.authority() == 5 && sid.size() == 5 && sid[0] == 21 && sid[1] == kLeaseAuthority;
}

absl::StatusOr<access::Sid> LeasePackageSid(absl::string_view name) {
  if (!absl::StartsWith(name, kPackagePrefix)) {
    return absl::InvalidArgumentError(absl::StrCat("no AppContainer of Paddock's is named ", name));
  }
  return access::PackageSid(name);
}

std::string FormatLeaseRecord(const LeaseRecord& record) {
  Json json = {{"version", kVersion},
               {"phase", PhaseText(record.phase)},
               {"root", PlaceJson(record.root)},
               {"capability", record.capability.ToString()},
               {"changes", record.changes},
               {"user_denies", Json::array()},
               {"placeholders", Json::array()},
               {"watched", Json::array()},
               {"quarantines", Json::array()}};
  if (!record.package.empty()) json["package"] = record.package;
  if (record.group) json["group"] = true;
  for (const UserDeny& deny : record.user_denies) {
    json["user_denies"].push_back({{"place", PlaceJson(deny.place)}, {"ace", deny.ace}});
  }
  for (const LeasedDirectory& item : record.placeholders) {
    Json entry = {{"parent", PlaceJson(item.parent)}, {"name", item.name}, {"temporary", item.temporary}};
    if (item.key) entry["key"] = KeyJson(*item.key);
    json["placeholders"].push_back(std::move(entry));
  }
  for (const WatchedName& item : record.watched) {
    json["watched"].push_back({{"parent", PlaceJson(item.parent)}, {"names", item.names}});
  }
  for (const std::string& name : record.quarantines) json["quarantines"].push_back(name);
  return DumpJson(json);
}

absl::StatusOr<LeaseRecord> ParseLeaseRecord(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "lease", kMaxRecordBytes));
  const JsonMembers members = MembersOf(json, json.contains("package") || json.contains("group") ? 10 : 9);
  RETURN_IF_ERROR(members.Check());
  const auto version = json.find("version");
  if (version == json.end() || *version != Json(kVersion)) return Broken("another version");
  LeaseRecord record;
  ASSIGN_OR_RETURN(record.phase, PhaseOf(members));
  ASSIGN_OR_RETURN(record.root, PlaceOf(members, "root"));
  ASSIGN_OR_RETURN(const std::string sid, members.Text("capability"));
  ASSIGN_OR_RETURN(record.capability, access::Sid::Parse(sid));
  RETURN_IF_ERROR(ReadPackage(json, members, &record));
  ASSIGN_OR_RETURN(record.changes, members.Text("changes"));
  RETURN_IF_ERROR(ReadList(members, "user_denies", &UserDenyOf, &record.user_denies));
  RETURN_IF_ERROR(ReadList(members, "placeholders", &PlaceholderOf, &record.placeholders));
  RETURN_IF_ERROR(ReadList(members, "watched", &WatchedOf, &record.watched));
  RETURN_IF_ERROR(ReadList(members, "quarantines", &NameItemOf, &record.quarantines));
  return record;
}

std::string LeaseRecordName(const FileKey& root, absl::string_view changes) {
  return absl::StrCat("lease-", absl::Hex(root.volume, absl::kZeroPad16), "-", IdText(root), "-",
                      absl::Hex(Digest(changes), absl::kZeroPad16), ".json");
}

bool IsLeaseRecordName(absl::string_view name) {
  return absl::StartsWith(name, "lease-") && absl::EndsWith(name, ".json");
}

}  // namespace paddock
