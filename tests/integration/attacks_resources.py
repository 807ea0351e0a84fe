"""Attacks on resources and lifetime: more than the limits, or longer than the run."""

import os
import select
import signal
import subprocess

from attacks_common import (Attack, attack, held_processes, more_memory_than, more_processes_than, more_shared_memory_than,
                            zombies)
from attacks_declared import PROCESSES
from harness import wait_for_end

PROCESS_LIMIT = 400
RESERVED = 300  # pid numbers that Linux gives out once only: a limit by pid_max starts that much too high
TREE_LIMIT = ("--processes", str(PROCESS_LIMIT))
MEMORY_LIMIT = ("--memory", "256MiB")
OUTPUT_LIMIT = 1 << 20
NO_MEMORY_CGROUP = "without a memory cgroup a shared mapping escapes the limit on private memory (verdict: approximated)"


def survivor(scene):
    """Asked after the run, outside as well as inside."""
    scene.watch("survived", lambda: f"{len(left)} processes live on" if (left := scene.survivors()) else None)


def file_size_policy(scene):
    scene.write(scene.root / "policy.toml", 'extends = "coding"\n[limits]\nfile_size = "1MiB"\n')
    scene.watch("exceeded", lambda: "the file is larger than the limit"
                if (scene.ws / "big").exists() and (scene.ws / "big").stat().st_size > 1 << 20 else None)


def flood(scene, launcher):
    """Output beyond the limit: what arrives is counted by the reader."""
    ran = scene.run(launcher, attack("flood", "32"), ("--output", "1MiB"))
    scene.watch("exceeded", lambda: f"{len(ran.out)} bytes of output" if len(ran.out) > OUTPUT_LIMIT else None)
    return [ran]


def stopped_reader(scene, launcher):
    """Nobody reads the output; the command has to end at its time all the same."""
    process = scene.popen(scene.command(launcher, attack("flood", "32"), ("--wall", "500ms")))
    select.select([process.stdout], [], [], 10)
    left = wait_for_end(held_processes(scene), 1 if launcher == "outside" else 4)
    scene.watch("endless", lambda: "the command still runs after its time" if left else None)
    process.kill()
    out, err = process.communicate()
    return [scene.finish(process, out, err, 0)]


def endless(name):
    """The control is a clock that sends SIGTERM, as a shell's timeout does."""
    def execute(scene, launcher):
        return run_to_deadline(scene, launcher, attack(name), reads=True, terminates=launcher == "outside")
    return execute


def run_to_deadline(scene, launcher, argv, reads, terminates):
    process = scene.popen(scene.command(launcher, argv, ("--wall", "500ms")))
    if reads:
        process.stdout.readline()
    pidfd = os.pidfd_open(process.pid)
    if terminates:
        process.send_signal(signal.SIGTERM)
    ended = bool(select.select([pidfd], [], [], 1.5 if launcher == "outside" else 4)[0])
    os.close(pidfd)
    scene.watch("endless", lambda: None if ended else "still running after its time")
    if not ended:
        process.kill()
    out, err = process.communicate()
    return [scene.finish(process, out, err, 0)]


def launcher_signalled(number):
    def execute(scene, launcher):
        command = scene.command(launcher, attack("ignore-signals"))
        if launcher == "outside":
            command = ["/bin/sh", "-c", '"$@"; true', "sh", *command]  # a launcher that does not care
        process = scene.popen(command, start_new_session=True)
        process.stdout.readline()
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=0.5 if launcher == "outside" else 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()  # its output may be held open by what outlives it
            out, err = b"", b""
        scene.watch("survived", lambda: f"{len(left)} processes live on" if (left := scene.survivors()) else None)
        return [scene.finish(process, out, err, 0)]
    return execute


ROWS = (
    Attack("fork bomb", "exceeded", attack("fork-many", "1500"), more_processes_than(PROCESS_LIMIT + RESERVED), hold=True, flags=TREE_LIMIT,
           unless=(PROCESSES,)),
    Attack("thread bomb", "exceeded", attack("start-threads", "1500"), more_processes_than(PROCESS_LIMIT + RESERVED), hold=True,
           flags=TREE_LIMIT, unless=(PROCESSES,)),
    Attack("10,000 zombies", "exceeded", attack("make-zombies", "10000", "{ws}/made"), zombies(100), hold=True, flags=TREE_LIMIT,
           control="outside, init reaps too; the suite's own check sees the zombies of a parent that does not wait"),
    Attack("memory beyond the limit", "exceeded", attack("hog-memory", "600"), more_memory_than(280), hold=True, flags=MEMORY_LIMIT),
    Attack("memory by filling tmpfs", "exceeded", attack("fill-directories", "400", "/tmp", "/dev/shm", "/var/tmp", "/run", "{home}"),
           more_shared_memory_than(300), hold=True, alone=True, flags=MEMORY_LIMIT),
    Attack("memory by memfd", "exceeded", attack("fill-memfd", "600"), more_shared_memory_than(300), hold=True, alone=True, flags=MEMORY_LIMIT,
           residual=NO_MEMORY_CGROUP),
    Attack("a file beyond file_size", "exceeded", attack("write-big-file", "8", "{ws}/big"), file_size_policy,
           flags=("--policy", "{root}/policy.toml")),
    Attack("output flood", "exceeded", attack("flood", "32"), execute=flood),
    Attack("a reader that stops", "endless", attack("flood", "32"), execute=stopped_reader),
    Attack("SIGTERM ignored beyond --wall", "endless", attack("ignore-signals"), execute=endless("ignore-signals")),
    Attack("SIGSTOP to oneself beyond --wall", "endless", attack("stop-self"), execute=endless("stop-self"),
           control="SIGTERM stays pending while a process is stopped: the control is the row above"),
    Attack("daemon by double fork, descriptors closed, signals ignored", "survived", attack("daemon"), survivor),
    Attack("SIGTERM to the launcher", "survived", attack("ignore-signals"), execute=launcher_signalled(signal.SIGTERM)),
    Attack("SIGHUP to the launcher", "survived", attack("ignore-signals"), execute=launcher_signalled(signal.SIGHUP)),
    Attack("SIGKILL to the launcher", "survived", attack("ignore-signals"), execute=launcher_signalled(signal.SIGKILL)),
)
