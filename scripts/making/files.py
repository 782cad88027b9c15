"""Whole files that show what the two formats allow: byte orders, magics, resolutions, blocks, options."""

import struct

from . import whole
from .containers import MODIFIED, NANO, START, STEP, Link, Pcapng, padded, pcap, pcap_header, pcap_record
from .frames_link import ping, ping6, sll2
from .wire import ether, ether6

COMMENT = 1
HARDWARE, OS, APPLICATION = 2, 3, 4
IF_NAME, IF_DESCRIPTION, IF_IPV4, IF_IPV6, IF_MAC, IF_SPEED, IF_TSRESOL = 2, 3, 4, 5, 6, 8, 9
IF_TZONE, IF_FILTER, IF_OS, IF_FCSLEN, IF_TSOFFSET, IF_HARDWARE = 10, 11, 12, 13, 14, 15
EPB_FLAGS, EPB_HASH, EPB_DROPCOUNT, EPB_PACKETID, EPB_QUEUE, EPB_VERDICT, EPB_PROCESS = 2, 3, 4, 5, 6, 7, 8
CUSTOM_TEXT, CUSTOM_BYTES, CUSTOM_BYTES_LOCAL = 2988, 2989, 19373
EXAMPLE_PEN = struct.pack("<I", 32473)  # the enterprise number for documentation (RFC 5612)

PING = ether(ping())
THREE = [ether(ping(1)), ether(ping(2)), ether6(ping6(3))]


def ticks(n, per_second=10**6):
    """The time of the n-th frame in units of an interface's resolution."""
    return (START + n * STEP) * per_second // 10**9


@whole(".pcap")
def pcap_micro_little():
    """The usual pcap: microseconds, little-endian"""
    return pcap(THREE)


@whole(".pcap")
def pcap_micro_big():
    """Microseconds, big-endian"""
    return pcap(THREE, order=">")


@whole(".pcap")
def pcap_nano_little():
    """Nanoseconds, little-endian"""
    return pcap(THREE, magic=NANO)


@whole(".pcap")
def pcap_nano_big():
    """Nanoseconds, big-endian"""
    return pcap(THREE, magic=NANO, order=">")


@whole(".pcap")
def pcap_modified_little():
    """Kuznetzov's modified format (magic a1b2cd34): 24-byte record headers"""
    return pcap(THREE, magic=MODIFIED)


@whole(".pcap")
def pcap_modified_big():
    """Kuznetzov's modified format, big-endian"""
    return pcap(THREE, magic=MODIFIED, order=">")


@whole(".pcap")
def pcap_snap_zero():
    """Snap length 0 in the header, which means no limit"""
    return pcap(THREE, snap=0)


@whole(".pcap")
def pcap_snap_exceeded():
    """Records longer than the header's snap length, which writers do produce"""
    return pcap_header(snap=20) + b"".join(pcap_record(frame, START + n * STEP) for n, frame in enumerate(THREE))


@whole(".pcap")
def pcap_fcs_bits():
    """The link word's upper bits say that a 4-byte frame check sequence ends each frame"""
    return pcap([frame + b"\xde\xad\xbe\xef" for frame in THREE], link=0x4400_0000 | Link.EN10MB)


@whole(".pcap")
def pcap_no_packets():
    """A header and no record"""
    return pcap([])


@whole(".pcap")
def pcap_old_version():
    """Version 2.3, written before captured and original length changed places"""
    return pcap_header(version=(2, 3)) + pcap_record(PING)


@whole(".pcap")
def pcap_times():
    """Times at 0, one microsecond, 2^31, the last second of 32 bits, and going backwards"""
    out = pcap_header()
    for ns in (0, 1000, (2**31 - 1) * 10**9, 2**31 * 10**9, (2**32 - 1) * 10**9 + 999_999_000, START, START - 10**9):
        out += pcap_record(PING, ns)
    return out


@whole(".pcap")
def pcap_fractions():
    """Fractions of a second that are a second and more: a million microseconds, and 2^32 - 1"""
    out = pcap_header()
    for fraction in (10**6, 2**32 - 1):
        out += struct.pack("<IIII", START // 10**9, fraction, len(PING), len(PING)) + PING
    return out


@whole(".pcap")
def pcap_wire_lengths():
    """Wire length above, below and far above the captured one, and a record with nothing captured"""
    return pcap_header() + b"".join(
        [pcap_record(PING, wire=1500), pcap_record(PING, wire=10), pcap_record(PING, wire=2**32 - 1),
         pcap_record(b"", wire=60), pcap_record(b"")])


@whole(".pcapng")
def pcapng_little():
    """The smallest usual pcapng, little-endian"""
    return with_three(Pcapng("<").section().interface()).data


@whole(".pcapng")
def pcapng_big():
    """The smallest usual pcapng, big-endian"""
    return with_three(Pcapng(">").section().interface()).data


def with_three(file, **packet):
    for n, frame in enumerate(THREE):
        file.packet(frame, ticks(n), **packet)
    return file


@whole(".pcapng")
def pcapng_order_change():
    """Three sections: little-endian, big-endian, little-endian; each numbers its interfaces anew"""
    file = with_three(Pcapng("<").section().interface((IF_NAME, "first")))
    with_three(file.section(order=">").interface((IF_NAME, "second")))
    with_three(file.section(order="<").interface((IF_NAME, "third")))
    return file.data


@whole(".pcapng")
def pcapng_section_length():
    """A section that states its length, then another one"""
    body = with_three(Pcapng().interface())
    file = Pcapng().section(length=len(body.data))
    file.data += body.data
    return with_three(file.section().interface()).data


@whole(".pcapng")
def pcapng_interfaces_mixed():
    """Five interfaces with four link types and different snap lengths, packets in turn, one interface without any"""
    file = Pcapng().section()
    file.interface((IF_NAME, "eth0"))
    file.interface((IF_NAME, "tun0"), link=Link.RAW)
    file.interface((IF_NAME, "any"), link=Link.SLL2)
    file.interface((IF_NAME, "eth1"), snap=60)
    file.interface((IF_NAME, "unused"), link=Link.NULL)
    frames = [PING, ping(), sll2(ping()), PING + bytes(80)]
    for n in range(8):
        interface = n % 4
        frame = frames[interface]
        file.packet(frame[: 60 if interface == 3 else None], ticks(n), interface=interface, wire=len(frame))
    return file.data


@whole(".pcapng")
def pcapng_late_interface():
    """An interface described after packets of another"""
    file = Pcapng().section().interface((IF_NAME, "eth0")).packet(PING, ticks(0))
    return file.interface((IF_NAME, "eth1")).packet(PING, ticks(1), interface=1).packet(PING, ticks(2)).data


@whole(".pcapng")
def pcapng_resolutions():
    """if_tsresol: seconds, 10^-3, 10^-6, 10^-9, 2^-1, 2^-10, 2^-20 and 2^-32"""
    decimal = [(n, 10**n) for n in (0, 3, 6, 9)]
    binary = [(0x80 | n, 2**n) for n in (1, 10, 20, 32)]
    file = Pcapng().section()
    units = decimal + binary
    for code, _ in units:
        file.interface((IF_TSRESOL, bytes([code])))
    for n, (_, per_second) in enumerate(units):
        file.packet(PING, ticks(n, per_second), interface=n)
    return file.data


@whole(".pcapng")
def pcapng_resolution_pico():
    """if_tsresol 10^-12, finer than nanoseconds, on top of an if_tsoffset, as 64 bits of picoseconds are 213 days"""
    offset = struct.pack("<q", START // 10**9)
    file = Pcapng().section().interface((IF_TSRESOL, bytes([12])), (IF_TSOFFSET, offset))
    for n in range(3):
        file.packet(PING, n * STEP * 1000 + 999)
    return file.data


@whole(".pcapng")
def pcapng_time_extreme():
    """if_tsresol 10^-20, 10^-127, 2^-63 and 2^-127, the largest and smallest if_tsoffset, and ticks that cannot be a time of today"""
    options = [(IF_TSRESOL, bytes([code])) for code in (20, 127, 0x80 | 63, 0xFF)]
    options += [(IF_TSOFFSET, struct.pack("<q", offset)) for offset in (2**63 - 1, -(2**63))]
    file = Pcapng().section()
    for n, option in enumerate(options):
        file.interface(option).packet(PING, 2**63 + n, interface=n)
    return file.packet(PING, 2**64 - 1, interface=4).data


@whole(".pcapng")
def pcapng_time_offsets():
    """if_tsoffset: zero, an hour on, the seconds of 2024 with small ticks, and negative"""
    file = Pcapng().section()
    for n, offset in enumerate((0, 3600, START // 10**9, -3600)):
        file.interface((IF_TSOFFSET, struct.pack("<q", offset)))
        small = offset == START // 10**9
        file.packet(PING, 1_500_000 if small else ticks(n), interface=n)
    return file.data


@whole(".pcapng")
def pcapng_simple_packets():
    """Simple packet blocks: no time, no interface; one cut by the interface's snap length"""
    file = Pcapng().section().interface(snap=60)
    for frame in (PING, PING + bytes(80), b""):
        file.simple(frame, 60)
    return file.data


@whole(".pcapng")
def pcapng_old_packets():
    """The obsolete packet block, which old files still hold"""
    file = Pcapng().section().interface().interface()
    return file.old_packet(PING, ticks(0)).old_packet(PING, ticks(1), interface=1, drops=3).data


@whole(".pcapng")
def pcapng_options_all():
    """Every option of the section, interface, packet and statistics blocks, comments (two on one packet), and custom options"""
    file = Pcapng().section(
        (COMMENT, "made by hand"), (HARDWARE, "a machine"), (OS, "an OS 1.0"), (APPLICATION, "make-captures"),
        (CUSTOM_TEXT, EXAMPLE_PEN + b"custom text"), (CUSTOM_BYTES_LOCAL, EXAMPLE_PEN + bytes(5)))
    file.interface(
        (COMMENT, "an interface"), (IF_NAME, "eth0"), (IF_DESCRIPTION, "the first port"),
        (IF_IPV4, bytes([192, 0, 2, 1, 255, 255, 255, 0])), (IF_IPV4, bytes([192, 0, 2, 2, 255, 255, 255, 0])),
        (IF_IPV6, bytes.fromhex("20010db8000000000000000000000001") + b"\x40"), (IF_MAC, bytes([2, 0, 0, 0, 0, 1])),
        (IF_SPEED, struct.pack("<Q", 10**9)), (IF_TSRESOL, b"\x09"), (IF_TZONE, bytes(4)), (IF_FILTER, b"\0icmp"),
        (IF_OS, "an OS 1.0"), (IF_FCSLEN, b"\0"), (IF_HARDWARE, "a card"))
    nano = lambda n: ticks(n, 10**9)
    flags = lambda value: (EPB_FLAGS, struct.pack("<I", value))
    file.packet(PING, nano(0), (COMMENT, "first comment"), (COMMENT, "second comment"))
    file.packet(PING, nano(1), flags(1))
    file.packet(PING, nano(2), flags(2))
    file.packet(PING, nano(3), flags(0b1_0000_0000_0000_0101_0001_0010_1101))
    file.packet(PING, nano(4), (EPB_DROPCOUNT, struct.pack("<Q", 7)), (EPB_HASH, b"\2\xde\xad\xbe\xef"))
    file.packet(PING, nano(5), (EPB_PACKETID, struct.pack("<Q", 1)), (EPB_QUEUE, struct.pack("<I", 3)),
                (EPB_VERDICT, b"\0\1"), (CUSTOM_BYTES, EXAMPLE_PEN + b"\0\1\2"), (0x7FFF, b"unknown option"))
    count = lambda code, value: (code, struct.pack("<Q", value))
    moment = lambda code, n: (code, file.pack("II", nano(n) >> 32, nano(n) & 0xFFFFFFFF))
    file.statistics(moment(2, 0), moment(3, 5), count(4, 8), count(5, 2), count(6, 6), count(7, 0), count(8, 6),
                    ticks=nano(5))
    return file.data


@whole(".pcapng")
def pcapng_processes():
    """Packets of processes: all that is known, a number alone, an unknown one, and a name that would be more than that"""
    file = Pcapng(">").section().interface()
    said = [
        (4711, 4712, "process: curl\nuid: 1000\nuser: ana\ncontainer: docker:0123456789ab\nend: sender\ncertainty: exact"),
        (7, 0, None),
        (0, 0, "process: \nuid: 33\nuser: www\nelsewhere: nginx 711 at 127.0.0.1:80\ncertainty: unknown"),
        (8, 0, "process: \x1b[31mred \u202e\ncertainty: inferred"),
    ]
    for n, (pid, tid, text) in enumerate(said):
        options = [(EPB_PROCESS, struct.pack(">II", pid, tid))] + ([(COMMENT, text)] if text else [])
        file.packet(PING, ticks(n), *options)
    return file.data


@whole(".pcapng")
def pcapng_blocks_all():
    """Name resolution, statistics, decryption secrets, custom, systemd journal and unknown blocks between packets"""
    file = Pcapng().section().interface()
    file.names([(1, bytes([192, 0, 2, 1]) + b"client.example\0"), (1, bytes([198, 51, 100, 2]) + b"a.example\0b.example\0"),
                (2, bytes.fromhex("20010db8000000000000000000000001") + b"client6.example\0"), (99, b"unknown record")],
               (2, "resolver.example"))
    file.packet(PING, ticks(0))
    file.statistics((4, struct.pack("<Q", 1)), ticks=ticks(0))
    file.secrets(0x544C534B, b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"11" * 48 + b"\n")
    file.packet(PING, ticks(1))
    file.block(0xBAD, EXAMPLE_PEN + b"can be copied...")
    file.block(0x40000BAD, EXAMPLE_PEN + b"not to be copied")
    file.block(9, padded(b"__REALTIME_TIMESTAMP=1704164645000000\nMESSAGE=hello\n"))
    file.block(0x00000ABC, b"unknown.")
    file.block(0x80000123, bytes(16))
    file.block(0x00000ABD, b"")
    return file.packet(PING, ticks(2)).data


@whole(".pcapng")
def pcapng_names_hostile():
    """Names and comments that are not UTF-8, hold escape sequences, line ends, NUL bytes, or are empty or long"""
    file = Pcapng().section((COMMENT, b"\x1b]0;owned\x07\x9b2J"), (HARDWARE, b"\xff\xfe"), (APPLICATION, b""))
    file.interface((IF_NAME, b"eth\xff0"), (IF_DESCRIPTION, "\u202egnp.exe"), (COMMENT, b"one\ntwo\0three"))
    file.interface((IF_NAME, b"\x1b[31mred"), (IF_FILTER, b"\0\x1b[2J"))
    file.interface((IF_NAME, b"n" * 300))
    file.interface((IF_NAME, b""))
    for n in range(4):
        file.packet(PING, ticks(n), (COMMENT, b"\x1b[1mbold\x1b[0m"), interface=n)
    file.names([(1, bytes([192, 0, 2, 1]) + b"\x1b[7mname\0"), (1, bytes([192, 0, 2, 1]) + b"no end mark")])
    return file.data


@whole(".pcapng")
def pcapng_no_end_marks():
    """Options that stop at the end of their block, without an end-of-options mark"""
    file = Pcapng().section()
    option = struct.pack("<HH", IF_NAME, 4) + b"eth0"
    file.block(1, struct.pack("<HHI", Link.EN10MB, 0, 262144) + option)
    return file.packet(PING, ticks(0)).data


@whole(".pcapng")
def pcapng_no_packets():
    """A section without interfaces, and one with an interface and no packet"""
    return Pcapng().section().section().interface().data


@whole(".pcapng")
def pcapng_minor_version():
    """Version 1.2, which the specification says is read as 1.0"""
    return with_three(Pcapng().section(version=(1, 2)).interface()).data
