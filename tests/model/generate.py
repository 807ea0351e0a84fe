"""Random trees, policies and probes. A case is data: what JSON can hold, and what a kept case is."""

import re

PLAIN_NAMES = ("a", "b", "c", "src", "lib", "x.txt", "y.txt", "main.c")
ODD_NAMES = (" lead", "trail ", "-dash", "new\nline", "\u00fc", "\u65e5\u672c", "[x]", "a*b", "q?", "tab\t", "...", "$HOME",
             "\udcff\udcfe", "a'b\"c", "back\\slash", "\x1b[31m")
SPECIAL_NAMES = (".env", ".env.local", ".vscode", ".claude", ".mcp.json", ".config", ".git-not")
FRESH_NAMES = ("new1", "new2", "new 3", "-new4", "n\u00e95")
GLOBS = ("**/.env", "*.txt", "**/x.txt", "src/*", "**/lib/**", "?", "{base}/out/**/x.txt", "{base}/out/*", "**/[[]x]")
PROTECTED = (".git/hooks", ".git/config", ".vscode", ".claude", ".mcp.json", ".github/hooks", ".envrc")

FILE_MODES = (0o644,) * 16 + (0o600, 0o600, 0o444, 0o400, 0o755, 0o000)
DIRECTORY_MODES = (0o755,) * 36 + (0o700, 0o555, 0o500, 0o300)
SHUT_MODES = (0o000, 0o600, 0o400)  # directories that their owner may not enter

READING = ("stat", "stat", "list", "read", "read", "readlink")
WRITING = ("write", "append", "truncate", "opentrunc", "creat", "unlink", "rmdir", "chmod", "utimens", "chown", "setxattr")
MAKING = ("create", "create", "creat", "mkdir", "symlink", "tmpfile")
MOVING = ("rename", "rename", "exchange", "link", "linkf")


class Tree:
    """Entries in the order in which they are made, modes in octal: ["d", path, mode], ["f", path, mode, content],
    ["l", path, target], ["h", path, path of the file]. "{base}" stands for the directory that holds all."""

    def __init__(self, rng):
        self.rng = rng
        self.entries = []
        self.kinds = {}

    def add(self, kind, path, *rest):
        if path in self.kinds:
            return False
        self.kinds[path] = kind
        self.entries.append([kind, path, *rest])
        return True

    def directory(self, path, mode=0o755):
        return self.add("d", path, f"{mode:o}")

    def file(self, path, content=None, mode=0o644):
        return self.add("f", path, f"{mode:o}", content if content is not None else f"<{len(self.entries)}>")

    def paths(self, kinds="dflh", below=""):
        return [path for path, kind in self.kinds.items() if kind in kinds and (path + "/").startswith(below)]

    def name(self):
        roll = self.rng.random()
        return self.rng.choice(PLAIN_NAMES if roll < 0.7 else SPECIAL_NAMES if roll < 0.85 else ODD_NAMES)

    def fill(self, root, count, hard_links):
        rng = self.rng
        for _ in range(count):
            parents = [path for path in self.paths("d", root + "/") if path.count("/") < root.count("/") + 4]
            path = f"{rng.choice(parents)}/{self.name()}"
            roll = rng.random()
            if roll < 0.36:
                shut = rng.random() < 0.006
                self.directory(path, rng.choice(SHUT_MODES if shut else DIRECTORY_MODES))
            elif roll < 0.8:
                self.file(path, mode=rng.choice(FILE_MODES))
            elif roll < 0.93 or not hard_links:
                self.link(path)
            else:
                files = self.paths("f", root + "/")
                if rng.random() < 0.3:
                    files = [path for path in self.paths("f") if not path.startswith("home/")]
                if files:
                    self.add("h", path, rng.choice(files))

    def link(self, path):
        rng = self.rng
        up = "../" * path.count("/")
        roll = rng.random()
        target = rng.choice(self.paths())
        if roll < 0.1:
            target = "nowhere"
        elif roll < 0.15:
            target = path.rpartition("/")[2]  # a loop
        elif roll < 0.2:
            target = rng.choice((".", "..", "{base}/out/secret.txt", "{base}/home/.ssh"))
        elif roll < 0.4:
            target = "{base}/" + target
        elif roll < 0.7:
            target = up + target
        else:  # beside it
            beside = [p for p in self.paths() if p.rpartition("/")[0] == path.rpartition("/")[0]]
            target = rng.choice(beside).rpartition("/")[2] if beside else up + target
        self.add("l", path, target)

    def repository(self, git):
        rng = self.rng
        self.directory(git)
        missing = rng.choice(("HEAD", "objects", "refs")) if rng.random() < 0.08 else None
        for name in ("objects", "refs"):
            if name != missing:
                self.directory(f"{git}/{name}")
        if missing != "HEAD":
            self.file(f"{git}/HEAD", "ref: refs/heads/main\n")
        if rng.random() < 0.85:
            include = "[include]\n\tpath = ../inc\n" if rng.random() < 0.15 else ""
            self.file(f"{git}/config", f"[core]\n\tbare = false\n{include}")
        if rng.random() < 0.7:
            self.directory(f"{git}/hooks")
            if rng.random() < 0.5:
                self.file(f"{git}/hooks/pre-commit", "#!/bin/sh\n", 0o755)
        if rng.random() < 0.5:
            self.directory(f"{git}/info")
            if rng.random() < 0.6:
                self.file(f"{git}/info/attributes")
        if rng.random() < 0.05:
            self.file(f"{git}/commondir", "../evil\n")

    def repositories(self, ws):
        rng = self.rng
        roots = [ws] if rng.random() < 0.5 else []
        inner = self.paths("d", ws + "/")
        if rng.random() < 0.2:
            roots.append(rng.choice(inner))
        for root in roots:
            if f"{root}/.git" in self.kinds or "/.git/" in root:
                continue
            self.repository(f"{root}/.git")
            if rng.random() < 0.15:
                self.submodule(root)
        if rng.random() < 0.03:
            self.directory(f"{ws}/gd")
            self.repository(f"{ws}/gd/real")
            self.directory(f"{ws}/linked")
            self.add("l", f"{ws}/linked/.git", "../gd/real")

    def submodule(self, root):
        modules = f"{root}/.git/modules"
        self.directory(modules)
        self.repository(f"{modules}/m")
        if self.directory(f"{root}/m") and self.rng.random() < 0.8:
            self.file(f"{root}/m/.git", "gitdir: ../.git/modules/m\n")


def policy_path(text):
    """`text` as a policy has it: wildcards quoted."""
    return re.sub(r"([*?[])", r"[\1]", text)


def speakable(path):
    """Names that a policy takes: no control characters, no backslash, nothing that looks like a variable."""
    return not re.search(r"[\x00-\x1f\x7f$\\\udc80-\udcff]|(^|/)~", path)


class Policy:
    def __init__(self, rng, tree, ws):
        self.rng, self.tree, self.ws = rng, tree, ws

    def text_of(self, path):
        """A path below the base, written in one of the ways a policy has."""
        quoted = policy_path(path)
        if path == self.ws or path.startswith(self.ws + "/"):
            if self.rng.random() < 0.85:
                below = quoted[len(policy_path(self.ws)) + 1:] or "."
                return f"./{below}/" if below != below.strip() else below
        elif path.startswith("home/"):
            return "~" + quoted[4:] + ("/" if quoted.endswith(" ") else "")
        return "{base}/" + quoted + ("/" if quoted.endswith(" ") else "")

    def existing(self, kinds="df", below=None):
        found = [p for p in self.tree.paths(kinds, (below or self.ws) + "/") if speakable(p)]
        return self.rng.choice(found) if found else f"{self.ws}/{self.rng.choice(FRESH_NAMES)}"

    def absent(self):
        path = f"{self.existing('d')}/{self.rng.choice(FRESH_NAMES)}"
        return path + "/deeper" if self.rng.random() < 0.3 else path

    def make(self, hides_in_grants):
        rng = self.rng
        policy = {"write": self.write()}
        granted = set(policy["write"]) if rng.random() < 0.95 else set()  # contradictions are of one kind, and seldom
        for key, make, default, empty in (("deny_write", self.deny_write, 0.15, 0.12),
                                          ("read_only", self.read_only, 0.7, 0.1),
                                          ("deny_read", self.deny_read, 0.15, 0.25)):
            roll = rng.random()
            if roll >= default:
                policy[key] = [] if roll < default + empty else sorted(set(make()) - granted)
        if not hides_in_grants and rng.random() < 0.85:
            # Most would be refused for it.
            policy["deny_read"] = [rule for rule in policy.get("deny_read", ()) if self.is_outside(rule)]
        if rng.random() < 0.15:
            policy["read"] = "minimal"
        if rng.random() < 0.12:
            policy["tmp"] = "host"
        if rng.random() < 0.3:
            policy["home"] = "read-only"
        return policy

    def is_outside(self, rule):
        own = (policy_path(f"{{base}}/{self.ws}"), policy_path(f"~{self.ws[4:]}/"))
        return rule.startswith(("~", "{base}")) and not rule.startswith(own)

    def write(self):
        rng = self.rng
        paths = ["."] if rng.random() < 0.85 else []
        for chance, kinds, below in ((0.2, "d", None), (0.2, "d", "out"), (0.06, "f", None), (0.04, "l", None),
                                     (0.08, "d", "home")):
            if rng.random() < chance and self.tree.paths(kinds, (below or self.ws) + "/"):
                paths.append(self.text_of(self.existing(kinds, below)))
        if rng.random() < 0.02:
            paths.append("missing")
        return sorted(set(paths))

    def deny_write(self):
        rng = self.rng
        rules = ["@inherited"] if rng.random() < 0.15 else []
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            roll = rng.random()
            if roll < 0.4:
                rules.append(self.text_of(self.existing("df")))
            elif roll < 0.5:
                rules.append(self.text_of(self.existing("l")))
            elif roll < 0.7:
                rules.append(self.text_of(self.absent()))
            elif roll < 0.85:
                rules.append(rng.choice(PROTECTED))
            elif roll < 0.94:
                rules.append(rng.choice(GLOBS))
            else:
                rules.append(self.text_of(self.existing("df", rng.choice(("out", "home")))))
        return rules

    def read_only(self):
        rng = self.rng
        rules = []
        for _ in range(rng.choice((1, 1, 2))):
            exists = rng.random() < 0.85
            path = self.existing("df", rng.choice((None, None, "out", "home"))) if exists else self.absent()
            rules.append(self.text_of(path))
        return rules

    def deny_read(self):
        rng = self.rng
        rules = ["@inherited"] if rng.random() < 0.1 else []
        for _ in range(rng.choice((1, 1, 2, 3))):
            roll = rng.random()
            if roll < 0.4:
                rules.append(self.text_of(self.existing("df")))
            elif roll < 0.45:
                rules.append(self.text_of(self.existing("l")))
            elif roll < 0.7:
                rules.append(self.text_of(self.existing("df", rng.choice(("out", "home")))))
            elif roll < 0.9:
                rules.append(rng.choice(GLOBS))
            else:
                rules.append(self.text_of(self.absent()))
        return rules


class Probes:
    def __init__(self, rng, tree, ws, policy):
        self.rng, self.tree, self.ws = rng, tree, ws
        self.named = [re.sub(r"\[([*?[])\]", r"\1", text) for key in ("write", "deny_write", "read_only", "deny_read")
                      for text in policy.get(key, PROTECTED) if not re.search(r"[*?@]", re.sub(r"\[.\]", "", text))]
        self.private_tmp = policy.get("tmp") != "host"
        self.count = 0

    def below_base(self, text):
        if text.startswith("{base}/"):
            return text[len("{base}/"):].rstrip("/")
        text = ("home" + text[1:] if text.startswith("~") else f"{self.ws}/{text}") if text != "." else self.ws
        return text.replace("/./", "/").rstrip("/")

    def path(self, fresh=0.25):
        rng = self.rng
        roll = rng.random()
        if roll < 0.2 and self.named:
            path = self.below_base(rng.choice(self.named))
            if rng.random() < 0.4:
                path = path.rpartition("/")[0] or path
        elif roll < 0.7:
            path = rng.choice(self.tree.paths("dflh", self.ws + "/"))
        else:
            path = rng.choice(self.tree.paths())
        if rng.random() < fresh:
            path += "/" + rng.choice(FRESH_NAMES + (".git", "config", "pre-commit", ".env", "x.txt"))
        if rng.random() < 0.02 and self.private_tmp:
            path = "/tmp/" + rng.choice(FRESH_NAMES)
        return path

    def probe(self):
        rng = self.rng
        self.count += 1
        kinds = rng.choices((READING, WRITING, MAKING, MOVING), (22, 36, 22, 20))[0]
        path = self.path(0.8 if kinds is MAKING else 0.12)
        operation = rng.choice(kinds)
        # Mostly what goes with the thing that is there.
        kind = self.tree.kinds.get(path)
        if kinds is READING and rng.random() < 0.8:
            operation = {"d": "list", "f": "read", "h": "read", "l": "readlink"}.get(kind, operation)
        if kinds is WRITING and rng.random() < 0.7:
            operation = rng.choice({"d": ("chmod", "utimens", "setxattr", "rmdir"), None: ("creat", "unlink")}.get(kind, WRITING))
        if operation == "tmpfile" and path.startswith("home/"):
            operation = "create"  # an overlay has had O_TMPFILE since Linux 6.1 only
        argument = f"#{self.count}"
        if operation in MOVING:
            argument = self.path(0.5)
        elif operation == "symlink":
            argument = rng.choice(("nowhere", ".", "..", "a", "x.txt", "{base}/out/secret.txt"))
        elif operation == "chmod":
            argument = rng.choice(("755", "700", "711", "644", "600", "500", "444", "000"))
        return [operation, path, argument]


def generate(rng, hides_in_grants):
    tree = Tree(rng)
    tree.directory("home")
    for name, content in ((".ssh", None), (".ssh/id_rsa", "SECRET key"), (".config", None), (".bashrc", "# shell\n")):
        tree.directory(f"home/{name}") if content is None else tree.file(f"home/{name}", content)
    tree.directory("out")
    tree.file("out/secret.txt", "SECRET outside")
    ws = rng.choice(("ws", "ws", "ws", "home/ws", "out/ws"))
    tree.directory(ws)
    tree.fill("home", rng.randrange(4), False)
    tree.fill("out", rng.randrange(6), False)
    if rng.random() > 0.03:
        tree.file(f"{ws}/README", "read me")
        tree.fill(ws, rng.randrange(4, 22), True)
        tree.repositories(ws)
    policy = Policy(rng, tree, ws).make(hides_in_grants)
    probes = Probes(rng, tree, ws, policy)
    return {"place": "tmp" if rng.random() < 0.2 else "disk", "workspace": ws, "tree": tree.entries, "policy": policy,
            "probes": [probes.probe() for _ in range(rng.randrange(20, 60))]}
