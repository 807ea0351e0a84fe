"""Validates facts, decisions, plans and diagnoses against the published schemas, and the schemas against wrong documents.

    python3 schema_test.py SCHEMA_DIR SAMPLES_PROGRAM FIXTURES_DIR
"""

import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

# kind: [(name, change)]; each change turns some good document of that kind into one that must not validate.
WRONG = {
    "facts": [
        ("unknown key", lambda d: d.update(extra=1)),
        ("other version", lambda d: d.update(schema="paddock.facts/2")),
        ("text as fact", lambda d: d["host"]["linux"].update(seccomp="yes")),
        ("fact without value", lambda d: d["host"]["linux"].update(seccomp={"source": "x"})),
        ("number as text", lambda d: d["host"]["linux"].update(kernel=6.1)),
        ("unknown path type", lambda d: d["workspace"]["root"].update(type="door")),
        ("negative inode", lambda d: d["workspace"]["root"].update(inode=-1)),
        ("unknown location", lambda d: d["workspace"].update(location="moon")),
    ],
    "decision": [
        ("unknown key", lambda d: d.update(extra=1)),
        ("no schema", lambda d: d.pop("schema")),
        ("candidate without rule", lambda d: d["ranked"][0].update(rule="")),
        ("unknown level", lambda d: d["ranked"][0]["reached"].update(read="maybe")),
        ("rejection without reason", lambda d: d["rejected"][0].update(reasons=[])),
        ("unknown condition", lambda d: d["ranked"][0]["conditions"].append({"condition": "x", "meets": "no", "detail": ""})),
    ],
    "plan": [
        ("unknown key", lambda d: d.update(extra=1)),
        ("unknown mount", lambda d: d["body"]["mounts"].append({"op": "chroot", "target": "/"})),
        ("mount without target", lambda d: d["body"]["mounts"].append({"op": "bind"})),
        ("no body", lambda d: d.update(body=None)),
        ("no uid", lambda d: d["body"].pop("uid")),
        ("approximated without what is missing",
         lambda d: d["verdicts"].append({"rule": "r", "verdict": "approximated", "mechanism": "m"})),
    ],
    "doctor": [
        ("unknown key", lambda d: d.update(extra=1)),
        ("other version", lambda d: d.update(schema="paddock.doctor/2")),
        ("nothing reached", lambda d: d.update(now=[])),
        ("unknown severity", lambda d: d["findings"][0].update(severity="bad")),
        ("no remedy", lambda d: d["findings"][0].update(remedies=[])),
        ("remedy without text", lambda d: d["findings"][0]["remedies"][0].update(text="")),
        ("line with a line break", lambda d: d["findings"][0]["remedies"][0]["lines"].append("a\nb")),
        ("unknown level", lambda d: d["findings"][0]["effects"][0]["levels"].append(
            {"guarantee": "read", "from": "none", "to": "maybe"})),
    ],
}


def main(schema_dir, samples_program, fixtures_dir):
    samples = json.loads(subprocess.run([samples_program], check=True, capture_output=True).stdout)
    samples["facts"] += [json.loads(f.read_text()) for f in sorted(pathlib.Path(fixtures_dir).glob("*.json"))]
    failures = []
    for kind, wrong in WRONG.items():
        schema = json.loads((pathlib.Path(schema_dir) / f"{kind}.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        for index, document in enumerate(samples[kind]):
            for error in validator.iter_errors(document):
                failures.append(f"{kind} {index}: {list(error.path)}: {error.message}")
        if not samples[kind]:
            failures.append(f"no sample of a {kind}")
        for name, change in wrong:
            if not refused_somewhere(samples[kind], change, validator):
                failures.append(f"{kind}: accepted although wrong, or no sample fits: {name}")
    print("\n".join(failures) if failures else ", ".join(f"{len(samples[k])} {k}" for k in WRONG) + ": valid")
    return 1 if failures else 0


def refused_somewhere(documents, change, validator):
    """Whether the change could be made to a document, and every document to which it was made is refused."""
    changed = False
    for document in documents:
        wrong = copy.deepcopy(document)
        try:
            change(wrong)
        except (KeyError, IndexError):
            continue
        changed = True
        if validator.is_valid(wrong):
            return False
    return changed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
