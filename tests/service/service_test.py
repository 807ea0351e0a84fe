"""paddockd as a client sees it: Python with grpcio.

    service_test.py --paddockd P --paddock P --generated DIR --source DIR     a sandbox has to be possible here
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import harness

OPTIONS = harness.options()
import grpc  # noqa: E402
import jsonschema  # noqa: E402
from paddock.v1 import paddock_pb2 as pb  # noqa: E402


def validate(text, name):
    document = json.loads(text)
    schema = json.loads(pathlib.Path(OPTIONS.source, "docs", "schema", f"{name}.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document)
    return document


class ServiceTest(unittest.TestCase):
    def daemon(self, *arguments, **more):
        daemon = harness.Daemon(OPTIONS.paddockd, *arguments, **more)
        self.addCleanup(daemon.close)
        return daemon

    def setUp(self):
        self.served = self.daemon()
        self.stub = self.served.stub()

    def start(self, *command, stub=None, daemon=None, keep=False, stdin=False, tty=None, **order):
        daemon = daemon or self.served
        start = pb.Start(order=daemon.order(*command, **order), keep=keep, stdin=stdin, tty=tty)
        stream = harness.Stream((stub or self.stub).Run, pb.RunRequest(start=start))
        self.addCleanup(stream.close)
        return stream

    def run_to_end(self, *command, **more):
        events = self.start(*command, **more).rest()
        self.assertEqual(events[-1].WhichOneof("event"), "exited")
        return events

    def refusal(self, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        return caught.exception

    def reason(self, error):
        """What google.rpc.ErrorInfo in the trailer says: found by its bytes, without the modules of googleapis."""
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        self.assertIn(b"type.googleapis.com/google.rpc.ErrorInfo", details)
        self.assertIn(b"remedy", details)
        return details

    # Runs.

    def test_events_status_and_report(self):
        events = self.run_to_end("sh", "-c", "echo out; echo err >&2; exit 7")
        kinds = [event.WhichOneof("event") for event in events]
        self.assertEqual(kinds[:2], ["accepted", "started"])
        self.assertEqual([event.sequence for event in events], list(range(1, len(events) + 1)))
        self.assertEqual(harness.output(events), b"out\n")
        self.assertEqual(harness.output(events, pb.Output.STDERR), b"err\n")
        self.assertEqual((events[-1].exited.exit_status, events[-1].exited.kind), (7, "exited"))
        report = validate(events[-1].exited.report_json, "report")
        self.assertEqual(report["workspace"], os.path.realpath(self.served.workspace))

    def test_a_report_may_be_left_out(self):
        def report(*command):
            start = pb.Start(order=self.served.order(*command, wall="1m"), no_report=True)
            return list(self.stub.Run(iter([pb.RunRequest(start=start)])))[-1].exited

        self.assertEqual((report("sh", "-c", "exit 7").exit_status, report("sh", "-c", "exit 7").report_json), (7, ""))
        # Not that of a refusal, which says why nothing ran.
        start = pb.Start(order=self.served.order("true", require=["ui=separate-machine"]), no_report=True)
        events = []
        self.refusal(lambda: events.extend(iter(self.stub.Run(iter([pb.RunRequest(start=start)])).__next__, None)))
        validate(events[-1].exited.report_json, "report")

    def test_every_end_has_its_status(self):
        for command, status, kind in [(["true"], 0, "exited"), (["sh", "-c", "kill -TERM $$"], 143, "signalled"),
                                      (["no-such-command"], 127, "not-found"),
                                      ([self.served.workspace], 126, "not-executable")]:
            exited = self.run_to_end(*command)[-1].exited
            self.assertEqual((exited.exit_status, exited.kind), (status, kind), command)
        exited = self.run_to_end("sleep", "60", wall="200ms")[-1].exited
        self.assertEqual((exited.exit_status, exited.kind), (124, "wall"))

    def test_the_sandbox_is_one(self):
        outside = tempfile.mkdtemp(prefix="service-outside-", dir="/var/tmp")
        self.addCleanup(os.rmdir, outside)
        target = os.path.join(outside, "control")
        subprocess.run(["sh", "-c", 'echo x > "$1"', "sh", target], check=True)
        os.unlink(target)
        self.assertNotEqual(self.run_to_end("sh", "-c", 'echo x > "$1"', "sh", target)[-1].exited.exit_status, 0)
        self.assertEqual(os.listdir(outside), [])
        self.assertEqual(self.run_to_end("sh", "-c", "echo x > made")[-1].exited.exit_status, 0)
        self.assertEqual(pathlib.Path(self.served.workspace, "made").read_text(), "x\n")

    def test_arguments_and_variables_are_bytes(self):
        order = self.served.order("printf", "%s")
        order.command.append(b"\xff\xfe")
        events = list(self.stub.Run(iter([pb.RunRequest(start=pb.Start(order=order))])))
        self.assertEqual(harness.output(events), b"\xff\xfe")
        events = self.run_to_end("sh", "-c", 'printf %s "$VALUE"', env=[b"VALUE=\xfd"])
        self.assertEqual(harness.output(events), b"\xfd")

    def test_input(self):
        stream = self.start("cat", stdin=True)
        total = 0
        for _ in range(40):
            stream.send(pb.RunRequest(input=pb.Input(stdin=b"x" * 60000)))
            total += 60000
        stream.send(pb.RunRequest(input=pb.Input(close_stdin=True)))
        events = stream.rest()
        self.assertEqual(len(harness.output(events)), total)
        self.assertEqual(harness.output(self.run_to_end("cat")), b"")  # without stdin it ends at once

    def test_a_terminal(self):
        stream = self.start("sh", "-c", "stty size; read line; stty size; test -t 0 && echo tty",
                            tty=pb.WindowSize(columns=100, rows=40))
        events = stream.until("output")
        stream.send(pb.RunRequest(input=pb.Input(resize=pb.WindowSize(columns=90, rows=20))))
        stream.send(pb.RunRequest(input=pb.Input(stdin=b"\n")))
        text = harness.output(events + stream.rest())
        self.assertIn(b"40 100", text)
        self.assertIn(b"20 90", text)
        self.assertIn(b"tty", text)

    def test_signals(self):
        stream = self.start("sh", "-c", "trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.01; done")
        stream.until("output")
        stream.send(pb.RunRequest(input=pb.Input(signal=signal.SIGUSR1)))
        events = stream.rest()
        self.assertEqual((harness.output(events), events[-1].exited.exit_status), (b"got\n", 5))

    # Errors.

    def test_refusals_have_a_reason_and_a_report(self):
        for order, code, reason in [({"require": ["ui=separate-machine"]}, grpc.StatusCode.FAILED_PRECONDITION, b"guarantee_unreachable"),
                                    ({"wall": "soon"}, grpc.StatusCode.INVALID_ARGUMENT, b"policy_invalid"),
                                    ({"workspace": b"/"}, grpc.StatusCode.INVALID_ARGUMENT, b"workspace_is_root")]:
            stream = self.start("true", **order)
            events = []
            error = self.refusal(lambda: events.extend(iter(stream.call.__next__, None)))
            self.assertEqual(error.code(), code, error)
            self.assertIn(reason, self.reason(error))
            self.assertEqual((events[-1].exited.exit_status, events[-1].exited.kind), (125, "refused"))
            validate(events[-1].exited.report_json, "report")

    def test_protocol_errors(self):
        bad = [pb.RunRequest(), pb.RunRequest(input=pb.Input(signal=9)),
               pb.RunRequest(start=pb.Start(order=self.served.order("true"), tty=pb.WindowSize(columns=70000, rows=1)))]
        for request in bad:
            error = self.refusal(lambda: list(self.stub.Run(iter([request]))))
            self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn(b"service_protocol", self.reason(error))
        for what in [pb.Input(signal=65), pb.Input(), pb.Input(stdin=b"x")]:
            stream = self.start("sleep", "60")
            pid = stream.until("started")[-1].started.process_id
            stream.send(pb.RunRequest(input=what))
            error = self.refusal(stream.rest)
            self.assertIn(b"service_protocol", self.reason(error))
            self.assertEqual(harness.wait_gone([pid]), [])
        order = self.served.order("true")
        order.command.append(b"a\0b")
        error = self.refusal(lambda: list(self.stub.Run(iter([pb.RunRequest(start=pb.Start(order=order))]))))
        self.assertIn(b"order_invalid", self.reason(error))
        error = self.refusal(lambda: self.stub.Get(pb.GetRequest(run_id="none")))
        self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)

    # Questions.

    def test_answers_are_those_of_the_tool(self):
        def tool(command):
            done = subprocess.run([OPTIONS.paddock, command, "--json", "--workspace", self.served.workspace,
                                   *(["--", "true"] if command != "probe" else [])],
                                  capture_output=True, check=False, cwd=self.served.workspace, env=self.served.environment)
            return json.loads(done.stdout)

        order = self.served.order("true")
        explained = self.stub.Explain(pb.ExplainRequest(order=order))
        self.assertTrue(explained.would_run)
        self.assertEqual(validate(explained.decision_json, "decision")["ranked"], tool("explain")["ranked"])
        plan = validate(self.stub.Plan(pb.PlanRequest(order=order)).plan_json, "plan")
        self.assertEqual(plan["backend"], tool("plan")["backend"])
        facts = validate(self.stub.Probe(pb.ProbeRequest(order=order)).facts_json, "facts")
        self.assertEqual(facts["workspace"]["root"], tool("probe")["workspace"]["root"])
        audit = validate(self.stub.Audit(pb.AuditRequest(order=order)).audit_json, "audit")
        self.assertEqual(audit["workspace"], tool("audit")["workspace"])
        windows = pathlib.Path(OPTIONS.source, "tests/fixtures/hosts/windows_11_home.json").read_text()
        decision = json.loads(self.stub.Explain(pb.ExplainRequest(order=pb.Order(command=[b"node"]), facts_json=windows)).decision_json)
        self.assertEqual(decision["ranked"][0]["backend"], "windows_token")
        error = self.refusal(lambda: self.stub.Plan(pb.PlanRequest(order=self.served.order("true", wall="soon"))))
        self.assertIn(b"policy_invalid", self.reason(error))

    def test_health_and_reflection(self):
        channel = self.served.channel()
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(check(b""), b"\x08\x01")  # SERVING
        reflect = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        answer = b"".join(reflect(iter([b"\x3a\x00"])))  # list_services
        self.assertIn(b"paddock.v1.Paddock", answer)

    # Clients that come and go.

    def test_a_client_that_goes_away_ends_its_run(self):
        stream = self.start("sleep", "1000")
        pid = stream.until("started")[-1].started.process_id
        self.assertTrue(harness.exists(pid))
        stream.call.cancel()
        self.assertEqual(harness.wait_gone([pid]), [])
        self.served.await_log("run_ended")
        self.assertEqual(list(self.stub.List(pb.ListRequest()).runs), [])

    def test_a_kept_run_goes_on(self):
        stream = self.start("sh", "-c", "echo one; read line; echo two $line; exit 3", keep=True, stdin=True)
        events = stream.until("output")
        run_id = events[0].accepted.run_id
        stream.call.cancel()
        info = self.stub.Get(pb.GetRequest(run_id=run_id)).run
        self.assertEqual((info.state, info.keep), (pb.RUNNING, True))
        again = harness.Stream(self.stub.Attach, pb.AttachRequest(
            attach=pb.AttachTo(run_id=run_id, after_sequence=events[-1].sequence)))
        again.send(pb.AttachRequest(input=pb.Input(stdin=b"more\n")))
        rest = again.rest()
        self.assertEqual(harness.output(rest), b"two more\n")
        self.assertEqual(rest[-1].exited.exit_status, 3)
        # All of it once more, and its end, for who asks later.
        whole = harness.Stream(self.stub.Attach, pb.AttachRequest(attach=pb.AttachTo(run_id=run_id))).rest()
        self.assertEqual(harness.output(whole), b"one\ntwo more\n")
        got = self.stub.Get(pb.GetRequest(run_id=run_id))
        self.assertEqual((got.run.state, got.run.exit_status), (pb.ENDED, 3))
        validate(got.report_json, "report")
        self.stub.Stop(pb.StopRequest(run_id=run_id))
        self.assertEqual(self.refusal(lambda: self.stub.Get(pb.GetRequest(run_id=run_id))).code(), grpc.StatusCode.NOT_FOUND)

    def test_what_is_dropped_is_said(self):
        daemon = self.daemon("--kept-output", "256")
        stub = daemon.stub()
        stream = self.start("sh", "-c", "head -c 4000000 /dev/zero; echo end", stub=stub, daemon=daemon, keep=True)
        run_id = stream.until("accepted")[0].accepted.run_id
        stream.call.cancel()
        harness.Stream(stub.Attach, pb.AttachRequest(attach=pb.AttachTo(run_id=run_id))).rest()
        events = harness.Stream(stub.Attach, pb.AttachRequest(attach=pb.AttachTo(run_id=run_id))).rest()
        self.assertEqual(events[0].WhichOneof("event"), "dropped")
        self.assertEqual(events[0].sequence + 1, events[1].sequence)
        self.assertTrue(harness.output(events).endswith(b"end\n"))

    def test_the_latest_client_has_the_run(self):
        stream = self.start("sleep", "1000", keep=True)
        run_id = stream.until("started")[0].accepted.run_id
        taker = harness.Stream(self.stub.Attach, pb.AttachRequest(attach=pb.AttachTo(run_id=run_id)))
        taker.until("started")
        error = self.refusal(stream.rest)
        self.assertEqual(error.code(), grpc.StatusCode.ABORTED)
        self.assertIn(b"run_attached_elsewhere", self.reason(error))
        self.stub.Stop(pb.StopRequest(run_id=run_id))
        self.assertEqual(taker.rest()[-1].exited.exit_status, 137)

    def test_a_slow_client_is_slow_alone(self):
        quiet = self.served.stub(**{"grpc.http2.lookahead_bytes": 1024})
        stream = self.start("sh", "-c", "cat /dev/zero", stub=quiet, output="none")
        stream.until("output")
        # The control: as much as the other one must never have comes through here meanwhile.
        most = 16 << 20
        self.assertGreater(len(harness.output(self.run_to_end("head", "-c", str(2 * most), "/dev/zero", output="none"))), most)
        resident = int(pathlib.Path(f"/proc/{self.served.process.pid}/statm").read_text().split()[1]) * 4096
        self.assertLess(resident, 200 << 20)
        self.assertLess(self.stub.List(pb.ListRequest()).runs[0].output_bytes, most)
        stream.call.cancel()

    def test_a_client_that_takes_nothing_is_let_go(self):
        daemon = self.daemon("--stalled-seconds", "1")
        stub = daemon.stub()
        runs = {}
        for keep in [False, True]:
            stream = self.start("cat", "/dev/zero", stub=daemon.stub(), daemon=daemon, output="none", keep=keep)
            events = stream.until("started")
            runs[keep] = (events[0].accepted.run_id, events[-1].started.process_id, stream)
        # The control: who reads is served for as long as it takes.
        busy = self.start("sh", "-c", "sleep 2; echo end", stub=stub, daemon=daemon).rest()
        self.assertEqual(harness.output(busy), b"end\n")
        daemon.await_log("client_stalled", count=2)
        self.assertEqual({line["run"]: line["kept"] for line in daemon.lines() if line["event"] == "client_stalled"},
                         {runs[keep][0]: keep for keep in runs})
        self.assertEqual(harness.wait_gone([runs[False][1]]), [])
        self.assertEqual(self.refusal(runs[False][2].rest).code(), grpc.StatusCode.CANCELLED)
        # The other one goes on, and somebody may attach.
        self.assertTrue(harness.exists(runs[True][1]))
        self.assertFalse(stub.Get(pb.GetRequest(run_id=runs[True][0])).run.attached)
        again = harness.Stream(stub.Attach, pb.AttachRequest(attach=pb.AttachTo(run_id=runs[True][0])))
        self.assertEqual(again.until("output")[-1].WhichOneof("event"), "output")
        again.close()
        stub.Stop(pb.StopRequest(run_id=runs[True][0]))

    def test_limits_on_runs(self):
        daemon = self.daemon("--max-runs", "1", "--queue", "1")
        stub = daemon.stub()
        first = self.start("sleep", "1000", stub=stub, daemon=daemon)
        first.until("started")
        second = self.start("echo", "turn", stub=stub, daemon=daemon)
        self.assertTrue(second.until("accepted")[0].accepted.waiting)
        error = self.refusal(self.start("true", stub=stub, daemon=daemon).rest)
        self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn(b"service_busy", self.reason(error))
        first.call.cancel()
        self.assertEqual(harness.output(second.rest()), b"turn\n")

    # The daemon's policy.

    def test_a_request_only_tightens(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as policy:
            policy.write('[network]\nmode = "off"\n[limits]\nwall = "1m"\n[filesystem]\ndeny_read = ["secret"]\n')
            policy.flush()
            daemon = self.daemon("--policy", policy.name)
            stub = daemon.stub()
            for loose in [{"net": "open"}, {"wall": "2m"}, {"policy_json": '{"network": {"mode": "open"}}'}]:
                self.run_to_end("true", **loose)  # the control: a daemon without a policy
                error = self.refusal(self.start("true", stub=stub, daemon=daemon, **loose).rest)
                self.assertEqual(error.code(), grpc.StatusCode.INVALID_ARGUMENT)
                self.assertIn(b"policy_exceeds_ceiling", self.reason(error))
            self.run_to_end("true", stub=stub, daemon=daemon, wall="30s")
            pathlib.Path(daemon.workspace, "secret").write_text("x")
            pathlib.Path(self.served.workspace, "secret").write_text("x")
            self.assertEqual(self.run_to_end("cat", "secret")[-1].exited.exit_status, 0)
            self.assertNotEqual(self.run_to_end("cat", "secret", stub=stub, daemon=daemon)[-1].exited.exit_status, 0)

    def test_home_is_the_daemons(self):
        home = os.path.join(self.served.directory, "home")
        os.makedirs(os.path.join(home, ".ssh"))
        pathlib.Path(home, ".ssh", "key").write_text("private")
        daemon = self.daemon(environment={"HOME": home})
        stub = daemon.stub()
        elsewhere = [b"HOME=/nonexistent", b"PATH=/usr/bin:/bin"]
        control = subprocess.run(["cat", f"{home}/.ssh/key"], capture_output=True, check=True)
        self.assertEqual(control.stdout, b"private")
        for environment in [elsewhere, [f"HOME={home}".encode(), b"PATH=/usr/bin:/bin"]]:
            caller = pb.Caller(cwd=daemon.workspace.encode(), environment=environment)
            events = self.run_to_end("cat", f"{home}/.ssh/key", stub=stub, daemon=daemon, caller=caller)
            self.assertNotEqual(events[-1].exited.exit_status, 0)
            self.assertEqual(harness.output(events), b"")

    # The daemon's end.

    def test_sigterm_drains(self):
        stream = self.start("sh", "-c", "echo ready; read line; echo done; exit 4", stdin=True)
        stream.until("output")
        self.served.process.terminate()
        self.served.await_log("signal")
        error = self.refusal(self.start("true").rest)
        self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
        stream.send(pb.RunRequest(input=pb.Input(stdin=b"\n")))
        events = stream.rest()
        self.assertEqual((harness.output(events), events[-1].exited.exit_status), (b"done\n", 4))
        self.assertEqual(self.served.process.wait(30), 0)
        self.assertFalse(os.path.exists(self.served.socket))

    def test_a_drain_has_an_end(self):
        daemon = self.daemon("--drain", "0")
        stream = self.start("sleep", "1000", stub=daemon.stub(), daemon=daemon)
        pid = stream.until("started")[-1].started.process_id
        daemon.process.terminate()
        self.assertEqual(daemon.process.wait(30), 0)
        self.assertEqual(harness.wait_gone([pid]), [])

    def test_one_daemon_at_a_socket(self):
        second = subprocess.run(self.served.arguments, capture_output=True, check=False, env=self.served.environment)
        self.assertEqual(second.returncode, 125)
        self.assertIn(b"another paddockd", second.stderr)
        self.run_to_end("true")

    def test_socket_activation(self):
        directory = os.path.join(self.served.directory, "activated")
        os.mkdir(directory, 0o700)
        path = os.path.join(directory, "s.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            script = f'exec {OPTIONS.paddockd} 3<&{listener.fileno()}'
            process = subprocess.Popen(["sh", "-c", f"LISTEN_FDS=1 LISTEN_PID=$$; export LISTEN_FDS LISTEN_PID; {script}"],
                                       pass_fds=[listener.fileno()], env=self.served.environment, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        channel = grpc.insecure_channel(f"unix:{path}")
        self.addCleanup(channel.close)
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(check(b"", wait_for_ready=True, timeout=20), b"\x08\x01")
        process.terminate()
        self.assertEqual(process.wait(30), 0)
        self.assertTrue(os.path.exists(path))  # it is systemd's

    def certificates(self, directory):
        """An authority, and a server's and a client's certificate of it; and a client's of another one."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=directory)

        for authority in ["ca", "other"]:
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    f"/CN={authority}", "-keyout", f"{authority}.key", "-out", f"{authority}.pem")
        for name, authority in [("server", "ca"), ("client", "ca"), ("stranger", "other")]:
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-keyout",
                    f"{name}.key", "-out", f"{name}.csr")
            pathlib.Path(directory, "san").write_text("subjectAltName=IP:127.0.0.1")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial",
                    "-days", "2", "-extfile", "san", "-out", f"{name}.pem")

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl here")
    def test_tcp_takes_certificates(self):
        files = os.path.join(self.served.directory, "tls")
        os.mkdir(files)
        self.certificates(files)
        flags = ["--listen-tcp", "127.0.0.1:0", "--tls-certificate", f"{files}/server.pem", "--tls-key", f"{files}/server.key",
                 "--tls-client-ca", f"{files}/ca.pem"]
        daemon = self.daemon(*flags)
        port = daemon.lines()[0]["tcp_port"]

        def check(name):
            read = lambda end: pathlib.Path(files, end).read_bytes()  # noqa: E731
            pair = (read(f"{name}.key"), read(f"{name}.pem")) if name else (None, None)
            credentials = grpc.ssl_channel_credentials(read("ca.pem"), *pair)
            with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
                return channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20)

        self.assertEqual(check("client"), b"\x08\x01")
        for name in [None, "stranger"]:
            self.assertEqual(self.refusal(lambda: check(name)).code(), grpc.StatusCode.UNAVAILABLE)
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            plain = channel.unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(self.refusal(lambda: plain(b"", timeout=20)).code(), grpc.StatusCode.UNAVAILABLE)
        # Never without all of it.
        half = subprocess.run([*self.served.arguments, *flags[:2]], capture_output=True, check=False, env=self.served.environment)
        self.assertEqual(half.returncode, 2)
        self.assertIn(b"mutual TLS", half.stderr)

    def test_counters(self):
        self.run_to_end("echo", "x")
        self.run_to_end("false")
        self.assertEqual(self.served.stop(), 0)
        metrics = self.served.metrics()
        self.assertEqual(metrics['paddockd_runs_ended_total{kind="exited"}'], "2")
        self.assertEqual(metrics["paddockd_output_bytes_total"], "2")
        self.assertEqual(metrics["paddockd_running"], "0")

    def test_many_at_once(self):
        failures = []

        def work():
            stub = self.served.stub()
            for _ in range(5):
                events = list(stub.Run(iter([pb.RunRequest(start=pb.Start(order=self.served.order("echo", "x")))])))
                if harness.output(events) != b"x\n" or events[-1].exited.exit_status != 0:
                    failures.append(events)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


if __name__ == "__main__":
    harness.main()
