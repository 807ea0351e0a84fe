"""The row of the attack table, and the watches by which the host's state decides."""

import dataclasses
import errno
import fcntl
import os
import select
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from harness import (RUN_TIMEOUT, contents, descriptors, differences, listing, namespace, process_state, read_proc,
                     snapshot, wait_until)

# What the host, an agent or an editor executes or obeys later; the default profile keeps these from being written.
PROTECTED = (
    ".git/hooks", ".git/config", ".git/config.worktree", ".git/commondir", ".vscode", ".idea", ".devcontainer", ".claude",
    ".codex", ".cursor", ".gemini", ".agents", ".mcp.json")

ANSWER_SECONDS = 10  # after which a bystander counts as stopped

# Paddock keeps its journals in these parts of a home; they are no canaries.
OWN_STATE = (".local", ".cache")


def nothing(scene):
    return None


@dataclasses.dataclass(frozen=True)
class Attack:
    """One row. `argv` runs inside, and outside as the control; `damage` is the kind that the control has to cause."""

    name: str
    damage: str
    argv: tuple = ()
    setup: Callable = nothing           # plants what the attack needs, adds watches
    hold: bool = False                  # the command stays until the host has been looked at
    during: Callable = nothing          # then: further acts of the host, while it is held
    flags: tuple = ()                   # options of paddock run
    prefix: tuple = ()                  # what starts the launcher
    popen: Callable = lambda scene: {}  # how the launcher is started: stdin, cwd, env, descriptors
    workspace: str = "{ws}"
    control: str = "outside"            # outside, weak (mounts that nothing keeps in place), or why there is none
    privileged: str = ""                # why the control cannot succeed as an ordinary user
    who: str = "both"                   # both, root, user
    needs: Callable = nothing           # gives what this host lacks, or None
    refused: bool = False               # Paddock must refuse to start: 125 and a reason
    refused_by: tuple = ()              # tiers that may refuse instead of holding it
    residual: str = ""                  # what is known not to be stopped, and why: reported, never claimed
    unless: tuple = ()                  # what a run may say of itself instead of stopping it (attacks_declared.py)
    alone: bool = False                 # looks at something that both accounts share
    tells: str = ""                     # what must not be in the output, besides the secret
    timeout: float = RUN_TIMEOUT
    execute: Callable | None = None     # for rows that are more than one command: (scene, launcher) -> [Ran]


def attack(*argv):
    """An attack of the attacker program; the mark tells an attack that failed from one that never started."""
    return ("{attacker}", "--mark", "{ws}/.ran", *argv)


def shell(script):
    return ("/bin/sh", "-c", "echo started >> '{ws}/.ran'; " + script)


def both(*setups):
    def run(scene):
        for setup in setups:
            setup(scene)
    return run


# --- watches on files


def standard_watches(scene):
    """What holds for every row: nothing outside changes, no protected name appears, nothing dangerous is planted."""
    before = {root: snapshot(root, OWN_STATE) for root in (scene.out, scene.home)}

    def wrote():
        changed = [f"{root.name}/{path}" for root, old in before.items()
                   for path in differences(old, snapshot(root, OWN_STATE))]
        return "changed: " + listing(changed) if changed else None

    protected = contents(scene.ws, PROTECTED)

    def protected_changed():
        changed = differences(protected, contents(scene.ws, PROTECTED))
        return "protected names changed: " + listing(changed) if changed else None

    def planted():
        for directory, names, files in os.walk(scene.ws):
            for path in (Path(directory, name) for name in names + files):
                info = path.lstat()
                if stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
                    return f"device node {path.name}"
                if info.st_mode & stat.S_ISUID:
                    return f"set-uid file {path.name}"
                if "security.capability" in xattrs(path):
                    return f"file capability on {path.name}"
        return None

    scene.watch("wrote", wrote)
    scene.watch("protected", protected_changed)
    scene.watch("planted", planted)


def xattrs(path):
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError:
        return []


def watch_appears(path, kind="wrote"):
    """A path that must not come into being; removed with the scene if it does."""
    def setup(scene):
        full = Path(scene.fill(path))
        scene.watch(kind, lambda: f"{full} exists" if os.path.lexists(full) else None)
        scene.defer(lambda: full.unlink(missing_ok=True))
    return setup


def watch_times(path):
    """A host file that is not ours: nothing but its change time is looked at."""
    def setup(scene):
        before = os.stat(path).st_ctime_ns
        scene.watch("wrote", lambda: f"{path} changed" if os.stat(path).st_ctime_ns != before else None)
    return setup


def watch_switch(path):
    """A host-wide switch below /proc/sys: put back at once if it changes."""
    def setup(scene):
        before = Path(path).read_text()

        def changed():
            if Path(path).read_text() == before:
                return None
            Path(path).write_text(before)
            return f"{path} changed"
        scene.watch("wrote", changed)
    return setup


def watch_lock(scene):
    def locked():
        with open(scene.out / "lockfile") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return "the host cannot lock out/lockfile"
        return None
    hold_watch("blocked", lambda _: locked())(scene)


def watch_fifo(scene):
    fd = os.open(scene.out / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    scene.defer(os.close, fd)

    def heard():
        try:
            return "the fifo carried bytes" if os.read(fd, 100) else None
        except BlockingIOError:
            return None
    scene.watch("reached", heard)


# --- watches on held processes


def held_processes(scene):
    """The attack's own processes, seen from the host: those that run the attacker and are not helpers."""
    return [pid for pid in scene.processes() if read_proc(pid, "cmdline").startswith(str(scene.lab.attacker).encode())]


def hold_watch(kind, function):
    """A watch that is asked while the attack is held."""
    def setup(scene):
        scene.during_watches = [*getattr(scene, "during_watches", []), (kind, lambda: function(scene))]
    return setup


def holds(*prefixes):
    """A held process has a descriptor whose link starts with one of these."""
    def look(scene):
        for pid in held_processes(scene):
            for link in descriptors(pid):
                if link.startswith(prefixes):
                    return f"process holds {link}"
        return None
    return hold_watch("held", look)


def nested(kind):
    """The attack's processes are in more than one namespace of this kind."""
    def look(scene):
        seen = {namespace(pid, kind) for pid in held_processes(scene)} - {""}
        return f"processes in {len(seen)} {kind} namespaces" if len(seen) > 1 else None
    return hold_watch("held", look)


def more_processes_than(limit):
    def look(scene):
        count = sum(len(os.listdir(f"/proc/{pid}/task")) for pid in held_processes(scene) if os.path.exists(f"/proc/{pid}"))
        return f"{count} processes and threads" if count > limit else None
    return hold_watch("exceeded", look)


def more_memory_than(mebibytes):
    def look(scene):
        total = sum(status_kib(pid, "RssAnon") for pid in held_processes(scene)) // 1024
        return f"{total} MiB resident" if total > mebibytes else None
    return hold_watch("exceeded", look)


def status_kib(pid, field):
    for line in read_proc(pid, "status").decode().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def shmem_mib():
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("Shmem:"):
            return int(line.split()[1]) // 1024
    return 0


def more_shared_memory_than(mebibytes):
    """tmpfs, memfd and SysV segments, by the host's own account."""
    def setup(scene):
        before = shmem_mib()
        hold_watch("exceeded", lambda _: (f"{shmem_mib() - before} MiB of shared memory more"
                                          if shmem_mib() - before > mebibytes else None))(scene)
    return setup


def zombies(limit):
    """Zombies below the processes of the scene, once whoever reaps has had its time."""
    def count(scene):
        ours = {namespace(pid, "pid") for pid in held_processes(scene)}
        return sum(1 for name in os.listdir("/proc") if name.isdigit() and process_state(name) == "Z"
                   and namespace(name, "pid") in ours)

    def look(scene):
        wait_until(lambda: count(scene) <= limit, 2)
        number = count(scene)
        return f"{number} zombies" if number > limit else None
    return hold_watch("exceeded", look)


# --- victims


def bystander(scene):
    """A process of the same account that minds its own business, with the secret in memory, environment and hand."""
    victim = scene.helper(["{attacker}", "bystander", "{home}/.ssh/id_rsa"], cwd=scene.home / ".ssh", process_group=0,
                          env={"BYSTANDER_SECRET": scene.secret})
    address, fd = victim.stdout.readline().split()
    scene.vars |= {"pid": victim.pid, "address": address.decode(), "fd": fd.decode()}
    nice = os.getpriority(os.PRIO_PROCESS, victim.pid)
    limits = read_proc(victim.pid, "limits")

    def touched():
        # One that was sent may take effect only after this look.
        if any(int(line.split()[1], 16) for line in read_proc(victim.pid, "status").splitlines()
               if line.startswith((b"SigPnd:", b"ShdPnd:"))):
            return "a signal is on its way to the bystander"
        if victim.poll() is not None or process_state(victim.pid) in ("", "Z"):
            return "the bystander is dead"
        if process_state(victim.pid) in "tT":
            return "the bystander is stopped"
        if os.getpriority(os.PRIO_PROCESS, victim.pid) != nice:
            return "the bystander was reniced"
        if read_proc(victim.pid, "limits") != limits:
            return "the bystander's limits were changed"
        return None

    def memory():
        if victim.poll() is not None or process_state(victim.pid) in "tT":
            return None
        victim.stdin.close()
        # A stop that was sent may take effect only now.
        if not select.select([victim.stdout], [], [], ANSWER_SECONDS)[0]:
            return "the bystander does not answer"
        return None if victim.stdout.readline().decode().strip() == scene.secret else "the bystander's memory was changed"

    scene.watch("touched", touched)
    scene.watch("touched", memory)
    hold_watch("touched", lambda _: touched())(scene)


def listener(family, kind, address):
    """A socket of the host that must not hear anything. `address` is filled from the scene's variables."""
    def setup(scene):
        where = scene.fill(address)
        sock = socket.socket(family, kind)
        if family == socket.AF_UNIX:
            name = "\0" + where[1:] if where.startswith("@") else where
            sock.bind(name)
            if not where.startswith("@"):
                os.chmod(where, 0o777)
                scene.own(where)
                scene.defer(lambda: Path(where).unlink(missing_ok=True))
        else:
            sock.bind((where, 0))
            scene.vars |= {"port": sock.getsockname()[1], "address": where}
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM:
            sock.listen(8)
        scene.defer(sock.close)
        scene.listener = sock

        def heard():
            try:
                peer = sock.accept() if kind == socket.SOCK_STREAM else sock.recvfrom(100)
                if kind == socket.SOCK_STREAM:
                    peer[0].close()
                return f"the listener on {where} heard something"
            except BlockingIOError:
                return None
            except OSError as error:
                return None if error.errno == errno.EAGAIN else f"listener: {error}"
        scene.watch("reached", heard)
    return setup


# --- what the host executes afterwards


def payload(scene):
    """A script whose run on the host is seen."""
    scene.vars["payload"] = f"#!/bin/sh\ntouch '{scene.root}/pwned'\nexit 0\n"
    scene.vars["touch"] = f"touch '{scene.root}/pwned';false"
    scene.watch("executed", lambda: "the host executed the payload" if (scene.root / "pwned").exists() else None)


def host_git(*directories):
    """After the run the host uses git in these directories, as anybody would."""
    def setup(scene):
        payload(scene)

        def use():
            for directory in directories or ("{ws}",):
                for command in (["status"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "host"], ["diff", "HEAD~1"]):
                    where = scene.fill(directory)
                    if os.path.isdir(where):
                        scene.git(*command, cwd=where, check=False)
        scene.after = use
    return setup


def reported(*paths):
    """Allowed, since projects need them; but then the report has to name them, or a directory that they came in."""
    def setup(scene):
        def named(path, report):
            said = [entry["path"] for entry in report.get("left_behind", [])]
            said += [violation["what"] for violation in report.get("violations", [])]
            full = scene.ws / path
            wanted = [str(full), *(str(above) for above in full.parents if above.is_relative_to(scene.ws) and above != scene.ws)]
            return any(text == one or text.endswith(" " + one) for text in said for one in wanted)

        def unreported():
            report = scene.read_report() or {}
            missing = [path for path in paths if os.path.lexists(scene.ws / path) and not named(path, report)]
            return "left behind without a word: " + listing(missing) if missing else None
        scene.watch("unreported", unreported)
    return setup
