#!/usr/bin/python3
"""The attack suite: every attack succeeds outside the sandbox (the control) and leaves no trace on the host inside.

The state of the host decides: files, listeners, bystanders, processes. Only for attacks that read, the secret must not
be in the output either. Prints the table; --write-doc puts it into docs/threat-model.md.
"""

import concurrent.futures
import faulthandler
import platform
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import attacks_agent
import attacks_concurrency
import attacks_files
import attacks_home
import attacks_network
import attacks_processes
import attacks_resources
import attacks_workspaces
from attacks_common import nothing, standard_watches
from attacks_declared import TIERS, excuse, not_claimed
from harness import Lab, Scene, accounts, arguments, table, tell

SECTIONS = (
    ("Files", attacks_files.ROWS),
    ("Network and IPC", attacks_network.ROWS),
    ("Processes", attacks_processes.ROWS),
    ("Resources and lifetime", attacks_resources.ROWS),
    ("The agent's own attack", attacks_agent.ROWS),
    ("Workspaces", attacks_workspaces.ROWS),
    ("Several runs at once", attacks_concurrency.ROWS),
    ("The kept home", attacks_home.ROWS),
)
# A verdict's first word, and what it says of the cells that have it.
RAN = {"stopped": "stopped", "refused": "refused", "declared": "not held and declared so", "unclaimed": "held without a claim",
       "open": "known to be open"}
MARKERS = ("<!-- attack table: begin -->", "<!-- attack table: end -->")


def run_held(scene, row, launcher):
    """Runs the command until it says that it holds, looks at the host, then lets it go."""
    command = [scene.fill(p) for p in row.prefix] + scene.command(launcher, row.argv, row.flags, scene.fill(row.workspace))
    scene.report_path.unlink(missing_ok=True)
    begin = time.monotonic()
    process = scene.popen(command, **{"stdin": subprocess.PIPE, **row.popen(scene)})
    watchdog = threading.Timer(row.timeout, process.kill)
    watchdog.start()
    out = b""
    while line := process.stdout.readline():
        out += line
        if line == b"holding\n":
            break
    found = []
    if line:
        row.during(scene)
        found = [(kind, text) for kind, watch in getattr(scene, "during_watches", []) if (text := watch())]
    rest, err = process.communicate(timeout=row.timeout)
    watchdog.cancel()
    return scene.finish(process, out + rest, err, time.monotonic() - begin), found


def run_row(scene, row, launcher):
    """One row once: what ran, and the damage on the host as (kind, sentence)."""
    found = []
    if row.execute is not None:
        runs = row.execute(scene, launcher)
    elif row.hold:
        ran, found = run_held(scene, row, launcher)
        runs = [ran]
    else:
        runs = [scene.run(launcher, row.argv, row.flags, scene.fill(row.workspace), timeout=row.timeout, prefix=row.prefix,
                          **row.popen(scene))]
    if launcher == "paddock" and (left := scene.survivors()):
        found.append(("survived", f"{len(left)} processes outlived the run"))
    found += scene.damage()
    getattr(scene, "after", lambda: None)()  # what the host then does may change what was looked at: only its own watch
    found += [item for item in scene.damage("executed") if item not in found]
    found += [("leaked", leak) for ran in runs if (leak := scene.leaks(ran))]
    if row.tells and any(scene.fill(row.tells).encode() in ran.out for ran in runs):
        found.append(("leaked", f"the output tells {scene.fill(row.tells)}"))
    return runs, found


def in_scene(lab, who, row, function, bare=False, flags=()):
    scene = Scene(lab, who, row.name, flags)
    try:
        if not bare:
            row.setup(scene)
            standard_watches(scene)
        return function(scene)
    finally:
        scene.close()


def control(lab, who, row):
    """The state of the control: "ok", "none: why", or "FAILED: why"."""
    if row.control not in ("outside", "weak"):
        return f"none: {row.control}"
    if row.privileged and who.uid != 0:
        return f"none: {row.privileged}"

    def once(scene):
        runs, found = run_row(scene, row, row.control)
        if row.damage in [kind for kind, _ in found]:
            return "ok"
        if unable := re.search(r"attacker: (\w+): (Function not implemented|Operation not supported)", runs[-1].tail()):
            return f"none: {unable[1]} is not to be had on this host ({unable[2]})"
        return f"FAILED: caused {found or 'nothing'}, not '{row.damage}'; {runs[-1].tail()}"
    return in_scene(lab, who, row, once)


def started(scene, row, runs):
    """Why this run proves nothing, or None: the attack has to have started, or been refused where that is the point."""
    if row.refused:
        if runs[-1].status != 125 or b"paddock: " not in runs[-1].err:
            return f"not refused: status {runs[-1].status}; {runs[-1].tail()}"
        return None
    if row.argv and not (scene.ws / ".ran").exists():
        return f"the attack did not start: status {runs[-1].status}; {runs[-1].tail()}"
    return None


def inside(lab, who, row, tier):
    """"stopped", "refused", "open" (a known residual), "declared: what", "unclaimed: what" or "FAILED: why"."""
    def once(scene):
        runs, found = run_row(scene, row, lab.launcher)
        if not runs:
            return "FAILED: there was no run in the time that it has"
        report = runs[-1].report
        if found and (said := excuse(row, found, report)):
            return f"declared: {said}"
        if found:
            return "open" if row.residual else f"FAILED: {'; '.join(f'{k}: {t}' for k, t in found)}; {runs[-1].tail()}"
        if lab.launcher == "paddock" and tier in row.refused_by and runs[-1].status == 125:
            return "refused"
        if lab.launcher == "paddock" and (why := started(scene, row, runs)):
            return f"FAILED: {why}"
        if said := not_claimed(row, report):
            return f"unclaimed: {said}"
        return "refused" if row.refused else "stopped"
    return in_scene(lab, who, row, once, flags=("--backend", f"linux_landlock:{tier}"))


def cell(lab, who, row, tiers):
    """(control, {tier: verdict}) of one row for one account."""
    if row.who not in ("both", who.name):
        return "-", dict.fromkeys(tiers, f"not for {who.name}")
    if missing := in_scene(lab, who, row, row.needs, bare=True) if row.needs is not nothing else None:
        return "-", dict.fromkeys(tiers, f"not run: {missing}")
    try:
        return control(lab, who, row), {tier: inside(lab, who, row, tier) for tier in tiers}
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return "?", dict.fromkeys(tiers, f"FAILED: harness: {type(error).__name__}: {error}")


def short(text):
    return text if not text.startswith(("FAILED", "none", "not run")) else text.split(":")[0]


def summary_control(row, cells):
    """One cell for both accounts: what the control did, and why there is none where there is none."""
    states = {name: state for name, (state, _) in cells.items()}
    ran = [name for name, state in states.items() if state == "ok"]
    reasons = sorted({state.partition(": ")[2] for state in states.values() if state.startswith("none")})
    if any(state.startswith("FAILED") for state in states.values()):
        return "FAILED"
    if ran and reasons:
        return f"{', '.join(ran)} ({reasons[0]})"
    return "yes" if ran else f"none: {reasons[0]}" if reasons else "-"


def verdicts_of(cells, tier):
    """One cell for both accounts."""
    found = {name: short(verdicts[tier]) for name, (_, verdicts) in cells.items()}
    ran = {name: text for name, text in found.items() if not text.startswith("not for")}
    if len(set(ran.values())) <= 1:
        return next(iter(ran.values()), "-")
    return ", ".join(f"{name} {text}" for name, text in ran.items())


def has_run(cells):
    return any(v.split(":")[0] in RAN for _, verdicts in cells.values() for v in verdicts.values())


def document(results, tiers):
    """The table of docs/threat-model.md."""
    lines = ["", f"Run on Linux {platform.release().split('-')[0]}, {platform.machine()}; \"yes\" under *control*: the same "
             "action succeeded without the sandbox, for each account that ran.", ""]
    for section, rows in results:
        lines += [f"### {section}", "", f"| attack | control | {' | '.join(tiers)} | label |",
                  "|---|---|" + "---|" * len(tiers) + "---|"]
        for row, cells in rows:
            verdicts = [verdicts_of(cells, tier) for tier in tiers]
            note = f" ({row.residual})" if row.residual and any("open" in verdict for verdict in verdicts) else ""
            lines.append(f"| {row.name}{note} | {summary_control(row, cells)} | {' | '.join(verdicts)} | "
                         f"{'linux' if has_run(cells) else 'not run'} |")
        lines.append("")
    return "\n".join(lines)


def write_document(path, results, tiers):
    text = Path(path).read_text()
    begin, end = (text.index(marker) for marker in MARKERS)
    Path(path).write_text(text[:begin + len(MARKERS[0])] + "\n" + document(results, tiers) + text[end:])


def main():
    parser = arguments(__doc__, required=False)
    parser.add_argument("--attacker", required=True, help="the attacker program of tests/cases")
    parser.add_argument("--preload", required=True, help="the preload library of tests/cases")
    parser.add_argument("--under", default="paddock", choices=("paddock", "bwrap"),
                        help="bwrap: see which attacks a bare bubblewrap lets through; nothing is judged")
    parser.add_argument("--section", default="")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="a sample: every Nth attack of a section")
    parser.add_argument("--tiers", default=TIERS[0], help=f"comma-separated, of {', '.join(TIERS)}; each control runs once")
    parser.add_argument("--write-doc", metavar="FILE")
    parser.add_argument("--hangs-after", type=float, default=400, metavar="SECONDS",
                        help="a suite that takes longer says where it stands, and ends; it takes one or two minutes")
    options = parser.parse_args()
    tiers = options.tiers.split(",")
    if not set(tiers) <= set(TIERS):
        parser.error(f"--tiers: one of {', '.join(TIERS)}")
    faulthandler.dump_traceback_later(options.hangs_after, exit=True)
    if options.under == "paddock" and not options.paddock:
        parser.error("--paddock is required")
    lab = Lab(options.paddock, options.attacker, options.under, options.run_flag, relay=options.relay, wsl=options.wsl)
    lab.keep = options.keep
    lab.preload = lab.add(options.preload)
    people, notes = accounts()
    for who in people:
        lab.template(who)
    # One thread an account: most of the time is spent waiting for processes to start and to end.
    pool = concurrent.futures.ThreadPoolExecutor(len(people))
    begin = time.monotonic()
    results, failures, lines = [], [], []
    for section, rows in SECTIONS:
        if options.section.lower() not in section.lower():
            continue
        kept = []
        for row in rows[::options.every]:
            if options.only not in row.name:
                continue
            each = map if row.alone else pool.map
            cells = dict(zip((who.name for who in people), each(lambda who: cell(lab, who, row, tiers), people)))
            kept.append((row, cells))
            failures += failures_of(row, cells)
            if options.verbose:
                print(row.name, cells, flush=True)
            lines.append((row.name, section, summary_control(row, cells), *(verdicts_of(cells, tier) for tier in tiers),
                          "linux" if has_run(cells) else "not run"))
        if rows and kept and not any(has_run(cells) for _, cells in kept):
            failures.append(f"section {section}: nothing ran")
        results.append((section, kept))
    faulthandler.cancel_dump_traceback_later()
    table(lines, ("attack", "section", "control", *tiers, "label"))
    report(results, tiers, notes, failures, time.monotonic() - begin)
    if options.write_doc:
        write_document(options.write_doc, results, tiers)
    return 1 if failures and options.under == "paddock" else 0


def failures_of(row, cells):
    found = [f"{row.name} ({name}): control: {state}" for name, (state, _) in cells.items() if "FAILED" in state]
    return found + [f"{row.name} ({name}, {tier}): {text}" for name, (_, verdicts) in cells.items()
                    for tier, text in verdicts.items() if "FAILED" in text]


def report(results, tiers, notes, failures, seconds):
    cells = [(row, c) for _, rows in results for row, pair in rows for c in pair.values()]
    print(f"\n{sum(len(rows) for _, rows in results)} attacks, {sum(1 for _, c in cells if c[0].startswith('none'))} without a "
          f"control for an account (reason given), {len(failures)} failures; {seconds:.0f} s")
    for tier in tiers:
        words = [verdicts[tier].split(":")[0] for _, (_, verdicts) in cells]
        print(f"{tier}: " + ", ".join(f"{words.count(word)} {text}" for word, text in RAN.items()))
    for row, (_, verdicts) in cells:
        for tier, verdict in verdicts.items():
            if verdict.startswith("not run"):
                notes.append(f"{row.name}: {verdict}")
            if verdict == "open":
                notes.append(f"{row.name}: open: {row.residual}")
            if verdict.startswith("unclaimed"):
                notes.append(f"{row.name} ({tier}): held, although {verdict.partition(': ')[2]} claims no such thing")
    tell(sorted(set(notes)), failures)


if __name__ == "__main__":
    sys.exit(main())
