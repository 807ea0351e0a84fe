"""A run by wsl2 of which something is killed at a random moment, under Wine: the tool, wsl.exe (its stand-in), the relay,
or the sandbox's first process. Nothing may be left on either side, and a next run is as good as the first.

    python3 wsl_kill_test.py PADDOCK STANDIN CONSOLE_DRIVER LINUX_PADDOCK WORK_DIR -- WINE_RUN

PADDOCK_KILLS is how many, PADDOCK_SEED the seed of the moments and of what is killed.
"""

import collections
import os
import random
import select
import signal
import subprocess
import time
from pathlib import Path

from wsl_fixture import TIMEOUT, WslCase, main

PARTS = ("paddock.exe", "wsl.exe", "relay", "first process")
LIFE = 60  # seconds that the tool may take to end after a part of its run was killed; on a busy machine
GRACE = 10  # seconds for what is left to end by itself


def read(pid, name):
    try:
        return Path("/proc", str(pid), name).read_bytes()
    except OSError:
        return b""


def all_pids():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def lives(pid):
    return read(pid, "stat").rpartition(b") ")[2][:1] not in (b"", b"Z", b"X")


def parent(pid):
    fields = read(pid, "stat").rpartition(b") ")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def is_first(pid):
    """The first process of a pid namespace."""
    for line in read(pid, "status").decode().splitlines():
        if line.startswith("NSpid:"):
            return len(line.split()) > 2 and line.split()[-1] == "1"
    return False


class Killed:
    """One run, found by a mark: in the environment of all of Windows' side and of the relay, and in the command's words."""

    def __init__(self, test, mark):
        self.test, self.mark = test, mark
        self.process = subprocess.Popen(
            [test.wine_run, "--prefix", test.prefix, "--", test.tool, "run", "--workspace", test.windows_ws, "--command-os", "any",
             "--backend", "wsl2", "--", "sh", "-c",
             f"(setsid sleep {mark} &) ; sleep {mark} & if test -p ready; then echo > ready; fi; sleep {mark}; wait"],
            env={**os.environ, "WSL_STANDIN": str(test.distributions), "KILL_MARK": mark}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pids(self):
        variable, word = f"KILL_MARK={self.mark}\0".encode(), self.mark.encode()
        ours = {pid for pid in all_pids() if variable in read(pid, "environ") or word in read(pid, "cmdline")}
        # The first process inside may hide its environment.
        ours |= {pid for pid in all_pids() if parent(pid) in ours}
        return [pid for pid in ours if pid not in (os.getpid(), os.getppid()) and lives(pid)]

    def part(self, name):
        """The process that plays this part now, if there is one."""
        for pid in self.pids():
            line = read(pid, "cmdline")
            if {"paddock.exe": pid == self.process.pid,
                "wsl.exe": b"wsl.exe\0-d\0" in line and b"\0sh\0" in line and not line.startswith(b"/bin/sh"),
                # Not its guard, without which a run goes on.
                "relay": b"\0relay\0--nonce\0" in line and b"-c\0" not in line and read(parent(pid), "cmdline").startswith(b"wsl.exe"),
                "first process": is_first(pid)}[name]:
                return pid
        return None

    def kill(self, name):
        """Kills that part, or the tool where there is none yet; gives what was killed."""
        pid = self.part(name)
        if pid is None:
            name, pid = "paddock.exe", self.process.pid
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return name

    def left(self):
        deadline = time.monotonic() + GRACE
        while (pids := self.pids()) and time.monotonic() < deadline:
            try:
                fd = os.pidfd_open(pids[0])
            except ProcessLookupError:
                continue
            select.select([fd], [], [], max(0, deadline - time.monotonic()))
            os.close(fd)
        return [f"{pid}: {read(pid, 'cmdline')[:100]!r}" for pid in pids]


class WslKillTest(WslCase):
    def start_run(self, mark, early):
        """A run; unless `early`, one whose command is running."""
        ready = self.ws / "ready"
        if early:
            return Killed(self, mark)
        os.mkfifo(ready)
        run = Killed(self, mark)
        fifo = os.open(ready, os.O_RDONLY | os.O_NONBLOCK)
        self.assertTrue(select.select([fifo], [], [], TIMEOUT)[0], "the command did not start")
        os.close(fifo)
        ready.unlink()
        return run

    def test_nothing_survives_the_death_of_any_part(self):
        count = int(os.environ.get("PADDOCK_KILLS", "16"))
        seed = int(os.environ.get("PADDOCK_SEED", random.SystemRandom().randrange(1 << 32)))
        rng, done, met = random.Random(seed), collections.Counter(), collections.Counter()
        self.assertEqual(self.run_inside("true").returncode, 0)  # the relay is there from now on
        begin = time.monotonic()
        self.assertEqual(self.run_inside("true").returncode, 0)
        span = time.monotonic() - begin
        before = sorted(os.listdir(self.ws))
        for number in range(count):
            early = rng.random() < 0.5
            delay = rng.uniform(0, span) if early else rng.uniform(0, 0.3)
            run = self.start_run(f"{31000000 + number}", early)
            time.sleep(delay)  # the random moment itself
            wanted = rng.choice(PARTS)
            below = [pid for pid in run.pids() if pid != run.process.pid]
            killed = run.kill(wanted)
            done[killed] += 1
            met[killed] += bool(below)
            what = f"seed {seed}, number {number}: {killed} killed after {delay:.3f} s, early={early}"
            try:
                run.process.wait(LIFE)
            except subprocess.TimeoutExpired:
                living = run.left()
                run.process.kill()
                self.fail(f"{what}: the tool lives on, with {living}")
            self.assertEqual(run.left(), [], what)
        print(f"\nseed {seed}: {dict(done)} killed, within {span:.2f} s of the start or while the command ran, of which {dict(met)} had more to leave behind",
              flush=True)
        for part in PARTS if count >= 50 else ():
            self.assertTrue(done[part], f"seed {seed}: no {part} was met")
        self.assertGreater(sum(met.values()), 0)
        ran = self.run_inside("sh", "-c", "exit 7")
        self.assertEqual(ran.returncode, 7, ran.stderr)
        self.assertEqual(sorted(os.listdir(self.ws)), before)
        runs = self.homes["Debian"] / ".local/state/paddock/runs"
        self.assertEqual([name for name in (os.listdir(runs) if runs.exists() else ()) if name.startswith("run.")], [])

    def test_control_a_process_that_stays_is_seen(self):
        """What has the mark and does not end is found, by its environment as by its words."""
        stays = subprocess.Popen(["sleep", "1000"], env={**os.environ, "KILL_MARK": "32000000"})
        try:
            run = Killed(self, "32000000")
            run.process.kill()
            run.process.wait(TIMEOUT)
            self.assertIn(stays.pid, run.pids())
        finally:
            stays.kill()
            stays.wait()


if __name__ == "__main__":
    main()
