#!/usr/bin/python3
"""What developers do every day must work inside, under the default profile: each script runs outside, then inside.

A tool that is not installed fails the suite, unless it is among the OPTIONAL ones. What is deliberately not possible
inside is a row, too: it has to fail, and to tell the user why.
"""

import concurrent.futures
import glob
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import realwork_build
import realwork_git
import realwork_services
import realwork_shell
from harness import SYSTEM_PATH, Lab, Scene, accounts, arguments, table, tell
from realwork_common import DEFAULT_TIER, OPTIONAL, nothing
from realwork_tiers import refusal_of

SECTIONS = (
    ("git", realwork_git.WORKS),
    ("Compilers, debuggers, package managers", realwork_build.WORKS),
    ("Python, node, servers, databases, agents", realwork_services.WORKS),
    ("Shell, terminals, signals, accounts", realwork_shell.WORKS))


def attempt(lab, who, work, launcher):
    """Runs the work once; gives None or why it failed, and the output of a script."""
    scene = Scene(lab, who, "work")
    try:
        work.setup(scene)
        if work.drive is not nothing:
            return work.drive(scene, launcher), ""
        ran = scene.run(launcher, ("/bin/bash", "-e", "-o", "pipefail", "-c", work.script))
        output = (ran.out + b"\n" + ran.err).decode("utf-8", "replace")
        if ran.status != 0:
            return f"status {ran.status}: {ran.tail()}", output
        if work.expect not in ran.out.decode("utf-8", "replace"):
            return f"no '{work.expect}' in the output: {ran.tail()}", output
        return None, output
    finally:
        scene.close()


def refused(lab, who, work, launcher, refusal):
    """None if the work failed as it is meant to, in the system's words; else what is wrong."""
    why, output = attempt(lab, who, work, launcher)
    if why is None:
        return f"works, and is documented as refused: {refusal.why}"
    if "paddock: " in output and why.startswith("status 125"):
        return f"the run was refused, not the work in it: {why}"
    return None if refusal.says in output + why else f"refused without '{refusal.says}': {why}"


def missing_tools(work):
    return [tool for tool in work.tools if not (glob.glob(tool) if "/" in tool else shutil.which(tool, path=SYSTEM_PATH))]


def judge(lab, who, work, tier):
    """"works", "refused", "missing: tools", "not run: why", or "FAILED: why"."""
    if missing := missing_tools(work):
        return ("missing: " if set(missing) <= set(OPTIONAL) else "FAILED: missing: ") + ", ".join(missing)
    if lacks := work.needs(who):
        return f"not run: {lacks}"
    refusal = refusal_of(work, tier, who)
    if refusal and refusal.outside:
        why = refused(lab, who, work, "outside", refusal)
    else:
        why, _ = attempt(lab, who, work, "outside")
    if why:
        return f"FAILED: outside too: {why}"
    if refusal:
        why = refused(lab, who, work, lab.launcher, refusal)
        return f"FAILED: {why}" if why else "refused"
    why, _ = attempt(lab, who, work, lab.launcher)
    return f"FAILED: {why}" if why else "works"


def short(text):
    return text.split(": ")[0]


def markers(tier):
    return f"<!-- work table, {tier}: begin -->", f"<!-- work table, {tier}: end -->"


def document(results, tier, people):
    """The table of docs/verification.md."""
    lines = ["", f"Tier `{tier}`, run on Linux {platform.release().split('-')[0]}, {platform.machine()}."]
    for section, rows in results:
        lines += ["", f"### {section}", "", "| work | root | user |", "|---|---|---|"]
        for work, cells in rows:
            reasons = sorted({r.why for who in people if (r := refusal_of(work, tier, who))})
            reasons += sorted({text for text in cells.values() if text.startswith(("not run", "missing"))})
            note = f" ({'; '.join(reasons)})" if reasons else ""
            lines.append(f"| {work.name}{note} | {short(cells.get('root', 'not run'))} | {short(cells.get('user', 'not run'))} |")
    return "\n".join(lines) + "\n"


def write_document(path, results, tier, people):
    text = Path(path).read_text()
    begin, end = (text.index(marker) for marker in markers(tier))
    Path(path).write_text(text[:begin + len(markers(tier)[0])] + "\n" + document(results, tier, people) + text[end:])


def main():
    parser = arguments(__doc__, required=False)
    parser.add_argument("--under", default="paddock", choices=("paddock", "bwrap"))
    parser.add_argument("--section", default="", help="run the sections whose heading contains this")
    parser.add_argument("--jobs", type=int, default=2, help="rows at once: they share nothing but the machine")
    parser.add_argument("--write-doc", metavar="FILE")
    options = parser.parse_args()
    lab = Lab(options.paddock, launcher=options.under, run_flags=options.run_flag, relay=options.relay)
    lab.keep = options.keep
    tier = options.tier or DEFAULT_TIER
    people, notes = accounts()
    for who in people:
        lab.template(who)
    begin = time.monotonic()
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)

    def started(work, who):
        first = time.monotonic()
        try:
            text = judge(lab, who, work, tier)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            text = f"FAILED: harness: {type(error).__name__}: {error}"
        if options.verbose:
            print(f"{time.monotonic() - first:6.2f} s  {work.name} ({who.name}): {text}", flush=True)
        return text

    wanted = [(section, [work for work in works if options.only in work.name]) for section, works in SECTIONS
              if options.section.lower() in section.lower()]
    running = {(work.name, who.name): pool.submit(started, work, who) for _, works in wanted for work in works for who in people}
    results = [(section, [(work, {who.name: running[work.name, who.name].result() for who in people}) for work in works])
               for section, works in wanted]
    failed = report(results, notes, time.monotonic() - begin)
    if options.write_doc:
        write_document(options.write_doc, results, tier, people)
    return 1 if failed else 0


def report(results, notes, seconds):
    """Prints everything; true if something failed, or nothing ran."""
    rows = [row for _, kept in results for row in kept]
    table([(work.name, *(short(cells.get(n, "not run")) for n in ("root", "user"))) for work, cells in rows], ("work", "root", "user"))
    notes += [f"{work.name}: {text}" for work, cells in rows for text in sorted(set(cells.values())) if text.startswith(("missing", "not run"))]
    failures = [f"{work.name} ({name}): {text}" for work, cells in rows for name, text in cells.items() if text.startswith("FAILED")]
    tell(notes, failures)
    ran = sum(text in ("works", "refused") for _, cells in rows for text in cells.values())
    print(f"\n{len(rows)} kinds of work, {len(failures)} failures; {seconds:.0f} s")
    return bool(failures) or not ran


if __name__ == "__main__":
    sys.exit(main())
