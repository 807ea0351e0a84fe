"""The backend wsl2 end to end, under Wine: the tool built for Windows, a stand-in for wsl.exe (wsl_standin.c) in the
prefix's System32, and behind it the tool built for Linux as the relay, on this kernel.

    python3 wsl_test.py PADDOCK STANDIN CONSOLE_DRIVER LINUX_PADDOCK WORK_DIR -- WINE_RUN

What the kernel enforces is shown by the suites in tests/integration; here it is that a request gets there whole, and the
answer back.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from wsl_fixture import TIMEOUT, WslCase, digest, main


class WslTest(WslCase):
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
        self.assertEqual(digest(relay.read_bytes()), digest(Path(self.relay).read_bytes()))
        self.assertEqual(relay.stat().st_mode & 0o777, 0o500)
        before = relay.stat().st_ino
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertEqual(relay.stat().st_ino, before)
        # Somebody put another program there: it is not started, and the right one comes back.
        relay.unlink()
        relay.write_text(f"#!/bin/sh\ntouch {self.work}/pwned\n")
        relay.chmod(0o755)
        self.assertEqual(self.run_inside("true").returncode, 0)
        self.assertFalse((self.work / "pwned").exists())
        self.assertEqual(digest(relay.read_bytes()), digest(Path(self.relay).read_bytes()))

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
            home = self.work / "no_home"
            home.write_text("a file")
        else:
            home = self.work / "home/readonly"
            home.mkdir(exist_ok=True)
            home.chmod(0o500)
        options = ("--backend", "wsl2", "--wsl-distribution", "Spare")
        start = self.work / "start_Spare"
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
            # What else is on this host, its sockets say, may have changed.
            now, before = json.loads(file.read_text()), json.loads(good)
            self.assertEqual([now[key] for key in ("schema", "identity", "relay")],
                             [before[key] for key in ("schema", "identity", "relay")])
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

    def test_globs_in_another_spelling(self):
        if not self.drive:
            self.skipTest("only root may mount a drive, and elsewhere case counts")
        (self.ws / "sub").mkdir()
        for name in (".env", "sub/.ENV", ".MCP.json", "plain"):
            (self.ws / name).write_text("SECRET\n")
        ran, report = self.report_of("sh", "-c", "cat plain; cat .env sub/.ENV; echo x >> .MCP.json")
        self.assertEqual(ran.stdout, b"SECRET\n", ran.stderr)  # the first is the control
        self.assertEqual((self.ws / ".MCP.json").read_text(), "SECRET\n")
        verdicts = {v["rule"]: v["verdict"] for v in report["verdicts"]}
        self.assertEqual(verdicts["filesystem.deny_read **/.env"], "approximated")
        self.assertNotIn("/mnt/c", json.dumps(report["verdicts"]))

    def test_requirements_are_checked_on_the_far_side(self):
        ran, report = self.report_of("true", options=("--backend", "wsl2", "--require", "write=disposable"))
        self.assertEqual(ran.returncode, 125)
        self.assertEqual(report["outcome"]["reason"]["code"], "guarantee_unreachable:write")

    def test_limits_of_the_run(self):
        ran, report = self.report_of("sleep", "60", options=("--backend", "wsl2", "--wall", "1s"))
        self.assertEqual((ran.returncode, report["outcome"]["kind"]), (124, "wall"))
        ran, report = self.report_of("yes", options=("--backend", "wsl2", "--output", "1MiB"))
        self.assertEqual((ran.returncode, report["outcome"]["kind"]), (125, "output"))

    def at_a_console(self, *command, options=(), script=()):
        """(status, report) of a run at a console, where `script` is done: functions that get the driver's input."""
        path = self.c / "report.json"
        path.unlink(missing_ok=True)
        process = self.start("--", self.bin / "console_driver.exe", self.tool, "run", "--backend", "wsl2", "--command-os", "any",
                             "--workspace", self.windows_ws, "--report", "C:\\report.json", *options, "--", *command,
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for step in script:
            step(process.stdin)
        process.stdin.close()
        status = process.wait(TIMEOUT)
        return status, json.loads(path.read_text())

    def await_word(self, word):
        """Until the command has opened the fifo of that name."""
        return lambda _: (self.ws / word).read_text()

    def test_a_terminal_has_the_windows_size_and_follows_it(self):
        for word in ("ready", "typed"):
            os.mkfifo(self.ws / word)
        script = ("stty size > first; tty > which; trap 'stty size > second; exit 5' WINCH; echo > ready; read line; "
                  "echo \"$line\" > said; echo > typed; while :; do sleep 1; done")
        say = lambda text: lambda stdin: (stdin.write(text), stdin.flush())
        status, report = self.at_a_console(
            "sh", "-c", script, options=("--tty", "always"),
            script=(self.await_word("ready"), say(b"type hello\n"), self.await_word("typed"), say(b"resize 61 20\n")))
        self.assertEqual((status, report["outcome"]["kind"]), (5, "exited"), report)
        self.assertEqual((self.ws / "first").read_text(), "40 100\n")
        self.assertTrue((self.ws / "which").read_text().startswith("/dev/pts/"))
        self.assertEqual((self.ws / "said").read_text(), "hello\n")
        self.assertEqual((self.ws / "second").read_text(), "20 61\n")

    def test_a_console_without_a_terminal_gives_lines(self):
        """What the console has edited, with a line's end as Linux has it."""
        os.mkfifo(self.ws / "ready")
        say = lambda text: lambda stdin: (stdin.write(text), stdin.flush())
        status, report = self.at_a_console(
            "sh", "-c", "echo > ready; read line; printf %s \"$line\" > said; test ! -t 0", options=("--tty", "never"),
            script=(self.await_word("ready"), say(b"type hallo\x08o\n")))
        self.assertEqual((status, report["outcome"]["kind"]), (0, "exited"), report)
        self.assertEqual((self.ws / "said").read_bytes(), b"hallo")

    def test_an_interrupt_ends_an_attempt_that_hangs(self):
        """Ctrl+C while the distribution starts, which may take minutes: nothing ran, and no other backend is tried."""
        self.assertEqual(self.run_inside("true").returncode, 0)  # control; and its answer is known from then on
        hang = self.distributions / "Debian/hang"
        os.mkfifo(hang)
        self.addCleanup(lambda: hang.unlink(missing_ok=True))
        status, report = self.at_a_console(
            "sh", "-c", "echo x > made", options=("--tty", "never"),
            script=(lambda _: hang.read_text(), lambda stdin: (stdin.write(b"interrupt\n"), stdin.flush())))
        self.assertEqual((status, report["outcome"]["kind"]), (125, "failed"), report)
        self.assertIn("interrupted", report["outcome"]["reason"]["detail"])
        self.assertEqual(report["fallbacks"], [])
        self.assertFalse((self.ws / "made").exists())

    def test_a_reader_that_stops_hangs_nobody(self):
        """Nobody reads the tool's output, which the command never stops to write: the limits hold, and the tool ends."""
        path = self.c / "report.json"
        path.unlink(missing_ok=True)
        process = self.start("--", self.tool, "run", "--backend", "wsl2", "--command-os", "any", "--workspace", self.windows_ws,
                             "--wall", "1s", "--report", "C:\\report.json", "--", "yes", stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE)
        self.assertEqual(process.wait(TIMEOUT), 124)
        process.stdout.close()
        report = json.loads(path.read_text())
        self.assertEqual((report["outcome"]["kind"], report["inner"]["outcome"]["kind"]), ("wall", "wall"))

    def test_a_slow_reader_gets_everything(self):
        process = self.start("--", self.tool, "run", "--backend", "wsl2", "--command-os", "any", "--workspace", self.windows_ws, "--",
                             "sh", "-c", "head -c 4000000 /dev/zero; echo end; exit 9", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        got = b""
        while piece := os.read(process.stdout.fileno(), 50_000):
            got += piece
            time.sleep(0.01)  # this is the slowness
        process.stdout.close()
        self.assertEqual((process.wait(TIMEOUT), len(got), got[-4:]), (9, 4_000_004, b"end\n"))

    def test_a_share_is_refused(self):
        ran = self.wine("--", self.tool, "run", "--backend", "wsl2", "--command-os", "any", "--workspace",
                        "\\\\server\\share\\x", "--", "true", capture_output=True, check=False)
        self.assertEqual(ran.returncode, 125)
        self.assertIn(b"workspace_on_network", ran.stderr)


if __name__ == "__main__":
    main()
