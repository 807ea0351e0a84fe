"""The examples of clients, in Python and Node, do what `paddock run` does.

    clients_test.py --paddockd P --paddock P --generated DIR --source DIR
"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import harness

OPTIONS = harness.options()
EXAMPLES = pathlib.Path(OPTIONS.source, "examples", "service")


class ClientsTest(unittest.TestCase):
    def setUp(self):
        self.served = harness.Daemon(OPTIONS.paddockd)
        self.addCleanup(self.served.close)

    def check(self, *client):
        def do(*command, **more):
            environment = {**self.served.environment, "PYTHONPATH": OPTIONS.generated}
            return subprocess.run([*client, self.served.socket, self.served.workspace, *command], capture_output=True, check=False,
                                  env=environment, cwd=self.served.workspace, timeout=60, **more)

        def tool(*command, **more):
            return subprocess.run([OPTIONS.paddock, "run", "-q", "--", *command], capture_output=True, check=False,
                                  env=self.served.environment, cwd=self.served.workspace, **more)

        data = os.urandom(300000)
        for command, given in [(["sh", "-c", "echo out; echo err >&2; exit 7"], b""), (["sha256sum"], data), (["cat"], data),
                               (["sh", "-c", "kill -9 $$"], b""), (["no-such-command"], b""), (["pwd"], b"")]:
            there, here = do(*command, input=given), tool(*command, input=given)
            self.assertEqual((there.returncode, there.stdout), (here.returncode, here.stdout), (command, there.stderr))
        self.assertEqual(do("sh", "-c", "echo err >&2; exit 7", input=b"").stderr, b"err\n")
        self.served.stop()
        done = do("true", input=b"")
        self.assertEqual(done.returncode, 125)
        self.assertTrue(done.stderr)

    def test_python(self):
        self.check(sys.executable, "-B", str(EXAMPLES / "client.py"))

    def test_node(self):
        node = shutil.which("node")
        if node is None:
            self.skipTest("there is no node here")
        self.check(node, str(EXAMPLES / "client.mjs"))


if __name__ == "__main__":
    harness.main()
