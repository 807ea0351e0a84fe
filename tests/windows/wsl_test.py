"""The backend wsl2 end to end, under Wine: the tool built for Windows, a stand-in for wsl.exe (wsl_standin.c) in the
prefix's System32, and behind it the tool built for Linux as the relay, on this kernel.

    python3 wsl_test.py PADDOCK STANDIN LINUX_PADDOCK WORK_DIR -- WINE_RUN

What the kernel enforces is shown by the suites in tests/integration; here it is that a request gets there whole, and the
answer back.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from probe_test import ATTEMPTS, LXSS, PRO, reg_file

TIMEOUT = 240
TOOL, STANDIN, RELAY, WORK, WINE_RUN = None, None, None, None, None  # set from the command line

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


class WslTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = WORK / "prefix"
        cls.wine("--stop", check=True)
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        cls.wine("--serve", check=True)
        cls.c = cls.prefix / "drive_c"
        shutil.copy(STANDIN, cls.c / "windows/system32/wsl.exe")
        cls.bin = cls.c / "paddock"
        cls.bin.mkdir()
        cls.tool = cls.bin / "paddock.exe"
        shutil.copy(TOOL, cls.tool)
        shutil.copy(RELAY, cls.bin / "paddock-linux-x86_64")
        cls.distributions = WORK / "distributions"
        cls.homes = {}
        cls.drive = os.geteuid() == 0
        for name in GUIDS:
            place = cls.distributions / name
            cls.homes[name] = WORK / "home" / name
            cls.homes[name].mkdir(parents=True)
            place.mkdir(parents=True)
            mount = MOUNT.format(c=cls.c) if cls.drive else ""
            (WORK / f"start_{name}").write_text(WRAPPER.format(home=cls.homes[name], mount=mount))
            (WORK / f"start_{name}").chmod(0o755)
            (place / "wrapper").write_text(f"{WORK}/start_{name}\n")
        cls.register(*GUIDS)

    @classmethod
    def tearDownClass(cls):
        cls.wine("--stop", check=True)

    @classmethod
    def wine(cls, *args, **kwargs):
        env = {**os.environ, "WSL_STANDIN": str(WORK / "distributions"), **kwargs.pop("env", {})}
        return subprocess.run([WINE_RUN, "--prefix", cls.prefix, *map(str, args)], env=env, timeout=TIMEOUT, **kwargs)

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
            file = WORK / f"{number}.reg"
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
            self.ws = WORK / "src" / name
            self.windows_ws = "\\\\wsl.localhost\\Debian" + str(self.ws).replace("/", "\\")
            self.linux_ws = str(self.ws)
        shutil.rmtree(self.ws, ignore_errors=True)
        self.ws.mkdir(parents=True)

    def run_inside(self, *command, options=("--backend", "wsl2"), **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL if "input" not in kwargs else None)
        if kwargs["stdin"] is None:
            del kwargs["stdin"]
        # On a busy machine Wine may take longer than the probe waits for an answer about a file: asked again, as nothing
        # ran.
        for _ in range(ATTEMPTS):
            ran = self.wine("--", self.tool, "run", "--workspace", self.windows_ws, "--command-os", "any", *options, "--",
                            *command, capture_output=True, check=False, **kwargs)
            if b"workspace_unreadable" not in ran.stderr:
                break
        ran.stderr = b"".join(line for line in ran.stderr.splitlines(True) if not line.startswith(b"wine: "))
        return ran

    def report_of(self, *command, options=("--backend", "wsl2"), **kwargs):
        path = self.c / "report.json"
        path.unlink(missing_ok=True)
        ran = self.run_inside(*command, options=(*options, "--report", "C:\\report.json"), **kwargs)
        self.assertTrue(path.exists(), ran.stderr)
        return ran, json.loads(path.read_text())

    def relay_file(self, name="Debian"):
        return self.homes[name] / ".local/share/paddock/relay" / digest(Path(RELAY).read_bytes()) / "paddock"

    def test_runs_there_and_says_so(self):
        ran, report = self.report_of("sh", "-c", "echo out; echo err >&2; pwd; uname -s; echo x > made")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(ran.stdout.decode().splitlines(), ["out", self.linux_ws, "Linux"])
        self.assertIn(b"err\n", ran.stderr)
        self.assertEqual((self.ws / "made").read_text(), "x\n")
        self.assertEqual(report["backend"], "wsl2")
        self.assertTrue(report["inner"]["backend"].startswith("linux_landlock"))
        self.assertEqual(report["inner"]["workspace"], self.linux_ws)
        self.assertIn(f"{report['inner']['backend']} in Debian", report["applied"])
        self.assertEqual(report["outcome"], {"kind": "exited", "status": 0, "code": 0})

    def test_every_exit_code(self):
        """67 and 87 too, which wsl.exe takes for itself; all 256 where PADDOCK_EXIT_CODES says so."""
        some = (0, 1, 2, 37, 67, 87, 124, 125, 126, 127, 128, 137, 254, 255)
        for code in range(256) if os.environ.get("PADDOCK_EXIT_CODES") == "all" else some:
            ran = self.run_inside("sh", "-c", f"exit {code}")
            self.assertEqual(ran.returncode, code, ran.stderr)

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
            ran, report = self.report_of("sh", "-c", f"kill -{int(number)} $$")
            self.assertEqual(ran.returncode, 128 + number)
            self.assertEqual((report["outcome"]["kind"], report["outcome"]["signal"]), ("signalled", number))

    def test_not_found_and_not_executable(self):
        self.assertEqual(self.run_inside("no-such-command").returncode, 127)
        (self.ws / "data").write_text("")
        self.assertEqual(self.run_inside("./data").returncode, 126)

    def test_hostile_arguments_arrive_whole(self):
        words = ["", " ", "a b", 'a"b', 'a\\"b\\\\', "a\tb", "%PATH%", "^&|<>", "'", "trailing\\", "*?", "$HOME", "`id`",
                 "$(id)", "\n", "-d", "--exec", "\\\\wsl$\\x", "za\u017c\u00f3\u0142\u0107 \u65e5\u672c \U0001f4a9", "~", "#", "!"]
        script = 'for a; do printf "%s" "$a" | od -An -v -tx1 | tr -d " \\n"; echo; done'
        ran = self.run_inside("sh", "-c", script, "sh", *words)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual([bytes.fromhex(line).decode() for line in ran.stdout.decode().split("\n")[:-1]], words)

    def test_nothing_of_a_request_is_on_the_command_line(self):
        arguments = self.distributions / "Debian/arguments"
        arguments.unlink(missing_ok=True)
        environment = {"WSLENV": "SECRET/p", "SECRET": "secret-word"}
        self.assertEqual(self.run_inside("sh", "-c", "exit 0", "secret-word", env=environment).returncode, 0)
        said = arguments.read_text()
        self.assertNotIn("secret-word", said)
        self.assertNotIn(self.id().rsplit(".", 1)[-1], said)
        self.assertIn("WSLENV=unset WSL_UTF8=set", said)
        self.assertNotIn('"', said)

    def test_large_data_both_ways(self):
        size = 100 << 20
        data = os.urandom(1 << 20) * (size >> 20)
        ran = self.run_inside("cat", input=data)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual((len(ran.stdout), digest(ran.stdout)), (size, digest(data)))
        ran = self.run_inside("sha256sum", input=data)
        self.assertEqual((ran.returncode, ran.stdout[:64].decode()), (0, digest(data)), ran.stderr)

    def test_a_command_that_does_not_read_hangs_nobody(self):
        ran = self.run_inside("true", input=b"x" * (8 << 20))
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_relay_is_placed_once_and_looked_at_each_time(self):
        self.assertEqual(self.run_inside("true").returncode, 0)
        relay = self.relay_file()
        self.assertEqual(digest(relay.read_bytes()), digest(Path(RELAY).read_bytes()))
        self.assertEqual(relay.stat().st_mode & 0o777, 0o500)
        before = relay.stat().st_ino
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertEqual(relay.stat().st_ino, before)
        # Somebody put another program there: it is not started, and the right one comes back.
        relay.unlink()
        relay.write_text(f"#!/bin/sh\ntouch {WORK}/pwned\n")
        relay.chmod(0o755)
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertFalse((WORK / "pwned").exists())
        self.assertEqual(digest(relay.read_bytes()), digest(Path(RELAY).read_bytes()))

    def test_the_relay_is_out_of_reach_inside(self):
        self.assertEqual(self.run_inside("true").returncode, 0)
        relay = self.relay_file()
        before = relay.read_bytes()
        self.run_inside("sh", "-c", f"chmod 700 {relay}; echo x >> {relay}; rm -f {relay}; mv {relay.parent} {relay.parent}x")
        self.assertEqual(relay.read_bytes(), before)
        # Control: outside, the same user may.
        other = relay.parent / "other"
        other.write_bytes(b"x")
        other.unlink()

    def test_a_home_that_cannot_be_written(self):
        if os.geteuid() == 0:
            home = WORK / "no_home"
            home.write_text("a file")
        else:
            home = WORK / "home/readonly"
            home.mkdir(exist_ok=True)
            home.chmod(0o500)
        options = ("--backend", "wsl2", "--wsl-distribution", "Spare")
        start = WORK / "start_Spare"
        original = start.read_text()
        self.addCleanup(start.write_text, original)
        if not self.drive:
            self.windows_ws = self.windows_ws.replace("Debian", "Spare")
        # Control; and its answer is known from then on.
        self.assertEqual(self.run_inside("true", options=options).returncode, 0)
        start.write_text(original.replace(f"HOME={self.homes['Spare']};", f"HOME={home};"))
        ran, report = self.report_of("true", options=options)
        self.assertEqual(ran.returncode, 125)
        self.assertEqual(report["outcome"]["reason"]["code"], "wsl_relay_unplaced", report)

    def test_failures_of_wsl_itself(self):
        failure = self.distributions / "Debian/failure"
        self.addCleanup(lambda: failure.unlink(missing_ok=True))
        self.assertEqual(self.run_inside("true").returncode, 0)  # control; and its answer is known from then on
        for said, code in (("WSL_E_DISTRO_NOT_FOUND", "wsl_distribution_unregistered"),
                           ("CreateInstance/CreateVm/HCS/HCS_E_HYPERV_NOT_INSTALLED", "virtualization_disabled"),
                           ("0x80070422", "wsl_service_stopped"), ("E_UNEXPECTED", "wsl_failed")):
            failure.write_text(said + "\n")
            ran, report = self.report_of("true")
            self.assertEqual((ran.returncode, ran.stdout), (125, b""))
            self.assertEqual(report["outcome"]["reason"]["code"], code)
            self.assertIn(said, report["outcome"]["reason"]["detail"])
            self.assertTrue(report["outcome"]["reason"]["remedy"])

    def test_facts_are_asked_once(self):
        kept = self.c / "users"
        for file in kept.glob("*/AppData/Local/paddock/state/wsl/*.json"):
            file.unlink()
        arguments = self.distributions / "Debian/arguments"

        def asked():
            count = arguments.read_text().count("--facts\n") if arguments.exists() else 0
            arguments.unlink(missing_ok=True)
            return count
        asked()
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertGreaterEqual(asked(), 1)
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertEqual(asked(), 0)
        (file,) = kept.glob("*/AppData/Local/paddock/state/wsl/*.json")
        good = file.read_text()
        for broken in (good[:100], good.replace("linux", "linus"), "x" * (2 << 20), ""):
            file.write_text(broken)
            self.assertEqual(self.run_inside("true").returncode, 0)
            self.assertEqual(asked(), 1)
            self.assertEqual(file.read_text(), good)
        # Requests that cannot end in a distribution start none.
        self.wine("--", self.tool, "explain", "--workspace", self.windows_ws, "--backend", "windows_token",
                  capture_output=True, check=False)
        self.assertFalse(arguments.exists())

    def test_home_with_wsl2_is_chosen_by_itself(self):
        """Windows 11 Home, a command that may be a Linux one, no backend named; Docker's distribution is the default."""
        ran, report = self.report_of("uname", "-s", options=())
        self.assertEqual((ran.returncode, ran.stdout), (0, b"Linux\n"), ran.stderr)
        self.assertEqual(report["backend"], "wsl2")
        self.assertEqual(report["rule"], "W4b" if self.drive else "W4a")
        self.assertFalse((self.distributions / "docker-desktop/arguments").exists())

    def test_a_named_distribution(self):
        if not self.drive:
            self.skipTest("the workspace lies inside another distribution: only root may mount a drive")
        arguments = self.distributions / "Spare/arguments"
        arguments.unlink(missing_ok=True)
        options = ("--backend", "wsl2", "--wsl-distribution")
        self.assertEqual(self.run_inside("true", options=(*options, "Spare")).returncode, 0)
        self.assertTrue(arguments.exists())
        for name, code in (("docker-desktop", "wsl_distribution_excluded"), ("Gone", "wsl_distribution_unregistered")):
            ran, report = self.report_of("true", options=(*options, name))
            self.assertEqual((ran.returncode, report["outcome"]["reason"]["code"]), (125, code))

    def test_protected_names_in_another_spelling(self):
        if not self.drive:
            self.skipTest("only root may mount a drive, and elsewhere case counts")
        ran, report = self.report_of("sh", "-c", "echo x > .MCP.json; echo x > harmless")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertTrue((self.ws / ".MCP.json").exists())
        told = [v for v in report["violations"] if v.get("rule") == "filesystem.deny_write .mcp.json"]
        self.assertEqual([v["evidence"] for v in told], ["inferred"], report["violations"])
        ran, report = self.report_of("sh", "-c", "rm .MCP.json")  # control
        self.assertEqual([v for v in report["violations"] if "mcp" in v["what"].lower()], [])

    def test_requirements_are_checked_on_the_far_side(self):
        ran, report = self.report_of("true", options=("--backend", "wsl2", "--require", "write=disposable"))
        self.assertEqual(ran.returncode, 125)
        self.assertEqual(report["outcome"]["reason"]["code"], "guarantee_unreachable:write")

    def test_limits_of_the_run(self):
        ran, report = self.report_of("sleep", "60", options=("--backend", "wsl2", "--wall", "1s"))
        self.assertEqual((ran.returncode, report["outcome"]["kind"]), (124, "wall"))
        ran, report = self.report_of("yes", options=("--backend", "wsl2", "--output", "1MiB"))
        self.assertEqual((ran.returncode, report["outcome"]["kind"]), (125, "output"))

    def test_a_share_is_refused(self):
        ran = self.wine("--", self.tool, "run", "--backend", "wsl2", "--command-os", "any", "--workspace",
                        "\\\\server\\share\\x", "--", "true", capture_output=True, check=False)
        self.assertEqual(ran.returncode, 125)
        self.assertIn(b"workspace_on_network", ran.stderr)

    def test_nothing_survives_the_death_of_either_side(self):
        """Kills at moments spread over a run: the tool itself, which its wsl.exe does not outlive, and the relay."""
        count = int(os.environ.get("PADDOCK_KILLS", "12"))
        for number in range(count):
            mark = f"{31000000 + number}"
            run = subprocess.Popen([WINE_RUN, "--prefix", self.prefix, "--", self.tool, "run", "--workspace", self.windows_ws,
                                    "--command-os", "any", "--backend", "wsl2", "--", "sh", "-c",
                                    f"sleep {mark} & sleep {mark}; wait"],
                                   env={**os.environ, "WSL_STANDIN": str(self.distributions)}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.1 + 1.5 * number / count)
            if number % 2 == 0:
                run.kill()
            else:
                relays = processes("relay", "--nonce")
                for pid in relays[:1]:
                    os.kill(pid, signal.SIGKILL)
                if not relays:
                    run.kill()
            run.wait(TIMEOUT)
            wait_until_gone(self, f"sleep\0{mark}")
        wait_until_gone(self, "relay\0--nonce")


def processes(*words):
    """Those whose command line holds these words one behind the other."""
    wanted, found = "\0".join(words), []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            line = Path("/proc", entry, "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if wanted in line and "sh\0-c" not in line:
            found.append(int(entry))
    return found


def wait_until_gone(test, line):
    """Whoever holds on is given the time of the test; waits on each by its pidfd."""
    for pid in processes(*line.split("\0")):
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            import select
            ready, _, _ = select.select([fd], [], [], 60)
            test.assertTrue(ready, f"{line!r} lives on as {pid}")
        finally:
            os.close(fd)


def main():
    global TOOL, STANDIN, RELAY, WORK, WINE_RUN
    cut = sys.argv.index("--")
    TOOL, STANDIN, RELAY, WORK = sys.argv[1:5]
    WORK, WINE_RUN = Path(WORK).resolve(), sys.argv[cut + 1]
    unittest.main(argv=[sys.argv[0], *sys.argv[5:cut]])


if __name__ == "__main__":
    main()
