"""Builds examples/backend against an installed package, and runs what it built.

    python3 check.py PREFIX WORK_DIR COMPILER [--update]     --update writes plan.json anew; review it like code
"""

import json
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HOSTS = ROOT / "tests/fixtures/hosts"
GOLDEN = HERE / "plan.json"
PREFIX, WORK, COMPILER = (Path(argument).resolve() for argument in sys.argv[1:4])
PROGRAM = WORK / "build/posix_limits_run"

ACCEPTED = '[require]\nwrite = "none"\n'  # what the example's rule asks the request to say
UNCOUNTED = '[limits]\nprocesses = "none"\n'  # RLIMIT_NPROC does not hold for root; more limits may follow


def build():
    WORK.mkdir(parents=True, exist_ok=True)
    for step in (["cmake", "-S", ROOT / "examples/backend", "-B", WORK / "build", "-G", "Ninja",
                  f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DCMAKE_CXX_COMPILER={COMPILER}"],
                 ["cmake", "--build", WORK / "build", "--", "--quiet"]):
        done = subprocess.run(step, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout.decode("utf-8", "replace"))


def run(policy, *command, host=None, stdin=b""):
    """Runs `command` under the text of a policy, in a workspace of its own."""
    workspace = WORK / "workspace"
    workspace.mkdir(exist_ok=True)
    file = WORK / "policy.toml"
    file.write_text(policy)
    options = ["--host", HOSTS / f"{host}.json"] if host else []
    return subprocess.run([PROGRAM, *options, file, *command], cwd=workspace, input=stdin, capture_output=True,
                          check=False)


def documents(text):
    """The JSON documents that stand one after the other in `text`."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        found.append(document)
    return found


def planned(policy=ACCEPTED, host="linux_6_18"):
    return run(policy + '[limits]\ncpu = "5s"\nwall = "1m"\nmemory = "1GiB"\n', "make", "-j8", host=host)


class Decisions(unittest.TestCase):
    def test_the_contract_of_a_backend_is_kept_on_every_host(self):
        hosts = sorted(HOSTS.glob("*.json"))
        done = subprocess.run([WORK / "build/conformance", *hosts], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(f"{4 * len(hosts)} decisions checked, 0 faults", done.stdout)

    def test_the_plan_is_stable(self):
        first = planned()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, planned().stdout)
        self.assertEqual(documents(first.stdout.decode())[1], json.loads(GOLDEN.read_text()))

    def test_silence_is_no_consent(self):
        decision = documents(planned(policy="").stdout.decode())[0]
        self.assertEqual(decision["ranked"], [])
        self.assertEqual([reason["code"] for reason in decision["rejected"][0]["reasons"]],
                         ["level_not_accepted:write"])
        # The control: the same host, with consent.
        self.assertEqual(documents(planned().stdout.decode())[0]["ranked"][0]["rule"], "X1")

    def test_the_wrong_system_is_refused(self):
        decision = documents(planned(host="windows_11_pro").stdout.decode())[0]
        self.assertEqual(decision["ranked"], [])
        self.assertIn("host_os_mismatch", [reason["code"] for reason in decision["rejected"][0]["reasons"]])

    def test_the_backends_own_reason_reaches_the_user(self):
        policy = '[require]\nwrite = "none"\nlimits = "per-process"\n'
        facts = json.loads((HOSTS / "linux_6_18.json").read_text())
        facts["host"]["linux"]["uid"] = 0
        (WORK / "root.json").write_text(json.dumps(facts))
        decision = documents(run(policy, "make", host=os.path.relpath(WORK / "root", HOSTS)).stdout.decode())[0]
        reasons = {reason["code"]: reason["remedy"] for reason in decision["rejected"][0]["reasons"]}
        self.assertIn("guarantee_unreachable:limits", reasons)
        self.assertIn("ordinary user", reasons["posix_limits_root_forks_freely"])


class Runs(unittest.TestCase):
    def test_output_and_status_are_relayed(self):
        done = run(ACCEPTED, "sh", "-c", "cat; echo err >&2; exit 3", stdin=b"in\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, b"in\n", b"err\n"))

    def test_a_large_output_arrives_whole(self):
        done = run(ACCEPTED, "head", "-c", "3000000", "/dev/zero")
        self.assertEqual((done.returncode, len(done.stdout)), (0, 3000000))

    def test_a_signal_is_told(self):
        done = run(ACCEPTED, "sh", "-c", "kill -USR1 $$")
        self.assertEqual(done.returncode, 128 + signal.SIGUSR1)
        self.assertIn(b"signalled", done.stderr)

    def test_what_cannot_be_executed(self):
        self.assertEqual(run(ACCEPTED, "no-such-command").returncode, 127)
        self.assertEqual(run(ACCEPTED, "/etc/passwd").returncode, 126)

    def test_the_wall_limit(self):
        done = run(ACCEPTED + '[limits]\nwall = "100ms"\n', "sleep", "1000")
        self.assertEqual(done.returncode, 124)
        self.assertIn(b"wall", done.stderr)

    def test_the_output_limit(self):
        done = run(ACCEPTED + '[limits]\noutput = "10KiB"\n', "yes")
        self.assertEqual((done.returncode, len(done.stdout)), (125, 10 << 10))
        self.assertIn(b": output", done.stderr)

    def test_the_cpu_limit(self):
        done = run(ACCEPTED + UNCOUNTED + 'cpu = "1s"\n', "sh", "-c", "while :; do :; done")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b": cpu", done.stderr)

    def test_the_file_size_limit(self):
        write = "head -c 5000 /dev/zero > big; wc -c < big; rm big"
        self.assertEqual(run(ACCEPTED, "sh", "-c", write).stdout.strip(), b"5000")  # the control
        self.assertEqual(run(ACCEPTED + UNCOUNTED + 'file_size = "1000B"\n', "sh", "-c", write).stdout.strip(), b"1000")

    def test_nothing_of_the_group_is_left(self):
        # Whoever is left holds the FIFO open for writing.
        fifo = WORK / "workspace/fifo"
        run(ACCEPTED, "true")  # makes the workspace
        fifo.unlink(missing_ok=True)
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        leave = ["sh", "-c", "exec 3> fifo; sleep 1000 & echo left"]
        control = subprocess.Popen(leave, cwd=fifo.parent, stdout=subprocess.DEVNULL, start_new_session=True)
        self.assertEqual(control.wait(), 0)
        with self.assertRaises(BlockingIOError):
            os.read(reader, 1)
        os.killpg(control.pid, signal.SIGKILL)
        os.set_blocking(reader, True)
        self.assertEqual(os.read(reader, 1), b"")
        self.assertEqual(run(ACCEPTED, *leave).stdout, b"left\n")
        self.assertEqual(os.read(reader, 1), b"")  # waits for ever if somebody is
        os.close(reader)

    def test_a_confined_write_is_refused_with_a_reason(self):
        done = run('[require]\nwrite = "confined"\n' + UNCOUNTED, "touch", "made")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"refused", done.stderr)
        self.assertIn(b"guarantee_unreachable:write", done.stderr)
        self.assertFalse((WORK / "workspace/made").exists())
        # The control: with consent it runs, and the file is there.
        self.assertEqual(run(ACCEPTED, "touch", "made").returncode, 0)
        (WORK / "workspace/made").unlink()


if __name__ == "__main__":
    build()
    if "--update" in sys.argv:
        GOLDEN.write_text(json.dumps(documents(planned().stdout.decode())[1], indent=2) + "\n")
    unittest.main(argv=[sys.argv[0], "-v"])
