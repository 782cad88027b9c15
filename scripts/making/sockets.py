"""Sockets on the private network's hosts."""

import contextlib
import socket

SERVER, SERVER6 = "198.51.100.2", "2001:db8:1::2"


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def listener(net, host=SERVER, port=7, kind=socket.SOCK_STREAM, where="server", protocol=0):
    """A socket that waits for the client: a listening one, or a bound datagram one."""
    with net.inside(where):
        sock = socket.socket(family(host), kind, protocol)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        return sock


def connect(net, host=SERVER, port=7, where="client", protocol=0):
    with net.inside(where):
        sock = socket.socket(family(host), socket.SOCK_STREAM, protocol)
    sock.settimeout(10)
    sock.connect((host, port))
    return sock


@contextlib.contextmanager
def pair(net, host=SERVER, **options):
    """Both ends of a TCP connection, the client's first."""
    with listener(net, host, **options) as waiting:
        near = connect(net, host, protocol=options.get("protocol", 0))
        far, _ = waiting.accept()
        with near, far:
            yield near, far
