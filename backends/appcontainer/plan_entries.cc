#include "backends/appcontainer/plan_entries.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/appcontainer/plan_builder.h"

namespace paddock {
namespace {

constexpr char kModify[] = "0x1301bf";         // everything but FILE_DELETE_CHILD, WRITE_DAC, WRITE_OWNER
constexpr char kModifyInPlace[] = "0x1201bf";  // the same without DELETE
constexpr char kRead[] = "0x1200a9";           // read and execute
constexpr char kLook[] = "0x120080";           // attributes and the list of entries: that it is there

AceChange Change(const std::string& path, absl::string_view rights, AceScope scope, bool directory,
                 const std::string& rule, bool cut_off) {
  if (!directory) scope = AceScope::kObject;
  const char* const flags = scope == AceScope::kTree ? "OICI" : scope == AceScope::kBelow ? "OICIIO" : "";
  AceChange change = {path, absl::StrCat("(A;", flags, ";", rights, ";;;", kPackage, ")"), scope, directory, false,
                      rule};
  change.cut_off = cut_off;
  return change;
}

void Add(WritableRoot& root, AceChange change) {
  const bool there = std::any_of(root.changes.begin(), root.changes.end(), [&](const AceChange& other) {
    return other.path == change.path && other.ace == change.ace;
  });
  if (!there) root.changes.push_back(std::move(change));
}

}  // namespace

WritableRoot WriteRoot(const std::string& path, bool directory, const std::string& rule) {
  WritableRoot root = {path, kPackage, {}, {}};
  Add(root, Change(path, kModifyInPlace, AceScope::kObject, directory, rule, false));
  if (directory) Add(root, Change(path, kModify, AceScope::kBelow, directory, rule, false));
  return root;
}

WritableRoot ReadRoot(const std::string& path, bool directory, const std::string& rule) {
  return {path, kPackage, {Change(path, kRead, AceScope::kTree, directory, rule, false)}, {}};
}

void AddLeaf(WritableRoot& root, const std::string& path, bool directory, bool hidden, const std::string& rule) {
  Add(root, Change(path, hidden ? kLook : kRead, hidden ? AceScope::kObject : AceScope::kTree, directory, rule, true));
}

void AddWay(WritableRoot& root, const std::string& path, const std::string& rule) {
  Add(root, Change(path, kModifyInPlace, AceScope::kObject, true, rule, true));
  Add(root, Change(path, kModify, AceScope::kBelow, true, rule, true));
}

}  // namespace paddock
