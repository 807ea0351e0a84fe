"""The shell and its tools, terminals, signals, accounts, names, and what a sandbox within the sandbox is told."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios

from realwork_common import Refusal, Started, Work, files, signalled

NESTED = "a user namespace would give the command capabilities again, over mounts that hide secrets (seccomp)"
NO_PRIVILEGE = "set-uid programs gain nothing inside (no new privileges), and there is no capability"


def through_terminal(acts, script):
    """Drives `script` on a terminal. `acts` are (what is waited for, what is done then: bytes typed, or a size)."""
    def drive(scene, launcher):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        started = Started(scene, launcher, script, ("setsid", "--ctty"), stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        seen = b""
        for awaited, act in acts:
            if not (seen := read_until(master, awaited.encode())).endswith(awaited.encode()):
                started.process.kill()
                break
            if isinstance(act, tuple):
                fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *act, 0, 0))
            else:
                os.write(master, act)
        else:
            awaited = None
        status = started.end()[0] if awaited is None else None
        os.close(master)
        return None if status == 0 else f"status {status}; waited for '{awaited}' and saw {seen[-200:]!r}"
    return drive


def read_until(fd, text, seconds=30):
    """Everything up to the text; less, when the terminal ends or nothing comes any more."""
    seen = b""
    while not seen.endswith(text) and select.select([fd], [], [], seconds)[0]:
        try:
            seen += os.read(fd, 1)
        except OSError:
            break
    return seen


def binary_through_pipes(scene, launcher):
    data = bytes(range(256)) * 8192
    ran = scene.run(launcher, ("/bin/sh", "-c", "cat > data; cat data; cat data >&2"), data=data)
    return None if ran.out == data and ran.err == data and ran.status == 0 else f"status {ran.status}, {len(ran.out)} and {len(ran.err)} bytes of {len(data)}"


def streams_by_name(scene, launcher):
    read, write = os.pipe()
    os.fchown(write, scene.who.uid, scene.who.gid)  # as if the account's own shell had made it
    ran = scene.run(launcher, ("/bin/sh", "-e", "-c", "echo out > /dev/stdout; echo err > /dev/stderr; echo fd > /dev/fd/1"), stdout=write, stderr=write)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        said = stream.read()
    return None if ran.status == 0 and sorted(said.split()) == [b"err", b"fd", b"out"] else f"status {ran.status}: {said!r}"


def same_account(scene, launcher):
    ran = scene.run(launcher, ("/bin/bash", "-e", "-c", "whoami; id -un; getent passwd $(id -u) | cut -d: -f1; echo $USER"))
    return None if ran.status == 0 and set(ran.out.decode().split()) == {scene.who.account} else f"not {scene.who.account}: {ran.tail()}"


PTY = files({"spawn.py": """
import os, pty, sys
status = pty.spawn(["/bin/sh", "-c", "tty; stty size; echo in a pty"]); print("status", os.waitstatus_to_exitcode(status))
"""})
JOBS = files({"jobs.py": """
import os, pty, sys
child, master = pty.fork()
if child == 0: os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
def until(text):
    seen = b""
    while not seen.endswith(text): seen += os.read(master, 1)
def enter(keys, *awaited):
    os.write(master, keys)
    for text in awaited: until(text)
enter(b"PS1='a''t> '\\n", b"at> ")
enter(b"cat\\nechoed\\n", b"echoed\\r\\n", b"echoed\\r\\n")
enter(b"\\x1a", b"Stopped", b"at> ")
enter(b"fg > /dev/null\\nagain\\n", b"again\\r\\n", b"again\\r\\n")
enter(b"\\x03", b"at> ")  # what is typed before the prompt is back, cat might read
enter(b"exit\\n")
os.waitpid(child, 0); print("stopped, continued, interrupted")
"""})
TRAP = "trap 'kill $! 2> /dev/null || :; echo caught; exit 9' {}; sleep 60 & echo ready; wait"
# bash catches SIGINT until its exec, and loses one that comes between the word and that; dash leaves it to the kernel.
UNTRAPPED = "exec dash -c 'echo ready; exec sleep 60'"


def others_caught(scene, launcher):
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        if why := signalled(number, TRAP.format(number.name), "caught", 9)(scene, launcher):
            return why
    return None


WORKS = (
    Work("script(1) and other users of ptys", ("script",), "script -qec 'tty; echo in a pty' /dev/null", "in a pty"),
    Work("python pty.spawn", ("python3",), "/usr/bin/python3 spawn.py", "in a pty", PTY),
    Work("job control of an interactive shell: stop, fg, interrupt", ("python3", "bash"), "/usr/bin/python3 jobs.py", "stopped, continued, interrupted", JOBS),
    Work("tmux", ("tmux",), "export TMUX_TMPDIR=$(mktemp -d); tmux -f /dev/null new-session -d -s s 'echo shown; tmux wait-for -S up; cat'; tmux wait-for up; "
         "tmux list-sessions; tmux capture-pane -p -t s; tmux kill-server; rm -r $TMUX_TMPDIR", "s: 1 windows"),
    Work("a terminal on all three streams, its size, and a new size", ("stty",), drive=through_terminal(
        (("24 80", (40, 100)), ("40 100", b"")), "test -t 0 -a -t 1 -a -t 2; trap 'kill $!; stty size; exit 0' WINCH; sleep 60 & stty size; wait")),
    Work("Ctrl-C on the terminal ends the command", ("bash", "dash"), drive=through_terminal(
        (("ready", b"\x03"), ("ended by 130", b"")), f"set +e; trap : INT; (trap - INT; {UNTRAPPED}); echo ended by $?; exit 0")),
    Work("Ctrl-D and input from the terminal", ("bash",), drive=through_terminal(
        (("name? ", b"me\n"), ("hello me", b"\x04"), ("end of file", b"")), "printf 'name? '; read -r n; echo hello $n; cat > /dev/null; echo end of file")),
    Work("SIGINT to the launcher ends the command", ("dash",), drive=signalled(signal.SIGINT, UNTRAPPED, "", 130)),
    Work("SIGINT to the launcher, caught by the command", ("bash",), drive=signalled(signal.SIGINT, TRAP.format("INT"), "caught", 9)),
    Work("SIGTERM to the launcher, caught by the command", ("bash",), drive=signalled(signal.SIGTERM, TRAP.format("TERM"), "caught", 9)),
    Work("SIGHUP, SIGQUIT, SIGUSR1 to the launcher", ("bash",), drive=others_caught),
    Work("signals, traps, exit status", ("bash",), "trap 'echo trapped; exit 0' TERM; kill -TERM $$; exit 1", "trapped"),
    Work("binary data through stdin, stdout and stderr", ("cat",), drive=binary_through_pipes),
    Work("process substitution, here documents, fifos", ("bash",), "diff <(echo same) <(echo same); mkfifo f; echo through > f & cat f; cat <<< here", "through"),
    Work("/dev/stdout, /dev/stderr and /dev/fd/1 opened by name", ("bash",), drive=streams_by_name),
    Work("xargs -P, timeout, nohup, setsid, nice, flock", ("timeout",), "seq 8 | xargs -P 4 -n 1 echo > /dev/null; timeout 30 true; "
         "nohup true 2> /dev/null; setsid -w true; nice -n 5 true; flock lock true; s=0; timeout 0.05 sleep 30 || s=$?; echo status $s", "status 124"),
    Work("ps, pgrep, pkill, kill of one's own", ("ps", "pgrep"), "sleep 77 & ps -o pid,args | grep '[s]leep 77'; pgrep -P $$ -x sleep > /dev/null; "
         "pkill -P $$ -x sleep; wait $! || echo ended by $?", "ended by 143"),
    Work("df, free, nproc, uname, ulimit, /proc", ("df", "free"), "df . > /dev/null; free > /dev/null; nproc > /dev/null; uname -a > /dev/null; "
         "ulimit -n > /dev/null; cat /proc/cpuinfo /proc/meminfo /proc/self/status > /dev/null; echo told", "told"),
    Work("tar, hard links, permissions", ("tar",), "ln README.md linked; tar cf a.tar src README.md linked; mkdir x; tar xzf <(gzip < a.tar) -C x; "
         "stat -c %h x/linked; chmod 600 x/linked", "2"),
    Work("tar: an archive of somebody else's files, as root", ("tar",), "tar cf a.tar --owner=12345 --group=12345 README.md; mkdir x; tar xf a.tar -C x; "
         "stat -c '%n exists' x/README.md", "exists",
         refusals=(Refusal("Cannot change ownership to uid 12345", "there is one account inside; root's tar needs --no-same-owner", who="root"),)),
    Work("mv, cp -a, find, xargs, sed -i, install, ln -s", ("sed",), "cp -a src copy; mv copy moved; sed -i s/return/RETURN/ moved/main.c; "
         "install -m 755 README.md tool; ln -s tool link; find . -name main.c | xargs grep -l RETURN", "moved/main.c"),
    Work("whoami, id, getent, $USER", ("whoami",), drive=same_account),
    Work("localhost and the host's own name", ("getent",), "getent hosts localhost; getent ahosts localhost; test -n \"$(hostname)\"", "localhost"),
    Work("write to $HOME for the run", ("bash",), "mkdir -p ~/.cache/tool; echo cached > ~/.cache/tool/x; cat ~/.cache/tool/x; echo x >> ~/.bashrc; "
         "tail -1 ~/.bashrc", "cached"),
    Work("/dev: null, zero, urandom, full, tty, shm, ptmx", ("dd",), "head -c 4096 /dev/zero > /dev/null; head -c 8 /dev/urandom > /dev/null; "
         "if echo x 2> /dev/null > /dev/full; then exit 1; fi; "
         "dd if=/dev/zero of=/dev/shm/$$ bs=1M count=16 status=none; rm /dev/shm/$$; test -c /dev/ptmx -a -c /dev/tty; echo devices", "devices"),
    # Not possible inside, and meant so.
    Work("bubblewrap, and with it flatpak and sandboxes of browsers", ("bwrap",), "bwrap --unshare-user --ro-bind / / --dev /dev echo nested", "nested",
         refusals=(Refusal("No permissions to create new namespace", NESTED),)),
    Work("unshare --map-root-user", ("unshare",), "unshare --map-root-user id -u", "0", refusals=(Refusal("Operation not permitted", NESTED),)),
    Work("mount", ("mount",), "mkdir m; mount -t tmpfs tmpfs m; umount m; echo mounted", "mounted",
         refusals=(Refusal("permission denied", NO_PRIVILEGE, who="root"),
                   Refusal("must be superuser", "mount(8) itself refuses, outside just the same", who="user", outside=True))),
    Work("su to another account", ("su",), "su -s /bin/sh -c 'echo changed' nobody < /dev/null", "changed",
         refusals=(Refusal("cannot set groups: Operation not permitted", NO_PRIVILEGE, who="root"),
                   Refusal("su: ", "asks for a password, outside just the same", who="user", outside=True))),
)
