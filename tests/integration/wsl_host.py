#!/usr/bin/python3
"""The tool as somebody on Windows calls it, with this kernel in place of a distribution.

    wsl_host.py PLACE PADDOCK run [options] -- CMD [ARG...]

runs CMD as `PADDOCK run` would, but by `paddock.exe run --backend wsl2` under Wine, which relays it through a stand-in for
wsl.exe: so every suite of the tool is one of the backend as well. Paths of the options become those by which Windows
reaches into a distribution. Anything else but `run` is handed to PADDOCK as it is. PLACE is what wsl_lab.py prepared, a
directory for each account.
"""

import json
import os
import sys

DISTRIBUTION = "Debian"
PATHS = ("--workspace", "--cwd", "--rw", "--ro", "--hide", "--policy")  # by which Windows reaches into the distribution
SWITCHES = ("-q", "--quiet", "--strict")


def of_distribution(path):
    """An absolute path as Windows writes it; a relative one is relative there as well."""
    return "\\\\wsl.localhost\\" + DISTRIBUTION + path.replace("/", "\\") if path.startswith("/") else path


def of_drive(path):
    return "Z:" + os.path.abspath(path).replace("/", "\\")


def translate(argv):
    """run's arguments for the tool of Windows. The far side decides about its tier by itself."""
    cut = argv.index("--")
    rest, command, options, given = argv[:cut], argv[cut + 1:], [], {}
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name in SWITCHES:
            options.append(name)
            continue
        value = value if equals else rest.pop(0)
        if name == "--backend":
            continue
        given[name] = value
        value = of_distribution(value) if name in PATHS else of_drive(value) if name == "--report" else value
        options.append(f"{name}={value}")
    workspace = os.path.normpath(os.path.join(os.getcwd(), given.get("--workspace", ".")))
    if "--workspace" not in given:
        options.append(f"--workspace={of_distribution(workspace)}")
    if "--cwd" not in given:
        here = os.getcwd()
        inside = here == workspace or here.startswith(workspace.rstrip("/") + "/")
        options.append(f"--cwd={of_distribution(here if inside else workspace)}")
    return ["run", "--backend=wsl2", "--command-os=any", *options, "--", *command]


def main():
    place, paddock, subcommand, *argv = sys.argv[1:]
    if subcommand != "run":
        os.execv(paddock, [paddock, subcommand, *argv])
    own = os.path.join(place, str(os.geteuid()))
    # What the caller's environment is to a run on Linux, the distribution's is to one by wsl2: far_side.py brings it back.
    far = json.dumps(dict(os.environ))
    environment = {"PATH": "/usr/bin:/bin", "HOME": own, "USER": os.environ.get("USER", ""),
                   "LOGNAME": os.environ.get("LOGNAME", ""), "WSL_STANDIN": f"{own}/distributions", "FAR_ENVIRONMENT": far}
    wine_run = os.path.join(place, "wine_run")
    # In this process's place, so that who signals or kills it means the tool.
    os.execve(wine_run, [wine_run, "--prefix", f"{own}/prefix", "--", f"{own}/prefix/drive_c/paddock/paddock.exe",
                         *translate(argv)], environment)


if __name__ == "__main__":
    main()
