"""`paddock doctor` as a user or a program meets it: findings on the recorded hosts and on this one, statuses, bad input.

    python3 doctor_test.py PADDOCK [unittest arguments]
"""

import json
import os
import sys
import unittest
from pathlib import Path

import cli_test
import jsonschema

HOSTS = Path(__file__).resolve().parents[1] / "fixtures/hosts"


class Doctor(cli_test.CliTest):
    def host(self, name):
        return self.paddock("doctor", "--host", str(HOSTS / f"{name}.json"), cwd="/")

    def test_status_text_and_json_say_the_same(self):
        schema = json.loads((HOSTS.parents[2] / "docs/schema/doctor.schema.json").read_text())
        validator = jsonschema.Draft7Validator(schema)
        for name in sorted(path.stem for path in HOSTS.glob("*.json")):
            with self.subTest(host=name):
                text = self.host(name)
                self.assert_clean(text.out + text.err)
                ran = self.paddock("doctor", "--json", "--host", str(HOSTS / f"{name}.json"), cwd="/")
                diagnosis = json.loads(ran.out)
                validator.validate(diagnosis)
                self.assertEqual((ran.status, text.status), (int(diagnosis["needs_mending"]),) * 2, ran.err)
                words = " ".join(text.out.decode().split())
                for finding in diagnosis["findings"]:
                    self.assertIn(f"({finding['id']})", words)
                    for remedy in finding["remedies"]:
                        for line in remedy["lines"]:
                            self.assertIn(f"\n      {line}\n", text.out.decode())  # whole, to be copied
                count = len(diagnosis["findings"])
                last = text.out.decode().splitlines()[-1]
                self.assertTrue(last.startswith(f"{count} finding" if count else "No findings"), last)

    def test_a_sound_host_and_others(self):
        self.assertEqual(self.host("linux_6_18").status, 0)
        for name, line in (("ubuntu_24_04_apparmor", b"sudo apparmor_parser -r /etc/apparmor.d/paddock"),
                           ("container_bare", b"docker run --security-opt systempaths=unconfined IMAGE"),
                           ("windows_11_home_wsl2", b"paddock setup"), ("windows_11_pro", b"wsl --install"), ("wsl1_only", b"wsl --set-version Ubuntu 2")):
            ran = self.host(name)
            self.assertEqual(ran.status, 1, name)
            self.assertIn(b"\n      " + line + b"\n", ran.out)

    def test_this_host(self):
        ran, facts = self.paddock("doctor", "--json"), self.dir / "facts.json"
        facts.write_bytes(self.paddock("probe", "--json").out)
        there = json.loads(self.paddock("doctor", "--json", "--host", str(facts), cwd="/").out)
        here = json.loads(ran.out)
        self.assertEqual(ran.status, int(here["needs_mending"]), ran.err)
        self.assertEqual([f["id"] for f in here["findings"]], [f["id"] for f in there["findings"]])
        self.assertEqual(here["now"], there["now"])
        decided = json.loads(self.paddock("explain", "--json").out)["ranked"][0]
        self.assertEqual(here["now"][0]["backend"], decided["backend"])

    def test_where_no_workspace_can_be(self):
        for place in (self.home, "/"):
            ran = self.paddock("doctor", "--json", cwd=place)
            self.assertIn(ran.status, (0, 1), ran.err)
            self.assertIn(b"--workspace names yours", ran.err)
            self.assertIsNotNone(json.loads(ran.out)["now"][0]["backend"])
        self.assert_refused(self.paddock("doctor", "--workspace", "/"), 2, "workspace_is_root")  # it was asked about

    def test_a_run_that_is_refused_is_a_finding(self):
        ran = self.paddock("doctor", "--workspace", "missing")
        self.assertEqual(ran.status, 1, ran.err)
        self.assertIn(b"(workspace_missing)", ran.out)

    def test_bad_flags(self):
        for args in (["stray"], ["--bogus"], ["--host"], ["--json=yes"], ["--net", "off"], ["--host", "a", "--host", "b"]):
            with self.subTest(args=args):
                self.assert_refused(self.paddock("doctor", *args), 2, "doctor: ")
        for path, status in (("", 125), ("/nonexistent", 125), ("/", 2), ("/dev/null", 2)):
            self.assert_refused(self.paddock("doctor", "--host", path), status)

    def test_bad_facts(self):
        for text in ("", "{", "[]", "null", '{"schema": "paddock.facts/9"}', '{"bogus": 1}', "[" * 100000):
            path = self.dir / "facts.json"
            path.write_text(text)
            with self.subTest(text=text[:40]):
                self.assert_refused(self.paddock("doctor", "--host", str(path)), 2)

    def test_facts_about_nothing(self):
        path = self.dir / "facts.json"
        for system, home in (("linux", "/home/a"), ("windows", "C:\\Users\\a")):
            path.write_text(json.dumps({"host": {"os": system, "home": home}}))
            ran = self.paddock("doctor", "--json", "--host", str(path))
            self.assertIn(ran.status, (0, 1), ran.err)
            self.assertTrue(json.loads(ran.out)["findings"])
            self.assertIn(b"--workspace names yours", ran.err)

    def test_hostile_names(self):
        for name in cli_test.HOSTILE_NAMES:
            with self.subTest(name=name):
                ws = os.path.join(os.fsencode(self.dir), b"ws-" + name[:250])
                os.mkdir(ws)
                ran = self.paddock("doctor", b"--workspace=" + ws)
                self.assertIn(ran.status, (0, 1), ran.err)
                self.assert_clean(ran.out + ran.err)

    def test_looking_changes_nothing(self):
        before = sorted(str(p) for p in self.dir.rglob("*"))
        self.paddock("doctor")
        self.assertEqual(sorted(str(p) for p in self.dir.rglob("*")), before)

    def test_hostile_facts(self):
        facts = json.loads((HOSTS / "wsl1_only.json").read_text())
        distribution = facts["host"]["windows"]["distributions"][0]
        distribution["name"] = "a'; calc \x1b[2J\u202e"
        distribution["version"]["source"] = "b\x1b[2J\n      calc"
        path = self.dir / "facts.json"
        path.write_text(json.dumps(facts))
        ran = self.paddock("doctor", "--host", str(path))
        self.assert_clean(ran.out)
        self.assertNotIn(b"\n      calc", ran.out)
        self.assertNotIn(b"wsl --set-version", ran.out)
        # The control: a name that WSL makes is told how to convert.
        distribution["name"] = "Ubuntu"
        path.write_text(json.dumps(facts))
        ran = self.paddock("doctor", "--host", str(path))
        self.assert_clean(ran.out)
        self.assertIn(b"\n      wsl --set-version Ubuntu 2\n", ran.out)


if __name__ == "__main__":
    cli_test.PADDOCK = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
