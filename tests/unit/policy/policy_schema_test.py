"""Holds the published schema of policies and the parser together: what the one takes or refuses, the other does too.

    python3 policy_schema_test.py PADDOCK SCHEMA_DIR EXAMPLES_DIR

Every policy is written as JSON and, where TOML can say it, as TOML, and given to `paddock policy check`. A refusal must
have status 2 and name the key. Rows of PARSER_ALONE are those that no schema can tell; should it refuse one after all,
the row is in the wrong table. At last, real reports are held against the schema of reports.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import jsonschema

TEXT, NUMBER, BOOLEAN, LIST, TABLE = "text", "number", "boolean", "list", "table"

# What each key takes. A value of every other type is refused, and so is a key of the schema that has no row.
KINDS = {
    "extends": {TEXT}, "strict": {BOOLEAN}, "workload": {TEXT}, "command_os": {TEXT}, "capabilities": {LIST},
    "filesystem": {TABLE}, "filesystem.write": {LIST}, "filesystem.deny_write": {LIST}, "filesystem.read_only": {LIST},
    "filesystem.read": {TEXT}, "filesystem.deny_read": {LIST}, "filesystem.tmp": {TEXT}, "filesystem.home": {TEXT},
    "network": {TABLE}, "network.mode": {TEXT}, "network.allow": {LIST}, "network.unix_sockets": {LIST},
    "environment": {TABLE}, "environment.inherit": {LIST}, "environment.scrub": {LIST}, "environment.set": {TABLE},
    "limits": {TABLE}, "limits.wall": {TEXT}, "limits.cpu": {TEXT}, "limits.memory": {TEXT, NUMBER},
    "limits.processes": {NUMBER}, "limits.output": {TEXT, NUMBER}, "limits.file_size": {TEXT, NUMBER},
    "require": {TABLE}, "require.write": {TEXT}, "require.read": {TEXT}, "require.network": {TEXT},
    "require.tree": {TEXT}, "require.process": {TEXT}, "require.ui": {TEXT}, "require.limits": {TEXT},
    "require.workspace": {TEXT}, "require.host_change": {TEXT},
    "backend": {TABLE}, "backend.prefer": {TEXT}, "backend.allow": {LIST},
    "backend.wsl_distribution": {TEXT},
}

# One of each type. The text is no value of any key, so that it is wrong for keys that take texts, too.
SAMPLES = {TEXT: "Nothing Of The Kind=", NUMBER: -7, "fraction": 1.5, BOOLEAN: True, LIST: [7], TABLE: {"x": 7}, "null": None}

# (key, value): refused by both.
REFUSED = [
    # unknown keys
    ("wirte", []), ("Extends", "coding"), ("write", ["."]), ("", 1), ("sandbox", {"mode": "off"}),
    ("filesystem.wirte", []), ("filesystem.deny-write", []), ("filesystem.", []), ("network.proxy", "x"),
    ("limits.write", []), ("limits.walls", "1m"), ("backend.forced", "wsl2"), ("environment.keep", ["A"]),
    # wrong nesting
    ("filesystem.filesystem", {"write": ["."]}), ("filesystem.write", [["."]]), ("network.allow", [{"host": "a.org"}]),
    ("environment.set", {"A": {"B": "c"}}), ("environment.set", {"A": 1}), ("environment.set", {"A": ["b"]}),
    ("require", {"write": {"level": "confined"}}), ("limits.memory", {"soft": "1GiB"}), ("extends", ["coding"]),
    # values that are none of the list
    ("extends", "codng"), ("extends", ""), ("extends", "Coding"), ("workload", "shell"), ("command_os", "windows"),
    ("filesystem.read", "all"), ("filesystem.tmp", "none"), ("filesystem.home", "readonly"), ("network.mode", "on"),
    ("network.mode", ""), ("backend.prefer", "speed"), ("backend.wsl_distribution", ""),
    ("backend.wsl_distribution", "-d"), ("backend.wsl_distribution", "a b"), ("backend.wsl_distribution", 65 * "a"), ("require", {"wirte": "confined"}),
    ("require", {"write": "strong"}), ("require", {"network": "confined"}), ("require", {"tree": ""}),
    # paths
    ("filesystem.write", [""]), ("filesystem.write", [" a"]), ("filesystem.write", ["a\t"]),
    ("filesystem.write", ["a\0b"]), ("filesystem.write", ["$HOME/x"]), ("filesystem.write", ["${HOME}/x"]),
    ("filesystem.write", ["%TEMP%\\x"]), ("filesystem.write", ["file:///x"]), ("filesystem.write", ["~root/x"]),
    ("filesystem.write", [".."]), ("filesystem.write", ["../x"]), ("filesystem.write", ["~/.."]),
    ("filesystem.write", ["\\\\?\\C:\\x"]), ("filesystem.write", ["\\\\.\\pipe"]), ("filesystem.write", ["a\\b"]),
    ("filesystem.write", ["\\a"]), ("filesystem.write", ["*.c"]), ("filesystem.write", ["a?"]),
    ("filesystem.write", ["[*"]), ("filesystem.write", ["[[]*]"]), ("filesystem.write", ["./~x"]),
    ("filesystem.read_only", ["**"]), ("network.unix_sockets", ["/run/*.sock"]), ("network.unix_sockets", [""]),
    ("filesystem.deny_read", ["[a-z]*.pem"]), ("filesystem.deny_read", ["[!a]"]), ("filesystem.deny_read", ["[^a]"]),
    ("filesystem.deny_read", ["a**"]), ("filesystem.deny_read", ["**a/b"]), ("filesystem.deny_read", ["***"]),
    ("filesystem.deny_read", ["**/{.env,.pem}"]), ("filesystem.deny_read", ["{a,b}/*"]),
    ("filesystem.deny_write", [""]), ("filesystem.deny_write", ["\\a\\*"]),
    # hosts
    ("network.allow", [""]), ("network.allow", ["*"]), ("network.allow", ["*.*.org"]), ("network.allow", ["a.*.org"]),
    ("network.allow", ["https://a.org"]), ("network.allow", ["10.0.0.0/8"]), ("network.allow", ["::1"]),
    ("network.allow", ["[x]"]), ("network.allow", ["a.org:"]), ("network.allow", ["a.org:0"]),
    ("network.allow", ["a.org:https"]), ("network.allow", ["-a.org"]), ("network.allow", ["a..org"]),
    ("network.allow", ["a.org."]), ("network.allow", ["a b"]), ("network.allow", ["a.org:65536"]),
    ("network.allow", ["a.org:000443"]), ("network.allow", [64 * "a" + ".org"]),
    # names
    ("environment.inherit", [""]), ("environment.inherit", ["A=B"]), ("environment.inherit", ["*_X"]),
    ("environment.inherit", ["A B"]), ("environment.scrub", [""]), ("environment.scrub", ["A=*"]),
    ("environment.scrub", ["A\n*"]), ("environment.set", {"": "x"}), ("environment.set", {"A=": "x"}),
    ("environment.set", {"A*": "x"}), ("environment.set", {"A": "x\0"}), ("capabilities", [""]),
    ("capabilities", ["a b"]), ("capabilities", ["-a"]), ("capabilities", [129 * "a"]), ("backend.allow", [""]),
    ("backend.allow", ["Linux"]), ("backend.allow", ["linux_landlock:landlock"]), ("backend.allow", [65 * "a"]),
    ("backend.allow", []),
    # units
    ("limits.wall", ""), ("limits.wall", "10"), ("limits.wall", "10 m"), ("limits.wall", "1.5h"),
    ("limits.wall", "-1m"), ("limits.wall", "5s1m"), ("limits.wall", "1m1m"), ("limits.wall", "0s"),
    ("limits.wall", "m"), ("limits.wall", "1w"), ("limits.wall", "None"), ("limits.cpu", 10), ("limits.memory", ""),
    ("limits.memory", "4G"), ("limits.memory", "4gib"), ("limits.memory", "4 GiB"), ("limits.memory", "0B"),
    ("limits.memory", "-4GiB"), ("limits.memory", "GiB"), ("limits.memory", "1.5GiB"), ("limits.output", "unlimited"),
    # ranges
    ("limits.memory", 0), ("limits.memory", 1048575), ("limits.memory", 2**63), ("limits.memory", -1),
    ("limits.processes", 0), ("limits.processes", 4194305), ("limits.processes", "512"), ("limits.processes", 1.5),
    ("limits.output", 0), ("limits.file_size", 2**64),
]

# (key that the message must name, policy): only the parser can tell.
PARSER_ALONE = [
    # contradictions between keys
    ("network.allow", {"network": {"mode": "off", "allow": ["a.org"]}}),
    ("network.allow", {"network": {"allow": ["a.org"]}}),
    ("require.network", {"network": {"mode": "open"}, "require": {"network": "off"}}),
    ("capabilities", {"capabilities": ["internetClient"]}),
    ("filesystem.write", {"filesystem": {"write": ["src"], "deny_write": ["src"]}}),
    ("filesystem.write", {"filesystem": {"write": ["src/a"], "deny_read": ["**/a"]}}),
    ("backend.allow", {"backend": {"allow": ["@inherited"]}}),
    # arithmetic
    ("limits.wall", {"limits": {"wall": "200000d"}}),
    ("limits.memory", {"limits": {"memory": "1KiB"}}),
    ("limits.output", {"limits": {"output": "99999999TiB"}}),
    ("limits.processes", {"limits": {"processes": 512.0}}),  # an integer in JSON Schema, a fraction in TOML
    ("network.allow[0]", {"network": {"mode": "brokered", "allow": ["256.1.1.1"]}}),
    ("network.allow[0]", {"network": {"mode": "brokered", "allow": [5 * (62 * "a" + ".") + "org"]}}),
    # names counted against "..", and what is left after that
    ("filesystem.write[0]", {"filesystem": {"write": ["a/../../x"]}}),
    ("filesystem.write[0]", {"filesystem": {"write": ["a/../~x"]}}),
]

# Taken by both, though they look odd: the schema must not be stricter than the parser.
TAKEN = [
    {}, {"$schema": "policy.schema.json"}, {"strict": False}, {"environment": {"set": {"A": ""}}},
    {"filesystem": {"write": [".", "-rf", "..a", "a b", "/..", "~", "[*]", "[?]x", "[[]a", "a[b", "[id]/x", "{a,b}",
                              "\u00a0x", "/a\\b", "C:\\a\\..\\b", "c:/x", "\\\\server\\share\\a"], "deny_write": []}},
    {"filesystem": {"deny_read": ["**/.env", "a/*/b?", "@inherited", "{a,b}", "C:\\x\\**\\.env", "c:/x/**/*.pem"]}},
    {"network": {"mode": "brokered", "allow": ["localhost", "*.a.org:0443", "[2001:DB8::1]:443", "1.2.3.4:80",
                                               "_srv.a.org", "a.org:65535", 63 * "a" + ".org"]}},
    {"environment": {"inherit": ["*", "LC_*", "ProgramFiles(x86)"], "scrub": ["*_TOKEN*", "*"]}},
    {"extends": "packaged-app", "capabilities": ["internetClient", "a.b-c_d", "@inherited"]},
    {"limits": {"wall": "1d2h3m4s5ms", "cpu": "none", "memory": "0001GB", "processes": 4194304, "output": 2**63 - 1,
                "file_size": "1"}},
    {"limits": {"wall": "5ms", "cpu": "1h30m", "memory": 1048576, "processes": "none", "output": "1B"}},
    {"require": {"read": "none", "host_change": "permanent"}, "backend": {"allow": ["linux_landlock", "x9_"]}},
]


def nested(key, value):
    for part in reversed(key.split(".", 1)):
        value = {part: value}
    return value


def wrong_types():
    for key, right in KINDS.items():
        for kind, value in SAMPLES.items():
            # What has the right type is wrong inside or by its value, but for a truth.
            if kind != BOOLEAN or kind not in right:
                yield key, value


def to_toml(value):
    """`value` as TOML, or None where TOML has no word for it."""
    if isinstance(value, dict):
        pairs = {json.dumps(key): to_toml(item) for key, item in value.items()}
        return None if None in pairs.values() else "{" + ", ".join(f"{key} = {item}" for key, item in pairs.items()) + "}"
    if isinstance(value, list):
        items = [to_toml(item) for item in value]
        return None if None in items else "[" + ", ".join(items) + "]"
    if value is None or (isinstance(value, int) and abs(value) >= 2**63):
        return None
    return json.dumps(value)


def document_of(policy):
    lines = [None if (text := to_toml(value)) is None else f"{json.dumps(key)} = {text}\n" for key, value in policy.items()]
    return None if None in lines else "".join(lines)


class Parser:
    def __init__(self, paddock, directory):
        self.paddock, self.directory = paddock, pathlib.Path(directory)

    def check(self, file):
        return subprocess.run([self.paddock, "policy", "check", file], capture_output=True, text=True, check=False, timeout=60)

    def forms(self, policy):
        yield "json", json.dumps(policy)
        toml = document_of(policy)
        if toml is not None:
            assert tomllib.loads(toml) == policy, toml
            yield "toml", toml

    def complaint(self, policy, key):
        """What is wrong with how the policy is taken (key None) or refused, naming `key`."""
        for ending, text in self.forms(policy):
            file = self.directory / f"policy.{ending}"
            file.write_text(text, encoding="utf-8")
            ran = self.check(file)
            said = ran.stderr.replace(str(file), "FILE")
            if key is None:
                if ran.returncode != 0:
                    return f"{ending}: refused: {said}"
            elif ran.returncode != 2 or not names(said, key):
                return f"{ending}: status {ran.returncode}, {said!r} does not refuse {key}"
        return None


def names(said, key):
    """Whether a message names the key, or one below it."""
    return said.startswith("paddock: ") and re.search(rf"(^|[\s:]){re.escape(key)}([.\[:\s]|$)", said) is not None


def shown(key):
    return ".".join(part if part else '""' for part in key.split(".")) if key else '""'


def schema_keys(schema):
    for name, value in schema["properties"].items():
        if name == "$schema":
            continue
        yield name
        if name != "environment.set" and value.get("type") == "object":
            yield from (f"{name}.{below}" for below in value["properties"])


def hold_policies(parser, schema):
    validator = jsonschema.Draft7Validator(schema)
    failures = [f"key without a row: {key}" for key in set(schema_keys(schema)) ^ set(KINDS)]
    rows = [(nested(key, value), shown(key), False) for key, value in [*wrong_types(), *REFUSED]]
    rows += [(policy, key, True) for key, policy in PARSER_ALONE]
    rows += [(policy, None, True) for policy in TAKEN]
    for policy, key, valid in rows:
        complaint = parser.complaint(policy, key)
        if complaint is not None:
            failures.append(f"parser: {policy}: {complaint}")
        if validator.is_valid(policy) != valid:
            failures.append(f"schema: {policy}: {'refused' if valid else 'taken'}")
    return failures, len(rows)


def hold_examples(parser, schema, examples):
    validator = jsonschema.Draft7Validator(schema)
    failures = []
    files = sorted(pathlib.Path(examples).rglob("*.toml"))
    if not files:
        failures.append(f"no examples in {examples}")
    for file in files:
        failures += [f"{file.name}: {error.message}" for error in validator.iter_errors(tomllib.loads(file.read_text()))]
        ran = parser.check(file)
        if ran.returncode != 0:
            failures.append(f"{file.name}: {ran.stderr}")
    return failures, len(files)


# Options and command of real runs: one that ends well, one that does not start, one that is refused. Where this host
# has no sandbox all of them are refused, which is a report, too.
RUNS = [["--", "true"], ["--", "/no/such/program"], ["--workspace", "/no/such/place", "--", "true"]]


def hold_reports(paddock, schema, directory):
    validator = jsonschema.Draft7Validator(schema)
    failures = []
    workspace, report = pathlib.Path(directory) / "workspace", pathlib.Path(directory) / "report.json"
    workspace.mkdir()
    for options in RUNS:
        report.unlink(missing_ok=True)
        subprocess.run([paddock, "run", "--report", report, *options], cwd=workspace, capture_output=True, check=False,
                       timeout=60)
        failures += [f"report of {options}: {list(error.path)}: {error.message}"
                     for error in validator.iter_errors(json.loads(report.read_text()))]
    return failures, len(RUNS)


def main(paddock, schema_dir, examples):
    schemas = pathlib.Path(schema_dir)
    policies = json.loads((schemas / "policy.schema.json").read_text())
    reports = json.loads((schemas / "report.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(policies)
    with tempfile.TemporaryDirectory() as directory:
        parser = Parser(paddock, directory)
        results = [hold_policies(parser, policies), hold_examples(parser, policies, examples),
                   hold_reports(paddock, reports, directory)]
    failures = [failure for found, _ in results for failure in found]
    counts = "{} policies, {} examples, {} reports".format(*(count for _, count in results))
    print("\n".join(failures) if failures else f"{counts}: schema and parser agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
