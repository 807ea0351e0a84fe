"""`paddock probe` under Wine, in a prefix of its own: what the test writes into registry and drives is read back as
facts, and the facts, replayed from a file, decide the same. HELPER is helper.c, PLANTED_DLL planted_dll.c.

    python3 probe_test.py PADDOCK HELPER PLANTED_DLL WORK_DIR [LINUX_PADDOCK] -- WINE_RUN

LINUX_PADDOCK: a tool built for Linux from the same sources, that decides about the same facts as well.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

TIMEOUT = 120
ATTEMPTS = 20
TOOL, HELPER, PLANTED, WORK, LINUX_TOOL, WINE_RUN = None, None, None, None, None, None  # set from the command line

LXSS = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Lxss"
NT = r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion"
CONTROL = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet"

# key → values; None takes the key away. A number is a REG_DWORD.
PRO = {
    r"HKEY_CURRENT_USER\Software\Wine": {"Version": None},
    NT: {"ProductName": "Windows 10 Pro", "DisplayVersion": "23H2", "CurrentVersion": "6.3", "CurrentBuild": "22631",
         "CurrentBuildNumber": "22631", "CurrentMajorVersionNumber": 10, "CurrentMinorVersionNumber": 0},
    CONTROL + r"\Control\ProductOptions": {"ProductType": "WinNT"},
}
WITH_WSL = {
    r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Lxss\MSI": {"InstallLocation": r"C:\Program Files\WSL"},
    LXSS: {"DefaultDistribution": "{22222222-0000-0000-0000-000000000000}"},
    LXSS + r"\{11111111-0000-0000-0000-000000000000}":
        {"DistributionName": "Debian", "State": 1, "Flags": 7, "Version": 2},
    LXSS + r"\{22222222-0000-0000-0000-000000000000}":
        {"DistributionName": "Ubuntu-24.04", "State": 1, "Flags": 15, "Version": 2},
    LXSS + r"\{33333333-0000-0000-0000-000000000000}": {"DistributionName": "Leaving", "State": 3, "Flags": 15},
    LXSS + r"\{44444444-0000-0000-0000-000000000000}": {"State": 1, "Flags": 15},
}
SERVER = {
    NT: {"ProductName": "Windows Server 2022 Datacenter", "DisplayVersion": "21H2", "CurrentBuild": "20348",
         "CurrentBuildNumber": "20348"},
    CONTROL + r"\Control\ProductOptions": {"ProductType": "ServerNT"},
}
DOMAIN_CONTROLLER = {CONTROL + r"\Control\ProductOptions": {"ProductType": "LanmanNT"}}
SETUP = r"HKEY_LOCAL_MACHINE\SOFTWARE\Paddock"
APPLOCKER = r"HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Windows\SrpV2\Exe"


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def reg_file(settings):
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in settings.items():
        lines.append(f"[-{key}]" if values is None else f"[{key}]")
        for name, value in (values or {}).items():
            kind = "-" if value is None else f"dword:{value:08x}" if isinstance(value, int) else quoted(value)
            lines.append(f"{quoted(name)}={kind}")
        lines.append("")
    return "\r\n".join(lines)


class ProbeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = WORK / "prefix"
        cls.stop()
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        cls.wine("--serve", check=True)
        cls.c = cls.prefix / "drive_c"
        cls.home = next(p for p in (cls.c / "users").iterdir() if p.name != "Public")

    @classmethod
    def tearDownClass(cls):
        cls.stop()

    @classmethod
    def wine(cls, *args, **kwargs):
        return subprocess.run([WINE_RUN, "--prefix", cls.prefix, *map(str, args)], timeout=TIMEOUT, **kwargs)

    @classmethod
    def stop(cls):
        cls.wine("--stop", check=True)

    @classmethod
    def restart(cls):
        """As after switching the machine on: what is read from the registry once is read again."""
        cls.stop()
        cls.wine("--serve", check=True)

    def set_registry(self, *settings):
        for number, setting in enumerate(settings):
            file = WORK / f"{number}.reg"
            file.write_text(reg_file(setting), encoding="utf-16")
            self.wine("--", "regedit.exe", "/S", file, check=True, capture_output=True)

    def probe(self, workspace, env=None):
        """The facts. On a busy machine Wine may take longer than the probe waits, which the probe says: asked again."""
        for _ in range(ATTEMPTS):
            ran = self.wine("--", TOOL, "probe", "--json", "--workspace", workspace, capture_output=True, check=False,
                            cwd=self.c, env={**os.environ, **(env or {})})
            self.assertEqual(ran.returncode, 0, ran.stderr)
            if b"no answer in time" not in ran.stdout:
                break
        return json.loads(ran.stdout)

    def windows(self, workspace="C:\\src\\app", **kwargs):
        (self.c / "src/app").mkdir(parents=True, exist_ok=True)
        return self.probe(workspace, **kwargs)["host"]

    def value(self, fact):
        self.assertTrue(fact["source"])
        return fact["value"]

    def test_product_and_version(self):
        self.set_registry(PRO)
        host = self.windows()
        self.assertEqual(host["os_name"], "Windows 11 Pro 23H2")
        self.assertEqual(host["os"], "windows")
        self.assertEqual(host["architecture"], "x86_64")
        self.assertEqual(self.value(host["windows"]["build"]), 22631)
        self.assertIs(self.value(host["windows"]["domain_controller"]), False)
        self.assertIs(self.value(host["windows"]["lpac"]), True)
        self.set_registry(SERVER)
        self.restart()
        host = self.windows()
        self.assertEqual(host["windows"]["sku"], "server")
        self.assertEqual(host["os_name"], "Windows Server 2022 Datacenter 21H2")
        self.set_registry(DOMAIN_CONTROLLER)
        self.restart()
        self.assertIs(self.value(self.windows()["windows"]["domain_controller"]), True)
        self.set_registry(PRO)
        self.restart()

    def test_editions(self):
        for edition, sku in (("Core", "home"), ("ProfessionalN", "pro"), ("ProfessionalWorkstation", "pro-workstation"),
                             ("EnterpriseS", "enterprise"), ("Education", "education"), ("Unheard", "unknown")):
            self.set_registry({**PRO, NT: {**PRO[NT], "EditionID": edition}})
            windows = self.windows()["windows"]
            self.assertEqual(windows["sku"], sku)
            self.assertEqual(f"EditionID {edition}" in windows["sku_source"], sku != "unknown")
        self.set_registry({NT: {"EditionID": None}})

    def test_distributions(self):
        self.set_registry(WITH_WSL)
        windows = self.windows()["windows"]
        self.assertIs(self.value(windows["wsl_installed"]), True)
        seen = [(d["name"], self.value(d["version"]), d["is_default"], self.value(d["installed"]))
                for d in windows["distributions"]]
        self.assertEqual(seen, [("Debian", 1, False, True), ("Leaving", 2, False, False),
                                ("Ubuntu-24.04", 2, True, True)])
        self.assertTrue(all(self.value(d["landlock"]) is None for d in windows["distributions"]))
        # Control: without the keys there is nothing.
        self.set_registry({LXSS: None, r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Lxss": None})
        windows = self.windows()["windows"]
        self.assertIs(self.value(windows["wsl_installed"]), False)
        self.assertEqual(windows.get("distributions", []), [])

    def test_sandbox(self):
        windows = self.windows()["windows"]
        self.assertIs(self.value(windows["windows_sandbox_installed"]), False)
        self.assertIs(self.value(windows["windows_sandbox_enabled"]), False)
        self.assertIs(self.value(windows["windows_sandbox_running"]), False)
        # From 24H2 on the program may be the Store's, which leaves an alias in the user's profile and nothing in System32.
        alias = self.home / "AppData/Local/Microsoft/WindowsApps/wsb.exe"
        alias.parent.mkdir(parents=True, exist_ok=True)
        alias.write_bytes(b"")
        self.addCleanup(alias.unlink, missing_ok=True)
        installed = self.windows()["windows"]["windows_sandbox_installed"]
        self.assertIs(self.value(installed), True)
        self.assertIn("wsb.exe", installed["source"])
        self.assertIsNone(self.value(self.windows()["windows"]["windows_sandbox_enabled"]))
        alias.unlink()
        program = self.c / "windows/system32/WindowsSandbox.exe"
        program.write_bytes(b"")
        self.addCleanup(program.unlink)
        windows = self.windows()["windows"]
        self.assertIs(self.value(windows["windows_sandbox_installed"]), True)
        # Wine's WMI does not know optional features: unknown, not guessed.
        self.assertIsNone(self.value(windows["windows_sandbox_enabled"]))

    def test_application_control(self):
        self.assertIs(self.value(self.windows()["windows"]["app_control_enforced"]), False)
        rule = APPLOCKER + r"\{921cc481-6e17-4653-8f75-050b80acca20}"
        self.set_registry({APPLOCKER: {"EnforcementMode": 1}, rule: {"Value": "<FilePathRule/>"}})
        self.assertIs(self.value(self.windows()["windows"]["app_control_enforced"]), True)
        self.set_registry({APPLOCKER: {"EnforcementMode": 0}})
        self.assertIs(self.value(self.windows()["windows"]["app_control_enforced"]), False)
        self.set_registry({APPLOCKER: None})

    def test_provisioning(self):
        def provisioned():
            fact = self.windows()["windows"]["provisioned"]
            self.assertIs(self.value(fact), False)
            return fact["source"]

        self.assertIn("not set up", provisioned())
        self.addCleanup(self.set_registry, {SETUP: None})
        self.set_registry({SETUP: {"Setup": "{}"}})
        self.assertIn("record", provisioned())
        record = {"schema": "paddock.setup/1", "number": "0" * 32, "owner": "S-1-5-21-1-2-3-500", "complete": True, "steps": []}
        self.set_registry({SETUP: {"Setup": json.dumps(record)}})
        self.assertIn("set up for S-1-5-21-1-2-3-500", provisioned())

    def workspace(self, path, **kwargs):
        return self.probe(path, **kwargs)["workspace"]

    def test_local_workspace(self):
        app = self.c / "src/app"
        app.mkdir(parents=True, exist_ok=True)
        seen = self.workspace("C:\\src\\app")
        self.assertEqual((seen["root"]["type"], seen["root"]["real_path"]), ("directory", "C:\\src\\app"))
        self.assertEqual(seen["location"], "local")
        self.assertIs(self.value(seen["empty"]), True)
        (app / ".git").mkdir()
        (app / ".git/config").write_text("")
        self.addCleanup(shutil.rmtree, app)
        seen = self.workspace("C:\\src\\app")
        self.assertIs(self.value(seen["empty"]), False)
        self.assertEqual(seen["paths"]["C:\\src\\app\\.git\\config"]["type"], "file")
        self.assertEqual(seen["paths"]["C:\\src\\app\\.vscode"]["type"], "absent")
        self.assertTrue(seen["scan_complete"])

    def repository(self, git_dir, **files):
        for name in ("objects", "refs", "hooks"):
            (git_dir / name).mkdir(parents=True)
        for name, text in {"HEAD": "ref: refs/heads/main\n", "config": "", **files}.items():
            (git_dir / name.replace("_", ".")).write_text(text)

    def test_repositories_and_globs(self):
        """Every repository in the workspace, what each hangs on, and every match of the policy's globs."""
        ws = self.c / "src/nested"
        self.addCleanup(shutil.rmtree, ws)
        self.repository(ws / ".git", config='[core]\n\thooksPath = tools/hooks\n[include]\n\tpath = ../more.cfg\n')
        self.repository(ws / "vendor/zlib/.git")
        (ws / "tools/hooks").mkdir(parents=True)
        (ws / "more.cfg").write_text("[core]\n\thooksPath = C:/src/nested/others\n")
        worktree = ws / ".git/worktrees/wt"
        worktree.mkdir(parents=True)
        for name, text in (("HEAD", "x"), ("commondir", "../..\n"), ("gitdir", "C:/src/nested/wt/.git\n"), ("config.worktree", "")):
            (worktree / name).write_text(text)
        (ws / "wt").mkdir()
        (ws / "wt/.git").write_text("gitdir: C:/src/nested/.git/worktrees/wt\n")
        self.repository(ws / ".git/modules/libs/z", config="[core]\n\tworktree = ../../../../lib\n")
        (ws / "lib").mkdir()
        (ws / "lib/.git").write_text("gitdir: ../.git/modules/libs/z\n")
        for name in (".env", "deep/er/.ENV", ".git/.env", "vendor/zlib/.git/.env"):
            (ws / name).parent.mkdir(parents=True, exist_ok=True)
            (ws / name).write_text("")
        top = "C:\\src\\nested"
        seen = self.workspace(top)
        self.assertTrue(seen["scan_complete"])
        found = {r["root"].removeprefix(top): r for r in seen["repositories"]}
        self.assertEqual(sorted(found), ["", "\\lib", "\\vendor\\zlib", "\\wt"])
        self.assertTrue(all(self.value(r["well_formed"]) for r in found.values()), seen["repositories"])
        main = found[""]
        self.assertEqual(main["worktrees"], [top + "\\.git\\worktrees\\wt"])
        self.assertEqual(main["modules"], [top + "\\.git\\modules\\libs\\z"])
        self.assertEqual(main["include_targets"], [top + "\\more.cfg", top + "\\others", top + "\\tools\\hooks"])
        self.assertEqual((found["\\wt"]["kind"], found["\\wt"]["common_dir"]), ("git-file", top + "\\.git"))
        self.assertIs(self.value(found["\\wt"]["back_linked"]), True)
        self.assertEqual(found["\\lib"]["git_dir"], top + "\\.git\\modules\\libs\\z")
        self.assertIs(self.value(found["\\lib"]["back_linked"]), True)
        kinds = {path: facts["type"] for path, facts in seen["paths"].items()}
        for path, kind in (("\\vendor\\zlib\\.git\\hooks", "directory"), ("\\vendor\\zlib\\.git\\config", "file"),
                           ("\\vendor\\zlib\\.git\\config.worktree", "absent"), ("\\.git\\commondir", "absent"),
                           ("\\.git\\worktrees\\wt\\commondir", "file"), ("\\lib\\.git", "file"),
                           ("\\.git\\worktrees\\wt\\config.worktree", "file"), ("\\tools\\hooks", "directory")):
            self.assertEqual(kinds.get(top + path), kind, path)
        # git's own files match nothing; letters match in any case.
        self.assertEqual(seen["globs"][top + "\\**\\.env"], [top + "\\.env", top + "\\deep\\er\\.ENV"])
        self.assertEqual(seen["globs"][top + "\\**\\.env.local"], [])

    def test_what_only_looks_like_a_repository(self):
        ws = self.c / "src/odd"
        self.addCleanup(shutil.rmtree, ws)
        cases = {"empty": None, "short": "gitdir", "elsewhere": "gitdir: C:/windows", "server": "gitdir: //nobody/share/x",
                 "long": "gitdir: " + "x" * 9000, "binary": "gitdir: a\0b"}
        for name, text in cases.items():
            (ws / name).mkdir(parents=True)
            if text is None:
                (ws / name / ".git").mkdir()
            else:
                (ws / name / ".git").write_text(text)
        self.repository(ws / "led/.git", commondir="../../whole/.git\n")
        self.repository(ws / "including/.git", config="[include]\n\tpath = //nobody/share/x\n")
        self.repository(ws / "whole/.git")
        seen = self.workspace("C:\\src\\odd")
        trusted = {r["root"].rsplit("\\", 1)[1]: self.value(r["well_formed"]) for r in seen["repositories"]}
        self.assertEqual(trusted, {**{name: False for name in (*cases, "led", "including")}, "whole": True})

    def test_plans_protect_nested_repositories(self):
        ws = self.c / "src/planned"
        self.addCleanup(shutil.rmtree, ws)
        self.repository(ws / ".git")
        self.repository(ws / "vendor/zlib/.git")
        captured = WORK / "planned.json"
        facts = self.probe("C:\\src\\planned")
        # What Wine cannot give, and Windows does.
        facts["workspace"]["persistent_acls"] = {"value": True, "source": "the test"}
        captured.write_text(json.dumps(facts), encoding="utf-8")
        ran = self.wine("--", TOOL, "plan", "--json", "--host", captured, "--workspace", "C:\\src\\planned", "--backend",
                        "windows_token", "--", "cmd.exe", cwd=self.c, capture_output=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        changes = {(c["path"], c["ace"]) for root in json.loads(ran.stdout)["body"]["roots"] for c in root["changes"]}
        capability = next(root["capability"] for root in json.loads(ran.stdout)["body"]["roots"]
                          if root["path"] == "C:\\src\\planned")
        for git in ("C:\\src\\planned\\.git", "C:\\src\\planned\\vendor\\zlib\\.git"):
            self.assertIn((git + "\\hooks", f"(D;OICI;0xd0116;;;{capability})"), changes)
            self.assertIn((git + "\\config", f"(D;;0xd0116;;;{capability})"), changes)

    def test_absent_workspace(self):
        seen = self.workspace("C:\\src\\nowhere")
        self.assertEqual(seen["root"]["type"], "absent")
        self.assertEqual(seen["location"], "unknown")

    def drive(self, letter, target):
        link = self.prefix / f"dosdevices/{letter}:"
        link.symlink_to(target)
        self.addCleanup(link.unlink)

    def test_removable_and_network_drives(self):
        drives = {"e": ("floppy", "removable"), "f": ("hd", "local"), "g": ("network", "mapped-drive"),
                  "h": ("cdrom", "removable")}
        for letter, (kind, _) in drives.items():
            (WORK / f"disk_{letter}/app").mkdir(parents=True)
            self.drive(letter, WORK / f"disk_{letter}")
            self.set_registry({r"HKEY_LOCAL_MACHINE\Software\Wine\Drives": {f"{letter}:": kind}})
        self.restart()
        for letter, (kind, location) in drives.items():
            with self.subTest(kind=kind):
                seen = self.workspace(f"{letter.upper()}:\\app")
                self.assertEqual(seen["location"], location, seen["location_source"])
                self.assertIn("GetDriveType", seen["location_source"])

    def test_subst_drives_are_where_they_lead(self):
        (self.c / "src/app").mkdir(parents=True, exist_ok=True)
        subprocess.run([WINE_RUN, "--prefix", self.prefix, "--", HELPER, "define", "S:", "C:\\src"], check=True,
                       timeout=TIMEOUT)
        seen = self.workspace("S:\\app")
        self.assertEqual((seen["location"], seen["root"]["real_path"]), ("local", "C:\\src\\app"))
        # One that leads into a share is no local folder.
        subprocess.run([WINE_RUN, "--prefix", self.prefix, "--", HELPER, "define", "U:", "\\\\fileserver\\src"],
                       check=True, timeout=TIMEOUT)
        seen = self.workspace("U:\\app")
        self.assertEqual(seen["location"], "mapped-drive", seen["location_source"])
        # Control: a letter that stands for nothing.
        self.assertEqual(self.workspace("Q:\\app")["location"], "unknown")

    def test_a_planted_dll_is_not_loaded(self):
        """mpr.dll and cldapi.dll beside the program, in the current directory and in the workspace."""
        place = WORK / "planted"
        place.mkdir()
        shutil.copy(TOOL, place / "paddock.exe")
        shutil.copy(HELPER, place / "helper.exe")
        for name in ("mpr.dll", "cldapi.dll", "ntdll.dll"):
            shutil.copy(PLANTED, place / name)
        marker = place / "planted.txt"
        run = {"cwd": place, "timeout": TIMEOUT, "check": True, "capture_output": True}
        probe = subprocess.run([WINE_RUN, "--prefix", self.prefix, "--", place / "paddock.exe", "probe", "--json",
                                "--workspace", "C:\\src"], **run)
        self.assertEqual(json.loads(probe.stdout)["schema"], "paddock.facts/1")
        self.assertFalse(marker.exists())
        # Control: loaded by its bare name, as LoadLibrary does it, the planted one runs.
        subprocess.run([WINE_RUN, "--prefix", self.prefix, "--", place / "helper.exe", "load", "cldapi.dll"], **run)
        self.assertTrue(marker.exists())

    def test_shares(self):
        share = self.prefix / "dosdevices/unc/fileserver/src"
        (share / "app").mkdir(parents=True)
        self.addCleanup(shutil.rmtree, self.prefix / "dosdevices/unc")
        seen = self.workspace("\\\\fileserver\\src\\app")
        self.assertEqual(seen["location"], "unc")
        self.assertEqual(seen["root"]["type"], "directory")
        # A server that is not there: still a share, and nothing is waited for.
        self.assertEqual(self.workspace("\\\\nobody\\src\\app")["location"], "unc")

    def test_distributions_are_not_started_for_a_look(self):
        for server in ("wsl$", "wsl.localhost"):
            seen = self.workspace(f"\\\\{server}\\Ubuntu-24.04\\home\\dev\\app")
            self.assertEqual((seen["location"], seen["wsl_distribution"]), ("wsl-distribution", "Ubuntu-24.04"))
            self.assertIsNone(self.value(seen["persistent_acls"]))

    def test_synced_folder(self):
        (self.c / "src/OneDrive/app").mkdir(parents=True, exist_ok=True)
        env = {"OneDrive": "C:\\src\\OneDrive"}
        seen = self.workspace("C:\\src\\OneDrive\\app", env=env)
        self.assertEqual((seen["location"], seen["location_source"]), ("synced", "%OneDrive%: C:\\src\\OneDrive"))
        (self.c / "src/OneDriveNot").mkdir(exist_ok=True)
        self.assertEqual(self.workspace("C:\\src\\OneDriveNot", env=env)["location"], "local")
        self.assertEqual(self.workspace("C:\\src\\OneDrive\\app")["location"], "local")

    def test_replayed_facts_decide_the_same(self):
        self.set_registry(PRO, WITH_WSL)
        self.restart()
        captured = WORK / "captured.json"
        captured.write_text(json.dumps(self.probe("C:\\src")), encoding="utf-8")
        asked = ["--json", "--command-os", "any", "--prefer", "isolation"]
        there = self.wine("--", TOOL, "explain", "--host", captured, *asked, cwd=self.c, capture_output=True)
        for _ in range(ATTEMPTS):
            here = self.wine("--", TOOL, "explain", "--workspace", "C:\\src", *asked, cwd=self.c, capture_output=True)
            if here.stdout == there.stdout:
                break
        self.assertTrue(json.loads(here.stdout)["matched_rules"], here.stderr)
        self.assertEqual(here.stdout, there.stdout)
        if LINUX_TOOL is None:
            self.skipTest("no tool built for Linux was named: the facts were replayed under Wine alone")
        linux = subprocess.run([LINUX_TOOL, "explain", "--host", captured, *asked], capture_output=True, timeout=TIMEOUT)
        self.assertEqual(here.stdout, linux.stdout)


def main():
    global TOOL, HELPER, PLANTED, WORK, LINUX_TOOL, WINE_RUN
    cut = sys.argv.index("--")
    own = sys.argv[1:cut]
    TOOL, HELPER, PLANTED = map(os.path.abspath, own[:3])
    WORK = Path(own[3])
    LINUX_TOOL = own[4] if len(own) > 4 and own[4] else None
    WINE_RUN = sys.argv[cut + 1]
    unittest.main(argv=[sys.argv[0]])


if __name__ == "__main__":
    main()
