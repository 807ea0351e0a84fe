"""The C library's DLL under Wine: what a C program that embeds it sees of a run, by way of wsl2 (see wsl_test.py), and of a
refusal.

    python3 capi_wsl_test.py PADDOCK STANDIN CONSOLE_DRIVER LINUX_PADDOCK WORK_DIR DLL CAPI_DRIVER CAPI_RUN -- WINE_RUN
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from wsl_fixture import WslCase, digest, main

HEADER = Path(__file__).resolve().parents[2] / "capi/paddock.h"


class CapiWslTest(WslCase):
    programs = []

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The programs lie in a directory of their own, so that what Paddock needs is found beside the tool it is told of.
        cls.host = cls.c / "host"
        cls.host.mkdir()
        for program in cls.programs:
            shutil.copy(program, cls.host)

    def embed(self, mode, *command, tool="C:\\paddock\\paddock.exe", **kwargs):
        order = {"workspace": self.windows_ws, "command": list(command), "command_os": "any", "backend": "wsl2"}
        (self.c / "order.json").write_text(json.dumps(order))
        for name in ("report.json", "report.json.out"):
            (self.c / name).unlink(missing_ok=True)
        kwargs.setdefault("input", b"")
        ran = self.wine("--", self.host / "capi_driver.exe", mode, "C:\\order.json", "C:\\report.json", *filter(None, [tool]),
                        capture_output=True, check=False, **kwargs)
        report = self.c / "report.json"
        return ran, json.loads(report.read_text()) if report.exists() and report.stat().st_size else None

    def test_input_output_status_and_report(self):
        data = os.urandom(8 << 20)
        ran, report = self.embed("feed", "sh", "-c", "sha256sum; echo err >&2; pwd > made; exit 7", input=data)
        self.assertEqual((ran.returncode, ran.stdout[:64].decode()), (7, digest(data)), ran.stderr)
        self.assertEqual(ran.stderr, b"err\n")
        self.assertEqual((self.ws / "made").read_text().strip(), self.linux_ws)
        self.assertEqual((report["backend"], report["outcome"]["code"]), ("wsl2", 7))

    def test_output_to_a_handle(self):
        ran, report = self.embed("handle", "sh", "-c", "echo through")
        self.assertEqual((ran.returncode, ran.stdout), (0, b""), ran.stderr)
        self.assertEqual((self.c / "report.json.out").read_bytes(), b"through\n")
        self.assertEqual(report["outcome"]["kind"], "exited")

    def test_a_terminal(self):
        ran, _ = self.embed("console", "sh", "-c", "test -t 0 && stty size")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn(b"23 91", ran.stdout)

    def test_signal_9_ends_the_tree(self):
        ran, report = self.embed("stop", "sh", "-c", "echo x; exec sleep 1000")
        self.assertEqual((ran.returncode, ran.stdout), (128 + 9, b"x\n"), ran.stderr)
        self.assertEqual(report["outcome"]["kind"], "signalled")

    def test_freeing_ends_the_tree(self):
        """Whoever of it lived would hold the lock."""
        ran, _ = self.embed("free", "flock", "held", "sh", "-c", "echo x; sleep 1000")
        self.assertEqual((ran.returncode, ran.stdout), (0, b"x\n"), ran.stderr)
        subprocess.run(["flock", "--timeout", "60", self.ws / "held", "true"], check=True)

    def test_without_the_tool_nothing_of_it_is_found(self):
        ran, report = self.embed("feed", "true", tool=None)
        self.assertEqual(ran.returncode, 99)
        self.assertIn(b"the launch: wsl2: ", ran.stderr)
        self.assertEqual(report["outcome"]["kind"], "refused")

    def test_the_example_is_refused_where_nothing_is_enforced(self):
        """By windows_token, since Wine accepts what restricts a token and forgets it."""
        marker = self.c / "ran"
        command = ["cmd.exe", "/c", "echo x> C:\\ran"]
        ws = self.c / "native"
        ws.mkdir(exist_ok=True)
        ran = self.wine("--", self.host / "capi_run.exe", "C:\\native", *command, capture_output=True, check=False)
        self.assertEqual((ran.returncode, ran.stdout), (125, b""), ran.stderr)
        self.assertIn(b"readback_failed", ran.stderr)
        self.assertFalse(marker.exists())
        # Control: the same command does that where nobody refuses it.
        self.wine("--", *command, capture_output=True, check=True)
        self.assertTrue(marker.exists())
        ran = self.wine("--", self.host / "capi_run.exe", "C:\\", "true", capture_output=True, check=False)
        self.assertEqual(ran.returncode, 125)
        self.assertIn(b"workspace_is_root", ran.stderr)


if __name__ == "__main__":
    CapiWslTest.programs = sys.argv[6:9]
    del sys.argv[6:9]
    main()
