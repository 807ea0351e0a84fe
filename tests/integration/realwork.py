#!/usr/bin/python3
"""What developers do every day must work inside, under the default profile: each script runs outside, then inside.

A tool that is not installed fails the suite, unless it is in OPTIONAL below, which docs/verification.md repeats.
"""

import dataclasses
import shutil
import sys
import time
from collections.abc import Callable

from harness import SYSTEM_PATH, Lab, Scene, accounts, arguments, table

# Named as missing, and no failure: not everybody has them.
OPTIONAL = ("cargo", "clang", "java", "javac", "perf", "tmux", "valgrind", "gpg-agent")


def nothing(scene):
    return None


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    tools: tuple
    script: str         # bash -e, in the workspace
    expect: str = ""    # has to be in the output
    setup: Callable = nothing


def source(scene):
    scene.write(scene.ws / "hello.c", '#include <stdio.h>\nint main(void) { puts("hello from c"); return 0; }\n')


def cmake_project(scene):
    source(scene)
    scene.write(scene.ws / "CMakeLists.txt", "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nadd_executable(hello hello.c)\n")


def makefile(scene):
    source(scene)
    scene.write(scene.ws / "Makefile", ".PHONY: all\nall: a.o b.o c.o hello\n%.o: hello.c\n\tcc -c -o $@ hello.c\nhello: hello.c\n\tcc -o $@ $<\n")


def python(name, code):
    def setup(scene):
        scene.write(scene.ws / f"{name}.py", code)
    return setup


HTTP = """
import http.server, threading, urllib.request
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/README.md").read().decode())
"""
UNIX = """
import os, socket, tempfile, threading
path = os.path.join(tempfile.mkdtemp(), "s")
server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen()
threading.Thread(target=lambda: server.accept()[0].sendall(b"over a unix socket")).start()
client = socket.socket(socket.AF_UNIX); client.connect(path); print(client.recv(100).decode())
local = socket.socket(socket.AF_UNIX); local.bind("./local.sock"); os.unlink("./local.sock")
"""
MULTI = """
import multiprocessing as mp
def square(x): return x * x
if __name__ == "__main__":
    with mp.Pool(3) as pool: print("sum", sum(pool.map(square, range(10))))
    queue = mp.Queue(); worker = mp.Process(target=queue.put, args=("queued",)); worker.start(); print(queue.get()); worker.join()
"""
SHARED = """
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=1 << 20); memory.buf[:5] = b"hello"
other = shared_memory.SharedMemory(name=memory.name)
print("shared", bytes(other.buf[:5]).decode()); other.close(); memory.close(); memory.unlink()
"""
INOTIFY = """
import ctypes, os
libc = ctypes.CDLL(None); fd = libc.inotify_init1(0); assert fd >= 0
assert libc.inotify_add_watch(fd, b".", 0x100) >= 0
open("watched-file", "w").close(); print("event", os.read(fd, 4096)[16:28].decode())
"""
NODE = """
const http = require('http'), fs = require('fs'), os = require('os'), { Worker, isMainThread, parentPort } = require('worker_threads');
if (!isMainThread) { parentPort.postMessage('from a worker'); } else {
  new Worker(__filename).on('message', m => {
    fs.watch('.'); const server = http.createServer((q, r) => r.end(m)).listen(0, '127.0.0.1', () =>
      http.get({ port: server.address().port, host: '127.0.0.1' }, r => r.on('data', d => { console.log(String(d)); process.exit(0); })));
  });
}
"""


def submodule(scene):
    """Registered, not cloned yet: the state after a clone of the whole. git rewrites the configuration of a submodule
    that is there already, which is protected; docs/threat-model.md says so."""
    scene.git("clone", "-q", "--bare", "{ws}", "{root}/main/origin.git")
    scene.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "{root}/main/origin.git", "sub-module")
    scene.git("commit", "-q", "-m", "submodule")
    scene.git("submodule", "deinit", "-q", "-f", "--all")
    shutil.rmtree(scene.ws / ".git/modules")
    scene.git("submodule", "init", "-q")


def remote(scene):
    scene.git("clone", "-q", "--bare", "{ws}", "{ws}/origin.git")
    scene.git("remote", "add", "origin", "{ws}/origin.git")


def npm_project(scene):
    scene.write(scene.ws / "left/package.json", '{"name": "left", "version": "1.0.0", "main": "index.js"}')
    scene.write(scene.ws / "left/index.js", "module.exports = () => 'packaged';\n")
    scene.write(scene.ws / "app/package.json", '{"name": "app", "version": "1.0.0", "scripts": {"greet": "node greet.js"}}')
    scene.write(scene.ws / "app/greet.js", "console.log(require('left')());\n")


def empty_workspace(scene):
    scene.ws.rename(scene.out / "project")
    scene.ws.mkdir()
    scene.own(scene.ws)


C = "echo change >> README.md; git commit -q -a -m change; "
WORKS = (
    Work("git init, add, commit in a new directory", ("git",), "git init -q new && cd new && echo x > f && git add f && git commit -q -m x && git log --oneline", "x"),
    Work("git commit, diff, log, status", ("git",), C + "git status --short; git log --oneline | wc -l", "2"),
    Work("git stash and pop", ("git",), "echo s >> README.md; git stash -q; git diff --exit-code; git stash pop -q; git diff --stat", "README.md"),
    Work("git branch, merge", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; git merge -q --no-edit topic; git log --oneline | wc -l", "2"),
    Work("git rebase", ("git",), "git checkout -q -b topic; " + C + "git checkout -q -; echo b > b; git add b; git commit -q -m b; "
         "git checkout -q topic; git rebase -q -; git log --oneline | wc -l", "3"),
    Work("git worktree add and commit", ("git",), "git worktree add -q -b side wt; cd wt; echo w > w; git add w; git commit -q -m w; "
         "cd ..; git log side --oneline | wc -l; git worktree list | wc -l", "2"),
    Work("git gc, repack, fsck", ("git",), C + "git gc -q; git repack -q -a -d; git fsck; ls .git/objects/pack", "pack-"),
    Work("git clone of the workspace", ("git",), "git clone -q . copy; git -C copy log --oneline | wc -l", "1"),
    Work("git clone into an empty workspace", ("git",), "git clone -q $PWD/../out/project . ; git log --oneline | wc -l", "1", empty_workspace),
    Work("git fetch and push to a local remote", ("git",), C + "git push -q origin HEAD; git fetch -q; git status -sb", "##", remote),
    Work("git submodule update", ("git",), "git -c protocol.file.allow=always submodule update -q; cat sub-module/README.md", "A project", submodule),
    Work("git bisect", ("git",), C + C + "git bisect start HEAD HEAD~2 > /dev/null; git bisect run false > /dev/null; git bisect reset > /dev/null 2>&1; echo bisected", "bisected"),
    Work("gcc", ("gcc",), "gcc -o hello hello.c && ./hello", "hello from c", source),
    Work("gcc with AddressSanitizer and LeakSanitizer", ("gcc",), "gcc -fsanitize=address,undefined -o hello hello.c && ./hello", "hello from c", source),
    Work("clang", ("clang",), "clang -o hello hello.c && ./hello", "hello from c", source),
    Work("cmake and ninja or make", ("cmake", "make", "gcc"), "cmake -S . -B build > /dev/null && cmake --build build > /dev/null && build/hello", "hello from c", cmake_project),
    Work("make -j", ("make", "gcc"), "make -s -j4 all && ./hello", "hello from c", makefile),
    Work("python venv", ("python3",), "/usr/bin/python3 -m venv --without-pip v && v/bin/python -c 'import sys; print(sys.prefix)'", "/v"),
    Work("python multiprocessing", ("python3",), "/usr/bin/python3 multi.py", "queued", python("multi", MULTI)),
    Work("python http on loopback", ("python3",), "/usr/bin/python3 server.py", "A project", python("server", HTTP)),
    Work("python unix sockets", ("python3",), "/usr/bin/python3 unix.py", "over a unix socket", python("unix", UNIX)),
    Work("python shared memory", ("python3",), "/usr/bin/python3 shared.py", "shared hello", python("shared", SHARED)),
    Work("python tempfile", ("python3",), "/usr/bin/python3 -c 'import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b\"x\"); print(f.name)'", "/tmp"),
    Work("node: http, workers, watch", ("node",), "node app.js", "from a worker", lambda s: s.write(s.ws / "app.js", NODE)),
    Work("npm: pack, install offline, run a script", ("npm", "node"), "(cd left && npm pack --silent > /dev/null) && cd app && "
         "npm install --offline --no-audit --no-fund --silent ../left/left-1.0.0.tgz && npm run --silent greet", "packaged", npm_project),
    Work("sqlite in WAL mode", ("sqlite3",), "sqlite3 db 'PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(42);' ; sqlite3 db 'SELECT a FROM t'", "42"),
    Work("gdb", ("gdb", "gcc"), "gcc -g -o hello hello.c && gdb -nx -batch -ex 'break main' -ex run -ex bt ./hello 2>&1", "main ()", source),
    Work("strace", ("strace",), "strace -f -o trace /bin/true; grep -c execve trace", "1"),
    Work("inotify", ("python3",), "/usr/bin/python3 watch.py", "watched-file", python("watch", INOTIFY)),
    Work("ssh-agent of one's own", ("ssh-agent", "ssh-keygen"), "eval $(ssh-agent -s) > /dev/null; ssh-keygen -q -t ed25519 -N '' -C agent-key -f key; "
         "ssh-add -q key; ssh-add -l; ssh-agent -k > /dev/null", "agent-key"),
    Work("gpg-agent of one's own", ("gpg", "gpg-agent"), "export GNUPGHOME=$(mktemp -d); gpg --batch -q --passphrase '' --quick-gen-key t@example.org "
         "default default never 2>&1; gpg --list-keys 2>&1; gpgconf --kill all; rm -r $GNUPGHOME", "t@example.org"),
    Work("script(1) and other users of ptys", ("script",), "script -qec 'tty; echo in a pty' /dev/null", "in a pty"),
    Work("tmux", ("tmux",), "export TMUX_TMPDIR=$(mktemp -d); tmux -f /dev/null new-session -d -s s 'sleep 5'; "
         "tmux list-sessions; tmux kill-server; rm -r $TMUX_TMPDIR", "s: 1 windows"),
    Work("process substitution, here documents, fifos", ("bash",), "diff <(echo same) <(echo same); mkfifo f; echo through > f & cat f; cat <<< here", "through"),
    Work("tar, hard links, permissions", ("tar",), "ln README.md linked; tar cf a.tar src README.md linked; mkdir x; tar xf a.tar -C x; stat -c %h x/linked; chmod 600 x/linked", "2"),
    Work("mv, cp -a, find, xargs, sed -i", ("sed",), "cp -a src copy; mv copy moved; sed -i s/return/RETURN/ moved/main.c; find . -name main.c | xargs grep -l RETURN", "moved/main.c"),
    Work("whoami, id, getent", ("whoami",), "whoami; id -un; getent passwd $(id -u) | cut -d: -f1"),
    Work("localhost by name", ("getent",), "getent hosts localhost", "localhost"),
    Work("write to $HOME for the run", ("bash",), "mkdir -p ~/.cache/tool; echo cached > ~/.cache/tool/x; cat ~/.cache/tool/x; echo x >> ~/.bashrc; tail -1 ~/.bashrc", "cached"),
    Work("background server of the same command", ("python3",), "/usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 > log 2>&1 & until grep -q Serving log; do :; done; "
         "port=$(sed -n 's/.*port \\([0-9]*\\).*/\\1/p' log); exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET /README.md HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; kill $!", "A project"),
    Work("signals, traps, job control", ("bash",), "trap 'echo trapped; exit 0' TERM; kill -TERM $$; exit 1", "trapped"),
    Work("perf stat", ("perf",), "perf stat -e task-clock:u /bin/true 2>&1", "task-clock"),
    Work("valgrind", ("valgrind", "gcc"), "gcc -g -o hello hello.c && valgrind -q --error-exitcode=3 ./hello", "hello from c", source),
    Work("java", ("javac", "java"), "printf 'class H { public static void main(String[] a) { System.out.println(\"hello from java\"); } }' > H.java; javac H.java; java H", "hello from java"),
    Work("cargo", ("cargo",), "cargo init -q --vcs none c && cd c && cargo run -q --offline", "Hello, world!"),
)


def attempt(lab, who, work, launcher):
    """Runs the script once; gives None, or why it failed."""
    scene = Scene(lab, who, "work")
    try:
        work.setup(scene)
        ran = scene.run(launcher, ("/bin/bash", "-e", "-o", "pipefail", "-c", work.script))
        if ran.status != 0:
            return f"status {ran.status}: {ran.tail()}"
        if work.expect not in ran.out.decode("utf-8", "replace"):
            return f"no '{work.expect}' in the output: {ran.tail()}"
        if work.name.startswith("whoami") and set(ran.out.decode().split()) != {who.account}:
            return f"not {who.account}: {ran.tail()}"
        return None
    finally:
        scene.close()


def judge(lab, who, work):
    missing = [tool for tool in work.tools if not shutil.which(tool, path=SYSTEM_PATH)]
    if missing:
        optional = set(missing) <= set(OPTIONAL)
        return ("missing: " if optional else "FAILED: missing: ") + ", ".join(missing)
    if why := attempt(lab, who, work, "outside"):
        return f"FAILED: outside too: {why}"
    why = attempt(lab, who, work, lab.launcher)
    return f"FAILED: {why}" if why else "works"


def main():
    parser = arguments(__doc__, required=False)
    parser.add_argument("--under", default="paddock", choices=("paddock", "bwrap"))
    options = parser.parse_args()
    lab = Lab(options.paddock, launcher=options.under, run_flags=options.run_flag)
    lab.keep = options.keep
    people, notes = accounts()
    begin, lines, failures = time.monotonic(), [], []
    for work in WORKS:
        if options.only not in work.name:
            continue
        cells = {who.name: judge(lab, who, work) for who in people}
        failures += [f"{work.name} ({name}): {text}" for name, text in cells.items() if text.startswith("FAILED")]
        lines.append((work.name, *(cells.get(n, "not run").split(": ")[0] for n in ("root", "user"))))
        notes += [f"{work.name}: {text}" for text in set(cells.values()) if text.startswith("missing")]
    table(lines, ("work", "root", "user"))
    for note in notes:
        print("note:", note)
    for failure in failures:
        print("FAILURE:", failure)
    print(f"\n{len(lines)} kinds of work, {len(failures)} failures; {time.monotonic() - begin:.0f} s")
    return 1 if failures or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
