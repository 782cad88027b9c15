"""Frames that show the link layer: Ethernet, its tags, 802.3 and LLC, ARP, and the link types without Ethernet."""

import struct

from . import frames, whole
from .containers import Link, pcap_header, pcap_record, times
from .wire import *

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
BROADCAST, NOBODY = "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"


def ping(n=1, **ip):
    return ipv4(icmp(8, rest=struct.pack("!HH", 7, n), payload=bytes(range(16))), ICMP, **ip)


def ping6(n=1, **ip):
    return ipv6(icmp6(128, body=struct.pack("!HH", 7, n) + bytes(range(16))), ICMP6, **ip)


@frames()
def vlan_single():
    """802.1Q: VLAN ids 1, 100, 4095 and 0 (priority tag), priorities, the drop bit; IPv4, IPv6 and ARP inside"""
    request = arp(1, A, CLIENT, NOBODY, SERVER)
    return [
        ether(tag(1) + ping(), VLAN),
        ether(tag(100, priority=5) + ping(), VLAN),
        ether(tag(4095, priority=7, drop=1) + ping(), VLAN),
        ether(tag(0, priority=6) + ping(), VLAN),
        ether(tag(100, kind=IPV6) + ping6(), VLAN),
        ether(tag(100, kind=ARP) + request, VLAN, dst=BROADCAST),
    ]


@frames()
def vlan_stacked():
    """Two and three tags: 802.1ad over 802.1Q, 802.1Q twice, the old 9100 type, and eight tags deep"""
    return [
        ether(tag(200, VLAN) + tag(100) + ping(), QINQ),
        ether(tag(200, VLAN) + tag(100) + ping(), VLAN),
        ether(tag(300, QINQ) + tag(200, VLAN) + tag(100) + ping(), QINQ),
        ether(tag(200, VLAN) + tag(100) + ping(), 0x9100),
        ether(b"".join(tag(n, VLAN) for n in range(1, 8)) + tag(8) + ping(), VLAN),
    ]


@frames()
def vlan_cut():
    """A tag cut after its control word, one with nothing after its type, one with an LLC frame inside"""
    inner = llc(bytes(35), 0x42, 0x42)[12:]
    return [
        ether(tag(100)[:2], VLAN),
        ether(tag(100), VLAN),
        ether(tag(200, VLAN) + tag(100)[:1], QINQ),
        ether(tag(100)[:2] + inner, VLAN),
    ]


@frames()
def ethernet_types():
    """EtherTypes that have no decoder here, the local experimental ones, the edges of the length range, and padding"""
    return [
        ether(bytes(46), 0x0600),
        ether(bytes(46), 0x05FF),
        ether(bytes(46), 0x88B5),
        ether(bytes(46), 0x9000),
        ether(bytes(46), 0xFFFF),
        ether(bytes(46), 0x05DC),
        ether(ping() + bytes(20)),
        ether(ipv4(tcp(), TCP) + b"\xaa" * 6),
        ether(b""),
    ]


@frames()
def llc_and_snap():
    """802.3: spanning tree, NetBEUI, SNAP with an IPv4 payload and with Cisco's OUI, LLC in I, S and U formats, Novell raw"""
    stp = "01:80:c2:00:00:00"
    bridge = struct.pack("!HBBB", 0, 0, 0, 0) + b"\x80\0" + mac(A) + struct.pack("!I", 4) + b"\x80\1" + mac(B)
    bridge += struct.pack("!HHHHH", 0x8001, 256, 20 * 256, 2 * 256, 15 * 256)
    return [
        llc(bridge, 0x42, 0x42, dst=stp),
        llc(b"\0\0\0\x80", 0x42, 0x42, dst=stp),
        llc(b"\0" * 3 + struct.pack("!H", IPV4) + ping(), 0xAA, 0xAA),
        llc(b"\0\0\x0c" + struct.pack("!H", 0x2000) + bytes(8), 0xAA, 0xAA, dst="01:00:0c:cc:cc:cc"),
        llc(b"\0\0\xf8" + struct.pack("!H", 0x809B) + bytes(8), 0xAA, 0xAA),
        llc(bytes(8), 0xF0, 0xF0, b"\x02\x04"),
        llc(bytes(8), 0xF0, 0xF1, b"\x01\x05"),
        llc(bytes(8), 0x04, 0x05, b"\x7f"),
        llc(bytes(8), 0x06, 0x06, b"\xbf"),
        llc(ping(), 0x06, 0x06),
        ether(b"\xff\xff" + bytes(28), 30, dst=BROADCAST),
    ]


@frames()
def llc_lengths():
    """802.3 whose length says less than is there, more than is there, and nothing; LLC and SNAP headers cut short"""
    return [
        llc(bytes(43), 0x42, 0x42, length=10),
        llc(bytes(5), 0x42, 0x42, length=100),
        llc(bytes(5), 0x42, 0x42, length=0),
        ether(b"\xaa\xaa", 2),
        ether(b"\xaa\xaa\x03\0\0", 5),
        ether(b"\xaa", 1),
    ]


@frames()
def arp_kinds():
    """ARP: request, reply, probe, announcement, gratuitous reply, unicast request, reverse, inverse, unknown operation"""
    return [
        ether(arp(1, A, CLIENT, NOBODY, "192.0.2.9"), ARP, A, BROADCAST),
        ether(arp(2, B, "192.0.2.9", A, CLIENT), ARP, B, A),
        ether(arp(1, A, "0.0.0.0", NOBODY, "192.0.2.7"), ARP, A, BROADCAST),
        ether(arp(1, A, "192.0.2.7", NOBODY, "192.0.2.7"), ARP, A, BROADCAST),
        ether(arp(2, A, "192.0.2.7", BROADCAST, "192.0.2.7"), ARP, A, BROADCAST),
        ether(arp(1, A, CLIENT, B, "192.0.2.9"), ARP, A, B),
        ether(arp(3, A, "0.0.0.0", A, "0.0.0.0"), RARP, A, BROADCAST),
        ether(arp(4, B, SERVER, A, CLIENT), RARP, B, A),
        ether(arp(8, A, CLIENT, B, "0.0.0.0"), ARP, A, B),
        ether(arp(9, B, SERVER, A, CLIENT), ARP, B, A),
        ether(arp(99, A, CLIENT, B, SERVER), ARP, A, B),
        ether(arp(1, A, CLIENT, NOBODY, "192.0.2.9") + bytes(18), ARP, A, BROADCAST),
    ]


@frames()
def arp_malformed():
    """ARP with wrong hardware and protocol types, address lengths that lie, and cut after every field"""
    good = arp(1, A, CLIENT, NOBODY, SERVER)
    lies = [
        patched(good, 0, 6),
        patched(good, 0, 24),
        patched(good, 2, IPV6),
        good[:4] + b"\x08\x04" + good[6:],
        good[:4] + b"\x06\x10" + good[6:],
        good[:4] + b"\0\0" + good[6:],
        good[:4] + b"\xff\xff" + good[6:],
    ]
    return [ether(packet, ARP) for packet in lies + [good[:end] for end in (0, 1, 4, 7, 8, 13, 17, 23, 27)]]


def null_frames(order):
    families = [(2, ping()), (24, ping6()), (28, ping6()), (30, ping6()), (7, bytes(20)), (99, bytes(20)), (2, b"")]
    return [struct.pack(order + "I", family) + packet for family, packet in families]


@frames(link=Link.NULL)
def null_little():
    """BSD loopback, family in little-endian order: IPv4, the three numbers of IPv6, unknown families, nothing inside"""
    return null_frames("<")


@frames(link=Link.NULL, order=">")
def null_big():
    """BSD loopback from a big-endian machine"""
    return null_frames(">")


@frames(link=Link.LOOP)
def loop():
    """OpenBSD loopback: the family is always in network order"""
    return null_frames(">") + [b"\0\0"]


@frames(link=Link.RAW)
def raw_ip():
    """Raw IP: IPv4, IPv6, versions that are neither, one byte, no byte"""
    return [ping(), ping6(), b"\x50" + bytes(19), b"\0" * 20, b"\x45", b""]


@frames(link=Link.IPV4)
def raw_ipv4():
    """Link type IPV4, with an IPv6 packet where it does not belong"""
    return [ping(), ping6(), ipv4(udp(b"hello"), UDP)]


@frames(link=Link.IPV6)
def raw_ipv6():
    """Link type IPV6, with an IPv4 packet where it does not belong"""
    return [ping6(), ping(), ipv6(udp(b"hello", src=CLIENT6, dst=SERVER6), UDP)]


def sll(payload, kind=0x0800, direction=0, hardware=1, size=6):
    return struct.pack("!HHH", direction, hardware, size) + mac(A) + b"\0\0" + struct.pack("!H", kind) + payload


def sll2(payload, kind=0x0800, direction=0, hardware=1, size=6, index=2):
    head = struct.pack("!HHIHBB", kind, 0, index, hardware, direction, size)
    return head + mac(A) + b"\0\0" + payload


def cooked(header):
    """The same packets under either cooked header."""
    return [
        *[header(ping(), direction=direction) for direction in (0, 1, 2, 3, 4, 7)],
        header(ping6(), IPV6),
        header(arp(1, A, CLIENT, NOBODY, SERVER), ARP, direction=1),
        header(tag(100) + ping(), VLAN),
        header(ping(), hardware=772),
        header(ping(), hardware=65534, size=0),
        header(ping(), size=20),
        header(bytes(20), 1),
        header(b"\x42\x42\x03" + bytes(35), 4),
        header(bytes(20), 0x88B5),
        header(b""),
        header(ping())[:9],
    ]


@frames(link=Link.SLL)
def cooked_v1():
    """LINUX_SLL: every direction, IPv6, ARP, a tag, other hardware types, address lengths 0 and 20, LLC, cut header"""
    return cooked(sll)


@frames(link=Link.SLL2)
def cooked_v2():
    """LINUX_SLL2: what `cooked-v1.pcap` shows, with interface numbers, the largest and 0 among them"""
    return cooked(sll2) + [sll2(ping(), index=0), sll2(ping(), index=0xFFFFFFFF)]


@frames(link=Link.USER0)
def link_unknown():
    """A link type for private use (USER0): no decoder can know it"""
    return [bytes(range(n)) for n in (0, 1, 16, 40)]


@frames(snap=34)
def snapped_34():
    """Snap length 34: Ethernet and IPv4 headers are whole, what follows is not there"""
    return snapped()


@frames(snap=60)
def snapped_60():
    """Snap length 60: the cut falls into TCP options, IPv6 and payloads"""
    return snapped()


def snapped():
    return [
        ether(ping()),
        ether6(ping6()),
        ether(ipv4(udp(b"x" * 100), UDP)),
        ether(ipv4(tcp(b"y" * 100, PSH | ACK, options=b"\1\1\x08\x0a" + bytes(8)), TCP)),
        ether(ipv4(tcp(flags=SYN, options=b"\2\4\5\xb4\4\2\x08\x0a" + bytes(8) + b"\1\3\3\7"), TCP)),
        ether(arp(1, A, CLIENT, NOBODY, SERVER) + bytes(18), ARP),
        ether(tag(100) + ping(), VLAN),
        ether(ipv4(icmp(3, 3, payload=ipv4(udp(b"z" * 50), UDP)), ICMP, src=SERVER, dst=CLIENT)),
    ]


@whole(".pcap")
def cut_everywhere():
    """One TCP segment over IPv4, with options and a tag, cut at every byte: what was told before a cut must stay the same"""
    frame = ether(tag(100) + ipv4(tcp(b"payload", PSH | ACK, options=b"\1\1\x08\x0a" + bytes(8)), TCP), VLAN)
    ends = range(len(frame) + 1)
    records = (pcap_record(frame[:end], ns, wire=len(frame)) for end, ns in zip(ends, times(len(ends))))
    return pcap_header() + b"".join(records)
