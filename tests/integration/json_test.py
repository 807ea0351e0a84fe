"""Output for programs: every subcommand has one, of a published schema, and nothing else on stdout.

    python3 json_test.py PADDOCK SCHEMA_DIR [unittest arguments]
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

import jsonschema

HOSTS = Path(__file__).resolve().parents[1] / "fixtures" / "hosts"
PADDOCK = SCHEMAS = None  # set from the arguments
TIMEOUT = 60

# What to call, the schema, and the exit status (or those, where the host decides). `run` has no --json: its output is the command's.
OUTPUTS = [
    (["--version", "--json"], "version", 0),
    (["--json", "--version"], "version", 0),
    (["explain", "--json"], "decision", 0),
    (["explain", "--json", "--require", "write=disposable"], "decision", 125),
    (["plan", "--json", "--", "make"], "plan", 0),
    (["probe", "--json"], "facts", 0),
    (["doctor", "--json"], "doctor", (0, 1)),
    (["audit", "--json"], "audit", (0, 1)),
    (["policy", "show", "--json"], "policy", 0),
    (["policy", "show", "--json", "--backend", "linux_landlock:namespaces", "--net", "open"], "policy", 0),
    (["policy", "check", "--json", "good.toml"], "policy-check", 0),
    (["policy", "check", "--json", "bad.toml"], "policy-check", 2),
    (["policy", "check", "--json", "contradiction.toml"], "policy-check", 2),
    (["policy", "check", "--json", "missing.toml"], "policy-check", 2),
    (["gc", "--json"], "gc", 0),
    (["setup", "--json", "--dry-run", "--host", "windows.json"], "setup-plan", 0),
]
# What only Windows can print: tests/windows/cli_test.py.
ON_WINDOWS = {"setup-result", "setup-status"}
ON_WINDOWS_COMMANDS = {"teardown"}
# Subcommands that print nothing that a program would want otherwise.
WITHOUT_JSON = {"run", "wsb", "completion"}

# Errors: no JSON, text on stderr, and the status says whose they are.
ERRORS = [
    (["explain", "--json", "--bogus"], 2),
    (["explain", "--json", "--workspace", "/"], 2),
    (["explain", "--json", "--host", "bad.toml"], 2),
    (["plan", "--json", "--require", "write=disposable"], 125),
    (["probe", "--json", "--policy", "bad.toml"], 2),
    (["policy", "show", "--json", "bad.toml"], 2),
    (["policy", "check", "--json"], 2),
    (["gc", "--json", "now"], 2),
    (["setup", "--json"], 125),
    (["setup", "--json", "--status"], 125),
    (["setup", "--json", "--dry-run", "--status"], 2),
    (["setup", "--json", "--host", "windows.json"], 2),
    (["setup", "--json", "--dry-run", "--host", "windows.json", "--tool-dir", "C:\\"], 2),
    (["teardown", "--json"], 125),
    (["gc", "--json", "--scan", "."], 2),
    (["--json"], 2),
]

# Runs that are refused, and the reason code.
REFUSALS = [
    (["--require", "write=disposable"], "guarantee_unreachable:write"),
    (["--wall", "soon"], "policy_invalid"),
    (["--policy", "missing.toml"], "policy_unreadable"),
    (["--policy", "bad.toml"], "policy_invalid"),
    (["--workspace", "missing"], "workspace_missing"),
    (["--workspace", "/"], "workspace_is_root"),
    (["--cwd", "missing"], "cwd_unusable"),
    (["--backend", "windows_token"], "host_os_mismatch"),
]


def commands():
    text = subprocess.run([PADDOCK, "--help"], check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout
    return re.findall(r"^  (\w+) ", re.search(r"^Commands\n((?:  .*\n)+)", text, re.M).group(1), re.M)


class JsonTest(unittest.TestCase):
    def setUp(self):
        base = "/srv" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
        os.makedirs(base, exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-json-", dir=base))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.ws = self.dir / "ws"
        self.ws.mkdir()
        shutil.copy(HOSTS / "windows_11_pro.json", self.ws / "windows.json")
        (self.ws / "good.toml").write_text('extends = "coding"\n')
        (self.ws / "bad.toml").write_text('[filesystem]\nwrit = ["."]\n')
        (self.ws / "contradiction.toml").write_text('[network]\nmode = "open"\n[require]\nnetwork = "off"\n')
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.dir)}

    def paddock(self, *args):
        return subprocess.run([PADDOCK, *args], cwd=self.ws, env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, timeout=TIMEOUT)

    def validate(self, document, schema):
        text = (SCHEMAS / f"{schema}.schema.json").read_text()
        jsonschema.Draft7Validator(json.loads(text)).validate(document)

    def test_outputs(self):
        for args, schema, status in OUTPUTS:
            with self.subTest(args=args):
                ran = self.paddock(*args)
                self.assertIn(ran.returncode, status if isinstance(status, tuple) else (status,), ran.stderr)
                document = json.loads(ran.stdout)
                self.validate(document, schema)
                self.assertEqual(document["$schema" if schema == "policy" else "schema"], f"paddock.{schema}/1")

    def test_every_subcommand_is_among_them(self):
        self.assertEqual({args[0] for args, _, _ in OUTPUTS if not args[0].startswith("--")}, set(commands()) - WITHOUT_JSON - ON_WINDOWS_COMMANDS)

    def test_the_schemas_are_all_used(self):
        self.assertEqual({schema for _, schema, _ in OUTPUTS} | {"report", "run"} | ON_WINDOWS,
                         {p.name.removesuffix(".schema.json") for p in SCHEMAS.glob("*.json")})

    def test_problems_name_file_line_and_key(self):
        problems = json.loads(self.paddock("policy", "check", "--json", "bad.toml").stdout)["problems"]
        self.assertEqual([p["code"] for p in problems], ["policy_invalid"])
        self.assertIn("bad.toml:2: filesystem.writ", problems[0]["detail"])
        self.assertTrue(problems[0]["remedy"])

    def test_what_show_prints_is_a_policy(self):
        (self.ws / "shown.json").write_bytes(self.paddock("policy", "show", "--json").stdout)
        self.assertEqual(self.paddock("policy", "check", "shown.json").stdout, b"ok\n")

    def test_errors_are_text(self):
        for args, status in ERRORS:
            with self.subTest(args=args):
                ran = self.paddock(*args)
                self.assertEqual((ran.returncode, ran.stdout), (status, b""), ran.stderr)
                self.assertTrue(ran.stderr.startswith(b"paddock: "), ran.stderr)

    def test_refusals_are_in_the_report(self):
        for args, code in REFUSALS:
            with self.subTest(args=args):
                report = self.dir / "report.json"
                ran = self.paddock("run", "--report", str(report), *args, "--", "touch", "ran")
                self.assertEqual((ran.returncode, ran.stdout), (125, b""))
                document = json.loads(report.read_text())
                self.validate(document, "report")
                outcome = document["outcome"]
                self.assertEqual((outcome["kind"], outcome["reason"]["code"]), ("refused", code))
                self.assertTrue(outcome["reason"]["detail"])
                self.assertTrue(outcome["reason"]["remedy"])
                self.assertFalse((self.ws / "ran").exists())
                report.unlink()

    def test_the_control_is_in_the_report_too(self):
        report = self.dir / "report.json"
        self.assertEqual(self.paddock("run", "--report", str(report), "--", "touch", "ran").returncode, 0)
        document = json.loads(report.read_text())
        self.validate(document, "report")
        self.assertEqual(document["outcome"]["kind"], "exited")
        self.assertTrue((self.ws / "ran").exists())


if __name__ == "__main__":
    PADDOCK, SCHEMAS = os.path.abspath(sys.argv.pop(1)), Path(sys.argv.pop(1))
    unittest.main(verbosity=1)
