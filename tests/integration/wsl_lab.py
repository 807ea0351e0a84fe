"""Wine prefixes in which the tool for Windows finds WSL2 with one distribution: this kernel, and each scene's home."""

import atexit
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "windows"))
from probe_test import LXSS, PRO, reg_file  # noqa: E402  the registry of a Windows, as tests/windows writes it

from wsl_host import DISTRIBUTION, of_distribution  # noqa: E402

GUID = "{11111111-0000-0000-0000-000000000000}"
REGISTRY = {
    **PRO,
    r"HKEY_LOCAL_MACHINE\Software\Microsoft\Windows\CurrentVersion\Lxss\MSI": {"InstallLocation": r"C:\Program Files\WSL"},
    LXSS: {"DefaultDistribution": GUID},
    LXSS + "\\" + GUID: {"DistributionName": DISTRIBUTION, "State": 1, "Flags": 15, "BasePath": r"C:\wsl\debian"},
}
# In place of the distribution's init: the environment is the scene's.
FAR_SIDE = """#!/usr/bin/python3 -IB
import json, os, sys
os.execve(sys.argv[1], sys.argv[1:], json.loads(os.environ["FAR_ENVIRONMENT"]))
"""


class WslLab:
    """What `lab` needs besides; `program` is the tool for Windows, `standin` that for wsl.exe."""

    def __init__(self, lab, program, standin, wine_run):
        self.lab, self.program, self.standin = lab, program, standin
        self.place = lab.dir / "wsl"
        self.place.mkdir()
        self.place.chmod(0o755)
        self.wine_run = self.executable("wine_run", Path(wine_run).read_text())
        self.far_side = self.executable("far_side", FAR_SIDE)
        self.hash = hashlib.sha256(lab.paddock.read_bytes()).hexdigest()
        self.people = {}
        host = lab.add(Path(__file__).parent / "wsl_host.py")
        self.tool = ["/usr/bin/python3", "-B", str(host), str(self.place), str(lab.paddock)]

    def executable(self, name, text):
        path = self.place / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def own(self, who):
        return self.place / str(who.uid)

    def wine(self, who, *arguments, **options):
        """As the account, with its own cache for the template of prefixes."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.people[who.name], "USER": who.account, "LOGNAME": who.account}
        return subprocess.run([self.wine_run, "--prefix", self.own(who) / "prefix", *map(str, arguments)], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300, **who.popen_arguments(), **options)

    def prepare(self, who):
        own = self.own(who)
        own.mkdir()
        os.chown(own, who.uid, who.gid)
        self.people[who.name] = os.path.expanduser("~" + who.account)
        self.wine(who, "--serve", check=True)
        atexit.register(self.wine, who, "--stop")
        drive = own / "prefix/drive_c"
        (drive / "paddock").mkdir()
        shutil.copy(self.program, drive / "paddock/paddock.exe")
        shutil.copy(self.lab.paddock, drive / "paddock/paddock-linux-x86_64")
        shutil.copy(self.standin, drive / "windows/system32/wsl.exe")
        # How Windows reaches into the distribution.
        share = own / "prefix/dosdevices/unc/wsl.localhost"
        share.mkdir(parents=True)
        (share / DISTRIBUTION).symlink_to("/")
        distribution = own / "distributions" / DISTRIBUTION
        distribution.mkdir(parents=True)
        os.chown(distribution, who.uid, who.gid)
        (distribution / "wrapper").write_text(f"{self.far_side}\n")
        settings = own / "settings.reg"
        settings.write_text(reg_file(REGISTRY), encoding="utf-16")
        self.wine(who, "--", "regedit.exe", "/S", settings, check=True)
        relay = own / "relay"
        shutil.copy(self.lab.paddock, relay)
        relay.chmod(0o500)
        os.chown(relay, who.uid, who.gid)

    def furnish(self, scene):
        """The relay lies in the home, as after an earlier run."""
        if scene.who.name not in self.people:
            self.prepare(scene.who)
        place = scene.home / ".local/share/paddock/relay" / self.hash
        place.mkdir(parents=True, mode=0o700)
        scene.own(place)
        os.link(self.own(scene.who) / "relay", place / "paddock")

    def report(self, value):
        """A report with paths as the distribution has them, by which the suites look for them."""
        if isinstance(value, dict):
            return {key: self.report(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.report(one) for one in value]
        if not isinstance(value, str):
            return value
        share = re.escape(of_distribution("/").rstrip("\\"))
        return re.sub(share + r"(\\.*)", lambda found: found[1].replace("\\", "/"), value, flags=re.DOTALL)
