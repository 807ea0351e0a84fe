"""Makes a disagreement small: drops probes, entries of the tree and rules of the policy for as long as it stays one."""

import time

MOST_SECONDS = 20


def pieces(count):
    """Ranges to leave out: large ones first, from the end, since later entries depend on earlier ones."""
    size = count
    while size >= 1:
        for start in range(count - size, -1, -size):
            yield start, start + size
        size //= 2


def without_entry(case, start, end):
    """The tree without these entries, what lies below them and what links to them."""
    gone = {entry[1] for entry in case["tree"][start:end]}
    kept = []
    for entry in case["tree"]:
        parent = entry[1].rpartition("/")[0]
        if entry[1] in gone or parent in gone or (entry[0] == "h" and entry[2] in gone):
            gone.add(entry[1])
        else:
            kept.append(entry)
    if gone & {"home", case["workspace"]}:
        return None
    return {**case, "tree": kept}


def smaller_cases(case):
    for start, end in pieces(len(case["probes"])):
        yield {**case, "probes": case["probes"][:start] + case["probes"][end:]}
    for start, end in pieces(len(case["tree"])):
        smaller = without_entry(case, start, end)
        if smaller is not None:
            yield smaller
    policy = case["policy"]
    for key, value in policy.items():
        if isinstance(value, str):
            yield {**case, "policy": {k: v for k, v in policy.items() if k != key}}
            continue
        for index in range(len(value)):
            yield {**case, "policy": {**policy, key: value[:index] + value[index + 1:]}}
        if value:
            yield {**case, "policy": {**policy, key: []}}
    for kind, *rest in case["tree"]:
        if kind in "df" and rest[1] not in ("755", "644"):
            plain = [[k, p, "755" if k == "d" else "644", *r[1:]] if p == rest[0] and k in "df" else [k, p, *r]
                     for k, p, *r in case["tree"]]
            yield {**case, "tree": plain}
    if case["place"] == "tmp":
        yield {**case, "place": "disk"}


def kind_of(sentence):
    """What must stay the same while shrinking, lest one disagreement turn into another."""
    first = sentence.partition(":")[0]
    return first.split(" ")[0] if "probe" in first else first


def shrink(case, sentence, judge):
    """`judge` gives the sentence of a case's disagreement, or None. Gives the smallest case found, and its sentence."""
    end = time.monotonic() + MOST_SECONDS
    found = True
    while found and time.monotonic() < end:
        found = False
        for smaller in smaller_cases(case):
            if time.monotonic() > end:
                break
            said = judge(smaller)
            if said is not None and kind_of(said) == kind_of(sentence):
                case, sentence, found = smaller, said, True
                break
    return case, sentence
