"""The tool built for Windows, as a user or a program meets it. What it prints about other hosts equals what the tool
prints on Linux, to the byte.

    python3 cli_test.py PADDOCK SOURCE_DIR -- [how to run a Windows program]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIMEOUT = 60
TOOL, SOURCE, RUNNER = None, None, []  # set from the command line


class WindowsCliTest(unittest.TestCase):
    def setUp(self):
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-windows-cli-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.ws = self.dir / "ws"
        self.ws.mkdir()

    def paddock(self, *args, env=None):
        ran = subprocess.run([*RUNNER, TOOL, *map(str, args)], cwd=self.ws, env={**os.environ, **(env or {})},
                             capture_output=True, timeout=TIMEOUT, check=False)
        # Wine has something to say about volumes that it cannot read, whatever WINEDEBUG says.
        ran.stderr = b"".join(line for line in ran.stderr.splitlines(True) if not line.startswith(b"wine: "))
        self.assertIn(ran.returncode, (0, 1, 2, 125), ran.stderr[-2000:])
        return ran

    def printed(self, *args, status=0):
        ran = self.paddock(*args)
        self.assertEqual((ran.returncode, ran.stderr), (status, b""), ran.stderr)
        return ran.stdout

    def test_explains_recorded_hosts_as_on_linux(self):
        goldens = sorted((SOURCE / "tests/golden/explain").glob("*.json"))
        self.assertGreaterEqual(len(goldens), 6)
        for golden in goldens:
            ran = self.paddock("explain", "--json", "--host", SOURCE / "tests/fixtures/hosts" / golden.name)
            self.assertEqual(ran.stdout, golden.read_bytes(), golden.name)
            self.assertEqual(ran.returncode, 0 if json.loads(ran.stdout)["ranked"] else 125, golden.name)

    def test_audits_a_snapshot_as_on_linux(self):
        name = "za\u017c\u00f3\u0142\u0107.jsonl"
        shutil.copy(SOURCE / "examples/windows/workspace.jsonl", self.ws / name)
        ran = self.paddock("audit", "--json", "--snapshot", name, "--workspace", "C:\\Users\\dev\\ws")
        wanted = json.loads((SOURCE / "tests/golden/audit/windows_token.json").read_text())
        wanted["model"]["source"] = name
        self.assertEqual(json.loads(ran.stdout), wanted)
        self.assertEqual(ran.returncode, 1)

    def test_audits_the_workspace_itself(self):
        """The walk, and that it sees what is there. What Wine makes of permission bits says nothing about Windows."""
        (self.ws / ".vscode").mkdir()
        (self.ws / "z\u00e9ro").write_text("")

        def found():
            ran = self.paddock("audit", "--json")
            self.assertEqual(ran.stderr, b"")
            document = json.loads(ran.stdout)
            self.assertIn("3 entries visited, 0 of them unreadable", document["model"]["statement"])
            self.assertTrue(document["scan"]["complete"])
            return [finding["id"] for finding in document["findings"]]

        (self.ws / ".vscode").chmod(0o755)
        self.assertNotIn("windows_protected_writable", found())
        (self.ws / ".vscode").chmod(0o777)
        self.assertIn("windows_protected_writable", found())
        missing = self.paddock("audit", "--base", "C:\\none")
        self.assertEqual((missing.returncode, missing.stdout), (125, b""))

    def test_prints_published_texts_without_carriage_returns(self):
        schema = self.printed("policy", "schema")
        self.assertEqual(schema, (SOURCE / "docs/schema/policy.schema.json").read_bytes())
        for args in (["--help"], ["run", "--help"], ["completion", "bash"]):
            self.assertNotIn(b"\r", self.printed(*args))

    def test_nothing_runs_where_nothing_is_enforced(self):
        """Wine accepts what restricts a token, and forgets it."""
        if not RUNNER:
            self.skipTest("this is a Windows, which restricts tokens")
        marker = self.ws / "ran"
        report = self.ws / "report.json"
        ran = self.paddock("run", "--report", report.name, "--", "cmd.exe", "/c", "echo x> ran")
        self.assertEqual((ran.returncode, ran.stdout), (125, b""), ran.stderr)
        self.assertEqual(json.loads(report.read_text(encoding="utf-8"))["outcome"]["reason"]["code"], "readback_failed")
        self.assertFalse(marker.exists())
        self.assertTrue(ran.stderr.startswith(b"paddock: "), ran.stderr)
        # Control: the same command does that where nobody refuses it.
        subprocess.run([*RUNNER, "cmd.exe", "/c", "echo x> ran"], cwd=self.ws, check=True, timeout=TIMEOUT,
                       capture_output=True)
        self.assertTrue(marker.exists())

    def test_words_and_files_beyond_ascii(self):
        name = "za\u017c\u00f3\u0142\u0107 \u65e5\u672c \U0001f4a9"
        facts = self.ws / f"{name}.json"
        shutil.copy(SOURCE / "tests/fixtures/hosts/windows_11_home.json", facts)
        report = self.ws / f"{name}.report"
        printed = self.paddock("explain", "--json", "--host", facts.name, "--report", report.name)
        self.assertEqual(printed.returncode, 0, printed.stderr)
        self.assertEqual(printed.stdout, report.read_bytes())
        self.assertEqual(sorted(p.name for p in self.ws.iterdir()), sorted([facts.name, report.name]))
        policy = self.ws / f"{name}.toml"
        policy.write_text('extends = "coding"\n')
        self.assertEqual(self.paddock("policy", "check", policy.name).returncode, 0)
        self.assertIn(name.encode(), self.paddock("policy", "check", f"{name}.missing").stderr)

    def test_hostile_arguments_arrive_whole(self):
        for word in ['a b', 'a"b', 'a\\"b\\\\', 'a\tb', '%PATH%', '^&|<>', "'", 'trailing\\', '*?', '']:
            ran = self.paddock("explain", "--profile", word)
            self.assertEqual(ran.returncode, 2, word)
            if word and '\t' not in word and '\\' not in word and '"' not in word:
                self.assertIn(word.encode(), ran.stderr)

    def test_a_wrong_report_is_refused_before_anything_runs(self):
        for report, why in ((".", b"directory"), ("none/r.json", b"none"), ("", b"empty")):
            ran = self.paddock("run", "--report", report, "--", "cmd.exe")
            self.assertEqual(ran.returncode, 125)
            self.assertIn(why, ran.stderr)

    def test_json_is_json(self):
        self.assertEqual(json.loads(self.printed("--version", "--json"))["schema"], "paddock.version/1")
        self.assertEqual(json.loads(self.printed("gc", "--json"))["leases"], [])

    def test_setup_says_what_it_would_make_and_what_is_there(self):
        import jsonschema

        def ask(*args):
            ran = self.paddock(*args)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            document = json.loads(ran.stdout)
            schema = document["schema"].split(".")[1].split("/")[0]
            jsonschema.Draft7Validator(json.loads((SOURCE / f"docs/schema/{schema}.schema.json").read_text())).validate(document)
            return document

        plan = ask("setup", "--dry-run", "--json")
        runner = [step for step in plan["steps"] if step["kind"] == "runner"]
        self.assertRegex(runner[0]["name"], r"\\Paddock\\paddock-runner-[0-9a-f]{16}\.exe$")
        status = ask("setup", "--status", "--json")
        self.assertEqual((status["usable"], status["steps"]), (False, []))
        self.assertIn("paddock setup", status["obstacle"])
        self.assertFalse(status["network_filter_verified"])
        self.assertEqual(ask("teardown", "--json")["steps"], [])
        self.assertIn(b"whole drive", self.paddock("setup", "--dry-run", "--tool-dir", "C:\\").stderr)

    def test_gc_scans_a_tree_without_any_record(self):
        """The walk and what it prints. Wine keeps no entries, so that there are none to remove."""
        (self.ws / "deep").mkdir()
        (self.ws / "deep/z\u00e9ro").write_text("")
        document = json.loads(self.printed("gc", "--json", "--scan", "."))
        scan = document["scan"]
        self.assertEqual((scan["entries"], scan["found"], scan["failed"], scan["orphans"]), (3, 0, 0, []))
        self.assertTrue(scan["path"].endswith("\\ws"), scan["path"])
        try:
            import jsonschema
            jsonschema.Draft7Validator(json.loads((SOURCE / "docs/schema/gc.schema.json").read_text())).validate(document)
        except ImportError:
            pass
        self.assertEqual(self.printed("gc", "--scan", scan["path"]), b"no entries of Paddock's on 3 files\n")
        self.assertEqual(self.printed("gc", "-q", "--scan", "deep"), b"")
        missing = self.paddock("gc", "--scan", "none")
        self.assertEqual((missing.returncode, missing.stdout), (125, b""))
        self.assertEqual(self.paddock("gc", "--scan", "a:b:c").returncode, 2)


def main():
    global TOOL, SOURCE, RUNNER
    cut = sys.argv.index("--")
    TOOL, SOURCE, RUNNER = os.path.abspath(sys.argv[1]), Path(sys.argv[2]), sys.argv[cut + 1:]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:cut]])


if __name__ == "__main__":
    main()
