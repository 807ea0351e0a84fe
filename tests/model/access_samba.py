"""core/access against Samba's evaluator, over random descriptors and tokens.

    access_samba.py --evaluator PROGRAM [--cases 60000] [--seed 1]

What is compared: granted or denied, and the mask, for requests of named rights and of MAXIMUM_ALLOWED, of tokens that are
not restricted. Half of the descriptors go over in binary form, half in SDDL, both as Samba writes them. What Samba does not
know, or knows otherwise, is not drawn: restricting SIDs, deny-only groups, labels, AppContainers, generic rights in masks,
object and conditional ACEs, an absent DACL (Samba denies, Windows grants), the maximum of a token with privileges, and for a
null DACL the maximum (Samba takes it for an empty list) and ACCESS_SYSTEM_SECURITY (Samba asks for no privilege).

A disagreement is printed whole, shrunk, and fails the run. So does a control that does not disagree: the same cases with the
entries of their DACL reversed for one side.
"""

import argparse
import random
import subprocess
import sys

try:
    from samba import NTSTATUSError
    from samba.dcerpc import security
    from samba.ndr import ndr_pack
    from samba.security import access_check
except ImportError as error:
    sys.exit(f"access_samba: Samba's Python modules are not here ({error}): apt-get install python3-samba")

MAXIMUM_ALLOWED = 0x02000000
ACCESS_SYSTEM_SECURITY = 0x01000000
RIGHTS = [1 << bit for bit in range(9)] + [1 << bit for bit in range(16, 21)]
SIDS = ["S-1-1-0", "S-1-5-11", "S-1-5-32-544", "S-1-5-32-545", "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002",
        "S-1-5-21-1-2-3-513", "S-1-5-18", "S-1-3-4", "S-1-5-21-9-8-7-1001"]
DOMAIN = security.dom_sid("S-1-5-21-1-2-3")
PRIVILEGES = {"s": security.SEC_PRIV_SECURITY, "o": security.SEC_PRIV_TAKE_OWNERSHIP}


def draw_mask(rng):
    if rng.random() < 0.3:
        return rng.choice([0x1f01ff, 0x1301bf, 0x1200a9, 0x120116, 0x120089])
    return sum(rng.sample(RIGHTS, rng.choice([1, 1, 2, 3, 5])))


def draw(rng):
    """A case: plain data, so that it can be shrunk and printed."""
    null_dacl = rng.random() < 0.02
    privileges = rng.choice(["-"] * 8 + ["s", "o", "so"])
    wanted = rng.choice(RIGHTS) if rng.random() < 0.4 else draw_mask(rng)
    if rng.random() < 0.15 and not null_dacl:
        wanted |= ACCESS_SYSTEM_SECURITY
    if privileges == "-" and not null_dacl and rng.random() < 0.25:
        wanted = MAXIMUM_ALLOWED | (draw_mask(rng) if rng.random() < 0.3 else 0)
    return {
        "owner": rng.choice(SIDS),
        "dacl": None if null_dacl else [
            {"deny": rng.random() < 0.35, "flags": rng.choice([0] * 6 + [0x3, 0xb, 0x8, 0x13]), "mask": draw_mask(rng),
             "sid": rng.choice(SIDS)} for _ in range(rng.randrange(9))],
        "wanted": wanted,
        "privileges": privileges,
        "sids": rng.sample(SIDS[:8] + SIDS[9:], rng.randrange(1, 7)),
        "form": rng.choice(["bin", "sddl"]),
    }


def descriptor_of(case):
    result = security.descriptor()
    result.owner_sid = security.dom_sid(case["owner"])
    result.group_sid = security.dom_sid("S-1-5-32-545")
    result.type |= security.SEC_DESC_DACL_PRESENT
    if case["dacl"] is None:
        return result
    result.dacl = security.acl()  # an empty list is a list
    result.dacl.revision = 2
    for entry in case["dacl"]:
        ace = security.ace()
        ace.type = security.SEC_ACE_TYPE_ACCESS_DENIED if entry["deny"] else security.SEC_ACE_TYPE_ACCESS_ALLOWED
        ace.flags = entry["flags"]
        ace.access_mask = entry["mask"]
        ace.trustee = security.dom_sid(entry["sid"])
        result.dacl_add(ace, len(result.dacl.aces))
    return result


def samba_answer(case, descriptor):
    token = security.token()
    token.sids = [security.dom_sid(sid) for sid in case["sids"]]
    token.num_sids = len(case["sids"])
    for letter, privilege in PRIVILEGES.items():
        if letter in case["privileges"]:
            token.set_privilege(privilege)
    try:
        mask = access_check(descriptor, token, case["wanted"])
    except NTSTATUSError:
        return "denied"
    # Of nothing allowed at all Samba says that all of it is granted.
    return f"granted 0x{mask:x}" if mask else "denied"


def line_of(case, descriptor):
    if case["form"] == "bin" or case["dacl"] is None:  # Samba's SDDL has no text for a null DACL
        form, text = "bin", ndr_pack(descriptor).hex()
    else:
        form, text = "sddl", descriptor.as_sddl()
    return f"{form} {text} {case['wanted']:x} {case['privileges']} {','.join(case['sids'])}"


def ask(evaluator, lines):
    answers = subprocess.run([evaluator], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    result = answers.stdout.splitlines()
    if len(result) != len(lines):
        sys.exit(f"access_samba: {len(result)} answers to {len(lines)} cases")
    return result


def disagree(evaluator, case):
    descriptor = descriptor_of(case)
    ours, = ask(evaluator, [line_of(case, descriptor)])
    theirs = samba_answer(case, descriptor)
    return (ours, theirs) if ours != theirs else None


def smaller(case):
    """Cases with one thing less."""
    for i in range(len(case["dacl"] or [])):
        yield {**case, "dacl": case["dacl"][:i] + case["dacl"][i + 1:]}
    for i in range(1, len(case["sids"])):
        yield {**case, "sids": case["sids"][:i] + case["sids"][i + 1:]}
    for bit in range(32):
        if case["wanted"] >> bit & 1 and case["wanted"] != 1 << bit:
            yield {**case, "wanted": case["wanted"] & ~(1 << bit)}
    if case["privileges"] != "-":
        yield {**case, "privileges": "-"}


def shrink(evaluator, case):
    found = True
    while found:
        found = next((less for less in smaller(case) if disagree(evaluator, less)), None)
        case = found or case
    return case


def show(evaluator, case):
    ours, theirs = disagree(evaluator, case)
    print(f"  {case}\n  {line_of(case, descriptor_of(case))}\n  core/access: {ours}\n  Samba: {theirs}")


def reversed_dacl(case):
    return {**case, "dacl": case["dacl"] and case["dacl"][::-1]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--evaluator", required=True)
    parser.add_argument("--cases", type=int, default=60000)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()

    rng = random.Random(options.seed)
    cases = [draw(rng) for _ in range(options.cases)]
    descriptors = [descriptor_of(case) for case in cases]
    theirs = [samba_answer(case, descriptor) for case, descriptor in zip(cases, descriptors)]
    ours = ask(options.evaluator, [line_of(case, descriptor) for case, descriptor in zip(cases, descriptors)])
    wrong = [case for case, a, b in zip(cases, ours, theirs) if a != b]
    for case in wrong[:3]:
        print("They disagree:")
        show(options.evaluator, case)
        print("Shrunk:")
        show(options.evaluator, shrink(options.evaluator, case))

    control = [reversed_dacl(case) for case in cases[:5000]]
    altered = ask(options.evaluator, [line_of(case, descriptor_of(case)) for case in control])
    noticed = sum(a != b for a, b in zip(altered, theirs))
    granted = sum(answer != "denied" for answer in theirs)
    maximum = sum(bool(case["wanted"] & MAXIMUM_ALLOWED) for case in cases)
    print(f"seed {options.seed}: {len(cases)} cases, {granted} granted, {maximum} of MAXIMUM_ALLOWED: "
          f"{len(wrong)} disagreements; control: {noticed} of {len(control)} with reversed entries disagree")
    if noticed < len(control) // 50:
        print("The control hardly disagrees: the comparison would not notice an error.")
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
