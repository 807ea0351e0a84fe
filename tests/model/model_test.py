"""The reference model against the kernel: random trees and policies, each run once in the sandbox.

    model_test.py --paddock PADDOCK --prober PROBER [--tier namespaces] [--trees 2000] [--seed 1] [--only CASE.json]

Each tree agrees if Paddock refuses exactly where the model does, if every probe inside ends as the model foretells, and if
the host's tree is afterwards what the model has: what could not be written untouched down to inode and ctime, what was done
in the grants there, placeholders gone. A sample of the trees runs without the sandbox too, against the model without a
policy, so that neither a prober that always fails nor a model that knows too little goes unnoticed.

A disagreement is shrunk and printed as a case; with --keep DIR it is written there. The cases in cases/ run first. The same
seed gives the same trees. Started by root it runs as root and as the ordinary account.
"""

import argparse
import dataclasses
import json
import os
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import harness
from generate import generate
from semantics import TIERS
from shrink import shrink
from world import Counts, Disagreement, World

CASES = Path(__file__).resolve().parent / "cases"
CONTROL_EVERY = 10
MOST_FAILURES = 8  # of one worker


def case_of(seed, number, tier):
    return generate(random.Random(f"{seed}:{number}"), TIERS[tier].has_view)


class Worker:
    """One process of one account: takes each `step`th tree."""

    def __init__(self, options, world, send):
        self.options, self.world, self.send = options, world, send
        self.failures = 0

    def judge(self, case, control):
        """None, or the sentence that says what differs."""
        try:
            if control:
                self.world.control(case)
            else:
                self.world.check(case)
        except Disagreement as disagreement:
            return str(disagreement)
        except Exception:  # a bug of the suite is told as a failure of its tree
            return traceback.format_exc()
        return None

    def run(self, name, case, control=False, may_shrink=True):
        sentence = self.judge(case, control)
        if sentence is None:
            return
        self.failures += 1
        if may_shrink:
            counts, self.world.counts = self.world.counts, Counts()  # hundreds of variants of one tree are no sample
            case, sentence = shrink(case, sentence, lambda smaller: self.judge(smaller, control))
            self.world.counts = counts
        self.send({"failed": name, "sentence": sentence, "case": case})

    def run_all(self, first, step):
        began = time.monotonic()
        done = controls = 0
        for number in range(first, self.options.trees, step):
            if self.failures >= MOST_FAILURES:
                break
            case = case_of(self.options.seed, number, self.options.tier)
            self.run(f"tree {number}", case)
            if number % CONTROL_EVERY == 0:
                self.run(f"control of tree {number}", case, control=True)
                controls += 1
            done += 1
        self.send({"trees": done, "controls": controls, **dataclasses.asdict(self.world.counts),
                   "seconds": time.monotonic() - began})


def start_worker(options, lab, who, index, count, work):
    """A child that runs as `who` and sends its findings, one JSON text a line."""
    directory = lab.dir / f"{who.name}-{index}"
    directory.mkdir()
    os.chown(directory, who.uid, who.gid)
    ours, theirs = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    status = 1
    try:
        os.close(ours)
        if who.uid != os.geteuid():
            os.setgroups([])
            os.setgid(who.gid)
            os.setuid(who.uid)
        with os.fdopen(theirs, "w", encoding="utf-8") as pipe:
            world = World(lab.paddock, lab.prober, directory, options.tier)
            work(Worker(options, world, lambda message: pipe.write(json.dumps(message) + "\n")), index, count)
            world.close()
        status = 0
    except BaseException:
        traceback.print_exc()
    os._exit(status)


def run_workers(options, lab, who, count, work):
    """The messages of all workers; a worker that died is one too."""
    messages = []
    workers = [start_worker(options, lab, who, index, count, work) for index in range(count)]
    for pid, pipe in workers:
        with os.fdopen(pipe, encoding="utf-8") as lines:
            messages += [json.loads(line) for line in lines]
        if os.waitpid(pid, 0)[1] != 0:
            messages.append({"failed": "a worker", "sentence": "it died", "case": None})
    return messages


def as_text(case):
    """JSON with an entry of the tree, a probe or a key of the policy on each line."""
    lines = []
    for key, value in case.items():
        inner = ""
        if value and isinstance(value, list):
            inner = "[\n    " + ",\n    ".join(json.dumps(item) for item in value) + "\n  ]"
        elif value and isinstance(value, dict):
            inner = "{\n    " + ",\n    ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n  }"
        lines.append(f"  {json.dumps(key)}: {inner or json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}"


def tell_failure(options, who, message):
    print(f"\nFAILED {message['failed']} of seed {options.seed} as {who.name}: {message['sentence']}")
    text = as_text({"why": message["sentence"], **(message["case"] or {})})
    print(text)
    if options.keep and message["case"]:
        path = Path(options.keep) / f"{who.name}-{options.seed}-{message['failed'].replace(' ', '-')}.json"
        path.write_text(text + "\n")
        print(f"written to {path}")


def kept_cases(only):
    paths = [Path(only)] if only else sorted(CASES.glob("*.json"))
    return [(path.name, json.loads(path.read_text())) for path in paths]


def run_account(options, lab, who):
    """True if all agreed."""
    cases = kept_cases(options.only)

    def work(worker, index, count):
        for name, case in cases[index::count]:
            if options.tier in case.get("tiers", [options.tier]):
                worker.run(name, case, may_shrink=False)
        if not options.only:
            worker.run_all(index, count)

    messages = run_workers(options, lab, who, options.jobs, work)
    failures = [message for message in messages if "failed" in message]
    for message in failures:
        tell_failure(options, who, message)
    print(f"{who.name}: {len(cases)} kept cases", end="")
    if options.only:
        print()
        return not failures
    totals = [message for message in messages if "trees" in message]
    trees, controls, probes, allowed, denied = (
        sum(total[key] for total in totals) for key in ("trees", "controls", "probes", "allowed", "denied"))
    refused = {}
    for total in totals:
        for code, count in total["refusals"].items():
            refused[code] = refused.get(code, 0) + count
    print(f", {trees} trees, {controls} controls, {probes} probes: {allowed} done, {denied} denied by mode or policy, "
          f"{probes - allowed - denied} failed otherwise; {len(failures)} disagreements; "
          f"{max((total['seconds'] for total in totals), default=0):.0f} s")
    print("  refused: " + ", ".join(f"{code} {count}" for code, count in sorted(refused.items())))
    # Neither a sandbox that stops everything nor one that stops nothing may pass.
    balanced = trees < 100 or (allowed > probes / 5 and denied > probes / 10 and sum(refused.values()) < trees / 2)
    if not balanced:
        print("FAILED: done and denied are not both frequent")
    return balanced and not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paddock", required=True)
    parser.add_argument("--prober", required=True)
    parser.add_argument("--tier", default="namespaces", choices=sorted(TIERS))
    parser.add_argument("--trees", type=int, default=2000)
    parser.add_argument("--seed", default="1", help="any text")
    parser.add_argument("--only", help="run one case file")
    parser.add_argument("--keep", help="write shrunk disagreements into this directory")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--account", choices=("root", "user"), help="run as this account alone")
    options = parser.parse_args()
    lab = harness.Lab(options.paddock)
    lab.prober = lab.add(options.prober)
    people, notes = harness.accounts()
    for note in notes:
        print(note)
    print(f"tier {options.tier}, seed {options.seed}", flush=True)
    good = [run_account(options, lab, who) for who in people if options.account in (None, who.name)]
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
