"""The golden plans fit docs/schema/plan.schema.json, and what is not such a plan does not: each member of the body of
each Windows backend taken away where it has to be there, one more put in, and values of the wrong kind.

    python3 plan_schema_test.py SOURCE_DIR
"""

import copy
import json
import sys
import unittest
from pathlib import Path

import jsonschema

SOURCE = None  # set from the arguments
OPTIONAL = {"tree", "below", "cut_off", "directory", "if_children_grant_delete", "absent", "ace", "station", "processes", "memory_bytes", "cpu_ms",
            "wall_ms", "output_bytes"}

# Where, in the plan of scene "names" of a backend, and what would be wrong there.
WRONG = {"windows_token": [
    (("token", "restricting"), []),
    (("token", "restricting", 0), "Everyone"),
    (("token", "restricting", 0), "{capability:1}"),
    (("token", "integrity"), "high"),
    (("token", "default_dacl"), "(A;;GA;;;WD)"),
    (("token", "write_restricted"), "yes"),
    (("roots", 0, "path"), "Users\\dev"),
    (("roots", 0, "changes"), []),
    (("roots", 0, "changes", 0, "ace"), "(A;OICI;FA;;;{capability})"),
    (("roots", 0, "changes", 0, "ace"), "(A;OICIIO;0x1301bf;;;{capability})"),
    (("roots", 0, "changes", 0, "ace"), "(A;OICI;0x1301bf;;;WD)"),
    (("roots", 0, "changes", 0, "tree"), False),
    (("roots", 0, "absent"), []),
    (("job", "ui_limits", 0), "everything"),
    (("job", "processes"), 0),
    (("process", "handles", 0), "fd3"),
    (("process", "mitigations", 0), "win32k"),
    (("process", "cwd"), "."),
    (("desktop", "descriptor"), "O:BA"),
    (("limits", "cpu_ms"), 5),
    (("state_dir",), ""),
], "appcontainer": [
    (("package", "name"), "paddock.app"),
    (("package", "capabilities", 0, "sid"), "S-1-15-2-1"),
    (("package", "lpac"), 1),
    (("roots", 0, "capability"), "{capability}"),
    (("roots", 0, "changes"), []),
    (("roots", 0, "changes", 0, "ace"), "(D;;0x1f01ff;;;{package})"),
    (("roots", 0, "changes", 0, "ace"), "(A;;0x1201bf;;;S-1-15-2-1)"),
    (("roots", 0, "changes", 1, "below"), False),
    (("roots", 0, "absent", 0, "placeholder"), True),
    (("folders", 0, "path"), "C:\\Users\\dev"),
    (("folders", 0, "kept"), True),
    (("job", "processes"), 0),
    (("process", "handles", 0), "fd3"),
], "low_integrity": [
    (("token", "integrity"), "medium"),
    (("token", "default_dacl"), ""),
    (("copies", 0, "to"), "C:\\Users\\dev\\src\\app"),
    (("copies", 0, "to"), "{run_folder}"),
    (("copies", 0, "keep"), "copies"),
    (("folders", 0), "tmp"),
    (("label",), "S:(ML;OICI;NW;;;ME)"),
    (("process", "cwd"), "."),
]}


def objects(value, at=()):
    """Every object below `value`, with the way to it."""
    if isinstance(value, dict):
        yield at, value
        for key, child in value.items():
            yield from objects(child, (*at, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from objects(child, (*at, number))


def reach(value, way):
    for step in way:
        value = value[step]
    return value


class PlanSchemaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads((SOURCE / "docs/schema/plan.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        cls.validator = jsonschema.Draft7Validator(schema)
        cls.goldens = {p: json.loads(p.read_text()) for p in sorted((SOURCE / "tests/golden/plans").rglob("*.json"))}

    def test_every_golden_fits(self):
        backends = {plan["backend"].split(":")[0] for plan in self.goldens.values()}
        self.assertLessEqual({"linux_landlock", *WRONG}, backends)
        for path, plan in self.goldens.items():
            with self.subTest(plan=path.name):
                self.validator.validate(plan)

    def test_every_member_has_to_be_there_and_no_other(self):
        tried = 0
        for path, plan in self.goldens.items():
            if plan["backend"] not in WRONG or path.stem not in ("names", "two_roots", "in_job_limits_tty"):
                continue
            for way, members in objects(plan["body"]):
                for key in [*members, None]:
                    if key in OPTIONAL:
                        continue
                    changed = copy.deepcopy(plan)
                    holder = reach(changed["body"], way)
                    if key is None:
                        holder["extra"] = 1
                    else:
                        del holder[key]
                    self.assertFalse(self.validator.is_valid(changed), (path.name, way, key))
                    tried += 1
        self.assertGreater(tried, 600)

    def test_wrong_values_are_refused(self):
        for backend, wrong in WRONG.items():
            plan = self.goldens[SOURCE / f"tests/golden/plans/{backend}/names.json"]
            for way, value in wrong:
                changed = copy.deepcopy(plan)
                reach(changed["body"], way[:-1])[way[-1]] = value
                self.assertFalse(self.validator.is_valid(changed), (backend, way, value))


if __name__ == "__main__":
    SOURCE = Path(sys.argv.pop(1))
    unittest.main()
