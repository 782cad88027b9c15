"""Frames by which routers find each other and tell of networks: HSRP, EIGRP, IS-IS; and VXLAN between them."""

import struct

from . import frames
from .frames_link import ping, ping6
from .frames_neighbours import item
from .wire import *

EIGRP, HSRP_PORT, VXLAN_GPE_PORT = 88, 1985, 4790
VXLAN_PORTS = 4789, 8472


@frames()
def hsrp():
    """HSRP: hello, coup and resignation in several states, an unknown operation, another version, cut in the password"""
    def message(operation, state, version=0, times=(3, 10), reserved=0):
        head = struct.pack("!8B", version, operation, state, *times, 120, 1, reserved)
        return head + b"cisco\0\0\0" + address("192.0.2.254")

    messages = [message(0, 16), message(1, 8), message(2, 4, reserved=1), message(9, 3), message(0, 2, version=1),
                message(0, 0, times=(60, 255)), message(0, 16)[:12]]
    return [ether(ipv4(udp(each, HSRP_PORT, HSRP_PORT, CLIENT, "224.0.0.2"), UDP, dst="224.0.0.2", ttl=1)) for each in messages]


@frames()
def eigrp():
    """EIGRP: hello, update of internal and external routes, acknowledgment, fields that are too short, another version"""
    def message(operation, *fields, version=2, flags=0):
        head = struct.pack("!BBHIIIHH", version, operation, 0xEECA, flags, 7, 8, 0, 100)
        return ether(ipv4(head + b"".join(fields), EIGRP, dst="224.0.0.10", ttl=2))

    def way(network):
        return struct.pack("!II", 25600, 256000) + bytes.fromhex("0005dc01ff010000") + network

    here, there = bytes(4), address("192.0.2.9")
    outside = there + address(SERVER) + struct.pack("!IIIHBB", 65000, 5, 6, 0, 9, 1)
    return [
        message(5, item(1, bytes([1, 0, 1, 0, 0, 0, 0, 15])), item(4, bytes([12, 4, 1, 2]))),
        message(1, item(0x0102, here + way(b"\x18\x0a\x01\x02")), item(0x0102, there + way(b"\x20\x0a\1\2\3")),
                item(0x0103, outside + way(b"\x10\xac\x10\0")), flags=3),
        message(5),
        message(3, item(0x0102, here + way(b"\x28\x0a\1\2")), item(1, b"ab"), item(2, b"secret"), item(0x9999, b"?")),
        message(4, item(1, b"abcd", length=99)),
        message(9),
        message(5, version=1),
    ]


@frames()
def isis():
    """IS-IS: the head of each type of message, and heads that can't be"""
    system = bytes.fromhex("192168001001")
    lan = b"\3" + system + struct.pack("!HHB", 30, 1497, 64) + system + b"\1"
    point = b"\2" + system + struct.pack("!HHB", 30, 1497, 1)
    state = struct.pack("!HH", 42, 1199) + system + b"\0\1" + struct.pack("!IHB", 7, 0xABCD, 3)
    complete = struct.pack("!H", 83) + system + b"\0" + bytes(8) + b"\xff" * 8
    partial = struct.pack("!H", 35) + system + b"\0"

    def message(kind, body, head=None, version=1, identifier=0, areas=0):
        length = 8 + len(body) if head is None else head
        return llc(bytes([0x83, length, version, identifier, kind, 1, 0, areas]) + body + b"\x81\1\xcc", 0xFE, 0xFE)

    kinds = [(15, lan), (16, lan), (17, point), (18, state), (20, state), (24, complete), (25, complete), (26, partial),
             (27, partial), (3, partial)]
    return [message(*each) for each in kinds] + [
        message(15, lan, head=26),
        message(15, lan, head=200),
        message(15, lan, head=3),
        message(15, lan, version=2),
        message(15, lan, identifier=4),
        message(15, lan, areas=255),
    ]


@frames(snap=120)
def vxlan():
    """VXLAN on its own port and on the one that Linux has it on, which is OTV's: Ethernet of several kinds inside, flags, cut and short headers"""
    def tunnel(port, payload, flags=0x08):
        return ether(ipv4(udp(struct.pack("!BxHI", flags, 5, 7 << 8) + payload, 50000, port), UDP))

    inside = [ether(ping()), ether6(ping6()), ether(tag(9) + ping(), VLAN), ether(bytes(8), 0x1234), b""]
    short = [ether(ipv4(udp(bytes(size), 50000, port), UDP)) for port in VXLAN_PORTS for size in (0, 7)]
    cut = [tunnel(port, ether(ping()))[:end] for port in VXLAN_PORTS for end in (42, 43, 46, 49, 60)]
    return [tunnel(port, each) for port in VXLAN_PORTS for each in inside] + [tunnel(port, inside[0], 0) for port in VXLAN_PORTS] + short + cut


@frames()
def vxlan_gpe():
    """VXLAN-GPE: IPv4, IPv6 and Ethernet inside, no flags and all, an unknown protocol, a header that is too short"""
    def tunnel(following, payload, flags=0x0C):
        head = struct.pack("!BBBBI", flags, 0, 0, following, 7 << 8)
        return ether(ipv4(udp(head + payload, 50000, VXLAN_GPE_PORT), UDP))

    return [
        tunnel(1, ping()),
        tunnel(2, ping6()),
        tunnel(3, ether(ping())),
        tunnel(1, ping(), flags=0),
        tunnel(1, ping(), flags=0xFF),
        tunnel(9, bytes(8)),
        ether(ipv4(udp(b"abc", 50000, VXLAN_GPE_PORT), UDP)),
    ]
