#!/usr/bin/python3
"""Limits and the other ways a run ends: the exit status, and the typed outcome in the report.

Each row has its control: the same command ends by itself when the limit is out of its reach.
"""

import dataclasses
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from harness import Lab, Scene, accounts, arguments, table, tell

A = "{attacker}"


def nothing(scene):
    return None


@dataclasses.dataclass(frozen=True)
class Limit:
    name: str
    argv: tuple
    kind: str                       # outcome.kind
    status: int                     # of paddock run
    flags: tuple = ()
    control: tuple | None = None    # flags under which the same command ends as `control_argv` says
    control_argv: tuple | None = None
    rule: str = ""                  # the policy's rule whose verdict says how exact the limit is
    workspace: str = "{ws}"
    setup: Callable = nothing
    check: Callable = nothing       # (scene, ran) -> what is wrong, or None
    seconds: float = 20             # within which the run has to end


def policy(limit, value):
    """Limits without a flag of their own."""
    def setup(scene):
        for name, text in (("tight", value), ("wide", "1h" if limit == "cpu" else "1GiB")):
            scene.write(scene.root / f"{name}.toml", f'extends = "coding"\n[limits]\n{limit} = "{text}"\n')
    return setup


TIGHT, WIDE = ("--policy", "{root}/tight.toml"), ("--policy", "{root}/wide.toml")


def not_larger(scene, ran):
    size = (scene.ws / "big").stat().st_size
    return f"the file has {size} bytes" if size > 1 << 20 else None


def not_more_output(scene, ran):
    return f"{len(ran.out)} bytes arrived" if len(ran.out) > 1 << 20 else None


def usage_told(scene, ran):
    usage = ran.report["usage"]
    if usage["output_bytes"] != 3:
        return f"output_bytes is {usage['output_bytes']}, not 3"
    return None if 0 < usage["wall_ns"] < 20e9 and usage["max_resident_bytes"] > 0 else f"usage: {usage}"


def no_executable(scene):
    scene.write(scene.ws / "plain", "not a program\n", 0o644)


ROWS = (
    Limit("exit status 0", ("/bin/sh", "-c", "echo hi"), "exited", 0, check=usage_told),
    Limit("exit status 7", (A, "exit", "7"), "exited", 7),
    Limit("ended by SIGSEGV", ("/bin/sh", "-c", "kill -SEGV $$"), "signalled", 139),
    Limit("ended by SIGTERM", ("/bin/sh", "-c", "kill -TERM $$"), "signalled", 143),
    Limit("ended by SIGKILL", ("/bin/sh", "-c", "kill -KILL $$"), "signalled", 137),
    Limit("no such command", ("/no/such/command",), "not-found", 127),
    Limit("no such command on PATH", ("no-such-command",), "not-found", 127),
    Limit("a file that may not be executed", ("./plain",), "not-executable", 126, setup=no_executable),
    Limit("a directory", ("/usr",), "not-executable", 126),
    Limit("wall", ("/bin/sleep", "600"), "wall", 124, ("--wall", "300ms"), ("--wall", "1h"), ("/bin/sleep", "0"), "limits.wall",
          seconds=5),
    Limit("wall, signals ignored", (A, "ignore-signals"), "wall", 124, ("--wall", "300ms"), seconds=5),
    Limit("wall, a busy loop", (A, "spin"), "wall", 124, ("--wall", "300ms"), seconds=5),
    Limit("wall, stopped", (A, "stop-self"), "wall", 124, ("--wall", "300ms"), seconds=5),
    Limit("wall, a terminal", ("/bin/sleep", "600"), "wall", 124, ("--wall", "300ms", "--tty", "always"), seconds=5),
    Limit("output", (A, "flood", "32"), "output", 125, ("--output", "1MiB"), ("--output", "64MiB"), None, "limits.output",
          check=not_more_output),
    Limit("output to stderr", ("/bin/sh", "-c", "{attacker} flood 32 >&2"), "output", 125, ("--output", "1MiB"),
          ("--output", "64MiB")),
    Limit("cpu", (A, "spin"), "cpu", 125, TIGHT, WIDE, (A, "exit", "0"), "limits.cpu",
          setup=policy("cpu", "1s")),
    Limit("memory", (A, "hog-memory", "600"), "memory", 125, ("--memory", "256MiB"), ("--memory", "4GiB"), None, "limits.memory"),
    Limit("processes", (A, "fork-many", "1000"), "processes", 125, ("--processes", "400"), ("--processes", "4000"), None,
          "limits.processes"),
    Limit("file_size", (A, "write-big-file", "8", "{ws}/big"), "exited", 1, TIGHT, WIDE, None, "limits.file_size",
          setup=policy("file_size", "1MiB"), check=not_larger),
    Limit("a workspace that is refused", ("/bin/true",), "refused", 125, workspace="/"),
    Limit("a requirement that nothing reaches", ("/bin/true",), "refused", 125, ("--require", "ui=separate-machine")),
)

# How these limits may end without a cgroup: the allocation or the fork fails inside, and the command goes on.
SOFT = {"memory": ("exited", "signalled", "memory"), "processes": ("exited", "processes")}


def verdict(report, rule):
    for entry in report.get("verdicts", []):
        if entry["rule"].startswith(rule):
            return entry
    return None


def shape(report, schema):
    """The part of the schema that matters to a reader: all keys there, none unknown, the kind one of the list."""
    missing = [key for key in schema["required"] if key not in report]
    unknown = [key for key in report if key not in schema["properties"]]
    kinds = schema["definitions"]["outcome"]["properties"]["kind"]["enum"]
    if missing or unknown:
        return f"report: missing {missing}, unknown {unknown}"
    return None if report["outcome"]["kind"] in kinds else f"report: kind {report['outcome']['kind']}"


def judge(scene, row, schema, expect_cgroup):
    begin = time.monotonic()
    ran = scene.run("paddock", row.argv, row.flags, scene.fill(row.workspace))
    took = time.monotonic() - begin
    if ran.report is None:
        return f"no report; status {ran.status}: {ran.tail()}"
    if wrong := shape(ran.report, schema):
        return wrong
    kind = ran.outcome()["kind"]
    expected, status = (row.kind,), (row.status,)
    note = verdict(ran.report, row.rule) if row.rule else None
    if row.rule and note is None:
        return f"no verdict for {row.rule}"
    if row.kind in SOFT and expect_cgroup and "cgroup" not in note["mechanism"]:
        return f"{row.rule} by {note['mechanism']}, not by a cgroup"
    if row.kind in SOFT and "cgroup" not in note["mechanism"]:
        expected, status = SOFT[row.kind], (0, 1, row.status)
    if kind not in expected or ran.status not in status:
        return f"{kind}, status {ran.status}; expected {row.kind}, {row.status}: {ran.tail()}"
    if ran.outcome()["status"] != ran.status:
        return f"the report says status {ran.outcome()['status']}, the launcher ended with {ran.status}"
    if took > row.seconds:
        return f"took {took:.1f} s"
    if left := scene.survivors():
        return f"{len(left)} processes live on"
    if wrong := row.check(scene, ran) if row.check is not nothing else None:
        return wrong
    if row.control is not None:
        free = scene.run("paddock", row.control_argv or row.argv, row.control)
        if free.status != 0 or free.outcome().get("kind") != "exited":
            return f"control: {free.outcome().get('kind')}, status {free.status}: {free.tail()}"
    return None


def main():
    parser = arguments(__doc__)
    parser.add_argument("--attacker", required=True)
    parser.add_argument("--schema", required=True, help="docs/schema/report.schema.json")
    parser.add_argument("--expect-cgroup", action="store_true",
                        help="fail where memory and processes are not limited by a cgroup of the run's own")
    options = parser.parse_args()
    lab = Lab(options.paddock, options.attacker, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    schema = json.loads(Path(options.schema).read_text())
    people, notes = accounts()
    begin, lines, failures = time.monotonic(), [], []
    for row in ROWS:
        if options.only not in row.name:
            continue
        cells = {}
        for who in people:
            scene = Scene(lab, who, "limit")
            try:
                row.setup(scene)
                cells[who.name] = judge(scene, row, schema, options.expect_cgroup)
            finally:
                scene.close()
        failures += [f"{row.name} ({name}): {why}" for name, why in cells.items() if why]
        lines.append((row.name, row.kind, row.status, *("FAILED" if cells.get(n) else "ok" if n in cells else "not run"
                                                        for n in ("root", "user"))))
    table(lines, ("limit", "kind", "status", "root", "user"))
    tell(notes, failures)
    print(f"\n{len(lines)} rows, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
