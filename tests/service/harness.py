"""What the suites of the service share: a daemon of their own, and clients. Imported after sys.path knows the generated
modules (--generated)."""

import argparse
import json
import os
import pathlib
import pwd
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ARGUMENTS = [os.path.abspath(sys.argv[0]), *sys.argv[1:]]
PARSER = argparse.ArgumentParser()
PARSER.add_argument("--paddockd", required=True)
PARSER.add_argument("--paddock", required=True)
PARSER.add_argument("--generated", required=True, help="directory of paddock/v1/paddock_pb2.py")
PARSER.add_argument("--source", required=True)
PARSER.add_argument("--zygote", default="", help="the daemon's, where that beside it is not the one")


def options(**more):
    for name, (default, text) in more.items():
        PARSER.add_argument(f"--{name}", type=type(default), default=default, help=text)
    known, rest = PARSER.parse_known_args()
    sys.argv[1:] = rest
    known.paddockd, known.paddock = os.path.abspath(known.paddockd), os.path.abspath(known.paddock)
    sys.path.insert(0, known.generated)
    return known


def main():
    """Runs the tests of the program, as root a second time as the ordinary account of the tests."""
    program = unittest.main(verbosity=2, exit=False)
    failed = not program.result.wasSuccessful()
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam("paddock-test")
        except KeyError:
            print("not run as an ordinary user: there is no account paddock-test")
        else:
            print("as paddock-test:", flush=True)
            environment = {**os.environ, "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name,
                           "PATH": "/usr/local/bin:/usr/bin:/bin"}
            failed |= subprocess.run([sys.executable, "-B", *ARGUMENTS], user=account.pw_uid, group=account.pw_gid,
                                     extra_groups=[], env=environment, cwd="/", check=False).returncode != 0
    sys.exit(failed)


def children_of_all():
    children = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = pathlib.Path("/proc", entry, "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    return children


def zygote_of(daemon):
    (zygote,) = children_of_all()[daemon.process.pid]
    return zygote


def descendants(pid):
    """Every process below `pid`, as a set of pids."""
    children, found, todo = children_of_all(), set(), [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found


def exists(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(pids, seconds=20):
    """Waits for processes that are no children of ours, by their pidfds; returns those still there."""
    deadline = time.monotonic() + seconds
    left = []
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
            left.append(pid)
        os.close(fd)
    return left


class Log:
    """What one daemon says, as it comes."""

    def __init__(self, pipe):
        self.text, self.ended = [], False
        self.more = threading.Condition(threading.RLock())
        self.reader = threading.Thread(target=self.read, args=[pipe], daemon=True)
        self.reader.start()

    def read(self, pipe):
        with pipe:
            for line in pipe:
                with self.more:
                    self.text.append(line.decode(errors="replace"))
                    self.more.notify_all()
        with self.more:
            self.ended = True
            self.more.notify_all()

    def lines(self):
        with self.more:
            return [json.loads(line) for line in self.text if line.startswith("{")]


class Daemon:
    """A paddockd with a socket in a directory of its own."""

    def __init__(self, paddockd, *arguments, user=None, environment=None, prefix="paddockd-"):
        self.home = tempfile.TemporaryDirectory(prefix=prefix)
        self.directory = self.home.name
        self.socket = os.path.join(self.directory, "run", "paddockd.sock")
        self.workspace = os.path.join(self.directory, "ws")
        self.metrics_path = os.path.join(self.directory, "metrics.prom")
        os.mkdir(os.path.dirname(self.socket), 0o700)
        os.mkdir(self.workspace)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
        self.environment.update({"XDG_STATE_HOME": os.path.join(self.directory, "state")})
        self.environment.update(environment or {})
        zygote = PARSER.parse_known_args(ARGUMENTS[1:])[0].zygote
        if zygote:
            arguments = ["--zygote", os.path.abspath(zygote), *arguments]
        self.arguments = [paddockd, "--socket", self.socket, "--metrics", self.metrics_path, *arguments]
        self.channels = []
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env=self.environment, start_new_session=True)
        self.log = Log(self.process.stderr)
        self.await_log("serving")

    def lines(self):
        return self.log.lines()

    def await_log(self, event, seconds=20, count=1):
        """Waits until the daemon has said so as often."""
        def said():
            return sum(line["event"] == event for line in self.lines()) >= count

        with self.log.more:
            self.log.more.wait_for(lambda: self.log.ended or said(), seconds)
            if not said():
                raise AssertionError(f"no '{event}': {''.join(self.log.text)}")

    def stub(self, **options_of_channel):
        import grpc
        from paddock.v1 import paddock_pb2_grpc
        arguments = [("grpc.use_local_subchannel_pool", 1), *options_of_channel.items()]
        channel = grpc.insecure_channel(f"unix:{self.socket}", options=arguments)
        self.channels.append(channel)
        return paddock_pb2_grpc.PaddockStub(channel)

    def channel(self):
        self.stub()
        return self.channels[-1]

    def order(self, *command, **more):
        from paddock.v1 import paddock_pb2 as pb
        environment = [f"{k}={v}".encode() for k, v in os.environ.items()]
        caller = more.pop("caller", None) or pb.Caller(cwd=self.workspace.encode(), environment=environment)
        more.setdefault("workspace", self.workspace.encode())
        return pb.Order(command=[c.encode() for c in command], caller=caller, **more)

    def metrics(self):
        text = pathlib.Path(self.metrics_path).read_text(encoding="utf-8")
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    def stop(self, number=signal.SIGTERM, seconds=60):
        for channel in self.channels:
            channel.close()
        self.channels = []
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(seconds)
        self.log.reader.join(seconds)  # the zygote has the pipe, too
        assert not any("Sanitizer" in line for line in self.log.text), "".join(self.log.text)
        return status

    def close(self):
        self.stop(signal.SIGKILL)
        self.home.cleanup()


class Stream:
    """One stream of Run or Attach, whose requests are sent as they come."""

    END = object()

    def __init__(self, method, first):
        self.requests = queue.Queue()
        self.requests.put(first)
        self.call = method(iter(self.requests.get, Stream.END))

    def send(self, request):
        self.requests.put(request)

    def until(self, kind):
        """Events up to the first one of `kind`, or all of them."""
        events = []
        for event in self.call:
            events.append(event)
            if event.WhichOneof("event") == kind:
                break
        return events

    def rest(self):
        return list(self.call)

    def close(self):
        self.requests.put(Stream.END)
        self.call.cancel()


def output(events, stream=1):
    return b"".join(e.output.data for e in events if e.WhichOneof("event") == "output" and e.output.stream == stream)
