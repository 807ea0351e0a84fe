"""Attacks on files: writing, marking, linking and reading what lies outside the workspace."""

import os
import subprocess
from pathlib import Path

from attacks_common import (Attack, attack, both, bystander, hold_watch, holds, shell, watch_appears, watch_fifo,
                            watch_lock, watch_switch, watch_times)
from attacks_declared import DEVICES, METADATA, READ, SEEN

ROOT_OWNED = "the file belongs to root"
CAPABLE = "needs a capability that an ordinary user lacks"
CORE_PATTERN = "/proc/sys/kernel/core_pattern"


def readable_stdin(scene):
    return {"stdin": open(scene.out / "canary", "rb")}


def null_stdin(scene):
    return {"stdin": open("/dev/null", "rb")}


def log(scene):
    """stdout is a log of the host that already holds a line."""
    scene.write(scene.root / "log", "earlier\n", 0o644)
    scene.watch("wrote", lambda: None if "earlier" in (scene.root / "log").read_text() else "the log's past is gone")
    scene.watch("wrote", lambda: None if (scene.root / "log").stat().st_mode & 0o777 == 0o644 else "the log's mode changed")


def log_stdout(scene):
    return {"stdout": open(scene.root / "log", "ab")}


def inherit(path, flags):
    """The caller left a descriptor open: {inherited}."""
    def popen(scene):
        fd = os.open(scene.fill(path), flags)
        scene.defer(os.close, fd)
        scene.vars["inherited"] = fd
        return {"pass_fds": (fd,)}
    return popen


def handle(scene):
    made = subprocess.run([scene.lab.attacker, "make-handle", scene.home / ".ssh/id_rsa"], capture_output=True, text=True)
    scene.vars["handle"] = made.stdout


def no_handles(scene):
    """overlayfs makes handles that it does not open."""
    handle(scene)
    opened = subprocess.run([scene.lab.attacker, "open-by-handle", scene.ws, scene.vars["handle"]], capture_output=True)
    return "this file system opens no handles" if b"Invalid argument" in opened.stderr else None


def touch_secret(scene):
    (scene.home / ".ssh/id_rsa").read_text()


def secret_inode(scene):
    scene.vars["inode"] = (scene.home / ".ssh/id_rsa").stat().st_ino


def no_xattr(scene):
    try:
        os.setxattr(scene.out / "canary", "user.probe", b"x")
        os.removexattr(scene.out / "canary", "user.probe")
    except OSError:
        return "no user xattrs on this file system"


def no_cgroup(scene):
    return None if cgroup_directory() else "no cgroup hierarchy that root may write"


def cgroup_directory():
    for path in ("/sys/fs/cgroup/pids", "/sys/fs/cgroup"):
        if os.access(f"{path}/cgroup.procs", os.W_OK):
            return Path(path)
    return None


def scratch_cgroup(scene):
    group = cgroup_directory() / scene.token
    group.mkdir()
    scene.defer(lambda: group.rmdir())
    scene.vars["cgroup"] = group
    hold_watch("held", lambda _: "a process moved itself to another cgroup"
               if (group / "cgroup.procs").read_text().strip() else None)(scene)


def mask_parent_renamed(scene):
    scene.write(scene.ws / "deep/er/.env", scene.secret)


def switch(path):
    def needs(scene):
        return None if os.access(path, os.W_OK) else f"{path} is not writable on this host"
    return needs


def shallow(name, *argv, **more):
    return Attack(name, "wrote", attack(*argv), **more)


ROWS = (
    # Writing outside, call by call.
    shallow("write outside", "write", "{out}/canary", "x"),
    shallow("append outside", "append", "{out}/canary", "x"),
    shallow("create outside", "create", "{out}/new", "x"),
    shallow("truncate(2) outside", "truncate", "{out}/canary"),
    shallow("O_TRUNC outside", "open-truncating", "{out}/canary"),
    shallow("unlink outside", "unlink", "{out}/canary"),
    shallow("mkdir outside", "mkdir", "{out}/new"),
    shallow("write into $HOME", "append", "{home}/.bashrc", "x"),
    # What Landlock never mediates.
    shallow("chmod outside", "chmod", "{out}/canary", "666", unless=(METADATA,)),
    shallow("chown outside", "chown", "{out}/canary", unless=(METADATA,)),
    shallow("utimensat outside", "set-times", "{out}/canary", unless=(METADATA,)),
    shallow("setxattr outside", "set-xattr", "{out}/canary", "user.planted", "x", needs=no_xattr, unless=(METADATA,)),
    shallow("FS_IOC_SETFLAGS outside", "set-flags", "{out}/canary", unless=(METADATA,)),
    # Links and renames across the border.
    shallow("hard link of an outside inode", "link-then-write", "{out}/canary", "{ws}/link", "x"),
    shallow("rename out of the workspace over a file", "rename", "{ws}/README.md", "{out}/canary"),
    shallow("rename an outside file into the workspace", "rename", "{out}/canary", "{ws}/taken"),
    shallow("RENAME_EXCHANGE across the border", "exchange", "{ws}/README.md", "{out}/canary"),
    shallow("O_TMPFILE, then linkat outside", "tmpfile-link", "{ws}", "{out}/new"),
    shallow("write through a symlink in the workspace", "symlink-then-write", "{out}/canary", "{ws}/link", "x"),
    Attack("read a secret through a symlink", "leaked", attack("symlink-then-read", "{home}/.ssh/id_rsa", "{ws}/link")),
    Attack("read a secret through a hard link", "leaked", attack("link-then-read", "{home}/.ssh/id_rsa", "{ws}/link")),
    # Secrets.
    Attack("read ~/.ssh", "leaked", attack("read", "{home}/.ssh/id_rsa")),
    Attack("read ~/.aws", "leaked", attack("read", "{home}/.aws/credentials")),
    Attack("read ~/.gnupg", "leaked", attack("read", "{home}/.gnupg/key")),
    Attack("read .env of the workspace", "leaked", attack("read", "{ws}/.env"), unless=(READ,)),
    Attack("read .env of a subdirectory", "leaked", attack("read", "{ws}/sub/.env"), unless=(READ,)),
    Attack("rename a masked file, then read", "leaked", shell("mv .env env2; cat env2; mv sub sub2; cat sub2/.env"),
           unless=(READ,)),
    Attack("rename the parents of a masked file, then read", "leaked", shell("mv deep deep2; cat deep2/er/.env; cat deep/er/.env"),
           mask_parent_renamed, unless=(READ,)),
    Attack("hard link of a masked file", "leaked", attack("link-then-read", "{ws}/.env", "{ws}/env2"), unless=(READ,)),
    Attack("watch a secret's use by inotify", "leaked", attack("watch", "{home}/.ssh/id_rsa"), hold=True, during=touch_secret,
           tells="watched", unless=(SEEN,)),
    Attack("stat of a masked file", "leaked", attack("stat", "{home}/.ssh/id_rsa"), secret_inode, tells="inode={inode}",
           unless=(SEEN,)),
    Attack("list ~/.ssh", "leaked", attack("list", "{home}/.ssh"), tells="id_rsa"),
    # Ways around the view.
    Attack("read by /proc/self/root", "leaked", attack("read", "/proc/self/root{home}/.ssh/id_rsa")),
    Attack("read by /proc/PID/root", "leaked", attack("read-through-proc", "{pid}", "root{home}/.ssh/id_rsa"), bystander),
    Attack("read by /proc/PID/cwd", "leaked", attack("read-through-proc", "{pid}", "cwd/id_rsa"), bystander),
    Attack("read by /proc/PID/fd", "leaked", attack("read-through-proc", "{pid}", "fd/{fd}"), bystander),
    Attack("read from an inherited working directory", "leaked", attack("read", "id_rsa"),
           popen=lambda s: {"cwd": s.home / ".ssh"}),
    Attack("write from an inherited working directory", "wrote", attack("write", "canary", "x"), popen=lambda s: {"cwd": s.out}),
    Attack("open_by_handle_at through the workspace's mount", "leaked", attack("open-by-handle", "{ws}", "{handle}"), handle,
           needs=no_handles, privileged=CAPABLE),
    Attack("open_by_handle_at through the root's mount", "leaked", attack("open-by-handle", "/", "{handle}"), handle,
           needs=no_handles, privileged=CAPABLE),
    # Descriptors handed over by the caller.
    Attack("stdin reopened for writing", "wrote", attack("reopen-to-write", "0", "x"), popen=readable_stdin),
    Attack("fchmod on stdin's file", "wrote", attack("chmod-fd", "0"), popen=readable_stdin),
    Attack("fchown on stdin's file", "wrote", attack("chown-fd", "0"), popen=readable_stdin),
    Attack("futimens on stdin's file", "wrote", attack("times-fd", "0"), popen=readable_stdin),
    Attack("fsetxattr on stdin's file", "wrote", attack("xattr-fd", "0"), popen=readable_stdin, needs=no_xattr),
    Attack("fchmod on /dev/null given as stdin", "wrote", attack("chmod-fd", "0"), watch_times("/dev/null"), popen=null_stdin, alone=True,
           privileged=ROOT_OWNED, unless=(DEVICES, METADATA)),
    Attack("stdout's log truncated", "wrote", attack("truncate-fd", "1"), log, popen=log_stdout),
    Attack("stdout's log reopened with O_TRUNC", "wrote", attack("reopen-truncating", "1"), log, popen=log_stdout),
    Attack("fchmod on stdout's log", "wrote", attack("chmod-fd", "1"), log, popen=log_stdout),
    Attack("write through an inherited directory", "wrote", attack("openat-fd", "{inherited}", "canary", "x"),
           popen=inherit("{out}", os.O_RDONLY | os.O_DIRECTORY)),
    Attack("read through an inherited directory", "leaked", attack("readat-fd", "{inherited}", "id_rsa"),
           popen=inherit("{home}/.ssh", os.O_RDONLY | os.O_DIRECTORY)),
    Attack("write through an inherited O_PATH directory", "wrote", attack("openat-fd", "{inherited}", "canary", "x"),
           popen=inherit("{out}", os.O_PATH | os.O_DIRECTORY)),
    Attack("write to an inherited file", "wrote", attack("write-fd", "{inherited}", "x"), popen=inherit("{out}/canary", os.O_WRONLY)),
    # Devices, special files, rendezvous.
    Attack("chmod of the host's /dev/full", "wrote", attack("chmod", "/dev/full", "666"), watch_times("/dev/full"),
           alone=True, privileged=ROOT_OWNED, unless=(DEVICES, METADATA)),
    Attack("mknod in the workspace", "planted", attack("make-node", "{ws}/node"), privileged=CAPABLE),
    Attack("open /dev/kmsg", "held", attack("open-device", "/dev/kmsg"), holds("/dev/kmsg"), hold=True, privileged=ROOT_OWNED),
    Attack("open /dev/kvm", "held", attack("open-device", "/dev/kvm"), holds("/dev/kvm"), hold=True, privileged=ROOT_OWNED,
           needs=lambda s: None if os.path.exists("/dev/kvm") else "no /dev/kvm"),
    Attack("open /dev/fuse", "held", attack("open-device", "/dev/fuse"), holds("/dev/fuse"), hold=True, privileged=ROOT_OWNED,
           needs=lambda s: None if os.path.exists("/dev/fuse") else "no /dev/fuse"),
    Attack("write a FIFO on the read-only host", "reached", attack("write-fifo", "{out}/fifo", "x"), watch_fifo),
    shallow("rendezvous in /tmp", "create", "/tmp/{token}", "x", setup=watch_appears("/tmp/{token}")),
    shallow("rendezvous in /var/tmp", "create", "/var/tmp/{token}", "x", setup=watch_appears("/var/tmp/{token}")),
    shallow("rendezvous in /dev/shm", "create", "/dev/shm/{token}", "x", setup=watch_appears("/dev/shm/{token}")),
    Attack("flock on a host file", "blocked", attack("lock-file", "{out}/lockfile"), watch_lock, hold=True,
           residual="whoever may read a file may lock it; no kernel mechanism refuses flock by path"),
    # Set-uid and capabilities, planted by root.
    Attack("set-uid by chmod", "planted", attack("suid-by-chmod", "{ws}/suid"), who="root"),
    Attack("set-uid by fchmodat2", "planted", attack("suid-by-fchmodat2", "{ws}/suid"), who="root"),
    Attack("set-uid by open(O_CREAT)", "planted", attack("suid-by-create", "{ws}/suid"), who="root"),
    Attack("set-uid by mknod", "planted", attack("suid-by-mknod", "{ws}/suid"), who="root"),
    Attack("file capability in the workspace", "planted", attack("file-capability", "{ws}/capable"), privileged=CAPABLE),
    # Host-wide switches: the kernel looks at the uid alone.
    Attack("core_pattern", "wrote", attack("write", CORE_PATTERN, "core.%p"), watch_switch(CORE_PATTERN),
           needs=switch(CORE_PATTERN), alone=True, privileged=ROOT_OWNED),
    Attack("core_pattern through a fresh procfs", "wrote", attack("fresh-proc", "{ws}/proc", "/sys/kernel/core_pattern", "core.%p"),
           watch_switch(CORE_PATTERN), control="weak", needs=switch(CORE_PATTERN), alone=True, privileged=ROOT_OWNED),
    Attack("move to another cgroup", "held", attack("write-and-hold", "{cgroup}/cgroup.procs", "0"), scratch_cgroup, hold=True,
           needs=no_cgroup, privileged=CAPABLE, who="root"),
    # The mount table.
    Attack("remount read-write", "wrote", attack("remount", "{out}", "{out}/canary", "x"), control="weak"),
    Attack("mount_setattr clears read-only", "wrote", attack("mount-setattr", "{out}", "{out}/canary", "x"), control="weak"),
    Attack("umount of a mask", "leaked", attack("unmount", "{home}/.ssh", "{home}/.ssh/id_rsa"), control="weak"),
    Attack("bind mount around a mask", "leaked", attack("bind-around", "{ws}/view", "{home}/.ssh/id_rsa"), control="weak",
           privileged=CAPABLE),
    Attack("detached clone around a mask", "leaked", attack("clone-around", "{home}/.ssh/id_rsa"), control="weak",
           privileged=CAPABLE),
    Attack("detached clone made writable", "wrote", attack("clone-to-write", "{ws}/view", "{out}/canary", "x"), control="weak",
           privileged=CAPABLE),
    Attack("io_uring OPENAT", "wrote", attack("ring-write", "{out}/canary", "x")),
)
