"""Frames by which bridges and ports keep a network in order, and tunnels that carry whole frames."""

import struct

from . import frames
from .frames_link import ping, ping6
from .frames_neighbours import cisco
from .wire import *

SLOW, EAPOL, LOOPBACK_TEST, IPX, GRE = 0x8809, 0x888E, 0x9000, 0x8137, 47
BRIDGES, SLOW_GROUP, PORT_ACCESS = "01:80:c2:00:00:00", "01:80:c2:00:00:02", "01:80:c2:00:00:03"


def bridge_id(priority, address):
    return struct.pack("!H", priority) + mac(address)


def unit(version, kind, flags, more=b""):
    """A bridge protocol data unit: the fields that all kinds but a topology change share."""
    head = struct.pack("!HBBB", 0, version, kind, flags)
    tree = bridge_id(0x8001, CLIENT_MAC) + struct.pack("!I", 20000) + bridge_id(0x8002, SERVER_MAC)
    return head + tree + struct.pack("!HHHHH", 0x8003, 256, 20 * 256, 2 * 256, 15 * 256) + more


def region(instances, name=b"region"):
    head = b"\0" + name.ljust(32, b"\0") + struct.pack("!H", 5) + bytes(range(16)) + struct.pack("!I", 1000)
    body = head + bridge_id(0x8000, SERVER_MAC) + bytes([19])
    for number in range(1, instances + 1):
        body += bytes([0x7C]) + bridge_id(0x8000 + number, CLIENT_MAC) + struct.pack("!I", 200 * number) + bytes([0x80, 0x70, 18])
    return b"\0" + struct.pack("!H", len(body)) + body


@frames()
def spanning_trees():
    """Spanning tree: classic, topology change, rapid, per VLAN, several trees with two instances, shortest path; wrong ones"""
    aux = b"\0" + b"aux".ljust(32, b"\0") + b"\0\x01" + bytes(range(16)) + bytes.fromhex("c500300a0007") + bytes(8) + bytes(range(20))
    shortest = struct.pack("!H", len(aux)) + aux
    units = [
        unit(0, 0, 0x81),
        b"\0\0\0\x80",
        unit(2, 2, 0x3C, b"\0"),
        unit(3, 2, 0x7C, region(2)),
        unit(3, 2, 0x7C, region(0, b"n" * 32)),
        unit(4, 2, 0x7C, region(1) + shortest),
        unit(3, 2, 0x7C, region(1)[:-1]),
        unit(3, 2, 0x7C, b"\x01" + region(1)[1:]),
        unit(2, 9, 0),
        unit(9, 2, 0),
    ]
    per_vlan = cisco(0x010B, unit(2, 2, 0x3C, b"\0") + b"\0\0\0\x02\0\x64")
    return [llc(each, 0x42, 0x42, dst=BRIDGES) for each in units] + [per_vlan]


@frames()
def slow_protocols():
    """LACP of two systems, the marker protocol, OAM of each code; lengths that can't be, another version, an unknown protocol"""
    system = struct.pack("!H", 0x8000) + mac(CLIENT_MAC) + struct.pack("!HHHB", 1, 0x8000, 7, 0x3D) + bytes(3)
    ends = b"\1\x14" + system + b"\2\x14" + system
    information = bytes([16, 1, 0, 1, 5, 0x1D]) + b"\x05\xee\0\0\x0c\0\0\0\x01"
    event = bytes([40]) + struct.pack("!HQQQQI", 9, 1000, 5, 6, 60, 3)
    bodies = [
        b"\1\1" + ends + b"\3\x10\0\x0a" + bytes(12) + b"\0\0" + bytes(50),
        b"\2\1\1\x10\0\x07" + mac(CLIENT_MAC) + bytes.fromhex("0000000900000000"),
        b"\1\1\1\x05abc\x07\x04xy\1\1",
        b"\1\1\1\x14short",
        b"\1\2" + ends,
        b"\3\0\x50\0\1" + information + b"\2" + information + b"\xfe\x06abcd\0\0",
        b"\3\0\x02\1\0\x09\1" + event + b"\4" + event + b"\0\0",
        b"\3\0\0\4\1",
        b"\3\0\0\2\7\0\1",
        b"\x0a" + bytes(range(20)),
        b"",
    ]
    return [ether(body, SLOW, dst=SLOW_GROUP) for body in bodies]


@frames()
def port_access():
    """EAPOL: start, key, logoff; EAP: identity, refusal, challenges of each method, success, failure; wrong lengths"""
    def eapol(kind, body=b"", length=None):
        return ether(struct.pack("!BBH", 1, kind, len(body) if length is None else length) + body, EAPOL, dst=PORT_ACCESS)

    def eap(code, body=b"", length=None):
        return eapol(0, struct.pack("!BBH", code, 7, len(body) + 4 if length is None else length) + body)

    requests = [b"\1", b"\2Hello", b"\4\x10" + bytes(16), b"\x0d\x20", b"\x15\xa1\0\0\x01\0", b"\x2b\x21", b"\x17\x05", b"\x12\x0a",
                b"\x19\x20", b"\xfe\0\0\0"]
    return [
        eapol(1),
        *[eap(1, body) for body in requests],
        eap(2, b"\1user@example.org"),
        eap(2, b"\3\x0d\x15\x19"),
        eap(3),
        eap(4),
        eap(9, b"?"),
        eap(1),
        eap(1, b"\2"),
        eap(1, b"\1", length=50),
        eapol(3, bytes(95)),
        eapol(2),
        eapol(0),
    ]


@frames()
def loopback_tests():
    """The loopback protocol of Ethernet: data to forward, a reply, functions done with, wrong counts"""
    forward, reply = b"\2\0" + mac(SERVER_MAC) + b"data", b"\1\0\7\0data"
    bodies = [b"\0\0" + forward, b"\0\0" + reply, b"\x08\0" + forward[:8] + reply, b"\3\0abc" + reply, b"\0\0\7\0", b"\x50\0", b"\0"]
    return [ether(body, LOOPBACK_TEST) for body in bodies]


@frames()
def novell_ipx():
    """IPX in its four framings: routes and services, asked for and told, and other sockets"""
    def packet(socket, body=b"", length=None):
        ends = struct.pack("!I", 7) + b"\xff" * 6 + struct.pack("!HI", socket, 9) + mac(CLIENT_MAC) + b"\x40\x03"
        return b"\xff\xff" + struct.pack("!HBB", len(body) + 30 if length is None else length, 1, 0) + ends + body

    service = b"\0\x04" + b"SERVER".ljust(48, b"\0") + struct.pack("!I", 1) + mac(SERVER_MAC) + b"\x04\x51\0\x01"
    route = bytes.fromhex("0000000700010002")
    packets = [packet(0x0453, b"\0\1" + route), packet(0x0453, b"\0\2" + route * 2), packet(0x0452, b"\0\3\0\4"),
               packet(0x0452, b"\0\2" + service), packet(0x0451), packet(0x0455, bytes(4)), packet(0x1234), packet(1, length=9)]
    first = packets[0]
    return [ether(each, IPX) for each in packets] + [
        ether(first, len(first)),
        llc(first, 0xE0, 0xE0),
        llc(b"\0\0\0\x81\x37" + first, 0xAA, 0xAA),
    ]


def gre(flags, protocol, payload):
    return ether(ipv4(struct.pack("!HH", flags, protocol) + payload, GRE))


@frames()
def gre_kinds():
    """GRE: every optional field, a key of NVGRE, source routes, MPLS and IPv6 inside, PPTP with PPP inside, unknown protocols"""
    label = struct.pack("!I", 20 << 12 | 1 << 8 | 64)
    inner = ether(ping())
    places = b"\x08\0\x04\x08" + address(CLIENT) + address(SERVER)
    systems = b"\xff\xfe\0\x04\0\x64\0\xc8"
    return [
        gre(0, IPV4, ping()),
        gre(0, IPV6, ping6()),
        gre(0xB000, IPV4, b"\x12\x34\0\0" + struct.pack("!II", 7, 9) + ping()),
        gre(0x2000, 0x6558, b"\0\x12\x34\x05" + inner),
        gre(0x4000, IPV4, bytes(4) + places + systems + bytes(4) + ping()),
        gre(0x4000, IPV4, bytes(4) + b"\x08\0\x01\x08" + bytes(8) + bytes(4) + ping()),
        gre(0, 0x8847, label + ping()),
        gre(0x3081, 0x880B, b"\0\x10\0\x07" + struct.pack("!II", 5, 4) + b"\xff\x03\0\x21" + ping()),
        gre(0x2081, 0x880B, b"\0\0\0\x07" + struct.pack("!I", 6)),
        gre(0, 0x1234, b"?"),
        gre(0, 0, b""),
        gre(2, IPV4, ping()),
    ]


@frames()
def erspan():
    """Mirrored frames in GRE: ERSPAN of all three types, truncated ones, with a VLAN and without, and an unknown version"""
    inner = ether(ping())
    return [
        gre(0, 0x88BE, inner),
        gre(0x1000, 0x88BE, struct.pack("!III", 1, 1 << 28 | 100 << 16 | 2 << 11 | 7, 5) + inner),
        gre(0x1000, 0x88BE, struct.pack("!III", 2, 1 << 28 | 5 << 13 | 1 << 10 | 7, 5) + inner[:40]),
        gre(0x1000, 0x22EB, struct.pack("!IIIHH", 3, 2 << 28 | 100 << 16 | 7, 12345, 0, 0) + inner),
        gre(0x1000, 0x22EB, struct.pack("!IIIHHQ", 4, 2 << 28 | 1 << 11 | 7, 12345, 0, 1, 0) + inner),
        gre(0x1000, 0x88BE, struct.pack("!II", 5, 7 << 28) + inner),
    ]
