"""The tier `landlock`: rules over the host's own tree, each of which gives rights below a directory, or to one file.

Rules only add. So the one that allows reading is split around what is hidden: directories on the way there have no rule of
their own, and can be passed through but not listed. A rule is the inode's: a file has it by each of its names. What
read_only lists in a private /tmp stays closed with the rest of it.
"""

from filesystem import READ, RightsView, SEARCH
from paths import within


def view_of_rights(meaning):
    policy, host = meaning.policy, meaning.host
    private_tmp = policy.get("tmp", "private") == "private"
    hidden = [path for path in meaning.masks if meaning.grant_of(path) is None]
    if private_tmp:
        hidden.append("/tmp")
    readable = []
    if policy.get("read") == "minimal":
        for path, _, _ in meaning.rules("read_only"):
            look = host.look(path)
            if look.inode is not None:
                readable += split(host, look.real, look.inode, hidden)
    else:
        for name in host.root.entries:
            readable += split(host, f"/{name}", host.root.entries[name], [*hidden, meaning.state])
    writable = [host.look(grant).inode for grant in meaning.grants]
    if not private_tmp:
        writable.append(host.root.entries["tmp"])
    return RightsView(host.root, readable, writable)


def split(host, path, inode, hidden):
    """The inodes that carry the rule which allows reading below `path`, all but what is hidden."""
    if inode.kind == "l" or any(within(path, one) for one in hidden):
        return []
    if inode.kind != "d" or not any(within(one, path) for one in hidden):
        return [inode]
    if not (host.is_root or inode.may(READ | SEARCH)):
        return []
    return [one for name, below in inode.entries.items() for one in split(host, f"{path}/{name}", below, hidden)]
