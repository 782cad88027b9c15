"""Frames that show the network layer: IPv4 and its options, IPv6 and its extension headers, ICMP, ICMPv6, IGMP."""

import struct

from . import frames
from .frames_link import ping, ping6
from .wire import *

ROUTER4, LINK6 = "192.0.2.254", "fe80::ff:fe00:1"


def toward_client(message, **ip):
    return ether(ipv4(message, ICMP, ROUTER4, CLIENT, **ip), src=SERVER_MAC, dst=CLIENT_MAC)


@frames()
def ipv4_options():
    """IPv4 options: end, no-operation, record route, loose and strict source route, timestamp, router alert, security, unknown, wrong lengths"""
    hops = address("192.0.2.254") + address("198.51.100.254")
    options = [
        b"\x01\x01\x01\x00",
        b"\x07\x0b\x04" + bytes(8),
        b"\x07\x0b\x0c" + hops,
        b"\x83\x0b\x04" + hops,
        b"\x89\x0b\x08" + hops,
        b"\x44\x0c\x05\x00" + struct.pack("!II", 1000, 2000),
        b"\x44\x0c\x0d\x01" + hops[:4] + struct.pack("!I", 1000),
        b"\x44\x14\x05\x03" + hops[:4] + bytes(12),
        b"\x94\x04\x00\x00",
        b"\x82\x0b" + bytes(9),
        b"\x88\x04\x12\x34",
        b"\x5e\x06\xde\xad\xbe\xef",
        b"\x07\x00\x00\x00",
        b"\x07\x01\x00\x00",
        b"\x07\x28\x04\x00",
        b"\x01\x01\x01\x83",
        b"\x01" * 40,
    ]
    return [ether(ping(options=option)) for option in options]


@frames()
def ipv4_fields():
    """IPv4 fields: every type of service bit and ECN, TTL 0, 1 and 255, identification, the flag bits, unknown protocols, no payload"""
    payload = icmp(8, rest=struct.pack("!HH", 7, 1))
    return [
        *[ether(ping(tos=tos)) for tos in (0x10, 0xB8, 0x01, 0x02, 0x03)],
        *[ether(ping(ttl=ttl)) for ttl in (0, 1, 255)],
        *[ether(ping(flags=flags, ident=0xBEEF)) for flags in (0, 2, 4, 6)],
        *[ether(ipv4(bytes(12), protocol)) for protocol in (0, 4, 47, 50, 89, 132, 200, 253, 255)],
        ether(ipv4(ipv4(payload, ICMP), IPIP)),
        ether(ipv4(b"", UDP)),
        ether(ipv4(payload, ICMP, dst="255.255.255.255"), dst="ff:ff:ff:ff:ff:ff"),
        ether(ipv4(payload, ICMP, src="0.0.0.0", dst="224.0.0.1"), dst="01:00:5e:00:00:01"),
    ]


@frames()
def ipv4_malformed():
    """IPv4: total length too short, too long, zero and under the header; header length 0, 4, 15; versions 0, 5, 6, 15; wrong checksum; cut headers"""
    whole = ping()
    return [
        ether(ping(length=24)),
        ether(ping(length=500)),
        ether(ping(length=0)),
        ether(ping(length=19)),
        ether(ping(length=21)),
        *[ether(ping(ihl=ihl)) for ihl in (0, 4, 15)],
        *[ether(ping(version=version)) for version in (0, 5, 6, 15)],
        ether(ping(wrong=0xBAD0)),
        ether(ping(wrong=0)),
        *[ether(whole[:end]) for end in (0, 1, 8, 19, 20, 22)],
        ether(ping(options=b"\x07\x0b\x04" + bytes(8))[:25]),
    ]


@frames()
def ipv4_fragments():
    """IPv4 fragments of a UDP datagram in order and out of order, of ICMP, a tiny first one, two that overlap, one past 65,535 bytes"""
    datagram = udp(bytes(range(256)) * 2)
    echo = icmp(8, rest=struct.pack("!HH", 7, 1), payload=bytes(40))
    segment = tcp(b"payload", PSH | ACK)

    def piece(data, protocol, start, end, **ip):
        more = 1 if end < len(data) else 0
        return ether(ipv4(data[start:end], protocol, flags=more, offset=start, **ip))

    return [
        piece(datagram, UDP, 0, 256, ident=100),
        piece(datagram, UDP, 256, 512, ident=100),
        piece(datagram, UDP, 512, 520, ident=100),
        piece(datagram, UDP, 256, 520, ident=101),
        piece(datagram, UDP, 0, 256, ident=101),
        piece(echo, ICMP, 0, 24, ident=102),
        piece(echo, ICMP, 24, 48, ident=102),
        piece(segment, TCP, 0, 8, ident=103),
        piece(segment, TCP, 8, 27, ident=103),
        piece(datagram, UDP, 0, 128, ident=104),
        piece(datagram, UDP, 64, 520, ident=104),
        ether(ipv4(bytes(100), ICMP, flags=0, offset=65528, ident=105)),
        ether(ipv4(b"", UDP, flags=1, offset=0, ident=106)),
    ]


@frames()
def icmp_types():
    """ICMPv4: every type with a meaning and its codes, extensions, types that nobody assigned, wrong checksums"""
    quoted = ipv4(udp(b"question", 40000, 33434), UDP, ttl=1)
    quoted_tcp = ipv4(tcp(flags=SYN, seq=77), TCP)[:28]
    quoted_ping = ping()[:28]
    pair = struct.pack("!HH", 7, 1)
    mtu = struct.pack("!HH", 0, 1280)
    label = b"\x20\0\0\0" + struct.pack("!HBBI", 8, 1, 1, 16001 << 12 | 1 << 8 | 1)
    extended = quoted.ljust(128, b"\0") + summed(label, 2, b"", None)
    return [
        toward_client(icmp(0, rest=pair, payload=bytes(16))),
        *[toward_client(icmp(3, code, payload=quoted)) for code in range(17)],
        toward_client(icmp(3, 4, mtu, quoted)),
        toward_client(icmp(3, 3, payload=quoted_tcp)),
        toward_client(icmp(3, 1, payload=quoted_ping)),
        toward_client(icmp(4, payload=quoted)),
        *[toward_client(icmp(5, code, address("192.0.2.253"), quoted)) for code in range(5)],
        toward_client(icmp(8, rest=pair, payload=bytes(56))),
        toward_client(icmp(9, 0, b"\2\2\7\x08", address(ROUTER4) + bytes(4) + address("192.0.2.253") + b"\0\0\0\1")),
        toward_client(icmp(10)),
        *[toward_client(icmp(11, code, payload=quoted)) for code in range(3)],
        toward_client(icmp(11, 0, b"\0\x20\0\0", extended)),
        *[toward_client(icmp(12, code, b"\x14\0\0\0", quoted)) for code in range(3)],
        toward_client(icmp(13, rest=pair, payload=struct.pack("!III", 36_000_000, 0, 0))),
        toward_client(icmp(14, rest=pair, payload=struct.pack("!III", 36_000_000, 36_000_100, 36_000_200))),
        *[toward_client(icmp(kind, rest=pair)) for kind in (15, 16)],
        *[toward_client(icmp(kind, rest=pair, payload=address("255.255.255.0"))) for kind in (17, 18)],
        *[toward_client(icmp(kind, payload=bytes(8))) for kind in (1, 2, 7, 19, 30, 40, 42, 43, 253, 255)],
        toward_client(icmp(8, rest=pair, payload=bytes(16), wrong=0xBAD0)),
        toward_client(icmp(3, 3, payload=quoted, wrong=0)),
    ]


@frames()
def icmp_cut():
    """ICMPv4 errors whose quoted packet is cut after each of its parts, is itself an error, or is not IP"""
    quoted = ipv4(udp(b"question", 40000, 33434), UDP)
    return [
        *[toward_client(icmp(3, 3, payload=quoted[:end])) for end in (0, 1, 19, 20, 22, 24, 28)],
        toward_client(icmp(3, 3, payload=ipv4(icmp(3, 3, payload=quoted), ICMP))),
        toward_client(icmp(3, 3, payload=bytes(28))),
        toward_client(icmp(3, 3, payload=ping6())),
        *[ether(ipv4(icmp(8)[:end], ICMP)) for end in (0, 1, 2, 4, 6)],
    ]


@frames()
def ipv6_extensions():
    """IPv6 extension headers: hop-by-hop, routing types 0, 2, 3 and 4, destination options, authentication, ESP, no next header, chains"""
    segment = tcp(flags=SYN, src=CLIENT6, dst=SERVER6)
    datagram = udp(b"hello", src=CLIENT6, dst=SERVER6)
    last = "2001:db8:2::3"  # checksums are made for the last stop of a routing header
    stop = address(last)
    routed_segment = tcp(flags=SYN, src=CLIENT6, dst=last)
    routed = udp(b"hello", src=CLIENT6, dst=last)
    auth = bytes([TCP, 4]) + b"\0\0" + struct.pack("!II", 0x1234, 7) + bytes(12)
    return [
        ether6(ipv6(options6(TCP, b"\x05\x02\0\0") + segment, HOP_BY_HOP)),
        ether6(ipv6(options6(UDP, b"") + datagram, HOP_BY_HOP)),
        ether6(ipv6(options6(UDP, b"\xc2\x04\0\1\0\0") + datagram, HOP_BY_HOP)),
        ether6(ipv6(options6(UDP, b"\x3e\x04\xde\xad\xbe\xef") + datagram, DEST_OPTIONS)),
        ether6(ipv6(bytes([TCP, 2, 0, 1]) + bytes(4) + stop + routed_segment, ROUTING)),
        ether6(ipv6(bytes([UDP, 2, 2, 1]) + bytes(4) + stop + routed, ROUTING)),
        ether6(ipv6(bytes([UDP, 1, 3, 1]) + b"\x98\0\0\0" + bytes(8) + datagram, ROUTING)),
        ether6(ipv6(bytes([UDP, 4, 4, 1, 1, 0, 0, 7]) + stop + address(SERVER6) + routed, ROUTING)),
        ether6(ipv6(bytes([UDP, 0, 99, 0]) + bytes(4) + datagram, ROUTING)),
        ether6(ipv6(auth + segment, AH)),
        ether6(ipv6(struct.pack("!II", 0x1234, 7) + bytes(24), ESP)),
        ether6(ipv6(b"", NO_NEXT)),
        ether6(ipv6(b"left over", NO_NEXT)),
        ether6(ipv6(options6(ROUTING, b"") + bytes([DEST_OPTIONS, 2, 0, 0]) + bytes(4) + stop
                    + options6(TCP, b"") + segment, HOP_BY_HOP)),
        ether6(ipv6(options6(HOP_BY_HOP, b"") + options6(UDP, b"") + datagram, HOP_BY_HOP)),
        ether6(ipv6(b"".join(options6(DEST_OPTIONS, b"") for _ in range(40)) + options6(UDP, b"") + datagram,
                    DEST_OPTIONS)),
        ether6(ipv6(bytes([UDP, 0, 0, 0]) + bytes(4) + datagram, 135)),
        ether6(ipv6(bytes(12), 200)),
        ether6(ipv6(ping6(), 41)),
        ether6(ipv6(ping(), IPIP)),
        ether6(ipv6(ether(ping()), 143)),
        ether6(ipv6(options6(HOP_BY_HOP, b"") + options6(UDP, b"") + datagram, DEST_OPTIONS)),
        ether6(ipv6(options6(ICMP6, b"\x05\x02\0\0") + datagram, HOP_BY_HOP, length=0)),
        ether6(ipv6(ping(), ICMP)),
    ]


@frames()
def ipv6_fragments():
    """IPv6 fragments of a UDP datagram, of TCP with a tiny first one, an atomic fragment, and one behind other headers"""
    datagram = udp(bytes(range(256)) * 2, src=CLIENT6, dst=SERVER6)
    segment = tcp(b"payload", PSH | ACK, src=CLIENT6, dst=SERVER6)

    def piece(data, following, start, end, ident):
        return fragment6(following, start, end < len(data), ident) + data[start:end]

    return [
        ether6(ipv6(piece(datagram, UDP, 0, 256, 100), FRAGMENT)),
        ether6(ipv6(piece(datagram, UDP, 256, 520, 100), FRAGMENT)),
        ether6(ipv6(piece(segment, TCP, 0, 8, 101), FRAGMENT)),
        ether6(ipv6(piece(segment, TCP, 8, 27, 101), FRAGMENT)),
        ether6(ipv6(piece(datagram, UDP, 0, 520, 102), FRAGMENT)),
        ether6(ipv6(options6(FRAGMENT, b"") + piece(datagram, UDP, 0, 256, 103), HOP_BY_HOP)),
        ether6(ipv6(piece(datagram, UDP, 256, 520, 103)[:12], FRAGMENT)),
        ether6(ipv6(fragment6(UDP, 65528, 0, 104) + bytes(100), FRAGMENT)),
    ]


@frames()
def ipv6_malformed():
    """IPv6: payload length too short, too long and zero; wrong versions; flow label and class; extension headers that run past the end or are cut"""
    datagram = udp(b"hello", src=CLIENT6, dst=SERVER6)
    whole = ping6()
    return [
        ether6(ping6(length=4)),
        ether6(ping6(length=500)),
        ether6(ping6(length=0)),
        ether6(b"\x40" + whole[1:]),
        ether6(b"\xf0" + whole[1:]),
        ether6(ping6(flow=0xBEEF1, traffic_class=0xB8)),
        ether6(ping6(flow=0xFFFFF, traffic_class=3, hops=0)),
        *[ether6(whole[:end]) for end in (0, 1, 7, 39, 40, 43)],
        ether6(ipv6(bytes([UDP, 255]) + bytes(6) + datagram, HOP_BY_HOP)),
        ether6(ipv6(bytes([UDP, 0, 5, 200]) + bytes(4) + datagram, HOP_BY_HOP)),
        ether6(ipv6(bytes([UDP, 0, 5]), HOP_BY_HOP)),
        ether6(ipv6(b"\x11", DEST_OPTIONS)),
        ether6(ipv6(bytes([TCP, 20, 0, 1]) + bytes(4), ROUTING)),
        ether6(ipv6(bytes([UDP, 0, 0]), FRAGMENT)),
        ether6(ipv6(bytes([TCP, 0, 0, 0]), AH)),
    ]


def option(kind, data):
    """A neighbour discovery option (RFC 4861, 4.6)."""
    data += b"\0" * (-(2 + len(data)) % 8)
    return bytes([kind, (2 + len(data)) // 8]) + data


def neighbour(kind, body, code=0, src=LINK6, dst="ff02::1", wrong=None):
    return ether6(ipv6(icmp6(kind, code, body, src, dst, wrong), ICMP6, src, dst, hops=255))


@frames()
def icmp6_types():
    """ICMPv6: every error and its codes, echo, node information, mobile and experimental types, unassigned ones, wrong checksums"""
    quoted = ipv6(udp(b"question", 40000, 33434, CLIENT6, SERVER6), UDP)
    error = bytes(4) + quoted
    return [
        *[neighbour(1, error, code) for code in range(9)],
        neighbour(2, struct.pack("!I", 1280) + quoted),
        *[neighbour(3, error, code) for code in range(3)],
        *[neighbour(4, struct.pack("!I", 40) + quoted, code) for code in range(4)],
        neighbour(1, bytes(4) + quoted[:20]),
        neighbour(1, bytes(4)),
        neighbour(128, struct.pack("!HH", 7, 1) + bytes(56), src=CLIENT6, dst=SERVER6),
        neighbour(129, struct.pack("!HH", 7, 1) + bytes(56), src=SERVER6, dst=CLIENT6),
        *[neighbour(kind, bytes(20)) for kind in (100, 127, 139, 140, 144, 145, 146, 147, 153, 155, 200, 255)],
        neighbour(128, struct.pack("!HH", 7, 1), wrong=0xBAD0),
        neighbour(128, struct.pack("!HH", 7, 1), wrong=0),
        *[ether6(ipv6(icmp6(128)[:end], ICMP6)) for end in (0, 1, 3, 4, 6)],
    ]


@frames()
def neighbour_discovery():
    """Router and neighbour solicitations and advertisements, redirect, every common option, and options whose length lies"""
    target = address("fe80::1")
    source_link, target_link = option(1, mac(CLIENT_MAC)), option(2, mac(SERVER_MAC))
    prefix = option(3, struct.pack("!BBIII", 64, 0xC0, 86400, 14400, 0) + address("2001:db8:1::"))
    mtu = option(5, struct.pack("!HI", 0, 1480))
    servers = option(25, struct.pack("!HI", 0, 1800) + address("2001:db8::53") + address("2001:db8::54"))
    search = option(31, struct.pack("!HI", 0, 1800) + b"\7example\3org\0")
    route = option(24, struct.pack("!BBI", 48, 0x08, 3600) + address("2001:db8:9::")[:8])
    router = struct.pack("!BBHII", 64, 0xC0, 1800, 30000, 1000)
    quoted = option(4, bytes(6) + ping6()[:48])
    return [
        neighbour(133, bytes(4), dst="ff02::2"),
        neighbour(133, bytes(4) + source_link, dst="ff02::2"),
        neighbour(134, router + source_link + mtu + prefix + servers + search + route),
        neighbour(134, struct.pack("!BBHII", 0, 0x58, 0, 0, 0)),
        neighbour(135, bytes(4) + target, src="::", dst="ff02::1:ff00:1"),
        neighbour(135, bytes(4) + target + source_link, dst="ff02::1:ff00:1"),
        neighbour(136, b"\xe0\0\0\0" + target + target_link),
        neighbour(136, b"\x40\0\0\0" + target),
        neighbour(137, bytes(4) + target + address(SERVER6) + target_link + quoted),
        neighbour(135, bytes(4) + target + b"\1\0" + bytes(6)),
        neighbour(135, bytes(4) + target + b"\1\x20" + bytes(6)),
        neighbour(135, bytes(4) + target + option(14, b"nonce!") + option(99, bytes(6))),
        neighbour(134, router + b"\3\4" + bytes(10)),
        neighbour(136, b"\xe0\0\0\0" + target[:9]),
        neighbour(134, router[:7]),
    ]


@frames()
def multicast_membership():
    """IGMP versions 1 to 3 and MLD versions 1 and 2: queries, reports, leaves, records with sources, counts that lie, unknown types"""
    alert, alert6 = b"\x94\x04\0\0", b"\x05\x02\0\0"

    def group4(message, dst="224.0.0.1"):
        return ether(ipv4(message, IGMP, dst=dst, ttl=1, options=alert), dst="01:00:5e:00:00:01")

    def group6(kind, body, dst="ff02::16"):
        packet = options6(ICMP6, alert6) + icmp6(kind, 0, body, LINK6, dst)
        return ether6(ipv6(packet, HOP_BY_HOP, LINK6, dst, hops=1))

    group, group_6 = address("239.1.2.3"), address("ff15::1:3")
    source, source_6 = address(SERVER), address(SERVER6)
    records = b"".join(bytes([kind, 0, 0, 1]) + group + source for kind in range(1, 8))
    records_6 = b"".join(bytes([kind, 0, 0, 1]) + group_6 + source_6 for kind in range(1, 8))
    return [
        group4(igmp(0x11, 0, "0.0.0.0")),
        group4(igmp(0x11, 100, "0.0.0.0")),
        group4(igmp(0x11, 10, "239.1.2.3"), "239.1.2.3"),
        group4(igmp(0x11, 100, "239.1.2.3", b"\2\x7d\0\1" + source)),
        group4(igmp(0x11, 0x95, "0.0.0.0", b"\x0a\xa5\0\0")),
        group4(igmp(0x12, 0, "239.1.2.3"), "239.1.2.3"),
        group4(igmp(0x16, 0, "239.1.2.3"), "239.1.2.3"),
        group4(igmp(0x17, 0, "239.1.2.3"), "224.0.0.2"),
        group4(igmp(0x22, 0, "0.0.0.1", b"\4\0\0\0" + group), "224.0.0.22"),
        group4(igmp(0x22, 0, "0.0.0.7", records), "224.0.0.22"),
        group4(igmp(0x22, 0, "0.0.255.255", b"\4\0\0\0" + group), "224.0.0.22"),
        group4(igmp(0x22, 0, "0.0.0.1", b"\1\xff\xff\xff" + group), "224.0.0.22"),
        *[group4(igmp(kind, 0, "239.1.2.3")) for kind in (0x13, 0x14, 0x1E, 0x99)],
        group4(igmp(0x16, 0, "239.1.2.3", wrong=0xBAD0)),
        *[group4(igmp(0x16, 0, "239.1.2.3")[:end]) for end in (0, 1, 4, 7)],
        group6(130, struct.pack("!HH", 10000, 0) + bytes(16), "ff02::1"),
        group6(130, struct.pack("!HH", 1000, 0) + group_6 + b"\2\x7d\0\1" + source_6, "ff02::1"),
        group6(131, bytes(4) + group_6),
        group6(132, bytes(4) + group_6),
        group6(143, b"\0\0\0\1\4\0\0\0" + group_6),
        group6(143, b"\0\0\0\7" + records_6),
        group6(143, b"\0\0\xff\xff\4\0\0\0" + group_6),
        group6(143, b"\0\0\0\1"),
    ]
