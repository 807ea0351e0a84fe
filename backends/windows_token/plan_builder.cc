#include "backends/windows_token/plan_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace paddock {

std::string EntryText(char type, absl::string_view flags, absl::string_view rights, absl::string_view sid) {
  return absl::StrCat("(", std::string(1, type), ";", flags, ";", rights, ";;;", sid, ")");
}

void AddChange(WritableRoot& root, AceChange change) {
  const bool there = std::any_of(root.changes.begin(), root.changes.end(), [&](const AceChange& other) {
    return other.path == change.path && other.ace == change.ace;
  });
  if (!there) root.changes.push_back(std::move(change));
}

WritableRoot* TokenPlanBuilder::RootOf(absl::string_view path) const {
  for (WritableRoot& root : body.roots) {
    if (MayLieIn(path, root.path)) return &root;
  }
  return nullptr;
}

void TokenPlanBuilder::Decide(const std::string& rule, Verdict verdict, std::string mechanism, std::string missing) {
  plan.verdicts.push_back({rule, verdict, std::move(mechanism), std::move(missing)});
}

WritableRoot& TokenPlanBuilder::AddRoot(const std::string& path, bool directory, const std::string& rule) {
  WritableRoot root;
  root.path = path;
  const size_t number = body.roots.size() + 1;
  root.capability = number == 1 ? "{capability}" : absl::StrCat("{capability:", number, "}");
  const AceScope scope = directory ? AceScope::kTree : AceScope::kObject;
  const auto grant = [&](const std::string& sid) {
    return AceChange{path,  EntryText('A', directory ? "OICI" : "", directory ? kModify : kModifyFile, sid),
                     scope, directory,
                     false, rule};
  };
  AddChange(root, grant(root.capability));
  // The second half of the grant: what the account of a dedicated user may do at all.
  if (dedicated()) AddChange(root, grant("{group}"));
  // The root stays where it is: moved, it could be taken for what is made in its place, or for a part of a folder that
  // the run leaves to be removed.
  if (directory) {
    AddChange(root, {path, EntryText('D', "", kDeleteOnly, root.capability), AceScope::kObject, /*directory=*/true,
                     false, rule});
  }
  body.roots.push_back(std::move(root));
  return body.roots.back();
}

}  // namespace paddock
