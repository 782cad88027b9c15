"""Capture files built byte by byte: pcap records, pcapng blocks and their options.

pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng. `order` is struct's: "<" or ">".
"""

import struct

START = 1_704_164_645_000_000_000  # 2024-01-02 03:04:05 UTC, in ns
STEP = 1_001_001  # ns from frame to frame: all nine digits move

MICRO, NANO, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34


class Link:
    NULL, EN10MB, RAW, LOOP, SLL, USER0, IPV4, IPV6, SLL2 = 0, 1, 101, 108, 113, 147, 228, 229, 276


def times(count):
    return [START + n * STEP for n in range(count)]


def pcap_header(order="<", magic=MICRO, snap=262144, link=Link.EN10MB, version=(2, 4)):
    """`link` is the whole last word: the link type and, above it, the bits about the frame check sequence."""
    return struct.pack(order + "IHHiIII", magic, *version, 0, 0, snap, link)


def pcap_record(frame, ns=START, *, order="<", magic=MICRO, wire=None, kept=None):
    """`wire` and `kept` are the lengths to state, where they are not the frame's."""
    unit = 1 if magic == NANO else 1000
    kept = len(frame) if kept is None else kept
    head = struct.pack(order + "IIII", ns // 10**9, ns % 10**9 // unit, kept, len(frame) if wire is None else wire)
    if magic == MODIFIED:  # Kuznetzov's: interface index, protocol, packet type, padding
        head += struct.pack(order + "IHBx", 2, 0x0800, 0)
    return head + frame


def pcap(frames, *, order="<", magic=MICRO, snap=262144, link=Link.EN10MB):
    """A whole file, its frames cut at `snap` bytes (0 is no limit)."""
    out = pcap_header(order, magic, snap, link)
    for frame, ns in zip(frames, times(len(frames))):
        out += pcap_record(frame[: snap or None], ns, order=order, magic=magic, wire=len(frame))
    return out


def padded(data):
    return data + b"\0" * (-len(data) % 4)


class Pcapng:
    """A pcapng file as it grows; every method appends one block and returns the file."""

    def __init__(self, order="<"):
        self.order = order
        self.data = b""

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def options(self, options):
        """`options` are (code, bytes or text); an end mark follows unless there is none."""
        out = b""
        for code, value in options:
            value = value.encode() if isinstance(value, str) else value
            out += self.pack("HH", code, len(value)) + padded(value)
        return out + self.pack("HH", 0, 0) if options else b""

    def block(self, kind, body, length=None):
        size = 12 + len(body) if length is None else length
        self.data += self.pack("II", kind, size) + body + self.pack("I", size)
        return self

    def section(self, *options, order=None, version=(1, 0), length=-1):
        self.order = order or self.order
        body = self.pack("IHHq", 0x1A2B3C4D, *version, length) + self.options(options)
        return self.block(0x0A0D0D0A, body)

    def interface(self, *options, link=Link.EN10MB, snap=262144):
        return self.block(1, self.pack("HHI", link, 0, snap) + self.options(options))

    def packet(self, frame, ticks=START // 1000, *options, interface=0, wire=None, kept=None):
        """An enhanced packet block; `ticks` in the interface's resolution, microseconds unless it says otherwise."""
        kept = len(frame) if kept is None else kept
        wire = len(frame) if wire is None else wire
        head = self.pack("IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, kept, wire)
        return self.block(6, head + padded(frame) + self.options(options))

    def simple(self, frame, snap=262144):
        return self.block(3, self.pack("I", len(frame)) + padded(frame[:snap]))

    def old_packet(self, frame, ticks=START // 1000, interface=0, drops=0xFFFF):
        """The obsolete packet block."""
        head = self.pack("HHIIII", interface, drops, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        return self.block(2, head + padded(frame))

    def names(self, records, *options):
        """A name resolution block; `records` are (type, bytes)."""
        body = b"".join(self.pack("HH", kind, len(value)) + padded(value) for kind, value in records)
        return self.block(4, body + self.pack("HH", 0, 0) + self.options(options))

    def statistics(self, *options, interface=0, ticks=START // 1000):
        return self.block(5, self.pack("III", interface, ticks >> 32, ticks & 0xFFFFFFFF) + self.options(options))

    def secrets(self, kind, data):
        return self.block(10, self.pack("II", kind, len(data)) + padded(data))
