"""Scenes of the transport layer: TCP connections in trouble and at their end, UDP, the loopback interface."""

import contextlib
import socket
import struct
import time

from .live import scene
from .sockets import SERVER, SERVER6, connect, family, listener, pair


@scene()
def closed_ports(net):
    """TCP answered by a reset and UDP by port unreachable, IPv4 and IPv6"""
    for host in (SERVER, SERVER6):
        with contextlib.suppress(ConnectionRefusedError):
            connect(net, host, 81)
        with net.inside("client"):
            sock = socket.socket(family(host), socket.SOCK_DGRAM)
        sock.sendto(b"anybody there?", (host, 81))


@scene()
def tcp_reset(net):
    """Connections that end by reset: the client gives up, the server gives up, data for a socket that is gone"""
    now = struct.pack("ii", 1, 0)
    with pair(net) as (near, _):
        near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        near.close()
        time.sleep(0.1)
    with pair(net) as (_, far):
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
        far.close()
        time.sleep(0.1)
    with pair(net) as (near, far):
        near.sendall(b"unread")
        time.sleep(0.1)
        far.close()
        time.sleep(0.1)


@scene()
def tcp_half_close(net):
    """One side ends its direction, the other still talks; urgent data on the way"""
    with pair(net) as (near, far):
        near.sendall(b"question")
        near.send(b"!", socket.MSG_OOB)
        near.shutdown(socket.SHUT_WR)
        time.sleep(0.1)
        far.sendall(b"answer")
        time.sleep(0.1)
        far.sendall(b"more")
        far.shutdown(socket.SHUT_WR)
        time.sleep(0.1)


@scene()
def tcp_zero_window(net):
    """A reader that stops reading: the window closes, is probed, opens again"""
    with listener(net) as waiting:
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        near = connect(net)
        far, _ = waiting.accept()
        near.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            for _ in range(8):
                near.send(bytes(500))
                time.sleep(0.02)
        time.sleep(1.5)
        near.close()
        while far.recv(4096):
            pass
        far.close()


@scene()
def tcp_keepalive(net):
    """An idle connection kept alive every second"""
    with pair(net) as (near, far):
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
            near.setsockopt(socket.IPPROTO_TCP, option, value)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        near.sendall(b"hello")
        far.recv(100)
        time.sleep(3.3)


@scene()
def tcp_loss(net):
    """Segments lost behind the router: duplicate acknowledgements with SACK, fast and timed retransmissions"""
    with pair(net) as (near, far):
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        near.sendall(b"arrives ")
        time.sleep(0.1)
        net.run("router", f"ip route add blackhole {SERVER}")
        near.sendall(b"is lost ")
        net.run("router", f"ip route del blackhole {SERVER}")
        for word in (b"comes ", b"too ", b"early ", b"and waits"):
            near.sendall(word)
            time.sleep(0.01)
        time.sleep(0.5)
        net.run("router", f"ip route add blackhole {SERVER}")
        near.sendall(b"lost several times")
        time.sleep(1.2)
        net.run("router", f"ip route del blackhole {SERVER}")
        time.sleep(1.5)
        far.recv(1000)


@scene()
def tcp_multipath(net):
    """Multipath TCP (RFC 8684): its options on the handshake, data and the end"""
    with pair(net, protocol=262) as (near, far):
        near.sendall(b"hello")
        far.sendall(far.recv(100))
        near.recv(100)
    time.sleep(0.2)


@scene(interface=("lo",))
def loopback(net):
    """The loopback interface: TCP and UDP, IPv4 and IPv6, a closed port, ping"""
    for host in ("127.0.0.1", "::1"):
        with listener(net, host, where="client") as waiting, connect(net, host) as near:
            far, _ = waiting.accept()
            with far:
                near.sendall(b"hello")
                far.sendall(far.recv(100))
                near.recv(100)
        with contextlib.suppress(ConnectionRefusedError):
            connect(net, host, 81)
        net.quiet("client", f"ping -c 1 {host}")


@scene()
def udp_talk(net):
    """UDP both ways, IPv4 and IPv6: short and empty datagrams, a broadcast, text that is not plain"""
    for host in (SERVER, SERVER6):
        far = listener(net, host, 7, socket.SOCK_DGRAM)
        with net.inside("client"):
            near = socket.socket(family(host), socket.SOCK_DGRAM)
        near.connect((host, 7))
        for payload in (b"hello", b"", "año\n\x1b[31m".encode(), b"x" * 400):
            near.send(payload)
            far.sendto(*far.recvfrom(1000))
            near.recv(1000)
    with net.inside("client"):
        near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    near.sendto(b"to all", ("192.0.2.255", 9999))
    near.sendto(b"to all", ("255.255.255.255", 9999))
