#!/usr/bin/python3
"""The host's side of the relay protocol (docs/backends/wsl2.md), in place of paddock.exe and wsl.exe, on one kernel.

    relay_host.py PADDOCK run [options] -- CMD [ARG...]

runs CMD as `PADDOCK run` would, but through `PADDOCK relay`: so every suite of the tool is one of the relay as well.
Anything else but `run` is handed to PADDOCK as it is. Written from the protocol's page alone, not from the C++ code.
"""

import contextlib
import json
import os
import secrets
import select
import signal
import struct
import subprocess
import sys
import termios
import tty

START, INPUT, CLOSE_INPUT, RESIZE, SIGNAL = 1, 2, 3, 4, 5
READY, STARTED, STDOUT, STDERR, VIOLATION, NOTICE, EXITED, CREDIT = 129, 130, 131, 132, 133, 134, 135, 136
WINDOW, LARGEST_PIECE = 256 << 10, 64 << 10
PREFERRED = {"tree": "contained", "process": "isolated", "ui": "private-desktop", "workspace": "live",
             "host_change": "leased"}
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
             signal.SIGWINCH, signal.SIGCONT)


class ProtocolError(Exception):
    pass


def encode(kind, payload=b""):
    return struct.pack("<IB3x", len(payload), kind) + payload


def encode_json(kind, value):
    return encode(kind, json.dumps(value).encode())


class Relay:
    """One relay process, and the frames to and from it."""

    def __init__(self, paddock, arguments=(), nonce=None, name=None, **options):
        self.nonce = nonce or secrets.token_hex(16)
        argv = [name or str(paddock), "relay", "--nonce", self.nonce, *arguments]
        self.process = subprocess.Popen(argv, executable=str(paddock), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self.to, self.back = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.buffer = b""
        self.found = False
        self.room = WINDOW

    def send(self, kind, payload=b""):
        if kind == INPUT:
            self.room -= len(payload)
        self.send_raw(encode(kind, payload))

    def send_raw(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self.to, view):]

    def start(self, run):
        self.send_raw(encode_json(START, run))

    def frames(self, data):
        """The frames that are complete with `data`."""
        self.buffer += data
        if not self.found:
            line = f"\nPADDOCK-RELAY/1 {self.nonce}\n".encode()
            if line not in self.buffer:
                return
            self.buffer = self.buffer.partition(line)[2]
            self.found = True
        while len(self.buffer) >= 8:
            size, kind = struct.unpack("<IB3x", self.buffer[:8])
            if len(self.buffer) < 8 + size:
                return
            payload, self.buffer = self.buffer[8:8 + size], self.buffer[8 + size:]
            if kind == CREDIT:
                self.room += struct.unpack("<I", payload)[0]
                if self.room > WINDOW:
                    raise ProtocolError("credit for what was never sent")
            yield kind, payload

    def read(self):
        """The next frames, as soon as there are some; none at the end of the stream."""
        while data := os.read(self.back, 1 << 20):
            if found := list(self.frames(data)):
                return found
        return []

    def until(self, kind):
        """Frames up to the first of this kind."""
        found = []
        while more := self.read():
            found += more
            if any(one == kind for one, _ in more):
                return found
        raise ProtocolError(f"the relay ended without a frame {kind}")

    def close(self):
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        return self.process.wait()


def built_in(paddock, policy):
    """Which of the policy's entries its profile brings. One that somebody wrote down again counts as the profile's."""
    bare = shown_policy(paddock, ["--workspace=/nonexistent", f"--profile={policy['extends']}"], cwd="/",
                        env={"HOME": "/nonexistent"})
    return {key: [text for text in policy["filesystem"][key] if text in bare["filesystem"][key]]
            for key in ("deny_write", "deny_read")}


def nested_run(paddock, policy, workspace, command, cwd=None, **other):
    return {"schema": "paddock.nested_run/1", "policy": policy, "preferred": PREFERRED,
            "built_in": built_in(paddock, policy), "backend": None, "workspace": str(workspace), "cwd": str(cwd or workspace), "command": [str(part) for part in command],
            "environment": {}, "tty": None, "streams": {"stdin": True, "stdout": True, "stderr": True}, **other}


def shown_policy(paddock, flags=(), **options):
    """The policy that holds for these flags; stderr says why there is none."""
    shown = subprocess.run([str(paddock), "policy", "show", "--json", *flags], stdout=subprocess.PIPE, check=False, **options)
    return json.loads(shown.stdout) if shown.returncode == 0 else None


class Options:
    """What of run's options is the host's own; the rest makes the policy."""

    OWN = ("--report", "--tty", "--cwd")
    KEPT = ("--workspace", "--backend")

    def __init__(self, argv):
        cut = argv.index("--")
        self.command, self.policy, self.values, self.quiet = argv[cut + 1:], [], {}, False
        rest = argv[:cut]
        while rest:
            name, equals, value = rest.pop(0).partition("=")
            if name in ("-q", "--quiet"):
                self.quiet = True
                continue
            if name in self.OWN + self.KEPT:
                self.values[name] = value if equals else rest.pop(0)
                if name in self.KEPT:
                    self.policy.append(f"{name}={self.values[name]}")
            else:
                self.policy.append(name + equals + value)


def window_size():
    for fd in (1, 0):
        with contextlib.suppress(OSError):
            return os.get_terminal_size(fd)
    return os.terminal_size((80, 24))


def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def start_message(paddock, options, policy):
    workspace = os.path.normpath(os.path.join(os.getcwd(), options.values.get("--workspace", ".")))
    here = os.getcwd()
    inside = here == workspace or here.startswith(workspace + "/")
    cwd = os.path.normpath(os.path.join(here, options.values.get("--cwd", here if inside else workspace)))
    mode = options.values.get("--tty", "auto")
    wants_tty = mode == "always" or (mode == "auto" and all(os.isatty(fd) for fd in (0, 1, 2)))
    size = window_size()
    return nested_run(paddock, policy, workspace, options.command, cwd, backend=options.values.get("--backend"),
                      tty={"columns": size.columns, "rows": size.lines} if wants_tty else None,
                      streams={"stdin": is_open(0), "stdout": is_open(1), "stderr": is_open(2)})


class Session:
    """Copies between this process's streams and the relay until the run has ended."""

    def __init__(self, relay, run):
        self.relay, self.run = relay, run
        self.reading = run["streams"]["stdin"]
        self.report = None
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        self.signals = read_end
        signal.set_wakeup_fd(write_end)
        for number in FORWARDED:
            signal.signal(number, lambda *_: None)

    def copy(self):
        self.relay.start(self.run)
        while self.report is None:
            poller = select.poll()
            for fd in [self.relay.back, self.signals, *([0] if self.reading and self.relay.room else [])]:
                poller.register(fd, select.POLLIN)
            for fd, _ in poller.poll():
                if fd == self.relay.back:
                    self.from_relay()
                elif fd == self.signals:
                    self.from_signals()
                elif self.report is None:
                    self.from_input()
        return self.report

    def from_relay(self):
        found = self.relay.read()
        if not found and self.report is None:
            raise ProtocolError("the relay ended before the run")
        for kind, payload in found:
            if kind in (STDOUT, STDERR):
                with contextlib.suppress(BrokenPipeError, OSError):
                    write_all(1 if kind == STDOUT else 2, payload)
            elif kind == EXITED:
                self.report = json.loads(payload)

    def from_signals(self):
        for number in os.read(self.signals, 100):
            if number == signal.SIGWINCH:
                size = window_size()
                self.relay.send(RESIZE, struct.pack("<HH", size.columns, size.lines))
            else:
                self.relay.send(SIGNAL, bytes([number]))

    def from_input(self):
        try:
            data = os.read(0, min(self.relay.room, LARGEST_PIECE))
        except OSError:
            data = b""
        with contextlib.suppress(BrokenPipeError):
            if data:
                self.relay.send(INPUT, data)
            else:
                self.relay.send(CLOSE_INPUT)
                self.reading = False


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


@contextlib.contextmanager
def raw_terminal(wanted):
    if not (wanted and os.isatty(0)):
        yield
        return
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def tell(report, quiet):
    outcome = report["outcome"]
    lines = [] if quiet else report["notices"]
    if "reason" in outcome:
        lines = lines + [f"{outcome['kind']}: {outcome['reason']['detail']} ({outcome['reason']['code']})"]
    for line in lines:
        shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
        with contextlib.suppress(OSError):
            os.write(2, f"paddock: {shown}\n".encode())


def run(paddock, argv):
    options = Options(argv)
    policy = shown_policy(paddock, options.policy)
    if policy is None:
        return 125
    message = start_message(paddock, options, policy)
    relay = Relay(paddock, name=f"paddock@{message['workspace']}")  # so that a suite finds it among the processes
    with raw_terminal(message["tty"]):
        report = Session(relay, message).copy()
    relay.close()
    tell(report, options.quiet)
    if "--report" in options.values:
        with open(options.values["--report"], "w", encoding="utf-8") as file:
            json.dump(report, file)
    return report["outcome"]["status"]


def main():
    paddock, subcommand, *argv = sys.argv[1:]
    if subcommand != "run":
        os.execv(paddock, [paddock, subcommand, *argv])
    try:
        return run(paddock, argv)
    except (ProtocolError, BrokenPipeError) as error:
        print(f"paddock: failed: {error}", file=sys.stderr)
        return 125


if __name__ == "__main__":
    sys.exit(main())
