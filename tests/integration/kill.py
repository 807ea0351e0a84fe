#!/usr/bin/python3
"""Kills the launcher, the sandbox's pid 1 or the command at random moments, and looks at what is left.

Nothing may be: no process (by a marker in its arguments, and by pid namespace), no mount in the host's namespace, no
placeholder in the workspace, no terminal left raw. The guard that cleans up after a killed launcher has two seconds.
"""

import collections
import os
import pty
import random
import signal
import subprocess
import sys
import termios
import time

from harness import (GRACE, Lab, Scene, accounts, all_pids, arguments, end_process, mounts, namespace, read_proc, snapshot,
                     wait_for_end)

TARGETS = ("launcher", "pid 1", "command")
EARLY, LATE = 0.030, 0.150  # seconds: during start-up, and well into the run
LIFE = 10  # seconds a launcher may take to end after its command was killed


def parent(pid):
    fields = read_proc(pid, "stat").rpartition(b") ")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def descendants(root):
    children = collections.defaultdict(list)
    for pid in all_pids():
        children[parent(pid)].append(pid)
    found, queue = [], [root]
    while queue:
        below = children[queue.pop()]
        found += below
        queue += below
    return found


def is_init(pid):
    for line in read_proc(pid, "status").decode().splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == "1"
    return False


def choose(target, launcher, attacker):
    """The process that plays this part now; early on there may be none, and then the launcher is killed."""
    if target != "launcher":
        for pid in descendants(launcher):
            if target == "pid 1" and is_init(pid):
                return target, pid
            if target == "command" and read_proc(pid, "cmdline").startswith(os.fsencode(attacker)):
                return target, pid
    return "launcher", launcher


class Killer:
    def __init__(self, lab, who, tty, rng):
        self.lab, self.who, self.tty, self.rng = lab, who, tty, rng
        self.scene = Scene(lab, who, "kill")
        self.counts = collections.Counter()
        self.early = 0
        self.names = lambda: {name: info[0] for name, info in snapshot(self.scene.ws).items()}
        self.before = self.names()
        self.namespaces = {namespace(pid, "pid") for pid in all_pids()}
        if tty:
            self.master, self.slave = pty.openpty()
            os.set_blocking(self.master, False)
            self.cooked = termios.tcgetattr(self.slave)

    def close(self):
        self.scene.close()
        if self.tty:
            os.close(self.master)
            os.close(self.slave)

    def start(self):
        argv = [self.lab.paddock, "run", "--workspace", self.scene.ws, "--tty", "always" if self.tty else "never",
                *self.lab.run_flags, "--", self.lab.attacker, "ignore-signals", self.scene.token]
        streams = {"stdin": self.slave, "stdout": self.slave, "stderr": self.slave} if self.tty else {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self.scene.popen(argv, start_new_session=not self.tty, **streams)

    def once(self):
        """One kill; gives what was left, as sentences."""
        delay = self.rng.uniform(0, EARLY) if self.rng.random() < 0.7 else self.rng.uniform(EARLY, LATE)
        self.early += delay < EARLY
        process = self.start()
        time.sleep(delay)  # the random moment itself
        part, pid = choose(self.rng.choice(TARGETS), process.pid, self.lab.attacker)
        self.counts[part] += 1
        end_process(pid)
        try:
            process.wait(LIFE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return [f"{part} killed after {delay * 1000:.1f} ms: the launcher did not end within {LIFE} s"]
        return [f"{part} killed after {delay * 1000:.1f} ms: {text}" for text in self.left()]

    def left(self):
        """Processes first: the guard among them does the rest before it ends."""
        ours = set(self.scene.processes())
        foreign = {pid for pid in all_pids() if namespace(pid, "pid") not in self.namespaces | {""}}
        survivors = wait_for_end(ours | foreign, GRACE)
        for pid in survivors:
            yield f"process {pid} lives on ({read_proc(pid, 'cmdline')[:80]!r})"
            end_process(pid)
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

    def drain(self):
        try:
            while os.read(self.master, 65536):
                pass
        except BlockingIOError:
            pass


def control(lab, who):
    """A launcher that leaves everything behind: each thing has to be noticed. Gives what was not."""
    killer = Killer(lab, who, True, random.Random(0))
    script = 'stty raw <&0; mkdir "$2/.claude"; "$0" ignore-signals "$1" & echo started >&2; wait'
    process = killer.scene.popen(["/bin/sh", "-c", script, lab.attacker, killer.scene.token, killer.scene.ws],
                                 stdin=killer.slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stderr.readline()
    process.stdout.readline()
    end_process(process.pid)
    process.wait()
    noticed = " ".join(killer.left())
    killer.close()
    return [f"control ({who.name}): not noticed: {what}" for what in ("lives on", "in the workspace", "terminal is raw")
            if what not in noticed]


def main():
    parser = arguments(__doc__)
    parser.add_argument("--attacker", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    lab = Lab(options.paddock, options.attacker, run_flags=options.run_flag)
    lab.keep = options.keep
    people, notes = accounts()
    begin, mounted = time.monotonic(), mounts()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    failures, done = [text for who in people for text in control(lab, who)], 0
    kinds = [(who, tty) for who in people for tty in (False, True)]
    for index, (who, tty) in enumerate(kinds):
        killer = Killer(lab, who, tty, rng)
        for _ in range(options.count * (index + 1) // len(kinds) - options.count * index // len(kinds)):
            failures += [f"{who.name}{', tty' if tty else ''}: {text}" for text in killer.once()]
            done += 1
        print(f"{who.name:5} {'with --tty' if tty else 'without':10} {dict(killer.counts)}, {killer.early} within "
              f"{EARLY * 1000:.0f} ms", flush=True)
        killer.close()
    if mounts() != mounted:
        failures.append("mounts in the host's namespace: " + "; ".join(set(mounts()) - set(mounted)))
    for note in notes:
        print("note:", note)
    for failure in failures[:40]:
        print("FAILURE:", failure)
    print(f"{done} kills, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not done else 0


if __name__ == "__main__":
    sys.exit(main())
