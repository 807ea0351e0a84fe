#include <algorithm>
#include <concepts>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/base/reason.h"
#include "core/host/facts.h"

// Both directions follow one table: Fields(archive, struct) names each member once, a Writer turns it into JSON, a
// Reader fills it in.

namespace paddock {
namespace {

constexpr char kSchema[] = "paddock.facts/1";
constexpr size_t kMaxText = 64u << 10;    // bytes of one string
constexpr size_t kMaxEntries = 1u << 20;  // of one array or map

template <typename E>
using Names = std::vector<std::pair<absl::string_view, E>>;

const Names<OsFamily>& NamesOf(OsFamily) {
  static const Names<OsFamily> kNames = {{"linux", OsFamily::kLinux}, {"windows", OsFamily::kWindows}};
  return kNames;
}

const Names<WindowsSku>& NamesOf(WindowsSku) {
  static const Names<WindowsSku> kNames = {{"unknown", WindowsSku::kUnknown},
                                           {"home", WindowsSku::kHome},
                                           {"pro", WindowsSku::kPro},
                                           {"pro-workstation", WindowsSku::kProWorkstation},
                                           {"enterprise", WindowsSku::kEnterprise},
                                           {"education", WindowsSku::kEducation},
                                           {"server", WindowsSku::kServer}};
  return kNames;
}

const Names<PathType>& NamesOf(PathType) {
  static const Names<PathType> kNames = {{"absent", PathType::kAbsent},       {"file", PathType::kFile},
                                         {"directory", PathType::kDirectory}, {"symlink", PathType::kSymlink},
                                         {"fifo", PathType::kFifo},           {"socket", PathType::kSocket},
                                         {"device", PathType::kDevice},       {"unreadable", PathType::kUnreadable}};
  return kNames;
}

const Names<RepositoryKind>& NamesOf(RepositoryKind) {
  static const Names<RepositoryKind> kNames = {{"directory", RepositoryKind::kDirectory},
                                               {"git-file", RepositoryKind::kGitFile}};
  return kNames;
}

const Names<WorkspaceLocation>& NamesOf(WorkspaceLocation) {
  static const Names<WorkspaceLocation> kNames = {{"unknown", WorkspaceLocation::kUnknown},
                                                  {"local", WorkspaceLocation::kLocal},
                                                  {"unc", WorkspaceLocation::kUnc},
                                                  {"mapped-drive", WorkspaceLocation::kMappedDrive},
                                                  {"synced", WorkspaceLocation::kSynced},
                                                  {"wsl-distribution", WorkspaceLocation::kWslDistribution},
                                                  {"removable", WorkspaceLocation::kRemovable},
                                                  {"network-filesystem", WorkspaceLocation::kNetworkFilesystem},
                                                  {"drvfs", WorkspaceLocation::kDrvfs}};
  return kNames;
}

template <typename E>
std::string NameOf(E value) {
  for (const auto& [name, candidate] : NamesOf(value)) {
    if (candidate == value) return std::string(name);
  }
  return "";
}

template <typename T, typename S>
concept Of = std::same_as<std::remove_const_t<T>, S>;

// The table. A field is (key, member); keys are the members' names.

template <typename Archive, Of<BubblewrapFacts> T>
void Fields(Archive& a, T& f) {
  a("path", f.path);
  a("trusted", f.trusted);
}

template <typename Archive, Of<WindowsMount> T>
void Fields(Archive& a, T& f) {
  a("path", f.path);
  a("source", f.source);
  a("filesystem", f.filesystem);
}

template <typename Archive, Of<LinuxFacts> T>
void Fields(Archive& a, T& f) {
  a("kernel", f.kernel);
  a("landlock_abi", f.landlock_abi);
  a("landlock_errata", f.landlock_errata);
  a("seccomp", f.seccomp);
  a("user_namespaces", f.user_namespaces);
  a("user_namespaces_via_bubblewrap", f.user_namespaces_via_bubblewrap);
  a("fresh_proc", f.fresh_proc);
  a("overlay_in_userns", f.overlay_in_userns);
  a("mount_setattr", f.mount_setattr);
  a("idmapped_mounts", f.idmapped_mounts);
  a("pid_max_per_namespace", f.pid_max_per_namespace);
  a("perf_event_paranoid", f.perf_event_paranoid);
  a("cgroup_delegated", f.cgroup_delegated);
  a("cgroup_path", f.cgroup_path);
  a("cgroup_controllers", f.cgroup_controllers);
  a("bubblewrap", f.bubblewrap);
  a("wsl_version", f.wsl_version);
  a("wslg", f.wslg);
  a("wsl_automount", f.wsl_automount);
  a("windows_mounts", f.windows_mounts);
  a("windows_interop", f.windows_interop);
  a("windows_interpreters", f.windows_interpreters);
  a("container_hints", f.container_hints);
  a("uid", f.uid);
  a("gid", f.gid);
  a("runtime_dir", f.runtime_dir);
  a("socket_paths", f.socket_paths);
  a("mount_points", f.mount_points);
}

template <typename Archive, Of<WslDistribution> T>
void Fields(Archive& a, T& f) {
  a("name", f.name);
  a("version", f.version);
  a("is_default", f.is_default);
  a("installed", f.installed);
  a("identity", f.identity);
  a("landlock", f.landlock);
  a("user_namespaces", f.user_namespaces);
  a("bubblewrap", f.bubblewrap);
  a("network_namespace", f.network_namespace);
  a("home", f.home);
  a("mounts", f.mounts);
}

template <typename Archive, Of<WindowsFacts> T>
void Fields(Archive& a, T& f) {
  a("sku", f.sku);
  a("sku_source", f.sku_source);
  a("build", f.build);
  a("hypervisor", f.hypervisor);
  a("virtualization_firmware", f.virtualization_firmware);
  a("nested_virtualization", f.nested_virtualization);
  a("windows_sandbox_installed", f.windows_sandbox_installed);
  a("windows_sandbox_enabled", f.windows_sandbox_enabled);
  a("windows_sandbox_running", f.windows_sandbox_running);
  a("wsl_installed", f.wsl_installed);
  a("distributions", f.distributions);
  a("mirrored_networking", f.mirrored_networking);
  a("provisioned", f.provisioned);
  a("network_filter_verified", f.network_filter_verified);
  a("seclogon", f.seclogon);
  a("domain_controller", f.domain_controller);
  a("app_control_enforced", f.app_control_enforced);
  a("in_job", f.in_job);
  a("elevated", f.elevated);
  a("window_station", f.window_station);
  a("lpac", f.lpac);
  a("user_sid", f.user_sid);
}

template <typename Archive, Of<HostFacts> T>
void Fields(Archive& a, T& f) {
  a("os", f.os);
  a("os_name", f.os_name);
  a("architecture", f.architecture);
  a("home", f.home);
  a.Section("linux", f.linux_host, f.os == OsFamily::kLinux);
  a.Section("windows", f.windows_host, f.os == OsFamily::kWindows);
}

template <typename Archive, Of<PathFacts> T>
void Fields(Archive& a, T& f) {
  a("type", f.type);
  a("device", f.device);
  a("inode", f.inode);
  a("owner", f.owner);
  a("mode", f.mode);
  a("real_path", f.real_path);
  a("crosses_symlink", f.crosses_symlink);
  a("via", f.via);
}

template <typename Archive, Of<RepositoryFacts> T>
void Fields(Archive& a, T& f) {
  a("root", f.root);
  a("kind", f.kind);
  a("git_dir", f.git_dir);
  a("common_dir", f.common_dir);
  a("worktrees", f.worktrees);
  a("modules", f.modules);
  a("include_targets", f.include_targets);
  a("back_linked", f.back_linked);
  a("well_formed", f.well_formed);
}

template <typename Archive, Of<DescriptorFacts> T>
void Fields(Archive& a, T& f) {
  a("descriptors", f.descriptors);
  a("above", f.above);
  a("problem", f.problem);
}

template <typename Archive, Of<WorkspaceFacts> T>
void Fields(Archive& a, T& f) {
  a("root", f.root);
  a("location", f.location);
  a("location_source", f.location_source);
  a("wsl_distribution", f.wsl_distribution);
  a("filesystem", f.filesystem);
  a("persistent_acls", f.persistent_acls);
  a("case_insensitive", f.case_insensitive);
  a("read_only", f.read_only);
  a("empty", f.empty);
  a("mounted_in_wsl", f.mounted_in_wsl);
  a("submounts", f.submounts);
  a("repositories", f.repositories);
  a("paths", f.paths);
  a("globs", f.globs);
  a("aliases", f.aliases);
  a("secrets", f.secrets);
  a("scan_complete", f.scan_complete);
}

template <typename Archive, Of<Lease> T>
void Fields(Archive& a, T& f) {
  a("path", f.path);
  a("kind", f.kind);
  a("live", f.live);
}

template <typename Archive, Of<LeaseFacts> T>
void Fields(Archive& a, T& f) {
  a("state_dir", f.state_dir);
  a("key", f.key);
  a("leases", f.leases);
}

template <typename Archive, Of<Facts> T>
void Fields(Archive& a, T& f) {
  a("host", f.host);
  a("workspace", f.workspace);
  a("leases", f.leases);
}

template <typename T>
struct KnownOf : std::false_type {};
template <typename T>
struct KnownOf<Known<T>> : std::true_type {};
template <typename T>
struct ListOf : std::false_type {};
template <typename T>
struct ListOf<std::vector<T>> : std::true_type {};
template <typename T>
struct MapOf : std::false_type {};
template <typename T>
struct MapOf<std::map<std::string, T>> : std::true_type {};

template <typename T>
Json Write(const T& value);

struct Writer {
  template <typename T>
  void operator()(const char* key, const T& value) {
    json[key] = Write(value);
  }
  // The part about the other operating system is left out unless somebody filled it in.
  template <typename T>
  void Section(const char* key, const T& value, bool wanted) {
    Json section = Write(value);
    if (wanted || section != Write(T{})) json[key] = std::move(section);
  }
  Json json = Json::object();
};

template <typename T>
Json Write(const T& value) {
  if constexpr (std::is_same_v<T, Fact>) {
    return {{"value", value.unknown() ? Json(nullptr) : Json(value.yes())}, {"source", value.source}};
  } else if constexpr (KnownOf<T>::value) {
    return {{"value", value.known() ? Json(*value.value) : Json(nullptr)}, {"source", value.source}};
  } else if constexpr (std::is_enum_v<T>) {
    return NameOf(value);
  } else if constexpr (ListOf<T>::value) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(Write(item));
    return array;
  } else if constexpr (MapOf<T>::value) {
    Json object = Json::object();
    // A map has each key once; operator[] would look for it in all those before.
    for (const auto& [key, item] : value) object.get_ref<Json::object_t&>().emplace_back(key, Write(item));
    return object;
  } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
    return value;
  } else {
    Writer writer;
    Fields(writer, value);
    return std::move(writer.json);
  }
}

// A place in a file: its name and a JSON pointer.
class Place {
 public:
  explicit Place(absl::string_view source) : source_(source) {}
  Place Below(absl::string_view key) const {
    Place below = *this;
    absl::StrAppend(&below.pointer_, "/", absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}}));
    return below;
  }
  absl::Status Wrong(absl::string_view what) const {
    return ReasonError(absl::StatusCode::kInvalidArgument, "facts_invalid",
                       absl::StrCat(source_, ": ", pointer_, pointer_.empty() ? "" : ": ", what));
  }
  absl::Status Wrong(absl::string_view expected, const Json& found) const {
    return Wrong(
        absl::StrCat("expected ", expected, ", found ", found.is_boolean() ? "true or false" : found.type_name()));
  }

 private:
  std::string source_;
  std::string pointer_;
};

template <typename T>
absl::Status Read(const Json& json, const Place& place, T& out);

// Reads the fields of one object; the first error stays.
struct Reader {
  template <typename T>
  void operator()(const char* key, T& value) {
    keys.push_back(key);
    const auto found = json.find(key);
    if (found != json.end()) status.Update(Read(*found, place.Below(key), value));
  }
  template <typename T>
  void Section(const char* key, T& value, bool /*wanted*/) {
    (*this)(key, value);
  }
  absl::Status Finish() {
    for (const auto& [key, value] : json.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) status.Update(place.Below(key).Wrong("unknown key"));
    }
    return status;
  }
  const Json& json;
  const Place& place;
  std::vector<absl::string_view> keys;
  absl::Status status;
};

absl::Status ReadText(const Json& json, const Place& place, std::string& out) {
  if (!json.is_string()) return place.Wrong("a string", json);
  const auto& text = json.get_ref<const std::string&>();
  if (text.size() > kMaxText) return place.Wrong(absl::StrCat("a string of more than ", kMaxText, " bytes"));
  if (text.find('\0') != std::string::npos) return place.Wrong("a string that holds a NUL");
  out = text;
  return absl::OkStatus();
}

template <std::integral T>
absl::Status ReadInteger(const Json& json, const Place& place, T& out) {
  if (!json.is_number_integer()) return place.Wrong("an integer", json);
  const bool fits =
      json.is_number_unsigned() ? std::in_range<T>(json.get<uint64_t>()) : std::in_range<T>(json.get<int64_t>());
  if (!fits) return place.Wrong(absl::StrCat("out of range: ", json.dump()));
  out = json.get<T>();
  return absl::OkStatus();
}

absl::Status ReadBool(const Json& json, const Place& place, bool& out) {
  if (!json.is_boolean()) return place.Wrong("true or false", json);
  out = json.get<bool>();
  return absl::OkStatus();
}

template <typename E>
absl::Status ReadEnum(const Json& json, const Place& place, E& out) {
  std::string text;
  absl::Status status = ReadText(json, place, text);
  if (!status.ok()) return status;
  std::string all;
  for (const auto& [name, value] : NamesOf(out)) {
    if (name == text) {
      out = value;
      return absl::OkStatus();
    }
    absl::StrAppend(&all, all.empty() ? "" : ", ", name);
  }
  return place.Wrong(absl::StrCat("one of ", all, " is expected"));
}

absl::Status ReadValue(const Json& json, const Place& place, Tri& out) {
  bool value = false;
  if (json.is_null()) {
    out = Tri::kUnknown;
    return absl::OkStatus();
  }
  absl::Status status = ReadBool(json, place, value);
  if (status.ok()) out = value ? Tri::kYes : Tri::kNo;
  return status;
}

template <typename T>
absl::Status ReadValue(const Json& json, const Place& place, std::optional<T>& out) {
  if (json.is_null()) {
    out.reset();
    return absl::OkStatus();
  }
  return Read(json, place, out.emplace());
}

// Fact and Known: {"value": V, "source": TEXT}, or V alone.
template <typename T>
absl::Status ReadSourced(const Json& json, const Place& place, T& out) {
  if (!json.is_object()) {
    out.source = "file";
    return ReadValue(json, place, out.value);
  }
  Reader reader{json, place, {"value"}, {}};
  reader("source", out.source);
  const auto value = json.find("value");
  if (value == json.end()) return place.Wrong("an object without \"value\"");
  reader.status.Update(ReadValue(*value, place.Below("value"), out.value));
  return reader.Finish();
}

template <typename T>
absl::Status ReadList(const Json& json, const Place& place, std::vector<T>& out) {
  if (!json.is_array()) return place.Wrong("an array", json);
  if (json.size() > kMaxEntries) return place.Wrong(absl::StrCat("more than ", kMaxEntries, " entries"));
  out.clear();
  for (size_t i = 0; i < json.size(); ++i) {
    absl::Status status = Read(json[i], place.Below(absl::StrCat(i)), out.emplace_back());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadMap(const Json& json, const Place& place, std::map<std::string, T>& out) {
  if (!json.is_object()) return place.Wrong("an object", json);
  if (json.size() > kMaxEntries) return place.Wrong(absl::StrCat("more than ", kMaxEntries, " entries"));
  out.clear();
  for (const auto& [name, value] : json.items()) {
    std::string key;
    absl::Status status = ReadText(Json(name), place, key);
    status.Update(Read(value, place.Below(name), out[key]));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status Read(const Json& json, const Place& place, T& out) {
  if constexpr (std::is_same_v<T, Fact> || KnownOf<T>::value) {
    return ReadSourced(json, place, out);
  } else if constexpr (std::is_enum_v<T>) {
    return ReadEnum(json, place, out);
  } else if constexpr (ListOf<T>::value) {
    return ReadList(json, place, out);
  } else if constexpr (MapOf<T>::value) {
    return ReadMap(json, place, out);
  } else if constexpr (std::is_same_v<T, bool>) {
    return ReadBool(json, place, out);
  } else if constexpr (std::is_integral_v<T>) {
    return ReadInteger(json, place, out);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return ReadText(json, place, out);
  } else {
    if (!json.is_object()) return place.Wrong("an object", json);
    Reader reader{json, place, {}, {}};
    Fields(reader, out);
    return reader.Finish();
  }
}

}  // namespace

Json ToJson(const Facts& facts) {
  Json json = {{"schema", kSchema}};
  json.update(Write(facts));
  return json;
}

absl::StatusOr<Facts> FactsFromJson(const Json& json, absl::string_view source) {
  const Place place(source);
  if (!json.is_object()) return place.Wrong("an object", json);
  const auto schema = json.find("schema");
  if (schema != json.end() && *schema != kSchema) {
    return place.Below("schema").Wrong(absl::StrCat("this version reads \"", kSchema, "\""));
  }
  Facts facts;
  Reader reader{json, place, {"schema"}, {}};
  Fields(reader, facts);
  absl::Status status = reader.Finish();
  if (!status.ok()) return status;
  return facts;
}

}  // namespace paddock
