#include "core/lease/lease_plan.h"

#include <nlohmann/json.hpp>

namespace paddock {
namespace {

Json ChangeJson(const AceChange& change) {
  Json json = {{"path", change.path}, {"ace", change.ace}};
  if (change.scope == AceScope::kTree) json["tree"] = true;
  if (change.scope == AceScope::kBelow) json["below"] = true;
  if (!change.directory) json["directory"] = false;
  if (change.if_children_grant_delete) json["if_children_grant_delete"] = true;
  if (change.cut_off) json["cut_off"] = true;
  json["rule"] = change.rule;
  return json;
}

Json AbsentJson(const AbsentName& name) {
  Json json = {{"path", name.path}, {"placeholder", name.placeholder}};
  if (!name.ace.empty()) json["ace"] = name.ace;
  json["rule"] = name.rule;
  return json;
}

}  // namespace

Json ToJson(const WritableRoot& root) {
  Json json = {{"path", root.path}, {"capability", root.capability}, {"changes", JsonArray(root.changes, ChangeJson)}};
  if (!root.absent.empty()) json["absent"] = JsonArray(root.absent, AbsentJson);
  return json;
}

}  // namespace paddock
