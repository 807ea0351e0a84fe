"""`paddock --remote SOCKET` does what `paddock` does: bytes, statuses, messages, terminals, signals.

    remote_test.py --paddockd P --paddock P --generated DIR --source DIR     paddock-remote lies beside paddockd
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import unittest

import harness

OPTIONS = harness.options()


class RemoteTest(unittest.TestCase):
    def setUp(self):
        self.served = harness.Daemon(OPTIONS.paddockd)
        self.addCleanup(self.served.close)
        # As it is installed: the tool and what it becomes lie in one directory.
        self.tool = os.path.join(self.served.directory, "bin", "paddock")
        os.mkdir(os.path.dirname(self.tool))
        shutil.copy(OPTIONS.paddock, self.tool)
        shutil.copy(os.path.join(os.path.dirname(OPTIONS.paddockd), "paddock-remote"), os.path.dirname(self.tool))

    def command(self, remote, *arguments):
        return [self.tool, *(["--remote", self.served.socket] if remote else []), *arguments]

    def do(self, remote, *arguments, **more):
        more.setdefault("stdin", subprocess.DEVNULL) if "input" not in more else None
        return subprocess.run(self.command(remote, *arguments), capture_output=True, check=False, cwd=self.served.workspace,
                              env=self.served.environment, **more)

    def both(self, *arguments, **more):
        here, there = self.do(False, *arguments, **more), self.do(True, *arguments, **more)
        self.assertEqual((there.returncode, there.stdout), (here.returncode, here.stdout), (arguments, there.stderr))
        return here, there

    def test_runs(self):
        for arguments in [["--", "sh", "-c", "echo out; echo err >&2; exit 9"], ["--", "sh", "-c", "kill -9 $$"],
                          ["--", "no-such-command"], ["--", self.served.workspace], ["--wall", "200ms", "--", "sleep", "60"],
                          ["--output", "1KiB", "-q", "--", "sh", "-c", "head -c 100000 /dev/zero >&2"],
                          ["--env", "A=1", "--", "sh", "-c", "echo $A; pwd; env | sort | grep -v ^_"],
                          ["--rw", ".", "--", "true"], ["--cwd", "nowhere", "--", "pwd"]]:
            here, there = self.both("run", *arguments)
            if "--output" not in arguments:
                self.assertEqual(there.stderr, here.stderr)

    def test_input(self):
        for data in [b"", b"x" * 1000000]:
            self.both("run", "--", "sha256sum", input=data)
        self.both("run", "--", "head", "-c", "3", input=b"x" * 1000000)

    def test_refusals(self):
        for arguments in [["--wall", "soon", "--", "true"], ["--require", "ui=separate-machine", "--", "true"],
                          ["--workspace", "/", "--", "true"], ["--policy", "/nonexistent.toml", "--", "true"],
                          ["--tty", "maybe", "--", "true"], ["--bad"], ["true"]]:
            here, there = self.both("run", *arguments)
            self.assertEqual(there.stderr, here.stderr)
            self.assertEqual(there.returncode, 125)

    def test_reports(self):
        reports = []
        for remote in [False, True]:
            path = os.path.join(self.served.directory, f"report-{remote}.json")
            self.assertEqual(self.do(remote, "run", "--report", path, "--", "sh", "-c", "exit 3").returncode, 3)
            report = json.loads(pathlib.Path(path).read_text())
            report.pop("usage")
            # Of the daemon's own: its socket lies in sight of the command here, and is hidden.
            report["verdicts"] = [v for v in report["verdicts"] if self.served.socket not in v["rule"]]
            reports.append(report)
        self.assertEqual(reports[0]["outcome"], reports[1]["outcome"])
        self.assertEqual(reports[0]["backend"], reports[1]["backend"])
        self.assertEqual(sorted(v["rule"] for v in reports[0]["verdicts"]), sorted(v["rule"] for v in reports[1]["verdicts"]))

    def test_questions(self):
        here, there = (json.loads(self.do(remote, "explain", "--json").stdout) for remote in [False, True])
        self.assertEqual(there, here)
        windows = os.path.join(OPTIONS.source, "tests/fixtures/hosts/windows_11_home.json")
        for name in ["explain", "plan"]:
            self.both(name, "--json", "--host", windows, "--", "node")
        for name in ["plan", "probe", "audit"]:
            here, there = (self.do(remote, name, "--json") for remote in [False, True])
            self.assertEqual(there.returncode, here.returncode)
            self.assertEqual(json.loads(there.stdout).keys(), json.loads(here.stdout).keys())
        for arguments in [["plan", "--wall", "soon"], ["probe", "--workspace", "/nonexistent"], ["explain", "--require", "ui=separate-machine", "--json"]]:
            here, there = self.do(False, *arguments), self.do(True, *arguments)
            self.assertEqual((there.returncode, there.stderr), (here.returncode, here.stderr))

    def test_a_reader_that_goes_away(self):
        statuses = []
        for remote in [False, True]:
            process = subprocess.Popen(self.command(remote, "run", "--", "yes"), stdout=subprocess.PIPE,
                                       cwd=self.served.workspace, env=self.served.environment)
            self.assertEqual(process.stdout.read(2), b"y\n")
            process.stdout.close()
            statuses.append(process.wait(60))
        self.assertEqual(statuses, [141, 141])

    def test_signals(self):
        script = "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.01; done"
        for remote in [False, True]:
            with subprocess.Popen(self.command(remote, "run", "--", "sh", "-c", script), stdout=subprocess.PIPE,
                                  cwd=self.served.workspace, env=self.served.environment) as process:
                self.assertEqual(process.stdout.readline(), b"ready\n")
                process.send_signal(signal.SIGTERM)
                self.assertEqual((process.stdout.readline(), process.wait(60)), (b"got\n", 5))

    def read(self, master):
        self.assertTrue(select.select([master], [], [], 30)[0], "the terminal is silent")
        return os.read(master, 1000)

    def terminal(self, remote, script):
        """Runs `script` on a terminal of 100 by 40; says what came, up to a line that is asked for, then goes on."""
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.served.workspace)
            os.execve(self.tool, self.command(remote, "run", "--", "sh", "-c", script), self.served.environment)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        text = b""
        while b"go?" not in text:
            text += self.read(master)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 90, 0, 0))
        os.kill(pid, signal.SIGWINCH)
        while b"resized" not in text:
            text += self.read(master)
        os.write(master, b"word\x03")  # the interrupt character is the command's
        while True:
            try:
                more = self.read(master)
            except OSError:
                break
            if not more:
                break
            text += more
        os.close(master)
        return re.sub(rb"\s+", b" ", text), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_terminals(self):
        script = ("trap 'echo resized $(stty size)' WINCH; trap 'echo interrupted; exit 6' INT; "
                  "test -t 0 && test -t 1 && echo terminal; echo go?; while :; do sleep 0.01; done")
        here, there = self.terminal(False, script), self.terminal(True, script)
        self.assertEqual(there[1], 6)
        self.assertEqual(here[1], 6)
        for text in [here[0], there[0]]:
            for word in [b"terminal", b"resized 20 90", b"interrupted"]:
                self.assertIn(word, text)

    def test_no_daemon(self):
        done = subprocess.run([self.tool, "--remote", "/nonexistent/socket", "run", "--", "true"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"service_unreachable", done.stderr)
        for arguments in [[], ["--remote"], ["doctor"], ["--", "true"]]:
            done = self.do(True, *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(b"--remote SOCKET stands before", done.stderr)
        os.unlink(os.path.join(os.path.dirname(self.tool), "paddock-remote"))
        done = self.do(True, "run", "--", "true")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"paddock-remote", done.stderr)

    def test_a_daemon_that_goes_away(self):
        with subprocess.Popen(self.command(True, "run", "--", "sh", "-c", "echo x; sleep 1000"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.served.workspace, env=self.served.environment) as process:
            self.assertEqual(process.stdout.readline(), b"x\n")
            self.served.process.kill()
            self.assertEqual(process.wait(60), 125)
            self.assertIn(b"service_unreachable", process.stderr.read())

    def test_a_tool_that_is_killed_ends_its_run(self):
        with subprocess.Popen(self.command(True, "run", "--", "sh", "-c", "echo x; sleep 1000"), stdout=subprocess.PIPE,
                              cwd=self.served.workspace, env=self.served.environment) as process:
            self.assertEqual(process.stdout.readline(), b"x\n")
            below = harness.descendants(self.served.process.pid) - {harness.zygote_of(self.served)}
            self.assertTrue(below)
            process.kill()
        self.assertEqual(harness.wait_gone(below), [])


if __name__ == "__main__":
    harness.main()
