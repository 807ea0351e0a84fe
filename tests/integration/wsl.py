#!/usr/bin/python3
"""What WSL2 adds to a distribution, and a sandbox takes away again: rule L5, on any kernel from 6.7 on.

A user namespace of the suite's own stands for WSL: binfmt_misc can be mounted there, with a handler for programs of
Windows that counts nowhere else and goes with the namespace, and tmpfs stands for the volumes below /mnt and for
/run/WSL. Each action is first done without the sandbox, where it has to succeed; then by `paddock run`, and by its relay.
The state of the files and sockets decides.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from harness import Lab, Scene, accounts, arguments, tell

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
BINFMT = Path("/proc/sys/fs/binfmt_misc")
CONNECT = 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.send(b"x")'


class Handler:
    """A stand-in for /init: it is touch(1), so that whatever it is started for leaves a file."""

    def __init__(self, directory, flags):
        self.path = Path(directory, "init")
        shutil.copy("/usr/bin/touch", self.path)
        self.flags = flags

    def __enter__(self):
        (BINFMT / "register").write_text(f":WSLInterop:M::MZ::{self.path}:{self.flags}")

    def __exit__(self, *_):
        (BINFMT / "WSLInterop").write_text("-1")


def mount(kind, target):
    subprocess.run(["mount", "-t", kind, kind, str(target)], check=True)


class Rows:
    def __init__(self, environment, workspace):
        self.environment, self.workspace = environment, workspace
        self.failures, self.count = [], 0

    def check(self, name, argv, happened, undo, launchers):
        """`argv` has to succeed outside and to have no effect inside."""
        self.count += 1
        undo()
        outside = subprocess.run(argv, cwd=self.workspace, capture_output=True, check=False)
        if not happened():
            self.failures.append(f"{name}: control: no effect outside: {outside.stderr.decode()[-200:]}")
        for launcher, tool in launchers.items():
            undo()
            ran = subprocess.run([*tool, "run", "--workspace", str(self.workspace), "--", "/bin/sh", "-c",
                                  'echo started > .started; exec "$@"', "sh", *argv], cwd=self.workspace,
                                 capture_output=True, env=self.environment, check=False)
            if not (self.workspace / ".started").exists():
                self.failures.append(f"{name}: {launcher}: did not start: {ran.stderr.decode()[-300:]}")
            if happened() or b"SECRET" in ran.stdout:
                self.failures.append(f"{name}: {launcher}: it happened: {ran.stdout.decode()[-100:]}")
            (self.workspace / ".started").unlink(missing_ok=True)


def volumes():
    """/mnt as WSL has it, a workspace on the volume, and a socket that another distribution shares."""
    mount("tmpfs", "/mnt")
    for name in ("c/Users/me/app", "c/Windows", "wsl/shared", "wslg"):
        Path("/mnt", name).mkdir(parents=True)
    Path("/mnt/c/Users/me/secret").write_text("SECRET\n")
    return Path("/mnt/c/Users/me/app")


def listen(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(8)
    listener.setblocking(False)

    def heard():
        try:
            listener.accept()[0].close()
            return True
        except BlockingIOError:
            return False
    return heard


def file_rows(rows, launchers):
    secret, planted = Path("/mnt/c/Users/me/seen"), Path("/mnt/c/Windows/planted")
    copied = rows.workspace / "copied"
    rows.check("read the Windows user's file", ["cp", "/mnt/c/Users/me/secret", str(copied)], copied.exists,
               lambda: copied.unlink(missing_ok=True), launchers)
    rows.check("write to a volume of Windows", ["touch", str(planted)], planted.exists,
               lambda: planted.unlink(missing_ok=True), launchers)
    rows.check("write beside the workspace", ["touch", str(secret)], secret.exists,
               lambda: secret.unlink(missing_ok=True), launchers)
    for where in ("/mnt/wsl/shared/docker.sock", "/mnt/wslg/wayland-0", "/run/WSL/8_interop"):
        heard = listen(where)
        rows.check(f"connect to {where}", ["/usr/bin/python3", "-c", CONNECT, where], heard, heard, launchers)


def program_rows(rows, handler, launchers):
    program, mark = rows.workspace / "tool.exe", rows.workspace / "mark"
    program.write_bytes(b"MZ" + bytes(62))
    program.chmod(0o755)
    undo = lambda: mark.unlink(missing_ok=True)
    rows.check(f"a program of Windows ({handler.flags})", [str(program), str(mark)], mark.exists, undo, launchers)
    rows.check(f"/init itself ({handler.flags})", [str(handler.path), str(mark)], mark.exists, undo, launchers)
    body = "import os,sys; f=os.memfd_create('x',0); os.write(f,b'MZ'+bytes(62)); os.execve(f,['x',sys.argv[1]],{})"
    rows.check(f"a program of Windows in memory ({handler.flags})", ["/usr/bin/python3", "-c", body, str(mark)], mark.exists,
               undo, launchers)


def inside(state):
    """In the namespace: everything again, for one account."""
    try:
        mount("binfmt_misc", BINFMT)
    except subprocess.CalledProcessError:
        print(json.dumps({"skipped": "binfmt_misc has no instances of user namespaces here (Linux 6.7)"}))
        return
    mount("tmpfs", "/run")
    Path("/run/WSL").mkdir()
    rows = Rows(state["environment"], volumes())
    launchers = {"run": state["run"], "relay": state["relay"]}
    for flags in ("PF", "P"):
        handler = Handler(state["out"], flags)
        with handler:
            program_rows(rows, handler, launchers)
            if flags == "PF":
                file_rows(rows, launchers)
    print(json.dumps({"count": rows.count, "failures": rows.failures}))


def run_account(lab, who):
    scene = Scene(lab, who, "wsl")
    state = {"out": str(scene.out), "environment": scene.env, "run": [str(lab.paddock)], "relay": lab.tool}
    script = lab.add(__file__)
    lab.add(Path(__file__).parent / "harness.py")
    process = scene.popen(["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private", "/usr/bin/python3", "-B",
                           script, "--inside", json.dumps(state)])
    out, err = process.communicate(timeout=120)
    scene.close()
    try:
        return json.loads(out)
    except ValueError:
        return {"count": 0, "failures": [f"the suite did not end: {err.decode()[-500:]}"]}


def main():
    if sys.argv[1:2] == ["--inside"]:
        return inside(json.loads(sys.argv[2]))
    options = arguments(__doc__).parse_args()
    lab = Lab(options.paddock, relay=True)
    lab.keep = options.keep
    people, notes = accounts()
    failures, count = [], 0
    for who in people:
        result = run_account(lab, who)
        if "skipped" in result:
            print(f"{who.name}: not run: {result['skipped']}")
            return SKIPPED
        count += result["count"]
        failures += [f"{who.name}: {failure}" for failure in result["failures"]]
    print(f"{count} actions, each without the sandbox, by run and by relay; {len(failures)} failures")
    tell(notes, failures)
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
