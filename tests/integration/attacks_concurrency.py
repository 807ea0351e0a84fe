"""Attacks with other runs of the same workspace at the same time: under another policy, fifty of them, `gc` meanwhile."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from attacks_common import Attack, nothing

PLANT = ("/bin/sh", "-c", "mkdir -p .vscode; echo x > .vscode/tasks.json; echo x > .mcp.json; echo x > .git/hooks/pre-commit")
RUNS = 50
AT_ONCE = 10


class Held:
    """A run that holds until it is let go."""

    def __init__(self, scene, flags=()):
        self.process = scene.popen(scene.command("paddock", ("/bin/sh", "-c", "echo ready; read line"), flags),
                                   stdin=subprocess.PIPE)

    def __enter__(self):
        line = self.process.stdout.readline()
        if line != b"ready\n":
            raise ValueError(f"the other run did not start: {self.process.communicate()[1][-300:]}")
        return self

    def __exit__(self, *_):
        self.process.communicate(b"\n", timeout=30)


def lax(scene):
    scene.write(scene.root / "lax.toml", 'extends = "coding"\n[filesystem]\ndeny_write = []\n')


def gc(scene):
    scene.popen([scene.lab.paddock, "gc", "--quiet"]).communicate(timeout=60)


def beside(flags=(), collect=False):
    """The attack while another run holds the workspace."""
    def execute(scene, launcher):
        if launcher != "paddock":
            return [scene.run(launcher, PLANT)]
        with Held(scene, flags):
            if collect:
                gc(scene)
            return [scene.run(launcher, PLANT)]
    return execute


def after_another(scene, launcher):
    """The attack in a run that stays while another one, which shares its placeholders, ends, and gc is called."""
    if launcher != "paddock":
        return [scene.run(launcher, PLANT)]
    script = ("/bin/sh", "-c", "echo ready; read line; " + PLANT[2])
    process = scene.popen(scene.command("paddock", script), stdin=subprocess.PIPE)
    if process.stdout.readline() != b"ready\n":
        raise ValueError("the attacking run did not start")
    with Held(scene):
        gc(scene)
    gc(scene)
    out, err = process.communicate(b"\n", timeout=30)
    return [scene.finish(process, out, err, 0)]


def at_once(scene, launcher):
    """Fifty attacks, ten at a time, with gc called all the while."""
    if launcher != "paddock":
        return [scene.run(launcher, PLANT)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(scene.popen(scene.command("paddock", PLANT)).communicate, timeout=60) for _ in range(RUNS)]
        for run in runs:
            gc(scene)
            run.result()
    return [scene.run(launcher, PLANT)]


ROWS = (
    Attack("protected names, beside a run whose policy protects nothing", "protected", setup=lax,
           execute=beside(("--policy", "{root}/lax.toml"))),
    Attack("protected names, beside a run with an open network", "protected", execute=beside(("--net", "open"))),
    Attack("protected names, after gc was called beside two runs", "protected", execute=beside(collect=True)),
    Attack("protected names, once another run has ended and gc was called", "protected", setup=nothing, execute=after_another),
    Attack("protected names, fifty runs at once and gc meanwhile", "protected", execute=at_once, timeout=120),
)
