"""The C library as programs in other languages see it, through examples/capi/paddock.py.

    capi_test.py LIBRARY PADDOCK SOURCE_DIR     as root or as an ordinary user; a sandbox has to be possible here
"""

import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import jsonschema

LIBRARY, PADDOCK, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
sys.path.insert(0, os.path.join(SOURCE, "examples", "capi"))
import paddock as capi  # noqa: E402  (the example is the client)

KEPT = []
SCHEMAS = pathlib.Path(SOURCE, "docs", "schema")


def validate(document, name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document)


class CapiTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="capi ")
        self.addCleanup(temporary.cleanup)
        self.workspace = temporary.name
        self.paddock = capi.Paddock(LIBRARY, tool=PADDOCK)
        self.addCleanup(self.paddock.close)

    def order(self, *command, **more):
        return {"workspace": self.workspace, "command": list(command), **more}

    def shell(self, script, **more):
        return self.order("sh", "-c", script, **more)

    def refusal(self, function, *arguments, **more):
        with self.assertRaises(capi.PaddockError) as caught:
            function(*arguments, **more)
        return caught.exception

    # Questions.

    def test_answers_are_those_of_the_tool(self):
        def tool(command, *options):
            done = subprocess.run([PADDOCK, command, "--json", "--workspace", self.workspace, *options],
                                  capture_output=True, check=True)
            return json.loads(done.stdout)

        order = self.order("true")
        self.assertEqual(self.paddock.explain(order), tool("explain", "--", "true"))
        self.assertEqual(self.paddock.plan(order), tool("plan", "--", "true"))
        self.assertEqual(self.paddock.probe(order)["workspace"], tool("probe")["workspace"])
        validate(self.paddock.probe(order), "facts")
        self.assertEqual(self.paddock.explain({"workspace": self.workspace}), self.paddock.explain(order))

    def test_another_host_is_decided_for(self):
        facts = json.loads(pathlib.Path(SOURCE, "tests/fixtures/hosts/windows_11_home.json").read_text())
        decision = self.paddock.explain({"command": ["node"]}, facts)
        validate(decision, "decision")
        self.assertEqual(decision["ranked"][0]["backend"], "windows_token")
        validate(self.paddock.plan({"command": ["node"]}, facts), "plan")
        error = self.refusal(self.paddock.explain, {}, {"schema": "paddock.facts/1", "hosts": {}})
        self.assertEqual(error.code, 3)
        self.assertIn("hosts", error.message)

    def test_orders_and_their_schema_agree(self):
        good = [{}, self.order("true"), self.order("true", env={"A": "1", "HOME": None}, processes=64),
                self.order("true", policy={"limits": {"wall": "5s"}}), self.order("true", require={"write": "confined"})]
        bad = [[], {"command": "true"}, {"comand": []}, {"command": [None]}, {"env": {"A=B": ""}}, {"strict": "yes"},
               {"processes": "many"}, {"rw": "x"}, {"policy": 1}, {"schema": "paddock.run/2"}, {"tty": "always"}]
        for order in good:
            validate(order, "run")
            self.paddock.explain({"workspace": self.workspace, **order})
        for order in bad:
            with self.assertRaises(jsonschema.ValidationError, msg=order):
                validate(order, "run")
            error = self.refusal(self.paddock.explain, order)
            self.assertEqual((error.code, error.reason), (3, "order_invalid"), order)
            self.assertTrue(error.remedy)

    def test_values_are_refused_with_a_reason(self):
        for order, reason in [(self.order("true", wall="soon"), "policy_invalid"),
                              (self.order("true", policy={"limit": {}}), "policy_invalid"),
                              (self.order("true", policy="/nonexistent.toml"), "policy_unreadable"),
                              ({"workspace": "/", "command": ["true"]}, "workspace_is_root"),
                              ({"workspace": self.workspace}, "command_empty")]:
            error = self.refusal(self.paddock.spawn, order, lambda event: None)
            self.assertEqual(error.reason, reason, error)
            self.assertIsNone(error.report)

    # Runs.

    def test_output_status_and_report(self):
        result = self.paddock.run(self.shell("echo out; echo err >&2; exit 7"))
        self.assertEqual((result.exit_status, result.output, result.errors), (7, b"out\n", b"err\n"))
        validate(result.report, "report")
        self.assertEqual(result.report["outcome"]["kind"], "exited")

    def test_the_sandbox_is_one(self):
        outside = tempfile.mkdtemp(prefix="capi-outside-", dir="/var/tmp")
        self.addCleanup(os.rmdir, outside)
        control = os.path.join(outside, "control")
        subprocess.run(["sh", "-c", 'echo x > "$1"', "sh", control], check=True)
        os.unlink(control)
        result = self.paddock.run(self.order("sh", "-c", 'echo x > "$1"', "sh", control))
        self.assertNotEqual(result.exit_status, 0)
        self.assertEqual(os.listdir(outside), [])
        self.assertEqual(self.paddock.run(self.shell("echo x > made")).exit_status, 0)
        self.assertEqual(pathlib.Path(self.workspace, "made").read_text(), "x\n")

    def test_every_end_has_its_status(self):
        for command, status, kind in [(["true"], 0, "exited"), (["sh", "-c", "exit 255"], 255, "exited"),
                                      (["sh", "-c", "kill -TERM $$"], 143, "signalled"),
                                      (["no-such-command"], 127, "not-found"), ([self.workspace], 126, "not-executable")]:
            ends = []
            with self.paddock.spawn(self.order(*command), lambda e: ends.append((e.kind, e.exit_status, e.bytes.decode()))) as run:
                exit_status, report = run.wait()
            self.assertEqual((exit_status, report["outcome"]["kind"]), (status, kind))
            self.assertEqual(ends[-1], (capi.EXITED, status, kind))
            self.assertEqual([kind for kind, _, _ in ends].count(capi.EXITED), 1)
        with self.paddock.spawn(self.order("sleep", "60", wall="200ms"), lambda e: None) as run:
            self.assertEqual(run.wait()[0], 124)

    def test_a_refusal_is_an_error_with_a_report(self):
        order = self.order("true", require={"ui": "separate-machine"})
        error = self.refusal(self.paddock.spawn, order, lambda event: None)
        self.assertEqual(error.code, capi.FAILED_PRECONDITION)
        self.assertTrue(error.reason.startswith("guarantee_unreachable"), error.reason)
        self.assertTrue(error.remedy)
        validate(error.report, "report")
        self.assertEqual(error.report["outcome"]["kind"], "refused")

    def test_input(self):
        heard = []
        collect = lambda event: heard.append(event.bytes) if event.kind == capi.OUTPUT else None
        megabyte = os.urandom(1 << 20)
        with self.paddock.spawn(self.order("cat"), collect, stdin=capi.Stream(capi.PIPE)) as run:
            for _ in range(8):
                run.write(megabyte)
            run.close_input()
            self.assertEqual(run.wait()[0], 0)
            self.assertEqual(self.refusal(run.write, b"late").code, capi.FAILED_PRECONDITION)
        self.assertEqual(b"".join(heard), megabyte * 8)

    def test_streams_may_be_descriptors(self):
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        stdio = capi.Stdio(capi.ctypes.sizeof(capi.Stdio), capi.Stream(capi.NULL), capi.Stream(capi.HANDLE, write),
                           capi.Stream(capi.NULL))
        text = json.dumps(self.order("echo", "through")).encode()
        status = capi.ctypes.c_int32(-1)
        self.paddock._checked(self.paddock._run, self.paddock._context, text, len(text), capi.ctypes.byref(stdio),
                              capi.ON_EVENT(0), None, capi.ctypes.byref(status), None)
        os.close(write)
        self.assertEqual((status.value, os.read(read, 100)), (0, b"through\n"))

    def test_wrong_streams_are_refused(self):
        text = json.dumps(self.order("true")).encode()
        size = capi.ctypes.sizeof(capi.Stdio)
        null = capi.Stream(capi.NULL)
        for stdio, named in [(capi.Stdio(size, null, capi.Stream(capi.PIPE), null), "stdio.out"),
                             (capi.Stdio(size, null, null, capi.Stream(9)), "stdio.err"),
                             (capi.Stdio(size, capi.Stream(capi.HANDLE, -1), null, null), "stdio.in"),
                             (capi.Stdio(3, null, null, null), "paddock_stdio.size")]:
            error = self.refusal(self.paddock._checked, self.paddock._run, self.paddock._context, text, len(text),
                                 capi.ctypes.byref(stdio), capi.ON_EVENT(0), None, None, None)
            self.assertEqual(error.code, 3)
            self.assertIn(named, error.message)

    def test_a_terminal(self):
        heard, sized = [], threading.Event()

        def on_event(event):
            if event.kind == capi.OUTPUT:
                heard.append(event.bytes)
                if b"24 80" in b"".join(heard):
                    sized.set()

        script = 'test -t 0 && stty size; trap "stty size; exit 5" WINCH; while :; do sleep 0.05; done'
        with self.paddock.spawn(self.shell(script), on_event, tty=(80, 24)) as run:
            self.assertTrue(sized.wait(60))
            # The trap stands from some time after the first size on: one of the changes finds it.
            columns = 100
            while not select.select([run], [], [], 0.1)[0]:
                run.resize(columns, 50)
                columns += 1
            self.assertEqual(run.wait()[0], 5)
        self.assertIn(b"50 1", b"".join(heard))

    def test_signals_and_the_end(self):
        ready = threading.Event()
        on_event = lambda event: ready.set() if event.kind == capi.OUTPUT else None
        with self.paddock.spawn(self.shell('trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done'), on_event) as run:
            self.assertEqual(select.select([run], [], [], 0)[0], [])
            self.assertTrue(ready.wait(60))
            run.signal(signal.SIGUSR1)
            self.assertEqual(select.select([run], [], [], 60)[0], [run])
            self.assertEqual(run.wait()[0], 9)
            self.assertEqual(run.wait()[0], 9)
            self.assertEqual(self.refusal(run.signal, signal.SIGUSR1).code, capi.FAILED_PRECONDITION)

    def test_freeing_ends_the_tree(self):
        started = threading.Event()
        pids = []

        def on_event(event):
            if event.kind == capi.STARTED:
                pids.append(event.process_id)
            if event.kind == capi.OUTPUT:
                started.set()

        with self.paddock.spawn(self.shell("setsid sleep 1000 & echo x; sleep 1000"), on_event):
            self.assertTrue(started.wait(60))
            os.kill(pids[0], 0)
        with self.assertRaises(ProcessLookupError):
            os.kill(pids[0], 0)

    def test_a_run_may_be_freed_from_its_own_events(self):
        freed = threading.Event()
        box = []
        spawned = threading.Event()

        def on_event(event):
            if event.kind == capi.OUTPUT and not freed.is_set():
                spawned.wait(60)
                box[0].__exit__()
                freed.set()

        box.append(self.paddock.spawn(self.shell("echo x; exec sleep 1000"), on_event))
        KEPT.append(box[0])  # its function is still inside of the call that frees the run
        spawned.set()
        self.assertTrue(freed.wait(60))

    # The host program's own.

    def test_children_of_the_program_are_its_own(self):
        """What waits for any child must neither meet ours nor take its end away."""
        before = signal.getsignal(signal.SIGCHLD)
        heard = []
        signal.signal(signal.SIGCHLD, lambda *_: heard.append(1))
        self.addCleanup(signal.signal, signal.SIGCHLD, before)
        with self.paddock.spawn(self.order("sleep", "0.2"), lambda e: None) as run:
            with self.assertRaises(ChildProcessError):
                os.waitpid(-1, 0)
            self.assertEqual(run.wait()[0], 0)
        self.assertEqual(heard, [])

    def test_many_at_once_leave_nothing(self):
        def descriptors():
            return sorted(os.listdir("/proc/self/fd"))

        self.paddock.run(self.order("true"))
        before = descriptors()
        failures = []

        def runs(number):
            for index in range(5):
                result = self.paddock.run(self.shell(f"echo {number}.{index}; exit {number}"))
                if (result.exit_status, result.output) != (number, f"{number}.{index}\n".encode()):
                    failures.append((number, index, result.exit_status, result.output))

        workers = [threading.Thread(target=runs, args=(number,)) for number in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(failures, [])
        self.assertEqual(descriptors(), before)

    def test_it_exports_its_interface_alone(self):
        listing = subprocess.run(["nm", "--dynamic", "--defined-only", "--extern-only", LIBRARY], capture_output=True,
                                 text=True, check=True).stdout
        names = {line.split()[-1].split("@")[0] for line in listing.splitlines()} - {"PADDOCK_1"}
        self.assertEqual(names, {f"paddock_{name}" for name in capi.FUNCTIONS})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=1)
