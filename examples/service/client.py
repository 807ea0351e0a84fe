"""Runs a command through paddockd from Python, with Debian's python3-grpcio.

    protoc -I proto --python_out=. --grpc_out=. --plugin=protoc-gen-grpc=$(which grpc_python_plugin) paddock/v1/paddock.proto
    client.py SOCKET WORKSPACE CMD [ARG...]      exits as the command does
"""

import os
import sys
import threading
import queue

import grpc
from paddock.v1 import paddock_pb2 as pb
from paddock.v1 import paddock_pb2_grpc


def requests(start, stdin, ended):
    """The start, then what comes on stdin; until the run has ended, whatever stdin does."""
    yield pb.RunRequest(start=start)
    messages = queue.Queue()

    def read():
        while chunk := os.read(stdin, 65536):
            messages.put(pb.RunRequest(input=pb.Input(stdin=chunk)))
        messages.put(pb.RunRequest(input=pb.Input(close_stdin=True)))

    threading.Thread(target=read, daemon=True).start()
    while not ended.is_set():
        try:
            yield messages.get(timeout=0.1)
        except queue.Empty:
            pass


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    socket, workspace, command = sys.argv[1], sys.argv[2], sys.argv[3:]
    caller = pb.Caller(cwd=os.getcwdb(), environment=[name + b"=" + value for name, value in os.environb.items()])
    order = pb.Order(command=[os.fsencode(c) for c in command], workspace=os.fsencode(workspace), caller=caller)
    ended = threading.Event()
    try:
        with grpc.insecure_channel(f"unix:{os.path.abspath(socket)}") as channel:
            stub = paddock_pb2_grpc.PaddockStub(channel)
            for event in stub.Run(requests(pb.Start(order=order, stdin=True), sys.stdin.fileno(), ended)):
                kind = event.WhichOneof("event")
                if kind == "output":
                    stream = sys.stderr if event.output.stream == pb.Output.STDERR else sys.stdout
                    stream.buffer.write(event.output.data)
                    stream.flush()
                elif kind == "exited":
                    ended.set()
                    return event.exited.exit_status
    except grpc.RpcError as error:
        ended.set()
        print(f"client.py: {error.details()}", file=sys.stderr)
    return 125


if __name__ == "__main__":
    sys.exit(main())
