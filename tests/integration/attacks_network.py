"""Attacks on network and IPC: a listener of the host must hear nothing, and no socket of a strange family be held."""

import array
import os
import socket
import struct
import threading
from pathlib import Path

from attacks_common import Attack, attack, both, bystander, holds, listener, shell
from attacks_declared import SOCKETS

LOOPBACK = "127.0.0.1"
TCP = listener(socket.AF_INET, socket.SOCK_STREAM, LOOPBACK)
UDP = listener(socket.AF_INET, socket.SOCK_DGRAM, LOOPBACK)
AF_ALG, AF_BLUETOOTH, AF_CAN, AF_VSOCK, AF_XDP, AF_PACKET, AF_NETLINK = 38, 31, 29, 40, 44, 17, 16
RAW_PRIVILEGE = "needs CAP_NET_RAW"


def unix(kind, address):
    return listener(socket.AF_UNIX, kind, address)


def external_address(scene):
    """The address that the host would use to talk to others; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def on_external_address(scene):
    listener(socket.AF_INET, socket.SOCK_STREAM, external_address(scene))(scene)


def no_family(family, kind=socket.SOCK_RAW, protocol=0):
    def needs(scene):
        try:
            socket.socket(family, kind, protocol).close()
        except PermissionError:
            return None
        except OSError as error:
            return f"socket family {family} is not in this kernel ({error.strerror})"
        return None
    return needs


def family(name, number, kind=socket.SOCK_DGRAM, protocol=0, privileged=""):
    return Attack(f"{name} socket", "held", attack("hold-socket", str(number), str(int(kind)), str(protocol)),
                  holds("socket:"), hold=True, privileged=privileged, needs=no_family(number, kind, protocol))


def icmp_listener(scene):
    """Sees every echo request of the host's loopback; the identifier tells ours."""
    identifier = 1 + int.from_bytes(os.urandom(2), "big") % 0xfffe
    scene.vars["icmp"] = identifier
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    sock.setblocking(False)
    scene.defer(sock.close)

    def heard():
        while True:
            try:
                packet = sock.recv(2048)
            except BlockingIOError:
                return None
            if struct.unpack("!H", packet[24:26])[0] == identifier:
                return "an echo request reached the host"
    scene.watch("reached", heard)


def ping_needs(scene):
    return None if os.geteuid() == 0 else "watching ICMP takes root"


def accomplice(scene):
    """A process of the host that hands an open secret to whoever connects."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind("\0" + scene.token)
    sock.listen(1)
    sock.settimeout(5)

    def serve():
        try:
            with sock, sock.accept()[0] as peer, open(scene.home / ".ssh/id_rsa") as secret:
                peer.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [secret.fileno()]))])
        except OSError:
            pass  # nobody came
    thread = threading.Thread(target=serve)
    thread.start()

    def stop():
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
                end.connect("\0" + scene.token)
        except OSError:
            pass
        thread.join()
    scene.defer(stop)


def shared_memory(scene):
    key = int.from_bytes(os.urandom(3), "big") + 0x10000000
    scene.vars["key"] = key
    scene.helper(["{attacker}", "offer-shared-memory", str(key), scene.secret]).stdout.readline()


def secret_file(path):
    """Readable by everybody, since so it lies in many a /tmp."""
    def setup(scene):
        full = Path(scene.fill(path))
        full.write_text(scene.secret)
        full.chmod(0o644)
        scene.defer(full.unlink)
    return setup


def runtime_socket_needs(scene):
    return None if os.access("/run", os.W_OK) else "only root may make a socket in /run"


def proxy(scene):
    scene.env |= {"https_proxy": f"http://user:{scene.secret}@127.0.0.1:1", "HTTP_PROXY": f"http://u:{scene.secret}@127.0.0.1:1"}


def stream(name, argv_name, setup=TCP, **more):
    return Attack(name, "reached", attack(argv_name, LOOPBACK, "{port}"), setup, **more)


ROWS = (
    stream("TCP to the host's loopback", "tcp"),
    Attack("TCP to the host's own address", "reached", attack("tcp", "{address}", "{port}"), on_external_address,
           needs=lambda s: None if external_address(s) else "no address but loopback"),
    Attack("TCP by /dev/tcp of bash", "reached", shell("bash -c 'echo x > /dev/tcp/127.0.0.1/{port}'"), TCP),
    stream("MPTCP", "mptcp"),
    stream("TCP fast open, no connect()", "fast-open"),
    stream("UDP", "udp", UDP),
    Attack("DNS question to a resolver on loopback", "reached", attack("dns", LOOPBACK, "{port}", "exfiltrate"), UDP),
    Attack("ICMP echo", "reached", attack("ping", LOOPBACK, "{icmp}"), icmp_listener, needs=ping_needs, privileged=RAW_PRIVILEGE),
    family("raw IP", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW, RAW_PRIVILEGE),
    family("packet", AF_PACKET, socket.SOCK_RAW, 0x0300, RAW_PRIVILEGE),
    family("vsock", AF_VSOCK, socket.SOCK_STREAM),
    family("kernel crypto (AF_ALG)", AF_ALG, socket.SOCK_SEQPACKET),
    family("XDP", AF_XDP, socket.SOCK_RAW, 0, RAW_PRIVILEGE),
    family("Bluetooth", AF_BLUETOOTH, socket.SOCK_RAW, 1),
    family("CAN", AF_CAN, socket.SOCK_RAW, 1),
    family("netlink uevent", AF_NETLINK, socket.SOCK_DGRAM, 15),
    family("netlink audit", AF_NETLINK, socket.SOCK_DGRAM, 9),
    family("netlink netfilter", AF_NETLINK, socket.SOCK_DGRAM, 12),
    # Unix sockets of the host, wherever they are.
    Attack("unix socket in $HOME", "reached", attack("unix-stream", "{home}/agent.sock"), unix(socket.SOCK_STREAM, "{home}/agent.sock"), unless=(SOCKETS,)),
    Attack("unix socket elsewhere on the host", "reached", attack("unix-stream", "{out}/d.sock"),
           unix(socket.SOCK_STREAM, "{out}/d.sock"), unless=(SOCKETS,)),
    Attack("unix socket in XDG_RUNTIME_DIR (D-Bus, gpg-agent)", "reached", attack("unix-stream", "{root}/run/bus"),
           unix(socket.SOCK_STREAM, "{root}/run/bus"), unless=(SOCKETS,)),
    Attack("unix socket in /run (docker, containerd)", "reached", attack("unix-stream", "/run/{token}.sock"),
           unix(socket.SOCK_STREAM, "/run/{token}.sock"), who="root", needs=runtime_socket_needs, unless=(SOCKETS,)),
    Attack("unix socket in /tmp (X11, tmux, editors)", "reached", attack("unix-stream", "/tmp/{token}.sock"),
           unix(socket.SOCK_STREAM, "/tmp/{token}.sock"), unless=(SOCKETS,)),
    Attack("unix socket in the workspace", "reached", attack("unix-stream", "{ws}/host.sock"),
           unix(socket.SOCK_STREAM, "{ws}/host.sock"), unless=(SOCKETS,)),
    Attack("datagram unix socket (journald's kind)", "reached", attack("unix-datagram", "{out}/log.sock"),
           unix(socket.SOCK_DGRAM, "{out}/log.sock"), unless=(SOCKETS,)),
    Attack("abstract unix socket", "reached", attack("unix-stream", "@{token}"), unix(socket.SOCK_STREAM, "@{token}")),
    Attack("abstract datagram socket", "reached", attack("unix-datagram", "@{token}"), unix(socket.SOCK_DGRAM, "@{token}")),
    Attack("SCM_RIGHTS from an accomplice", "leaked", attack("take-descriptor", "@{token}"), accomplice),
    # Ways around a filter.
    Attack("io_uring ring", "held", attack("hold-ring"), holds("anon_inode:[io_uring]"), hold=True),
    stream("io_uring CONNECT", "ring-connect"),
    Attack("int 0x80 socket", "held", attack("hold-i386-socket"), holds("socket:"), hold=True,
           needs=lambda s: None if os.uname().machine == "x86_64" else "not an x86-64 host"),
    Attack("x32 socket", "held", attack("hold-x32-socket"), holds("socket:"), hold=True,
           control="this kernel was built without the x32 ABI"),
    Attack("setns to the host's network", "reached", attack("enter-network", LOOPBACK, "{port}", "{pid}"), both(TCP, bystander),
           privileged="needs CAP_SYS_ADMIN"),
    # IPC with the host.
    Attack("SysV shared memory of the host", "leaked", attack("read-shared-memory", "{key}"), shared_memory),
    Attack("POSIX shared memory of the host", "leaked", attack("read", "/dev/shm/{token}"), secret_file("/dev/shm/{token}")),
    Attack("a host file in /tmp", "leaked", attack("read", "/tmp/{token}"), secret_file("/tmp/{token}")),
    Attack("proxy credentials in the environment", "leaked", attack("show-environment"), proxy),
)
