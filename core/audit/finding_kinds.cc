#include <algorithm>
#include <cassert>

#include "core/audit/finding.h"

namespace paddock::audit {

// Sorted by id. docs/audit.md has the same rows: a test compares.
const std::vector<FindingKind>& FindingKinds() {
  static const std::vector<FindingKind> kKinds = {
      {"ancestors_writable_by_others", "a directory above the workspace that other users may write",
       "whoever may write it can rename the workspace away and put another in its place, which the next run, and you, "
       "would take for yours",
       "take the right away, or move the workspace"},
      {"directories_writable_by_others", "directories of the workspace that other users may write",
       "other users of this machine can put hooks, settings and programs there, which tools on the host run as you; no "
       "sandbox stands between",
       "take the right away"},
      {"executed_later", "files that the host executes or obeys later, and that the command may change",
       "changing them is a coding agent's work, so the run reports a change and does not prevent it",
       "look at the report's left_behind before you run them on the host; deny_write makes one read-only"},
      {"files_writable_by_others", "files of the workspace that other users may write",
       "other users of this machine can change what you build, run or commit", "take the right away"},
      {"git_config_names_programs", "git configuration that names programs or other configuration",
       "git on the host runs or reads these at ordinary commands; whoever wrote the configuration chose them",
       "make sure that each was set by you: git config --show-origin --get KEY"},
      {"git_config_runs_workspace_file", "git configuration that leads git to run or read files of the workspace",
       "git on the host executes or obeys these files at ordinary commands such as `git status`",
       "unset the key, or deny writing the file: deny_write in the policy"},
      {"git_not_protected", "git hooks or configuration that the command may write",
       "git on the host runs hooks, and programs that the configuration names, at the next ordinary command",
       "add them to deny_write; the built-in profiles have them"},
      {"git_objects_shared", "git objects that are hard links to another repository's",
       "`git clone` of a local path shares object files: a command that writes one in place damages both repositories; "
       "git notices by the checksum",
       "clone with --no-hardlinks, or repack: new packs are files of their own"},
      {"git_url_with_password", "a remote's address that holds a password",
       "the configuration of a repository is readable in the sandbox, and every tool that prints a remote's address "
       "shows it",
       "take the password out of the address and give it to a credential helper"},
      {"grant_is_symlink", "a granted path that is, or is reached through, a symbolic link",
       "what it leads to is granted: whoever can change the link decides what the next run may write",
       "name the real path"},
      {"hard_links_outside", "files of the workspace with further names outside of it",
       "writing such a file inside changes it under every name, wherever those are: no sandbox that works on paths "
       "can tell them apart",
       "make each a file of its own; package managers: node-linker=hoisted with package-import-method=copy (pnpm), "
       "UV_LINK_MODE=copy (uv)"},
      {"hidden_file_has_other_names", "a hidden file that has further names",
       "a mask covers one name: under another, the same file can be read", "remove the other names, or hide them too"},
      {"host_place_shared", "a directory that everybody may write, and the command as well",
       "other users and programs of the host meet the command there: files and sockets under agreed names pass the "
       "sandbox in both directions",
       "let the run have its own: tmp = \"private\", no --rw for it"},
      {"host_socket_granted", "a host socket that the policy grants", "what answers there acts outside the sandbox",
       "take it out of network.unix_sockets"},
      {"host_socket_reachable", "a host socket that the command can connect to",
       "a read-only file system does not stop a connection, and what answers acts outside the sandbox",
       "hide it, or the directory that holds it"},
      {"host_sockets_hidden", "host sockets that the sandbox hides", "nothing to do: said so that it can be checked",
       ""},
      {"later_sockets_reachable", "sockets that are bound later are reachable where they lie in sight",
       "masks cover the sockets that listen when the run starts; Landlock refuses connections to the others only from "
       "ABI 9 on",
       "start servers that must be out of reach before the run, or keep their sockets below /run or /tmp"},
      {"masks_incomplete", "the search for what to hide and protect was cut short",
       "a pattern of the policy, or a nested repository, may lie in what was not searched, and is not covered then",
       "use a smaller workspace, or make the closed directories readable to yourself"},
      {"own_files_writable_by_others", "Paddock's own files that other users may change",
       "whoever may write a policy, or the program, decides what the next run enforces", "take the right away"},
      {"own_files_writable_inside", "Paddock's own files that the command may write",
       "the command would decide what its next run enforces", "take them out of the grants, or add them to deny_write"},
      {"path_entry_in_workspace", "a directory of PATH that the command may write",
       "the command can put a program there under the name of any tool that you run next on the host",
       "take it out of PATH, or deny writing it"},
      {"path_entry_relative", "an entry of PATH that is empty or relative",
       "a shell on the host looks for programs in whatever directory it is in: in a workspace, what the command put "
       "there",
       "take it out of PATH"},
      {"path_entry_writable_by_others", "a directory of PATH that other users may write",
       "other users of this machine can put a program there under the name of any tool that you run",
       "take the right away, or take it out of PATH"},
      {"repositories_found", "nested repositories, worktrees and submodules",
       "each has hooks and configuration of its own; those listed are protected like the workspace's", ""},
      {"repository_malformed", "a .git that no git would have made",
       "a forged .git leads git on the host to another repository's configuration",
       "see who made it; remove it if it was not you"},
      {"run_refused", "a run with these options is refused", "nothing would run", "see the reason"},
      {"scan_incomplete", "the search of the workspace was cut short",
       "nothing is known of what was not seen: the findings are a lower bound",
       "use a smaller workspace, or make the closed directories readable to yourself, and run the audit again"},
      {"secret_scan_incomplete", "files whose text was not, or not wholly, searched for secrets",
       "a secret may lie in what was not read", "hide those that you know to hold any"},
      {"secrets_masked", "files with secrets that the sandbox hides", "nothing to do: said so that it can be checked",
       ""},
      {"secrets_readable", "files with secrets that the command can read",
       "the command can read them, print them and put them into what it makes", "hide them"},
      {"set_id_files", "set-uid or set-gid programs, or programs with file capabilities",
       "inside they gain nothing (no_new_privs, nosuid); on the host they give their rights to whoever runs them, with "
       "what a command may have put there",
       "take the bits away"},
      {"special_files", "FIFOs and device nodes in the workspace",
       "a FIFO connects the command with whatever opens it on the host; a device node stands for the host's device",
       "remove those that you do not need"},
      {"state_directory_open", "Paddock's state directory is open to others",
       "its journals say what `paddock gc` removes", "close it"},
      {"symlinks_lead_outside", "symbolic links that lead out of the workspace",
       "the sandbox shows what they lead to under the policy's rules for that place; tools on the host follow them",
       ""},
      {"windows_attributes_open", "files whose attributes the token may change, though no grant says so",
       "who may set attributes may also make an empty directory a junction that leads elsewhere",
       "take the right away"},
      {"windows_capability_outside", "files that a capability of the run opens outside of its grants",
       "files that are moved keep their permissions: what was moved out of a granted directory stays open to later "
       "runs",
       "take the entries away"},
      {"windows_deletable_outside", "files that the token may delete or move, though no grant says so",
       "a write-restricted token is not asked for its capabilities where only FILE_DELETE_CHILD is wanted, so it "
       "deletes "
       "what the user may delete through the directory; what it may delete, it may also move to where it may write",
       "choose a backend that confines writes, or deny FILE_DELETE_CHILD: the user still deletes by DELETE on each "
       "name"},
      {"windows_grant_not_seen", "a writable root that the snapshot does not hold",
       "nothing is known of what is in it, protected names included", "take the snapshot of it as well, or mend --rw"},
      {"windows_model", "what this audit can and cannot tell",
       "the findings are what the access check gives for the descriptors that were read; a run may change some of them "
       "for as long as it lasts",
       ""},
      {"windows_null_dacl", "files without a DACL", "who has no list lets everybody do everything",
       "give them the permissions of their directory"},
      {"windows_permissions_open", "files whose permissions the token may change, though no grant says so",
       "who may change permissions may do everything in the end", "take the right away"},
      {"windows_protected_deletable", "protected names that the token may delete or move",
       "the name is free then, and the command can put its own file there, which the host executes or obeys later",
       "deny FILE_DELETE_CHILD on the directories above, up to the grant's root: the user still deletes by DELETE on "
       "each name"},
      {"windows_protected_writable", "protected names that the token may write as they are",
       "the host executes or obeys them later, and as things are nothing keeps the run from writing them",
       "take the right away"},
      {"windows_reparse_points", "links, junctions and mount points in the grants",
       "they were not followed: access to what they lead to goes by the permissions there", ""},
      {"windows_snapshot_incomplete", "a snapshot that does not hold everything below its roots",
       "nothing is known of what is not in it: the findings are a lower bound", "take it again"},
      {"windows_unknown", "files of which it is not known whether the token may change them",
       "the source does not tell, or an entry is of a kind that is not modelled; who asks for safety's sake takes the "
       "worse of the two",
       "take a snapshot with scripts/windows/snapshot.ps1, which has owners and labels; look at conditional entries "
       "yourself"},
      {"windows_unreadable", "files whose permissions could not be read",
       "nothing is known of them but what their directory tells", "take the snapshot as an administrator"},
      {"windows_writable_outside", "files that the token may write, though no grant says so",
       "Everyone is among the restricting SIDs, without which programs do not start: what everybody may write, every "
       "run may write",
       "take the right away, or give it to those who need it by name"},
      {"workspace_case_insensitive", "the workspace ignores the case of names",
       "a protected name can be made under another spelling; what is held is held by the name as it stands",
       "keep the checkout on a file system that minds case"},
      {"workspace_foreign_owned", "the workspace belongs to another user",
       "its owner can change everything in it, before and during the run, and decides with that what you run",
       "work on a checkout of your own"},
      {"workspace_on_drvfs", "the workspace lies on a Windows drive",
       "permissions there are those of the Windows user, and Windows programs execute what is left there",
       "keep the checkout in the distribution's own file system"},
      {"workspace_on_fuse", "the workspace lies on a file system that a program provides (FUSE)",
       "that program, and not the kernel, decides what a name means from one look to the next",
       "keep the checkout on a local file system"},
      {"workspace_on_network", "the workspace lies on a network file system",
       "other machines may change it behind the protected names during the run", "use a local checkout"},
      {"world_writable_places", "directories of the host that everybody may write",
       "they are where a command would meet an accomplice; the sandbox closes these", ""},
  };
  return kKinds;
}

const FindingKind& KindOf(absl::string_view id) {
  const std::vector<FindingKind>& kinds = FindingKinds();
  const auto found =
      std::lower_bound(kinds.begin(), kinds.end(), id,
                       [](const FindingKind& kind, absl::string_view wanted) { return kind.id < wanted; });
  assert(found != kinds.end() && found->id == id);
  return *found;
}

}  // namespace paddock::audit
