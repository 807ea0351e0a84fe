#!/usr/bin/python3
"""Workspaces of every shape: a run writes in them, leaves them as they were otherwise, or is refused with a reason."""

import dataclasses
import errno
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from harness import Lab, Scene, accounts, arguments, snapshot, table, tell

WRITE = ("/bin/sh", "-c", "echo inside > made && cat made && ls | head -1")
MANY = 50_000
RUNS = 50
RUNS_BESIDE_SOCKETS = 20
MANY_SECONDS = 10  # for a run over MANY files, the walk for secrets and repositories included


def nothing(scene):
    return None


@dataclasses.dataclass(frozen=True)
class Shape:
    """`make` gives the workspace's path (bytes or str) when it is not the scene's own."""

    name: str
    make: Callable = nothing
    argv: tuple = WRITE
    flags: tuple = ()
    status: int = 0                 # 125: refused, with a reason
    made: str | None = "made"       # what the run must have left, relative to the workspace
    prefix: tuple = ()
    popen: Callable = lambda scene: {}
    who: str = "both"
    check: Callable = nothing       # (scene, ran, path) -> what is wrong, or None
    seconds: float = 20
    text: bool = True               # no: the relay, which speaks JSON, has no word for its name, and refuses it


def named(name):
    """The workspace gets this name; bytes, since names are bytes."""
    def make(scene):
        path = os.path.join(os.fsencode(scene.root), name if isinstance(name, bytes) else name.encode())
        os.rename(scene.ws, path)
        return path
    return make


def below(base):
    """A copy of the workspace below a directory that the run hides or covers."""
    def make(scene):
        parent = Path(tempfile.mkdtemp(prefix="paddock-suite-", dir=scene.fill(base)))
        parent.chmod(0o755)
        os.chown(parent, scene.who.uid, scene.who.gid)
        scene.defer(shutil.rmtree, parent, True)
        shutil.copytree(scene.ws, parent / "ws", symlinks=True)
        for directory, names, files in os.walk(parent):
            for name in names + files:
                os.lchown(os.path.join(directory, name), scene.who.uid, scene.who.gid)
        return parent / "ws"
    return make


def through_link(scene):
    (scene.root / "link").symlink_to(scene.ws)
    return scene.root / "link"


def linked_parent(scene):
    (scene.root / "real").mkdir()
    scene.ws.rename(scene.root / "real/ws")
    (scene.root / "alias").symlink_to("real")
    return scene.root / "alias/ws"


def dangling(scene):
    (scene.root / "link").symlink_to("nowhere")
    return scene.root / "link"


def link_chain(scene):
    previous = scene.ws
    for index in range(64):
        link = scene.root / f"l{index}"
        link.symlink_to(previous)
        previous = link
    return previous


def worktree(scene):
    scene.git("worktree", "add", "-q", "-b", "side", "{root}/main/side")
    return scene.root / "main/side"


def fifo(scene):
    os.mkfifo(scene.root / "pipe")
    scene.own(scene.root / "pipe")
    return scene.root / "pipe"


def unreadable(scene):
    os.chown(scene.ws, 0, 0)
    scene.ws.chmod(0o700)


def foreign(scene):
    """Root in a checkout that belongs to somebody else: the usual container."""
    for directory, names, files in os.walk(scene.ws):
        for path in (directory, *(os.path.join(directory, n) for n in names + files)):
            os.lchown(path, 12345, 12345)


def foreign_decided(scene, ran, path):
    """Either it works, and files belong to the owner, or it is refused with a reason; never an EACCES of the command."""
    if ran.status == 125 and b"paddock: " in ran.err:
        return None
    if ran.status != 0:
        return f"neither works nor is refused: status {ran.status}: {ran.tail()}"
    owner = (scene.ws / "made").stat().st_uid
    return None if owner in (0, 12345) else f"made belongs to {owner}"


def read_only_file(scene):
    scene.write(scene.ws / "fixed", "fixed\n", 0o444)


def still_read_only(scene, ran, path):
    info = (scene.ws / "fixed").stat()
    if info.st_mode & 0o777 != 0o444 or (scene.ws / "fixed").read_text() != "fixed\n":
        return "the read-only file was changed"
    return None


def many_files(scene):
    """Names are what counts: links to one file are made and removed in a third of the time."""
    scene.write(scene.ws / "file", "", 0o644)
    for index in range(MANY // 500):
        directory = scene.ws / f"d{index}"
        directory.mkdir()
        for number in range(500):
            os.link(scene.ws / "file", directory / f"f{number}")
        os.chown(directory, scene.who.uid, scene.who.gid)
    scene.write(scene.ws / "d7/.env", scene.secret)


def secret_masked(scene, ran, path):
    """Or its report says that it is not."""
    if scene.secret.encode() not in ran.out:
        return None if ran.status == 1 else f"status {ran.status}, though the file cannot be read: {ran.tail()}"
    verdict = next(v["verdict"] for v in ran.report["verdicts"] if v["rule"] == "filesystem.deny_read **/.env")
    return None if verdict == "not-enforced" else f"the secret came out, and is reported as {verdict}"


def empty(scene):
    shutil.rmtree(scene.ws)
    scene.ws.mkdir()
    scene.own(scene.ws)


def nothing_left(scene, ran, path):
    left = sorted(os.listdir(path))
    return None if left in (["made"], []) else f"left in the workspace: {left}"


def deep(scene):
    """A directory deeper than PATH_MAX, or as deep as the file system has it (FUSE stops there)."""
    fd = os.open(scene.ws, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(40):
        try:
            os.mkdir("d" * 200, dir_fd=fd)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            break
        os.chown("d" * 200, scene.who.uid, scene.who.gid, dir_fd=fd)
        inner = os.open("d" * 200, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(fd)


def odd_names(scene):
    for name in (b"new\nline", b"esc\x1b[31m", b"\xff\xfe", b"-rf", b" ", b"trailing ", b"n" * 255, b"a'b\"c$d`e"):
        path = os.path.join(os.fsencode(scene.ws), name)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
        os.lchown(path, scene.who.uid, scene.who.gid)


def no_raw_escape(scene, ran, path):
    return "an escape sequence on stderr" if b"\x1b" in ran.err else None



SUBMOUNT = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
            "mkdir -p {ws}/mounted && mount -t tmpfs tmpfs {ws}/mounted && echo below > {ws}/mounted/file && exec \"$@\"", "sh")
IS_MOUNT = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
            "mount --bind {ws} {ws} && exec \"$@\"", "sh")

def other_changes(before, after):
    """Beside what the command made, no name may have come or gone: above all no placeholder."""
    strange = [n for n in before.keys() ^ after.keys() if n != "made" and not n.startswith((".git", "mounted"))]
    return f"appeared or vanished: {sorted(strange)[:5]}" if strange else None


def at_once(scene, ran, path):
    """RUNS more runs at the same time: each works, none sees the others' placeholders, and none of those stays."""
    before = snapshot(path)
    command = [*scene.lab.tool, "run", "--workspace", path, "--", "/bin/sh", "-c", 'echo inside > "by-$0"']
    runs = [scene.popen([*command, str(i)], cwd=scene.root) for i in range(RUNS)]
    ended = [(run.communicate(timeout=60)[1], run.returncode) for run in runs]
    if failed := [(status, err[-200:]) for err, status in ended if status or err]:
        return f"{len(failed)} of {RUNS} runs: {failed[0]}"
    return other_changes(before, {n: v for n, v in snapshot(path).items() if not n.startswith("by-")})


def sockets_come_and_go(scene, ran, path):
    """Runs while a socket below the home is there at one moment and gone at the next, as those of tools are."""
    ended = threading.Event()

    def come_and_go():
        while not ended.is_set():
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(scene.home / "tool.sock"))
                listener.listen()
                ended.wait(0.01)
                os.unlink(scene.home / "tool.sock")
            ended.wait(0.01)
    tool = threading.Thread(target=come_and_go)
    tool.start()
    try:
        for _ in range(RUNS_BESIDE_SOCKETS):
            run = scene.popen([*scene.lab.tool, "run", *scene.lab.run_flags, "--workspace", path, "--", "true"], cwd=scene.root)
            err = run.communicate(timeout=60)[1]
            if run.returncode or err:
                return f"status {run.returncode}: {err[-200:]}"
    finally:
        ended.set()
        tool.join()


SHAPES = (
    Shape("an ordinary checkout"),
    Shape("spaces", named("with some spaces")),
    Shape("a newline in the name", named(b"new\nline")),
    Shape("an escape sequence in the name", named(b"esc\x1b]0;title\x07"), check=no_raw_escape),
    Shape("bytes that are no UTF-8", named(b"caf\xe9"), text=False),
    Shape("quotes, dollars, colons, commas", named("a'b\"c$d:e,f=g\\h")),
    Shape("glob characters in the name", named("a[b]*c?")),
    Shape("a trailing space", named("trailing ")),
    Shape("a leading dash", named("-leading")),
    Shape("255 bytes", named("n" * 255)),
    Shape("odd names inside", odd_names, argv=("/bin/sh", "-c", "echo inside > made; ls | wc -l")),
    Shape("given through a symbolic link", through_link),
    Shape("below a symbolic link", linked_parent),
    Shape("64 links deep", link_chain, status=125, made=None),
    Shape("below /tmp", below("/tmp")),
    Shape("below /var/tmp", below("/var/tmp")),
    Shape("below $HOME", below("{home}")),
    Shape("below a directory of $HOME that is hidden by nothing", below("{home}/.cache")),
    Shape("a linked worktree", worktree),
    Shape("git in a linked worktree", worktree, argv=("/bin/sh", "-c", "echo x > made && git add made && git commit -q -m x")),
    Shape("a read-only file in it", read_only_file, check=still_read_only),
    Shape("50,000 files", many_files, argv=("/bin/sh", "-c", "echo inside > made; cat d7/.env"), status=None,
          check=secret_masked, seconds=MANY_SECONDS),
    Shape("empty", empty, check=nothing_left),
    Shape("deeper than PATH_MAX", deep),
    Shape("a file system mounted below it", argv=("/bin/sh", "-c", "echo inside > made; cat mounted/file; echo x > mounted/new"),
          prefix=SUBMOUNT, who="root"),
    Shape("a mount point itself", prefix=IS_MOUNT, who="root"),
    Shape("owned by another uid, as root", foreign, who="root", made=None, status=None, check=foreign_decided),
    Shape("the caller stands elsewhere", popen=lambda s: {"cwd": "/"}),
    Shape("the caller stands in a subdirectory", argv=("/bin/sh", "-c", "test -f main.c && echo inside > ../made"),
          popen=lambda s: {"cwd": s.ws / "src"}),
    Shape("--cwd of a subdirectory", argv=("/bin/sh", "-c", "test -f main.c && echo inside > ../made"), flags=("--cwd", "{ws}/src")),
    Shape("an environment entry without =", argv=WRITE, popen=lambda s: {"env": {**s.env, "EMPTY": ""}}),
    Shape("a large argument", argv=("/bin/sh", "-c", "echo inside > made # " + "x" * 120_000)),
    Shape("many arguments", argv=("/bin/sh", "-c", "test $# -gt 20000 && echo inside > made", "sh", *["argument"] * 20_001)),
    Shape("a large environment", popen=lambda s: {"env": {**s.env, **{f"LARGE_{i}": "x" * 1000 for i in range(500)}}}),
    Shape("fifty runs at once", check=at_once),
    Shape("beside sockets that come and go", check=sockets_come_and_go),
    # Refused.
    Shape("missing", lambda s: s.root / "missing", status=125, made=None),
    Shape("a file", lambda s: s.ws / "README.md", status=125, made=None),
    Shape("a FIFO", fifo, status=125, made=None),
    Shape("a dangling link", dangling, status=125, made=None),
    Shape("unreadable", unreadable, status=125, made=None, who="user"),
    Shape("/dev", lambda s: "/dev", status=125, made=None),
    Shape("/sys", lambda s: "/sys", status=125, made=None),
    Shape("/usr", lambda s: "/usr", status=125, made=None),
    Shape("an empty name", lambda s: "", status=125, made=None),
)


def judge(lab, who, shape):
    scene = Scene(lab, who, "shape")
    try:
        path = shape.make(scene)
        path = scene.ws if path is None else path
        before = snapshot(os.fsdecode(path)) if shape.made and shape.name != "50,000 files" else {}
        command = [scene.fill(p) for p in shape.prefix] + [
            *lab.tool, "run", "--workspace", path, "--report", str(scene.report_path),
            *lab.run_flags, *[scene.fill(f) for f in shape.flags], "--", *shape.argv]
        begin = time.monotonic()
        process = scene.popen(command, **{"cwd": scene.root, **shape.popen(scene)})
        out, err = process.communicate(timeout=60)
        took = time.monotonic() - begin
        ran = scene.finish(process, out, err, took)
        if shape.status is not None and ran.status != shape.status:
            return f"status {ran.status}, expected {shape.status}: {ran.tail()}"
        if shape.status == 125 and not ran.err.startswith(b"paddock: "):
            return f"refused without a message: {ran.tail()}"
        if took > shape.seconds:
            return f"took {took:.1f} s"
        if shape.made and not os.path.lexists(os.path.join(os.fsencode(path), shape.made.encode())):
            return f"{shape.made} is not in the workspace: {ran.tail()}"
        if before and (wrong := other_changes(before, snapshot(os.fsdecode(path)))):
            return wrong
        return shape.check(scene, ran, path) if shape.check is not nothing else None
    finally:
        if who.uid != 0 and os.geteuid() == 0:
            scene.ws.exists() and os.chown(scene.ws, who.uid, who.gid)
        scene.close()


def main():
    parser = arguments(__doc__)
    options = parser.parse_args()
    lab = Lab(options.paddock, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    people, notes = accounts()
    begin, lines, failures = time.monotonic(), [], []
    for shape in SHAPES:
        if options.only not in shape.name:
            continue
        if options.relay and not shape.text:
            shape = dataclasses.replace(shape, status=125, made=None)
        cells = {who.name: judge(lab, who, shape) for who in people if shape.who in ("both", who.name)}
        failures += [f"{shape.name} ({name}): {why}" for name, why in cells.items() if why]
        verdict = "decided" if shape.status is None else "refused" if shape.status == 125 else "works"
        lines.append((shape.name, *("FAILED" if cells.get(n) else verdict if n in cells else "-" for n in ("root", "user"))))
    table(lines, ("workspace", "root", "user"))
    tell(notes, failures)
    print(f"\n{len(lines)} shapes, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
