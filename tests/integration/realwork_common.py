"""A kind of work that developers do, as the rows of realwork_*.py write it down, and what several rows share."""

import dataclasses
import signal
import subprocess
from collections.abc import Callable

DEFAULT_TIER = "namespaces"

# Named as missing, and no failure: not packaged by Debian 12, or (go) half a gigabyte.
OPTIONAL = ("go", "tsx", "vite", "vitest")


def nothing(_):
    return None


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Deliberately not possible inside. It has to fail, and to say why in the system's words."""

    says: str                   # has to be in what the command, or the drive, says
    why: str                    # for the documentation
    tiers: tuple = ()           # empty: under every tier
    who: str = "both"
    outside: bool = False       # refused outside just the same, and so no work of Paddock's


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    tools: tuple                # on PATH; with a slash, a glob of which one has to exist
    script: str = ""            # bash -e -o pipefail, in the workspace
    expect: str = ""            # has to be in the output
    setup: Callable = nothing
    drive: Callable = nothing   # in place of a script: (scene, launcher) -> why it failed, or None
    needs: Callable = nothing   # (who) -> what this host lacks, or None
    refusals: tuple = ()

    def refusal(self, tier, who):
        return next((r for r in self.refusals if r.who in ("both", who.name) and (not r.tiers or tier in r.tiers)), None)


def files(texts):
    """A set-up that writes files into the workspace."""
    def setup(scene):
        for name, text in texts.items():
            scene.write(scene.ws / name, text)
    return setup


def source(scene):
    scene.write(scene.ws / "hello.c", '#include <stdio.h>\nint main(void) { puts("hello from c"); return 0; }\n')


class Started:
    """A script that runs while the suite acts: its lines are waited for, never a time."""

    def __init__(self, scene, launcher, script, prefix=(), **arguments):
        command = scene.command(launcher, ("/bin/bash", "-e", "-o", "pipefail", "-c", script))
        self.process = scene.popen([*prefix, *command], **arguments)

    def line(self):
        return self.process.stdout.readline().decode("utf-8", "replace").strip()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, timeout=30):
        """(status as the shell has it, the rest of stdout, stderr)"""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        code = self.process.returncode
        return (code if code >= 0 else 128 - code), (out or b"").decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace")


def signalled(number, script, says, status):
    """Drives a script that prints "ready": the launcher gets the signal, as a shell's Ctrl-C or a supervisor sends it."""
    def drive(scene, launcher):
        started = Started(scene, launcher, script)
        if (line := started.line()) != "ready":
            return f"not ready: '{line}'"
        started.signal(number)
        ended, out, err = started.end()
        if says not in out or ended != status:
            return f"{signal.Signals(number).name}: status {ended}, expected {status}: {out.strip()} {err.strip()}"
        return None
    return drive
