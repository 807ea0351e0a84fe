"""The session that scripts/demo shows: a job inside Paddock, and attacks outside and inside. Its argument is the tool.

Whether an attack succeeded is read off the host afterwards (a file, a connection, a process), never off what the
attacker printed.
"""

import dataclasses
import json
import os
import secrets
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Callable

SECRET = "canary-" + secrets.token_hex(8)
BOLD, DIM, RED, GREEN, PLAIN = ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m") if sys.stdout.isatty() else [""] * 5


class Scene:
    """A home with secrets, a project, and what else the host of a developer has: listeners and a running process."""

    def __init__(self, paddock, directory):
        self.paddock = paddock
        self.directory = directory
        self.home = os.path.join(directory, "home")
        self.project = os.path.join(directory, "project")
        self.pristine = os.path.join(directory, "pristine")
        self.runtime = os.path.join(directory, "runtime")
        self.listeners = []
        self.bystander = None
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8", "TERM": "dumb",
            "XDG_RUNTIME_DIR": self.runtime, "GITHUB_TOKEN": SECRET,
            "GIT_AUTHOR_NAME": "Dev", "GIT_AUTHOR_EMAIL": "dev@example.org",
            "GIT_COMMITTER_NAME": "Dev", "GIT_COMMITTER_EMAIL": "dev@example.org",
        }

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)

    def build(self):
        self.write(self.home + "/.ssh/id_ed25519", SECRET + "\n", 0o600)
        self.write(self.home + "/.bashrc", "# the developer's own\n")
        self.write(self.home + "/.gitconfig", "[user]\n\tname = Dev\n\temail = dev@example.org\n")
        os.makedirs(self.runtime, mode=0o700)
        for name, text in PROJECT.items():
            self.write(os.path.join(self.pristine, name), text)
        self.host("git init -q -b main . && git add Makefile hello.c test_hello.py && git commit -qm Start", self.pristine)
        self.write(self.pristine + "/.env", f"API_KEY={SECRET}\n")
        self.reset()
        self.listen(socket.AF_INET, ("127.0.0.1", 0))
        self.port = self.listeners[0].getsockname()[1]
        self.listen(socket.AF_UNIX, self.runtime + "/agent.sock")

    def reset(self):
        """Everything that an attack may have changed, as it was."""
        shutil.rmtree(self.project, ignore_errors=True)
        shutil.copytree(self.pristine, self.project, symlinks=True)
        self.write(self.home + "/.bashrc", "# the developer's own\n")
        if os.path.exists(self.directory + "/beside"):
            os.unlink(self.directory + "/beside")
        self.connected()
        if self.bystander is None or self.bystander.poll() is not None:
            # pylint: disable-next=consider-using-with
            self.bystander = subprocess.Popen(["sleep", "600"], env=self.environment)

    def listen(self, family, address):
        listener = socket.socket(family)
        listener.bind(address)
        listener.listen()
        listener.setblocking(False)
        self.listeners.append(listener)

    def connected(self):
        """Whether somebody has connected since the last call. A connection is there once connect() is back."""
        count = 0
        for listener in self.listeners:
            try:
                while True:
                    listener.accept()[0].close()
                    count += 1
            except BlockingIOError:
                pass
        return count > 0

    def host(self, script, cwd=None):
        """A shell command outside Paddock."""
        return subprocess.run(["sh", "-c", script], cwd=cwd or self.project, env=self.environment, check=False, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def inside(self, script, options=(), show=False):
        """The same inside Paddock, under its default policy."""
        command = [self.paddock, "run", *options, "--", "sh", "-c", script]
        return subprocess.run(command, cwd=self.project, env=self.environment, check=False, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=not show, text=True)

    def close(self):
        for listener in self.listeners:
            listener.close()
        if self.bystander is not None:
            self.bystander.kill()
            self.bystander.wait()


PROJECT = {
    "Makefile": "hello: hello.c\n\tcc -Wall -O2 -o hello hello.c\ntest: hello\n\tpython3 -m unittest -q\n.PHONY: test\n",
    "hello.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    "test_hello.py": """\
import http.server, subprocess, threading, unittest, urllib.request


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Hello(unittest.TestCase):
    def test_greets(self):
        self.assertEqual(subprocess.check_output(['./hello']), b'hello\\n')

    def test_local_server(self):
        with http.server.HTTPServer(('127.0.0.1', 0), Quiet) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            with urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/Makefile') as reply:
                self.assertEqual(reply.status, 200)
""",
    ".gitignore": "hello\n.env\nloot\n__pycache__\n",
}

JOB = """make test
git checkout -q -b greet
sed -i 's/"hello"/"hello, world"/' hello.c
sed -i "s/b'hello/b'hello, world/" test_hello.py
make -s test
git commit -qam 'Greet the world'
git log --oneline"""


@dataclasses.dataclass
class Attack:
    name: str
    script: str
    succeeded: Callable[[Scene], bool]


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def looted(scene):
    return SECRET in text_of(scene.project + "/loot")


def processes_with(word):
    """Process ids on the host whose arguments contain word."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if word in text_of(f"/proc/{pid}/cmdline").split("\0"):
            found.append(int(pid))
    return found


def bystander_killed(scene):
    with open(os.pidfd_open(scene.bystander.pid), "rb") as pidfd:
        return bool(select.select([pidfd], [], [], 0.5)[0])


def left_running(scene):
    found = processes_with(scene.directory + "/survivor")
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return bool(found)


def attacks(scene):
    project, home = scene.project, scene.home
    connect = "/usr/bin/python3 -c 'import socket; socket.socket(socket.{}).connect({})'"
    return [
        Attack("read ~/.ssh/id_ed25519", "cat ~/.ssh/id_ed25519 > loot", looted),
        Attack("read the project's .env", "cat .env > loot", looted),
        Attack("read GITHUB_TOKEN from its environment", "env > loot", looted),
        Attack("read it from other processes' environments", "cat /proc/[0-9]*/environ > loot", looted),
        Attack("add a line to ~/.bashrc", "echo evil >> ~/.bashrc", lambda s: "evil" in text_of(home + "/.bashrc")),
        Attack("write beside the project", f"echo evil > {shlex.quote(scene.directory)}/beside",
               lambda s: os.path.exists(s.directory + "/beside")),
        Attack("plant .git/hooks/pre-commit", "echo 'touch /tmp/x' > .git/hooks/pre-commit",
               lambda s: os.path.exists(project + "/.git/hooks/pre-commit")),
        Attack("set core.fsmonitor in .git/config", "git config core.fsmonitor ./evil",
               lambda s: "fsmonitor" in text_of(project + "/.git/config")),
        Attack("lead .git elsewhere by .git/commondir", "mkdir -p evil && echo ../evil > .git/commondir",
               lambda s: "evil" in text_of(project + "/.git/commondir")),
        Attack("move .git away, put another there", "mv .git old && mkdir -p .git/hooks && echo evil > .git/hooks/pre-commit",
               lambda s: "evil" in text_of(project + "/.git/hooks/pre-commit")),
        Attack("create .mcp.json for the next agent", "echo '{\"mcpServers\": {}}' > .mcp.json",
               lambda s: os.path.lexists(project + "/.mcp.json")),
        Attack("create .vscode/tasks.json", "mkdir -p .vscode && echo '{}' > .vscode/tasks.json",
               lambda s: os.path.lexists(project + "/.vscode/tasks.json")),
        Attack("connect to a server on the host", connect.format("AF_INET", f'("127.0.0.1", {scene.port})'),
               Scene.connected),
        Attack("connect to a unix socket of the host", connect.format("AF_UNIX", f'"{scene.runtime}/agent.sock"'),
               Scene.connected),
        Attack("kill a process of the host", "kill -9 {bystander}", bystander_killed),
        Attack("leave a process running", "mkfifo up; setsid python3 -c 'import time; open(\"up\", \"w\").close(); time.sleep(60)' "
               f"{shlex.quote(scene.directory + '/survivor')} > /dev/null 2>&1 & read _ < up; rm up", left_running),
    ]


def heading(number, text):
    print(f"\n{BOLD}{number}. {text}{PLAIN}\n")


def show_command(command):
    print(f"{DIM}${PLAIN} {command}", flush=True)


def run_attacks(scene):
    """Prints the table; returns how many held, and what went wrong."""
    wrong = []
    rows = attacks(scene)
    width = max(len(a.name) for a in rows)
    print(f"   {'attack':{width}}  without Paddock  inside Paddock")
    for attack in rows:
        results = []
        for run in (scene.host, scene.inside):
            scene.reset()
            run(": > started\n" + attack.script.replace("{bystander}", str(scene.bystander.pid)))
            if not os.path.exists(scene.project + "/started"):
                wrong.append(f"'{attack.name}' was not even tried")
            results.append(attack.succeeded(scene))
        outside, inside = results
        print(f"   {attack.name:{width}}  {'succeeds' if outside else RED + 'fails' + PLAIN:15}  "
              f"{RED + 'SUCCEEDS' if inside else GREEN + 'fails'}{PLAIN}", flush=True)
        if not outside:
            wrong.append(f"'{attack.name}' does not work outside, so it proves nothing")
        if inside:
            wrong.append(f"'{attack.name}' succeeded inside")
    scene.reset()
    return len(rows), wrong


def show_report(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    outcome = report["outcome"]
    print(f"   backend    {report['backend']} (rule {report['rule']})")
    print(f"   outcome    {outcome['kind']} {outcome.get('code', '')}")
    print("   promised   " + ", ".join(f"{k}={v}" for k, v in report["promised"].items()))
    print("   applied    " + ", ".join(report["applied"]))
    for verdict in ("enforced", "approximated", "not-enforced"):
        rules = [v for v in report["verdicts"] if v["verdict"] == verdict]
        print(f"   {len(rules)} rules {verdict}")
        for rule in rules[:4] if verdict == "enforced" else rules:
            missing = f"; open: {rule['missing']}" if rule.get("missing") else ""
            print(f"      {rule['rule']}: {rule['mechanism']}{missing}")
        if verdict == "enforced" and len(rules) > 4:
            print(f"      and {len(rules) - 4} more")


def show(scene):
    heading(1, "A project with secrets around it")
    print(f"   project   {scene.project}: C, a Makefile, Python tests, git")
    print("   secrets   ~/.ssh/id_ed25519, .env in the project, GITHUB_TOKEN in the environment")

    heading(2, "What Paddock would do on this host, and why")
    show_command("paddock explain -- make test")
    subprocess.run([scene.paddock, "explain", "--", "make", "test"], cwd=scene.project, env=scene.environment, check=False)

    heading(3, "A developer's job, inside")
    report = scene.directory + "/report.json"
    show_command("paddock run --report report.json -- sh -ec '\n" + "".join(f"    {l}\n" for l in JOB.splitlines()) + "  '")
    sys.stdout.flush()
    job = subprocess.run([scene.paddock, "run", "--report", report, "--", "sh", "-ec", JOB], cwd=scene.project,
                         env=scene.environment, check=False, timeout=300, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    wrong = [] if job.returncode == 0 else [f"the job failed inside with status {job.returncode}"]
    branch = scene.host("git log -1 --format=%s").stdout.strip()
    if branch != "Greet the world":
        wrong.append("the commit made inside is not in the host's repository")
    show_command("git log -1 --format=%s          # on the host: the commit is there")
    print(branch)

    heading(4, "What the report says")
    if os.path.exists(report):
        show_report(report)
    else:
        wrong.append("there is no report")

    heading(5, "Attacks, each outside first (the control), then inside")
    count, more = run_attacks(scene)
    return count, wrong + more


def main():
    paddock = os.path.abspath(sys.argv[1])
    print(f"{BOLD}Paddock{PLAIN}: {subprocess.check_output([paddock, '--version'], text=True).strip()}, as "
          f"{'root' if os.geteuid() == 0 else 'an ordinary user'}")
    directory = tempfile.mkdtemp(prefix="demo-", dir=os.path.dirname(os.path.dirname(os.path.dirname(paddock))))
    scene = Scene(paddock, directory)
    try:
        scene.build()
        count, wrong = show(scene)
    finally:
        scene.close()
        shutil.rmtree(directory, ignore_errors=True)
    if wrong:
        print(f"\n{RED}The demonstration failed:{PLAIN}")
        for line in wrong:
            print(f"   {line}")
        return 1
    print(f"\n{BOLD}The job was done, and {count} of {count} attacks failed.{PLAIN}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
