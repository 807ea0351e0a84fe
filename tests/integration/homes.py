#!/usr/bin/python3
"""A home that is kept for the workspace (filesystem.home = "kept"): caches survive, the host's home does not change.

Every row has its control: the same commands write to the host's home outside, or forget under an ephemeral home.
"""

import dataclasses
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from harness import (GRACE, SYSTEM_PATH, Lab, Scene, accounts, arguments, differences, snapshot,
                     table, tell, wait_for_end)

POLICY = 'extends = "coding"\n[filesystem]\nhome = "{}"\n'
KILLS = 25
KILL_SEED = 20_261_128
LATEST_KILL = 0.04  # seconds after the start
STATE = (".local",)  # below the home, where Paddock keeps its own


class Wrong(Exception):
    """What a row found, as a sentence."""


def expect(condition, text):
    if not condition:
        raise Wrong(text)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    check: Callable             # (Home) -> None, raises Wrong
    tools: tuple = ()
    who: str = "both"


class Home:
    """One scene, and the ways to run a shell script in it."""

    def __init__(self, scene):
        self.scene = scene
        for mode in ("kept", "ephemeral"):
            scene.write(scene.root / f"{mode}.toml", POLICY.format(mode))
        self.homes = scene.home / ".local/state/paddock/homes"

    def flags(self, mode="kept"):
        return ("--policy", str(self.scene.root / f"{mode}.toml"))

    def run(self, script, mode="kept", **more):
        return self.scene.run("paddock", ("/bin/sh", "-c", script), self.flags(mode), **more)

    def kept(self, script, **more):
        """The output of a run that has to have the layer."""
        ran = self.run(script, **more)
        expect(b"home_layer" not in ran.err, f"the layer was not used: {ran.tail()}")
        expect(ran.status == 0, f"status {ran.status} of {script!r}: {ran.tail()}")
        return ran.out.decode()

    def start(self, script, mode="kept"):
        """Starts a run that says "ready", and waits for that."""
        process = self.scene.popen(self.scene.command("paddock", ("/bin/sh", "-c", "echo ready; " + script), self.flags(mode)),
                                   stdin=subprocess.PIPE)
        expect(process.stdout.readline() == b"ready\n", "the first run did not start")
        return process

    def gc(self, *flags):
        process = self.scene.popen([self.scene.lab.paddock, "gc", "--json", *flags], cwd=self.scene.root)
        out, err = process.communicate(timeout=60)
        expect(process.returncode == 0, f"gc: status {process.returncode}: {err[-200:]}")
        return json.loads(out)["homes"]

    def layers(self):
        return sorted(os.listdir(self.homes)) if self.homes.exists() else []


def survives(write, read, expected):
    """`write` in one run, `read` in the next gives `expected`; the host's home stays as it was, but outside it does not."""
    def check(home):
        before = snapshot(home.scene.home, STATE)
        home.kept(write)
        out = home.kept(read)
        expect(expected in out, f"the second run found {out[-200:]!r}")
        changed = differences(before, snapshot(home.scene.home, STATE))
        expect(not changed, f"the host's home changed: {changed[:4]}")
        forgot = home.run(read, "ephemeral")
        expect(expected.encode() not in forgot.out, "control: an ephemeral home remembers")
        home.scene.run("outside", ("/bin/sh", "-c", write))
        expect(differences(before, snapshot(home.scene.home, STATE)), "control: nothing was written outside either")
    return check


def second_run_at_once(home):
    home.kept("echo first > ~/mark")
    first = home.start("read line")
    try:
        ran = home.run("cat ~/mark; echo second > ~/mark; cat ~/mark")
        expect(ran.out == b"second\n", f"the second run printed {ran.out!r}")
        expect(b"(home_layer_busy)" in ran.err, f"it does not say so: {ran.tail()}")
        verdict = [v for v in ran.report["verdicts"] if v["rule"] == "filesystem.home"]
        expect([v["verdict"] for v in verdict] == ["approximated"], f"the report says {verdict}")
        expect(any("home_layer_busy" in notice for notice in ran.report["notices"]), "no notice in the report")
        live = home.gc("--homes")
        expect([h["live"] for h in live] == [True] and home.layers(), "gc took a layer in use")
    finally:
        first.communicate(b"\n", timeout=60)
    expect(home.kept("cat ~/mark") == "first\n", "the second run wrote to the layer")


def kills(home):
    """The launcher is killed at any moment: the next run has the layer, and what was whole in it."""
    rng = random.Random(KILL_SEED)
    home.kept("echo whole > ~/mark")
    script = ["/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i > ~/n$i; cat ~/.bashrc >> ~/.profile; done"]
    for _ in range(KILLS):
        process = home.scene.popen(home.scene.command("paddock", script, home.flags()))
        delay = rng.uniform(0, LATEST_KILL)
        time.sleep(delay)  # the random moment itself
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        survivors = wait_for_end(home.scene.processes(), GRACE)
        expect(not survivors, f"killed after {delay * 1000:.1f} ms: processes {survivors} live on")
        out = home.kept("cat ~/mark; mkdir -p ~/d && rmdir ~/d && echo usable")
        expect(out == "whole\nusable\n", f"killed after {delay * 1000:.1f} ms: {out!r}")
    expect(home.layers() == [home.homes.joinpath(home.layers()[0]).name], f"left over: {home.layers()}")
    home.gc("--homes")
    expect(home.layers() == [], f"gc left {home.layers()}")


def gc_removes(home):
    home.kept("mkdir -p ~/a/b/c; echo x > ~/a/b/c/d; chmod 0 ~/a/b; head -c 300000 /dev/zero > ~/big")
    listed = home.gc()
    expect([(h["workspace"], h["live"], h["removed"]) for h in listed] == [(str(home.scene.ws), False, False)], f"{listed}")
    expect(listed[0]["bytes"] >= 300_000, f"{listed[0]['bytes']} bytes")
    home.kept("chmod 0 ~")
    expect([h["removed"] for h in home.gc("--homes")] == [True] and not home.layers(), "it is still there")
    expect(home.gc() == [], "it is listed still")
    expect(home.kept("ls ~/big 2>/dev/null; echo new") == "new\n", "it came back")


def goes_with_the_workspace(home):
    home.kept("echo x > ~/mark")
    expect([h["removed"] for h in home.gc()] == [False] and home.layers(), "gc took the layer of a workspace that is there")
    shutil.rmtree(home.scene.ws)
    expect([(h["workspace_gone"], h["removed"]) for h in home.gc()] == [(True, True)] and not home.layers(), "it stays")


def workspace_not_granted(home):
    """Below the home, under a policy that grants nothing: the layer must not hold a copy that hides the host's files."""
    scene = home.scene
    for mode in ("kept", "ephemeral"):
        scene.write(scene.root / f"{mode}.toml", POLICY.format(mode).replace("coding", "read-only"))
    file = scene.home / "proj/file"
    scene.write(file, "old\n")
    where = {"workspace": scene.home / "proj"}
    ran = home.run("echo changed > file; cat file", "ephemeral", **where)
    expect(ran.out == b"changed\n", f"control: thrown away, not refused: {ran.tail()}")
    ran = home.run("echo changed > file || cat file; echo x > ~/mark; rm -rf ~/proj 2>&1 | wc -l > ~/said; ls ~", **where)
    expect(b"old\n" in ran.out and b"mark" in ran.out, f"{ran.tail()}")
    scene.write(file, "new\n")
    expect(home.kept("cat file ~/mark", **where) == "new\nx\n", "the host's change is hidden")


def state_that_carries_none(home):
    """The state directory lies on an overlay, as in a container without a volume."""
    scene = home.scene
    prefix = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
              "mkdir -p {root}/o/u {root}/o/w {root}/o/l {root}/state && mount -t overlay overlay "
              "-o lowerdir={root}/o/l,upperdir={root}/o/u,workdir={root}/o/w {root}/state && exec \"$@\"", "sh")
    ran = home.run("echo x > ~/mark && cat ~/mark", prefix=prefix, env={**scene.env, "XDG_STATE_HOME": str(scene.root / "state")})
    expect(ran.out == b"x\n", f"{ran.tail()}")
    expect(b"(home_layer_unusable)" in ran.err, f"it does not say so: {ran.tail()}")


def directories(*names):
    return " && ".join(f"mkdir -p ~/{name} && echo {name} > ~/{name}/entry" for name in names)


CACHES = (".cache/pip", ".npm/_cacache", ".cargo/registry", "go/pkg/mod", ".local/share/x", ".m2/repository")
CCACHE = "cp src/main.c m.c; ccache -o compiler_check=none -V > /dev/null; ccache cc -c m.c -o m.o; ccache --print-stats | grep -E '^(direct|preprocessed)_cache_hit'"
NPM = "mkdir -p p && cd p && echo '{\"name\":\"p\",\"version\":\"1.0.0\"}' > package.json && npm pack --silent && npm cache add ./p-1.0.0.tgz"

ROWS = (
    Row("caches of package managers", survives(directories(*CACHES), " ".join(["cat"] + [f"~/{n}/entry" for n in CACHES]),
                                               "\n".join(CACHES))),
    Row("a file of the host's, changed", survives("echo mine >> ~/.bashrc", "cat ~/.bashrc", "start-up file\nmine")),
    Row("a file of the host's, removed", survives("rm ~/.gitconfig", "test -e ~/.gitconfig || echo away", "away")),
    Row("a directory of the host's, replaced", survives("rm -rf ~/.config && mkdir ~/.config && echo x > ~/.config/y",
                                                        "ls ~/.config && echo end", "y\nend")),
    Row("git config --global", survives("git config --global alias.st status", "git config --global alias.st", "status"), ("git",)),
    Row("ccache: the second run hits", survives(CCACHE, CCACHE, "direct_cache_hit\t1"), ("ccache", "cc")),
    Row("npm cache", survives(NPM, "npm cache ls", "p-1.0.0.tgz"), ("npm",)),
    Row("a second run at the same time", second_run_at_once),
    Row(f"{KILLS} kills of the launcher", kills),
    Row("gc lists, and removes with --homes", gc_removes),
    Row("gc removes the layer of a workspace that is gone", goes_with_the_workspace),
    Row("a workspace below the home that is not granted", workspace_not_granted),
    Row("a state directory that carries no overlay", state_that_carries_none, who="root"),
)


def judge(lab, who, row):
    missing = [tool for tool in row.tools if shutil.which(tool, path=SYSTEM_PATH) is None]
    if missing:
        return "not run", f"{row.name}: not run, {' '.join(missing)} is not installed"
    scene = Scene(lab, who, "home")
    try:
        row.check(Home(scene))
        return "works", None
    except Wrong as wrong:
        return "FAILED", f"{row.name} ({who.name}): {wrong}"
    finally:
        scene.close()


def main():
    options = arguments(__doc__).parse_args()
    lab = Lab(options.paddock, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    people, notes = accounts()
    begin, lines, failures = time.monotonic(), [], []
    for row in ROWS:
        if options.only not in row.name:
            continue
        cells = {who.name: judge(lab, who, row) for who in people if row.who in ("both", who.name)}
        failures += [text for verdict, text in cells.values() if verdict == "FAILED"]
        notes += sorted({text for verdict, text in cells.values() if verdict == "not run"})
        lines.append((row.name, *(cells.get(name, ("-", None))[0] for name in ("root", "user"))))
    table(lines, ("kept home", "root", "user"))
    tell(notes, failures)
    print(f"\n{len(lines)} rows, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    ran = any("works" in line for line in lines)
    return 1 if failures or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
