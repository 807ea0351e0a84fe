"""What the text of a path or a pattern says."""

import re


def within(path, root):
    return path == root or path.startswith(root.rstrip("/") + "/")


def parent_of(path):
    return path.rpartition("/")[0] or "/"


def normal(path):
    """Lexically: "." and empty components dropped, ".." takes back what is before it."""
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def glob_to_regex(pattern):
    """docs/policy.md: * any part of one name, ? one character, ** any number of directories, [x] the character itself."""
    out = ""
    for part in pattern.strip("/").split("/"):
        if part == "**":
            out += "(?:/[^/]+)*"
            continue
        out += "/"
        for quoted, wild, plain in re.findall(r"\[([*?[])\]|([*?])|(.)", part, re.S):
            out += {"*": "[^/]*", "?": "[^/]", "": re.escape(quoted or plain)}[wild]
    return re.compile(out, re.S)


def may_match_below(pattern, path):
    """False where no path below the directory can match."""
    parts, names = pattern.strip("/").split("/"), path.strip("/").split("/")
    return any(part == "**" for part in parts[:len(names) + 1]) or len(parts) > len(names) or pattern == ".*"
