"""What a policy means for files: docs/policy.md and docs/threat-model.md, written down as a view of the file system.

Nothing here is taken from the planner: it starts from the policy's text and the tree, and ends with either the reasons for
a refusal or a View. Where the documents leave a choice, the comment says what was taken.
"""

import dataclasses
import re

from filesystem import Inode, MAX_LINKS, READ, Region, SEARCH, View, WRITE
from paths import glob_to_regex, may_match_below, normal, parent_of, within
from rights import view_of_rights


@dataclasses.dataclass(frozen=True)
class Tier:
    """Where a tier of linux_landlock does less than the documents' best."""

    holds_links: bool  # else a protected name that is a link is refused, and a link to nowhere is not hidden
    home_layer: bool  # else only the home directory itself is the run's own; what the host has in it is read-only
    null_masks: bool  # a hidden file is the node /dev/null, on a mount where no device can be opened
    made_mode: int = 0o755  # of directories that are made to hold a mount
    bare_root: bool = False  # root is without its capabilities when it places mounts: not below a directory that is shut
    has_view: bool = True  # else there are rights over the host's own tree (rights.py), and nothing inside a grant is held


TIERS = {
    "namespaces": Tier(holds_links=True, home_layer=True, null_masks=False),
    "bubblewrap": Tier(holds_links=False, home_layer=False, null_masks=True, made_mode=0o700, bare_root=True),
    "landlock": Tier(holds_links=True, home_layer=False, null_masks=False, has_view=False),
}

# What the profile `coding` protects, and which of these are reported instead while they do not exist (threat-model.md,
# "names that cannot be held without breaking tools").
PROTECTED_NAMES = (".git/hooks", ".git/config", ".vscode", ".idea", ".devcontainer", ".claude", ".codex", ".cursor",
                   ".gemini", ".agents", ".mcp.json", ".github/hooks", ".envrc", ".tool-versions", "mise.toml",
                   ".paddock.toml", "~/.config/paddock")
REPORTED_NAMES = (".envrc", ".tool-versions", "mise.toml", ".paddock.toml", ".github/hooks")
SECRET_NAMES = ("~/.ssh", "~/.aws", "~/.gnupg", "~/.kube", "~/.azure", "~/.config/gh", "~/.config/gcloud", "~/.docker/config.json",
                "~/.netrc", "~/.git-credentials", "~/.config/git/credentials", "~/.npmrc", "~/.pypirc",
                "~/.cargo/credentials.toml", "~/.cargo/credentials", "~/.gem/credentials", "~/.m2/settings.xml",
                "~/.password-store", "~/.local/share/keyrings", "~/.vault-token", "~/.terraform.d/credentials.tfrc.json",
                "~/.mozilla", "~/.config/google-chrome", "~/.config/chromium")
SECRET_GLOBS = ("**/.env", "**/.env.local", "**/.env.*.local", "**/.env.production")

PLACEHOLDER_COMMONDIR = ".\n"


@dataclasses.dataclass
class Look:
    """A path followed on the host, by whoever starts the sandbox."""

    inode: Inode | None  # what it leads to
    real: str  # and where that is; for an absent one, where it would be
    named: Inode | None  # the last name itself: a link, perhaps
    named_at: str
    links: tuple  # where the links on the way lie, the last name's own among them if it is one
    ways: tuple  # and those that are crossed before the last name
    left: tuple = ()  # directories that ".." in the text of a link steps out of
    unreadable: bool = False


class Host:
    """The tree as it is before the run."""

    def __init__(self, root, is_root):
        self.root, self.is_root = root, is_root

    def look(self, path):
        """Like path_resolution(7), with the whole way kept."""
        stack, pending = [("", self.root)], [part for part in reversed(path.split("/")) if part]
        links, left = [], []
        named = named_at = ways = None

        def end(inode, real, unreadable=False):
            at = named_at or real
            return Look(inode, real, named if named_at else inode, at, tuple(links), tuple(links) if ways is None else ways,
                        tuple(left), unreadable)

        while pending:
            name = pending.pop()
            here = "".join("/" + part for part, _ in stack[1:])
            if name == "..":
                left.append(here)
                stack = stack[:-1] or stack
                continue
            directory, at = stack[-1][1], f"{here}/{name}"
            if directory.kind != "d" or not (self.is_root or directory.may(SEARCH)):
                return end(None, "/".join([at, *reversed(pending)]), directory.kind == "d")
            inode = directory.entries.get(name)
            if not pending and named_at is None:
                named, named_at, ways = inode, at, tuple(links)
            if inode is None:
                return end(None, "/".join([at, *reversed(pending)]))
            if inode.kind != "l":
                stack.append((name, inode))
                continue
            links.append(at)
            if len(links) > MAX_LINKS:
                return end(None, at)
            if inode.data.startswith("/"):
                stack = stack[:1]
            pending.extend(part for part in reversed(inode.data.split("/")) if part and part != ".")
        return end(stack[-1][1], "".join("/" + part for part, _ in stack[1:]) or "/")

    def entries(self, path, enter):
        """(path, inode) of everything below the directory at `path`, links not followed; `enter` says where to go in."""
        todo = [(path, self.look(path).inode)]
        while todo:
            at, directory = todo.pop()
            if directory is None or directory.kind != "d" or not (self.is_root or directory.may(READ)):
                continue
            for name, inode in directory.entries.items():
                below = f"{at}/{name}"
                yield below, inode
                if inode.kind == "d" and (self.is_root or directory.may(SEARCH)) and enter(below):
                    todo.append((below, inode))


class Meaning:
    """`refusals`: codes of docs/reasons.md, any of which is right; empty if the run starts. `view`: what it then sees."""

    def __init__(self, case, base, root, is_root, tier, state):
        self.case, self.base, self.tier, self.state = case, base, tier, state
        self.host = Host(root, is_root)
        self.home = f"{base}/home"
        self.workspace = f"{base}/{case['workspace']}"
        self.policy = case["policy"]
        self.refusals = set()
        self.tolerated = set()  # may refuse, need not
        self.steps = {}  # path -> (order, kind)
        self.placeholders = []  # (directory inode, name), parents first
        self.view = None
        self.grants = []
        self.find_grants()
        self.check_places()
        self.plan_holes()
        self.plan_masks()
        self.check_scan()
        if not tier.has_view:
            self.check_exposed()
            self.view = view_of_rights(self)
            return
        for path, inode in self.absent if not self.refusals else ():
            self.hold_absent(path, inode)
        if not self.refusals:
            self.view = self.build()
            self.check_cwd()

    # --- the policy's lists

    def rules(self, key):
        """(absolute path, is a glob, is the profile's own)"""
        defaults = {"write": (".",), "deny_write": PROTECTED_NAMES, "deny_read": SECRET_NAMES + SECRET_GLOBS}.get(key, ())
        for text in self.policy.get(key, ["@inherited"]):
            for rule in defaults if text == "@inherited" else (text,):
                yield (*self.absolute(rule), text == "@inherited")

    def absolute(self, text):
        text = text.replace("{base}", self.base)
        is_glob = bool(re.search(r"[*?]", re.sub(r"\[[*?[]\]", "", text)))
        base = self.home if text == "~" or text.startswith("~/") else self.workspace
        text = text[1:] if text.startswith("~") else text
        path = text if text.startswith("/") and base != self.home else f"{base}/{text}"
        return normal(path if is_glob else re.sub(r"\[([*?[])\]", r"\1", path)), is_glob

    def grant_of(self, path):
        return next((grant for grant in self.grants if within(path, grant)), None)

    def is_in_host_tmp(self, path):
        """True where the host's own /tmp is written without being granted: nothing there can be held in place."""
        return (self.policy.get("tmp") == "host" and within(path, "/tmp") and not within(path, self.home) and
                self.grant_of(path) is None)

    # --- grants

    def find_grants(self):
        wanted = []
        for path, _, _ in self.rules("write"):
            look = self.host.look(path)
            if look.inode is None:
                self.refusals.add("grant_missing")
                continue
            if within(path, self.workspace) and not within(look.real, self.workspace):
                self.refusals.add("grant_leaves_workspace")
            if within(self.home, look.real) or within(self.home, path):
                self.refusals.add("workspace_is_home")
            if self.host.is_root and self.is_shut_off(look.real):
                self.tolerated.add("setup_failed")  # nothing that has given up root's capabilities gets there
            wanted.append(look.real)
        for path in sorted(wanted):
            if self.grant_of(path) is None:
                self.grants.append(path)

    def check_places(self):
        places = [self.workspace, *(path for path, _, _ in self.rules("write"))]
        for denied, is_glob, own in self.rules("deny_read"):
            if own and not is_glob and any(within(denied, place) for place in places):
                self.refusals.add("workspace_holds_secret")
            if not is_glob and any(within(place, denied) for place in places):
                self.refusals |= {"workspace_denied", "policy_invalid"}
        for key in ("deny_write", "read_only", "deny_read"):
            for denied, is_glob, _ in self.rules(key):
                covers = glob_to_regex(denied + "/**").fullmatch if is_glob else lambda path, at=denied: within(path, at)
                for path, _, _ in self.rules("write"):
                    if covers(path):
                        # A grant inside another one may as well count as part of that.
                        inner = any(path != other and within(path, other) for other, _, _ in self.rules("write"))
                        (self.tolerated if inner else self.refusals).update(("policy_invalid", "deny_covers_grant"))

    # --- inside the grants

    def put(self, path, order, kind):
        if self.steps.get(path, (-1,))[0] < order:
            self.steps[path] = order, kind

    def pin_above(self, path):
        grant = self.grant_of(path)
        at = parent_of(path)
        while grant is not None and at != grant and within(at, grant):
            self.put(at, 4, "pin")
            at = parent_of(at)

    def hold(self, path):
        """Makes the existing `path` read-only in place."""
        if self.grant_of(path) is None:
            return
        if self.host.look(path).named.kind == "l" and not self.tier.holds_links:
            self.refusals.add("deny_crosses_symlink")
        self.pin_above(path)
        self.put(path, 6, "hole")

    def hold_with_links(self, path):
        """And whatever else decides what a link at `path` leads to: that, the links on the way, what ".." starts from."""
        look = self.host.look(path)
        for at in (path, *look.links, *((look.real,) if look.inode is not None else ())):
            if not any(within(grant, at) for grant in self.grants):
                self.hold(at)
        for directory in look.left:
            if self.grant_of(directory) not in (None, directory):
                self.pin_above(f"{directory}/.")

    def hold_absent(self, path, inode):
        """Makes the name for the run, and the directories that are missing above it."""
        grant = self.grant_of(path)
        directory = self.host.look(grant).inode
        for name in path[len(grant):].strip("/").split("/")[:-1]:
            below = directory.entries.get(name)
            if below is None:
                below = self.make(directory, name, Inode("d"))
            directory = below
        name = path.rpartition("/")[2]
        if name not in directory.entries:
            self.make(directory, name, inode)
        self.pin_above(path)
        self.put(path, 5, "hole" if inode.kind == "f" else "cover")

    def make(self, directory, name, inode):
        if not (self.host.is_root or directory.may(WRITE | SEARCH)):
            self.refusals |= {"state_dir_unusable", "path_changed"}
        inode.placeholder = True
        directory.entries[name] = inode
        self.placeholders.append((directory, name))
        return inode

    def plan_holes(self):
        self.absent = []
        self.has_denials = any(True for _ in self.rules("deny_write"))
        for key in ("deny_write", "read_only"):
            for path, is_glob, own in self.rules(key):
                if is_glob:
                    for match in list(self.matches(path)):
                        self.check_host_tmp(match)
                        look = self.host.look(match)
                        if look.inode is not None and any(within(grant, look.real) for grant in self.grants):
                            self.refusals.add("deny_covers_grant")
                        self.hold_with_links(match)
                else:
                    self.deny_write(path, key, own)
        if self.has_denials:
            for dot_git in list(self.repositories()):
                self.protect_repository(dot_git)

    def deny_write(self, path, key, own):
        look = self.host.look(path)
        reported = own and path[len(self.workspace) + 1:] in REPORTED_NAMES
        if any(self.grant_of(link) is not None for link in look.ways) and not reported:
            self.refusals.add("deny_crosses_symlink")  # the command could lead it elsewhere
        at = look.named_at
        if self.grant_of(at) is None and look.inode is not None:
            at = look.real
        self.check_host_tmp(at)
        grants_inside = [grant for grant in self.grants if within(grant, at)]
        if grants_inside and (key == "deny_write" or at in self.grants):
            self.refusals |= {"deny_covers_grant", "policy_invalid"}  # the latter where the text alone says so
        grant = self.grant_of(at)
        if grant is None or at == grant:
            return
        if look.unreadable and not reported:
            self.shut()
        elif look.named is not None:
            if look.named.kind == "l" and at == look.named_at and look.inode is None:
                self.refusals.add("deny_crosses_symlink")  # it leads nowhere
                return
            if look.inode is not None and any(within(grant, look.real) for grant in self.grants):
                self.refusals.add("deny_covers_grant")
            self.hold_with_links(at)
        elif not self.is_left_open(at, grant, reported):
            self.absent.append((at, Inode("d", 0o755)))

    def shut(self):
        """Nobody knows what is there, and the command could open the way to it."""
        if self.tier.has_view:
            self.refusals.add("deny_unreadable")

    def check_host_tmp(self, path):
        if self.is_in_host_tmp(path):
            self.refusals.add("deny_in_host_tmp")

    def is_left_open(self, path, grant, reported):
        """Absent names that are looked at after the run instead of being held."""
        empty_workspace = within(path, self.workspace) and not self.host.look(self.workspace).inode.entries
        blocked = False
        at = parent_of(path)
        while at != grant:
            inode = self.host.look(at).named
            blocked = blocked or (inode is not None and inode.kind != "d")
            at = parent_of(at)
        return reported or empty_workspace or blocked or "/.git/" in path

    def start_of(self, pattern):
        """Where the search begins: at the workspace, or at the deepest directory that holds every match."""
        names = []
        for part in pattern.strip("/").split("/"):
            if re.search(r"[*?]", re.sub(r"\[[*?[]\]", "", part)):
                break
            names.append(re.sub(r"\[([*?[])\]", r"\1", part))
        start = "/" + "/".join(names)
        return (self.workspace if within(start, self.workspace) else start), pattern

    def matches(self, pattern):
        """What matches now, links not followed. What lies in a git directory does not count."""
        regex = glob_to_regex(pattern)
        start, _ = self.start_of(pattern)
        for path, _ in self.host.entries(self.host.look(start).real, lambda below: not below.endswith("/.git")):
            if regex.fullmatch(path):
                yield path

    # --- repositories

    def repositories(self):
        for path, _ in self.host.entries(self.workspace, lambda below: not below.endswith("/.git")):
            if path.endswith("/.git") and self.host.look(path).named is not None:
                yield path
        for path, _, _ in self.rules("write"):
            real = self.host.look(path).real
            if within(real, self.workspace):
                continue
            if self.host.look(f"{real}/.git").unreadable:
                self.shut()
            if self.host.look(f"{real}/.git").named is not None:
                yield f"{real}/.git"

    def protect_repository(self, dot_git):
        self.check_host_tmp(dot_git)
        look = self.host.look(dot_git)
        directory = look.inode
        if look.named.kind == "f":
            self.hold(dot_git)
            directory = self.host.look(normal(f"{parent_of(dot_git)}/{look.named.data[len('gitdir: '):].strip()}"))
            look, directory = directory, directory.inode
        well_formed = look.named_at == look.real and directory is not None and directory.kind == "d" and all(
            name in directory.entries and directory.entries[name].kind == kind
            for name, kind in (("HEAD", "f"), ("objects", "d"), ("refs", "d"))) and "commondir" not in directory.entries
        if not well_formed:
            # Nothing there is to become a repository; only a whole grant is not made read-only for that.
            self.hold(dot_git)
            if look.inode is not None and not any(within(grant, look.real) for grant in self.grants):
                self.hold_with_links(dot_git)
                self.hold(look.real)
            return
        self.protect_git_directory(look.real)
        for path, inode in self.host.entries(f"{look.real}/modules", lambda below: "HEAD" not in self.host.look(below).inode.entries):
            if inode.kind == "d" and "HEAD" in inode.entries:
                self.protect_git_directory(path)

    def protect_git_directory(self, path):
        if self.grant_of(path) is None:
            return
        self.pin_above(f"{path}/.")
        for name in ("config", "info/attributes"):
            if self.host.look(f"{path}/{name}").named is not None:
                self.hold(f"{path}/{name}")
        for name, inode in (("config.worktree", Inode("f", 0o644)), ("hooks", Inode("d")),
                            ("commondir", Inode("f", 0o644, PLACEHOLDER_COMMONDIR))):
            if self.host.look(f"{path}/{name}").named is not None:
                self.hold(f"{path}/{name}")
            else:
                self.absent.append((f"{path}/{name}", inode))
        for included in re.findall(r"path = (.*)", self.config_of(path)):
            look = self.host.look(normal(f"{path}/{included}"))
            if not within(look.named_at, self.workspace):
                continue
            parent = self.host.look(parent_of(look.named_at)).inode
            if look.named is not None:
                self.hold_with_links(look.named_at)
            elif self.grant_of(look.named_at) is not None and parent is not None and parent.kind == "d":
                self.absent.append((look.named_at, Inode("f", 0o644)))  # says nothing, and nobody else can make it say more

    def config_of(self, path):
        inode = self.host.look(f"{path}/config").inode
        return inode.data if inode is not None and inode.kind == "f" else ""

    # --- masks

    def plan_masks(self):
        self.masks = []
        for path, is_glob, _ in self.rules("deny_read"):
            if is_glob:
                for match in self.matches(path):
                    look = self.host.look(match)
                    if look.inode is not None or self.tier.holds_links:
                        self.deny_read(look.real if look.inode is not None else match)
                continue
            look = self.host.look(path)
            if look.unreadable and self.grant_of(path) is not None:
                self.refusals.add("deny_unreadable")  # nobody knows what is there, and the command could open the way
                self.tolerated.add("guarantee_unreachable:read")
            if look.named is None:
                continue
            if look.links and self.grant_of(path) is not None:
                self.refusals.add("deny_crosses_symlink")
            elif look.inode is not None:
                self.deny_read(look.real)

    def asks_for_hiding(self):
        return bool(self.policy.get("deny_read")) or self.policy.get("read") == "minimal"

    def check_exposed(self):
        """Rights hide nothing inside a grant. A link there to what can be hidden, a workspace that is not granted, and the
        host's /tmp that is written without a grant may count as one."""
        if not self.asks_for_hiding():
            return
        for path in self.masks:
            if self.grant_of(path) is not None and self.host.look(path).inode is not None:
                self.refusals.add("guarantee_unreachable:read")
        named = [path for path, is_glob, _ in self.rules("deny_read") if not is_glob and self.host.look(path).named is not None]
        matches = [match for path, is_glob, _ in self.rules("deny_read") if is_glob for match in self.matches(path)]
        if any(self.grant_of(path) is not None or within(path, self.workspace) or self.is_in_host_tmp(path)
               for path in (*self.masks, *named, *matches)):
            self.tolerated.add("guarantee_unreachable:read")

    def check_scan(self):
        """Hiding by globs that the user asks for is refused where the search may have missed something: a directory that
        its owner cannot read now may be opened by the command. It may count as that, too, where the search for something
        else has."""
        globs = [path for path, is_glob, _ in self.rules("deny_read") if is_glob]
        if self.host.is_root or not globs or not self.asks_for_hiding():
            return
        others = [path for key in ("deny_write", "read_only") for path, is_glob, _ in self.rules(key) if is_glob]
        searched = [(self.workspace, ".*")] + [(start, glob) for start, glob in map(self.start_of, globs) if start != self.workspace]
        for start, _ in [(self.workspace, ".*"), *map(self.start_of, others)]:
            top = self.host.look(start)
            if top.inode is not None and any(inode.kind == "d" and not inode.may(READ | SEARCH) for _, inode in [
                    (top.real, top.inode), *self.host.entries(top.real, lambda _: True)]):
                self.tolerated.add("guarantee_unreachable:read")
        for start, glob in searched:
            top = self.host.look(start)
            enters = lambda path: not path.endswith("/.git") and may_match_below(glob, path)
            seen = [(top.real, top.inode), *self.host.entries(top.real, enters)] if top.inode is not None else []
            for path, inode in seen:
                shut = inode.kind == "d" and (path == top.real or enters(path)) and not inode.may(READ)
                below = inode.kind == "d" and not inode.may(SEARCH) and any(
                    child.kind == "d" and enters(f"{path}/{name}") for name, child in inode.entries.items())
                if shut or below:
                    self.refusals.add("guarantee_unreachable:read")

    def deny_read(self, path):
        if any(within(grant, path) for grant in self.grants):
            self.refusals.add("deny_covers_grant")
        self.masks.append(path)

    # --- the view

    def build(self):
        host = self.host.root
        minimal = self.policy.get("read") == "minimal"
        view = View(Region("root", Inode("d") if minimal else host, False))
        order = []  # (path, order, region's maker)
        looks = [self.host.look(path) for path, is_glob, _ in self.rules("read_only")]
        self.read_only = [look.real for look in looks if look.inode is not None and self.grant_of(look.real) is None]
        private_tmp = self.policy.get("tmp", "private") == "private"
        self.add_private(order, private_tmp)
        self.add_home(order, minimal, private_tmp)
        for grant in self.grants:
            order.append((grant, 3, lambda inode: Region("grant", inode, True)))
        for path in self.read_only:
            if path == self.home and self.is_home_shallow():
                continue  # what it holds is shown in the run's own
            in_home = not minimal and within(path, self.home) and path != self.home
            if minimal or (private_tmp and within(path, "/tmp") and not in_home):
                order.append((path, 2 if path == self.home else 3, lambda inode: Region("shown", inode, False)))
        for path in self.masks:
            self.pin_above(path)
            self.put(path, 7, "mask")
        for path, (rank, kind) in self.steps.items():
            order.append((path, rank, {
                "pin": lambda inode: Region("pin", inode, True),
                "hole": lambda inode: Region("hole", inode, False),
                "cover": lambda inode: Region("cover", Inode("d", 0o555), False),
                "mask": lambda inode: Region("mask", self.mask(inode.kind), False)}[kind]))
        self.place(view, sorted(order, key=lambda step: (step[0], step[1])))
        return view

    def mask(self, kind):
        if kind == "d":
            return Inode("d", 0)
        return Inode("c", 0o666) if self.tier.null_masks else Inode("f", 0)

    def add_private(self, order, private_tmp):
        if private_tmp:
            order.append(("/tmp", 0, lambda inode: Region("private", Inode("d", 0o1777), True)))
        else:
            order.append(("/tmp", 0, lambda inode: Region("grant", inode, True)))

    def add_home(self, order, minimal, private_tmp):
        if minimal and not any(within(self.home, path) for path in self.read_only):
            order.append((self.home, 0, lambda inode: Region("private", Inode("d", 0o700), True)))
            return
        layer = self.policy.get("home", "ephemeral") == "ephemeral"
        if self.is_home_shallow():
            self.add_shallow_home(order)
            return
        if within(self.home, "/tmp") or not layer:
            order.append((self.home, 2, lambda inode: Region("shown", inode, False)))
        if layer:
            order.append((self.home, 3, lambda inode: Region("layer", inode.clone(), True)))

    def is_home_shallow(self):
        return self.policy.get("home", "ephemeral") == "ephemeral" and not self.tier.home_layer

    def add_shallow_home(self, order):
        top = Inode("d")
        order.append((self.home, 0, lambda inode: Region("shallow", top, True)))
        for name, entry in self.host.look(self.home).inode.entries.items():
            if entry.kind == "l":
                top.entries[name] = entry.clone()
            else:
                order.append((f"{self.home}/{name}", 2, lambda inode: Region("shown", inode, False)))

    def place(self, view, order):
        closed, holes = [], []
        for path, rank, make in order:
            if any(path != other and within(path, other) for other in closed):
                continue
            look = self.host.look(path)
            region = make(look.inode or look.named or Inode("d"))
            where, inode = self.shown(view, path)
            if region.kind in ("hole", "pin", "mask") and (inode is None or where.kind == "private"):
                continue  # there is nothing of the host's
            if region.kind == "hole" and look.named.kind == "l":
                region.root = look.named
            if region.kind in ("pin", "hole", "cover") and any(path != hole and within(path, hole) for hole in holes):
                continue
            if region.kind in ("mask", "cover"):
                closed.append(path)
            if region.kind == "hole":
                holes.append(path)
            if self.tier.bare_root and self.is_shut_off(path):
                self.tolerated.add("path_changed")
            view.mount(path, region, self.tier.made_mode)

    def is_shut_off(self, path):
        while path != "/":
            path = parent_of(path)
            directory = self.host.look(path).inode
            if directory is not None and not directory.may(SEARCH):
                return True
        return False

    @staticmethod
    def shown(view, path):
        region, inode = view.root, view.root.root
        for name in path.strip("/").split("/"):
            if inode is None or inode.kind != "d":
                return region, None
            region, inode = view.child(region, inode, name)
        return region, inode

    def check_cwd(self):
        if self.shown(self.view, self.workspace)[1] is None:
            self.refusals.add("cwd_unusable")
        if any(within(self.workspace, path) for path in self.masks):
            self.tolerated.add("cwd_unusable")  # a link led the mask there
