#!/usr/bin/python3
"""The relay of backend wsl2 on this kernel: `paddock relay`, spoken to by this suite in place of a Windows host.

Exit statuses and signals to the letter, a terminal, 100 MB each way, both ends killed at random moments, hosts that break
the protocol. The attack suites go through it by their own flag --relay.
"""

import hashlib
import json
import os
import random
import signal
import struct
import subprocess
import time

from harness import GRACE, Lab, Scene, accounts, arguments, tell
from kill_common import become_subreaper, descendants, reap
from relay_host import (CLOSE_INPUT, EXITED, INPUT, LARGEST_PIECE, READY, RESIZE, SIGNAL, START, STARTED, STDERR, STDOUT, WINDOW,
                        ProtocolError, Relay, encode, encode_json, nested_run, shown_policy)

MUCH = 100 << 20
HARD_ARGUMENTS = ["", " ", "a b", "\"", "'", "\\", "\\\"", "$HOME", "`id`", "%PATH%", "^&|<>", "*", "-n", "--", "\n", "\t\r",
                  "\x01\x7f", "ä€𐍈", "x" * 100_000]
TTY = {"columns": 132, "rows": 43}


class Bench:
    """One account's relays."""

    def __init__(self, lab, who, backend=None):
        self.scene = Scene(lab, who, "relay")
        self.paddock = lab.paddock
        options = {"cwd": self.scene.ws, "env": self.scene.env, **who.popen_arguments()}
        self.policy = shown_policy(self.paddock, ["--workspace", str(self.scene.ws)], **options)
        self.base = nested_run(self.paddock, self.policy, self.scene.ws, ["true"], backend=backend)
        self.options = options

    def relay(self, arguments=(), **options):
        return Relay(self.paddock, arguments, stderr=subprocess.DEVNULL, **self.options, **options)

    def message(self, *command, **other):
        return {**self.base, "command": [self.scene.fill(part) for part in command], **other}

    def run(self, *command, data=b"", **other):
        """(report, stdout, stderr) of a run with little input."""
        relay = self.relay()
        relay.start(self.message(*command, **other))
        if data:
            relay.send(INPUT, data)
        relay.send(CLOSE_INPUT)
        frames = relay.until(EXITED)
        relay.close()
        return result(frames)


def result(frames):
    join = lambda kind: b"".join(payload for one, payload in frames if one == kind)
    return json.loads(join(EXITED)), join(STDOUT), join(STDERR)


class Checks:
    def __init__(self):
        self.failures, self.count = [], 0

    def equal(self, what, found, wanted):
        self.count += 1
        if found != wanted:
            self.failures.append(f"{what}: {str(found)[:200]}, not {str(wanted)[:200]}")


def outcome_of(report):
    outcome = report["outcome"]
    return outcome["kind"], outcome.get("code"), outcome.get("signal")


def statuses(bench, checks):
    """Every exit status, 67 and 87 too, which wsl.exe takes for its own; and every way to end by a signal."""
    for status in range(256):
        report, _, _ = bench.run("/bin/sh", "-c", f"exit {status}")
        checks.equal(f"exit {status}", outcome_of(report), ("exited", status, None))
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGUSR1):
        report, _, _ = bench.run("/bin/sh", "-c", f"kill -{int(number)} $$")
        checks.equal(f"signal {number}", outcome_of(report), ("signalled", None, number))
    report, _, _ = bench.run("/no/such")
    checks.equal("no such command", (report["outcome"]["kind"], report["outcome"]["status"]), ("not-found", 127))
    report, _, _ = bench.run("/etc/passwd")
    checks.equal("not executable", (report["outcome"]["kind"], report["outcome"]["status"]), ("not-executable", 126))


def streams(bench, checks):
    report, out, err = bench.run("/bin/sh", "-c", "cat; echo error >&2", data=b"input")
    checks.equal("streams", (out, err, outcome_of(report)), (b"input", b"error\n", ("exited", 0, None)))
    _, out, _ = bench.run("/usr/bin/python3", "-c", "import json,sys; print(json.dumps(sys.argv[1:]))", *HARD_ARGUMENTS)
    checks.equal("hostile arguments", json.loads(out or "null"), HARD_ARGUMENTS)
    _, out, _ = bench.run("/bin/sh", "-c", "cat; readlink /proc/self/fd/0", streams={"stdin": False, "stdout": True, "stderr": True})
    checks.equal("no stdin", out, b"/dev/null\n")
    _, out, _ = bench.run("/bin/sh", "-c", 'printf %s "$GIVEN-$HOME"', environment={"GIVEN": "x y"})
    # Without namespaces the command's home is a directory of the run's, below it.
    checks.equal("environment", os.path.commonpath([out, f"x y-{bench.scene.home}".encode()]), f"x y-{bench.scene.home}".encode())


def signals(bench, checks):
    relay = bench.relay()
    relay.start(bench.message("/bin/sh", "-c", 'trap "echo caught; exit 9" USR1; echo ready; while :; do read x; done'))
    await_output(relay, b"ready\n")
    relay.send(SIGNAL, bytes([signal.SIGUSR1]))
    report, out, _ = result(relay.until(EXITED))
    relay.close()
    checks.equal("signal frame", (out, outcome_of(report)), (b"caught\n", ("exited", 9, None)))


def await_output(relay, text):
    out = b""
    while text not in out:
        found = relay.read()
        if not found:
            raise ProtocolError("the relay ended early")
        out += b"".join(payload for kind, payload in found if kind == STDOUT)
    return out


def terminal(bench, checks):
    relay = bench.relay()
    relay.start(bench.message("/bin/sh", "-c", "stty size; trap 'stty size; exit 5' WINCH; echo ready; while :; do read x; done", tty=TTY))
    out = await_output(relay, b"ready")
    checks.equal("terminal's size", out.split()[:2], [b"43", b"132"])
    relay.send(RESIZE, struct.pack("<HH", 90, 20))
    report, out, _ = result(relay.until(EXITED))
    relay.close()
    checks.equal("resize", (b"20 90" in out, outcome_of(report)), (True, ("exited", 5, None)))
    relay = bench.relay()
    relay.start(bench.message("/bin/cat", tty=TTY))
    relay.send(INPUT, b"typed\n")
    await_output(relay, b"typed")
    relay.send(INPUT, b"\x03")
    report, _, _ = result(relay.until(EXITED))
    relay.close()
    checks.equal("^C on the terminal", outcome_of(report), ("signalled", None, signal.SIGINT))


def bulk(bench, checks):
    """100 MB in, and as much out, by checksum, with no more than the window under way."""
    relay = bench.relay()
    relay.start(bench.message("/usr/bin/tee", "/dev/stderr", streams={"stdin": True, "stdout": True, "stderr": True}))
    piece = random.Random(1).randbytes(LARGEST_PIECE)
    sent, got, errors = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()
    left, closed, report = MUCH, False, None
    while report is None:
        while left and relay.room >= LARGEST_PIECE:
            relay.send(INPUT, piece)
            sent.update(piece)
            left -= len(piece)
        if not left and not closed:
            relay.send(CLOSE_INPUT)
            closed = True
        found = relay.read()
        if not found:
            break
        for kind, payload in found:
            if kind == STDOUT:
                got.update(payload)
            elif kind == STDERR:
                errors.update(payload)
            elif kind == EXITED:
                report = json.loads(payload)
    relay.close()
    checks.equal("100 MB to stdout", got.hexdigest(), sent.hexdigest())
    checks.equal("100 MB to stderr", errors.hexdigest(), sent.hexdigest())
    checks.equal("100 MB, all credit back", relay.room, WINDOW)


def slow_reader(bench, checks):
    """Nobody reads: the wall clock ends the run all the same, and what was written before arrives."""
    message = bench.message("/usr/bin/yes", policy={**bench.policy, "limits": {**bench.policy["limits"], "wall": "500ms"}})
    relay = bench.relay()
    relay.start(message)
    first = relay.until(STARTED)
    deadline = time.monotonic() + 20
    while b"yes" in commands(relay) and time.monotonic() < deadline:
        time.sleep(0.05)
    checks.equal("a stopped reader, after the wall clock", b"yes" in commands(relay), False)
    report, out, _ = result(first + relay.until(EXITED))
    relay.close()
    checks.equal("a stopped reader, the report", (report["outcome"]["kind"], set(out) == set(b"y\n")), ("wall", True))


def commands(relay):
    """Names of the programs below the relay."""
    names = b""
    for pid in descendants(relay.process.pid):
        try:
            with open(f"/proc/{pid}/comm", "rb") as file:
                names += file.read()
        except OSError:
            pass
    return names


def hostile(bench, checks):
    """What is no protocol ends the relay and whatever runs, and starts nothing."""
    planted = bench.scene.ws / "planted"
    start = encode_json(START, bench.message("/usr/bin/touch", str(planted)))
    before = {
        "input before start": encode(INPUT, b"x"), "unknown type": encode(99), "the relay's own type": encode(EXITED, b"{}"),
        "a long start": struct.pack("<IB3x", 5 << 20, START), "no header": b"GET / HTTP/1.0\r\n\r\n", "half a frame": start[:40],
        "no JSON": encode(START, b"{x}"), "deep JSON": encode(START, b"[" * 100_000), "nothing": b"",
        "an unknown key": encode_json(START, bench.message("true", more=1)),
        "a workspace that is /": encode_json(START, bench.message("true", workspace="/", cwd="/")),
        "a path of Windows": encode_json(START, bench.message("true", workspace="C:\\x", cwd="C:\\x"))}
    for name, data in before.items():
        relay = bench.relay()
        relay.send_raw(data)
        relay.process.stdin.close()
        kinds = [kind for more in iter(relay.read, []) for kind, _ in more]
        relay.process.wait(10)
        checks.equal(f"{name}: nothing started", STARTED in kinds or planted.exists(), False)
    running = {"start again": start, "too much input": encode(INPUT, b"x" * LARGEST_PIECE) * 8, "signal 0": encode(SIGNAL, b"\0"),
               "garbage": os.urandom(64), "input after its end": encode(CLOSE_INPUT) + encode(INPUT, b"x")}
    for name, data in running.items():
        relay = bench.relay()
        relay.start(bench.message("/bin/sleep", "1000"))
        relay.until(STARTED)
        try:
            relay.send_raw(data)
        except BrokenPipeError:
            pass
        checks.equal(f"{name}: ended", relay.process.wait(10) != 0, True)
        checks.equal(f"{name}: nothing left", commands(relay), b"")
        relay.close()


def facts(bench, checks):
    relay = bench.relay(["--facts"])
    frames = [frame for more in iter(relay.read, []) for frame in more]
    checks.equal("--facts", ([kind for kind, _ in frames], relay.close()), ([READY], 0))
    checks.equal("--facts, of Linux", json.loads(frames[0][1])["host"]["os"], "linux")


def kills(bench, checks, count, rng):
    """The host or the relay dies at a random moment: nothing is left, and a new run is as good as the first."""
    before, met = sorted(os.listdir(bench.scene.ws)), 0
    for _ in range(count):
        relay = bench.relay()
        part = rng.choice(("host", "host", "relay"))
        relay.start(bench.message("/bin/sh", "-c", "sleep 1000 & (setsid sleep 1000 &) ; exec cat"))
        relay.send(INPUT, b"x" * rng.randrange(1, WINDOW // 8))
        time.sleep(rng.uniform(0, 0.03) if rng.random() < 0.7 else rng.uniform(0.03, 0.1))  # the random moment itself
        below = descendants(relay.process.pid)
        met += len(below) > 2
        if part == "relay":
            relay.process.kill()
        relay.close()
        deadline = time.monotonic() + GRACE
        left = alive(below)
        while left and time.monotonic() < deadline:
            time.sleep(0.01)
            left = alive(below)
            reap()
        checks.equal(f"{part} killed: processes left", left, [])
        wait_names(bench.scene.ws, before, deadline)
        checks.equal(f"{part} killed: names left in the workspace", sorted(os.listdir(bench.scene.ws)), before)
    checks.equal("kills that met a running tree", met > 0, True)
    report, _, _ = bench.run("true")
    checks.equal("a run after the kills", outcome_of(report), ("exited", 0, None))


def alive(pids):
    living = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                if file.read().rpartition(b") ")[2][:1] not in (b"Z", b"X"):
                    living.append(pid)
        except OSError:
            pass
    return living


def wait_names(directory, names, deadline):
    while sorted(os.listdir(directory)) != names and time.monotonic() < deadline:
        time.sleep(0.01)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    become_subreaper()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print("seed", seed)
    lab = Lab(options.paddock)
    lab.keep = options.keep
    people, notes = accounts()
    checks = Checks()
    for who in people:
        bench = Bench(lab, who, f"linux_landlock:{options.tier}" if options.tier else None)
        for test in (facts, statuses, streams, signals, terminal, bulk, slow_reader, hostile):
            if options.only in test.__name__:
                begin, had = time.monotonic(), len(checks.failures)
                test(bench, checks)
                checks.failures[had:] = [f"{who.name}: {failure}" for failure in checks.failures[had:]]
                if options.verbose:
                    print(f"{who.name}: {test.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
        if options.only in "kills":
            kills(bench, checks, options.kills // len(people), random.Random(seed))
        bench.scene.close()
    print(f"{checks.count} checks, {len(checks.failures)} failures")
    tell(notes, checks.failures[:20])
    return 1 if checks.failures or checks.count == 0 else 0


if __name__ == "__main__":
    raise SystemExit(main())
