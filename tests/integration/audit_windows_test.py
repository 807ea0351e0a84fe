"""`paddock audit` of the permissions of a machine with Windows, from files, as a user or a program meets it.

    python3 audit_windows_test.py PADDOCK [unittest arguments]
"""

import json
import os
import sys
import unittest
from pathlib import Path

import cli_test
from cli_test import CliTest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/windows/workspace.jsonl"
USER = "S-1-5-21-1-2-3-1001"
TREE = ("ws\r\nD:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)\r\n"
        "ws\\.vscode\r\nD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;S-1-5-21-1-2-3-1001)\r\n"
        "open\r\nD:(A;;FA;;;WD)\r\n")


class AuditWindows(CliTest):
    def audit(self, *args):
        ran = self.paddock("audit", "--json", *args)
        self.assertIn(ran.status, (0, 1), ran.err)
        document = json.loads(ran.out)
        summary = document["summary"]
        self.assertEqual(ran.status, 1 if summary["high"] + summary["medium"] else 0, summary)
        return document

    def findings(self, *args):
        return {finding["id"]: [path["path"] for path in finding["paths"]] for finding in self.audit(*args)["findings"]}

    def icacls(self, text=TREE, encoding="utf-16-le"):
        (self.ws / "saved").write_bytes(text.encode(encoding))
        return ["--icacls", "saved", "--base", "C:\\", "--user", USER]

    def test_the_example(self):
        document = self.audit("--snapshot", EXAMPLE, "--workspace", "C:\\Users\\dev\\ws")
        self.assertEqual(document["backend"], "windows_token")
        self.assertEqual(document["workspace"], "C:\\Users\\dev\\ws")
        self.assertIn("19 entries visited, 1 of them unreadable", document["model"]["statement"])
        found = {finding["id"]: [path["path"] for path in finding["paths"]] for finding in document["findings"]}
        home = "C:\\Users\\dev"
        self.assertEqual(found, {
            "windows_null_dacl": [f"{home}\\shared.txt"],
            "windows_permissions_open": ["C:\\Tools"],
            "windows_protected_deletable": [f"{home}\\ws\\.git"],
            "windows_protected_writable": [f"{home}\\ws\\.vscode"],
            "windows_deletable_outside": [f"{home}\\*"],
            "windows_unknown": [f"{home}\\claims.txt"],
            "windows_unreadable": [f"{home}\\sealed"],
            "windows_model": ["C:\\"],
            "windows_reparse_points": [f"{home}\\ws\\linked"],
        })

    def test_json_fits_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((ROOT / "docs/schema/audit.schema.json").read_text())
        for args in (["--snapshot", EXAMPLE], self.icacls(), [*self.icacls(), "--assume-no-labels"]):
            jsonschema.Draft7Validator(schema).validate(self.audit(*args))

    def test_grants_and_protected_names(self):
        grant = ["--workspace", "c:/users/dev/ws"]
        self.assertNotIn("windows_protected_deletable", self.findings("--snapshot", EXAMPLE))
        self.assertIn("windows_protected_deletable", self.findings("--snapshot", EXAMPLE, *grant))
        (self.ws / "p.toml").write_text('[filesystem]\ndeny_write = ["main.c"]\n')
        paths = self.findings("--snapshot", EXAMPLE, *grant, "--policy", "p.toml")
        self.assertEqual(paths["windows_protected_deletable"], ["C:\\Users\\dev\\ws\\main.c"])
        self.assertEqual(self.findings("--snapshot", EXAMPLE, "--rw", "C:\\")["windows_reparse_points"],
                         ["C:\\Users\\dev\\ws\\linked"])

    def test_tokens(self):
        self.assertIn("windows_permissions_open", self.findings("--snapshot", EXAMPLE))
        self.assertNotIn("windows_permissions_open", self.findings("--snapshot", EXAMPLE, "--token", "low_integrity"))
        self.assertNotIn("windows_null_dacl", self.findings("--snapshot", EXAMPLE, "--token", "appcontainer"))

    def test_icacls_says_what_it_cannot_tell(self):
        bare = self.findings(*self.icacls())
        self.assertNotIn("windows_permissions_open", bare)
        self.assertIn("C:\\open", bare["windows_unknown"])
        known = self.findings(*self.icacls(), "--assume-no-labels", "--assume-owner", "BA")
        self.assertEqual(known["windows_permissions_open"], ["C:\\open"])
        self.assertNotIn("windows_unknown", known)
        self.assertEqual(self.findings(*self.icacls(encoding="utf-16")), bare)
        text = self.paddock("audit", *self.icacls()).out.decode()
        self.assertIn("owners are not in a file of icacls", " ".join(text.split()))

    def test_for_people(self):
        ran = self.paddock("audit", "--snapshot", EXAMPLE, "--workspace", "C:\\Users\\dev\\ws")
        self.assertEqual(ran.status, 1)
        text = ran.out.decode()
        self.assertIn("By the model, this token (windows_token of S-1-5-21-1-2-3-1001) could write, or delete", " ".join(text.split()))
        self.assertIn("$ icacls C:\\Tools /remove:g '*S-1-1-0' /t", text)

    def test_hostile_names_steer_nothing(self):
        lines = EXAMPLE.read_text().splitlines()[:1]
        name = "C:\\esc\\u001b[2J\\u202egpj".replace("C:\\", "C:\\\\")
        lines.append(f'{{"path":"{name}","sddl":"O:BAD:(A;;FA;;;WD)"}}')
        (self.ws / "s").write_text("\n".join([*lines, '{"end":true,"entries":1}']))
        ran = self.paddock("audit", "--snapshot", "s")
        self.assertEqual(ran.status, 1)
        self.assert_clean(ran.out)
        self.assertNotIn("$ icacls", ran.out.decode())

    def test_mistakes(self):
        (self.ws / "bad").write_text(EXAMPLE.read_text().replace('"directory":true', '"directory":1', 1))
        (self.ws / "text").write_text(TREE)
        rows = [
            (["--snapshot", "missing"], "missing: cannot be opened"),
            (["--snapshot", "bad"], 'bad:2: "directory" is neither true nor false'),
            (["--snapshot", EXAMPLE, "--icacls", "text"], "give one"),
            (["--icacls", "text"], "--icacls needs --base DIR"),
            (["--icacls", "text", "--base", "C:\\", "--user", USER], "text:"),
            (["--icacls", "text", "--base", "ws", "--user", USER], "--base: 'ws'"),
            (["--icacls", "text", "--base", "C:\\", "--user", "me"], "--user: 'me'"),
            (["--snapshot", EXAMPLE, "--user", USER], "go with --icacls"),
            (["--snapshot", EXAMPLE, "--workspace", "ws"], "--workspace: 'ws'"),
            (["--snapshot", EXAMPLE, "--token", "root"], "--token: 'root'"),
            (["--snapshot", EXAMPLE, "--capability", USER], "would let the run change"),
            (["--snapshot", EXAMPLE, "--net", "open"], "with --snapshot and --icacls go"),
            (["--snapshot", EXAMPLE, "--", "true"], "with --snapshot and --icacls go"),
            (["--token", "lpac"], "go with --snapshot FILE or --icacls FILE"),
        ]
        for args, message in rows:
            with self.subTest(args=args):
                self.assert_refused(self.paddock("audit", *args), status=2, contains=message)
        self.assertEqual(self.paddock("audit", "--snapshot", EXAMPLE).status, 1)


if __name__ == "__main__":
    cli_test.PADDOCK = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
