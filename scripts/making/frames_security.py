"""Frames that show IPsec and SCTP: headers whose contents no capture can show, and chunks."""

import struct

from . import frames
from .wire import *

SCTP, IPCOMP = 132, 108


def ah(following, icv=b"\xab" * 12, *, spi=0x1234, seq=7, words=None, reserved=0):
    """RFC 4302, 2."""
    words = (len(icv) + 12) // 4 - 2 if words is None else words
    return struct.pack("!BBHII", following, words, reserved, spi, seq) + icv


def esp(length, spi=0xC0FFEE01, seq=42):
    """RFC 4303, 2."""
    return struct.pack("!II", spi, seq) + bytes(range(length))


def chunk(kind, flags=0, value=b"", length=None):
    """RFC 9260, 3.2."""
    length = 4 + len(value) if length is None else length
    return struct.pack("!BBH", kind, flags, length) + value + b"\0" * (-len(value) % 4)


def sctp(*chunks, sport=40000, dport=9899, tag=0xDECAFBAD):
    return struct.pack("!HHII", sport, dport, tag, 0) + b"".join(chunks)


def data(payload=b"hello", flags=3, tsn=1, stream=2, sequence=3, protocol=0):
    return chunk(0, flags, struct.pack("!IHHI", tsn, stream, sequence, protocol) + payload)


def init(kind=1):
    return chunk(kind, 0, struct.pack("!IIHHI", 0x11223344, 65536, 10, 20, 1000) + b"\0\x0c\0\x06\0\x05\0\0")


def sack(gaps=(), duplicates=(), cumulative=5000):
    head = struct.pack("!IIHH", cumulative, 32768, len(gaps), len(duplicates))
    return chunk(3, 0, head + b"".join(struct.pack("!HH", *gap) for gap in gaps)
                 + b"".join(struct.pack("!I", tsn) for tsn in duplicates))


@frames()
def ipsec():
    """IPsec: authentication headers with TCP, UDP, ESP and another behind them, in IPv4 and IPv6; ESP; IPComp; wrong lengths"""
    segment = tcp(b"data", PSH | ACK, ack=1)
    return [
        ether(ipv4(ah(TCP) + segment, AH)),
        ether(ipv4(ah(UDP) + udp(b"abc"), AH)),
        ether(ipv4(ah(AH) + ah(ICMP) + icmp(8, payload=b"ping"), AH)),
        ether(ipv4(ah(ESP) + esp(24), AH)),
        ether(ipv4(ah(UDP, reserved=5) + udp(b"abc"), AH)),
        ether(ipv4(ah(UDP, words=0) + udp(b"abc"), AH)),
        ether(ipv4(ah(UDP, words=200) + udp(b"abc"), AH)),
        ether(ipv4(esp(40), ESP)),
        ether(ipv4(esp(0), ESP)),
        ether(ipv4(b"\x06\0\0\x02" + bytes(8), IPCOMP)),
        ether6(ipv6(ah(UDP) + udp(b"abc", src=CLIENT6, dst=SERVER6), AH)),
        ether6(ipv6(ah(AH) + ah(TCP) + tcp(b"x", ACK, src=CLIENT6, dst=SERVER6), AH)),
        ether6(ipv6(esp(40), ESP)),
        ether6(ipv6(b"\x06\0\0\x02" + bytes(8), IPCOMP)),
    ]


@frames()
def sctp_chunks():
    """SCTP: every kind of chunk, alone and bundled, in IPv4 and IPv6; gaps and duplicates, padding, wrong lengths"""
    others = [chunk(kind, value=b"abcd") for kind in (4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 64, 128, 192)]
    packets = [
        sctp(init()),
        sctp(init(2)),
        sctp(chunk(10, value=bytes(8)), data()),
        sctp(chunk(11)),
        *[sctp(data(b"x" * size, flags)) for size, flags in ((1, 0), (2, 1), (3, 2), (4, 4), (5, 7))],
        *[sctp(data(protocol=protocol)) for protocol in (1, 3, 18, 26, 27, 46)],
        sctp(sack()),
        sctp(sack([(2, 3), (5, 9)], [4990, 4991]), data()),
        *[sctp(other) for other in others],
        sctp(chunk(0, 3, bytes(12))),
        sctp(chunk(0, 3, bytes(6))),
        sctp(chunk(1, 0, bytes(6))),
        sctp(chunk(3, 0, bytes(6))),
        sctp(chunk(3, 0, struct.pack("!IIHHH", 1, 2, 3, 4, 5))),
        sctp(chunk(11, length=3)),
        sctp(chunk(11, length=0)),
        sctp(chunk(11, length=40)),
        sctp(chunk(11) + b"\x0b\0"),
        sctp(),
        b"\1\2\3\4",
    ]
    return [*[ether(ipv4(packet, SCTP)) for packet in packets], ether6(ipv6(sctp(init()), SCTP)),
            ether6(ipv6(options6(SCTP, b"") + sctp(sack()), DEST_OPTIONS))]


@frames()
def ipsec_in_udp():
    """IPsec through UDP: encrypted payloads, keep-alives, and datagrams that are too short for either"""
    payloads = [esp(40), esp(0), b"\xff", b"\xfe", b"\1\2\3", b"\1\2\3\4", b""]
    return [ether(ipv4(udp(payload, 4500, 4500), UDP)) for payload in payloads] + [
        ether6(ipv6(udp(esp(24), 4500, 4500, CLIENT6, SERVER6), UDP))]


@frames()
def ipv6_options():
    """IPv6 options and routing headers: every kind of option with right and wrong lengths, options that end behind their header, segments"""
    six = address("2001:db8:9::9")

    def header(options, size=None):
        size = -(-(len(options) + 2) // 8) if size is None else size
        return bytes([UDP, size - 1]) + options.ljust(size * 8 - 2, b"\0")

    def routing(kind, left, rest, length=None):
        return bytes([UDP, len(rest) // 8 if length is None else length, kind, left]) + rest[:4] + rest[4:]

    lists = [b"", b"\1\4\0\0\0\0", b"\5\2\0\0", b"\5\1\0", b"\5\4\0\0\0\0", b"\xc2\4\0\1\0\0", b"\xc2\4\0\0\0\7\xc2\4\0\1\0\0", b"\xc2\2\0\0",
             b"\xc9\x10" + six, b"\xc9\x12" + six + b"\1\0", b"\xc9\x14" + six + b"\x3e\2ab", b"\xc9\4\0\0\0\0", b"\x3e\3abc", b"\1\x28\0\0",
             b"\1\1\0\0\0\5", b"\0\0\0\0\0\1", b"\xc9\x11" + six + b"\x3e"]
    payload = udp(b"abc", src=CLIENT6, dst=SERVER6)
    routes = [routing(kind, left, bytes(4) + six * count, length) for kind in (0, 2, 3, 4) for left, count, length in ((0, 0, 0), (1, 1, 2), (2, 2, 4), (1, 1, 1), (1, 2, 6))]
    routes.append(routing(4, 1, b"\0\x80\0\7" + six * 2, 4))
    return [*[ether6(ipv6(header(one) + payload, kind)) for one in lists for kind in (HOP_BY_HOP, DEST_OPTIONS)],
            ether6(ipv6(header(b"\xc2\4\0\1\0\0") + payload, HOP_BY_HOP, length=0)), *[ether6(ipv6(one + payload, ROUTING)) for one in routes]]
