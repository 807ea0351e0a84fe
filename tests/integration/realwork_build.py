"""Compilers, build tools, debuggers, profilers, and the languages with tools of their own."""

from pathlib import Path

from realwork_common import Refusal, Work, files, source


def cmake_project(scene):
    source(scene)
    scene.write(scene.ws / "CMakeLists.txt", "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nenable_testing()\n"
                "add_executable(hello hello.c)\nadd_test(NAME hello COMMAND hello)\n")


def makefile(scene):
    source(scene)
    scene.write(scene.ws / "Makefile", ".PHONY: all\nall: a.o b.o c.o hello\n%.o: hello.c\n\tcc -c -o $@ hello.c\nhello: hello.c\n\tcc -o $@ $<\n")


LIBRARY = {
    "greet.cc": '#include <string>\nextern "C" const char* greet() { static std::string s = "from a library"; return s.c_str(); }\n',
    "main.c": '#include <dlfcn.h>\n#include <stdio.h>\nint main(void) { void* h = dlopen("./libgreet.so", RTLD_NOW);\n'
              'puts(((const char* (*)(void))dlsym(h, "greet"))()); return 0; }\n'}
LEAK = files({"leak.c": "#include <stdlib.h>\nint main(void) { void* volatile p = malloc(100); p = 0; return 0; }\n"})
RACE = files({"race.c": "#include <pthread.h>\nint x;\nvoid* add(void* a) { x++; return a; }\n"
              "int main(void) { pthread_t t; pthread_create(&t, 0, add, 0); x++; return pthread_join(t, 0); }\n"})


def npm_project(scene):
    scene.write(scene.ws / "left/package.json", '{"name": "left", "version": "1.0.0", "main": "index.js", "bin": "cli.js"}')
    scene.write(scene.ws / "left/index.js", "module.exports = () => 'packaged';\n")
    scene.write(scene.ws / "left/cli.js", "#!/usr/bin/env node\nconsole.log('left as a command');\n", 0o755)
    scene.write(scene.ws / "app/package.json", '{"name": "app", "version": "1.0.0", "scripts": {"greet": "node greet.js", "postinstall": "echo x > installed"}}')
    scene.write(scene.ws / "app/greet.js", "console.log(require('left')());\n")


NPM = "(cd left && npm pack --silent > /dev/null) && cd app && npm install --offline --no-audit --no-fund --silent ../left/left-1.0.0.tgz && "

TYPESCRIPT = files({
    "tsconfig.json": '{"compilerOptions": {"strict": true, "outDir": "out", "incremental": true, "lib": ["es5"], "types": []}, "include": ["*.ts"]}',
    "greet.ts": "export const greet = (name: string): string => `hello from ${name}`;\n",
    "main.ts": "import { greet } from './greet';\ndeclare const console: { log(s: string): void };\nconsole.log(greet('typescript'));\n"})

# Two compilations: the second is told by a watcher.
TSC_WATCH = """
import subprocess
tsc = subprocess.Popen(["tsc", "--watch", "--preserveWatchOutput"], stdout=subprocess.PIPE, text=True)
def compiled():
    for line in tsc.stdout:
        if "Watching for file changes" in line: return line
print(compiled()); open("greet.ts", "a").write("export const two = 2;\\n"); print("again", compiled()); tsc.kill(); tsc.wait()
print("two" in open("out/greet.js").read() and "seen by the watcher")
"""

# esbuild as its JavaScript interface drives it: packets over the service's stdin and stdout.
ESBUILD_SERVICE = """
import struct, subprocess
version = subprocess.check_output(["esbuild", "--version"], text=True).strip()
service = subprocess.Popen(["esbuild", f"--service={version}", "--ping"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def packet():
    return service.stdout.read(struct.unpack("<I", service.stdout.read(4))[0])
def encode(value):
    if isinstance(value, bool): return bytes([1, value])
    if isinstance(value, bytes): return b"\\4" + struct.pack("<I", len(value)) + value
    if isinstance(value, str): return b"\\3" + struct.pack("<I", len(value)) + value.encode()
    if isinstance(value, list): return b"\\5" + struct.pack("<I", len(value)) + b"".join(map(encode, value))
    return b"\\6" + struct.pack("<I", len(value)) + b"".join(struct.pack("<I", len(k)) + k.encode() + encode(v) for k, v in value.items())
print("version", packet().decode())
body = struct.pack("<I", 2) + encode({"command": "transform", "flags": ["--loader=ts"], "inputFS": False, "input": b"let a: number = 42; a"})
service.stdin.write(struct.pack("<I", len(body)) + body); service.stdin.flush()
answer = packet()
while b"let a = 42" not in answer: answer = packet()
print("transformed"); service.kill(); service.wait()
"""
ESBUILD_SERVE = """
import re, subprocess, urllib.request
server = subprocess.Popen(["esbuild", "main.ts", "--bundle", "--outdir=out", "--serve=127.0.0.1:0"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
address = next(m[0] for line in server.stderr if (m := re.search("http://127.0.0.1:[0-9]+", line)))
print(urllib.request.urlopen(address + "/main.js").read().decode()); server.kill(); server.wait()
"""
VITEST = files({"package.json": '{"name": "v", "type": "module"}', "sum.test.js": "test('sum', () => expect(1 + 1).toBe(2));\n"})


def without_env(setup):
    """Without the secrets that every scene plants in the workspace."""
    def made(scene):
        setup(scene)
        (scene.ws / ".env").unlink()
    return made


VITE = files({"package.json": '{"name": "v", "type": "module"}', "index.html": '<script type="module" src="/main.js"></script>\n',
              "main.js": "console.log('through vite');\n", "serve.py": """
import re, subprocess, urllib.request
server = subprocess.Popen(["vite", "--host", "127.0.0.1", "--clearScreen", "false"], stdout=subprocess.PIPE, text=True)
port = next(m[1] for line in server.stdout if (m := re.search(r"127\\.0\\.0\\.1:\\D*(\\d+)", line)))
print(urllib.request.urlopen(f"http://127.0.0.1:{port}/main.js").read().decode()); server.kill(); server.wait()
"""})

JAVA = files({"H.java": 'class H { public static void main(String[] a) throws Exception {\n'
              'System.out.println("hello from java");\nif (a.length > 0) System.in.read(); } }\n'})
# jcmd attaches by a signal, a file in the process's directory, and a unix socket in /tmp.
JCMD = """
import subprocess
jvm = subprocess.Popen(["java", "-cp", ".", "H", "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
jvm.stdout.readline(); print(subprocess.check_output(["jcmd", str(jvm.pid), "VM.version"], text=True)); jvm.communicate(b"x")
"""
CARGO = files({
    "Cargo.toml": '[workspace]\nmembers = ["app", "dep"]\n',
    "dep/Cargo.toml": '[package]\nname = "dep"\nversion = "0.1.0"\nedition = "2021"\n',
    "dep/src/lib.rs": 'pub fn greet() -> String { format!("hello from {}", env!("MADE_BY_BUILD_RS")) }\n',
    "dep/build.rs": 'fn main() { println!("cargo:rustc-env=MADE_BY_BUILD_RS=rust"); }\n',
    "app/Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\ndep = { path = "../dep" }\n',
    "app/src/main.rs": 'fn main() { println!("{}", dep::greet()); }\n#[test]\nfn greets() { main() }\n'})
GO = files({"go.mod": "module m\n\ngo 1.19\n", "main.go": 'package main\n\nimport "fmt"\n\nfunc Greet() string { return "hello from go" }\n'
            "func main() { fmt.Println(Greet()) }\n",
            "main_test.go": 'package main\n\nimport "testing"\n\nfunc TestGreet(t *testing.T) { if Greet() == "" { t.Fail() } }\n'})
# A debugger attached to a process that is not its child; the process ends when the debugger has said so.
ATTACH = files({"attach.py": """
import subprocess, sys
command, says = sys.argv[1:]
target = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
debugger = subprocess.Popen(command.replace("PID", str(target.pid)).split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
for line in debugger.stdout:
    print(line, end="")
    if says in line: target.stdin.close()
target.kill()
"""})


def perf_events(who):
    """perf_event_open(2): at 2 one may still count one's own processes; Debian's kernel says 3."""
    level = int(Path("/proc/sys/kernel/perf_event_paranoid").read_text())
    return f"kernel.perf_event_paranoid is {level}" if level > 2 and who.uid != 0 else None


def attaching(who):
    """Yama: at 1 an ordinary user may trace children alone."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    level = int(scope.read_text()) if scope.exists() else 0
    return f"kernel.yama.ptrace_scope is {level}" if level > 2 or (level > 0 and who.uid != 0) else None


WORKS = (
    Work("gcc", ("gcc",), "gcc -O2 -flto -o hello hello.c && ./hello", "hello from c", source),
    Work("g++, a shared library, dlopen", ("g++", "gcc"), "g++ -std=c++20 -shared -fPIC -o libgreet.so greet.cc && gcc -o main main.c && ./main", "from a library", files(LIBRARY)),
    Work("gcc with AddressSanitizer and UndefinedBehaviorSanitizer", ("gcc",), "gcc -fsanitize=address,undefined -o hello hello.c && ./hello", "hello from c", source),
    Work("LeakSanitizer finds a leak", ("gcc",), "gcc -fsanitize=address -o leak leak.c; ./leak 2>&1 || echo status $?", "detected memory leaks", LEAK),
    Work("ThreadSanitizer finds a race", ("gcc",), "gcc -g -fsanitize=thread -o race race.c; ./race 2>&1 || echo status $?", "data race", RACE),
    Work("clang", ("clang",), "clang -o hello hello.c && ./hello", "hello from c", source),
    Work("clang with its own AddressSanitizer", ("clang",), "clang -fsanitize=address -o leak leak.c; ./leak 2>&1 || echo status $?", "detected memory leaks", LEAK),
    Work("ccache", ("ccache", "gcc"), "ccache gcc -c hello.c && ccache gcc -c hello.c && ccache gcc -o hello hello.o && ./hello", "hello from c", source),
    Work("cmake, ctest", ("cmake", "make", "gcc"), "cmake -S . -B build > /dev/null && cmake --build build > /dev/null && cd build && ctest", "100% tests passed", cmake_project),
    Work("cmake with ninja", ("cmake", "ninja", "gcc"), "cmake -G Ninja -S . -B build > /dev/null && cmake --build build > /dev/null && build/hello", "hello from c", cmake_project),
    Work("make -j", ("make", "gcc"), "make -s -j4 all && ./hello", "hello from c", makefile),
    Work("gdb: breakpoint, backtrace, address randomization off", ("gdb", "gcc"),
         "gcc -g -o hello hello.c && gdb -nx -batch -ex 'break main' -ex run -ex bt ./hello > log 2>&1; if grep -i 'error disabling' log; then exit 1; fi; cat log", "main ()", source),
    Work("gdb: attach to a process", ("gdb", "python3"), "/usr/bin/python3 attach.py 'gdb -nx -batch -p PID' '[Inferior 1'", "[Inferior 1", ATTACH, needs=attaching),
    Work("strace", ("strace",), "strace -f -o trace /bin/true; grep -c execve trace", "1"),
    Work("strace: attach to a process", ("strace", "python3"), "/usr/bin/python3 attach.py 'strace -p PID' attached", "exited with 0", ATTACH, needs=attaching),
    Work("perf stat", ("perf",), "perf stat -e task-clock:u /bin/true 2>&1", "task-clock", needs=perf_events),
    Work("perf record, perf report", ("perf",), "perf record -q -e cpu-clock:u -o data -- sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done' 2>&1; "
         "perf report -i data --stdio 2> /dev/null", "cpu-clock", needs=perf_events),
    Work("valgrind", ("valgrind", "gcc"), "gcc -g -o hello hello.c && valgrind -q --error-exitcode=3 ./hello", "hello from c", source),
    Work("npm: pack, install offline, run, ci, npx", ("npm", "npx", "node"), NPM + "npm run --silent greet && rm -r node_modules && "
         "npm ci --offline --no-audit --no-fund --silent && test -f installed && npx --offline left", "left as a command", npm_project),
    Work("esbuild: bundle", ("esbuild", "node"), "esbuild main.ts --bundle --minify --sourcemap --outfile=out.js --log-level=error && node out.js", "hello from typescript", TYPESCRIPT),
    Work("esbuild: service over stdio", ("esbuild", "python3"), "/usr/bin/python3 service.py", "transformed", files({"service.py": ESBUILD_SERVICE})),
    Work("esbuild: development server", ("esbuild", "python3"), "/usr/bin/python3 serve.py", "hello from", lambda s: (TYPESCRIPT(s), s.write(s.ws / "serve.py", ESBUILD_SERVE))),
    Work("tsc", ("tsc", "node"), "tsc && node out/main.js", "hello from typescript", TYPESCRIPT),
    Work("tsc --watch", ("tsc", "python3"), "/usr/bin/python3 watch.py", "seen by the watcher", lambda s: (TYPESCRIPT(s), s.write(s.ws / "watch.py", TSC_WATCH))),
    Work("tsx", ("tsx",), "tsx main.ts", "hello from typescript", TYPESCRIPT),
    Work("vite: development server", ("vite",), "/usr/bin/python3 serve.py", "through vite", without_env(VITE)),
    Work("vite: build", ("vite",), "vite build --logLevel error && cat dist/assets/*.js", "through vite", without_env(VITE)),
    Work("vite: build with a .env in the workspace", ("vite",), "vite build --logLevel error && cat dist/assets/*.js", "through vite", VITE,
         refusals=(Refusal("EACCES", "vite insists on reading .env, which is hidden; a policy that does not list **/.env lets it"),)),
    Work("vitest", ("vitest",), "vitest run --globals 2>&1", "1 passed", without_env(VITEST)),
    Work("javac, jar, java, jcmd attached to a virtual machine", ("javac", "java", "jar", "jcmd"),
         "javac H.java && jar cfe h.jar H H.class && java -jar h.jar && /usr/bin/python3 attach.py", "VM version",
         lambda s: (JAVA(s), s.write(s.ws / "attach.py", JCMD))),
    Work("cargo: new, run", ("cargo", "rustc"), "cargo new -q --vcs none c && cd c && cargo run -q --offline", "Hello, world!"),
    Work("cargo: workspace, build script, test", ("cargo", "rustc"), "cargo test -q --offline -p app -- --nocapture", "hello from rust", CARGO),
    Work("go: build, test", ("go",), "export GOFLAGS=-mod=mod GOPROXY=off; go build -o app . && ./app && go test .", "hello from go", GO),
)
