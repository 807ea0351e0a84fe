"""`paddock audit` as a user or a program meets it: what it finds in real trees, under which policy, and what its commands do.

    python3 audit_test.py PADDOCK [unittest arguments]
"""

import json
import os
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import cli_test
from cli_test import HOSTILE_NAMES, CliTest


class Audit(CliTest):
    def audit(self, *args, **kwargs):
        """The findings of one audit by id; the status has to fit them."""
        ran = self.paddock("audit", "--json", *args, **kwargs)
        self.assertIn(ran.status, (0, 1), ran.err)
        document = json.loads(ran.out)
        self.assertEqual(document["schema"], "paddock.audit/1")
        summary = document["summary"]
        self.assertEqual(ran.status, 1 if summary["high"] + summary["medium"] else 0, summary)
        return {finding["id"]: finding for finding in document["findings"]}

    def paths(self, finding):
        return [os.path.relpath(path["path"], self.ws) for path in finding["paths"]] if finding else []

    def test_json_fits_the_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/audit.schema.json").read_text())
        os.mkfifo(self.ws / "fifo")
        (self.ws / ".env").write_text("A=1\n")
        for args in ([], ["--workspace", "/"], ["--profile", "read-only"], ["--backend", "wsl2"]):
            with self.subTest(args=args):
                document = json.loads(self.paddock("audit", "--json", *args).out)
                jsonschema.Draft7Validator(schema).validate(document)

    def test_where_no_sandbox_can_be_planned(self):
        (self.ws / ".env").write_text("A=1\n")
        findings = self.audit("--backend", "wsl2")
        self.assertEqual(findings["run_refused"]["severity"], "high")
        self.assertNotIn("no_rule", findings["run_refused"]["detail"])
        self.assertEqual(self.paths(findings["secrets_readable"]), [".env"])

    def test_a_plain_workspace(self):
        findings = self.audit()
        for finding in findings.values():
            self.assertIn(finding["severity"], ("low", "info"), finding)
        self.assertIn("world_writable_places", findings)
        self.assertEqual(self.paddock("audit").status, 0)

    def test_secrets_by_policy_and_never_by_value(self):
        body = "MIIE" * 20
        (self.ws / "server.pem").write_text("-----BEGIN RSA PRIVATE" + f" KEY-----\n{body}\n")
        (self.ws / ".env").write_text("PASSWORD=hunter2\n")
        findings = self.audit()
        self.assertEqual(self.paths(findings["secrets_readable"]), ["server.pem"])
        self.assertEqual(findings["secrets_readable"]["severity"], "medium")
        self.assertEqual(self.paths(findings["secrets_masked"]), [".env"])
        self.assertEqual(self.audit("--net", "open")["secrets_readable"]["severity"], "high")
        # The command that it names mends it, and what it calls hidden is hidden.
        words = findings["secrets_readable"]["commands"][0].split()
        self.assertEqual(words[:3], ["paddock", "run", "--hide"])
        hidden = ["--hide", words[3]]
        self.assertNotIn("secrets_readable", self.audit(*hidden))
        self.assertEqual(self.paddock("run", "--", "cat", "server.pem").status, 0)
        self.assertNotEqual(self.paddock("run", *hidden, "--", "cat", "server.pem").status, 0)
        for args in ([], ["--json"]):
            out = self.paddock("audit", *args).out
            self.assertNotIn(b"hunter2", out)
            self.assertNotIn(body.encode(), out)

    def test_what_others_may_write(self):
        (self.ws / "open").mkdir()
        (self.ws / "open").chmod(0o777)
        os.chmod(self.dir, 0o755)
        self.assertEqual(self.paths(self.audit()["directories_writable_by_others"]), ["open"])
        self.assertEqual(self.paddock("audit").status, 1)
        (self.ws / "open").chmod(0o755)
        self.assertNotIn("directories_writable_by_others", self.audit())

    def test_hard_links_matter_where_they_can_be_written(self):
        (self.home / "precious").write_text("x")
        os.link(self.home / "precious", self.ws / "linked")
        os.link(self.ws / "file", self.ws / "inside")
        self.assertEqual(self.paths(self.audit()["hard_links_outside"]), ["linked"])
        self.assertNotIn("hard_links_outside", self.audit("--profile", "read-only"))
        self.paddock("run", "--", "sh", "-c", "echo y > linked")
        self.assertEqual((self.home / "precious").read_text(), "y\n")  # what the finding says

    def test_a_hidden_file_by_another_name(self):
        (self.home / ".ssh").mkdir()
        (self.home / ".ssh/id_rsa").write_text("x")
        os.link(self.home / ".ssh/id_rsa", self.ws / "harmless")
        self.assertEqual(self.paths(self.audit()["hidden_file_has_other_names"]), ["harmless"])

    def test_a_docker_socket(self):
        path = self.dir / "docker.sock"
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(str(path))
        server.listen()
        listed = self.audit()["host_sockets_hidden"]
        self.assertIn(str(path), [entry["path"] for entry in listed["paths"]])
        policy = self.dir / "policy.toml"
        policy.write_text(f"extends = 'coding'\n[network]\nunix_sockets = ['{path}']\n")
        granted = self.audit("--policy", str(policy))["host_socket_granted"]
        self.assertEqual((granted["severity"], granted["paths"][0]["path"]), ("high", str(path)))

    def test_path(self):
        env = dict(self.env, PATH=f"{self.ws}/bin::{self.env['PATH']}")
        findings = self.audit(env=env)
        self.assertEqual(self.paths(findings["path_entry_in_workspace"]), ["bin"])
        self.assertIn("path_entry_relative", findings)

    def test_git(self):
        git = ["git", "-C", str(self.ws)]
        subprocess.run([*git, "init", "-q"], check=True, env=self.env)
        self.assertNotIn("git_not_protected", self.audit())
        subprocess.run([*git, "config", "filter.x.clean", "./clean.sh"], check=True, env=self.env)
        subprocess.run([*git, "remote", "add", "o", "https://me:hunter2@example.org/x"], check=True, env=self.env)
        findings = self.audit()
        self.assertEqual(self.paths(findings["git_config_runs_workspace_file"]), ["clean.sh"])
        self.assertEqual(findings["git_url_with_password"]["paths"][0]["note"], "remote.o.url")
        self.assertNotIn("hunter2", json.dumps(findings))
        policy = self.dir / "policy.toml"
        policy.write_text("extends = 'coding'\n[filesystem]\ndeny_write = []\n")
        (self.ws / ".envrc").write_text("export A=1\n")
        self.assertNotIn("executed_later", self.audit())
        self.assertEqual(self.paths(self.audit("--policy", str(policy))["executed_later"]), [".envrc"])
        self.assertEqual(self.audit("--policy", str(policy))["git_not_protected"]["severity"], "high")

    def test_refused_workspaces(self):
        for workspace in (str(self.home), "/", "/etc"):
            with self.subTest(workspace=workspace):
                findings = self.audit("--workspace", workspace)
                self.assertEqual(list(findings), ["run_refused"])
                self.assertIn("workspace_is_", findings["run_refused"]["detail"])
        os.symlink(self.home, self.dir / "link")  # found only when it is looked at
        findings = self.audit("--workspace", str(self.dir / "link"))
        self.assertEqual(list(findings), ["run_refused"])
        self.assertIn("(workspace_", findings["run_refused"]["detail"])

    def test_hostile_names_reach_no_terminal(self):
        for name in HOSTILE_NAMES:
            with open(os.path.join(os.fsencode(self.ws), name[:250] + b".pem"), "w") as file:
                file.write("-----BEGIN RSA PRIVATE" + " KEY-----\n" + "MIIE" * 20)
            with open(os.path.join(os.fsencode(self.ws), name), "w") as file:
                file.write("x")
        os.mkfifo(self.ws / ".env")
        ran = self.paddock("audit")
        self.assertEqual(ran.status, 1)
        self.assert_clean(ran.out + ran.err)
        self.assertEqual(self.audit()["secrets_readable"]["count"], len(HOSTILE_NAMES))

    def test_the_literal_commands_do_what_they_say(self):
        name = os.path.join(os.fsencode(self.ws), b"odd '\n\xff name")
        with open(name, "w") as file:
            file.write("x")
        os.chmod(name, 0o666)
        command = self.audit()["files_writable_by_others"]["commands"][0]
        subprocess.run(["bash", "-c", command], check=True)
        self.assertEqual(os.stat(name).st_mode & 0o777, 0o644)

    def test_wrong_use(self):
        self.assert_refused(self.paddock("audit", "--host", "facts.json"), 2, "--host")
        self.assert_refused(self.paddock("audit", "stray"), 2, "audit: ")
        self.assert_refused(self.paddock("audit", "--policy", "/nonexistent"), 125, "policy_unreadable")
        self.assert_refused(self.paddock("audit", "--workspace", ""), 2)

    def test_the_report_option(self):
        report = self.dir / "audit.json"
        self.assertEqual(self.paddock("audit", "--report", str(report)).status, 0)
        self.assertEqual(json.loads(report.read_text())["schema"], "paddock.audit/1")


if __name__ == "__main__":
    cli_test.PADDOCK = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
