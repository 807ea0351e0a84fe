"""What a run through paddockd costs, beside the tool and bare bubblewrap: `true`, side by side.

    service.py --paddockd P --paddock P --generated DIR [--rounds N] [--at-once N ...]

Latency: one after another, on a connection that is open; the contenders take turns in each round, so that what else the
machine does falls on all of them. Throughput: as many threads, each with a contender of its own, until all rounds are done.
Prints medians and their ratios; absolute times are this machine's alone.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--paddockd", required=True)
    parser.add_argument("--paddock", required=True)
    parser.add_argument("--generated", required=True)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--at-once", type=int, nargs="*", default=[8, 32])
    return parser.parse_args()


OPTIONS = parse()
sys.path.insert(0, OPTIONS.generated)
import grpc  # noqa: E402
from paddock.v1 import paddock_pb2 as pb, paddock_pb2_grpc  # noqa: E402


class Contenders:
    def __init__(self, directory):
        self.workspace = os.path.join(directory, "ws")
        os.mkdir(self.workspace)
        self.socket = os.path.join(directory, "s.sock")
        self.daemon = subprocess.Popen([OPTIONS.paddockd, "--socket", self.socket], stderr=subprocess.DEVNULL)
        caller = pb.Caller(cwd=self.workspace.encode(), environment=[k + b"=" + v for k, v in os.environb.items()])
        self.order = pb.Order(command=[b"true"], workspace=self.workspace.encode(), caller=caller)

    def client(self):
        channel = grpc.insecure_channel(f"unix:{self.socket}", options=[("grpc.use_local_subchannel_pool", 1)])
        stub = paddock_pb2_grpc.PaddockStub(channel)
        start = pb.RunRequest(start=pb.Start(order=self.order))

        def run():
            events = list(stub.Run(iter([start]), wait_for_ready=True))
            assert events[-1].exited.exit_status == 0
        run()
        return run

    def process(self, *argv):
        return lambda: subprocess.run(argv, check=True, cwd=self.workspace)

    def all(self):
        ws = self.workspace
        return {
            "paddockd": self.client,
            "paddock run": lambda: self.process(OPTIONS.paddock, "run", "--", "true"),
            "bwrap": lambda: self.process("bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
                                          "--bind", ws, ws, "--die-with-parent", "true"),
            "paddock --remote": lambda: self.process(OPTIONS.paddock, "--remote", self.socket, "run", "--", "true"),
        }


def timed(run):
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def throughput(make, at_once, rounds):
    def work(run):
        for _ in range(rounds // at_once):
            run()

    threads = [threading.Thread(target=work, args=[make()]) for _ in range(at_once)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return rounds // at_once * at_once / (time.perf_counter() - began)


def main():
    with tempfile.TemporaryDirectory(prefix="bench-service-") as directory:
        os.chmod(directory, 0o700)
        contenders = Contenders(directory)
        try:
            makers = contenders.all()
            runs = {name: make() for name, make in makers.items()}
            times = {name: [] for name in runs}
            for _ in range(OPTIONS.rounds):
                for name, run in runs.items():
                    times[name].append(timed(run))
            medians = {name: statistics.median(values) for name, values in times.items()}
            for name, median in medians.items():
                print(f"latency  {name:18} {1000 * median:7.2f} ms   {median / medians['paddock run']:.2f} of paddock run   "
                      f"{median / medians['bwrap']:.2f} of bwrap")
            for at_once in OPTIONS.at_once:
                rates = {name: throughput(makers[name], at_once, OPTIONS.rounds) for name in ["paddockd", "paddock run", "bwrap"]}
                for name, rate in rates.items():
                    print(f"{at_once:3} at once  {name:14} {rate:7.1f} runs a second   {rate / rates['paddock run']:.2f} of paddock run   "
                          f"{rate / rates['bwrap']:.2f} of bwrap")
            resident = pathlib.Path(f"/proc/{contenders.daemon.pid}/status").read_text().split("VmRSS:")[1].split("\n")[0].strip()
            print(f"the daemon's memory afterwards: {resident}")
        finally:
            contenders.daemon.terminate()
            contenders.daemon.wait()


if __name__ == "__main__":
    main()
