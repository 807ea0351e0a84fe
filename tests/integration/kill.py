#!/usr/bin/python3
"""Kills the launcher, the sandbox's first process or the command at random moments, and looks at what is left.

Nothing may be: no process, no mount in the host's namespace, no placeholder in the workspace, no directory or cgroup of
the run, no terminal left raw. The guard that cleans up after a killed launcher has two seconds. Where the plan says
tree=inherited, the command's own children may outlive the first process, and nobody else.
"""

import collections
import os
import random
import subprocess
import sys
import time

from harness import Lab, accounts, arguments, end_process, mounts, read_proc, tell
from kill_common import COMMAND, LIFE, World, become_subreaper, control, descendants, parent

TARGETS = ("launcher", "first process", "command")
EARLY, LATE = 0.030, 0.150  # seconds: during start-up, and well into the run


def is_init(pid):
    for line in read_proc(pid, "status").decode().splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == "1"
    return False


def choose(target, launcher, attacker):
    """The process that plays this part now; early on there may be none, and then the launcher is killed."""
    below = descendants(launcher) if target != "launcher" else []
    programs = (os.fsencode(attacker) + b"\0", b"/bin/sh\0")
    command = next((pid for pid in below if read_proc(pid, "cmdline").startswith(programs)), None)
    if target == "command" and command:
        return target, command
    if target == "first process":
        # Without a pid namespace it is the command's parent.
        first = next((pid for pid in below if is_init(pid)), None) or (command and parent(command))
        if first and first in below:
            return target, first
    return "launcher", launcher


class Killer:
    def __init__(self, world, rng):
        self.world, self.rng = world, rng
        self.counts = collections.Counter()
        self.early = 0

    def once(self):
        """One kill; gives what was left, as sentences."""
        delay = self.rng.uniform(0, EARLY) if self.rng.random() < 0.7 else self.rng.uniform(EARLY, LATE)
        self.early += delay < EARLY
        process = self.world.start(COMMAND)
        time.sleep(delay)  # the random moment itself
        part, pid = choose(self.rng.choice(TARGETS), process.pid, self.world.lab.attacker)
        self.counts[part] += 1
        guarded = part != "launcher" or len(descendants(pid)) > 0
        end_process(pid)
        try:
            process.wait(LIFE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return [f"{part} killed after {delay * 1000:.1f} ms: the launcher did not end within {LIFE} s"]
        return [f"{part} killed after {delay * 1000:.1f} ms: {text}"
                for text in self.world.left(part == "first process", guarded)]


def main():
    parser = arguments(__doc__)
    parser.add_argument("--attacker", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    lab = Lab(options.paddock, options.attacker, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    become_subreaper()
    people, notes = accounts()
    begin, mounted = time.monotonic(), mounts()
    failures, done = [text for who in people for text in control(lab, who)], 0
    # Of a relay the terminal is its host's, and relay_host.py has no guard that would bring it back.
    kinds = [(who, tty) for who in people for tty in ((False,) if options.relay else (False, True))]
    for index, (who, tty) in enumerate(kinds):
        world = World(lab, who, tty)
        killer = Killer(world, rng)
        for _ in range(options.count * (index + 1) // len(kinds) - options.count * index // len(kinds)):
            failures += [f"{who.name}{', tty' if tty else ''}: {text}" for text in killer.once()]
            done += 1
        failures += [f"{who.name}{', tty' if tty else ''}: {text}" for text in world.next_run()]
        print(f"{who.name:5} {'with --tty' if tty else 'without':10} {dict(killer.counts)}, {killer.early} within "
              f"{EARLY * 1000:.0f} ms, {world.orphans} orphans as declared", flush=True)
        world.close()
    if mounts() != mounted:
        failures.append("mounts in the host's namespace: " + "; ".join(set(mounts()) - set(mounted)))
    tell(notes, failures[:40])
    print(f"{done} kills, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not done else 0


if __name__ == "__main__":
    sys.exit(main())
