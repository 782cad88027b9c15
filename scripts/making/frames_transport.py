"""Frames that show the transport layer: TCP flags, options and sequence numbers, UDP, and lengths that lie."""

import struct

from . import frames
from .wire import *


def segment(payload=b"", flags=ACK, **fields):
    return ether(ipv4(tcp(payload, flags, **fields), TCP))


def answer(payload=b"", flags=ACK, **fields):
    back = tcp(payload, flags, 9, 40000, SERVER, CLIENT, **fields)
    return ether(ipv4(back, TCP, SERVER, CLIENT), src=SERVER_MAC, dst=CLIENT_MAC)


@frames()
def tcp_flags():
    """TCP: every flag alone and in usual and unusual sets, the reserved bits, urgent data, zero window"""
    sets = [0, FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, SYN | ACK, FIN | ACK, RST | ACK, SYN | ECE | CWR,
            SYN | ACK | ECE, FIN | PSH | URG, SYN | FIN, SYN | RST, 255]
    return [
        *[segment(flags=flags, ack=1 if flags & ACK else 0) for flags in sets],
        segment(flags=ACK, reserved=1),
        segment(flags=ACK, reserved=15),
        segment(b"!", URG | ACK, urgent=1),
        segment(flags=ACK, window=0),
        segment(b"why it was reset", RST | ACK, ack=1),
    ]


@frames()
def tcp_options():
    """TCP options: MSS, window scale, SACK permitted, SACK with 1 to 4 blocks, timestamps, MD5, authentication, fast open, MPTCP, unknown"""
    blocks = [struct.pack("!II", 2000 + 1000 * n, 2500 + 1000 * n) for n in range(4)]
    options = [
        b"\2\4\5\xb4",
        b"\3\3\7\0",
        b"\4\2\1\1",
        b"\2\4\5\xb4\4\2\x08\x0a" + struct.pack("!II", 1000, 0) + b"\1\3\3\7",
        *[b"\1\1\5" + bytes([2 + 8 * n]) + b"".join(blocks[:n]) for n in range(1, 5)],
        b"\1\1\x08\x0a" + struct.pack("!II", 0xFFFFFFFF, 0x80000000),
        b"\x13\x12" + bytes(range(16)),
        b"\x1d\x10\1\2" + bytes(12),
        b"\x22\x02\1\1",
        b"\x22\x0a" + bytes(range(8)),
        b"\x1e\x0c\0\x81" + bytes(range(8)),
        b"\x1c\4\x80\x0a",
        b"\xfd\4\xf9\x89",
        b"\x63\6\xde\xad\xbe\xef",
        b"\1\1\1\1",
        b"\0\0\0\0",
        b"\0\xff\xff\xff",
    ]
    flags = [SYN] * 4 + [ACK] * (len(options) - 4)
    return [segment(flags=flag, ack=1 if flag == ACK else 0, options=option)
            for option, flag in zip(options, flags)]


@frames()
def tcp_options_malformed():
    """TCP options whose length is 0, 1, past the header, or not what the kind asks for"""
    options = [b"\2\0\0\0", b"\2\1\0\0", b"\2\x28\0\0", b"\2\3\5\0", b"\3\4\7\0", b"\5\x09" + bytes(7), b"\5\2\1\1",
               b"\x08\4\0\0", b"\1\1\1\2", b"\4\3\0\0", b"\x1e\2\1\1", b"\x13\4\0\0"]
    return [segment(options=option, ack=1) for option in options]


@frames()
def tcp_malformed():
    """TCP: data offset 0, 4 and past the end, wrong checksums, ports 0 and 65535, cut headers"""
    whole = tcp(b"payload", PSH | ACK, ack=1)
    return [
        *[segment(b"payload", PSH | ACK, ack=1, offset=offset) for offset in (0, 4, 15)],
        segment(b"payload", PSH | ACK, ack=1, wrong=0xBAD0),
        segment(b"payload", PSH | ACK, ack=1, wrong=0),
        segment(sport=0, dport=65535),
        *[ether(ipv4(whole[:end], TCP)) for end in (0, 1, 4, 8, 13, 19, 20)],
        ether(ipv4(tcp(options=b"\2\4\5\xb4")[:22], TCP)),
    ]


@frames()
def tcp_conversation():
    """One TCP connection: handshake, data both ways, a retransmission, out of order, a keep-alive, zero window and its probe, half-close, end"""
    mine, yours = 1_000_000, 4_000_000
    return [
        segment(flags=SYN, seq=mine, options=b"\2\4\5\xb4\4\2\1\1\3\3\7\0"),
        answer(flags=SYN | ACK, seq=yours, ack=mine + 1, options=b"\2\4\5\xb4\4\2\1\1\3\3\7\0"),
        segment(seq=mine + 1, ack=yours + 1, window=502),
        segment(b"first half, ", PSH | ACK, seq=mine + 1, ack=yours + 1, window=502),
        segment(b"third part", PSH | ACK, seq=mine + 24, ack=yours + 1, window=502),
        answer(seq=yours + 1, ack=mine + 13, window=509,
               options=b"\1\1\5\x0a" + struct.pack("!II", mine + 24, mine + 34)),
        segment(b"first half, ", PSH | ACK, seq=mine + 1, ack=yours + 1, window=502),
        segment(b"second part", PSH | ACK, seq=mine + 13, ack=yours + 1, window=502),
        answer(seq=yours + 1, ack=mine + 34, window=0),
        segment(b"x", ACK, seq=mine + 34, ack=yours + 1, window=502),
        answer(seq=yours + 1, ack=mine + 34, window=0),
        answer(seq=yours + 1, ack=mine + 34, window=509),
        segment(seq=mine + 33, ack=yours + 1, window=502),
        answer(seq=yours + 1, ack=mine + 34, window=509),
        segment(flags=FIN | ACK, seq=mine + 34, ack=yours + 1, window=502),
        answer(b"still talking", PSH | ACK, seq=yours + 1, ack=mine + 35, window=509),
        segment(seq=mine + 35, ack=yours + 14, window=502),
        answer(flags=FIN | ACK, seq=yours + 14, ack=mine + 35, window=509),
        segment(seq=mine + 35, ack=yours + 15, window=502),
    ]


@frames()
def tcp_sequence_wrap():
    """A connection whose sequence numbers pass 2^32, and one seen from the middle, without its handshake"""
    mine, yours = 0xFFFFFFF0, 0xFFFFFFFE
    return [
        segment(flags=SYN, seq=mine),
        answer(flags=SYN | ACK, seq=yours, ack=mine + 1),
        segment(seq=mine + 1, ack=yours + 1),
        segment(b"y" * 40, PSH | ACK, seq=mine + 1, ack=yours + 1),
        answer(b"z" * 40, PSH | ACK, seq=yours + 1, ack=(mine + 41) % 2**32),
        segment(seq=(mine + 41) % 2**32, ack=(yours + 41) % 2**32),
        segment(b"from the middle", PSH | ACK, sport=50000, seq=123456, ack=654321),
        segment(b" and on", PSH | ACK, sport=50000, seq=123471, ack=654321),
        segment(flags=SYN, sport=50001, seq=5),
        segment(flags=SYN, sport=50001, seq=900),
        segment(b"port used again", PSH | ACK, sport=50001, seq=901, ack=1),
    ]


@frames()
def udp_lengths():
    """UDP: empty, length under 8, past the end, short of the end and 0, no checksum, a wrong one, cut headers, ports 0 and 65535"""
    return [
        ether(ipv4(udp(b""), UDP)),
        ether(ipv4(udp(b"hello"), UDP)),
        *[ether(ipv4(udp(b"hello", length=length), UDP)) for length in (0, 7, 8, 11, 14, 500)],
        ether(ipv4(udp(b"hello", wrong=0), UDP)),
        ether(ipv4(udp(b"hello", wrong=0xBAD0), UDP)),
        *[ether(ipv4(udp(b"")[:end], UDP)) for end in (0, 1, 4, 7)],
        ether(ipv4(udp(b"hello", 0, 65535), UDP)),
        ether6(ipv6(udp(b"hello", src=CLIENT6, dst=SERVER6, wrong=0), UDP)),
        ether6(ipv6(udp(b"hello", src=CLIENT6, dst=SERVER6), UDP)),
        ether6(ipv6(udp(b"hello", src=CLIENT6, dst=SERVER6, wrong=0xBAD0), UDP)),
    ]


@frames()
def payload_bytes():
    """Payloads that a terminal must not obey: escape sequences, C1 codes, a right-to-left override, a bell, broken UTF-8, line ends"""
    payloads = [b"\x1b[2J\x1b]0;owned\x07", b"\xc2\x9b31m red", "\u202egnp.exe".encode(), b"\xff\xfe\xc0\x80",
                b"one\r\ntwo\tthree\0four", b"\x7f\x08\x08", bytes(range(256))]
    return [ether(ipv4(udp(payload), UDP)) for payload in payloads]


@frames()
def tcp_multipath_options():
    """Multipath TCP: every kind of option with every length it may have and some it may not, in SYN, SYN-ACK and ACK"""
    key, other = bytes(range(1, 9)), bytes(range(9, 17))
    six = address(CLIENT6)
    capable = [b"\0\0", b"\1\x81", b"\1\1" + key, b"\0\x81" + key, b"\0\1" + key + other, b"\1\1" + key + other,
               b"\1\1" + key + other + b"\0\x05", b"\1\x81" + key + other + b"\0\x05\xbe\xef", b"\2\1" + key, b"\1"]
    joins = [b"\x10\1" + key, b"\x11\2" + key + b"\1\2\3\4", b"\x10\0" + bytes(range(20)), b"\x10"]
    signals = [b"\x20\0", b"\x20\1\0\0\0\1", b"\x20\3" + key, b"\x20\4\0\0\0\1\0\0\0\2\0\3", b"\x20\x1f" + key + other + b"\0\0\0\2\0\3\xab\xcd",
               b"\x20\5\0\0\0\1\0\0\0\1\0\0\0\2\0\3", b"\x20\1\0\0", b"\x20\1\0\0\0\1\0", b"\x20"]
    addresses = [low + b"\1" + address(CLIENT) + more for low in (b"\x30", b"\x31", b"\x34")
                 for more in (b"", b"\x1f\x90", key, b"\x1f\x90" + key)]
    addresses += [low + b"\1" + six + more for low in (b"\x31", b"\x36") for more in (b"", b"\x1f\x90", key, b"\x1f\x90" + key)]
    others = [b"\x30", b"\x40\1\2", b"\x40\1", b"\x40", b"\x51", b"\x50\3", b"\x50\1\2", b"\x60\0" + key, b"\x60\0", b"\x70\0" + key,
              b"\x70\0", b"\x80\3", b"\x90", b""]
    options = [bytes([30, 2 + len(body)]) + body for body in [*capable, *joins, *signals, *addresses, *others]]
    return [segment(flags=flags, ack=1 if flags & ACK else 0, options=option + b"\1" * (-len(option) % 4))
            for flags in (SYN, SYN | ACK, ACK) for option in options]


@frames()
def telnet():
    """Telnet: commands, options, subnegotiations of every kind, and segments that end within one"""
    will = b"\xff\xfb"
    payloads = [will + b"\x1f\xff\xfd\1\xff\xfc\3\xff\xfe\x18", b"\xff\xfa\x1f\0\x50\0\x18\xff\xf0", b"\xff\xfa\x18\1\xff\xf0",
                b"\xff\xfa\x18\0xterm\xff\xf0rest", b"\xff\xfa\x25\1\2\0\xff\xf0", b"\xff\xfa\x25\2\7\xff\xf0", b"\xff\xfa\x25\2\x09\xff\xf0",
                b"\xff\xfa\x26\1\1\2\xff\xf0", b"\xff\xfa\x26\3\5\xff\xf0", b"\xff\xfa\x26\xff\xf0", b"\xff\xfa\x27\xff\xf0", b"\xff\xff",
                *[b"\xff" + bytes([code]) for code in range(235, 250)], will + b"\x28", will + b"\xff", will, b"\xff", b"\xff\1",
                b"\xff\xfa\x1f\0\x50", b"\xff\xfa", b"text", b"\xff\xf1text", b"\xff\xf1\xff"]
    return [segment(payload, PSH | ACK, dport=23, ack=1) for payload in payloads]
