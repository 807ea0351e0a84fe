"""Stops a process at its system calls, by ptrace(2): a kill can then be put at any of them, every time at the same."""

import contextlib
import ctypes
import os
import signal

WALL = 0x40000000  # __WALL of waitpid(2)
TRACEME, SYSCALL, DETACH = 0, 24, 17
SETOPTIONS, GETEVENTMSG, GET_SYSCALL_INFO = 0x4200, 0x4201, 0x420E
SYSGOOD, TRACEFORK, TRACECLONE, TRACEEXEC, EXITKILL = 0x1, 0x2, 0x8, 0x10, 0x100000
EVENT_FORK, EVENT_CLONE = 1, 3
CLONE3 = 435  # on every architecture
CALL_STOP = signal.SIGTRAP | 0x80
ENTRY = 1  # PTRACE_SYSCALL_INFO_ENTRY

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, address=0, data=0):
    result = libc.ptrace(request, pid, address, data)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"ptrace({request:#x}, {pid})")
    return result


def trace_me():
    """For the child between fork and exec."""
    ptrace(TRACEME, 0)


@contextlib.contextmanager
def deadline(seconds):
    """Raises TimeoutError inside once they have passed: a process may come to rest before the call that is waited for."""

    def expired(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Tracer:
    """A process started with trace_me(), or, `depth` forks below it, a descendant; one at a time."""

    def __init__(self, pid, depth=0):
        self.pid, self.ended, self.calls, self.number = pid, False, 0, 0
        os.waitpid(pid, WALL)  # the stop of its exec
        self._pass = 0
        for left in range(depth, 0, -1):
            self._options(TRACEFORK | TRACECLONE)
            if not self._follow():
                raise ChildProcessError(f"it ended {left} forks too early")
        self._options(0)

    def _options(self, more):
        ptrace(SETOPTIONS, self.pid, 0, SYSGOOD | TRACEEXEC | EXITKILL | more)

    def _stop(self):
        """Runs to the next stop of any kind; gives waitpid's status, None at the end."""
        ptrace(SYSCALL, self.pid, 0, self._pass)
        self._pass = 0
        status = os.waitpid(self.pid, WALL)[1]
        self.ended = not os.WIFSTOPPED(status)
        return None if self.ended else status

    def _call(self, status):
        """Whether this stop is the entry of a system call. Signals are handed on."""
        event, what = status >> 16, os.WSTOPSIG(status)
        if what != CALL_STOP:
            self._pass = 0 if event else what
            return False
        info = (ctypes.c_uint64 * 16)()
        ptrace(GET_SYSCALL_INFO, self.pid, ctypes.sizeof(info), ctypes.addressof(info))
        if info[0] & 0xFF != ENTRY:
            return False
        self.number = info[3]
        return True

    def next_call(self):
        """Runs to the entry of the next system call; False if there is none any more."""
        while (status := self._stop()) is not None:
            if self._call(status):
                self.calls += 1
                return True
        return False

    def _follow(self):
        """Lets the process go at its next fork, and takes the child; False if there is none. The first process of a sandbox
        is made by clone3, without a signal at its end; the guard, by clone, is none that is wanted, and neither is a vfork."""
        while (status := self._stop()) is not None:
            event = status >> 16
            if event in (EVENT_FORK, EVENT_CLONE):
                child = ctypes.c_ulong()
                ptrace(GETEVENTMSG, self.pid, 0, ctypes.addressof(child))
                os.waitpid(child.value, WALL)  # the stop that it begins with
                wanted = event == EVENT_FORK or self.number == CLONE3
                ptrace(DETACH, self.pid if wanted else child.value)
                if wanted:
                    self.pid, self.calls = child.value, 0
                    return True
            self._call(status)
        return False

    def kill(self):
        """The tracer has to take the status, or the process stays a zombie for its parent."""
        os.kill(self.pid, signal.SIGKILL)
        while not self.ended:
            self.ended = not os.WIFSTOPPED(os.waitpid(self.pid, WALL)[1])
