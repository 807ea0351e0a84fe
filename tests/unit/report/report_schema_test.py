"""Validates what the report code writes against the published schema, and the schema against wrong reports."""

import copy
import json
import subprocess
import sys

import jsonschema

ALL_KINDS = {
    "exited", "signalled", "wall", "output", "memory", "processes", "cpu", "refused", "not-found", "not-executable",
    "failed",
}

# (name, change): each turns a good report of a run that exited into one that must not validate.
WRONG = [
    ("unknown key", lambda r: r.update(extra=1)),
    ("unknown schema version", lambda r: r.update(schema="paddock.report/2")),
    ("missing verdicts", lambda r: r.pop("verdicts")),
    ("unknown exit kind", lambda r: r["outcome"].update(kind="vanished")),
    ("exited without a code", lambda r: r["outcome"].pop("code")),
    ("refused without a reason", lambda r: r["outcome"].update(kind="refused", status=125)),
    ("wall limit with another status", lambda r: (r["outcome"].pop("code"), r["outcome"].update(kind="wall", status=0))),
    ("exited although nothing ran", lambda r: r.update(backend=None, promised=None, verdicts=[], applied=[])),
    ("unknown level", lambda r: r["promised"].update(write="absolute")),
    ("level left out", lambda r: r["promised"].pop("host_change")),
    ("unmet required level", lambda r: r["unmet"][0].update(required=True)),
    ("unknown verdict", lambda r: r["verdicts"][0].update(verdict="probably")),
    ("approximated without what is missing", lambda r: r["verdicts"][1].pop("missing")),
    ("violation without evidence", lambda r: r["violations"][0].pop("evidence")),
    ("negative usage", lambda r: r["usage"].update(output_bytes=-1)),
    ("reason code with spaces", lambda r: r["fallbacks"][0]["reason"].update(code="not a code")),
    ("wrong inner report", lambda r: r.update(inner={"schema": "paddock.report/1"})),
]


def main(schema_file, samples_program):
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    reports = json.loads(subprocess.run([samples_program], check=True, capture_output=True).stdout)

    failures = []
    for index, report in enumerate(reports):
        for error in validator.iter_errors(report):
            failures.append(f"report {index} ({report['outcome']['kind']}): {list(error.path)}: {error.message}")
    missing = ALL_KINDS - {report["outcome"]["kind"] for report in reports}
    if missing:
        failures.append(f"no sample of {sorted(missing)}")
    for name, change in WRONG:
        wrong = copy.deepcopy(reports[0])
        change(wrong)
        if validator.is_valid(wrong):
            failures.append(f"accepted although wrong: {name}")

    print("\n".join(failures) if failures else f"{len(reports)} reports valid, {len(WRONG)} wrong ones refused")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
