"""Attacks on processes: reaching others, gaining privilege, and what the launcher itself is led to do."""

import fcntl
import os
import struct
import subprocess
import termios
import time

from attacks_common import Attack, attack, both, bystander, holds, nested, payload, shell

CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWNS = 0x10000000, 0x40000000, 0x00020000
SIGKILL, SIGSTOP = "9", "19"
WHOLE_ACCOUNT = "it would kill every process of the account"


def in_bystanders_group(scene):
    return {"process_group": scene.vars["pid"]}


def keyring(scene):
    scene.watch("planted", lambda: "a key in the caller's keyring" if (scene.root / "key-planted").exists() else None)


KEYRING = ("{attacker}", "with-keyring", "{secret}", "{root}/key-planted")


def kernel_log(scene):
    with open("/dev/kmsg", "w") as log:
        log.write(f"paddock attack suite: {scene.secret}\n")


def sysctl(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def secret_environment(scene):
    scene.env |= {"AWS_SECRET_ACCESS_KEY": scene.secret, "GITHUB_TOKEN": scene.secret, "NPM_TOKEN": scene.secret,
                  "OPENAI_API_KEY": scene.secret, "DATABASE_PASSWORD": scene.secret, "MY_SECRET_THING": scene.secret,
                  "SSH_AUTH_SOCK": f"/tmp/{scene.secret}"}


def preload(variable):
    def setup(scene):
        payload(scene)
        scene.env |= {variable: str(scene.lab.preload), "PRELOAD_CANARY": f"{scene.root}/pwned"}
    return setup


def static_launcher(scene):
    """A dynamically linked launcher obeys LD_PRELOAD before its first instruction: only the release build is judged."""
    if len(scene.lab.tool) > 1:
        return "the relay's host is an interpreter here, which obeys it by itself"
    if scene.lab.paddock is None or b"ld-linux" not in scene.lab.paddock.read_bytes()[:4096]:
        return None
    return "this build of paddock is dynamically linked; the released one is static"


def start_up_files(scene):
    """What interpreters and git run because of a variable; the launcher must start none of them outside."""
    payload(scene)
    evil = scene.ws / "evil"
    scene.write(evil, scene.vars["payload"], 0o755)
    scene.env |= {"BASH_ENV": str(evil), "ENV": str(evil), "PYTHONSTARTUP": str(evil), "PERL5OPT": "-d", "PERL5DB": str(evil),
                  "GIT_EXTERNAL_DIFF": str(evil), "GIT_SSH_COMMAND": str(evil), "GIT_CONFIG_COUNT": "1",
                  "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": str(evil), "PAGER": str(evil), "EDITOR": str(evil)}


def fake_tools(scene):
    """A workspace that comes first on the caller's PATH, with tools of its own for a launcher that calls by name."""
    payload(scene)
    for name in ("bwrap", "newuidmap", "newgidmap", "unshare", "mount", "ip", "git", "sh", "true", "which", "getconf"):
        scene.write(scene.ws / "bin" / name, scene.vars["payload"], 0o755)
    scene.env["PATH"] = f"{scene.ws}/bin:" + scene.env["PATH"]


TYPED = "echo pwned\n"


class Terminal:
    """A pty whose session outlives the launcher, as the user's shell does."""

    SCRIPT = '"$@"; echo ENDED; exec sleep 60'

    def __init__(self, scene, command):
        self.master, self.slave = os.openpty()
        scene.defer(os.close, self.master)
        scene.defer(os.close, self.slave)
        self.leader = scene.helper(["setsid", "--ctty", "/bin/sh", "-c", self.SCRIPT, "sh", *command], stdin=self.slave,
                                   stdout=self.slave, stderr=self.slave)

    def wait(self, seconds):
        """Everything written to the terminal until the launcher ended."""
        os.set_blocking(self.master, False)
        out, deadline = b"", time.monotonic() + seconds
        while b"ENDED" not in out and time.monotonic() < deadline:
            try:
                out += os.read(self.master, 4096)
            except BlockingIOError:
                time.sleep(0.005)
        return out

    def typed(self):
        """Bytes that wait to be read by whoever reads the terminal next."""
        return struct.unpack("i", fcntl.ioctl(self.slave, termios.FIONREAD, b"\0\0\0\0"))[0]


def inject(scene, launcher):
    terminal = Terminal(scene, scene.command(launcher, attack("inject-input", TYPED)))
    out = terminal.wait(20)
    waiting = terminal.typed()
    scene.watch("typed", lambda: f"{waiting} bytes wait in the terminal's input" if waiting else None)
    ran = scene.finish(subprocess.CompletedProcess([], 0), out, b"", 0) if b"ENDED" in out else None
    return [ran] if ran else []


ESCAPES = "\x1b]52;c;cHduZWQ=\x07\x1b]0;title\x07\x1b[6n"


def escape_in_messages(scene, launcher):
    ran = scene.run(launcher, ("sh", "-c", f"'{ESCAPES}'") if launcher == "outside" else (f"/no/such{ESCAPES}",))
    scene.watch("escaped", lambda: "an escape sequence in the messages" if b"\x1b" in ran.err + ran.out else None)
    return [ran]


def escape_in_names(scene, launcher):
    """A protected name below a directory whose name is an escape sequence ends up in the report."""
    name = f"evil{ESCAPES}".replace("/", "_")
    ran = scene.run(launcher, shell(f"mkdir -p '{name}/.git/hooks'; echo x > '{name}/.git/hooks/pre-commit'; "
                                    f"echo x > '{name}/package.json'; ls -d evil* | cat"
                                    + ("" if launcher == "outside" else " > /dev/null")))
    scene.watch("escaped", lambda: "an escape sequence in the messages" if b"\x1b" in ran.err + ran.out else None)
    return [ran]


def spoof(status):
    def setup(scene):
        def ambiguous():
            outcome = (scene.read_report() or {}).get("outcome") or {}
            told = outcome.get("kind") == "exited" and outcome.get("code") == status
            return None if told else f"status {status} alone: nothing tells whose it is"
        scene.watch("misreported", ambiguous)
    return setup


ROWS = (
    # Other processes of the same account.
    Attack("kill a process of the host", "touched", attack("kill", "{pid}", SIGKILL), bystander),
    Attack("stop a process of the host", "touched", attack("kill", "{pid}", SIGSTOP), bystander),
    Attack("kill(0): the launcher's process group", "touched", attack("kill-group"), bystander, popen=in_bystanders_group),
    Attack("kill(-1)", "touched", attack("kill-all"), bystander, control=WHOLE_ACCOUNT),
    Attack("kill of pid 1 and of the parent", "touched", attack("kill-init"), bystander,
           control="outside, pid 1 and the parent are the suite's own"),
    Attack("renice of the launcher's process group", "touched", attack("renice-group"), bystander, popen=in_bystanders_group),
    Attack("prlimit on a process of the host", "touched", attack("set-limit", "{pid}"), bystander),
    Attack("ptrace of a process of the host", "touched", attack("ptrace-stop", "{pid}"), bystander, hold=True),
    Attack("process_vm_readv", "leaked", attack("vm-read", "{pid}", "{address}"), bystander),
    Attack("process_vm_writev", "touched", attack("vm-write", "{pid}", "{address}"), bystander),
    Attack("/proc/PID/mem", "leaked", attack("read-memory", "{pid}", "{address}"), bystander),
    Attack("/proc/PID/environ", "leaked", attack("read-through-proc", "{pid}", "environ"), bystander),
    Attack("pidfd_getfd", "leaked", attack("steal-descriptor", "{pid}", "{fd}"), bystander),
    # Privilege and attack surface.
    Attack("user namespace by unshare", "held", attack("nested-unshare", str(CLONE_NEWUSER)), nested("user"), hold=True),
    Attack("user namespace by clone", "held", attack("nested-clone", str(CLONE_NEWUSER)), nested("user"), hold=True),
    Attack("user namespace by clone3", "held", attack("nested-clone3"), nested("user"), hold=True),
    Attack("mount namespace by unshare", "held", attack("nested-unshare", str(CLONE_NEWNS)), nested("mnt"), hold=True,
           privileged="needs CAP_SYS_ADMIN"),
    Attack("network namespace by unshare", "held", attack("nested-unshare", str(CLONE_NEWNET)), nested("net"), hold=True,
           privileged="needs CAP_SYS_ADMIN"),
    Attack("user namespace from a child whose filter is suspended", "held", attack("suspend-seccomp"), nested("user"), hold=True),
    Attack("read the session keyring", "leaked", attack("read-key", "canary"), keyring, prefix=KEYRING),
    Attack("plant a key in the session keyring", "planted", attack("plant-key", "planted"), keyring, prefix=KEYRING),
    Attack("bpf map", "held", attack("hold-bpf"), holds("anon_inode:bpf-map"), hold=True,
           privileged="kernel.unprivileged_bpf_disabled forbids it"),
    Attack("perf events of the whole processor", "held", attack("hold-perf"), holds("anon_inode:[perf_event]"), hold=True,
           privileged="kernel.perf_event_paranoid forbids it"),
    Attack("userfaultfd", "held", attack("hold-userfaultfd"), holds("anon_inode:[userfaultfd]"), hold=True),
    Attack("fanotify", "held", attack("hold-fanotify"), holds("anon_inode:[fanotify]"), hold=True),
    Attack("the kernel's log", "leaked", attack("read-kernel-log"), kernel_log, privileged="kernel.dmesg_restrict forbids it",
           needs=lambda s: None if os.access("/dev/kmsg", os.W_OK) else "planting a line in the kernel's log takes root"),
    # Terminals and messages.
    Attack("TIOCSTI", "typed", attack("inject-input", TYPED), execute=inject, privileged="" if sysctl("/proc/sys/dev/tty/legacy_tiocsti") != "0"
           else "dev.tty.legacy_tiocsti forbids it"),
    Attack("escape sequences in Paddock's messages", "escaped", execute=escape_in_messages),
    Attack("escape sequences in names that the report lists", "escaped", execute=escape_in_names),
    # The launcher's own environment.
    Attack("secrets in the environment", "leaked", attack("show-environment"), secret_environment),
    Attack("secrets in /proc/1/environ", "leaked", attack("read-through-proc", "1", "environ"), secret_environment),
    Attack("LD_PRELOAD given to the launcher", "executed", shell("true"), preload("LD_PRELOAD"), needs=static_launcher),
    Attack("LD_AUDIT given to the launcher", "executed", shell("true"), preload("LD_AUDIT"), needs=static_launcher),
    Attack("BASH_ENV, GIT_* and the like given to the launcher", "executed", shell("bash -c 'git diff; git status'"),
           start_up_files),
    Attack("tools of the workspace first on PATH", "executed", shell("bwrap; git status"), fake_tools),
    Attack("Paddock run inside Paddock", "wrote",
           shell("{paddock} run --rw {out} -- /bin/sh -c 'echo x > {out}/canary'")),
    Attack("sixteen Landlock layers already used", "wrote", attack("write", "{out}/canary", "x"),
           prefix=("{attacker}", "layers", "16"), refused=True),
    *(Attack(f"exit status {status} spoofed", "misreported", attack("exit", str(status)), spoof(status))
      for status in (124, 125, 126, 127, 137)),
)
