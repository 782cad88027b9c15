"""Frames that show what programs say to each other: names, times, logs, and Redis."""

import struct

from . import frames
from .frames_services import datagram, datagram6, domain
from .wire import *


def question(name, kind=1, group=1):
    return name + struct.pack("!HH", kind, group)


def record(name, kind, data, group=1, ttl=300):
    return name + struct.pack("!HHIH", kind, group, ttl, len(data)) + data


def message(flags, questions=(), answers=(), authorities=(), additional=(), id=4660):
    """RFC 1035, 4.1."""
    sections = [questions, answers, authorities, additional]
    return struct.pack("!HH4H", id, flags, *map(len, sections)) + b"".join(b"".join(section) for section in sections)


def option(code, value):
    """RFC 6891, 6.1.2."""
    return struct.pack("!HH", code, len(value)) + value


def edns(*options, flags=0, size=1232):
    return record(b"\0", 41, b"".join(options), size, flags)


@frames()
def dns_records():
    """DNS built by hand: records of every kind, EDNS and its options, updates, transfers, names that are wrong"""
    name, same = domain("example.org"), b"\xc0\x0c"
    host = b"\4host" + same
    numbers = struct.pack("!5I", 2024010101, 7200, 3600, 1209600, 3600)
    data = {
        1: address(CLIENT), 2: b"\2ns" + same, 5: host, 6: b"\2ns" + same + host + numbers, 12: host,
        13: b"\2PC\5Linux", 15: b"\0\x0a" + host, 16: b"\x07v=spf1 \0\3\x01\xc3\xff", 17: host + b"\0", 18: b"\0\1" + host, 28: address(CLIENT6),
        29: bytes(16), 33: struct.pack("!3H", 1, 2, 443) + host, 35: b"\0\1\0\2\1S\0\0" + host,
        38: b"\x40" + address(CLIENT6)[8:] + host, 39: host, 43: b"\x30\x39\x08\2" + bytes(32), 44: b"\1\1" + bytes(20),
        46: struct.pack("!HBBIIIH", 1, 8, 2, 300, 1900000000, 1800000000, 12345) + name + bytes(64), 47: host + b"\0\1\x40",
        48: b"\1\1\3\x08" + bytes(32), 50: b"\1\0\0\1\2ab\4abcd\0\1\x40", 52: b"\3\1\1" + bytes(32), 64: b"\0\1" + host, 65: b"\0\1\0\0\1\0\3\2h2",
        99: b"\6v=spf1", 104: b"any", 256: b"\0\1\0\2ftp://example.org", 257: b"\0\5issueca.example", 65280: b"?",
    }
    subnet = option(8, b"\0\1\x18\0" + address(CLIENT)[:3])
    options = [subnet, option(8, b"\0\2\x30\0" + address(CLIENT6)[:6]), option(8, b"\0\3\0\0"), option(10, bytes(range(8))),
               option(10, bytes(range(24))), option(10, b"x"), option(11, b"\0\x64"), option(11, b"x"), option(12, bytes(4)), option(3, b"ns1"),
               option(5, b"\x08\x0d\x63"), option(6, b"\1\2\x63"), option(7, b"\1\2"), option(9, bytes(4)), option(13, name), option(13, b"\x40"),
               option(14, b"\x12\x34\x56\x78"), option(15, b"\0\x12"), option(999, b"ab"), option(10, b"")]
    key = record(domain("key"), 250, domain("hmac-sha256") + bytes(6) + struct.pack("!HH", 300, 4) + bytes(4) + struct.pack("!3H", 9, 0, 0), 255, 0)
    names = [b"\0", (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"b" * 61 + b"\0", (b"\x3f" + b"a" * 63) * 4 + b"\0", same, b"\xff\xff", b"\x41\x08a\0",
             b"\x80", b"\5a b\\.\0", b"\3\0\x01\x7f\0", b"\1a" + same, b"\7open"]
    packets = [
        *[message(0x0100, [question(name, kind)]) for kind in (1, 28, 65, 251, 252, 255, 999)],
        *[message(0x0100, [question(name, 1, group)]) for group in (3, 4, 254, 255)],
        *[message(0x8180, [question(name, kind)], [record(same, kind, one, ttl=ttl)])
          for (kind, one), ttl in zip(data.items(), [0, 59, 3600, 90061, 700000, 40000000] * 6)],
        message(0x8580, [question(name)], [record(same, 1, address(CLIENT))] * 2, [record(same, 2, data[2])], [record(host, 28, data[28]), edns(flags=0x8000)]),
        *[message(0x0120, [question(name)], additional=[edns(one)]) for one in options],
        message(0x0120, [question(name)], additional=[edns(subnet, options[3])]), message(0x0120, [question(name)], additional=[edns(b"\0\x0a\0\x09x")]),
        *[message(0x8180 | low, [question(name)], additional=[edns(flags=high << 24)]) for low, high in ((0, 1), (1, 1), (5, 1), (7, 1), (5, 0), (3, 0))],
        *[message(flags, [question(name)]) for flags in (0x0800, 0x1000, 0x2000, 0x2800, 0x7800, 0x0110, 0x0640, 0x8000, 0x8780, 0x86a0, 0xa800)],
        message(0x2800, [question(name, 6)], [record(host, 255, b"", 255, 0)], [record(host, 1, address(CLIENT))], [key]),
        message(0x2400, [question(name, 6)], [record(same, 6, data[6])]), message(0, [question(name, 251)], [], [record(same, 6, data[6])]),
        message(0x8400, [], [record(name, 6, data[6])] * 2), message(0x8180), message(0x0100, [question(name)] * 2),
        *[message(0x0100, [question(one)]) for one in names],
        *[message(0x8180, [question(name)], [record(same, 5, one)]) for one in names],
        message(0x8180, [question(name)], [record(same, 1, b"\1")]), message(0x8180, [question(name)], [record(same, 16, b"\x09ab")]),
        message(0x0100, [question(name)])[:11], message(0x0100, [question(name)])[:15], b"",
    ]
    return [*[datagram(packet, 53) for packet in packets], datagram6(packets[0], 53)]


@frames()
def multicast_dns():
    """Multicast DNS and LLMNR: questions for answers by unicast, known answers, services, names to be forgotten"""
    service, host = domain("_http._tcp.local"), domain("host.local")
    instance, flush, ttl = b"\6My web\xc0\x0c", 0x8001, 4500
    packets = [
        message(0, [question(service, 12), question(host, 255, flush)], id=0), message(0, [question(service, 12)], [record(b"\xc0\x0c", 12, instance, ttl=ttl)], id=0),
        message(0, [question(host, 255, flush)], [], [record(host, 1, address(CLIENT))], id=0),
        message(0x8400, [], [record(service, 12, instance, ttl=ttl), record(service, 16, b"\x09txtvers=1", flush), record(service, 33, b"\0\0\0\0\0\x50" + host, flush),
                             record(host, 28, address(CLIENT6), flush, 120), record(host, 47, host + b"\0\4\x40\0\0\x08", flush, 120)], id=0),
        message(0, [question(host)], additional=[edns(option(4, bytes(8)), size=1440)], id=0),
    ]
    return [*[datagram(packet, 5353, 5353) for packet in packets], datagram(packets[1], 5353),
            datagram(message(0, [question(domain("host"))]), 5355), datagram(message(0x8000, [question(domain("host"))], [record(b"\xc0\x0c", 1, address(CLIENT))]), 40000, 5355)]


@frames()
def netbios_names():
    """NetBIOS: names asked for, told, registered, refused, a node's status, a datagram; tcpdump shows no more than lengths"""
    def coded(name, kind):
        text = name.ljust(15).encode() + bytes([kind])
        return b"\x20" + bytes(letter for byte in text for letter in (65 + (byte >> 4), 65 + (byte & 15))) + b"\0"

    files, own = coded("FILES", 0x20), struct.pack("!H", 0) + address(CLIENT)
    packets = [
        message(0x0110, [question(files, 32)]), message(0x8500, [], [record(files, 32, own + own, ttl=300000)]),
        message(0x2910, [question(files, 32)], [], [], [record(b"\xc0\x0c", 32, own)]), message(0xAD86, [], [record(files, 32, own, ttl=0)]),
        message(0, [question(coded("*\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0), 33)]), message(0x8400, [], [record(files, 33, b"\1" + b"FILES".ljust(15) + b"\x20\4\0" + bytes(46), ttl=0)]),
        message(0x0110, [question(b"\x20" + b"z" * 32 + b"\0", 32)]), message(0x0110, [question(files, 32)])[:30],
    ]
    part = struct.pack("!BBH4sHHH", 0x11, 2, 9, address(CLIENT), 138, 100, 0) + files + coded("GROUP", 0x1D) + b"\xffSMB%"
    return [*[datagram(packet, 137, 137) for packet in packets], datagram(part, 138, 138)]


@frames()
def ntp():
    """NTP: every mode, strata and what they are set by, times that are missing or far apart, keys, control and private messages"""
    def stamp(seconds, fraction=0):
        return struct.pack("!II", seconds, fraction)

    now, zero = 3913056000, bytes(8)
    usual = (stamp(now - 64), stamp(now, 1 << 30), stamp(now, 1 << 31), stamp(now, 3 << 30))

    def packet(first=0x23, stratum=2, source=address(SERVER), times=usual, poll=6, precision=0xEC, more=b""):
        return bytes([first, stratum, poll, precision]) + struct.pack("!II", 0x0123, 0x4567) + source + b"".join(times) + more

    packets = [
        *[packet(leap << 6 | version << 3 | mode) for leap, version, mode in [(3, 4, 3), (0, 4, 4), (1, 3, 3), (2, 3, 4), (0, 2, 1), (0, 1, 2), (0, 4, 5), (0, 0, 0)]],
        *[packet(0x24, stratum, source) for stratum, source in [(0, b"RATE"), (1, b"GPS\0"), (1, b"\x01\xffab"), (15, b"LOCL"), (16, bytes(4)), (255, bytes(4))]],
        *[packet(times=times) for times in [(zero, zero, zero, usual[3]), (zero,) * 4, (usual[0], usual[3], usual[1], usual[0]), (stamp(1), stamp(0xFFFFFFFF), stamp(now), stamp(now, 5))]],
        packet(poll=0xFE, precision=6), packet(poll=17), packet(more=struct.pack("!I", 1)), packet(more=struct.pack("!I", 1) + bytes(16)), packet(more=bytes(20)),
        packet(more=bytes(7)), packet()[:40], packet()[:3], b"",
        b"\x16\2" + struct.pack("!5H", 1, 0, 0, 0, 0), b"\x16\x82" + struct.pack("!5H", 1, 0x0615, 0, 0, 4) + b"a=1,", b"\xd6\xe2" + struct.pack("!5H", 9, 0xC000, 3, 8, 90) + b"x",
        b"\x16\x82\0", b"\x17\0\3\x2a" + bytes(4), b"\x97\x80\3\x2a\x40\6\0\x48" + bytes(72),
    ]
    return [datagram(packet, 123, 123) for packet in packets]


@frames()
def syslog():
    """Syslog: every facility and severity, text of several lines and of other bytes, priorities that are wrong"""
    texts = [b"<%d>Jan  2 03:04:05 host program: text" % priority for priority in [*range(0, 192, 9), 191]]
    texts += [b"<165>1 2024-01-02T03:04:05.003Z host program 7 ID47 - text", b"<13>two\nlines\r\n", b"<13>\0\x01\xff tab\t.", b"<13>", b"<013>x", b"<999>x",
              b"<1234>x", b"<>", b"<a>x", b"<1a>x", b"<-1>x", b"<13", b"<", b"no priority", b""]
    return [datagram(text, 514) for text in texts]


@frames()
def redis():
    """RESP, the protocol of Redis: values of every kind, commands of one line, several in a segment, lengths that are wrong"""
    texts = [b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", b"$5\r\nvalue\r\n", b"+OK\r\n", b"-ERR unknown\r\n", b":42\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n", b"$0\r\n\r\n",
             b"*2\r\n*1\r\n:1\r\n+a\r\n", b"PING\r\n", b"\r\nPING\r\nINFO\n", b"+a\r\n+b\r\n$1\r\nc\r\n", b"$3\r\n\0\xff\x01\r\n", b"*3\r\n$3\r\nSET\r\n", b"$9\r\nabc\r\n", b"+OK", b"PING",
             b"*x\r\n", b"$\r\n", b"$3x\r\nabc\r\n", b"$1\rx", b"$2147483648\r\nx\r\n", b"*-5\r\n", b"$3", b"$3\r", b"*", b"*1\r\n" * 20 + b":1\r\n", b"\r\n"]
    return [ether(ipv4(tcp(text, PSH | ACK, dport=6379, seq=1000 * place, ack=1), TCP)) for place, text in enumerate(texts)]
