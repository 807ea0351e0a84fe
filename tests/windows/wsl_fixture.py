"""What the tests of wsl2 under Wine share: a prefix with a stand-in for wsl.exe and three distributions, which are this
kernel with a home each.

    python3 x_test.py PADDOCK STANDIN CONSOLE_DRIVER LINUX_PADDOCK WORK_DIR [unittest's arguments] -- WINE_RUN
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from probe_test import LXSS, PRO, reg_file

TIMEOUT = 240
GUIDS = {"Debian": "{11111111-0000-0000-0000-000000000000}", "docker-desktop": "{22222222-0000-0000-0000-000000000000}",
         "Spare": "{33333333-0000-0000-0000-000000000000}"}
MACHINE_LXSS = r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Lxss\MSI"

WRAPPER = """#!/bin/sh
HOME={home}; PATH=/usr/local/bin:/usr/bin:/bin; export HOME PATH
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR WINEPREFIX
exec {mount} "$@"
"""
# A mount namespace of its own, in which the prefix's drive C: lies where WSL would mount it.
MOUNT = "unshare -m /bin/sh -c 'mount -t tmpfs none /mnt && mkdir /mnt/c && mount --bind {c} /mnt/c && exec \"$@\"' sh"


def digest(data):
    return hashlib.sha256(data).hexdigest()


class WslCase(unittest.TestCase):
    tool_path, standin, driver, relay, work, wine_run = None, None, None, None, None, None  # set from the command line

    @classmethod
    def setUpClass(cls):
        cls.prefix = cls.work / "prefix"
        cls.wine("--stop", check=True)
        shutil.rmtree(cls.work, ignore_errors=True)
        cls.work.mkdir(parents=True)
        cls.wine("--serve", check=True)
        cls.c = cls.prefix / "drive_c"
        shutil.copy(cls.standin, cls.c / "windows/system32/wsl.exe")
        cls.bin = cls.c / "paddock"
        cls.bin.mkdir()
        cls.tool = cls.bin / "paddock.exe"
        shutil.copy(cls.tool_path, cls.tool)
        shutil.copy(cls.driver, cls.bin / "console_driver.exe")
        shutil.copy(cls.relay, cls.bin / "paddock-linux-x86_64")
        cls.distributions = cls.work / "distributions"
        cls.homes = {}
        cls.drive = os.geteuid() == 0
        for name in GUIDS:
            place = cls.distributions / name
            cls.homes[name] = cls.work / "home" / name
            cls.homes[name].mkdir(parents=True)
            place.mkdir(parents=True)
            mount = MOUNT.format(c=cls.c) if cls.drive else ""
            (cls.work / f"start_{name}").write_text(WRAPPER.format(home=cls.homes[name], mount=mount))
            (cls.work / f"start_{name}").chmod(0o755)
            (place / "wrapper").write_text(f"{cls.work}/start_{name}\n")
        cls.register(*GUIDS)

    @classmethod
    def tearDownClass(cls):
        cls.wine("--stop", check=True)

    @classmethod
    def wine(cls, *args, **kwargs):
        env = {**os.environ, "WSL_STANDIN": str(cls.work / "distributions"), **kwargs.pop("env", {})}
        return subprocess.run([cls.wine_run, "--prefix", cls.prefix, *map(str, args)], env=env, timeout=TIMEOUT, **kwargs)

    @classmethod
    def start(cls, *args, **kwargs):
        env = {**os.environ, "WSL_STANDIN": str(cls.work / "distributions"), **kwargs.pop("env", {})}
        return subprocess.Popen([cls.wine_run, "--prefix", cls.prefix, *map(str, args)], env=env, **kwargs)

    @classmethod
    def register(cls, *names, default="docker-desktop"):
        """Windows 11 Home, with these distributions; Docker's is the default one, as it makes itself."""
        settings = {LXSS: None}
        machine = {**PRO, MACHINE_LXSS: {"InstallLocation": r"C:\Program Files\WSL"}}
        machine[r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion"] = {
            **PRO[r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion"], "EditionID": "Core"}
        distributions = {LXSS: {"DefaultDistribution": GUIDS[default]}}
        for name in names:
            distributions[LXSS + "\\" + GUIDS[name]] = {"DistributionName": name, "State": 1, "Flags": 15,
                                                        "BasePath": "C:\\wsl\\" + name}
        for number, setting in enumerate((machine, settings, distributions)):
            file = cls.work / f"{number}.reg"
            file.write_text(reg_file(setting), encoding="utf-16")
            cls.wine("--", "regedit.exe", "/S", file, check=True, capture_output=True)

    def setUp(self):
        """A workspace: on drive C: as root, else inside the distribution, since only root may mount the drive there."""
        name = self.id().rsplit(".", 1)[-1]
        if self.drive:
            self.ws = self.c / "src" / name
            self.windows_ws = "C:\\src\\" + name
            self.linux_ws = "/mnt/c/src/" + name
        else:
            self.ws = self.work / "src" / name
            self.windows_ws = "\\\\wsl.localhost\\Debian" + str(self.ws).replace("/", "\\")
            self.linux_ws = str(self.ws)
        shutil.rmtree(self.ws, ignore_errors=True)
        self.ws.mkdir(parents=True)

    def run_inside(self, *command, options=("--backend", "wsl2"), **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL if "input" not in kwargs else None)
        if kwargs["stdin"] is None:
            del kwargs["stdin"]
        ran = self.wine("--", self.tool, "run", "--workspace", self.windows_ws, "--command-os", "any", *options, "--", *command,
                        capture_output=True, check=False, **kwargs)
        ran.stderr = b"".join(line for line in ran.stderr.splitlines(True) if not line.startswith(b"wine: "))
        return ran

    def report_of(self, *command, options=("--backend", "wsl2"), **kwargs):
        path = self.c / "report.json"
        path.unlink(missing_ok=True)
        ran = self.run_inside(*command, options=(*options, "--report", "C:\\report.json"), **kwargs)
        self.assertTrue(path.exists(), ran.stderr)
        return ran, json.loads(path.read_text())

    def relay_file(self, name="Debian"):
        return self.homes[name] / ".local/share/paddock/relay" / digest(Path(self.relay).read_bytes()) / "paddock"


def main():
    cut = sys.argv.index("--")
    WslCase.tool_path, WslCase.standin, WslCase.driver, WslCase.relay = sys.argv[1:5]
    WslCase.work, WslCase.wine_run = Path(sys.argv[5]).resolve(), sys.argv[cut + 1]
    unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[6:cut]])
