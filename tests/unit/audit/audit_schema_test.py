"""Validates what the audit writes against the published schema, and the schema against wrong documents.

    python3 audit_schema_test.py SCHEMA SAMPLES_PROGRAM
"""

import copy
import json
import subprocess
import sys

import jsonschema

# (name, change): each turns a good audit into one that must not validate.
WRONG = [
    ("unknown key", lambda d: d.update(extra=1)),
    ("other version", lambda d: d.update(schema="paddock.audit/2")),
    ("no summary", lambda d: d.pop("summary")),
    ("negative count", lambda d: d["summary"].update(high=-1)),
    ("unknown severity", lambda d: d["findings"][0].update(severity="grave")),
    ("id with spaces", lambda d: d["findings"][0].update(id="not an id")),
    ("finding without why", lambda d: d["findings"][0].update(why="")),
    ("finding of nothing", lambda d: d["findings"][0].update(count=0)),
    ("path without note", lambda d: d["findings"][0]["paths"][0].pop("note")),
    ("command that is no text", lambda d: d["findings"][0]["commands"].append(1)),
    ("scan that says nothing of its end", lambda d: d["scan"].pop("complete")),
]


def main(schema_file, samples_program):
    with open(schema_file, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    audits = json.loads(subprocess.run([samples_program], check=True, capture_output=True).stdout)
    failures = [f"audit {i}: {list(error.path)}: {error.message}"
                for i, audit in enumerate(audits) for error in validator.iter_errors(audit)]
    for name, change in WRONG:
        wrong = copy.deepcopy(audits[0])
        change(wrong)
        if validator.is_valid(wrong):
            failures.append(f"accepted although wrong: {name}")
    print("\n".join(failures) if failures else f"{len(audits)} audits valid, {len(WRONG)} wrong ones refused")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
