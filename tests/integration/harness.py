"""What the integration suites share: accounts, scratch worlds, ways to start a command, and looking at the host.

Standard library only, for the system's python3 (3.11). Nothing here touches the caller's own home: every scene has a
home of its own with planted secrets, below a scratch directory that is removed at the end.
"""

import argparse
import atexit
import dataclasses
import json
import os
import pwd
import re
import secrets
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCOUNT = "paddock-test"  # the ordinary account; scripts/setup_debian creates it
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
RUN_TIMEOUT = 60  # seconds; no single run of a suite takes that long
GRACE = 2.0  # seconds that a run's guard process may outlive its launcher


@dataclasses.dataclass(frozen=True)
class Who:
    """An account that runs the suite's commands."""

    name: str  # "root" or "user"
    uid: int
    gid: int
    account: str

    def popen_arguments(self):
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def accounts():
    """Root and the ordinary account when root runs the suite, else the caller alone. With notes on what is missing."""
    if os.geteuid() != 0:
        return [Who("user", os.geteuid(), os.getegid(), pwd.getpwuid(os.geteuid()).pw_name)], [
            "root: not run, the suite was not started by root"]
    found = [Who("root", 0, 0, "root")]
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return found, [f"user: not run, there is no account {ACCOUNT} (scripts/setup_debian creates it)"]
    return found + [Who("user", entry.pw_uid, entry.pw_gid, ACCOUNT)], []


@dataclasses.dataclass
class Ran:
    """One finished command."""

    status: int  # as the shell has it: 128+N for signal N
    out: bytes
    err: bytes
    seconds: float
    report: dict | None = None  # of --report, when Paddock wrote one

    def outcome(self):
        return (self.report or {}).get("outcome") or {}

    def tail(self):
        text = self.err.decode("utf-8", "replace").strip() or self.out.decode("utf-8", "replace").strip()
        return text[-300:].replace("\n", " | ").replace("\x1b", "<ESC>")


class Lab:
    """One suite's scratch directory, with copies of the binaries that every account may start."""

    base = None  # where it is made; None: /srv, or the user's cache

    def __init__(self, paddock, attacker=None, launcher="paddock", run_flags=(), relay=False, wsl=None):
        self.launcher = launcher
        self.run_flags = list(run_flags)
        base = self.base or (Path("/srv") if os.geteuid() == 0 else Path.home() / ".cache")
        base.mkdir(parents=True, exist_ok=True)
        self.dir = Path(tempfile.mkdtemp(prefix="paddock-suite-", dir=base))
        self.dir.chmod(0o755)
        self.keep = False
        atexit.register(self.close)
        (self.dir / "bin").mkdir()
        self.paddock = self._copy(paddock, "paddock") if paddock else None
        self.attacker = self._copy(attacker, "attacker") if attacker else None
        # What starts the tool: itself, or the host's side of its relay.
        self.tool = [str(self.paddock)]
        self.wsl = None
        if relay:
            host = self._copy(Path(__file__).parent / "relay_host.py", "relay_host.py")
            self.tool = ["/usr/bin/python3", "-B", str(host), str(self.paddock)]
        if wsl:
            from wsl_lab import WslLab  # here, since harness.py is also used alone
            self.wsl = WslLab(self, *wsl)
            self.tool = self.wsl.tool
        self.templates = {}

    def _copy(self, path, name):
        target = self.dir / "bin" / name
        shutil.copy(path, target)
        target.chmod(0o755)
        return target

    def add(self, path):
        return self._copy(path, Path(path).name)

    def close(self):
        """Scenes go all at once, at the end: that is several times cheaper than one by one."""
        if not self.keep:
            subprocess.run(["rm", "-rf", str(self.dir)], check=False)

    def template(self, who):
        """A world as every scene starts with it; copied, since git init takes longer than the whole run."""
        if who.name not in self.templates:
            self.templates[who.name] = make_template(self.dir / f"template-{who.name}", who)
        return self.templates[who.name]


def make_template(root, who):
    for name in ("ws/src", "ws/sub", "home/.ssh", "home/.aws", "home/.gnupg", "home/.config/paddock",
                 "home/.config/systemd/user", "home/.config/autostart", "home/.local/state", "home/.cache", "out/dir",
                 "run", "main"):
        (root / name).mkdir(parents=True)
    for name in ("home/.ssh", "home/.aws", "home/.gnupg", "run"):
        (root / name).chmod(0o700)
    files = {
        "ws/README.md": "# A project\n", "ws/src/main.c": "int main(void) { return 0; }\n", "ws/.gitignore": ".env\n.ran\n",
        "home/.bashrc": "# a shell's start-up file\n", "home/.gitconfig": "[user]\n\tname = T\n\temail = t@example.org\n",
        "out/canary": "canary\n", "out/lockfile": "", "out/dir/other": "other\n"}
    for name, text in files.items():
        (root / name).write_text(text)
    os.mkfifo(root / "out/fifo")
    chown_tree(root, who)
    git = ["git", "-C", str(root / "ws"), "-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "core.logAllRefUpdates=false"]
    for command in (["init", "-q", "--template=", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(git + command, check=True, env={"PATH": SYSTEM_PATH, "HOME": str(root / "home")},
                       **who.popen_arguments())
    for name in ("hooks", "info"):  # as git's own template has them, without its dozen samples
        (root / "ws/.git" / name).mkdir()
        os.lchown(root / "ws/.git" / name, who.uid, who.gid)
    return root


def chown_tree(root, who):
    if who.uid == os.geteuid():
        return
    os.lchown(root, who.uid, who.gid)
    for directory, names, files in os.walk(root):
        for name in names + files:
            os.lchown(os.path.join(directory, name), who.uid, who.gid)


class Scene:
    """A world for one run: a workspace `ws`, a `home` with secrets, an `out`side, and watches over all of it.

    A watch is (kind, function); the function gives a sentence when the host shows that something happened.
    """

    def __init__(self, lab, who, name, flags=()):
        self.lab, self.who = lab, who
        self.flags = list(flags)  # of every `paddock run` in this scene
        self.token = re.sub(r"[^a-z0-9]+", "-", name.lower())[:24] + "-" + secrets.token_hex(4)
        self.root = lab.dir / self.token
        subprocess.run(["cp", "-a", str(lab.template(who)), str(self.root)], check=True)
        self.ws, self.home, self.out = self.root / "ws", self.root / "home", self.root / "out"
        self.report_path = self.root / "report.json"
        self.secret = "SECRET" + secrets.token_hex(12)
        self.vars = {"ws": self.ws, "home": self.home, "out": self.out, "root": self.root, "secret": self.secret,
                     "token": self.token, "attacker": lab.attacker, "paddock": lab.paddock, "uid": who.uid}
        for path in (self.home / ".ssh/id_rsa", self.home / ".aws/credentials", self.home / ".gnupg/key", self.ws / ".env",
                     self.ws / "sub/.env"):
            self.write(path, self.secret + "\n")
        self.env = {"PATH": SYSTEM_PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "TERM": "xterm", "USER": who.account,
                    "LOGNAME": who.account, "XDG_RUNTIME_DIR": str(self.root / "run")}
        self.watches = []
        self.cleanups = []
        self.helpers = []  # the suite's own processes in this scene
        if lab.wsl:
            lab.wsl.furnish(self)

    # --- making the scene

    def write(self, path, text, mode=None):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        if mode is not None:
            path.chmod(mode)
        self.own(path)

    def own(self, path):
        """Gives what the suite made below the scene's root to the scene's account, parents included."""
        path = Path(path)
        while path != self.root and self.root in path.parents:
            os.lchown(path, self.who.uid, self.who.gid)
            path = path.parent

    def fill(self, text):
        """Replaces {name} by the scene's variable of that name; other braces stay."""
        return re.sub(r"\{(\w+)\}", lambda m: str(self.vars.get(m[1], m[0])), str(text))

    def watch(self, kind, function):
        self.watches.append((kind, function))

    def damage(self, only=None):
        """What the watches (of one kind) see on the host now."""
        return sorted((kind, sentence) for kind, function in self.watches
                      if only in (None, kind) and (sentence := function()))

    def defer(self, function, *arguments):
        self.cleanups.append((function, arguments))

    def close(self):
        for function, arguments in reversed(self.cleanups):
            function(*arguments)
        for pid in self.processes(with_helpers=True):
            end_process(pid)

    # --- starting commands

    def popen(self, argv, **arguments):
        options = {"cwd": self.ws, "env": self.env, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, **self.who.popen_arguments(), **arguments}
        if "stdin_file" in options:
            options["stdin"] = options.pop("stdin_file")
        return subprocess.Popen([os.fspath(a) for a in argv], **options)

    def command(self, launcher, argv, flags=(), workspace=None):
        """The argv that starts `argv` by `launcher`: outside, weak, bwrap or paddock."""
        argv = [self.fill(a) for a in argv]
        flags = [self.fill(f) for f in flags]
        ws = str(workspace or self.ws)
        if launcher == "outside":
            return argv
        if launcher == "weak":
            return self.weak(argv)
        if launcher == "bwrap":
            return ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", ws, ws,
                    "--die-with-parent", "--chdir", ws, *argv]
        return [*self.lab.tool, "run", "--workspace", ws, "--report", str(self.report_path), *self.lab.run_flags, *self.flags, *flags,
                "--", *argv]

    def weak(self, argv):
        """Read-only and masking mounts without anything that keeps them there: the control of attacks on mounts."""
        script = ('mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t tmpfs tmpfs "$2" && shift 2 && '
                  'exec "$@"')
        unshare = ["unshare", "--mount", "--propagation", "private"] + ([] if self.who.uid == 0 else ["--map-root-user"])
        return unshare + ["sh", "-c", script, "sh", str(self.out), str(self.home / ".ssh"), *argv]

    def run(self, launcher, argv, flags=(), workspace=None, timeout=RUN_TIMEOUT, data=None, prefix=(), **arguments):
        full = [self.fill(p) for p in prefix] + self.command(launcher, argv, flags, workspace)
        self.report_path.unlink(missing_ok=True)
        if data is not None:
            arguments["stdin"] = subprocess.PIPE
        begin = time.monotonic()
        process = self.popen(full, **arguments)
        try:
            out, err = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err = (err or b"") + f"\nharness: not ended after {timeout} s".encode()
        return self.finish(process, out, err, time.monotonic() - begin)

    def finish(self, process, out, err, seconds):
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Ran(status, out or b"", err or b"", seconds, self.read_report())

    def read_report(self):
        try:
            report = json.loads(self.report_path.read_text())
            return self.lab.wsl.report(report) if self.lab.wsl else report
        except (OSError, ValueError):
            return None

    def git(self, *arguments, cwd=None, check=True):
        return subprocess.run(["git", *[self.fill(a) for a in arguments]], cwd=cwd or self.ws, env=self.env, check=check,
                              capture_output=True, **self.who.popen_arguments())

    def helper(self, argv, **arguments):
        """Starts one of the suite's own processes, ended with the scene."""
        process = self.popen([self.fill(a) for a in argv], **{"stdin": subprocess.PIPE, **arguments})
        self.helpers.append(process)
        self.defer(end_helper, process)
        return process

    # --- looking at the host

    def processes(self, with_helpers=False):
        """Processes that carry this scene's token in their arguments, whoever's namespace they are in."""
        skip = {os.getpid()} | (set() if with_helpers else {h.pid for h in self.helpers})
        # wsl.exe and what it starts are told by their environment alone.
        where = ("cmdline", "environ") if self.lab.wsl else ("cmdline",)
        return [pid for pid in all_pids() if pid not in skip and any(self.token.encode() in read_proc(pid, name) for name in where)]

    def survivors(self):
        """Processes of the scene that are still there after the grace for a guard."""
        return wait_for_end(self.processes(), GRACE)

    def leaks(self, ran):
        """Where the secret came out, the files that hold it by design left out."""
        if self.secret.encode() in ran.out + ran.err:
            return "the secret is in the output"
        for path in tree_files(self.ws):
            if path.name != ".env" and self.secret.encode() in path.read_bytes():
                return f"the secret is in {path.relative_to(self.root)}"
        return None


def end_helper(process):
    process.kill()
    process.wait()


def end_process(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def read_proc(pid, name):
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def process_state(pid):
    """The letter of proc(5), or "" when there is no such process."""
    return read_proc(pid, "stat").rpartition(b") ")[2][:1].decode()


def namespace(pid, kind):
    try:
        return os.readlink(f"/proc/{pid}/ns/{kind}")
    except OSError:
        return ""


def descriptors(pid):
    links = []
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                links.append(os.readlink(f"/proc/{pid}/fd/{name}"))
            except OSError:
                pass
    except OSError:
        pass
    return links


def wait_for_end(pids, seconds):
    """Waits on pidfds until each process has ended; gives those that have not."""
    deadline = time.monotonic() + seconds
    left = []
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except OSError:
            continue
        if not select.select([fd], [], [], max(0, deadline - time.monotonic()))[0]:
            left.append(pid)
        os.close(fd)
    return left


def wait_until(condition, seconds):
    """For states that no descriptor announces (zombies, a process that is not our child): looks every 10 ms."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return value


def tree_files(root):
    for directory, names, files in os.walk(root):
        names[:] = [n for n in names if n != ".git"]
        for name in files:
            path = Path(directory, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def snapshot(root, skip=()):
    """What an lstat tells of everything below root: any write, chmod, chown, xattr, flag or link shows in the ctime."""
    found = {}
    for directory, names, files in os.walk(root):
        names[:] = [n for n in names if os.path.relpath(os.path.join(directory, n), root) not in skip]
        for name in [*names, *files, "."]:
            path = os.path.join(directory, name)
            try:
                info = os.lstat(path)
            except OSError:  # gone, or deeper than PATH_MAX
                continue
            found[os.path.relpath(path, root)] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_nlink,
                                                  info.st_ino, info.st_mtime_ns, info.st_ctime_ns)
    return found


def differences(before, after):
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def contents(root, names):
    """Kind, mode and bytes of the named paths and of all below them; absent ones are absent from the result."""
    found = {}
    for name in names:
        top = Path(root, name)
        for path in [top, *(top.rglob("*") if top.is_dir() and not top.is_symlink() else [])]:
            try:
                mode = path.lstat().st_mode
            except OSError:
                continue
            data = (os.readlink(path) if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else b"")
            found[str(path.relative_to(root))] = (mode, data)
    return found


def listing(names, most=4):
    """A few names for a message."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def mounts():
    return sorted(Path("/proc/self/mountinfo").read_text().splitlines())


def arguments(description, **defaults):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--paddock", help="the paddock binary under test", required=defaults.pop("required", True))
    parser.add_argument("--only", default="", help="run the rows whose name contains this")
    parser.add_argument("--keep", action="store_true", help="keep the scratch directory")
    parser.add_argument("--scratch", action=Scratch, metavar="DIR", help="make the scratch directory there: on another file system")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--run-flag", action="append", default=[], help="a further option of `paddock run`")
    parser.add_argument("--relay", action="store_true", help="start every command through the relay of backend wsl2")
    parser.add_argument("--wsl", nargs=3, metavar=("PADDOCK_EXE", "WSL_STANDIN", "WINE_RUN"),
                        help="start every command by the tool for Windows under Wine, through its backend wsl2")
    parser.add_argument("--tier", default="", action=Tier, help="run everything under this tier of linux_landlock")
    return parser


class Scratch(argparse.Action):
    def __call__(self, parser, options, directory, option_string=None):
        Lab.base = Path(directory)


class Tier(argparse.Action):
    """Kept as it is, and handed to every run."""

    def __call__(self, parser, options, tier, option_string=None):
        options.tier = tier
        # A weaker tier says so on stderr, where some rows look for the command's own words.
        options.run_flag = [*options.run_flag, f"--backend=linux_landlock:{tier}", "--quiet"]


def tell(notes, failures):
    """The end of a suite's output, but for its sum."""
    for note in notes:
        print("note:", note)
    for failure in failures:
        print("FAILURE:", failure)


def table(rows, header):
    """Plain text in columns."""
    lines = [header, *rows]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(header))]
    for line in lines:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip())
    sys.stdout.flush()
