"""Headers built byte by byte: right lengths and checksums, unless a caller asks for wrong ones.

Addresses are written as people write them; the documentation ranges (RFC 5737, RFC 3849) are used throughout.
"""

import socket
import struct

CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
CLIENT, SERVER = "192.0.2.1", "198.51.100.2"
CLIENT6, SERVER6 = "2001:db8::1", "2001:db8:1::2"

IPV4, ARP, RARP, VLAN, IPV6, QINQ = 0x0800, 0x0806, 0x8035, 0x8100, 0x86DD, 0x88A8
HOP_BY_HOP, ICMP, IGMP, IPIP, TCP, UDP, ROUTING, FRAGMENT = 0, 1, 2, 4, 6, 17, 43, 44
ESP, AH, ICMP6, NO_NEXT, DEST_OPTIONS = 50, 51, 58, 59, 60

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(src, dst, protocol, length):
    if ":" in src:
        return address(src) + address(dst) + struct.pack("!IxxxB", length, protocol)
    return address(src) + address(dst) + struct.pack("!xBH", protocol, length)


def patched(data, offset, value):
    """`data` with the 16-bit `value` at `offset`."""
    return data[:offset] + struct.pack("!H", value) + data[offset + 2 :]


def summed(data, offset, over, wrong):
    """`data` with its checksum at `offset`: over `over` and itself, or `wrong` where that is given."""
    return patched(data, offset, checksum(over + data) if wrong is None else wrong)


def ether(payload, kind=IPV4, src=CLIENT_MAC, dst=SERVER_MAC):
    """An Ethernet II frame, not padded; or an 802.3 one where `kind` is a length."""
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


def ether6(payload):
    return ether(payload, IPV6)


def llc(payload, dsap, ssap, control=b"\x03", length=None, **addresses):
    """An 802.3 frame with an LLC header (IEEE 802.2)."""
    body = bytes([dsap, ssap]) + control + payload
    return ether(body, len(body) if length is None else length, **addresses)


def tag(vid, kind=IPV4, priority=0, drop=0):
    """What follows an 802.1Q type: the tag's control word, and the type of what comes next."""
    return struct.pack("!HH", priority << 13 | drop << 12 | vid, kind)


def arp(op, sha, spa, tha, tpa):
    head = struct.pack("!HHBBH", 1, IPV4, 6, 4, op)
    return head + mac(sha) + address(spa) + mac(tha) + address(tpa)


def ipv4(payload, protocol, src=CLIENT, dst=SERVER, *, ttl=64, tos=0, ident=1, flags=2, offset=0,
         options=b"", length=None, ihl=None, version=4, wrong=None):
    """RFC 791. `flags` are the three bits (2 is don't fragment), `offset` counts bytes."""
    options += b"\0" * (-len(options) % 4)
    size = 20 + len(options)
    head = struct.pack(
        "!BBHHHBBH4s4s",
        version << 4 | (size // 4 if ihl is None else ihl),
        tos,
        size + len(payload) if length is None else length,
        ident,
        flags << 13 | offset // 8,
        ttl,
        protocol,
        0,
        address(src),
        address(dst),
    )
    return summed(head + options, 10, b"", wrong) + payload


def ipv6(payload, following, src=CLIENT6, dst=SERVER6, *, hops=64, traffic_class=0, flow=0, length=None):
    """RFC 8200."""
    length = len(payload) if length is None else length
    word = 6 << 28 | traffic_class << 20 | flow
    return struct.pack("!IHBB", word, length, following, hops) + address(src) + address(dst) + payload


def udp(payload, sport=40000, dport=9, src=CLIENT, dst=SERVER, *, length=None, wrong=None):
    """RFC 768."""
    size = 8 + len(payload)
    data = struct.pack("!HHHH", sport, dport, size if length is None else length, 0) + payload
    return summed(data, 6, pseudo_header(src, dst, UDP, size), wrong)


def tcp(payload=b"", flags=ACK, sport=40000, dport=9, src=CLIENT, dst=SERVER, *, seq=1000, ack=0,
        window=64240, urgent=0, options=b"", offset=None, reserved=0, wrong=None):
    """RFC 9293. `offset` is the header length in words, where it is to be wrong; `reserved` the four bits after it."""
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4 if offset is None else offset
    data = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, words << 4 | reserved, flags, window, 0, urgent)
    data += options + payload
    return summed(data, 16, pseudo_header(src, dst, TCP, len(data)), wrong)


def icmp(kind, code=0, rest=b"\0\0\0\0", payload=b"", wrong=None):
    """RFC 792. `rest` is the second word of the header."""
    return summed(struct.pack("!BBH", kind, code, 0) + rest + payload, 2, b"", wrong)


def icmp6(kind, code=0, body=b"\0\0\0\0", src=CLIENT6, dst=SERVER6, wrong=None):
    """RFC 4443."""
    data = struct.pack("!BBH", kind, code, 0) + body
    return summed(data, 2, pseudo_header(src, dst, ICMP6, len(data)), wrong)


def igmp(kind, code, group, more=b"", wrong=None):
    return summed(struct.pack("!BBH", kind, code, 0) + address(group) + more, 2, b"", wrong)


def options6(following, options):
    """A hop-by-hop or destination options header (RFC 8200, 4.3), padded with PadN."""
    fill = -(2 + len(options)) % 8
    if fill == 1:
        options += b"\0"
    elif fill:
        options += bytes([1, fill - 2]) + b"\0" * (fill - 2)
    return bytes([following, (len(options) + 2) // 8 - 1]) + options


def fragment6(following, offset, more, ident):
    """RFC 8200, 4.5. `offset` counts bytes."""
    return struct.pack("!BxHI", following, offset | more, ident)
