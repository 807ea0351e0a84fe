"""What the weaker tiers refuse of the daily work, and what they let through that tier namespaces refuses.

A row that is named here has to fail under that tier, and one whose refusal is lifted has to work: the table cannot grow
stale without a failure.
"""

from realwork_common import Refusal

LOOPBACK = "without a network namespace, network = \"off\" allows no internet socket at all, loopback included"
TERMINAL = "a new terminal is a file of the host's /dev/pts, among those of the user's other terminals"
SHM = "/dev/shm is the host's, where the user's other programs meet; tmp = \"host\" opens it"
TMP = "it insists on /tmp, which is closed: TMPDIR leads to a directory of the run's own"
IPC = "System V IPC and POSIX queues are the host's without a namespace of one's own"
LONG = "the path of its socket below TMPDIR is longer than a socket's path may be, in a home as deep as the suite's"
HOME = "what the host's home holds may only be read; new files and the usual caches can be written"
PERF = "the filter lets nobody measure where processes of others are in sight"

REFUSED = {
    "bubblewrap": {
        "write to $HOME for the run": Refusal("Read-only file system", HOME),
    },
    "landlock": {
        "write to $HOME for the run": Refusal("Permission denied", HOME),
        "perf stat": Refusal("", PERF),
        "perf record, perf report": Refusal("", PERF),
        "esbuild: development server": Refusal("", LOOPBACK),
        "vite: development server": Refusal("", LOOPBACK),
        "python http on loopback": Refusal("Address family not supported", LOOPBACK),
        "UDP, IPv6 and asyncio on loopback": Refusal("Address family not supported", LOOPBACK),
        "node: http, workers, watch": Refusal("EAFNOSUPPORT", LOOPBACK),
        "node: cluster, inspector, WebAssembly": Refusal("", LOOPBACK),
        "background server of the same command": Refusal("", LOOPBACK),
        "foreground server, asked from inside": Refusal("", LOOPBACK),
        "background server ends with the run": Refusal("", LOOPBACK),
        "postgres: initdb, unix socket, loopback": Refusal("", IPC),
        "javac, jar, java, jcmd attached to a virtual machine": Refusal("", TMP),
        "python multiprocessing: fork, spawn, forkserver": Refusal("Permission denied", SHM),
        "python shared memory, /dev/shm": Refusal("Permission denied", SHM),
        "sqlite in WAL mode, several writers": Refusal("Permission denied", SHM),
        "/dev: null, zero, urandom, full, tty, shm, ptmx": Refusal("Permission denied", SHM),
        "SysV message queues, semaphores, shared memory": Refusal("", IPC),
        "POSIX message queues": Refusal("", IPC),
        "ssh-agent of one's own": Refusal("too long", LONG),
        "gpg-agent of one's own: make a key, sign, verify": Refusal("", LONG),
        "script(1) and other users of ptys": Refusal("", TERMINAL),
        "python pty.spawn": Refusal("", TERMINAL),
        "job control of an interactive shell: stop, fg, interrupt": Refusal("out of pty devices", TERMINAL),
        "tmux": Refusal("", TERMINAL),
    },
}

# Refused under tier namespaces, and not here: what refuses it there is not claimed, or not the same.
LIFTED = {
    "bubblewrap": {"vite: build with a .env in the workspace"},
    "landlock": {"git submodule update, of one that is checked out", "git config of the repository", "git remote add",
                 "git branch -m", "git sparse-checkout", "vite: build with a .env in the workspace"},
}


def refusal_of(work, tier, who):
    """The Refusal that holds for this work under `tier`, or None."""
    own = REFUSED.get(tier, {}).get(work.name)
    general = work.refusal(tier, who)
    if general and general.outside:
        return general
    return own or (None if work.name in LIFTED.get(tier, ()) else general)
