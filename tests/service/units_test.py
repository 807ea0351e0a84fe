"""The units of service/systemd: systemd reads them, and what they start serves at the socket that it is given. Without a
systemd that runs: by systemd-analyze and systemd-socket-activate.

    units_test.py --paddockd P --paddock P --generated DIR --source DIR
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

OPTIONS = harness.options()
import grpc  # noqa: E402

UNITS = pathlib.Path(OPTIONS.source, "service", "systemd")


class UnitsTest(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory(prefix="paddockd-units-")
        self.addCleanup(home.cleanup)
        self.directory = home.name
        os.mkdir(os.path.join(self.directory, "runtime"), 0o700)
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": os.path.join(self.directory, "runtime")}

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_systemd_reads_them(self):
        def verify(change=("", "")):
            service = (UNITS / "paddockd.service.in").read_text().replace("@CMAKE_INSTALL_FULL_BINDIR@/paddockd", OPTIONS.paddockd)
            self.assertIn(change[0], service)
            pathlib.Path(self.directory, "paddockd.service").write_text(service.replace(*change))
            shutil.copy(UNITS / "paddockd.socket", self.directory)
            done = subprocess.run(["systemd-analyze", "--user", "--man=no", "verify", "./paddockd.socket", "./paddockd.service"],
                                  cwd=self.directory, env=self.environment, capture_output=True, check=False, text=True)
            return [line for line in done.stderr.splitlines() if "paddockd" in line]

        self.assertEqual(verify(), [])
        # The controls: a program that is not there, and a word that is none.
        self.assertTrue(verify((OPTIONS.paddockd, "/nonexistent/paddockd")))
        self.assertTrue(verify(("KillMode=", "KilMode=")))

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "there is no systemd-socket-activate here")
    def test_the_socket_activates(self):
        path = os.path.join(self.environment["XDG_RUNTIME_DIR"], "paddockd.sock")
        process = subprocess.Popen(["systemd-socket-activate", "-l", path, *[f"-E{k}" for k in ["PATH", "HOME", "XDG_RUNTIME_DIR"]],
                                    OPTIONS.paddockd, "--drain", "0"],
                                   env=self.environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("Listening", process.stderr.readline())
        # Nothing serves before somebody connects.
        self.assertEqual(os.path.basename(os.readlink(f"/proc/{process.pid}/exe")), "systemd-socket-activate")
        with grpc.insecure_channel(f"unix:{path}") as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(check(b"", wait_for_ready=True, timeout=20), b"\x08\x01")
        self.assertEqual(os.path.basename(os.readlink(f"/proc/{process.pid}/exe")), "paddockd")
        process.terminate()
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(os.path.exists(path))  # it is systemd's


if __name__ == "__main__":
    harness.main()
