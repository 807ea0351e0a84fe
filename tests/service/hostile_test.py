"""What a hostile client of the daemon's can do: nothing but be refused. Bytes that are no HTTP/2, frames that are no gRPC,
messages that are no protobuf, orders that make no sense; another user; a command in a sandbox.

    hostile_test.py --paddockd P --paddock P --generated DIR --source DIR [--count N] [--seed N]
"""

import functools
import json
import os
import pathlib
import pwd
import random
import socket
import struct
import subprocess
import sys
import unittest

import harness

OPTIONS = harness.options(count=(600, "hostile connections, and as many hostile RPCs"), seed=(1, "of what they say"))
import grpc  # noqa: E402
from paddock.v1 import paddock_pb2 as pb  # noqa: E402

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
METHODS = ["Probe", "Explain", "Plan", "Audit", "List", "Get", "Stop"]
STREAMS = ["Run", "Attach"]
# Says what comes of a connection to argv[1], in its first bytes; run as somebody else, or inside of a sandbox.
CONNECT = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
try:
    s.connect(sys.argv[1])
    s.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    print("answered" if s.recv(100) else "closed")
except OSError as error:
    print(type(error).__name__)
"""


def connect(path, *before, **more):
    done = subprocess.run([*before, sys.executable, "-c", CONNECT, path], capture_output=True, check=False, text=True, **more)
    return done.stdout.strip() or done.stderr


class HostileTest(unittest.TestCase):
    def setUp(self):
        self.served = harness.Daemon(OPTIONS.paddockd, "--max-runs", "8")
        self.addCleanup(self.served.close)
        self.stub = self.served.stub()
        self.random = random.Random(OPTIONS.seed)

    def serves(self):
        start = pb.Start(order=self.served.order("echo", "x"))
        events = list(self.stub.Run(iter([pb.RunRequest(start=start)]), timeout=60))
        self.assertEqual(harness.output(events), b"x\n")
        self.assertIsNone(self.served.process.poll())

    def resident(self):
        return int(pathlib.Path(f"/proc/{self.served.process.pid}/statm").read_text().split()[1]) * 4096

    def noise(self):
        """Some bytes for one connection: noise, frames of noise, or frames that are nearly right."""
        rng = self.random
        kind = rng.randrange(3)
        if kind == 0:
            return rng.randbytes(rng.randrange(1, 2000))
        text = PREFACE + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        for _ in range(rng.randrange(1, 20)):
            payload = rng.randbytes(rng.randrange(0, 300))
            length = len(payload) if kind == 1 else rng.randrange(0, 1 << 24)
            frame_type, flags = rng.randrange(0, 12), rng.randrange(256)
            text += struct.pack(">I", length)[1:] + bytes([frame_type, flags]) + struct.pack(">I", rng.randrange(0, 40)) + payload
        return text

    def test_connections(self):
        self.serves()
        before = self.resident()
        held = []
        for i in range(OPTIONS.count):
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.served.socket)
            try:
                client.sendall(self.noise())
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has been told to go
            held.append(client)
            if len(held) > 40:
                held.pop(self.random.randrange(len(held))).close()
            if i % 200 == 0:
                self.serves()
        for client in held:
            client.close()
        self.serves()
        self.assertLess(self.resident() - before, 64 << 20)

    def message(self):
        """A message for a method: noise, or one that means something, with some bytes changed."""
        rng = self.random
        order = self.served.order("true", net=rng.choice(["", "open", "of"]), wall=rng.choice(["", "1s", "-1", "9" * 30]),
                                  rw=[rng.randbytes(5)], policy_json=rng.choice(["", "{}", "[" * 500, '{"limits": {"wall": 1}}']))
        message = rng.choice([pb.ExplainRequest(order=order), pb.RunRequest(start=pb.Start(order=order, keep=True)),
                              pb.GetRequest(run_id="0" * 32), pb.StopRequest(run_id="../../etc", signal=1 << 31),
                              pb.RunRequest(input=pb.Input(stdin=rng.randbytes(10))),
                              pb.ExplainRequest(order=order, facts_json=rng.choice(["{", "[]", '{"schema": "paddock.facts/1"}']))])
        text = bytearray(message.SerializeToString())
        if rng.randrange(3) == 0:
            return rng.randbytes(rng.randrange(0, 200))
        for _ in range(rng.randrange(0, 4)):
            if text:
                text[rng.randrange(len(text))] = rng.randrange(256)
        return bytes(text)

    def test_messages(self):
        self.serves()
        before = self.resident()
        channel = self.served.channel()
        pending = []

        def settle():
            for finish in pending:
                try:
                    finish()
                except grpc.RpcError as error:
                    self.assertNotEqual(error.code(), grpc.StatusCode.UNAVAILABLE, error)
            pending.clear()

        for _ in range(OPTIONS.count):
            if self.random.randrange(3):
                name = self.random.choice(METHODS)
                pending.append(channel.unary_unary(f"/paddock.v1.Paddock/{name}").future(self.message(), timeout=30).result)
            else:
                name = self.random.choice(STREAMS)
                messages = [self.message() for _ in range(self.random.randrange(0, 4))]
                call = channel.stream_stream(f"/paddock.v1.Paddock/{name}")(iter(messages), timeout=30)
                pending.append(functools.partial(list, call))
            if len(pending) >= 16:
                settle()
        settle()
        self.serves()
        for run in self.stub.List(pb.ListRequest()).runs:
            self.stub.Stop(pb.StopRequest(run_id=run.run_id))
        self.assertLess(self.resident() - before, 128 << 20)

    def test_messages_that_are_too_large(self):
        order = self.served.order("true", env=[b"A=" + b"x" * (5 << 20)])
        with self.assertRaises(grpc.RpcError) as caught:
            self.stub.Explain(pb.ExplainRequest(order=order))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.serves()

    def test_too_many_connections(self):
        daemon = harness.Daemon(OPTIONS.paddockd, "--max-connections", "4")
        self.addCleanup(daemon.close)
        held = [socket.socket(socket.AF_UNIX) for _ in range(4)]
        for client in held:
            self.addCleanup(client.close)
            client.connect(daemon.socket)
            client.sendall(PREFACE + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
            self.assertTrue(client.recv(1))
        self.assertIn(connect(daemon.socket), ["closed", "ConnectionResetError", "BrokenPipeError"])
        held[0].close()
        daemon.await_log("refused_peer")
        self.assertIn("limit", {line.get("why") for line in daemon.lines()})

    # Who may connect.

    def test_the_socket_is_its_users_alone(self):
        self.assertEqual(os.stat(self.served.socket).st_mode & 0o777, 0o600)
        self.assertEqual(connect(self.served.socket), "answered")  # the control

    def test_another_user(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be two users")
        account = pwd.getpwnam("nobody")
        for path in [self.served.directory, os.path.dirname(self.served.socket)]:
            os.chmod(path, 0o755)
        self.assertEqual(connect(self.served.socket, user=account.pw_uid, group=account.pw_gid, extra_groups=[]), "PermissionError")
        os.chmod(self.served.socket, 0o666)  # the mode fails: the daemon still looks at who it is
        said = connect(self.served.socket, user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        self.assertIn(said, ["closed", "ConnectionResetError", "BrokenPipeError"])
        self.served.await_log("refused_peer")
        refused = [line for line in self.served.lines() if line["event"] == "refused_peer"]
        self.assertEqual([(line["why"], line["uid"]) for line in refused], [("uid", account.pw_uid)])
        self.assertEqual(connect(self.served.socket), "answered")

    def test_a_command_in_a_sandbox(self):
        self.assertEqual(connect(self.served.socket), "answered")  # the control
        grant = {"network": {"unix_sockets": [self.served.socket]}}

        def inside(policy):
            start = pb.Start(order=self.served.order("/usr/bin/python3", "-c", CONNECT, self.served.socket, policy_json=json.dumps(policy)))
            return harness.output(list(self.stub.Run(iter([pb.RunRequest(start=start)])))).decode().strip()

        # Nothing is there; not even for a policy that grants the socket by name.
        self.assertIn(inside({}), ["FileNotFoundError", "PermissionError", "ConnectionRefusedError"])
        self.assertNotEqual(inside(grant), "answered")
        # A paddock that knows nothing of the daemon grants it; then the daemon sees that the peer lives elsewhere.
        policy = os.path.join(self.served.directory, "grant.json")
        pathlib.Path(policy).write_text(json.dumps(grant))
        for i, (tier, why) in enumerate([("namespaces", "namespace"), ("bubblewrap", "namespace"), ("landlock", "seccomp")]):
            done = subprocess.run([OPTIONS.paddock, "run", "-q", "--backend", f"linux_landlock:{tier}", "--policy", policy, "--",
                                   "/usr/bin/python3", "-c", CONNECT, self.served.socket],
                                  capture_output=True, check=False, text=True, cwd=self.served.workspace, env=self.served.environment)
            self.assertIn(done.stdout.strip(), ["closed", "ConnectionResetError", "BrokenPipeError"], (tier, done.stderr))
            self.served.await_log("refused_peer", count=i + 1)
            self.assertEqual([line for line in self.served.lines() if line["event"] == "refused_peer"][-1]["why"], why)
        # Nor where the tier can hide nothing, and the command is the daemon's own.
        start = pb.Start(order=self.served.order("/usr/bin/python3", "-c", CONNECT, self.served.socket, backend="linux_landlock:landlock"))
        said = harness.output(list(self.stub.Run(iter([pb.RunRequest(start=start)])))).decode().strip()
        self.assertNotEqual(said, "answered")


if __name__ == "__main__":
    harness.main()
