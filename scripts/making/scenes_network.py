"""Scenes of the link and network layers: ping, fragments, errors, neighbours, groups, and links that are not Ethernet."""

import contextlib
import fcntl
import os
import socket
import struct
import threading
import time

from .live import scene
from .sockets import SERVER, SERVER6, connect
from .wire import checksum

GROUP, GROUP6 = "239.1.2.3", "ff15::1:3"


@scene()
def ping(net):
    """Echo requests and replies, IPv4 and IPv6: usual, empty, with recorded route, with a pattern, to the broadcast address"""
    for words in (f"-c 2 -i 0.2 {SERVER}", f"-c 1 -s 0 {SERVER}", f"-c 1 -R {SERVER}", f"-c 1 -T tsandaddr {SERVER}",
                  f"-c 1 -p ff00 -s 32 {SERVER}", f"-c 1 -Q 0xb8 -t 9 {SERVER}", "-b -c 1 -W 1 192.0.2.255",
                  f"-6 -c 2 -i 0.2 {SERVER6}", f"-6 -c 1 -s 0 {SERVER6}", f"-6 -c 1 -F 0xbeef1 {SERVER6}",
                  "-6 -c 1 -I eth0 ff02::1"):
        net.quiet("client", f"ping {words}")


@scene()
def fragments(net):
    """Fragments of long echo requests and replies, IPv4 and IPv6, and of a UDP datagram that nobody takes"""
    net.quiet("client", f"ping -c 1 -s 3000 {SERVER}")
    net.quiet("client", f"ping -6 -c 1 -s 3000 {SERVER6}")
    with net.inside("client"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: IP_PMTUDISC_DONT
    sock.sendto(bytes(2000), (SERVER, 9))


@scene()
def path_mtu(net):
    """A narrow link behind the router: fragmentation needed and packet too big, and TCP that adapts"""
    for host, name in (("router", "eth1"), ("server", "eth0")):
        net.run(host, f"ip link set {name} mtu 1280")
    net.quiet("client", f"ping -c 2 -i 0.3 -M do -s 1400 {SERVER}")
    net.quiet("client", f"ping -6 -c 2 -i 0.3 -s 1400 {SERVER6}")


@scene()
def traceroute(net):
    """traceroute by UDP, ICMP and TCP, IPv4 and IPv6: time exceeded, port unreachable, echo reply, reset"""
    for words in (f"-q 1 {SERVER}", f"-I -q 1 {SERVER}", f"-T -q 1 {SERVER}", f"-6 -q 1 {SERVER6}",
                  f"-6 -I -q 1 {SERVER6}"):
        net.quiet("client", f"traceroute -n -m 3 -w 1 {words}")


@scene()
def unreachable(net):
    """No such host, no route, administratively prohibited, IPv4 and IPv6; then a black hole, where SYN goes unanswered"""
    for kind, v4, v6 in (("unreachable", "203.0.113.1", "2001:db8:2::1"), ("prohibit", "203.0.113.2", "2001:db8:2::2"),
                         ("blackhole", "203.0.113.3", "2001:db8:2::3")):
        net.run("router", f"ip route add {kind} {v4}")
        net.run("router", f"ip -6 route add {kind} {v6}")
    targets = ("203.0.113.1", "203.0.113.2", "2001:db8:2::1", "2001:db8:2::2", "203.0.113.9", "198.51.100.99",
               "2001:db8:1::99")
    for target in targets:
        net.quiet("client", f"ping -c 1 -W 4 {target}")
    with net.inside("client"):
        sock = socket.socket()
    sock.settimeout(4)
    with contextlib.suppress(TimeoutError):
        sock.connect(("203.0.113.3", 80))


def nothing_up(net):
    net.run("router", "ip link set eth0 up")


@scene(host="router", before=nothing_up)
def neighbour_joins(net):
    """A host joins an IPv6 link: MLD reports, duplicate address detection, router solicitation and advertisement, neighbour unreachability"""
    net.run("router", "ip address add 2001:db8::fe/64 dev eth0 nodad")
    net.run("client", "ip link set eth0 up")
    with net.inside("router"):
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    time.sleep(3)
    prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8::")
    mtu = struct.pack("!BBHI", 5, 1, 0, 1500)
    link = b"\1\1" + bytes.fromhex("0200000000fe")
    sock.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix + mtu + link, ("ff02::1%eth0", 0))
    time.sleep(2)
    net.quiet("client", "ping -6 -c 1 -W 2 2001:db8::fe")
    net.quiet("client", "ping -6 -c 1 -W 4 2001:db8::77")


@scene()
def multicast(net):
    """Joining and leaving groups: IGMPv3 and MLDv2, with and without sources, then IGMPv2 and MLDv1; datagrams to the groups"""
    mine = socket.inet_aton("192.0.2.1")

    def join_all():
        with net.inside("client"):
            sock4, sock6 = (socket.socket(kind, socket.SOCK_DGRAM) for kind in (socket.AF_INET, socket.AF_INET6))
            interface = struct.pack("I", socket.if_nametoindex("eth0"))
        member4 = socket.inet_aton(GROUP) + mine
        member6 = socket.inet_pton(socket.AF_INET6, GROUP6) + interface
        sock4.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member4)
        sock6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member6)
        source = socket.inet_aton("232.1.2.3") + mine + socket.inet_aton(SERVER)
        sock4.setsockopt(socket.IPPROTO_IP, 39, source)  # IP_ADD_SOURCE_MEMBERSHIP
        sock4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
        sock6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface)
        sock4.sendto(b"to the group", (GROUP, 5000))
        sock6.sendto(b"to the group", (GROUP6, 5000))
        time.sleep(1)
        sock4.close()
        sock6.close()
        time.sleep(1)

    join_all()
    net.run("client", "sysctl -qw net.ipv4.conf.eth0.force_igmp_version=2 net.ipv6.conf.eth0.force_mld_version=1")
    join_all()


def client_down(net):
    net.up("router", "server")


@scene(host="router", before=client_down)
def arp(net):
    """ARP on a link: gratuitous announcements, a request and its reply, a host that is not there, a unicast confirmation"""
    net.run("client", "sysctl -qw net.ipv4.conf.eth0.arp_notify=1 net.ipv6.conf.eth0.disable_ipv6=1")
    net.run("client", "ip address add 192.0.2.1/24 dev eth0")
    net.run("client", "ip link set eth0 up")
    time.sleep(0.2)
    net.quiet("client", "ping -c 1 -W 1 192.0.2.254")
    net.quiet("client", "ping -c 1 -W 4 192.0.2.99")
    time.sleep(6)


def all_kinds(net):
    """Traffic that a router sees on both links and on its loopback."""
    net.quiet("client", f"ping -c 1 {SERVER}")
    net.quiet("client", f"ping -6 -c 1 {SERVER6}")
    net.quiet("router", "ping -c 1 127.0.0.1")
    net.run("router", "ip neigh flush all")
    net.quiet("client", f"ping -c 1 {SERVER}")
    net.quiet("client", "ping -b -c 1 -W 1 192.0.2.255")
    with contextlib.suppress(ConnectionRefusedError):
        connect(net, SERVER, 81)


@scene(host="router", interface=("any",), options=("-y", "LINUX_SLL2"))
def any_cooked_v2(net):
    """`-i any` on the router as LINUX_SLL2: forwarded packets twice, loopback, ARP, broadcast, each direction"""
    all_kinds(net)


@scene(host="router", interface=("any",), options=("-y", "LINUX_SLL"))
def any_cooked_v1(net):
    """`-i any` on the router as LINUX_SLL, which has no interface number: what `any-cooked-v2.pcap` shows"""
    all_kinds(net)


def tunnel(net):
    """A TUN device whose other end is this script: it answers every echo request."""
    net.run("client", "ip tuntap add dev tun0 mode tun")
    net.run("client", "sysctl -qw net.ipv6.conf.tun0.router_solicitations=0")
    net.run("client", "ip link set tun0 up")
    net.run("client", "ip address add 10.0.0.1/24 dev tun0")
    net.run("client", "ip address add fd00::1/64 dev tun0")


@scene(interface=("tun0",), before=tunnel)
def tun_raw(net):
    """A TUN device, which has no link header (RAW): ping over IPv4 and IPv6, answered by a program"""
    with net.inside("client"):
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH14x", b"tun0", 0x1001))  # TUNSETIFF: IFF_TUN, IFF_NO_PI

    def echo():
        while True:
            packet = os.read(device, 2000)
            if packet[0] >> 4 == 4 and packet[9] == 1:
                head, message, sources = packet[:20], packet[20:], (12, 16, 20)
            elif packet[0] >> 4 == 6 and packet[6] == 58 and packet[40] == 128:
                head, message, sources = packet[:40], packet[40:], (8, 24, 40)
            else:
                continue
            start, middle, end = sources
            head = head[:start] + head[middle:end] + head[start:middle]
            reply = bytes([129 if end == 40 else 0, 0, 0, 0]) + message[4:]
            pseudo = head[8:40] + struct.pack("!IxxxB", len(reply), 58) if end == 40 else b""
            reply = reply[:2] + struct.pack("!H", checksum(pseudo + reply)) + reply[4:]
            os.write(device, head + reply)

    threading.Thread(target=echo, daemon=True).start()
    time.sleep(2)
    net.quiet("client", "ping -c 2 -i 0.2 10.0.0.2")
    net.quiet("client", "ping -6 -c 2 -i 0.2 fd00::2")
