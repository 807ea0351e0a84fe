"""The daemon over many runs, and its end at any moment: nothing may be left.

    soak_test.py --paddockd P --paddock P --generated DIR --source DIR [--runs N] [--kills N] [--seed N]
"""

import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import unittest
import uuid

import harness

OPTIONS = harness.options(runs=(60, "runs at each concurrency"), kills=(12, "times that somebody is killed"),
                          seed=(1, "of the moments"))
import grpc  # noqa: E402
from paddock.v1 import paddock_pb2 as pb  # noqa: E402

MARK = "PADDOCK_SOAK_" + uuid.uuid4().hex
# A client in a process of its own, to be killed.
CLIENT = """
import sys
sys.path.insert(0, sys.argv[1])
import grpc
from paddock.v1 import paddock_pb2 as pb, paddock_pb2_grpc as rpc
stub = rpc.PaddockStub(grpc.insecure_channel("unix:" + sys.argv[2]))
order = pb.Order(command=[b"sh", b"-c", b"while :; do echo x; sleep 0.002; done"], workspace=sys.argv[3].encode(),
                 env=[sys.argv[4].encode() + b"=1"],
                 caller=pb.Caller(cwd=sys.argv[3].encode(), environment=[b"PATH=/usr/bin:/bin"]))
print("going", flush=True)
for event in stub.Run(iter([pb.RunRequest(start=pb.Start(order=order))])):
    pass
"""


def marked():
    """Processes that were started with the mark: the daemon, its runners, what they run."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if MARK.encode() in pathlib.Path("/proc", entry, "environ").read_bytes() and harness.exists(int(entry)):
                found.append(int(entry))
        except (OSError, ProcessLookupError):
            continue
    return [pid for pid in found if pid != os.getpid()]


def mounts():
    return len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())


def descriptors(pid):
    """What a process has open; one that is closed meanwhile does not count."""
    names = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            names.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            continue
    return names


class Counts:
    """What a daemon holds."""

    def __init__(self, daemon):
        pid = daemon.process.pid
        zygote = harness.zygote_of(daemon)
        self.processes = harness.descendants(pid) - {zygote}
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.of_zygote = sorted(os.listdir(f"/proc/{zygote}/fd"))
        self.mounts = mounts()
        self.resident = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        self.state = sorted(str(p) for p in pathlib.Path(daemon.directory, "state").rglob("*") if p.is_file())


class SoakTest(unittest.TestCase):
    def daemon(self):
        daemon = harness.Daemon(OPTIONS.paddockd, environment={MARK: "1"})
        self.addCleanup(daemon.close)
        return daemon

    def do_runs(self, daemon, count, at_once):
        failures, left, lock = [], [count], threading.Lock()

        def work():
            stub = daemon.stub()
            while True:
                with lock:
                    if left[0] == 0:
                        return
                    left[0] -= 1
                try:
                    start = pb.Start(order=daemon.order("sh", "-c", "echo x; cat", output="1MiB"), stdin=True)
                    stream = harness.Stream(stub.Run, pb.RunRequest(start=start))
                    stream.send(pb.RunRequest(input=pb.Input(stdin=b"y\n")))
                    stream.send(pb.RunRequest(input=pb.Input(close_stdin=True)))
                    events = stream.rest()
                    stream.send(harness.Stream.END)
                    if harness.output(events) != b"x\ny\n" or events[-1].exited.exit_status != 0:
                        failures.append(events[-1])
                except grpc.RpcError as error:
                    failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures[:3], [])
        for channel in daemon.channels:
            channel.close()
        daemon.channels = []

    def settle(self, daemon):
        """The runners have ended, and gRPC has closed what clients closed: on threads of its own, and telling nobody, so
        that this has to look again and again."""
        runners = harness.descendants(daemon.process.pid) - {harness.zygote_of(daemon)}
        self.assertEqual(harness.wait_gone(runners), [])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if sum(name.startswith("socket:") for name in descriptors(daemon.process.pid)) <= 2:
                return
            time.sleep(0.05)

    def test_runs_leave_nothing(self):
        daemon = self.daemon()
        self.do_runs(daemon, 64, 32)  # what gRPC and the allocator take once
        for at_once in [1, 8, 32]:
            self.settle(daemon)
            before = Counts(daemon)
            began = time.monotonic()
            self.do_runs(daemon, OPTIONS.runs, at_once)
            took = time.monotonic() - began
            self.settle(daemon)
            after = Counts(daemon)
            print(f"{OPTIONS.runs} runs, {at_once} at once: {1000 * took / OPTIONS.runs:.1f} ms each; descriptors "
                  f"{before.descriptors} -> {after.descriptors}, mounts {before.mounts} -> {after.mounts}, resident "
                  f"{before.resident >> 10} -> {after.resident >> 10} KiB", flush=True)
            self.assertEqual((before.processes, after.processes), (set(), set()))
            self.assertEqual(after.descriptors, before.descriptors)
            self.assertEqual(after.of_zygote, before.of_zygote)
            self.assertEqual(after.mounts, before.mounts)
            self.assertEqual(after.state, before.state)
            self.assertLess(after.resident - before.resident, 16 << 20)
        self.assertEqual(os.listdir(daemon.workspace), [])

    def client(self, daemon):
        environment = {**os.environ, MARK: "1"}
        process = subprocess.Popen([sys.executable, "-B", "-c", CLIENT, OPTIONS.generated, daemon.socket, daemon.workspace, MARK],
                                   env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.readline()
        return process

    def assert_nothing_left(self, keep=()):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            left = [pid for pid in marked() if pid not in keep]
            if not left:
                return
            harness.wait_gone(left, deadline - time.monotonic())
        self.fail([(pid, pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()) for pid in left if harness.exists(pid)])

    def test_kills_leave_nothing(self):
        rng = random.Random(OPTIONS.seed)
        daemon = self.daemon()
        before = mounts()
        for i in range(OPTIONS.kills):
            clients = [self.client(daemon) for _ in range(2)]
            time.sleep(rng.random() * 0.15)  # any moment of connecting, launching, running
            victims = rng.choice([["daemon"], ["clients"], ["zygote"], ["daemon", "clients"]])
            if "clients" in victims:
                for client in clients:
                    client.kill()
            if "daemon" in victims:
                daemon.process.kill()
            if "zygote" in victims:
                os.kill(harness.zygote_of(daemon), signal.SIGKILL)
            if victims == ["clients"]:
                for client in clients:
                    client.wait()
                    client.stdout.close()
                zygote = harness.zygote_of(daemon)
                self.assert_nothing_left(keep={daemon.process.pid, zygote})
                continue
            status = daemon.process.wait(60)
            self.assertEqual(status, 125 if victims == ["zygote"] else -signal.SIGKILL)
            for client in clients:
                client.wait(60)
                client.stdout.close()
            self.assert_nothing_left()
            daemon.start()
        self.assertEqual(mounts(), before)
        self.assertEqual(os.listdir(daemon.workspace), [])


if __name__ == "__main__":
    harness.main()
