"""Paddock's C interface from Python, by ctypes alone.

    with Paddock() as paddock:
        result = paddock.run({"workspace": ".", "command": ["make", "-j8"]})
        print(result.exit_status, result.output, result.report["verdicts"])

As a program: python3 paddock.py CMD [ARG...] runs CMD with the current directory as its workspace.
"""

import ctypes
import json
import sys

ABI_VERSION = 1
OK, FAILED_PRECONDITION = 0, 9
INHERIT, NULL, HANDLE, PIPE = range(4)
STARTED, OUTPUT, VIOLATION, NOTICE, EXITED, PROGRESS = range(1, 7)


class Stream(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int32), ("handle", ctypes.c_ssize_t)]


class Stdio(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("stdin", Stream), ("stdout", Stream), ("stderr", Stream),
                ("tty", ctypes.c_int32), ("columns", ctypes.c_uint16), ("rows", ctypes.c_uint16)]


class Event(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("kind", ctypes.c_int32), ("stream", ctypes.c_int32),
                ("process_id", ctypes.c_int64), ("exit_status", ctypes.c_int32),
                ("data", ctypes.POINTER(ctypes.c_char)), ("length", ctypes.c_size_t)]

    @property
    def bytes(self):
        return ctypes.string_at(self.data, self.length) if self.length else b""


class ContextOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("tool", ctypes.c_char_p), ("tool_length", ctypes.c_size_t)]


ON_EVENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(Event))

POINTER = ctypes.c_void_p
OUT = ctypes.POINTER(ctypes.c_void_p)
ORDER = [ctypes.c_char_p, ctypes.c_size_t]
STATUS = ctypes.POINTER(ctypes.c_int32)

# name: (what it returns, what it takes)
FUNCTIONS = {
    "abi_version": (ctypes.c_uint32, []),
    "version": (ctypes.c_char_p, []),
    "error_code": (ctypes.c_int32, [POINTER]),
    "error_reason": (ctypes.c_char_p, [POINTER]),
    "error_message": (ctypes.c_char_p, [POINTER]),
    "error_remedy": (ctypes.c_char_p, [POINTER]),
    "error_free": (None, [POINTER]),
    "text_data": (POINTER, [POINTER]),
    "text_length": (ctypes.c_size_t, [POINTER]),
    "text_free": (None, [POINTER]),
    "context_new": (ctypes.c_int32, [ctypes.POINTER(ContextOptions), OUT, OUT]),
    "context_free": (None, [POINTER]),
    "probe": (ctypes.c_int32, [POINTER, *ORDER, OUT, OUT]),
    "explain": (ctypes.c_int32, [POINTER, *ORDER, *ORDER, OUT, OUT]),
    "plan": (ctypes.c_int32, [POINTER, *ORDER, *ORDER, OUT, OUT]),
    "run": (ctypes.c_int32, [POINTER, *ORDER, ctypes.POINTER(Stdio), ON_EVENT, POINTER, STATUS, OUT, OUT]),
    "spawn": (ctypes.c_int32, [POINTER, *ORDER, ctypes.POINTER(Stdio), ON_EVENT, POINTER, OUT, OUT, OUT]),
    "sandbox_write": (ctypes.c_int32, [POINTER, *ORDER, OUT]),
    "sandbox_close_input": (ctypes.c_int32, [POINTER, OUT]),
    "sandbox_resize": (ctypes.c_int32, [POINTER, ctypes.c_uint16, ctypes.c_uint16, OUT]),
    "sandbox_signal": (ctypes.c_int32, [POINTER, ctypes.c_int32, OUT]),
    "sandbox_wait_handle": (ctypes.c_ssize_t, [POINTER]),
    "sandbox_wait": (ctypes.c_int32, [POINTER, STATUS, OUT, OUT]),
    "sandbox_free": (None, [POINTER]),
}


class PaddockError(Exception):
    """Refused, or failed: `code` as google.rpc.Code, `reason` a stable word, `remedy` what to do, `report` if there is one."""

    def __init__(self, code, reason, message, remedy, report=None):
        super().__init__(f"{message} ({reason})" if reason else message)
        self.code, self.reason, self.message, self.remedy, self.report = code, reason, message, remedy, report


class Result:
    def __init__(self, exit_status, output, errors, report):
        self.exit_status, self.output, self.errors, self.report = exit_status, output, errors, report


class Paddock:
    """One context. Thread-safe."""

    def __init__(self, library="libpaddock.so.0", tool=None):
        loaded = ctypes.CDLL(library)
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(loaded, f"paddock_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, f"_{name}", function)
        if self._abi_version() != ABI_VERSION:
            raise RuntimeError(f"{library} {self._version().decode()} has another interface")
        options = ContextOptions(ctypes.sizeof(ContextOptions), tool and tool.encode(), len(tool.encode()) if tool else 0)
        self._context = ctypes.c_void_p()
        self._checked(self._context_new, ctypes.byref(options), ctypes.byref(self._context))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._context_free(self._context)
        self._context = None

    def _take(self, text):
        """The text as JSON, freed."""
        if not text:
            return None
        data = ctypes.string_at(self._text_data(text), self._text_length(text))
        self._text_free(text)
        return json.loads(data)

    def _checked(self, function, *arguments, report=None):
        error = ctypes.c_void_p()
        code = function(*arguments, ctypes.byref(error))
        if code == OK:
            return
        words = [word.decode() for word in (self._error_reason(error), self._error_message(error), self._error_remedy(error))]
        self._error_free(error)
        raise PaddockError(code, *words, report=self._take(report) if report is not None else None)

    def _ask(self, function, order, *more):
        text = json.dumps(order).encode()
        answer = ctypes.c_void_p()
        self._checked(function, self._context, text, len(text), *more, ctypes.byref(answer))
        return self._take(answer)

    @staticmethod
    def _facts(facts):
        text = None if facts is None else json.dumps(facts).encode()
        return text, len(text or b"")

    def probe(self, order):
        return self._ask(self._probe, order)

    def explain(self, order, facts=None):
        return self._ask(self._explain, order, *self._facts(facts))

    def plan(self, order, facts=None):
        return self._ask(self._plan, order, *self._facts(facts))

    def run(self, order):
        """Runs the command to its end, with its output collected."""
        collected = {1: [], 2: []}

        def on_event(event):
            if event.kind == OUTPUT:
                collected[event.stream].append(event.bytes)

        with self.spawn(order, on_event) as sandbox:
            status, report = sandbox.wait()
        return Result(status, b"".join(collected[1]), b"".join(collected[2]), report)

    def spawn(self, order, on_event, stdin=Stream(NULL), tty=None):
        """Starts the command; `on_event` is called with each Event, on another thread. `tty`: (columns, rows)."""
        text = json.dumps(order).encode()
        stdio = Stdio(ctypes.sizeof(Stdio), stdin, Stream(PIPE), Stream(PIPE))
        if tty:
            stdio.tty, stdio.columns, stdio.rows = 1, *tty
        callback = ON_EVENT(lambda _, event: on_event(event.contents))
        sandbox, report = ctypes.c_void_p(), ctypes.c_void_p()
        self._checked(self._spawn, self._context, text, len(text), ctypes.byref(stdio), callback, None,
                      ctypes.byref(sandbox), ctypes.byref(report), report=report)
        return Sandbox(self, sandbox, callback)


class Sandbox:
    """A command that runs. As a context manager it ends the tree on the way out."""

    def __init__(self, paddock, pointer, callback):
        self._paddock, self._pointer, self._callback = paddock, pointer, callback

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._paddock._sandbox_free(self._pointer)
        self._pointer = None

    def write(self, data):
        self._paddock._checked(self._paddock._sandbox_write, self._pointer, data, len(data))

    def close_input(self):
        self._paddock._checked(self._paddock._sandbox_close_input, self._pointer)

    def resize(self, columns, rows):
        self._paddock._checked(self._paddock._sandbox_resize, self._pointer, columns, rows)

    def signal(self, number):
        self._paddock._checked(self._paddock._sandbox_signal, self._pointer, number)

    def fileno(self):
        """Readable when wait() will not block."""
        return self._paddock._sandbox_wait_handle(self._pointer)

    def wait(self):
        """(exit status, report); PaddockError if Paddock failed."""
        status, report = ctypes.c_int32(), ctypes.c_void_p()
        self._paddock._checked(self._paddock._sandbox_wait, self._pointer, ctypes.byref(status), ctypes.byref(report),
                               report=report)
        return status.value, self._paddock._take(report)


def main():
    with Paddock() as paddock:
        try:
            result = paddock.run({"command": sys.argv[1:]})
        except PaddockError as error:
            print(f"paddock: {error}\npaddock: remedy: {error.remedy}", file=sys.stderr)
            return 125
        sys.stdout.buffer.write(result.output)
        sys.stderr.buffer.write(result.errors)
        return result.exit_status


if __name__ == "__main__":
    sys.exit(main())
