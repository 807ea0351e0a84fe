"""The command line tool as a user or a program meets it: exit statuses, messages, bad input, hostile names.

    python3 cli_test.py PADDOCK [unittest arguments]
"""

import json
import os
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PADDOCK = None  # set from the first argument
TIMEOUT = 60
HOSTILE_NAMES = [b"new\nline", b"esc\x1b[2J\x1b]52;c;ZXZpbA==\x07", b"\xff\xfe", b"-rf", b"--", b"trailing ", b"q'\"`$(x)",
                 "rtl\u202egpj".encode(), b"n" * 255]


class Ran:
    def __init__(self, process):
        self.status, self.out, self.err = process.returncode, process.stdout, process.stderr

    def messages(self):
        return self.err.decode("utf-8").splitlines()


class CliTest(unittest.TestCase):
    def setUp(self):
        # Not below /tmp, which is private inside.
        base = "/srv" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
        os.makedirs(base, exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-cli-", dir=base))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.ws, self.home = self.dir / "ws", self.dir / "home"
        self.ws.mkdir()
        self.home.mkdir()
        (self.ws / "file").write_text("content\n")
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "xterm"}

    def paddock(self, *args, cwd=None, data=b"", env=None, **kwargs):
        argv = [os.fsencode(PADDOCK), *[os.fsencode(a) for a in args]]
        if "stdin" not in kwargs:
            kwargs["input"] = data
        ran = Ran(subprocess.run(argv, cwd=cwd or self.ws, env=self.env if env is None else env, timeout=TIMEOUT,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kwargs))
        self.assertGreaterEqual(ran.status, 0, f"paddock crashed: {ran.err[-2000:]!r}")
        self.assertNotIn(b"Sanitizer", ran.err)
        return ran

    def assert_refused(self, ran, status=125, contains=""):
        """Nothing on stdout; every line of stderr is Paddock's own, printable, and one of them says what."""
        self.assertEqual(ran.status, status, ran.err)
        self.assertEqual(ran.out, b"")
        self.assertTrue(ran.messages())
        for line in ran.messages():
            self.assertTrue(line.startswith("paddock: "), line)
        self.assert_clean(ran.err)
        self.assertIn(contains, ran.err.decode())

    def assert_clean(self, data):
        """No byte that steers a terminal, and valid UTF-8."""
        for character in data.decode("utf-8"):
            self.assertTrue(character == "\n" or ord(character) >= 0x20, repr(character))
            self.assertFalse(0x7F <= ord(character) < 0xA0 or 0x202A <= ord(character) <= 0x202E, repr(character))


class Statuses(CliTest):
    def test_the_commands_own(self):
        for status in (0, 1, 2, 3, 77, 124, 125, 126, 127, 255):
            ran = self.paddock("run", "--", "sh", "-c", f"exit {status}")
            self.assertEqual(ran.status, status, ran.err)
            self.assertEqual(ran.out, b"")

    def test_spoofed_statuses_are_told_apart_in_the_report(self):
        report = self.dir / "r.json"
        self.paddock("run", "--report", str(report), "--", "sh", "-c", "exit 125")
        outcome = json.loads(report.read_text())["outcome"]
        self.assertEqual((outcome["kind"], outcome["code"]), ("exited", 125))

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGUSR1):
            ran = self.paddock("run", "--", "sh", "-c", f"kill -{int(number)} $$")
            self.assertEqual(ran.status, 128 + number, ran.err)

    def test_wall_clock(self):
        ran = self.paddock("run", "--wall", "200ms", "--", "sleep", "30")
        self.assert_refused(ran, 124, "wall-clock limit")

    def test_output_limit(self):
        ran = self.paddock("run", "--output", "64KiB", "--", "sh", "-c", "yes | head -c 10000000")
        self.assertEqual(ran.status, 125)
        self.assertIn(b"limit on output", ran.err)
        self.assertLessEqual(len(ran.out), 64 << 10)

    def test_not_found_and_not_executable(self):
        (self.ws / "plain").write_text("no program\n")
        (self.ws / "directory").mkdir()
        self.assert_refused(self.paddock("run", "--", "no-such-command-anywhere"), 127, "no-such-command-anywhere")
        self.assert_refused(self.paddock("run", "--", "./missing"), 127)
        self.assert_refused(self.paddock("run", "--", "./plain"), 126)
        self.assert_refused(self.paddock("run", "--", "./directory"), 126)

    def test_streams_are_the_commands_alone(self):
        data = bytes(range(256)) * 40
        ran = self.paddock("run", "--", "sh", "-c", "cat; echo err >&2", data=data)
        self.assertEqual((ran.status, ran.out), (0, data))
        self.assertIn(b"err\n", ran.err)
        self.assertEqual(self.paddock("run", "-q", "--", "sh", "-c", "echo err >&2").err, b"err\n")

    def test_everything_after_the_mark_is_the_commands(self):
        ran = self.paddock("run", "--", "printf", "%s|", "--", "-h", "--wall", "", "a b", b"\xff\n")
        self.assertEqual((ran.status, ran.out), (0, b"--|-h|--wall||a b|\xff\n|"))


class Reports(CliTest):
    def test_written_whole_and_alone(self):
        ran = self.paddock("run", "--report", "../r.json", "--", "true")
        self.assertEqual(ran.status, 0, ran.err)
        report = json.loads((self.dir / "r.json").read_text())
        self.assertEqual(report["schema"], "paddock.report/1")
        self.assertEqual(report["outcome"]["kind"], "exited")
        self.assertEqual(sorted(os.listdir(self.dir)), ["home", "r.json", "ws"])

    def test_refusals_are_reported_too(self):
        report = self.dir / "r.json"
        self.assert_refused(self.paddock("run", "--report", str(report), "--wall", "soon", "--", "true"))
        outcome = json.loads(report.read_text())["outcome"]
        self.assertEqual((outcome["kind"], outcome["status"]), ("refused", 125))
        self.assertTrue(outcome["reason"]["code"])

    def test_the_command_cannot_lead_it_elsewhere(self):
        victim = self.dir / "victim"
        victim.write_text("precious")
        ran = self.paddock("run", "--report", "r.json", "--", "ln", "-s", "../victim", "r.json")
        self.assertEqual(ran.status, 0, ran.err)
        self.assertEqual(victim.read_text(), "precious")
        self.assertTrue(stat.S_ISREG((self.ws / "r.json").lstat().st_mode))

    def test_stderr_and_descriptors(self):
        ran = self.paddock("run", "-q", "--report", "-", "--", "true")
        self.assertEqual(json.loads(ran.err)["outcome"]["kind"], "exited")
        read, write = os.pipe()
        self.paddock("run", "--report", f"/dev/fd/{write}", "--", "true", pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as pipe:
            self.assertEqual(json.loads(pipe.read())["outcome"]["kind"], "exited")

    def test_places_that_cannot_be_written(self):
        os.mkfifo(self.dir / "fifo")
        for path in ("", "/", ".", "..", "missing/r.json", "file/r.json", str(self.dir / "fifo"), "/proc/r.json",
                     "n" * 300):
            marker = self.ws / "ran"
            ran = self.paddock("run", "--report", path, "--", "touch", "ran")
            self.assert_refused(ran)
            self.assertFalse(marker.exists(), path)


# Each flag with values that it must not take; "{big}" and the like are filled in by the test.
WRONG_VALUES = {
    "--workspace": ["", "/nonexistent", "file", "/", "/proc", "/etc", "/dev", "/sys", "/dev/null", "{home}", "{dangling}", "{fifo}",
                    "x" * 300, "a/" * 3000],
    "--cwd": ["", "/nonexistent/deeper", "file", "{dangling}", "{behind}"],
    "--policy": ["", "/nonexistent", "/", "/dev/zero", "{big}", "{garbage}", "{fifo}", "{binary}", "{unknown}"],
    "--profile": ["", "nobody", "../coding"],
    "--workload": ["", "codng"],
    "--command-os": ["", "windows"],
    "--backend": ["", "nothing", "linux_landlock:nothing", "linux_landlock:", "windows_token"],
    "--prefer": ["", "speed"],
    "--rw": ["", "*", "/", "/proc", "/proc/sys", "/sys", "/dev"],
    "--ro": [""],
    "--hide": [""],
    "--net": ["", "on", "allow=", "allow=a:0", "allow=example.org:443"],
    "--env": ["", "=x"],
    "--require": ["", "write", "write=", "write=strong", "speed=fast", "write=disposable", "workspace=none=x"],
    "--wall": ["", "10", "-1s", "1.5h", "0s", "9" * 4000 + "s"],
    "--memory": ["", "4G", "-1", "99999999999TiB", "0"],
    "--processes": ["", "-1", "many", "0", "9" * 400],
    "--output": ["", "64M", "-1"],
    "--tty": ["", "yes"],
    "--report": ["", "/"],
}


class BadInput(CliTest):
    def setUp(self):
        super().setUp()
        os.symlink("nowhere", self.dir / "dangling")
        os.mkfifo(self.dir / "fifo")
        (self.dir / "big.toml").write_text("# padding\n" * (1 << 20))
        (self.dir / "garbage.toml").write_text("[filesystem\nwrite = [\n")
        (self.dir / "binary.toml").write_bytes(bytes(range(256)) * 100)
        (self.dir / "unknown.toml").write_text("[filesystem]\nwrit = [\".\"]\n")
        behind = tempfile.mkdtemp(prefix="paddock-cli-", dir="/tmp")  # not in the sandbox, whose /tmp is its own
        self.addCleanup(os.rmdir, behind)
        self.places = {"{behind}": behind, "{home}": str(self.home), "{dangling}": str(self.dir / "dangling"), "{fifo}": str(self.dir / "fifo"),
                       "{big}": str(self.dir / "big.toml"), "{garbage}": str(self.dir / "garbage.toml"),
                       "{binary}": str(self.dir / "binary.toml"), "{unknown}": str(self.dir / "unknown.toml")}

    def test_every_flag(self):
        for flag, values in WRONG_VALUES.items():
            for value in values:
                with self.subTest(flag=flag, value=value[:60]):
                    value = self.places.get(value, value)
                    self.assert_refused(self.paddock("run", flag, value, "--", "touch", "ran"))
                    self.assertFalse((self.ws / "ran").exists())
                    self.assertLess(len(self.paddock("run", flag, value, "--", "touch", "ran").err), 20000)
                    other = self.paddock("explain", flag, value)
                    self.assertIn(other.status, (2, 125))
                    self.assert_clean(other.err + other.out)

    def test_the_control(self):
        self.assertEqual(self.paddock("run", "--", "touch", "ran").status, 0)
        self.assertTrue((self.ws / "ran").exists())

    def test_flags_given_wrong(self):
        for args in (["--wall", "1s", "--wall", "2s"], ["--bogus"], ["--wall"], ["--strict=yes"], ["stray"], ["-x"], ["--="]):
            with self.subTest(args=args):
                self.assert_refused(self.paddock("run", *args, "--", "touch", "ran"), 125, "run: ")
                self.assertFalse((self.ws / "ran").exists())
                self.assert_refused(self.paddock("explain", *args), 2, "explain: ")

    def test_nothing_to_run(self):
        self.assert_refused(self.paddock("run"), 125, "`--`")
        self.assert_refused(self.paddock("run", "--"), 125, "no command")
        self.assert_refused(self.paddock("run", "--", ""), 125, "empty")
        self.assert_refused(self.paddock(), 2, "name a command")
        self.assert_refused(self.paddock("docter"), 2, "unknown command")

    def test_policy_errors_name_file_line_and_key(self):
        ran = self.paddock("policy", "check", self.places["{unknown}"])
        self.assert_refused(ran, 2, f"{self.places['{unknown}']}:2: filesystem.writ")
        (self.ws / ".paddock.toml").write_text("[network]\nmode = 'open'\n")
        self.assert_refused(self.paddock("run", "--", "true"), 125, ".paddock.toml")

    def test_an_unreadable_policy_is_not_an_absent_one(self):
        (self.ws / ".paddock.toml").mkdir()
        self.assert_refused(self.paddock("run", "--", "true"), 125, ".paddock.toml")

    def test_bad_facts(self):
        for text in ("", "{", "[]", "null", '{"schema": "paddock.facts/9"}', '{"bogus": 1}', "[" * 100000, '"' + "x" * 9000000):
            path = self.dir / "facts.json"
            path.write_text(text)
            with self.subTest(text=text[:40]):
                self.assert_refused(self.paddock("explain", "--host", str(path)), 2)
                self.assert_refused(self.paddock("plan", "--host", str(path)), 2)

    def test_environment_extremes(self):
        self.assertEqual(self.paddock("run", "--", "/bin/true", env={}).status, 0)
        self.assertEqual(self.paddock("run", "--", "/bin/true", env={"HOME": "relative", "PATH": "/bin"}).status, 0)
        env = dict(self.env, **{"A" * 1000: "v" * 100000, "\udcff": "\udcfe"})
        self.assertEqual(self.paddock("run", "--", "true", env=env).status, 0)
        longest = "x" * ((128 << 10) - 16)
        ran = self.paddock("run", "--", "printf", "%s", *[longest] * 8)
        self.assertEqual((ran.status, len(ran.out)), (0, 8 * len(longest)))

    def test_a_directory_that_is_gone(self):
        gone = self.dir / "gone"
        gone.mkdir()
        script = "cd gone && rmdir ../gone && exec \"$0\" run -- true"
        ran = Ran(subprocess.run(["sh", "-c", script, PADDOCK], cwd=self.dir, env=self.env, capture_output=True, check=False,
                                 timeout=TIMEOUT))
        self.assert_refused(ran, 125, "current directory")

    def test_closed_streams(self):
        for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed=closed):
                script = f'exec "$0" run -- touch ran {closed}'
                process = subprocess.run(["sh", "-c", script, PADDOCK], cwd=self.ws, env=self.env, capture_output=True,
                                         check=False, timeout=TIMEOUT)
                self.assertIn(process.returncode, (0, 125))
        with open("/dev/full", "wb") as full:
            process = subprocess.run([PADDOCK, "policy", "schema"], stdout=full, stderr=subprocess.PIPE, env=self.env, check=False,
                                     timeout=TIMEOUT)
        self.assertEqual(process.returncode, 125)
        self.assertIn(b"paddock: stdout: ", process.stderr)


class HostileNames(CliTest):
    def test_workspaces(self):
        for name in HOSTILE_NAMES:
            if name == b"--":
                continue  # after --workspace it ends the options
            with self.subTest(name=name):
                ws = os.path.join(os.fsencode(self.dir), name)
                os.mkdir(ws)
                ran = self.paddock("run", "-q", b"--workspace=" + ws, "--cwd", ws, "--", "sh", "-c", "echo hi > made; pwd")
                self.assertEqual(ran.status, 0, ran.err)
                self.assertEqual(ran.out, ws + b"\n")
                self.assertTrue(os.path.exists(os.path.join(ws, b"made")))
                for args in (["explain"], ["plan"], ["probe"], ["policy", "show"]):
                    listing = self.paddock(*args, b"--workspace=" + ws)
                    self.assertEqual(listing.status, 0, listing.err)
                    self.assert_clean(listing.out + listing.err)

    def test_commands_and_values(self):
        for name in HOSTILE_NAMES:
            with self.subTest(name=name):
                self.assert_refused(self.paddock("run", "--", b"./" + name), 127)
                for flag in (b"--workspace", b"--policy", b"--backend", b"--profile", b"--wall", b"--net", b"--tty"):
                    self.assert_refused(self.paddock("run", flag + b"=" + name, "--", "true"))
                self.assert_refused(self.paddock("run", b"--" + name + b"x", "--", "true"))

    def test_what_the_command_leaves(self):
        """Names that the command makes come back in notices and reports: escaped here, replaced there."""
        report = self.dir / "r.json"
        ran = self.paddock("run", "--report", str(report), "--", "sh", "-c", "mkdir -p .git/hooks; printf x > \"$(printf "
                           "'.git/hooks/a\\033[2Jb\\nc')\"")
        self.assert_clean(ran.err)
        self.assertEqual(json.loads(report.read_text())["schema"], "paddock.report/1")


class Pages(CliTest):
    def test_explain(self):
        ran = self.paddock("explain")
        self.assertEqual(ran.status, 0, ran.err)
        text = ran.out.decode()
        self.assertTrue(text.startswith("linux_landlock"), text[:200])
        for heading in ("\nWhy\n", "\nRejected\n", "\nGuarantees of "):
            self.assertIn(heading, text)
        self.assertLess(text.index("\nWhy\n"), text.index("\nRejected\n"))
        for line in text.splitlines():
            self.assertLessEqual(len(line), 100, line)
        self.assertEqual(json.loads(self.paddock("explain", "--json").out)["schema"], "paddock.decision/1")

    def test_explain_where_nothing_may_run(self):
        ran = self.paddock("explain", "--require", "write=disposable")
        self.assertEqual(ran.status, 125)
        self.assertTrue(ran.out.decode().startswith("Nothing may run"), ran.out[:200])
        self.assertIn(b"guarantee_unreachable:write", ran.out)
        ran = self.paddock("explain", "--workspace", "missing")
        self.assertEqual(ran.status, 125)
        self.assertIn(b"workspace_missing", ran.out)
        self.assert_refused(self.paddock("explain", "--workspace", "/"), 2, "workspace_is_root")

    def test_run_explain_and_plan_refuse_alike(self):
        for options, code in ((["--workspace", "missing"], b"workspace_missing"), (["--workspace", "file"], b"workspace_not_directory"),
                              (["--cwd", "missing"], b"cwd_unusable"), (["--cwd", "file"], b"cwd_unusable")):
            with self.subTest(options=options):
                ran = self.paddock("run", *options, "--", "true")
                self.assert_refused(ran, 125, code.decode())
                said = ran.err.split(b"namespaces: ")[1].splitlines()[0]
                planned, explained = self.paddock("plan", *options), self.paddock("explain", *options)
                self.assertEqual((planned.status, explained.status), (125, 125))
                self.assertIn(said, planned.err)
                self.assertIn(said, b" ".join(explained.out.split()))

    def test_brackets_in_the_name_of_a_workspace(self):
        for name in ("a[b", "a[*]", "a*", "[id]"):
            ws = self.dir / name
            (ws / "sub").mkdir(parents=True)
            (ws / "sub" / "secret").write_text("x")
            command = ["sh", "-c", "echo > made && ! cat secret"]
            with self.subTest(name=name):
                ran = self.paddock("run", "--rw", "../other", "--hide", "secret", "--workspace", "..", "--", *command, cwd=ws / "sub")
                self.assertIn(b"grant_missing", ran.err)
                ran = self.paddock("run", "--hide", "secret", "--workspace", "..", "--", *command, cwd=ws / "sub")
                self.assertEqual(ran.status, 0, ran.err)

    def test_colour_only_on_a_terminal(self):
        self.assertNotIn(b"\x1b", self.paddock("explain").out)
        self.assertIn(b"\x1b[", on_terminal([PADDOCK, "explain"], self.ws, self.env)[1])
        self.assertNotIn(b"\x1b", on_terminal([PADDOCK, "explain"], self.ws, dict(self.env, NO_COLOR="1"))[1])

    def test_plan_and_probe(self):
        plan = json.loads(self.paddock("plan", "--json", "--", "make").out)
        self.assertEqual(plan["schema"], "paddock.plan/1")
        self.assertIn(b"backend: ", self.paddock("plan", "--", "make").out)
        facts = self.paddock("probe", "--json").out
        self.assertEqual(json.loads(facts)["schema"], "paddock.facts/1")
        self.assertTrue(self.paddock("probe").out)

    def test_a_host_in_a_file_is_decided_as_the_host_itself(self):
        facts = self.dir / "facts.json"
        facts.write_bytes(self.paddock("probe", "--json").out)
        here = json.loads(self.paddock("explain", "--json").out)
        there = json.loads(self.paddock("explain", "--json", "--host", str(facts), cwd="/").out)
        self.assertEqual(here["ranked"], there["ranked"])

    def test_every_host_of_the_fixtures_is_explained_here(self):
        hosts = sorted((Path(__file__).resolve().parents[1] / "fixtures/hosts").glob("*.json"))
        self.assertGreater(len(hosts), 20)
        first = {}
        for host in hosts:
            with self.subTest(host=host.name):
                ran = self.paddock("explain", "--host", str(host), cwd="/")
                self.assertIn(ran.status, (0, 125), ran.err)
                self.assert_clean(ran.out + ran.err)
                first[host.stem] = ran.out.decode().splitlines()[0]
                again = self.paddock("explain", "--host", str(host), "--json", cwd=self.home, env={"HOME": "/elsewhere"})
                self.assertEqual(json.loads(again.out)["ranked"] != [], not first[host.stem].startswith("Nothing may run"))
                self.assertEqual(again.status, ran.status)
        self.assertTrue(first["windows_11_home"].startswith("windows_token"), first["windows_11_home"])
        self.assertTrue(first["wsl_localhost_checkout"].startswith("wsl2"), first["wsl_localhost_checkout"])
        self.assertTrue(first["linux_6_1"].startswith("linux_landlock:namespaces would run"), first["linux_6_1"])
        self.assertTrue(first["container_bare"].startswith("Nothing may run"), first["container_bare"])

    def test_policy(self):
        shown = self.paddock("policy", "show")
        self.assertEqual(shown.status, 0, shown.err)
        self.assertIn(b"built-in:coding", shown.out)
        canonical = self.dir / "canonical.json"
        canonical.write_bytes(self.paddock("policy", "show", "--json").out)
        self.assertEqual(self.paddock("policy", "check", str(canonical)).status, 0)
        self.assertIn("properties", json.loads(self.paddock("policy", "schema").out))

    def test_gc_with_nothing_to_do(self):
        ran = self.paddock("gc")
        self.assertEqual((ran.status, ran.out), (0, b"nothing to undo\n"), ran.err)
        self.assertEqual(os.listdir(self.home), [])

    def test_gc_after_a_crash_in_json(self):
        process = subprocess.Popen([PADDOCK, "run", "-q", "--", "sh", "-c", "echo ready; exec sleep 600"], cwd=self.ws,
                                   env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        live = json.loads(self.paddock("gc", "--json").out)
        self.assertEqual([(lease["live"], lease["removed"]) for lease in live["leases"]], [(True, [])])
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        held = [os.pidfd_open(int(child)) for child in children]
        process.send_signal(signal.SIGSTOP)  # so that the guard goes before it sees the launcher go
        for pidfd in held:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        process.kill()
        process.wait(TIMEOUT)
        for pidfd in held:  # each has let go of the lease only once it is gone
            self.assertTrue(select.select([pidfd], [], [], TIMEOUT)[0])
            os.close(pidfd)
        process.stdout.read()  # to its end: the command holds it
        left = json.loads(self.paddock("gc", "--json").out)
        self.assertEqual(left["schema"], "paddock.gc/1")
        self.assertIn(str(self.ws / ".vscode"), left["leases"][0]["removed"])
        self.assertEqual((left["leases"][0]["live"], left["leases"][0]["kept"]), (False, []))
        self.assertEqual(json.loads(self.paddock("gc", "--json").out)["leases"], [])

    def test_looking_changes_nothing(self):
        before = sorted(str(p) for p in self.dir.rglob("*"))
        for args in (["explain"], ["plan"], ["probe"], ["audit"], ["policy", "show"], ["gc"]):
            self.paddock(*args)
        self.assertEqual(sorted(str(p) for p in self.dir.rglob("*")), before)


class Signals(CliTest):
    def start(self, script, *flags):
        process = subprocess.Popen([PADDOCK, "run", "-q", *flags, "--", "sh", "-c", script], cwd=self.ws, env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def test_forwarded(self):
        for name in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2"):
            with self.subTest(name=name):
                process = self.start(f"trap 'echo got; exit 5' {name}; echo ready; while :; do sleep 0.05; done")
                process.send_signal(getattr(signal, "SIG" + name))
                self.assertEqual(process.wait(TIMEOUT), 5)
                self.assertEqual(process.stdout.read(), b"got\n")

    def test_the_commands_default_action(self):
        process = self.start("echo ready; exec sleep 30")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(TIMEOUT), 128 + signal.SIGTERM)

    def test_the_command_starts_with_nothing_blocked(self):
        ran = self.paddock("run", "--", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status")
        self.assertEqual(ran.status, 0, ran.err)
        for line in ran.out.decode().splitlines():
            self.assertEqual(int(line.split()[1], 16), 0, line)


class Terminals(CliTest):
    def test_a_terminal_of_its_own_when_the_user_has_one(self):
        status, out = on_terminal([PADDOCK, "run", "-q", "--", "sh", "-c", "tty; stty size"], self.ws, self.env, size=(33, 101))
        self.assertEqual(status, 0, out)
        self.assertIn(b"/dev/pts/", out)
        self.assertIn(b"33 101", out)
        status, out = on_terminal([PADDOCK, "run", "-q", "--tty", "never", "--", "sh", "-c", "test -t 0"], self.ws, self.env)
        self.assertEqual(status, 1, out)

    def test_no_terminal_without_one(self):
        self.assertEqual(self.paddock("run", "--", "sh", "-c", "test -t 0 || test -t 1").status, 1)
        self.assertEqual(self.paddock("run", "--tty", "always", "--", "test", "-t", "1").status, 0)

    def test_the_users_terminal_is_as_before(self):
        script = 'stty -g > before; "$0" run -q -- true; "$0" run -q -- sh -c "kill -9 \\$\\$"; stty -g > after'
        on_terminal(["sh", "-c", script, PADDOCK], self.ws, self.env)
        self.assertEqual((self.ws / "before").read_text(), (self.ws / "after").read_text())


def on_terminal(argv, cwd, env, size=(24, 80)):
    """Runs argv on a terminal of its own; gives status and all output."""
    import fcntl
    import struct
    import termios
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    out, deadline = b"", time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and select.select([master], [], [], deadline - time.monotonic())[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
    os.close(master)
    return process.wait(TIMEOUT), out


if __name__ == "__main__":
    PADDOCK = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
