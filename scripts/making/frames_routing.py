"""Frames that show routing protocols right above IP: OSPF and PIM."""

import struct

from . import frames
from .wire import *

OSPF, PIM = 89, 103
ROUTER, NEIGHBOUR = "10.0.0.1", "10.0.0.2"


def ospf2(kind, body, *, authentication=0, secret=bytes(8), area="0.0.0.0", version=2, length=None, behind=b""):
    """RFC 2328, A.3.1."""
    length = 24 + len(body) if length is None else length
    head = struct.pack("!BBH4s4sHH", version, kind, length, address(ROUTER), address(area), 0, authentication) + secret
    packet = head + body + behind
    return ether(ipv4(patched(packet, 12, checksum(packet[:16] + packet[24:])), OSPF, dst="224.0.0.5"))


def ospf3(kind, body, *, instance=0, version=3, length=None, behind=b""):
    """RFC 5340, A.3.1."""
    length = 16 + len(body) if length is None else length
    head = struct.pack("!BBH4s4sHBx", version, kind, length, address(ROUTER), bytes(4), 0, instance)
    return ether6(ipv6(head + body + behind, OSPF, dst="ff02::5"))


def lsa(kind, body, *, options=2, id=ROUTER, length=None):
    """RFC 2328, A.4.1."""
    length = 20 + len(body) if length is None else length
    return struct.pack("!HBB4s4sIHH", 5, options, kind, address(id), address(ROUTER), 0x80000001, 0xABCD, length) + body


def lsa3(kind, body, length=None):
    """RFC 5340, A.4.2."""
    length = 20 + len(body) if length is None else length
    return struct.pack("!HH4s4sIHH", 5, kind, address("0.0.0.7"), address(ROUTER), 0x80000001, 0xABCD, length) + body


def field(kind, value, length=None):
    """RFC 3630, 2.3.2."""
    return struct.pack("!HH", kind, len(value) if length is None else length) + value + b"\0" * (-len(value) % 4)


def update(*advertisements, count=None):
    return struct.pack("!I", len(advertisements) if count is None else count) + b"".join(advertisements)


def hello2(options=0x12, dr=ROUTER, bdr=NEIGHBOUR, neighbours=(NEIGHBOUR,)):
    return struct.pack("!4sHBBI4s4s", address("255.255.255.0"), 10, options, 1, 40, address(dr), address(bdr)) + b"".join(map(address, neighbours))


@frames()
def ospf():
    """OSPF version 2: hellos, database descriptions, requests, updates with every kind of advertisement, authentication, link-local signaling, wrong lengths"""
    link = lambda kind, *tos: struct.pack("!4s4sBBH", address(NEIGHBOUR), address("255.255.255.252"), kind, len(tos), 10) + b"".join(
        struct.pack("!BxH", *one) for one in tos)
    net = address("255.255.255.0")
    advertisements = [
        lsa(1, struct.pack("!BxH", 3, 4) + link(1) + link(2, (2, 20)) + link(3) + link(4)),
        lsa(1, struct.pack("!BxH", 0, 1) + link(9)),
        lsa(2, net + address(ROUTER) + address(NEIGHBOUR)),
        lsa(3, net + struct.pack("!II", 10, 2 << 24 | 11)),
        lsa(4, bytes(4) + struct.pack("!I", 10)),
        lsa(5, net + struct.pack("!I4s4s", 0x80000014, address(NEIGHBOUR), address("0.0.0.9")) + struct.pack("!III", 0x01FFFFFF, 0, 0)),
        lsa(6, struct.pack("!I4sI4sI4s", 1, address(ROUTER), 2, address(NEIGHBOUR), 7, address(ROUTER))),
        lsa(7, net + struct.pack("!III", 20, 0, 0), options=0x08),
        lsa(8, b"abcd"),
        lsa(9, field(1, struct.pack("!I", 120)) + field(2, b"\1") + field(3, address(ROUTER)) + field(9, b"abc"), id="3.0.0.0"),
        lsa(9, field(1, b"ab"), id="3.0.0.0"), lsa(9, field(2, b"ab"), id="3.0.0.0"), lsa(9, field(1, bytes(4), 40), id="3.0.0.0"),
        lsa(9, field(0, b""), id="3.0.0.0"), lsa(9, b"\0\1", id="3.0.0.0"),
        lsa(10, field(1, struct.pack("!I", 0x30)) + field(7, b"abcde"), id="4.0.0.0"), lsa(10, field(1, b"ab"), id="4.0.0.0"),
        lsa(10, field(1, bytes(4), 40), id="4.0.0.0"),
        lsa(11, b"opaque data that nobody knows", id="200.0.1.2"),
        lsa(1, b"", length=10),
        lsa(2, net, length=80),
    ]
    headers = lsa(1, b"", length=48) + lsa(5, b"", length=36) + lsa(10, b"", id="1.0.0.3", length=28)
    description = struct.pack("!HBBI", 1500, 0x42, 7, 0x1234)
    request = b"".join(struct.pack("!I4s4s", kind, address(id), address(ROUTER)) for kind, id in ((1, ROUTER), (10, "4.0.0.1"), (77, ROUTER)))
    signals = lambda *fields: struct.pack("!HH", 0xFFF6, 1 + sum(map(len, fields)) // 4) + b"".join(fields)
    extended, digest = field(1, struct.pack("!I", 3)), field(2, bytes(20))
    return [
        ospf2(1, hello2()), ospf2(1, hello2(0, "0.0.0.0", "0.0.0.0", ()), area="0.0.0.1"), ospf2(1, hello2(0xFF)),
        ospf2(2, description), ospf2(2, description + headers), ospf2(2, struct.pack("!HBBI", 0, 0, 15, 1) + lsa(1, b"", length=2) * 2),
        ospf2(3, request), *[ospf2(4, update(one)) for one in advertisements], ospf2(4, update(*advertisements[:4])),
        ospf2(4, update(advertisements[0], count=3)), ospf2(5, headers), ospf2(5, lsa(1, b"", length=2) * 2), ospf2(6, b""), ospf2(0, b""),
        ospf2(1, hello2(), version=3), ospf2(1, hello2(), length=60), ospf2(1, hello2(), length=20), ospf2(1, hello2(), length=0),
        ospf2(1, hello2(), authentication=1, secret=b"secret\0\0"), ospf2(1, hello2(), authentication=1, secret=b"password"),
        ospf2(1, hello2(2), authentication=2, secret=struct.pack("!HBBI", 0, 1, 16, 77), behind=bytes(range(16))),
        ospf2(1, hello2(), authentication=7), ospf2(1, hello2(), behind=signals(extended, digest)), ospf2(1, hello2(2), behind=b"trailing"),
        ospf2(2, struct.pack("!HBBI", 1500, 0x52, 7, 1), behind=signals(field(1, b"abcdef"), field(9, b"x"))),
        ospf2(1, hello2(), behind=signals(field(2, bytes(8)))), ospf2(5, headers, behind=signals(extended)),
        ospf2(1, hello2(), authentication=2, secret=struct.pack("!HBBI", 0, 1, 16, 78), behind=bytes(range(16)) + signals(extended)),
    ]


@frames()
def ospf_version3():
    """OSPF version 3: the packets and advertisements of version 2 that it kept, link and prefix advertisements, trailers"""
    six, options = address("fe80::1"), 0x13
    prefix = lambda bits, opts=0, metric=1: struct.pack("!BBH", bits, opts, metric) + address("2001:db8:5::")[: (bits + 31) // 32 * 4]
    link = lambda kind: struct.pack("!BxH4s4s4s", kind, 10, address("0.0.0.1"), address("0.0.0.2"), address(NEIGHBOUR))
    hello = lambda bits, dr=ROUTER: struct.pack("!4sIHH4s4s", address("0.0.0.5"), 1 << 24 | bits, 10, 40, address(dr), address(dr))
    advertisements = [
        lsa3(0x2001, struct.pack("!I", 3 << 24 | options) + link(1) + link(2) + link(4)), lsa3(0x2001, struct.pack("!I", 0) + link(7)),
        lsa3(0x2002, struct.pack("!I", options) + address(ROUTER) + address(NEIGHBOUR)), lsa3(0x2003, struct.pack("!I", 10) + prefix(64)),
        lsa3(0x2004, bytes(12)), lsa3(0x4005, struct.pack("!I", 0x0700000A) + prefix(48, 8, 0) + six + address("0.0.0.9")),
        lsa3(0x4005, struct.pack("!I", 0x0000000A) + prefix(0, 0, 0x2001) + address("0.0.0.3")),
        lsa3(0x0008, struct.pack("!I16sI", 1 << 24 | options, six, 2) + prefix(64) + prefix(128, 2)),
        lsa3(0x2009, struct.pack("!HH4s4s", 2, 0x2001, bytes(4), address(ROUTER)) + prefix(64) + prefix(3)),
        lsa3(0x2009, struct.pack("!HH4s4s", 9, 0x2001, bytes(4), address(ROUTER)) + prefix(64)), lsa3(0x2003, struct.pack("!I", 1) + b"\xff\0\0\0"),
        lsa3(0x000B, field(1, struct.pack("!I", 60)) + field(2, b"\2")), lsa3(0x000B, field(2, b"ab")), lsa3(0xA00C, b"router information"),
        lsa3(0x2001, b"", length=3), lsa3(0x2001, b"", length=90),
    ]
    headers = lsa3(0x2001, b"", length=60) + lsa3(0x8009, b"", length=44)
    description = struct.pack("!IHxBI", options, 1500, 15, 0x1234)
    digest = struct.pack("!HHHHII", 1, 32, 0, 7, 1, 2) + bytes(range(16))
    return [
        ospf3(1, hello(options)), ospf3(1, hello(0, "0.0.0.0")), ospf3(1, hello(0x7FF) + address(NEIGHBOUR), instance=4),
        ospf3(2, description), ospf3(2, description + headers), ospf3(3, struct.pack("!HH4s4s", 0, 0x2001, bytes(4), address(ROUTER)) * 2),
        *[ospf3(4, update(one)) for one in advertisements], ospf3(4, update(*advertisements[:4])), ospf3(5, headers), ospf3(7, b""),
        ospf3(1, hello(options), version=2), ospf3(1, hello(options), length=200), ospf3(1, hello(options), length=10),
        ospf3(1, hello(options), behind=digest), ospf3(1, hello(0x213), behind=struct.pack("!HH", 1, 4) + digest),
        ospf3(1, hello(0x213), behind=struct.pack("!HH", 1, 90)), ospf3(5, headers, behind=digest[:10]), ospf3(5, headers, behind=b"\0\7" + digest[2:]),
    ]


@frames()
def ospf_engineering():
    """OSPF version 2 for traffic engineering: a router's address, links with each of their fields, rates, switching, risks, wrong lengths"""
    rate = lambda *bytes_per_second: struct.pack(f"!{len(bytes_per_second)}f", *bytes_per_second)
    fields = [(1, b"\1"), (1, b"\2"), (1, b"\3"), (2, address(NEIGHBOUR)), (2, address(NEIGHBOUR) + bytes(4)), (3, address(ROUTER)), (4, address(NEIGHBOUR)),
              (5, struct.pack("!I", 77)), *[(6, rate(each)) for each in (125e6, 0, 123456789, -5.5e6, float("inf"))], (7, rate(12.5e6)),
              (8, rate(*(each * 1e6 for each in range(8)))), (9, struct.pack("!I", 0xFF)), (11, struct.pack("!II", 1, 2)), (14, b"\x99\0\0\0"), (14, bytes(4)),
              *[(15, bytes([how, coding, 0, 0]) + rate(*[1e6] * 8)) for how, coding in ((1, 2), (51, 1), (100, 5), (150, 8), (200, 11), (7, 99))],
              (16, struct.pack("!III", 1, 2, 3)), *[(17, bytes([model, 0, 0, 0]) + rate(1e6, 2e6)) for model in (0, 1, 2)], (33, b"new!")]
    wrong = [(kind, b"abcdef") for kind in (1, 2, 3, 5, 6, 8, 9, 11, 14, 15, 16, 17)]
    whole = b"".join(field(*fields[at]) for at in (1, 3, 5, 6, 7, 8, 13, 14, 15))
    bodies = [field(1, address(ROUTER)), field(1, b"ab"), field(3, b"what"), field(0, b"none"), field(1, b""), field(2, whole),
              *[field(2, field(*each)) for each in fields + wrong], field(2, field(1, b"\2", 9)), field(2, field(1, b"\2"), 99), field(2, b"abc"), field(2, field(0, b"ab"))]
    return [ospf2(4, update(lsa(10, body, id="1.0.0.3"))) for body in bodies]


@frames()
def pim():
    """PIM version 2: hellos with every option, registers, joins and prunes, bootstrap, assert, candidates, refresh, elections, in IPv4 and IPv6"""
    def message(kind, body, *, wrong=None, reserved=0, version=2, six=False, over=None):
        data = bytes([version << 4 | kind, reserved, 0, 0]) + body
        if six:
            data = summed(data, 2, pseudo_header("fe80::1", "ff02::d", PIM, len(data)), wrong)
            return ether6(ipv6(data, PIM, "fe80::1", "ff02::d"))
        if over:
            data = patched(data, 2, checksum(data[:over]))
            return ether(ipv4(data, PIM, dst="224.0.0.13"))
        return ether(ipv4(summed(data, 2, b"", wrong), PIM, dst="224.0.0.13"))

    unicast = b"\1\0" + address(ROUTER)
    group = lambda flags=0, mask=32: bytes([1, 0, flags, mask]) + address("233.252.0.1")
    source = lambda flags=4, mask=32: bytes([1, 0, flags, mask]) + address(CLIENT)
    six = b"\2\0" + address("fe80::1")
    group6 = b"\2\0\0\x80" + address("ff0e::1")
    option = lambda kind, value, length=None: struct.pack("!HH", kind, len(value) if length is None else length) + value
    hello = option(1, b"\0\x69") + option(2, struct.pack("!HH", 0x81F4, 2500)) + option(19, struct.pack("!I", 1)) + option(20, b"\1\2\3\4")
    join = lambda *groups: struct.pack("!BBH", 0, len(groups), 210) + b"".join(groups)
    one = group() + struct.pack("!HH", 1, 2) + source() + source(7, 24) + source(0xF8)
    inside = ipv4(udp(b"stream", 5000, 5004, dst="233.252.0.1"), UDP, dst="233.252.0.1")
    rank = struct.pack("!II", 100, 20)
    return [
        message(0, hello), message(0, hello, wrong=0xBAD), message(0, hello, wrong=0),
        message(0, option(18, b"") + option(21, b"\1\x3c\0\0") + option(21, b"\1\0\0\5") + option(22, b"") + option(24, unicast * 2)
                + option(65001, unicast) + option(99, b"unknown")),
        *[message(0, option(kind, b"abc")) for kind in (1, 2, 18, 20, 21)], message(0, option(1, b"\0\0", 40)), message(0, option(24, b"\7\0abcd")),
        message(0, b"\0\1"), message(0, option(1, b"\xff\xff") + option(1, b"\0\0")),
        message(1, struct.pack("!I", 0) + inside, over=8), message(1, struct.pack("!I", 0x80000000) + inside),
        message(1, struct.pack("!I", 0x40000000) + bytes(12) + address(CLIENT) + address(SERVER)), message(1, struct.pack("!I", 5) + b"\x70"), message(1, bytes(4)),
        message(2, group() + unicast), message(3, unicast + join(one)), message(3, unicast + join(one, group(1, 24) + struct.pack("!HH", 0, 0))),
        message(3, unicast + struct.pack("!BBH", 0, 1, 0xFFFF) + one), message(3, unicast + join(one)[:20]), message(6, unicast + join(one)), message(7, join(one)),
        message(4, struct.pack("!HBB", 0xABC, 30, 64) + unicast + group() + struct.pack("!BBH", 1, 1, 0) + unicast + struct.pack("!HBB", 150, 192, 0) + group() + b"\0\0\0\0"),
        message(4, b"\0"), message(5, group() + unicast + struct.pack("!II", 0x80000065, 7)), message(5, group() + unicast + struct.pack("!II", 5, 7)), message(5, group()),
        message(8, struct.pack("!BBH", 1, 192, 150) + unicast + group()), message(8, b"\0\0"), message(9, unicast + group() + unicast + b"\0\x3c"),
        *[message(10, unicast + rank + unicast + rank + b"\0\x64", reserved=subtype << 4) for subtype in range(6)], message(11, b"abcd"), message(12, b""),
        message(3, address(ROUTER) + join(bytes([0, 32]) + address("233.252.0.1") + bytes(4)), reserved=4), message(3, unicast + join(one), reserved=9),
        message(0, hello, version=1), message(0, hello, version=3), ether(ipv4(b"\x20", PIM)), ether(ipv4(b"\x20\0\0", PIM)), ether(ipv4(b"", PIM)),
        message(0, hello, six=True), message(3, six + join(group6 + struct.pack("!HH", 1, 0) + b"\2\0\4\x80" + address(CLIENT6)), six=True),
        message(5, group6 + six + rank, six=True, wrong=1), message(1, bytes(4) + inside, six=True),
    ]
