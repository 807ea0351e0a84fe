"""Python, node, and what programs need of the system: processes, memory, sockets, watchers, databases, agents."""

from realwork_common import Refusal, Work, files


def python(code):
    """A row's program is a file, since multiprocessing imports it again."""
    return files({"program.py": code})


RUN = "/usr/bin/python3 program.py"
HTTP = """
import http.server, threading, urllib.request
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/README.md").read().decode())
"""
LOOPBACK = """
import asyncio, socket
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    server = socket.socket(family, socket.SOCK_DGRAM); server.bind((address, 0))
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"datagram", server.getsockname()); print(server.recv(10).decode(), address)
async def main():
    async def answer(reader, writer): writer.write(await reader.readline()); await writer.drain(); writer.close()
    server = await asyncio.start_server(answer, "localhost", 0)
    reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
    writer.write(b"through asyncio\\n"); print((await reader.readline()).decode())
asyncio.run(main())
"""
UNIX = """
import os, socket, tempfile, threading
def talk(address, client_address):
    server = socket.socket(socket.AF_UNIX); server.bind(address); server.listen()
    threading.Thread(target=lambda: server.accept()[0].sendall(b"over a unix socket")).start()
    client = socket.socket(socket.AF_UNIX); client.connect(client_address); assert client.recv(100) == b"over a unix socket", address
path = os.path.join(tempfile.mkdtemp(), "s"); talk(path, path)
talk("./in-the-workspace.sock", os.path.abspath("in-the-workspace.sock")); os.unlink("in-the-workspace.sock")
talk("\\0of-ones-own-%d" % os.getpid(), "\\0of-ones-own-%d" % os.getpid())
left, right = socket.socketpair(); read, write = os.pipe()
socket.send_fds(left, [b"x"], [write]); os.write(socket.recv_fds(right, 1, 1)[1][0], b"a descriptor passed on"); print(os.read(read, 100).decode())
"""
MULTI = """
import concurrent.futures, multiprocessing as mp
def square(x): return x * x
def put(queue, lock):
    with lock: queue.put("queued")
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        context = mp.get_context(method)
        with context.Pool(3) as pool: assert sum(pool.map(square, range(10))) == 285
        queue, lock = context.Queue(), context.Lock(); worker = context.Process(target=put, args=(queue, lock)); worker.start(); print(method, queue.get()); worker.join()
    with concurrent.futures.ProcessPoolExecutor(2) as pool: print("sum", sum(pool.map(square, range(10))))
"""
SHARED = """
import mmap
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=1 << 20); memory.buf[:5] = b"hello"
other = shared_memory.SharedMemory(name=memory.name)
print("shared", bytes(other.buf[:5]).decode()); other.close(); memory.close(); memory.unlink()
with open("/dev/shm/large-%d" % __import__("os").getpid(), "w+b") as f:
    f.truncate(64 << 20); mapped = mmap.mmap(f.fileno(), 0); mapped[-1] = 1; __import__("os").unlink(f.name)
"""
SYSV = """
import ctypes, os
c = ctypes.CDLL(None, use_errno=True)
def ok(value, name):
    assert value != -1, (name, os.strerror(ctypes.get_errno())); return value
memory = ok(c.shmget(0, 4096, 0o600), "shmget"); queue = ok(c.msgget(0, 0o600), "msgget"); semaphore = ok(c.semget(0, 1, 0o600), "semget")
for end, identifier in ((c.shmctl, memory), (c.msgctl, queue)): ok(end(identifier, 0, None), "remove")
ok(c.semctl(semaphore, 0, 0), "remove"); print("SysV ipc")
"""
QUEUE = """
import ctypes, os
rt = ctypes.CDLL("librt.so.1", use_errno=True); name = b"/queue-%d" % os.getpid()
queue = rt.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, None)
if queue == -1: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "mq_open")
assert rt.mq_send(queue, b"message", 7, 0) == 0; rt.mq_unlink(name); print("a POSIX message queue")
"""
REPLACE = """
import os, tempfile
for directory in (".", os.path.expanduser("~"), tempfile.mkdtemp()):
    target = os.path.join(directory, "replaced")
    for text in ("old", "new"):
        fd, name = tempfile.mkstemp(dir=directory); os.write(fd, text.encode()); os.fsync(fd); os.close(fd); os.replace(name, target)
    assert open(target).read() == "new"; os.fsync(os.open(directory, os.O_RDONLY)); os.unlink(target)
print("replaced atomically")
"""
FILES = """
import ctypes, fcntl, mmap, os, select, signal, threading
with open("file", "w+b") as f:
    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.posix_fallocate(f.fileno(), 0, 1 << 16); os.utime(f.fileno(), (1, 1)); os.setxattr("file", "user.test", b"kept"); assert os.getxattr("file", "user.test") == b"kept"
    os.chmod("file", 0o750); f.truncate(1 << 30); mmap.mmap(f.fileno(), 4096)[0] = 65; f.flush()
    with open("copy", "wb") as g: os.copy_file_range(f.fileno(), g.fileno(), 4096); os.sendfile(g.fileno(), f.fileno(), 0, 4096)
fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600); os.link(f"/proc/self/fd/{fd}", "linked", dst_dir_fd=os.open(".", os.O_RDONLY), follow_symlinks=True)
os.symlink("file", "symbolic"); os.mkfifo("fifo"); os.rename("copy", "src/moved"); os.unlink("file")
memory = os.memfd_create("m"); os.write(memory, b"x"); event = os.eventfd(1); assert os.read(event, 8)
child = os.fork() or os._exit(7); pidfd = os.pidfd_open(child); select.select([pidfd], [], []); assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
callback = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 42); assert callback() == 42  # memory that is written, then executed
print("files, locks, memory, descriptors")
"""
INOTIFY = """
import ctypes, os
libc = ctypes.CDLL(None); fd = libc.inotify_init1(0); assert fd >= 0
assert libc.inotify_add_watch(fd, b".", 0x100) >= 0
open("watched-file", "w").close(); print("event", os.read(fd, 4096)[16:28].decode())
"""
CHILDREN = """
import asyncio, os, signal, subprocess, sys, threading
os.setpriority(os.PRIO_PROCESS, 0, 5); os.sched_setaffinity(0, os.sched_getaffinity(0))
server = subprocess.Popen([sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"], stdout=subprocess.PIPE, start_new_session=True)
server.stdout.readline(); os.killpg(server.pid, signal.SIGTERM); assert server.wait() == -signal.SIGTERM
async def main():
    child = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    print((await child.communicate(b"through a child"))[0].decode())
asyncio.run(main())
"""
PIP = """
import zipfile
with zipfile.ZipFile("hi-1.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("hi.py", "def main(): print('installed by pip')\\n")
    wheel.writestr("hi-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: hi\\nVersion: 1.0\\n")
    wheel.writestr("hi-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("hi-1.0.dist-info/entry_points.txt", "[console_scripts]\\nhi = hi:main\\n")
    wheel.writestr("hi-1.0.dist-info/RECORD", "")
"""
SQLITE = """
import multiprocessing, sqlite3
def insert(n):
    db = sqlite3.connect("db", timeout=30)
    for i in range(20):
        with db: db.execute("INSERT INTO t VALUES (?)", (n,))
if __name__ == "__main__":
    db = sqlite3.connect("db"); print(db.execute("PRAGMA journal_mode=WAL").fetchone()); db.execute("CREATE TABLE t(a)"); db.commit()
    with multiprocessing.Pool(3) as pool: pool.map(insert, range(3))
    print("rows", db.execute("SELECT count(*) FROM t").fetchone()[0])
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
# What tsx and test clients do: a server on a unix socket below the temporary directory, and a child that talks to it and by IPC.
NODE_UNIX = """
const { fork } = require('child_process'), fs = require('fs'), http = require('http'), net = require('net'), os = require('os'), path = require('path');
if (process.argv[2]) {
  net.connect(process.argv[2]).on('data', d => process.send(String(d), () => process.exit(0)));
} else {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tsx-')), pipe = path.join(directory, `${process.pid}.pipe`);
  const server = net.createServer(s => s.end('through a pipe')).listen(pipe, () =>
    fork(__filename, [pipe]).on('message', m => {
      console.log(m); server.close();
      const web = http.createServer((q, r) => r.end('http over a unix socket')).listen('./web.sock', () =>
        http.get({ socketPath: './web.sock' }, r => r.on('data', d => { console.log(String(d)); web.close(); fs.rmSync(directory, { recursive: true }); })));
    }));
}
"""
NODE_CLUSTER = """
const cluster = require('cluster'), http = require('http'), inspector = require('inspector');
if (cluster.isPrimary) {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
  cluster.fork().on('listening', a => http.get({ port: a.port, host: '127.0.0.1' }, r => r.on('data', d => {
    inspector.open(0, '127.0.0.1'); console.log(inspector.url(), String(d)); process.exit(inspector.url() ? 0 : 3); })));
} else { http.createServer((q, r) => r.end('from a cluster')).listen(0, '127.0.0.1'); }
"""
# What bundlers' and test runners' watchers do: a recursive watch over directories, with a change made by another process.
NODE_WATCH = """
const fs = require('fs'), { spawn } = require('child_process');
fs.mkdirSync('deep/er', { recursive: true });
fs.watch('deep/er', (event, name) => { console.log('changed', name); process.exit(0); });
spawn('touch', ['deep/er/module.ts']);
"""
NODE_TEST = "require('node:test')('adds', () => require('assert').equal(1 + 1, 2));\n"

PATH = "PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; "
POSTGRES = PATH + """
initdb -D data -U me -A trust --no-sync > log 2>&1 || { cat log; exit 1; }
sockets=$(mktemp -d)
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
pg_ctl -D data -l log -w -o "-k $sockets -h 127.0.0.1 -p $port -F" start > /dev/null
for host in $sockets 127.0.0.1; do psql -h $host -p $port -U me -Atc "SELECT 'from postgres by ' || current_user" postgres; done
pg_ctl -D data -m fast -w stop > /dev/null; rm -r $sockets
"""
# The server stands in the foreground, its client in the background.
FOREGROUND = """
import http.server, os, signal, sys, threading, urllib.request
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
if os.fork() == 0:
    server.socket.close()
    print(urllib.request.urlopen(f"http://localhost:{server.server_port}/README.md").read().decode(), flush=True)
    os.kill(os.getppid(), signal.SIGTERM); os._exit(0)
server.serve_forever()
"""


# It leaves the session, closes what it inherited, and listens; the command ends as soon as it does.
LEFT_BEHIND = """
import http.server, os, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
os.write(1, b"serving\\n"); os.dup2(os.open("/dev/null", os.O_RDWR), 1); server.serve_forever()
"""


def background_ended(scene, launcher):
    """It goes with the run; outside it stays, which is the control."""
    scene.write(scene.ws / "server.py", LEFT_BEHIND)
    ran = scene.run(launcher, ("/bin/bash", "-e", "-c", "mkfifo up; setsid /usr/bin/python3 server.py $0 > up < /dev/null 2> /dev/null & "
                               "read -r line < up; echo $line", scene.token))
    if ran.status != 0 or ran.out != b"serving\n":
        return f"status {ran.status}: {ran.tail()}"
    if launcher == "outside":
        return None if scene.processes() else "the control's server did not stay"
    return f"{len(left)} processes stayed" if (left := scene.survivors()) else None


BACKGROUND = """
/usr/bin/python3 -u -m http.server 0 --bind 127.0.0.1 > log 2>&1 & until grep -q Serving log; do :; done
port=$(sed -n 's/.*port \\([0-9]*\\).*/\\1/p' log); exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET /README.md HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; kill $!
"""

WORKS = (
    Work("python venv", ("python3",), "/usr/bin/python3 -m venv --without-pip v && v/bin/python -c 'import sys; print(sys.prefix)'", "/v"),
    Work("python: pip installs a wheel into a venv", ("python3", "/usr/share/python-wheels/pip-*.whl"), RUN + "; /usr/bin/python3 -m venv --without-pip v; "
         "v/bin/python $(echo /usr/share/python-wheels/pip-*.whl)/pip install -q --no-index --disable-pip-version-check ./hi-1.0-py3-none-any.whl; v/bin/hi", "installed by pip", python(PIP)),
    Work("python multiprocessing: fork, spawn, forkserver", ("python3",), RUN, "sum 285", python(MULTI)),
    Work("python shared memory, /dev/shm", ("python3",), RUN, "shared hello", python(SHARED)),
    Work("python tempfile", ("python3",), "/usr/bin/python3 -c 'import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b\"x\"); print(f.name)'", "/tmp"),
    Work("python: os.replace, in the workspace, $HOME and /tmp", ("python3",), RUN, "replaced atomically", python(REPLACE)),
    Work("python: locks, mmap, memfd, O_TMPFILE, pidfd, xattr, ctypes", ("python3",), RUN, "files, locks, memory, descriptors", python(FILES)),
    Work("python: children, process groups, asyncio", ("python3",), RUN, "through a child", python(CHILDREN)),
    Work("python unittest", ("python3",), "/usr/bin/python3 -m unittest program.py 2>&1", "OK",
         python("import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertTrue(True)\n")),
    Work("python http on loopback", ("python3",), RUN, "A project", python(HTTP)),
    Work("UDP, IPv6 and asyncio on loopback", ("python3",), RUN, "through asyncio", python(LOOPBACK)),
    Work("unix sockets: path, workspace, abstract, descriptors passed", ("python3",), RUN, "a descriptor passed on", python(UNIX)),
    Work("SysV message queues, semaphores, shared memory", ("python3",), RUN, "SysV ipc", python(SYSV)),
    Work("POSIX message queues", ("python3",), RUN, "a POSIX message queue", python(QUEUE),
         refusals=(Refusal("[Errno 13] Permission denied", "the file system of queues is not mounted inside, so no Landlock rule grants it"),)),
    Work("inotify", ("python3",), RUN, "watched-file", python(INOTIFY)),
    Work("node: http, workers, watch", ("node",), "node app.js", "from a worker", files({"app.js": NODE})),
    Work("node: unix sockets and ipc, as tsx and test clients use them", ("node",), "node app.js", "http over a unix socket", files({"app.js": NODE_UNIX})),
    Work("node: cluster, inspector, WebAssembly", ("node",), "node app.js", "from a cluster", files({"app.js": NODE_CLUSTER})),
    Work("node: watch of a directory that another process changes", ("node",), "node app.js", "changed module.ts", files({"app.js": NODE_WATCH})),
    Work("node --test", ("node",), "node --test app.test.js", "pass 1", files({"app.test.js": NODE_TEST})),
    Work("sqlite in WAL mode", ("sqlite3",), "sqlite3 db 'PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(42);' ; sqlite3 db 'SELECT a FROM t'", "42"),
    Work("sqlite in WAL mode, several writers", ("python3",), RUN, "rows 60", python(SQLITE)),
    Work("postgres: initdb, unix socket, loopback", ("/usr/lib/postgresql/*/bin/initdb",), POSTGRES, "from postgres by me",
         refusals=(Refusal("cannot be run as root", "postgres itself refuses root, outside just the same", who="root", outside=True),)),
    Work("background server of the same command", ("python3",), BACKGROUND, "A project"),
    Work("foreground server, asked from inside", ("python3",), RUN, "A project", python(FOREGROUND)),
    Work("background server ends with the run", ("python3",), drive=background_ended),
    Work("ssh-agent of one's own", ("ssh-agent", "ssh-keygen"), "eval $(ssh-agent -s) > /dev/null; ssh-keygen -q -t ed25519 -N '' -C agent-key -f key; "
         "ssh-add -q key; ssh-add -l; ssh-agent -k > /dev/null", "agent-key"),
    Work("gpg-agent of one's own: make a key, sign, verify", ("gpg", "gpg-agent"), "export GNUPGHOME=$(mktemp -d); gpg --batch -q --passphrase '' --quick-gen-key t@example.org "
         "default default never 2>&1; gpg --batch -q -o s.gpg --sign README.md; gpg --verify s.gpg 2>&1; gpgconf --kill all; rm -r $GNUPGHOME", "Good signature"),
)
