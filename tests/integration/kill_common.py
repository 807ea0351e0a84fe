"""What the suites that kill have in common: a world in which something is killed, and a look at what is left of it.

The suite is a subreaper: whatever a launcher leaves behind becomes its child. So it finds every process of its own runs,
whatever their arguments and namespaces, and none of anybody else's.
"""

import collections
import ctypes
import json
import os
import pty
import signal
import subprocess
import termios
import time
from pathlib import Path

from harness import GRACE, Scene, all_pids, end_process, process_state, read_proc, snapshot, wait_for_end, wait_until

LIFE = 10  # seconds a launcher may take to end after a process of its sandbox was killed
ORPHANS = 0.2  # seconds until what a plan with tree=inherited leaves behind is ended
WALL = 0x40000000  # __WALL of waitpid(2)
PR_SET_CHILD_SUBREAPER = 36

# The command, and a child of its own.
COMMAND = ["/bin/sh", "-c", '"$0" ignore-signals "$1" & exec "$0" ignore-signals "$1"']


def become_subreaper():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)


def parent(pid):
    fields = read_proc(pid, "stat").rpartition(b") ")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def descendants(root):
    children = collections.defaultdict(list)
    for pid in sorted(all_pids()):
        children[parent(pid)].append(pid)
    found, queue = [], [root]
    while queue:
        below = children[queue.pop(0)]
        found += below
        queue += below
    return found


def reap():
    """Takes the status of what was left to the suite; no child that it started itself is running then."""
    try:
        while os.waitpid(-1, os.WNOHANG | WALL)[0] > 0:
            pass
    except ChildProcessError:
        pass


def locked_inodes():
    """(major:minor:inode) of /proc/locks: a live launcher or guard holds one on its cgroup."""
    return {line.split()[5] for line in Path("/proc/locks").read_text().splitlines() if line.split()[1] != "->"}


class World:
    def __init__(self, lab, who, tty):
        self.lab, self.who, self.tty = lab, who, tty
        self.scene = Scene(lab, who, "kill")
        planned = subprocess.run(self.argv("plan", ["/bin/true"], "--json"), env=self.scene.env, cwd=self.scene.ws, check=False,
                                 capture_output=True, **who.popen_arguments())
        if planned.returncode != 0:
            raise SystemExit(f"{who.name}: no plan: {planned.stderr.decode()}")
        plan = json.loads(planned.stdout)
        self.inherited = plan["promised"]["tree"] == "inherited"
        self.state = self.scene.home / ".local/state/paddock"
        self.cgroups = plan["body"]["limits"]["by"].get("cgroup", {}).get("parent")
        self.foreign = set(self.run_cgroups())
        self.before = self.names()
        self.orphans = 0  # what was left behind as the plan had said
        if tty:
            self.master, self.slave = pty.openpty()
            os.set_blocking(self.master, False)
            self.cooked = termios.tcgetattr(self.slave)

    def close(self):
        self.scene.close()
        if self.tty:
            os.close(self.master)
            os.close(self.slave)

    def argv(self, subcommand, command, *flags):
        run_flags = [flag for flag in self.lab.run_flags if subcommand == "run" or flag != "--quiet"]
        return [*self.lab.tool, subcommand, "--workspace", self.scene.ws, *run_flags, *flags, "--", *command]

    def start(self, command, **options):
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), self.slave if self.tty else subprocess.DEVNULL)
        argv = self.argv("run", [*command, self.lab.attacker, self.scene.token], "--tty", "always" if self.tty else "never")
        return self.scene.popen(argv, start_new_session=not self.tty, **streams, **options)

    def names(self):
        return {name: info[0] for name, info in snapshot(self.scene.ws).items()}

    # --- what is left

    def processes(self):
        mark = self.scene.token.encode()
        mine = set(descendants(os.getpid())) | {
            pid for pid in all_pids() if mark in read_proc(pid, "cmdline") or mark in read_proc(pid, "environ")}
        return [pid for pid in mine - {os.getpid()} if process_state(pid) not in ("", "Z", "X")]

    def survivors(self, seconds):
        deadline = time.monotonic() + seconds
        while pids := self.processes():
            if living := wait_for_end(pids, max(0, deadline - time.monotonic())):
                return living
            reap()
        reap()
        return []

    def run_directories(self):
        try:
            return [name for name in os.listdir(self.state / "runs") if name.startswith("run.")]
        except FileNotFoundError:
            return []

    def run_cgroups(self):
        """Those that nobody holds any more; other suites have some of their own."""
        locked, found = locked_inodes(), []
        for path in Path(self.cgroups).glob("paddock-run.*") if self.cgroups else ():
            try:
                info = path.stat()
            except FileNotFoundError:
                continue
            device = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}"
            if f"{device}:{info.st_ino}" not in locked:
                found.append(path.name)
        return found

    def lost_cgroups(self):
        """Twice the same: between making one and locking it, another suite's looks lost."""
        if not set(self.run_cgroups()) - self.foreign:
            return []
        wait_until(lambda: not set(self.run_cgroups()) - self.foreign, 0.05)
        return sorted(set(self.run_cgroups()) - self.foreign)

    def left(self, supervisor_killed=False, guarded=True):
        """What is left after a kill, as sentences. Processes first: the guard among them does the rest before it ends.
        Before a launcher has started its guard, a directory and a cgroup may wait for the next run."""
        spared = supervisor_killed and self.inherited
        for pid in self.survivors(ORPHANS if spared else GRACE):
            self.orphans += spared
            if not spared:
                yield f"process {pid} lives on ({read_proc(pid, 'cmdline')[:80]!r})"
            end_process(pid)
        self.survivors(GRACE)
        if guarded:
            yield from self.left_of_a_run()
        now = self.names()
        if now != self.before:
            changed = sorted(name for name in now.keys() | self.before.keys() if now.get(name) != self.before.get(name))
            yield f"in the workspace: {', '.join(changed)}"
            self.before = now
        if self.tty:
            self.drain()
            if termios.tcgetattr(self.slave)[:6] != self.cooked[:6]:
                yield "the terminal is raw"
                termios.tcsetattr(self.slave, termios.TCSANOW, self.cooked)

    def left_of_a_run(self):
        if found := self.run_directories():
            yield f"below {self.state}/runs: {', '.join(found)}"
        if found := self.lost_cgroups():
            yield f"below {self.cgroups}: {', '.join(found)}"
            self.foreign |= set(found)
        if found := sorted(self.state.glob("leases/*.broken")):
            yield f"a broken journal: {found[0]}"

    def next_run(self):
        """A run after a kill works, and takes away what nobody was left to take away."""
        ran = subprocess.run(self.argv("run", ["/bin/true"]), env=self.scene.env, cwd=self.scene.ws, check=False,
                             capture_output=True, timeout=60, stdin=subprocess.DEVNULL, **self.who.popen_arguments())
        if ran.returncode != 0:
            yield f"the next run ended with {ran.returncode}: {ran.stderr.decode()[-200:]}"
        for text in self.left():
            yield f"after the next run: {text}"

    def drain(self):
        try:
            while os.read(self.master, 65536):
                pass
        except BlockingIOError:
            pass


def control(lab, who):
    """A launcher that leaves everything behind: each thing has to be noticed. Gives what was not."""
    world = World(lab, who, True)
    world.cgroups = world.scene.root / "cgroups"
    runs = world.state / "runs/run.left"
    script = ('stty raw <&0; mkdir -p "$2/.claude" "$3" "$4/paddock-run.left"; "$0" ignore-signals "$1" & echo started >&2; '
              'wait')
    process = world.scene.popen(["/bin/sh", "-c", script, lab.attacker, world.scene.token, world.scene.ws, runs, world.cgroups],
                                stdin=world.slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stderr.readline()
    process.stdout.readline()
    end_process(process.pid)
    process.wait()
    noticed = " ".join(world.left())
    world.close()
    expected = ("lives on", "in the workspace", "terminal is raw", "run.left", "paddock-run.left")
    return [f"control ({who.name}): not noticed: {what}" for what in expected if what not in noticed]
