#!/usr/bin/python3
"""What a run through `paddock relay` costs over the same run by itself, as ratios. Measured and printed, never asserted.

    bench/relay.py PADDOCK [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "tests/integration"))
from relay_host import (CLOSE_INPUT, EXITED, INPUT, LARGEST_PIECE, START, STDOUT, Relay, encode, encode_json, nested_run,  # noqa: E402
                        shown_policy)

MUCH = 100 << 20


def direct(paddock, workspace):
    subprocess.run([paddock, "run", "--", "/bin/true"], cwd=workspace, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.PIPE)


def relayed(paddock, workspace, start):
    relay = Relay(paddock, cwd=workspace)
    relay.send_raw(start)
    relay.until(EXITED)
    relay.close()


def direct_bytes(paddock, workspace):
    process = subprocess.Popen([paddock, "run", "--", "/bin/cat"], cwd=workspace, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    piece, left, got = bytes(LARGEST_PIECE), MUCH, 0
    os.set_blocking(process.stdin.fileno(), False)
    while got < MUCH:
        try:
            while left:
                left -= os.write(process.stdin.fileno(), piece[:min(left, LARGEST_PIECE)])
        except BlockingIOError:
            pass
        got += len(os.read(process.stdout.fileno(), 1 << 20))
    process.stdin.close()
    process.wait()


def relayed_bytes(paddock, workspace, start):
    relay = Relay(paddock, cwd=workspace)
    relay.send_raw(start)
    piece, left, got = bytes(LARGEST_PIECE), MUCH, 0
    while got < MUCH:
        while left and relay.room >= LARGEST_PIECE:
            relay.send(INPUT, piece)
            left -= LARGEST_PIECE
        got += sum(len(payload) for kind, payload in relay.read() if kind == STDOUT)
    relay.send(CLOSE_INPUT)
    relay.until(EXITED)
    relay.close()


def seconds(function, *arguments):
    begin = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - begin


def compare(name, rounds, one, other):
    """Medians of rounds in which each runs once."""
    pairs = [(seconds(*one), seconds(*other)) for _ in range(rounds)]
    by_itself, by_relay = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(f"| {name} | {by_itself * 1000:.2f} | {by_relay * 1000:.2f} | {by_relay / by_itself:.2f} |")


def main():
    paddock, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory(dir=Path.home()) as workspace:
        subprocess.run(["git", "init", "-q", workspace], check=True)
        policy = shown_policy(paddock, cwd=workspace)
        start = encode_json(START, nested_run(paddock, policy, workspace, ["/bin/true"])) + encode(CLOSE_INPUT)
        cat = encode_json(START, nested_run(paddock, policy, workspace, ["/bin/cat"]))
        print("| what | run, ms | relay, ms | ratio |\n|---|---|---|---|")
        compare("/bin/true", rounds, (direct, paddock, workspace), (relayed, paddock, workspace, start))
        compare("100 MB through cat", max(rounds // 20, 3), (direct_bytes, paddock, workspace),
                (relayed_bytes, paddock, workspace, cat))


if __name__ == "__main__":
    main()
