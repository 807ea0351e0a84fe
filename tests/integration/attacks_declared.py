"""What a run says of itself against what the host shows: a tier that cannot hold something has to say so, and the suite
checks that both ways. Damage without a word in the report fails; what held although it was not claimed is shown.

A declaration is one of: "LEVEL" as "process=shared", "risk:CODE", "VERDICT:RULE" as "not-enforced:filesystem.deny_write".
"""

TIERS = ("namespaces", "bubblewrap", "landlock")

DENY_WRITE = "not-enforced:filesystem.deny_write"
METADATA = "risk:metadata_changes_outside"
DEVICES = "risk:device_modes"
SOCKETS = "risk:host_unix_sockets"
SEEN = "risk:hidden_files_show_metadata"
READ = "read=none"
PROCESSES = "not-enforced:limits.processes"

# By kind of damage, whatever the row says.
BY_KIND = {"protected": (DENY_WRITE,), "executed": (DENY_WRITE,)}
# Damage that has to be in the report afterwards, where it was not prevented.
TOLD = ("protected", "executed")


def declarations(report):
    """All that a report declares, rules without their argument too."""
    found = {f"{guarantee}={level}" for guarantee, level in (report.get("promised") or {}).items()}
    found |= {f"risk:{risk['code']}" for risk in report.get("risks") or []}
    for verdict in report.get("verdicts") or []:
        found |= {f"{verdict['verdict']}:{verdict['rule']}", f"{verdict['verdict']}:{verdict['rule'].split(' ')[0]}"}
    return found


def excuse(row, found, report):
    """The declaration that covers the damage `found`, or None. Both have to come from one run."""
    said = declarations(report or {})
    excuses = []
    for kind, _ in found:
        fitting = [one for one in (*row.unless, *BY_KIND.get(kind, ())) if one in said]
        if not fitting:
            return None
        excuses.append(fitting[0])
    if any(kind in TOLD for kind, _ in found) and not (report.get("violations") or report.get("left_behind")):
        return None
    return excuses[0] if excuses else None


def not_claimed(row, report):
    """The declaration by which this run need not have stopped the row, if there is one."""
    said = declarations(report or {})
    return next((one for one in (*row.unless, *BY_KIND.get(row.damage, ())) if one in said), None)
