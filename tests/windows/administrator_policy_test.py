"""Whose word the administrator's policy is, under Wine, in a prefix of its own. Wine says of every file that its user
owns it, as Windows does of what a user has made in %ProgramData%.

    python3 administrator_policy_test.py PADDOCK WORK_DIR -- WINE_RUN
"""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

TIMEOUT = 120
TOOL, WORK, WINE_RUN = None, None, None  # set from the command line

PROFILES = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
TIGHT = '[limits]\nwall = "7s"\n'


class AdministratorPolicyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = WORK / "prefix"
        cls.wine("--stop", check=True)
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        cls.wine("--serve", check=True)
        cls.c = cls.prefix / "drive_c"
        (cls.c / "ws").mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.wine("--stop", check=True)

    @classmethod
    def wine(cls, *args, **kwargs):
        return subprocess.run([WINE_RUN, "--prefix", cls.prefix, *map(str, args)], timeout=TIMEOUT, **kwargs)

    def shown(self, *command):
        ran = self.wine("--", *(command or (TOOL, "policy", "show")), cwd=self.c / "ws", capture_output=True, check=False)
        return ran.returncode, (ran.stdout + ran.stderr).decode(errors="replace")

    def write(self, directory):
        (self.c / directory / "paddock").mkdir(parents=True)
        (self.c / directory / "paddock/policy.toml").write_text(TIGHT)
        self.addCleanup(shutil.rmtree, self.c / directory / "paddock", ignore_errors=True)

    def assert_untrusted(self, shown, file):
        self.assertEqual(shown[0], 125, shown[1])
        self.assertIn("policy_untrusted", shown[1])
        self.assertIn(file, shown[1])

    def test_a_users_file_is_refused(self):
        self.assertEqual(self.shown()[0], 0)  # the control: nothing is there
        self.write("ProgramData")
        file = r"C:\ProgramData\paddock\policy.toml"
        for command in (("policy", "show"), ("explain",), ("run", "--", "cmd.exe", "/c", "exit")):
            self.assert_untrusted(self.shown(TOOL, *command), file)

    def test_an_empty_directory_is_no_policy(self):
        (self.c / "ProgramData/paddock").mkdir()
        self.addCleanup(shutil.rmtree, self.c / "ProgramData/paddock")
        self.assertEqual(self.shown()[0], 0)

    def test_the_registry_says_where_and_no_variable_does(self):
        self.write("elsewhere")
        asked = f'set "ProgramData=C:\\elsewhere"&& set "SystemDrive=Z:"&& "{TOOL}" policy show'
        batch = self.c / "ws/asked.cmd"
        batch.write_text("@" + asked.replace("&& ", "\r\n@") + "\r\n")
        self.addCleanup(batch.unlink)
        status, text = self.shown("cmd.exe", "/c", "asked.cmd")
        self.assertEqual(status, 0, text)
        self.assertNotIn("7s", text)
        # The control: what the registry names is looked at.
        set_value = ("reg.exe", "add", PROFILES, "/v", "ProgramData", "/t", "REG_EXPAND_SZ", "/f", "/d")
        self.addCleanup(self.wine, "--", *set_value, r"%SystemDrive%\ProgramData", check=True, capture_output=True)
        self.wine("--", *set_value, r"%SystemDrive%\elsewhere", check=True, capture_output=True)
        self.assert_untrusted(self.shown(), r"C:\elsewhere\paddock\policy.toml")
        for wrong in (r"%TEMP%\x", "elsewhere", r"\\server\share"):
            self.wine("--", *set_value, wrong, check=True, capture_output=True)
            self.assert_untrusted(self.shown(), wrong)


def main():
    global TOOL, WORK, WINE_RUN
    cut = sys.argv.index("--")
    TOOL = "Z:" + os.path.abspath(sys.argv[1]).replace("/", "\\")
    WORK = Path(sys.argv[2])
    WINE_RUN = os.path.abspath(sys.argv[cut + 1])
    unittest.main(argv=[sys.argv[0]])


if __name__ == "__main__":
    main()
