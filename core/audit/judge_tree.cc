#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/audit/judge_parts.h"
#include "core/base/posix_path.h"

namespace paddock::audit {
namespace {

constexpr uint32_t kSticky = 01000, kSetUid = 04000;

// The tree that holds `path`.
const Place* TreeOf(const Observations& seen, const std::string& path) {
  for (const Place& tree : seen.trees) {
    if (PathIsWithin(path, tree.real_path)) return &tree;
  }
  return nullptr;
}

// ---- The workspace as a whole.

struct LocationRow {
  WorkspaceLocation location;
  absl::string_view id;
  Severity severity;
};
constexpr LocationRow kLocations[] = {
    {WorkspaceLocation::kNetworkFilesystem, "workspace_on_network", Severity::kMedium},
    {WorkspaceLocation::kDrvfs, "workspace_on_drvfs", Severity::kMedium},
};

void JudgeLocation(const Evidence& e, std::vector<Finding>* out) {
  const WorkspaceFacts& workspace = e.facts.workspace;
  const auto add = [&](absl::string_view id, Severity severity) {
    Draft draft(id, severity);
    draft.Add(workspace.root.real_path, workspace.location_source);
    draft.AddTo(out);
  };
  for (const LocationRow& row : kLocations) {
    if (workspace.location == row.location) add(row.id, row.severity);
  }
  const bool fuse = workspace.filesystem == "fuse" || workspace.filesystem.rfind("fuse.", 0) == 0;
  if (workspace.location == WorkspaceLocation::kUnknown && fuse) add("workspace_on_fuse", Severity::kLow);
  if (workspace.case_insensitive.yes()) {
    Draft draft("workspace_case_insensitive", Severity::kLow);
    draft.Add(workspace.root.real_path, workspace.case_insensitive.source);
    draft.AddTo(out);
  }
}

void JudgeOwner(const Evidence& e, std::vector<Finding>* out) {
  const int64_t caller = e.facts.host.linux_host.uid;
  const Others others(e.seen, caller);
  Draft foreign("workspace_foreign_owned", Severity::kLow), above("ancestors_writable_by_others", Severity::kMedium);
  for (const Place& tree : e.seen.trees) {
    if (tree.chain.empty()) continue;
    const Node& root = tree.chain.back();
    if (root.owner != caller && root.owner >= 0) {
      foreign.Add(root.path, absl::StrCat("belongs to uid ", root.owner, "; Paddock runs as uid ", caller));
      if (root.owner != 0) foreign.Raise(Severity::kMedium);
    }
    for (const Node& node : tree.chain) {
      // The owner of the tree needs no way around.
      if (&node == &root || (node.owner == root.owner && node.owner != caller)) continue;
      const std::string how = others.MayReplaceIn(node);
      if (!how.empty()) above.Add(node.path, how);
    }
  }
  foreign.AddTo(out);
  above.CommandOnPaths("chmod go-w");
  above.AddTo(out);
}

void JudgeGrants(const Evidence& e, std::vector<Finding>* out) {
  Draft draft("grant_is_symlink", Severity::kInfo);
  const auto add = [&](const std::string& path, const PathFacts& facts) {
    if (facts.crosses_symlink) draft.Add(path, absl::StrCat("leads to ", facts.real_path));
  };
  if (!e.request.workspace.empty()) add(e.request.workspace, e.facts.workspace.root);
  for (const PathRule& rule : e.request.write) {
    const auto found = e.facts.workspace.paths.find(rule.path);
    if (rule.path != e.request.workspace && found != e.facts.workspace.paths.end()) add(rule.path, found->second);
  }
  draft.AddTo(out);
}

// ---- What others may write.

void AddWritable(const Evidence& e, const Node& node, const std::string& note, Draft* draft) {
  const Place* const tree = TreeOf(e.seen, node.path);
  std::string by;
  if (tree != nullptr && Others::IsClosed(*tree, &by)) {
    draft->Add(node.path, absl::StrCat(note, "; out of reach for others, since ", by, " is closed to them"));
    return;
  }
  const bool directory = node.type == PathType::kDirectory;
  const bool sticky = directory && (node.mode & kSticky) != 0;
  draft->Add(node.path, sticky ? absl::StrCat(note, "; sticky: they may add, not replace") : note);
  draft->Raise(sticky ? Severity::kLow : Severity::kMedium);
}

void JudgeWritable(const Evidence& e, std::vector<Finding>* out) {
  const Others others(e.seen, e.facts.host.linux_host.uid);
  Draft directories("directories_writable_by_others", Severity::kLow),
      files("files_writable_by_others", Severity::kLow);
  const auto add = [&](const Sample<Node>& sample) {
    for (const Node& node : sample.kept) {
      const std::string note = others.MayWrite(node);
      if (!note.empty()) AddWritable(e, node, note, node.type == PathType::kDirectory ? &directories : &files);
    }
    const bool counts = !sample.kept.empty() && !others.MayWrite(sample.kept.front()).empty();
    const bool of_directories = counts && sample.kept.front().type == PathType::kDirectory;
    if (counts) (of_directories ? directories : files).AddUnlisted(sample.count - sample.kept.size());
  };
  add(e.seen.world_writable_directories);
  add(e.seen.world_writable_files);
  for (const auto& [group, sample] : e.seen.group_writable_directories) add(sample);
  for (const auto& [group, sample] : e.seen.group_writable_files) add(sample);
  for (Draft* const draft : {&directories, &files}) {
    draft->CommandOnPaths("chmod go-w");
    draft->AddTo(out);
  }
}

// ---- Kinds of files.

void JudgePrivileged(const Evidence& e, std::vector<Finding>* out) {
  Draft draft("set_id_files", Severity::kLow);
  std::string with_capabilities;
  for (const PrivilegedFile& file : e.seen.privileged.kept) {
    draft.Add(file.node.path, absl::StrCat("uid ", file.node.owner, ", gid ", file.node.group, ", mode ",
                                           Octal(file.node.mode), file.capabilities ? ", file capabilities" : ""));
    if (file.capabilities || ((file.node.mode & kSetUid) != 0 && file.node.owner == 0)) draft.Raise(Severity::kMedium);
    if (file.capabilities && with_capabilities.empty()) with_capabilities = file.node.path;
  }
  draft.AddUnlisted(e.seen.privileged.count - e.seen.privileged.kept.size());
  draft.CommandOnPaths("chmod u-s,g-s");
  if (!with_capabilities.empty()) draft.Command(absl::StrCat("setcap -r ", ShellWord(with_capabilities)));
  draft.AddTo(out);
}

void JudgeSpecial(const Evidence& e, std::vector<Finding>* out) {
  Draft draft("special_files", Severity::kLow);
  for (const Node& node : e.seen.special.kept) {
    draft.Add(node.path,
              node.type == PathType::kFifo ? "FIFO" : "device node; cannot be opened in the sandbox (nodev)");
  }
  draft.AddUnlisted(e.seen.special.count - e.seen.special.kept.size());
  draft.AddTo(out);
}

void JudgeSymbolicLinks(const Evidence& e, std::vector<Finding>* out) {
  Draft draft("symlinks_lead_outside", Severity::kInfo);
  for (const SymbolicLink& link : e.seen.links_out.kept) {
    draft.Add(link.path, link.real_path.empty()
                             ? "leads nowhere"
                             : absl::StrCat("leads to ", link.real_path, ": ", Name(e.view.SightOf(link.real_path))));
  }
  draft.AddUnlisted(e.seen.links_out.count - e.seen.links_out.kept.size());
  draft.AddTo(out);
}

// ---- Hard links.

// The deny_read rule that hides the file, by what it is or by where its other name lies; nullptr: none.
const PathRule* HidingRule(const Evidence& e, const LinkedFile& file) {
  for (const PathRule& rule : e.request.deny_read) {
    if (!rule.glob && !file.elsewhere.empty() && PathIsWithin(file.elsewhere, rule.path)) return &rule;
    const auto facts = e.facts.workspace.paths.find(rule.path);
    if (facts == e.facts.workspace.paths.end() || facts->second.type != PathType::kFile) continue;
    if (facts->second.device == file.node.device && facts->second.inode == file.node.inode) return &rule;
  }
  return nullptr;
}

std::string NamesNote(const LinkedFile& file) {
  return absl::StrCat(file.found, " of ", file.node.links, " names are here",
                      file.elsewhere.empty() ? "" : absl::StrCat("; another is ", file.elsewhere));
}

void JudgeHardLinks(const Evidence& e, std::vector<Finding>* out) {
  const auto writable = [&](const LinkedFile& file) { return e.view.SightOf(file.node.path) == Sight::kWritable; };
  Draft outside("hard_links_outside", Severity::kMedium), objects("git_objects_shared", Severity::kLow),
      hidden("hidden_file_has_other_names", Severity::kHigh);
  bool any = false;
  for (const LinkedFile& file : e.seen.linked_outside.kept) {
    const PathRule* const rule = IsVisible(e.view.SightOf(file.node.path)) ? HidingRule(e, file) : nullptr;
    if (rule != nullptr)
      hidden.Add(file.node.path, absl::StrCat("deny_read ", rule->text, " hides another name of it"));
    if (!writable(file)) continue;
    any = true;
    outside.Add(file.node.path, NamesNote(file));
  }
  if (any) outside.AddUnlisted(e.seen.linked_outside.count - e.seen.linked_outside.kept.size());
  outside.SetDetail(absl::StrCat(
      "files with several names that all lie in the trees, which are left out here: ", e.seen.linked_inside,
      e.seen.scan.stores_incomplete > 0 ? "; not every usual store was searched to its end" : ""));
  any = false;
  for (const LinkedFile& file : e.seen.git_objects_outside.kept) {
    if (!writable(file)) continue;
    any = true;
    objects.Add(file.node.path, NamesNote(file));
  }
  if (any) objects.AddUnlisted(e.seen.git_objects_outside.count - e.seen.git_objects_outside.kept.size());
  for (const Secret& secret : e.seen.secrets.kept) {
    if (secret.node.links < 2 || IsVisible(e.view.SightOf(secret.node.path))) continue;
    hidden.Add(secret.node.path, absl::StrCat("has ", secret.node.links, " names; this one is hidden"));
  }
  if (!outside.empty()) {
    outside.Command("f=FILE; cp -p -- \"$f\" \"$f.own\" && mv -- \"$f.own\" \"$f\"");
  }
  hidden.AddTo(out);
  outside.AddTo(out);
  objects.AddTo(out);
}

// ---- Secrets.

void JudgeSecrets(const Evidence& e, std::vector<Finding>* out) {
  const bool off = e.request.policy.network.mode == NetworkMode::kOff;
  Draft readable("secrets_readable", off ? Severity::kMedium : Severity::kHigh),
      masked("secrets_masked", Severity::kInfo);
  for (const Secret& secret : e.seen.secrets.kept) {
    const bool visible = IsVisible(e.view.SightOf(secret.node.path));
    (visible ? readable : masked)
        .Add(secret.node.path, secret.line > 0 ? absl::StrCat(secret.what, ", line ", secret.line) : secret.what);
  }
  readable.AddUnlisted(e.seen.secrets.count - e.seen.secrets.kept.size());
  readable.SetDetail(off ? "the network is off: they leave only in what the command prints and writes"
                         : "the network is open to the command: it can send them away");
  readable.CommandHide();
  readable.AddTo(out);
  masked.AddTo(out);
}

// ---- What was not seen.

void JudgeScan(const Evidence& e, std::vector<Finding>* out) {
  const Scan& scan = e.seen.scan;
  const std::string& workspace = e.facts.workspace.root.real_path;
  if (!e.facts.workspace.scan_complete && !e.refusal.has_value()) {
    Draft draft("masks_incomplete", Severity::kMedium);
    draft.Add(workspace);
    draft.AddTo(out);
  }
  if (!scan.complete || scan.links_unresolved > 0) {
    Draft draft("scan_incomplete", scan.complete ? Severity::kLow : Severity::kMedium);
    draft.Add(workspace, absl::StrCat(scan.entries, " entries were seen"));
    draft.SetDetail(scan.complete ? absl::StrCat("symbolic links that were not followed: ", scan.links_unresolved)
                                  : "a bound was reached, a directory of your own is closed to you, or something "
                                    "changed while it was looked at");
    draft.AddTo(out);
  }
  if (scan.not_read > 0 || scan.read_in_part > 0) {
    Draft draft("secret_scan_incomplete", scan.not_read > 0 ? Severity::kLow : Severity::kInfo);
    draft.Add(workspace, absl::StrCat(scan.files_read, " files were read; not read: ", scan.not_read,
                                      "; read in part: ", scan.read_in_part));
    draft.AddTo(out);
  }
}

void JudgeExecutedLater(const Evidence& e, std::vector<Finding>* out) {
  Draft draft("executed_later", Severity::kInfo);
  for (const View::Later& later : e.view.executed_later) {
    const auto found = e.seen.looked_at.find(later.path);
    const bool there = found != e.seen.looked_at.end() && found->second.type != PathType::kAbsent;
    if (there && e.view.SightOf(later.path) == Sight::kWritable) draft.Add(later.path, later.why);
  }
  draft.AddTo(out);
}

}  // namespace

void JudgeTree(const Evidence& e, std::vector<Finding>* out) {
  JudgeLocation(e, out);
  JudgeOwner(e, out);
  JudgeGrants(e, out);
  JudgeWritable(e, out);
  JudgePrivileged(e, out);
  JudgeSpecial(e, out);
  JudgeSymbolicLinks(e, out);
  JudgeHardLinks(e, out);
  JudgeSecrets(e, out);
  JudgeScan(e, out);
  JudgeExecutedLater(e, out);
}

}  // namespace paddock::audit
