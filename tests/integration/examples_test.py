"""The examples do what their heads say.

    python3 examples_test.py PADDOCK EXAMPLES_DIR HOSTS_DIR [unittest arguments]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PADDOCK = EXAMPLES = HOSTS = None  # set from the arguments
TIMEOUT = 60
TABLE = re.compile(r"^# Decided on\n((?:#   \S+ +\S+\n)+)", re.M)


class ExamplesTest(unittest.TestCase):
    def setUp(self):
        # Not below /tmp, which is private inside.
        base = "/srv" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
        os.makedirs(base, exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-examples-", dir=base))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.home, self.ws = self.dir / "home", self.dir / "ws"
        (self.home / ".ssh").mkdir(parents=True)
        (self.home / ".ssh" / "id").write_text("secret\n")
        (self.home / ".local" / "share" / "agent").mkdir(parents=True)  # a grant has to exist
        (self.ws / "sub").mkdir(parents=True)
        self.env = {"PATH": f"{os.path.dirname(PADDOCK)}:/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}

    def run_in(self, argv, cwd=None, **env):
        return subprocess.run([str(a) for a in argv], cwd=cwd or self.ws, env=dict(self.env, **env), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, timeout=TIMEOUT)

    def policies(self):
        found = sorted(EXAMPLES.rglob("*.toml"))
        self.assertGreaterEqual(len(found), 13)
        return found


class Policies(ExamplesTest):
    def test_are_valid(self):
        for file in self.policies():
            with self.subTest(file=file.name):
                ran = self.run_in([PADDOCK, "policy", "check", file])
                self.assertEqual((ran.returncode, ran.stdout), (0, "ok\n"), ran.stderr)

    def test_are_decided_as_their_heads_say(self):
        for file in self.policies():
            table = TABLE.search(file.read_text())
            self.assertIsNotNone(table, f"{file.name} does not say what is decided")
            rows = re.findall(r"^#   (\S+) +(\S+)$", table.group(1), re.M)
            for host, wanted in rows:
                with self.subTest(file=file.name, host=host):
                    ran = self.run_in([PADDOCK, "explain", "--json", "--policy", file, "--host", HOSTS / f"{host}.json"])
                    ranked = json.loads(ran.stdout)["ranked"]
                    self.assertEqual(ranked[0]["backend"] if ranked else "nothing", wanted)
            # Each runs somewhere, and says where it does not.
            self.assertTrue(any(wanted != "nothing" for _, wanted in rows), file.name)
            self.assertTrue(any(wanted == "nothing" for _, wanted in rows), file.name)

    def test_run_a_command_here(self):
        """Those for Linux; a layer of the home that is kept is left to its own tests."""
        ran_some = False
        for file in self.policies():
            text = file.read_text()
            if "linux_6_18              linux_landlock" not in text or 'home = "kept"' in text:
                continue
            with self.subTest(file=file.name):
                ran = self.run_in([PADDOCK, "run", "-q", "--policy", file, "--", "sh", "-c", "cat ~/.ssh/id || echo hidden"])
                self.assertEqual((ran.returncode, ran.stdout), (0, "hidden\n"), ran.stderr)
                ran_some = True
        self.assertTrue(ran_some)
        control = self.run_in(["sh", "-c", "cat ~/.ssh/id || echo hidden"])
        self.assertEqual(control.stdout, "secret\n")

    def test_are_listed(self):
        listed = (EXAMPLES / "README.md").read_text()
        policies = {p.relative_to(EXAMPLES).as_posix() for p in self.policies()}
        others = {p.name for p in EXAMPLES.iterdir() if p.is_dir()} | {"agents/paddock-shell", "agents/claude-code.json",
                                                                       "windows/workspace.jsonl"}
        links = set(re.findall(r"\]\(([^)]+)\)", listed))
        documents = {link for link in links if link.startswith("../docs/")}
        self.assertEqual(links - others - documents, policies)
        for link in links:
            self.assertTrue((EXAMPLES / link).exists(), link)


class Repository(ExamplesTest):
    def test_tightens_what_the_user_has(self):
        text = (EXAMPLES / "repository.toml").read_text()
        (self.ws / ".paddock.toml").write_text(text)
        shown = json.loads(self.run_in([PADDOCK, "policy", "show", "--json"]).stdout)
        for name in ("deploy/keys", "~/.ssh"):
            self.assertIn(name, shown["filesystem"]["deny_read"])
        self.assertEqual(shown["limits"]["wall"], "15m")
        # A line more, and it would loosen.
        (self.ws / ".paddock.toml").write_text(text + '\n[network]\nmode = "open"\n')
        ran = self.run_in([PADDOCK, "run", "--", "true"])
        self.assertEqual(ran.returncode, 125)
        self.assertIn("policy_loosened", ran.stderr)


class AgentsShell(ExamplesTest):
    def setUp(self):
        super().setUp()
        self.shell = EXAMPLES / "agents" / "paddock-shell"

    def test_as_a_shell(self):
        ran = self.run_in([self.shell, "-c", 'echo "a  b" >made && cat made && exit 3'])
        self.assertEqual((ran.returncode, ran.stdout), (3, "a  b\n"), ran.stderr)
        self.assertTrue((self.ws / "made").exists())
        self.assertEqual(self.run_in([self.shell, "-lc", "echo hi"]).stdout, "hi\n")

    def test_as_a_prefix(self):
        ran = self.run_in([self.shell, "eval 'echo \"a  b\"' < /dev/null && pwd -P"])
        self.assertEqual((ran.returncode, ran.stdout), (0, f"a  b\n{self.ws}\n"), ran.stderr)

    def test_in_a_sandbox(self):
        for argv in ([self.shell, "-c"], [self.shell]):
            ran = self.run_in([*argv, "cat ~/.ssh/id || touch ../outside || echo denied"])
            self.assertEqual(ran.stdout, "denied\n", ran.stderr)
        control = self.run_in(["/bin/bash", "-c", "cat ~/.ssh/id"])
        self.assertEqual(control.stdout, "secret\n")

    def test_the_workspace_of_the_session(self):
        ran = self.run_in([self.shell, "-c", "echo x > ../from-below"], cwd=self.ws / "sub")
        self.assertNotEqual(ran.returncode, 0)
        ran = self.run_in([self.shell, "-c", "echo x > ../from-below && pwd"], cwd=self.ws / "sub", PADDOCK_WORKSPACE=str(self.ws))
        self.assertEqual((ran.returncode, ran.stdout), (0, f"{self.ws}/sub\n"), ran.stderr)

    def test_the_settings_name_it(self):
        settings = json.loads((EXAMPLES / "agents" / "claude-code.json").read_text())
        self.assertEqual(os.path.basename(settings["env"]["CLAUDE_CODE_SHELL_PREFIX"]), self.shell.name)


if __name__ == "__main__":
    PADDOCK = os.path.abspath(sys.argv.pop(1))
    EXAMPLES, HOSTS = Path(sys.argv.pop(1)).resolve(), Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=1)
