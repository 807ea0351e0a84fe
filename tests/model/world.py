"""A case on this host: builds its tree, runs its probes, and compares what happened with what the model foretold."""

import dataclasses
import errno
import json
import os
import re
import stat
import subprocess
import tempfile

from filesystem import Inode, Machine, POLICY, POLICY_ERRNOS, Region, View
from semantics import Meaning, TIERS

RUN_TIMEOUT = 60  # seconds
SYSTEM_PATH = "/usr/bin:/bin"
XATTR = "user.model"
KINDS = {stat.S_IFDIR: "d", stat.S_IFREG: "f", stat.S_IFLNK: "l"}


class Disagreement(Exception):
    """What the model said, and what the kernel or Paddock did."""


@dataclasses.dataclass
class Counts:
    probes: int = 0
    allowed: int = 0
    denied: int = 0
    refusals: dict = dataclasses.field(default_factory=dict)  # code -> how often


class World:
    """Where one worker builds one case after the other: below `disk`, or below /tmp."""

    def __init__(self, paddock, prober, directory, tier):
        self.paddock, self.prober, self.tier = str(paddock), str(prober), tier
        self.disk, self.state = f"{directory}/disk", f"{directory}/state"
        os.mkdir(self.disk)
        os.mkdir(self.state)
        self.tmp = tempfile.mkdtemp(prefix="paddock-model-", dir="/tmp")
        self.is_root = os.geteuid() == 0
        self.environment = {"PATH": SYSTEM_PATH, "XDG_STATE_HOME": self.state}
        self.counts = Counts()

    def close(self):
        remove(self.tmp)

    def base_of(self, case):
        return f"{self.tmp if case['place'] == 'tmp' else self.disk}/t"

    # --- the two ways to run a case

    def check(self, case):
        """In the sandbox."""
        base = self.base_of(case)
        root, top = build(case, base)
        try:
            meaning = Meaning(case, base, root, self.is_root, TIERS[self.tier], self.state)
            status, out, err = self.run(case, base)
            if status != 0:
                self.compare_refusal(meaning, status, err)
                forget(meaning.placeholders)
            elif meaning.refusals:
                raise Disagreement(f"the model refuses ({', '.join(sorted(meaning.refusals))}), Paddock does not")
            else:
                self.compare_probes(case, base, Machine(meaning.view), out)
            settle(meaning.placeholders)
            compare(base, top)
            self.compare_journal()
        finally:
            remove(base)

    def control(self, case):
        """Without a sandbox: the same probes meet nothing but the permissions of files."""
        base = self.base_of(case)
        root, top = build(case, base)
        try:
            case = {**case, "probes": [probe for probe in case["probes"] if not any(f.startswith("/tmp") for f in probe)]}
            ran = subprocess.run([self.prober], input=probe_input(case, base), capture_output=True, timeout=RUN_TIMEOUT,
                                 cwd="/", env=self.environment)
            if ran.returncode != 0:
                raise Disagreement(f"control: the prober ended with {ran.returncode}: {ran.stderr!r}")
            self.compare_probes(case, base, Machine(View(Region("host", root, True))), ran.stdout, "control: ")
            compare(base, top)
        finally:
            remove(base)

    def run(self, case, base):
        policy = json.loads(json.dumps(case["policy"]).replace("{base}", base))
        if policy.get("read") == "minimal":
            policy["read_only"] = policy.get("read_only", []) + [self.prober]
        policy_file = f"{self.state}/policy.json"
        with open(policy_file, "w", encoding="utf-8") as file:
            json.dump({"filesystem": policy}, file)
        argv = [self.paddock, "run", "--workspace", f"{base}/{case['workspace']}", "--policy", policy_file, "--backend",
                f"linux_landlock:{self.tier}", "--quiet", "--", self.prober]
        ran = subprocess.run(argv, input=probe_input(case, base), capture_output=True, timeout=RUN_TIMEOUT, cwd="/",
                             env={**self.environment, "HOME": f"{base}/home"})
        return ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace")

    # --- comparing

    def compare_refusal(self, meaning, status, err):
        code = re.search(r"\(([\w:]+)\)$", err, re.M)
        said = code[1] if code else err.strip()[-300:]
        if status != 125:
            raise Disagreement(f"the prober ended with {status}: {err.strip()[-300:]}")
        if not meaning.refusals | meaning.tolerated:
            raise Disagreement(f"Paddock refuses ({said}), the model does not: {err.strip()[:400]}")
        if said not in meaning.refusals | meaning.tolerated:
            raise Disagreement(f"Paddock refuses by {said}, the model by {', '.join(sorted(meaning.refusals))}: {err.strip()[:400]}")
        self.counts.refusals[said] = self.counts.refusals.get(said, 0) + 1

    def compare_probes(self, case, base, machine, out, where=""):
        answers = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
        if len(answers) != len(case["probes"]):
            raise Disagreement(f"{where}{len(case['probes'])} probes, {len(answers)} answers")
        for number, (probe, answer) in enumerate(zip(case["probes"], answers)):
            code, _, seen = answer.partition(" ")
            name = "" if code == "0" else errno.errorcode[int(code)]
            operation, path, argument = expand(probe, base)
            refusals, expected = machine.run(operation, path, argument)
            self.counts.probes += 1
            self.counts.allowed += name == ""
            self.counts.denied += name in POLICY_ERRNOS
            agreed = name in refusals or (POLICY in refusals and name in POLICY_ERRNOS) if refusals else name == ""
            if not agreed or (not refusals and seen != expected):
                raise Disagreement(f"{where}probe {number} {probe}: the model says {sorted(refusals) or [expected]}, "
                                   f"the kernel {[name] if name else [seen]}")

    def compare_journal(self):
        """A run that has ended has left no lease."""
        leases = f"{self.state}/paddock/leases"
        names = [name for name in (os.listdir(leases) if os.path.isdir(leases) else ())
                 if name != "mutex" and not name.endswith(".pool")]
        if names:
            raise Disagreement(f"leases left behind: {names}")


def expand(probe, base):
    operation, path, argument = probe
    full = path if path.startswith("/") else f"{base}/{path}"
    if operation in ("rename", "exchange", "link", "linkf"):
        argument = argument if argument.startswith("/") else f"{base}/{argument}"
    return operation, full, argument.replace("{base}", base)


def probe_input(case, base):
    return "".join(f"{field}\0" for probe in case["probes"] for field in expand(probe, base)).encode("utf-8", "surrogateescape")


# --- the tree on the host


def build(case, base):
    """Makes the case's tree at `base`. Gives the model's root directory, and the one at `base`."""
    root = directory = Inode("d")
    root.entries["tmp"] = Inode("d", 0o1777)
    for name in base.strip("/").split("/"):
        directory = directory.entries.setdefault(name, Inode("d"))
    old_umask = os.umask(0)
    os.mkdir(base, 0o755)
    made = {"": directory}
    shut = []
    for kind, path, *rest in case["tree"]:
        full = f"{base}/{path}"
        above, _, name = path.rpartition("/")
        if kind == "d":
            os.mkdir(full, 0o755)
            inode = Inode("d", int(rest[0], 8))
            if inode.mode != 0o755:
                shut.append((full, inode))
        elif kind == "f":
            inode = Inode("f", int(rest[0], 8), rest[1])
            fd = os.open(full, os.O_CREAT | os.O_EXCL | os.O_WRONLY, inode.mode)
            os.write(fd, rest[1].encode("utf-8", "surrogateescape"))
            os.close(fd)
        elif kind == "l":
            inode = Inode("l", 0o777, rest[0].replace("{base}", base))
            os.symlink(inode.data, full)
        else:
            inode = made[rest[0]]
            os.link(f"{base}/{rest[0]}", full, follow_symlinks=False)
        made[path] = made[above].entries[name] = inode
    for path, inode in made.items():
        inode.before = identity(os.lstat(f"{base}/{path}" if path else base))
    for full, inode in reversed(shut):
        os.chmod(full, inode.mode)
        inode.before = identity(os.lstat(full))
    os.umask(old_umask)
    return root, directory


def identity(status):
    """Any write, chmod, chown, attribute or link shows in the ctime."""
    return (status.st_ino, status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns, status.st_ctime_ns,
            0 if stat.S_ISDIR(status.st_mode) else status.st_nlink)


def forget(placeholders):
    """Of a run that never was."""
    for directory, name in reversed(placeholders):
        directory.entries.pop(name, None)


def settle(placeholders):
    """Placeholders go after the run, but for directories that the command has filled meanwhile."""
    for directory, name in reversed(placeholders):
        inode = directory.entries.get(name)
        directory.entries_changed = True
        if inode is not None and inode.placeholder and not inode.entries:
            del directory.entries[name]


def compare(path, inode):
    """The host's tree at `path` against the model's: what nobody could change is the same inode, untouched."""
    status = os.lstat(path)
    kind = KINDS.get(stat.S_IFMT(status.st_mode))
    if kind != inode.kind:
        raise Disagreement(f"host: {path} is of kind {kind}, the model has {inode.kind}")
    if kind != "l" and stat.S_IMODE(status.st_mode) != inode.mode:
        raise Disagreement(f"host: {path} has mode {status.st_mode:o}, the model has {inode.mode:o}")
    if not inode.changed and not inode.entries_changed and inode.before is not None and identity(status) != inode.before:
        raise Disagreement(f"host: {path} was changed: {inode.before} before, {identity(status)} after")
    if kind == "d":
        if status.st_mode & 0o700 != 0o700:
            os.chmod(path, 0o700)
        names = os.listdir(path)
        if set(names) != inode.entries.keys():
            raise Disagreement(f"host: {path} has {sorted(set(names) - inode.entries.keys())} more and "
                               f"{sorted(inode.entries.keys() - set(names))} less than the model")
        for name in names:
            compare(f"{path}/{name}", inode.entries[name])
    elif inode.changed:
        compare_content(path, kind, inode)


def compare_content(path, kind, inode):
    if kind == "l":
        data = os.readlink(path)
    else:
        os.chmod(path, 0o600)
        with open(path, "rb") as file:
            data = file.read().decode("utf-8", "surrogateescape")
        xattr = os.getxattr(path, XATTR).decode() if XATTR in os.listxattr(path) else None
        os.chmod(path, inode.mode)  # another name of the same file is yet to come
        if xattr != inode.xattr:
            raise Disagreement(f"host: {path} has the attribute {xattr}, the model {inode.xattr}")
    if data != inode.data:
        raise Disagreement(f"host: {path} holds {data!r}, the model {inode.data!r}")


def remove(path):
    try:
        names = os.listdir(path)
    except FileNotFoundError:
        return
    except PermissionError:
        names = None
    if names is None or not os.access(path, os.W_OK | os.X_OK):
        os.chmod(path, 0o700)
        names = os.listdir(path)
    for name in names:
        below = f"{path}/{name}"
        try:
            os.unlink(below)
        except (IsADirectoryError, PermissionError):
            remove(below)
    os.rmdir(path)
