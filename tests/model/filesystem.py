"""A file system in memory, as path_resolution(7) and the manual pages of the calls have it, seen through mounts.

An operation gives (refusals, seen): no refusal means that it was done, and the model has the new state. A refusal is the
name of an errno; POLICY stands for the errnos by which a mount or Landlock says no. Where several reasons hold at once,
all are given: which of them the kernel names first is not the model's business.

Every file belongs to the caller, whose capabilities are gone: of the modes only the owner's bits count.
"""

import dataclasses

POLICY = "POLICY"
POLICY_ERRNOS = frozenset(("EACCES", "EPERM", "EROFS", "EBUSY", "EXDEV"))
READ, WRITE, SEARCH = 4, 2, 1
MAX_LINKS = 40  # path_resolution(7)


class Inode:
    """A directory ("d"), a regular file ("f"), a symbolic link ("l"), or a device that nobody may open ("c")."""

    __slots__ = ("kind", "mode", "origin", "_data", "entries", "xattr", "before", "_changed", "entries_changed", "lower",
                 "placeholder")

    def __init__(self, kind, mode=0o755, data=""):
        self.kind, self.mode = kind, mode
        self.origin = None  # of a file of an overlay that shows the lower layer's: that one
        self._data, self._changed = data, False
        self.entries = {} if kind == "d" else None
        self.xattr = None
        self.before = None  # what lstat(2) said before the run
        self.entries_changed = False  # of a directory
        self.lower = False  # a directory of an overlay's lower layer, which cannot be renamed
        self.placeholder = False

    @property
    def data(self):
        return self._data if self.origin is None else self.origin.data

    @data.setter
    def data(self, data):
        self._data, self.origin = data, None

    @property
    def changed(self):
        """Content, mode, times, attributes or links. A change in an overlay makes a copy."""
        return self._changed

    @changed.setter
    def changed(self, changed):
        self.data, self._changed = self.data, changed

    def may(self, right):
        return self.mode >> 6 & right == right

    def clone(self):
        """A copy of the whole tree, hard links split, as an overlay shows it."""
        copy = Inode(self.kind, self.mode)
        copy.origin = self
        copy.lower = True
        copy.xattr = self.xattr
        if self.kind == "d":
            copy.entries = {name: inode.clone() for name, inode in self.entries.items()}
        return copy


@dataclasses.dataclass(eq=False)
class Region:
    """One mount of the view."""

    kind: str
    root: Inode
    writable: bool


class Refused(Exception):
    def __init__(self, *reasons):
        super().__init__(reasons)
        self.reasons = set(reasons)


@dataclasses.dataclass
class Found:
    """Where a path ends. `inode` is None if the last name does not exist; the directory that would hold it does."""

    region: Region  # of the inode, mounts crossed
    inode: Inode | None
    parent_region: Region | None = None
    parent: Inode | None = None
    name: str = ""
    above: tuple = ()  # the directories on the way, as (region, inode)

    @property
    def is_mount_point(self):
        return self.region is not self.parent_region


class View:
    """Mounts, and the path walk over them."""

    def __init__(self, root):
        self.root = root
        self.mounts = {}  # (region, directory, name) -> region

    def may_read(self, found):
        """By the policy; what the modes say is another matter. So below."""
        return True

    def may_write(self, found):
        return found.region.writable

    def may_change_entry(self, found):
        return found.parent_region.writable

    def may_link_away(self, found):
        """To another directory."""
        return True

    def child(self, region, directory, name):
        mounted = self.mounts.get((id(region), id(directory), name))
        if mounted is not None:
            return mounted, mounted.root
        return region, directory.entries.get(name)

    def mount(self, path, region, made_mode):
        """Places `region` at a path without links. Missing directories above it are made: where the view is the run's
        own, since a path of the host exists."""
        at, directory = self.root, self.root.root
        names = path.strip("/").split("/")
        for name in names[:-1]:
            below, inode = self.child(at, directory, name)
            if inode is None:
                inode = directory.entries[name] = Inode("d", made_mode)
            at, directory = below, inode
        if self.child(at, directory, names[-1])[1] is None:
            directory.entries[names[-1]] = Inode(region.root.kind, 0o755 if region.root.kind == "d" else 0o644)
        at_mount = self.child(at, directory, names[-1])
        if at_mount[0] is not at:  # over an earlier mount: that one is covered
            del self.mounts[id(at), id(directory), names[-1]]
        self.mounts[id(at), id(directory), names[-1]] = region

    def find(self, path, follow):
        """Raises Refused where the walk ends early, or leads into a link that leads nowhere in the middle."""
        above = [(self.root, self.root.root)]
        pending = [name for name in reversed(path.split("/")) if name]
        links = 0
        while True:
            if not pending:
                return Found(*above[-1], above=tuple(above))
            name = pending.pop()
            region, directory = above[-1]
            if directory.kind != "d":
                raise Refused("ENOTDIR")
            if not directory.may(SEARCH):
                raise Refused("EACCES")
            if name == ".":
                continue
            if name == "..":
                if len(above) > 1:
                    above.pop()
                continue
            below, inode = self.child(region, directory, name)
            if inode is None:
                if pending:
                    raise Refused("ENOENT")
                return Found(region, None, region, directory, name, tuple(above))
            if inode.kind == "l" and (pending or follow):
                links += 1
                if links > MAX_LINKS:
                    raise Refused("ELOOP")
                if inode.data.startswith("/"):
                    above = above[:1]
                pending.extend(part for part in reversed(inode.data.split("/")) if part)
                continue
            if not pending:
                return Found(below, inode, region, directory, name, tuple(above))
            above.append((below, inode))


class RightsView(View):
    """The host's own tree with Landlock's rights alone, of which a rule on a directory gives all that lies below. Modes,
    owners, times and attributes are not among them."""

    def __init__(self, root, readable, writable):
        super().__init__(Region("host", root, True))
        self.readable, self.writable = set(map(id, readable + writable)), set(map(id, writable))

    @staticmethod
    def reach(found, rules):
        return id(found.inode) in rules or any(id(inode) in rules for _, inode in found.above)

    def may_read(self, found):
        return self.reach(found, self.readable)

    def may_write(self, found):
        return self.reach(found, self.writable)

    def may_change_entry(self, found):
        return any(id(inode) in self.writable for _, inode in found.above)

    def may_link_away(self, found):
        return self.may_change_entry(found)


class Machine:
    """The calls of prober.cc."""

    def __init__(self, view):
        self.view = view

    def run(self, operation, path, argument):
        try:
            return set(), getattr(self, "do_" + operation)(path, argument) or ""
        except Refused as refused:
            return refused.reasons, ""

    # --- helpers

    def existing(self, path, follow):
        found = self.view.find(path, follow)
        if found.inode is None:
            raise Refused("ENOENT")
        return found

    def both(self, one, other):
        """Two look-ups; each may fail, and either may be told."""
        reasons, found = set(), []
        for path, follow in (one, other):
            try:
                found.append(self.view.find(path, follow))
            except Refused as refused:
                reasons |= refused.reasons
        if reasons:
            raise Refused(*reasons, *("ENOENT" for other in found if other.inode is None))
        return found

    @staticmethod
    def check(*reasons):
        reasons = [reason for reason in reasons if reason]
        if reasons:
            raise Refused(*reasons)

    def entry_reasons(self, found):
        """Why the directory's entry cannot be added, removed or replaced."""
        if found.parent is None:
            return ["EBUSY", "EEXIST", POLICY]  # the root, or what ended in ".."
        return [reason for reason in (not self.view.may_change_entry(found) and POLICY,
                                      not found.parent.may(WRITE | SEARCH) and "EACCES",
                                      found.inode is None and "ENOENT") if reason]

    def added(self, found, inode):
        found.parent.entries[found.name] = inode
        found.parent.entries_changed = True
        inode.changed = True

    def removed(self, found):
        inode = found.parent.entries.pop(found.name)
        found.parent.entries_changed = True
        inode.changed = True

    def new_entry(self, path, inode):
        found = self.view.find(path, False)
        self.check(found.inode is not None and "EEXIST",
                   *(reason for reason in self.entry_reasons(found) if reason != "ENOENT"))
        self.added(found, inode)

    def writable_file(self, path, follow=True):
        found = self.existing(path, follow)
        self.check(found.inode.kind == "d" and "EISDIR", not self.view.may_write(found) and POLICY,
                   not found.inode.may(WRITE) and "EACCES")
        found.inode.changed = True
        return found.inode

    def metadata(self, path):
        found = self.existing(path, True)
        self.check(not found.region.writable and POLICY)
        return found.inode

    # --- reading

    def do_stat(self, path, _):
        inode = self.existing(path, False).inode
        kind = {"d": "directory", "f": "file", "l": "link", "c": "other"}[inode.kind]
        size = 0 if inode.kind == "d" else len(inode.data.encode("utf-8", "surrogateescape"))
        return f"{kind} {0 if inode.kind == 'l' else inode.mode:o} {size}"

    def do_list(self, path, _):
        found = self.existing(path, True)
        self.check(found.inode.kind != "d" and "ENOTDIR", not found.inode.may(READ) and "EACCES",
                   not self.view.may_read(found) and POLICY)
        names = sorted(name.encode("utf-8", "surrogateescape") for name in found.inode.entries)
        return b"".join(name + b"/" for name in names).decode("utf-8", "surrogateescape")

    def do_read(self, path, _):
        found = self.existing(path, True)
        self.check(found.inode.kind == "d" and "EISDIR", found.inode.kind == "c" and "EACCES",
                   not found.inode.may(READ) and "EACCES", not self.view.may_read(found) and POLICY)
        return found.inode.data

    def do_readlink(self, path, _):
        inode = self.existing(path, False).inode
        self.check(inode.kind != "l" and "EINVAL")
        return inode.data

    # --- writing

    def do_write(self, path, text):
        inode = self.writable_file(path)
        inode.data = text + inode.data[len(text):]

    def do_append(self, path, text):
        self.writable_file(path).data += text

    def do_opentrunc(self, path, text):
        self.writable_file(path).data = text

    def do_truncate(self, path, _):
        self.check(self.existing(path, True).inode.kind == "c" and "EINVAL")
        self.writable_file(path).data = ""

    def do_creat(self, path, text):
        found = self.view.find(path, True)
        if found.inode is not None:
            inode = self.writable_file(path)
            inode.data = text + inode.data[len(text):]
            return
        self.check(*(reason for reason in self.entry_reasons(found) if reason != "ENOENT"))
        self.added(found, Inode("f", 0o644, text))

    def do_create(self, path, text):
        self.new_entry(path, Inode("f", 0o644, text))

    def do_tmpfile(self, path, text):
        parent = self.existing(path.rpartition("/")[0], True)
        self.check(parent.inode.kind != "d" and "ENOTDIR", not self.view.may_write(parent) and POLICY,
                   not parent.inode.may(WRITE | SEARCH) and "EACCES")
        self.new_entry(path, Inode("f", 0o644, text))

    def do_mkdir(self, path, _):
        self.new_entry(path, Inode("d"))

    def do_symlink(self, path, target):
        self.new_entry(path, Inode("l", data=target))

    def do_rmdir(self, path, _):
        found = self.view.find(path, False)
        inode = found.inode
        self.check(*self.entry_reasons(found), inode and inode.kind != "d" and "ENOTDIR",
                   inode and inode.kind == "d" and self.is_full(found) and "ENOTEMPTY",
                   inode and found.is_mount_point and POLICY)
        self.removed(found)

    def do_unlink(self, path, _):
        found = self.view.find(path, False)
        self.check(*self.entry_reasons(found), found.inode and found.inode.kind == "d" and "EISDIR",
                   found.inode and found.is_mount_point and POLICY)
        self.removed(found)

    # --- moving and linking

    @staticmethod
    def is_full(found):
        return bool(found.inode.entries)

    @staticmethod
    def holds(outer, inner):
        """True if the directory `outer` is the parent of `inner`, or lies above it."""
        return any(inode is outer.inode for _, inode in inner.above)

    @staticmethod
    def is_same(one, other):
        """Whether both are names of one file; what is mounted over them does not count."""
        beneath = [found.parent.entries.get(found.name) for found in (one, other)]
        return beneath[0] is not None and beneath[0] is beneath[1]

    def move_reasons(self, one, other):
        """What stops rename(2) of `one` to the place of `other`, which may be empty."""
        moved_between = one.parent is not other.parent
        reasons = [one.is_mount_point and POLICY, not self.view.may_change_entry(other) and POLICY,
                   not other.parent.may(WRITE | SEARCH) and "EACCES"]
        if one.inode.kind == "d":
            reasons += [moved_between and not one.inode.may(WRITE) and "EACCES", one.inode.lower and POLICY]
        return [reason for reason in reasons if reason]

    def nesting_reasons(self, one, other):
        reasons = []
        if one.inode is not None and self.holds(one, other):
            reasons.append("EINVAL")
        if other.inode is not None and self.holds(other, one):
            reasons += ["ENOTEMPTY", "EINVAL"]
        return reasons

    def do_rename(self, path, target):
        one, other = self.both((path, False), (target, False))
        self.check(*(reason for found in (one, other) if found.parent is None for reason in self.entry_reasons(found)))
        reasons = self.nesting_reasons(one, other) + [one.inode is None and "ENOENT",
                                                      one.parent_region is not other.parent_region and POLICY]
        if self.is_same(one, other) and not any(reasons):
            self.check(*(not self.view.may_change_entry(found) and POLICY for found in (one, other)))
            return  # two names of one file: nothing is done, and nothing asked
        reasons += self.entry_reasons(one)
        if one.inode is not None:
            reasons += self.move_reasons(one, other)
        if one.inode is not None and other.inode is not None:
            directories = one.inode.kind == "d", other.inode.kind == "d"
            reasons += [directories == (True, False) and "ENOTDIR", directories == (False, True) and "EISDIR",
                        directories[1] and self.is_full(other) and "ENOTEMPTY", other.is_mount_point and POLICY]
        self.check(*reasons)
        if other.inode is not None:
            self.removed(other)
        self.removed(one)
        self.added(other, one.inode)

    def do_exchange(self, path, target):
        one, other = self.both((path, False), (target, False))
        self.check(*(reason for found in (one, other) if found.parent is None for reason in self.entry_reasons(found)))
        reasons = self.nesting_reasons(one, other) + [one.parent_region is not other.parent_region and POLICY]
        reasons += [found.inode is None and "ENOENT" for found in (one, other)]
        if self.is_same(one, other) and not any(reasons):
            self.check(*(not self.view.may_change_entry(found) and POLICY for found in (one, other)))
            return
        for first, second in ((one, other), (other, one)):
            reasons += self.entry_reasons(first)
            if first.inode is not None:
                reasons += self.move_reasons(first, second)
        self.check(*reasons)
        inodes = one.inode, other.inode
        self.removed(one)
        self.removed(other)
        self.added(one, inodes[1])
        self.added(other, inodes[0])

    def link(self, path, target, follow):
        one, other = self.both((path, follow), (target, False))
        self.check(one.inode is None and "ENOENT", one.inode and one.inode.kind == "d" and "EPERM",
                   other.inode is not None and "EEXIST", one.inode and one.region is not other.parent_region and POLICY,
                   one.parent is not other.parent and not self.view.may_link_away(one) and POLICY,
                   *(reason for reason in self.entry_reasons(other) if reason != "ENOENT"))
        self.added(other, one.inode)

    def do_link(self, path, target):
        self.link(path, target, False)

    def do_linkf(self, path, target):
        self.link(path, target, True)

    # --- metadata

    def do_chmod(self, path, mode):
        inode = self.metadata(path)
        inode.mode = int(mode, 8)
        inode.changed = True

    def do_chown(self, path, _):
        self.metadata(path).changed = True

    def do_utimens(self, path, _):
        self.metadata(path).changed = True

    def do_setxattr(self, path, text):
        inode = self.metadata(path)
        self.check(not inode.may(WRITE) and "EACCES")
        inode.xattr = text
        inode.changed = True
