"""Frames of protocols that move groups and hosts about: old multicast routing, mobile IPv6, router renumbering."""

import struct

from . import frames
from .wire import *

MOBILITY = 135
ALL_ROUTERS, DVMRP_ROUTERS = "224.0.0.2", "224.0.0.4"
GROUP, SOURCE, ROUTER, EVERY = (address(text) for text in ("233.252.0.1", "192.0.2.7", "192.0.2.254", "255.255.255.255"))


def to_routers(kind, code, word, body, dst):
    data = struct.pack("!BBH4s", kind, code, 0, word) + body
    return ether(ipv4(summed(data, 2, b"", None), IGMP, dst=dst, ttl=1))


@frames()
def dvmrp():
    """DVMRP: probes, reports with masks of each width, neighbours of both forms and all their flags, prunes, grafts, wrong lengths"""
    def message(code, body=b"", version=b"\0\x0e\3\xff"):
        return to_routers(0x13, code, version, body, DVMRP_ROUTERS)

    def neighbours(flags, *others):
        return ROUTER + bytes([1, 2, flags, len(others)]) + b"".join(others)

    genid = struct.pack("!I", 0x12345678)
    return [
        message(1, genid), message(1, genid + ROUTER + SOURCE), message(1, b"ab"), message(1, genid + b"abc"),
        message(2, b"\xff\xff\0\xc0\0\2\5\xc0\0\3\x83" + b"\xff\0\0\xac\x10\x87"), message(2, b"\0\0\0\x0a\x8f\xff\xff\xff\xc0\0\2\1\x81"),
        message(2, b"\xff\xff\0\xc0\0\2\5"), message(2, b"\xff\xff"), message(3),
        message(4, ROUTER + b"\1\2\2" + SOURCE + ROUTER), message(4, ROUTER + b"\1\2\2" + SOURCE + b"ab"), message(4, b"abc"), message(5),
        *[message(6, neighbours(flags, SOURCE), b"\0\x1f\3\x0b") for flags in (0, 1, 2, 0x10, 0x20, 0x40, 0x80, 0xFF)],
        message(6, neighbours(0, SOURCE, ROUTER) + neighbours(1)), message(6, neighbours(0, SOURCE)[:8]), message(6, neighbours(0, SOURCE)[:10]),
        message(6, b"abc"), message(7, SOURCE + GROUP + struct.pack("!I", 7200)), message(7, SOURCE + GROUP), message(8, SOURCE + GROUP),
        message(9, SOURCE + GROUP), message(8, SOURCE), message(10, b"abcd"),
    ]


@frames()
def pim_version1():
    """PIM version 1, in IGMP: queries of each mode, registers, joins and prunes of one source and of many, reachability, asserts, grafts"""
    def message(code, body=b"", version=1):
        return to_routers(0x14, code, bytes([version << 4, 0, 0, 0]), body, ALL_ROUTERS)

    def entry(flags, mask, source=SOURCE):
        return bytes([flags, mask]) + source

    def changes(*groups, hold=180):
        head = ROUTER + struct.pack("!HHHBB", 0, hold, 0, 4, len(groups))
        return head + b"".join(
            GROUP + mask + struct.pack("!HH", len(joins), len(prunes)) + b"".join(joins + prunes) for mask, joins, prunes in groups)

    net = address("255.255.255.0")
    many = changes((EVERY, [entry(1, 0xE0), entry(0, 32)], [entry(1, 0x58)]), (net, [], [entry(0, 24)]))
    inside = ipv4(udp(b"stream", 5000, 5004, dst="233.252.0.1"), UDP, dst="233.252.0.1")
    return [
        *[message(0, struct.pack("!BxH", mode << 4, 105)) for mode in (0, 1, 2, 5)], message(0), message(0, version=2),
        message(1, inside), message(1, inside[:12]), message(2, GROUP + SOURCE), message(2, GROUP),
        *[message(code, changes((EVERY, [entry(1, 0xE0)], []))) for code in (3, 6, 7)], message(3, changes((net, [], [entry(0, 24)]), hold=210)),
        message(3, many), message(3, changes()), message(3, many[:40]), message(3, ROUTER), message(3),
        *[message(4, GROUP + mask + ROUTER + struct.pack("!HH", 0, 270)) for mask in (EVERY, net)], message(4, GROUP),
        *[message(5, GROUP + mask + SOURCE + struct.pack("!II", rank, 7)) for mask, rank in ((EVERY, 0x80000065), (net, 0x65))],
        message(5, GROUP), message(9, b"abcd"),
    ]


@frames()
def mobility():
    """Mobile IPv6: each type of the mobility header, its options, types that are not known, lengths too small, the old number, cuts"""
    def header(kind, body, options=b"", number=MOBILITY, length=None):
        body += options
        body += b"\0" * ((2 - len(body)) % 8)
        return ether6(ipv6(struct.pack("!BBBBH", NO_NEXT, len(body) // 8 if length is None else length, kind, 0, 0x1234) + body, number))

    cookie, token = bytes(range(8)), bytes(range(8, 16))
    home = address("2001:db8:2::9")
    bodies = [b"\0\0", b"\0\0" + cookie, b"\0\0" + cookie, b"\0\7" + cookie + token, b"\0\7" + cookie + token,
              struct.pack("!HHH", 5, 0xF000, 16), struct.pack("!BBHH", 0, 0x80, 5, 16), b"\1\0" + home]
    options = [b"\1\4\0\0\0\0", b"\2\2\0\5", b"\3\x10" + home, b"\4\4\0\1\0\2", b"\5\x0c" + bytes(12), b"\x63\3new", b"\0\0", b"\2\x28ab"]
    whole = header(5, bodies[5], options[2])
    return [
        *[header(kind, body) for kind, body in enumerate(bodies)], *[header(5, bodies[5], option + b"\0\0") for option in options],
        header(5, struct.pack("!HHH", 5, 0, 16)), header(6, struct.pack("!BBHH", 129, 0, 5, 0)), header(8, b"\0\0"), header(200, b"\0\0" + cookie),
        header(3, b"\0\0"), header(5, bodies[5], number=62), header(5, bodies[5], length=9), *[whole[:end] for end in (55, 57, 61, 66)],
    ]


@frames()
def router_renumbering():
    """ICMPv6 router renumbering: commands that add, change and set, with prefixes to use, results, resets, flags, wrong lengths"""
    def message(code, body=b"", flags=0, reserved=0):
        head = struct.pack("!IBBHI", 77, 3, flags, 100, reserved)
        return ether6(ipv6(icmp6(138, code, head + body), ICMP6))

    def match(operation, words):
        return struct.pack("!BBBBBBH", operation, words, 1, 64, 48, 64, 0) + address("2001:db8:2::")

    def use(valid=1000, preferred=500, decrement=0, mask=0, flags=0):
        return struct.pack("!BBBBIII", 48, 16, mask, flags, valid, preferred, decrement) + address("2001:db8:3::")

    forever = use(0xFFFFFFFF, 0xFFFFFFFF, 0xC0000000, 0xC0, 0x80)
    return [
        *[message(0, match(operation, 3)) for operation in range(1, 5)], message(0, match(2, 11) + use() + forever, 0x40),
        message(0, match(1, 7) + use(decrement=1), 0xF8, 9), message(0, match(1, 5) + use()), message(0, match(1, 2)),
        message(0, match(1, 11) + use()), message(0, match(1, 3)[:20]), message(1, flags=0x80), message(1, flags=0x07), message(255), message(7),
    ]


@frames()
def carp():
    """CARP, which has VRRP's number (`-T carp`): advertisements, another version and type, hops, a wrong checksum, cut and short ones"""
    def message(head=0x21, ttl=255, wrong=None, end=36):
        data = struct.pack("!BBBBBBHQ", head, 5, 100, 7, 0, 1, 0, 0x0102030405060708) + bytes(range(20))
        return ether(ipv4(summed(data, 6, b"", wrong)[:end], 112, dst="224.0.0.18", ttl=ttl))

    heads = [message(head) for head in (0x21, 0x22, 0x31)]
    return heads + [message(ttl=3), message(wrong=0xBAD)] + [message(wrong=0, end=end) for end in (0, 1, 5, 8, 12)]
