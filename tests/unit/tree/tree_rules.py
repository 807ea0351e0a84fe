"""The rules of the tree that no compiler checks: who may include whom, where OS headers may stand, how long a file may
be, what may not be tracked. Each rule is a row of a table below, or a function named check_*.

    python3 tree_rules.py SOURCE_DIR      prints every breach as "path:line: what", fails if there is one
"""

import os
import re
import subprocess
import sys

CORE_STAGES = ["base", "policy", "request", "host", "plan", "report", "backend", "rubric", "runtime", "doctor"]

# folder: the folders whose headers it may include besides its own. The longest matching folder on the left holds for a
# file; a folder on the right means everything below it. The stages of core see only earlier stages.
MAY_INCLUDE = {
    **{f"core/{stage}": [f"core/{earlier}" for earlier in CORE_STAGES[:i]] for i, stage in enumerate(CORE_STAGES)},
    "core/access": ["core/base"],
    "core/lease": ["core/base", "core/access"],
    "core/windows_plan": ["core/base", "core/access", "core/policy", "core/request", "core/host", "core/plan", "core/backend"],
    "core/windows_launch": ["core/base", "core/policy", "core/access", "core/plan", "core/report", "core/backend", "core/lease",
                            "core/windows_plan", "core/platform"],
    "core/audit": ["core/base", "core/access", "core/policy", "core/request", "core/host"],
    "core/platform": ["core/base", "core/access", "core/policy", "core/request", "core/host", "core/audit"],
    "backends": ["core"],  # completed by same_backend(): its own folder, never another backend's
    "provision": ["core"],
    "compose": ["core", "backends", "provision"],
    "service": ["core", "backends", "compose"],
    "service/remote": ["core", "backends", "compose", "service", "cli"],  # the tool with a client in it
    "capi": ["core", "backends", "compose"],
    "cli": ["core", "backends", "compose", "provision"],
    "tests": ["core", "backends", "compose", "provision", "service", "capi", "cli"],
    "bench": ["core", "backends", "compose"],
    "examples": ["core", "backends", "capi"],
}

OS_HEADERS = re.compile(
    r"^(sys/|linux/|asm/|netinet/|arpa/|net/|winsock|ws2|windows\.h|win[a-z]*\.h|sddl\.h|aclapi\.h|userenv\.h|"
    r"(unistd|fcntl|sched|signal|poll|pwd|grp|termios|spawn|dirent|pty|utmp|pthread|dlfcn|mntent|syslog|libgen|ftw|"
    r"glob|fnmatch|seccomp|getopt|langinfo|netdb)\.h$)")

# Where OS headers may stand. In a backend: launch.cc, launch_*.{h,cc} and the folder launch/.
OS_HEADERS_ALLOWED = [
    re.compile(r"^core/platform/"),
    re.compile(r"^core/windows_launch/"),
    re.compile(r"^backends/[a-z0-9_]+/launch(_[a-z0-9_]+)?\.(h|cc)$"),
    re.compile(r"^backends/[a-z0-9_]+/launch/"),
    re.compile(r"^examples/backend/[a-z0-9_]+/launch(_[a-z0-9_]+)?\.(h|cc)$"),
    re.compile(r"^service/posix/"),
    re.compile(r"^bench/"),
    re.compile(r"^tests/(?!unit/(base|policy|request|plan|report|rubric)/)"),
]

# pattern, files it is looked for in, files where it may stand, what is wrong with it
BANNED_TEXT = [
    (r"#\s*(el)?if.*\b(_WIN32|WIN32|__linux__|__unix__|__APPLE__)\b", r"\.h$", r"^(core/platform/|capi/)",
     "conditional on the OS in a header: choose the file in CMake instead"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", r"(\.(cc|h|c|py|sh|cmake|md)|CMakeLists\.txt|^scripts/[a-z_]+)$",
     r"^tests/unit/tree/", "unfinished: finish it, or say in the documentation what is not there"),
    (r"(?<![\w.~}*-])/(?:work|farm|root)/", r"", r"^tests/unit/tree/", "a path of one machine"),
    (r"\bstd::string_view\b", r"^(core|backends|provision|compose|cli|service)/.*\.h$", r"^$",
     "std::string_view in an interface: Debian's Abseil has a type of its own, absl::string_view"),
    (r"\b(secure_)?getenv\s*\(", r"^(core|backends|provision|compose)/.*\.(h|cc)$", r"^core/platform/|^backends/[a-z0-9_]+/launch",
     "reads the environment: let the caller hand it in"),
    (r"\b(throw|try|catch)\b\s*[({]", r"^(core|backends|provision|compose|cli)/.*\.h$", r"^$", "an exception in an interface"),
]

# What a generator or a compiler writes is made again, not tracked.
NEVER_TRACKED = re.compile(
    r"(^|/)(build|CMakeFiles|__pycache__|node_modules|\.cache)/|(^|/)(CMakeCache\.txt|compile_commands\.json|core)$|"
    r"\.(o|a|so|obj|exe|dll|pyc|gcda|gcno|profraw|log|swp|orig|rej)$")
BINARY_ALLOWED = re.compile(r"^(tests/fuzz/corpus/|tests/golden/.*\.bpf$|docs/.*\.(png|svg|gif)$)")

LONGEST_FILE = 600  # lines
HAND_WRITTEN = re.compile(r"\.(cc|h|c|py|sh|cmake|proto|js)$|CMakeLists\.txt$|^scripts/[a-z_]+$")

NAMESPACE = re.compile(r"^(?:inline )?namespace(?: ([A-Za-z0-9_:]+))? \{$")
NAMESPACE_END = re.compile(r"^\}  // namespace")
TYPE = re.compile(r"^(?:struct|class|enum class|union) ([A-Za-z0-9_]+)(?: final)?(?: : [^{]*)?\s*\{")

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def tracked_files(root):
    """Paths below root as git knows them; of an unpacked archive, every file outside build/ and hidden folders."""
    listing = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], capture_output=True, check=False)
    if listing.returncode == 0:
        paths = [p for p in listing.stdout.decode().split("\0") if p]
        return sorted(p for p in set(paths) if os.path.lexists(os.path.join(root, p)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f != "build" and not f.startswith(".git")]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


def folder_of(path):
    """The folder of MAY_INCLUDE that a path belongs to, or None."""
    fitting = [f for f in MAY_INCLUDE if path.startswith(f + "/")]
    return max(fitting, key=len) if fitting else None


def may_include(path, header):
    """Whether `path` may include the project's header `header`."""
    own = folder_of(path)
    if own is None:
        return False
    allowed = [own] + MAY_INCLUDE[own]
    if own == "backends":
        allowed = MAY_INCLUDE[own] + ["/".join(path.split("/")[:2])]
    return any(header.startswith(folder + "/") for folder in allowed)


def check_includes(path, lines):
    if not re.search(r"\.(cc|h|c)$", path):
        return
    top_folders = {f.split("/")[0] for f in MAY_INCLUDE}
    os_allowed = any(p.search(path) for p in OS_HEADERS_ALLOWED)
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(1) or match.group(2)
        if OS_HEADERS.search(header) and not os_allowed:
            yield number, f"<{header}> is an OS header: it belongs to core/platform or a backend's launch_*.cc"
        if match.group(1) and header.split("/")[0] in top_folders and not may_include(path, header):
            yield number, f"{folder_of(path) or path} may not include {header}"
        if match.group(1) and "/" not in header and not os_allowed and not path.startswith("tests/"):
            yield number, f'"{header}": include paths start at the root of the tree'


def check_guard(path, lines):
    if not path.endswith(".h"):
        return
    guard = re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
    if not guard.startswith("PADDOCK_"):
        guard = "PADDOCK_" + guard
    code = [(n, l) for n, l in enumerate(lines, 1) if l.strip()]
    wanted = [f"#ifndef {guard}", f"#define {guard}"]
    directives = [l for _, l in code if l.startswith("#")][:2]
    if directives != wanted or not code[-1][1].startswith("#endif"):
        yield 1, f"include guard: it should be {guard}"


def check_banned_text(path, lines):
    for pattern, where, allowed, message in BANNED_TEXT:
        if not re.search(where, path) or re.search(allowed, path):
            continue
        expression = re.compile(pattern)
        for number, line in enumerate(lines, 1):
            if expression.search(line):
                yield number, message


def check_length(path, lines):
    if HAND_WRITTEN.search(path) and len(lines) > LONGEST_FILE:
        yield len(lines), f"{len(lines)} lines: one subject a file, {LONGEST_FILE} lines at most"


def check_line_ends(path, lines):
    for number, line in enumerate(lines, 1):
        if line.endswith("\r"):
            yield number, "carriage return at the end of the line"
        elif HAND_WRITTEN.search(path) and line != line.rstrip():
            yield number, "white space at the end of the line"


def types_defined(lines):
    """(line, name with its namespaces) of every type defined at the level of a namespace that has a name."""
    open_namespaces = []
    for number, line in enumerate(lines, 1):
        opened, defined = NAMESPACE.match(line), TYPE.match(line)
        if opened:
            open_namespaces.append(opened.group(1))
        elif NAMESPACE_END.match(line) and open_namespaces:
            open_namespaces.pop()
        elif defined and all(open_namespaces):
            yield number, "::".join(open_namespaces + [defined.group(1)])


class OneDefinition:
    """A program that links two types of one name may take the members of either, and no compiler says so: the libraries of
    this tree meet in one program, so a name stands for one type in all of it."""

    def __init__(self):
        self.first = {}

    def check(self, path, lines):
        if not re.search(r"^(core|backends|compose|service|capi|cli)/.*\.(h|cc)$", path):
            return
        for number, name in types_defined(lines):
            where = self.first.setdefault(name, f"{path}:{number}")
            if where != f"{path}:{number}":
                yield number, f"{name} is another type in {where}: the one-definition rule"


CHECKS = [check_includes, check_guard, check_banned_text, check_length, check_line_ends]


def breaches(root, paths=None):
    """Every breach of a rule as (path, line, message)."""
    found = []
    checks = CHECKS + [OneDefinition().check]
    for path in tracked_files(root) if paths is None else paths:
        if NEVER_TRACKED.search(path):
            found.append((path, 0, "made by a tool: it should not be tracked"))
            continue
        full = os.path.join(root, path)
        if os.path.islink(full) or not os.path.isfile(full):
            continue
        with open(full, "rb") as file:
            content = file.read()
        if b"\0" in content:
            if not BINARY_ALLOWED.search(path):
                found.append((path, 0, "a binary file"))
            continue
        if path == "LICENSE" or path.startswith(("tests/fuzz/corpus/", "tests/golden/")):
            continue
        lines = content.decode("utf-8", "replace").split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        for check in checks:
            found += [(path, number, message) for number, message in check(path, lines)]
    return found


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = breaches(sys.argv[1])
    for path, number, message in found:
        print(f"{path}:{number}: {message}")
    print(f"{len(tracked_files(sys.argv[1]))} files looked at, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
