#!/usr/bin/python3
"""Kills the launcher, and the first processes of the sandbox, at each of their system calls, and looks at what is left.

A call is as far as a process gets between two effects on the world, so that --every 1 tries every state that a kill can
leave. More than 1 takes each N-th call, begun elsewhere for each account and process, so that together they cover more.
Up to the command's start the command runs on by itself; at later calls it ends at once, and what it has started does not.
After each kill a run has to work in the same workspace. SIGINT to a launcher whose set-up hangs has to end it as well.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
import zlib

from harness import Lab, accounts, arguments, end_process, tell
from kill_common import COMMAND, LIFE, World, become_subreaper, control, descendants
from tracer import WALL, Tracer, deadline, trace_me

ENDING = ["/bin/sh", "-c", '"$0" ignore-signals "$1" &']
MARK = ".ran"  # in the workspace, when the command has started
MARKING = ["/bin/sh", "-c", f": >{MARK}; exec sleep 0.1"]
INTERRUPTIONS = 12  # by SIGINT, for each account
REST = 2  # seconds for a launcher that has no more calls to make than it made before

# How many forks below the launcher: bwrap forks pid 1, the other tiers' first process is it.
PARTS = ("launcher", "first process", "pid 1")


class Calls:
    """The system calls of one process of a run."""

    def __init__(self, world, depth):
        self.world, self.depth = world, depth
        self.late = 0
        self.begin, self.started, self.total = 0, 0, 0

    def trace(self, command):
        process = self.world.start(command, preexec_fn=trace_me)
        return process, Tracer(process.pid, self.depth)

    def count(self):
        process, tracer = self.trace(MARKING)
        mark = self.world.scene.ws / MARK
        while tracer.next_call():
            if not self.started and mark.exists():
                self.started = tracer.calls - 1
        process.wait(LIFE)
        self.total = tracer.calls
        mark.unlink()
        return [] if 0 < self.started < self.total else [f"of {self.total} calls none starts the command"]

    def reach(self, tracer, call):
        """Runs on to that call. False: it came to rest before it, since runs differ by a few calls."""
        try:
            with deadline(REST):
                while tracer.calls < call and tracer.next_call():
                    pass
            return True
        except TimeoutError:
            return False

    def control(self):
        """The launcher is killed as the command starts, and its guard before it: that has to leave something, and what it
        leaves has to be gone after the next run. Gives what was otherwise."""
        process, tracer = self.trace(COMMAND)
        self.reach(tracer, self.started - 1)
        for pid in descendants(process.pid):
            end_process(pid)
        tracer.kill()
        process.wait(LIFE)
        before = self.world.before
        noticed = list(self.world.left())
        self.world.before = before
        return [*([] if noticed else ["control: without its guard nothing was left"]), *self.world.next_run()]

    def kill(self, call):
        """Gives what was left, as sentences."""
        process, tracer = self.trace(COMMAND if call <= self.started else ENDING)
        self.late += not self.reach(tracer, call)
        guarded = self.depth > 0 or tracer.ended or len(descendants(process.pid)) > 0
        if not tracer.ended:
            tracer.kill()
        where = f"killed at call {call} of {self.total}, number {tracer.number}"
        try:
            process.wait(LIFE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return [f"{where}: the launcher did not end within {LIFE} s"]
        return [f"{where}: {text}" for text in [*self.world.left(self.depth > 0, guarded), *self.world.next_run()]]


def interrupted(lab, options, who):
    """SIGINT to the launcher while a process that sets the sandbox up does not answer, as in a file system that hangs."""
    name = f"{who.name}: SIGINT during set-up"
    if options.only not in name:
        return 0, []
    world = World(lab, who, False)
    calls = Calls(world, 1)
    failures = calls.count()
    chosen = range(1, calls.started, max(options.every, calls.started // INTERRUPTIONS))
    for call in chosen:
        process, tracer = calls.trace(COMMAND)
        calls.late += not calls.reach(tracer, call)
        os.kill(process.pid, signal.SIGINT)
        where = f"SIGINT at call {call} of {calls.started}, number {tracer.number}"
        try:
            with deadline(LIFE):
                while not tracer.ended:
                    tracer.ended = not os.WIFSTOPPED(os.waitpid(tracer.pid, WALL)[1])
                status = process.wait()
        except TimeoutError:
            tracer.kill()
            process.kill()
            status = f"none within {LIFE} s"
            process.wait()
        if status != 128 + signal.SIGINT:
            failures.append(f"{where}: the launcher's status is {status}")
        failures += [f"{where}: {text}" for text in [*world.left(), *world.next_run()]]
    print(f"{name:30} at {len(chosen)} of {calls.started} calls until the command started", flush=True)
    world.close()
    return len(chosen), [f"{name} {text}" for text in failures]


def row(lab, options, who, tty, depth):
    """How many kills there were, and what was left."""
    name = f"{who.name}{' with --tty' if tty else ''}: {PARTS[depth]}"
    if options.only not in name:
        return 0, []
    world = World(lab, who, tty)
    calls = Calls(world, depth)
    failures = calls.count()
    if depth == 0 and not failures:
        failures += calls.control()
    offset = zlib.crc32(f"{options.tier} {name}".encode()) % options.every
    chosen = range(1 + offset, calls.total + 1, options.every)
    for call in chosen:
        failures += calls.kill(call)
    if calls.late > max(1, len(chosen) // 10):
        failures.append(f"{calls.late} of {len(chosen)} calls were not reached")
    print(f"{name:30} killed at {len(chosen)} of {calls.total} calls, {calls.started} until the command started; "
          f"{calls.late} after the last, {world.orphans} orphans as declared", flush=True)
    world.close()
    return len(chosen), [f"{name} {text}" for text in failures]


def main():
    parser = arguments(__doc__)
    parser.add_argument("--attacker", required=True)
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    lab = Lab(options.paddock, options.attacker, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    become_subreaper()
    people, notes = accounts()
    begin = time.monotonic()
    failures, done = [text for who in people for text in control(lab, who)], 0
    depths = range(len(PARTS) if options.tier == "bubblewrap" else len(PARTS) - 1)
    for who, tty, depth in itertools.product(people, (False, True), depths):
        count, found = row(lab, options, who, tty, depth)
        done += count
        failures += found
    for who in people:
        count, found = interrupted(lab, options, who)
        done += count
        failures += found
    tell(notes, failures[:40])
    print(f"{done} kills, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not done else 0


if __name__ == "__main__":
    sys.exit(main())
