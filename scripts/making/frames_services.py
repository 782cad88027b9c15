"""Frames that show services over UDP and TCP which manage a network: DHCPv6, SNMP, TFTP, RIP, RADIUS and others."""

import struct

from . import frames
from .wire import *


def datagram(payload, port, sport=40000):
    return ether(ipv4(udp(payload, sport, port), UDP))


def datagram6(payload, port, sport=40000):
    return ether6(ipv6(udp(payload, sport, port, CLIENT6, SERVER6), UDP))


def option(code, value=b"", length=None):
    """RFC 8415, 21.1."""
    return struct.pack("!HH", code, len(value) if length is None else length) + value


def domain(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


@frames()
def dhcpv6():
    """DHCPv6: an exchange, relayed messages, every option that has a form of its own, wrong lengths"""
    xid = b"\x12\x34\x56"
    six = address(CLIENT6)
    llt = option(1, struct.pack("!HHI", 1, 1, 700000000) + mac(CLIENT_MAC))
    link = option(2, struct.pack("!HH", 3, 1) + mac(SERVER_MAC))
    place = option(5, six + struct.pack("!II", 3600, 7200))
    status = option(13, struct.pack("!H", 0) + b"done")
    prefix = option(26, struct.pack("!IIB", 3600, 7200, 56) + six)
    lease = option(3, struct.pack("!III", 1, 1800, 2880) + place + status)
    pool = option(25, struct.pack("!III", 2, 0, 0) + prefix)
    solicit = b"\1" + xid + llt + option(6, struct.pack("!4H", 23, 24, 39, 999)) + option(8, b"\0\x0a") + option(14)
    options = [
        option(2, struct.pack("!HI", 2, 9) + b"abc"), option(2, struct.pack("!H", 4) + bytes(range(16))),
        option(2, struct.pack("!H", 4) + bytes(3)), option(2, struct.pack("!H", 9) + bytes(3)), option(1, b"\0"),
        option(1, b"\0\1\0\1\0"), option(1, b"\0\2\0"), option(1, b"\0\3\0"),
        option(3, bytes(11)), option(4, struct.pack("!I", 7) + place), option(4, b"\0"), option(5, bytes(23)),
        option(6, b"\0"), option(7, b"\xff"), option(7, b""), option(8, b"\1"), option(12, six), option(43, b"\0\1"),
        option(11, bytes([2, 1, 0]) + bytes(range(8)) + b"realm" + bytes(range(20))),
        option(11, bytes([2, 1, 0]) + bytes(8)), option(11, bytes([2, 3, 4]) + bytes(8) + b"x"),
        option(11, bytes([3, 1, 0]) + bytes(8) + b"\1" + bytes(range(16))),
        option(11, bytes([3, 1, 0]) + bytes(8) + b"\2" + bytes(range(16))),
        option(11, bytes([3, 1, 0]) + bytes(8) + b"\3" + bytes(range(16))),
        option(11, bytes([3, 1, 0]) + bytes(9)), option(11, bytes([7, 1, 0]) + bytes(8)), option(11, b"\2"),
        option(13, b"\0\5"), option(13, b"\0\x63"), option(13, b"\2\0"), option(13, b"\0"),
        option(15, b"\0\3abc"), option(16, bytes(8)), option(17, bytes(8)), option(18, b"eth0"),
        option(18, bytes(range(16))), option(19, b"\5"), option(19, b"\x0b"), option(19, b"\7"), option(19, b""),
        option(20), option(21, domain("sip.example.org")), option(22, six * 2), option(23, six), option(23, six + b"\0"),
        option(24, domain("example.org") + domain("example.net")), option(24, b"\7example"), option(24, b""),
        option(26, bytes(24)), option(27, six), option(29, domain("nis")), option(31, six), option(32, bytes([0, 1, 0, 0])),
        option(32, b"\0"), option(37, struct.pack("!I", 9) + b"port 7"), option(37, bytes(range(40))), option(37, b"\0"),
        option(38, b"line"), option(39, b"\1" + domain("host")), option(40, six), option(41, b"EST5EDT"), option(41, b"EST"),
        option(42, b"Europe/Madrid"), option(44, b"\1" + six + place), option(44, b"\2" + six), option(44, b"\7" + six),
        option(44, b""), option(45, place), option(45), option(46, bytes([0, 0, 1, 0])), option(47, six + b"forwarded here"),
        option(47, b""), option(48, six), option(56, option(1, six) + option(2, six) + option(3, domain("ntp.example.org"))),
        option(56, option(1, b"\0") + option(9, b"x")), option(56, b"\0"), option(56, option(1, six, 90)),
        option(64, domain("aftr.example.org")), option(64, b"\0"), option(64, b"\x09abc"), option(999, b"?"),
    ]
    relay = b"\x0c\1" + six + address("fe80::1")
    messages = [
        solicit,
        b"\2" + xid + llt + link + lease + option(7, b"\x0a") + pool,
        b"\3" + xid + llt + link + lease,
        b"\7" + xid + llt + link + lease + option(23, six) + option(24, domain("example.org")),
        *[bytes([kind]) + xid for kind in range(0, 18)],
        relay + option(9, solicit) + option(18, b"eth0"),
        b"\x0d\0" + six + six + option(9, relay + option(9, b"\7" + xid + lease)),
        relay,
        *[b"\x0b" + xid + one + option(14) for one in options],
        b"\1" + xid + option(1, b"abc", 10),
        b"\1" + xid + b"\0\1\0",
        b"\1\2",
        b"",
    ]
    return [datagram6(message, 547, 546) for message in messages]


@frames()
def tftp():
    """TFTP: requests with and without options, data, acknowledgments, errors, and packets that end early"""
    packets = [b"\0\1file\0octet\0", b"\0\2file\0netascii\0blksize\0001432\0tsize\0000\0", b"\0\1file\0octet",
               b"\0\1file\0", b"\0\1file", b"\0\1", b"\0\1a\x01\xff\0octet\0\0\0", b"\0\3\0\1data", b"\0\3\0", b"\0\3",
               b"\0\4\0\1", b"\0\5\0\1not found\0", b"\0\5\0\1", b"\0\5\0\x09odd\0", b"\0\5\0", b"\0\5\0\2open",
               b"\0\6blksize\0001432\0", b"\0\6\0x\0", b"\0\6", b"\0\x09x", b"\0", b""]
    return [datagram(packet, 69) for packet in packets]


def element(tag, *content):
    """ASN.1 with a definite length (X.690, 8.1)."""
    content = b"".join(content)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + struct.pack("!H", size)
    return bytes([tag]) + length + content


def number(value, tag=2):
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text):
    parts = [int(part) for part in text.split(".")]
    coded = b""
    for part in [parts[0] * 40 + parts[1], *parts[2:]]:
        digits = [part & 127]
        while part := part >> 7:
            digits.append(part & 127 | 128)
        coded += bytes(reversed(digits))
    return element(6, coded)


def binding(name, value=b"\5\0"):
    return element(0x30, oid(name), value)


def unit(kind, *bindings, id=1000, status=0, index=0):
    return element(0xA0 + kind, number(id), number(status), number(index), element(0x30, *bindings))


def snmp_message(version, community, data):
    return element(0x30, number(version), element(4, community), data)


def snmp_3(flags, scoped, user=b"operator", model=3, flags_raw=None):
    header = element(0x30, number(77), number(65507), element(4, bytes([flags]) if flags_raw is None else flags_raw), number(model))
    security = element(0x30, element(4, b"\x80\0\x1f\x88\4abcd"), number(5), number(1234), element(4, user),
                       element(4, bytes(12)), element(4, bytes(8)))
    return element(0x30, number(3), header, element(4, security), scoped)


@frames()
def snmp():
    """SNMP: versions 1, 2c and 3, every kind of data unit and value, errors, and encodings that are wrong"""
    sys_descr, sys_uptime = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"
    values = [number(0), number(-5), number(1 << 30), element(4, b"text"), element(4, b""), element(4, b"\0\1\xff"),
              b"\5\0", oid("1.3.6.1.4.1.8072.3.2.10"), oid("2.999.3"), element(0x40, address(CLIENT)), element(0x40, b"\1\2"),
              number(4000000000, 0x41), number(99, 0x42), number(123456, 0x43), element(0x44, b"\x9f\x78"),
              number(1 << 62, 0x46), element(0x47, b"x"), b"\x80\0", b"\x81\0", b"\x82\0", b"\x83\0", element(1, b"\1"),
              element(3, b"\0"), element(10, b"\1"), element(0x11, b""), element(0x30, b"\5\0"), element(0x31, b""),
              element(0x60, b"x"), element(0xC0, b"x"), element(0xC1, b"x"), element(0xE0, b"x"), element(0x25, b"x"),
              b"\2\0", element(2, b"\x80" * 6), b"\x1f\x81\1\1x", b"\x1f\4\1x"]
    v1, v2 = 0, 1
    trap = element(0xA4, oid("1.3.6.1.4.1.8072"), element(0x40, address(CLIENT)), number(6), number(17), number(55, 0x43),
                   element(0x30, binding(sys_descr, element(4, b"up"))))
    messages = [
        snmp_message(v1, b"public", unit(0, binding(sys_descr))),
        snmp_message(v2, b"private", unit(1, binding(sys_descr), binding(sys_uptime))),
        snmp_message(v2, b"se\x01cret", unit(2, binding(sys_descr, element(4, b"Linux")), binding(sys_uptime, number(9, 0x43)))),
        *[snmp_message(version, b"public", unit(kind, binding(sys_descr))) for version in (v1, v2) for kind in range(10)],
        snmp_message(v2, b"public", unit(5, binding(sys_descr), status=0, index=10)),
        *[snmp_message(v1, b"public", unit(kind, binding(sys_descr), status=status, index=index))
          for kind in (0, 2, 3) for status, index in ((2, 1), (2, 0), (0, 1), (99, 1), (-1, 1))],
        *[snmp_message(v2, b"public", unit(2, binding(sys_descr, value))) for value in values],
        *[snmp_message(v2, b"public", unit(0, binding(sys_descr, value))) for value in values[:4]],
        snmp_message(v1, b"public", trap), snmp_message(v2, b"public", trap),
        *[snmp_message(v1, b"public", element(0xA4, oid("1.3.6.1.4.1"), element(0x40, address(CLIENT)), number(generic),
                                              number(specific), number(1, 0x43), element(0x30)))
          for generic, specific in ((0, 0), (3, 7), (6, 7), (9, 0), (-1, 0))],
        snmp_message(v1, b"public", element(0xA4, number(1))),
        snmp_message(v1, b"public", element(0xA4, oid("1.3"), number(1))),
        snmp_message(v1, b"public", element(0xA4, oid("1.3"), element(0x40, address(CLIENT)), number(0), oid("1.3"))),
        snmp_message(v1, b"public", element(0xA4, oid("1.3"), element(0x40, address(CLIENT)), number(0), number(0), number(1))),
        snmp_message(v1, b"public", element(0xA0, oid("1.3"))), snmp_message(v1, b"public", element(0xA0, number(1), oid("1.3"))),
        snmp_message(v1, b"public", element(0xA0, number(1), number(0), oid("1.3"))),
        snmp_message(v1, b"public", element(0xA0, number(1), number(0), number(0), number(4))),
        snmp_message(v1, b"public", element(0xA0, number(1), number(0), number(0), element(0x30, number(4)))),
        snmp_message(v1, b"public", element(0xA0, number(1), number(0), number(0), element(0x30, element(0x30, number(4))))),
        snmp_message(v1, b"public", element(0xA0, number(1), number(0), number(0), element(0x30, element(0x30, oid("1.3"))))),
        snmp_message(v1, b"public", element(0xA0)), snmp_message(v1, b"public", number(1)), snmp_message(v1, b"public", b""),
        snmp_message(v1, b"public", unit(0, binding(sys_descr)) + b"\5\0"), snmp_message(v1, b"public", unit(0) + b"\5\0\5"),
        snmp_message(v1, b"public", unit(0, binding(sys_descr))) + b"more",
        element(0x30, number(0), number(1)), element(0x30, number(7)), element(0x30, element(4, b"x")), number(1),
        snmp_3(4, element(0x30, element(4, b"\x80\0\x1f"), element(4, b"context"), unit(0, binding(sys_descr)))),
        snmp_3(3, element(4, bytes(range(20)))), snmp_3(0, element(0x30, element(4, b""), element(4, b""), unit(8)), user=b""),
        snmp_3(2, b""), snmp_3(8, b""), snmp_3(0, b"", flags_raw=b"\0\0"), snmp_3(0, b"", model=1),
        element(0x30, number(3), number(1)), element(0x30, number(3), element(0x30, oid("1.3"))),
        element(0x30, number(3), element(0x30, number(77), number(65507), element(4, b"\0"), number(3), number(1)), number(1)),
        b"\x30\x82\1", b"\x30\x7f\2\1\0", b"\x30\x84\xff\xff\xff\xff\2", b"\x3f\x80", b"\x30", b"",
    ]
    return [*[datagram(message, 161) for message in messages], datagram(messages[0], 162)]


@frames()
def rip():
    """RIP versions 1 and 2 and RIPng: requests, routes, authentication, other commands and families, odd lengths"""
    net, mask, hop = address("198.51.100.0"), address("255.255.255.0"), address(SERVER)
    route1 = struct.pack("!HH4s8xI", 2, 0, net, 1)
    route2 = struct.pack("!HH4s4s4sI", 2, 7, net, mask, bytes(4), 2)
    via = struct.pack("!HH4s4s4sI", 2, 7, address("10.0.0.0"), address("255.0.255.0"), hop, 16)
    whole = struct.pack("!HH12xI", 0, 0, 16)
    messages = [
        b"\1\1\0\0" + whole, b"\2\1\0\0" + route1 * 2, b"\2\1\0\0" + route2, b"\2\1\0\0" + struct.pack("!HH16x", 9, 0),
        b"\2\1\0\0" + struct.pack("!HH16x", 10, 0),
        b"\2\1\0\0" + route1[:10], b"\1\2\0\0" + whole, b"\2\2\0\0" + route2 + via,
        b"\2\2\0\0" + b"\xff\xff\0\2" + b"password".ljust(16, b"\0") + route2,
        b"\2\2\0\0" + b"\xff\xff\0\3" + struct.pack("!HBBIII", 44, 1, 16, 99, 0, 0) + route2 + b"\xff\xff\0\1" + bytes(range(16)),
        b"\2\2\0\0" + b"\xff\xff\0\7" + bytes(20), b"\2\2\0\0" + struct.pack("!HH16x", 9, 0), b"\2\2\0\0" + route2[:10],
        b"\2\2\0\0" + struct.pack("!HH16x", 17, 0), b"\2\2\0\0" + struct.pack("!HH4x", 17, 0),
        b"\2\2\0\0", b"\2\3\0\0" + route2, *[bytes([command, 2, 0, 0]) for command in (3, 4, 5, 6, 8, 11, 12)], b"\2\2", b"",
    ]
    six = address("2001:db8:2::")
    route6 = six + struct.pack("!HBB", 0, 48, 1)
    messages6 = [
        b"\1\1\0\0" + bytes(16) + b"\0\0\0\x10", b"\1\1\0\0" + route6, b"\1\1\0\0" + route6 * 2 + b"abc", b"\1\1\0\0",
        b"\2\1\0\0" + route6 + six + struct.pack("!HBB", 5, 64, 0), b"\2\1\0\0" + route6 + b"\0", b"\7\1\0\0", b"\1\2\0\0",
        b"\1\1", b"\1", b"",
    ]
    return [*[datagram(message, 520, 520) for message in messages], *[datagram6(message, 521, 521) for message in messages6]]


@frames()
def radius():
    """RADIUS: messages of every kind, attributes of every form, vendors, wrong lengths"""
    def message(code, *attributes, length=None, more=b""):
        body = b"".join(attributes)
        return struct.pack("!BBH", code, 7, 20 + len(body) if length is None else length) + bytes(range(16)) + body + more

    def attribute(kind, value=b"", length=None):
        return bytes([kind, len(value) + 2 if length is None else length]) + value

    word = lambda value: struct.pack("!I", value)
    six = address(CLIENT6)
    forms = [(1, b"user"), (2, bytes(16)), (3, b"\1" + bytes(16)), (4, address(CLIENT)), (4, b"abc"), (5, word(17)), (5, b"a"),
             *[(kind, word(value)) for kind in (6, 7, 10, 13, 15, 29, 40, 45, 49, 57, 61, 72, 76) for value in (0, 1, 2, 200)],
             (8, word(0xFFFFFFFF)), (8, word(0xFFFFFFFE)), (8, address(CLIENT)), (14, word(0xFFFFFFFE)), (18, b"hi\0there"), (18, b"\1\xff"),
             (23, word(0xFFFFFFFE)), (23, word(3)), (27, word(59)), (28, word(60)), (41, word(3599)), (46, word(90061)), (85, word(3600)),
             (37, word(0)), (37, word(2)), (38, word(0)), (55, word(1700000000)), (55, b"ab"), (56, word(0x31000005)), (56, word(5)),
             (58, b"1vlan"), (58, b"xvlan"), (59, bytes(8)), (64, word(0x0100000D)), (64, word(3)), (65, word(6)), (66, b"\1192.0.2.1"),
             (66, b"192.0.2.1"), (67, b"\0host"), (69, b"\1\x80\1secret"), (69, b"\xff\x80\1secret"), (69, b"\1\x80"), (75, word(2)),
             (80, bytes(16)), (81, b"\0test"), (83, word(0x02000009)), (83, word(9)), (93, b"x"), (95, six), (95, b"x"), (97, b"\0\x40" + six[:8]),
             (97, b"\0\x40" + six[:4]), (97, b"\0\x81"), (97, b"\0"), (97, bytes(19)), (101, word(401)), (101, word(1)), (101, b"x"), (123, b"\0\x38" + six),
             (26, word(9) + b"\1\x06text" + b"\2\3x"), (26, word(311) + b"\1\1"), (26, word(99) + b"\1\x50abc"), (26, b"abc"), (26, word(14122) + b"\7"),
             *[(kind, b"station") for kind in (30, 31, 32, 44)], (42, word(1000)), (43, word(2000)), (70, bytes(range(16))), (70, b"x"), (71, bytes(range(1, 15))),
             (71, b"\0"), (84, bytes(range(8))), (84, b"x"), (79, b"\2\1\0\x09\1user"), (79, b"\1\1\0\6\x0d\x20"), (79, b"\3\1\0\4"),
             (79, b"\x16\3\1\0\5abcd"), (124, bytes([0, 0, 1, 0, 0, 0, 0, 3])), (124, b"x"), (125, b"\x40" + six), (125, b"x"), (126, b"1example.org"), (126, b"xab"),
             (126, b"1"), (127, b"\0\7\0\1" + word(3913056000) + word(0) + bytes(8) + b"gps"), (127, b"x"), (128, b"\0\7location"), (128, b"x"),
             (129, b"\x80\1" + word(3913056000) + word(0) + b"note"), (129, b"\0\0" + bytes(8)), (129, b"x")]
    messages = [
        *[message(code, attribute(1, b"user")) for code in (1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45, 99, 255)],
        *[message(1, attribute(*form), attribute(18, b"end")) for form in forms], message(1), message(1, attribute(1)), message(1, attribute(1, b"x", 1)),
        message(1, attribute(1, b"x", 40)), message(1, b"\1"), message(1, length=10), message(1, attribute(1, b"user"), length=90),
        message(1, attribute(1, b"user"), more=b"trailer"), message(1)[:10], b"",
    ]
    return [*[datagram(one, 1812) for one in messages], *[datagram(messages[0], port) for port in (1645, 1646, 1813, 1700, 3799)]]
