"""Files that are cut, damaged or hostile. A reader gives every packet before the damage, says where it is, and ends."""

import struct

from . import whole
from .containers import START, STEP, Link, Pcapng, pcap_header, pcap_record
from .files import EPB_FLAGS, IF_NAME, PING, ticks

FRAMES = 6


def records(first=0, count=FRAMES):
    return b"".join(pcap_record(PING, START + n * STEP) for n in range(first, first + count))


def blocks(first=0, count=FRAMES):
    file = Pcapng()
    for n in range(first, first + count):
        file.packet(PING, ticks(n))
    return file.data


HEADER = pcap_header()
NG_HEADER = Pcapng().section().interface().data


def record_head(kept, wire=len(PING)):
    return struct.pack("<IIII", START // 10**9, 0, kept, wire)


@whole(".pcap")
def damaged_pcap_cut_body():
    """The last record's bytes are cut"""
    return (HEADER + records())[:-10]


@whole(".pcap")
def damaged_pcap_cut_head():
    """The last record's header is cut"""
    return HEADER + records() + record_head(len(PING))[:7]


@whole(".pcap")
def damaged_pcap_cut_file_header():
    """The file ends inside its header"""
    return HEADER[:17]


@whole(".pcap")
def damaged_pcap_magic_only():
    """The magic and nothing else"""
    return HEADER[:4]


@whole(".pcap")
def damaged_pcap_empty():
    """No byte at all"""
    return b""


@whole(".pcap")
def damaged_pcap_unknown_magic():
    """A magic that no format has"""
    return b"\xde\xad\xbe\xef" + HEADER[4:] + records()


@whole(".pcap")
def damaged_pcap_version():
    """A version that nobody defined"""
    return pcap_header(version=(9, 9)) + records()


@whole(".pcap")
def damaged_pcap_garbage_middle():
    """100 bytes of garbage between whole records"""
    return HEADER + records(0, 3) + b"\xa5" * 100 + records(3, 3)


@whole(".pcap")
def damaged_pcap_hole():
    """4,096 zero bytes between whole records, as a crashed machine leaves them"""
    return HEADER + records(0, 3) + bytes(4096) + records(3, 3)


@whole(".pcap")
def damaged_pcap_length_huge():
    """A record that claims 4 GiB"""
    return HEADER + records(0, 3) + record_head(0xFFFFFFFF, 0xFFFFFFFF) + PING + records(3, 3)


@whole(".pcap")
def damaged_pcap_length_above_limit():
    """A record that claims one byte more than any reader's limit of 262,144"""
    return HEADER + records(0, 3) + record_head(262145, 262145) + PING + records(3, 3)


@whole(".pcap")
def damaged_pcap_length_past_end():
    """A record that claims more than the file holds"""
    return HEADER + records(0, 3) + record_head(5000, 5000) + PING + records(3, 3)


@whole(".pcapng")
def damaged_pcapng_cut_body():
    """The last block is cut"""
    return (NG_HEADER + blocks())[:-10]


@whole(".pcapng")
def damaged_pcapng_cut_head():
    """The last block's type and length are cut"""
    return NG_HEADER + blocks() + struct.pack("<II", 6, 132)[:6]


@whole(".pcapng")
def damaged_pcapng_cut_section():
    """The file ends inside its section header"""
    return NG_HEADER[:20]


@whole(".pcapng")
def damaged_pcapng_byte_order():
    """A byte-order magic that is none"""
    return NG_HEADER[:8] + b"\1\2\3\4" + NG_HEADER[12:] + blocks()


@whole(".pcapng")
def damaged_pcapng_version():
    """Major version 2"""
    return Pcapng().section(version=(2, 0)).interface().data + blocks()


@whole(".pcapng")
def damaged_pcapng_garbage_middle():
    """100 bytes of garbage between whole blocks"""
    return NG_HEADER + blocks(0, 3) + b"\xa5" * 100 + blocks(3, 3)


@whole(".pcapng")
def damaged_pcapng_lengths_differ():
    """A block whose two lengths differ"""
    block = blocks(3, 1)
    return NG_HEADER + blocks(0, 3) + block[:-4] + struct.pack("<I", len(block) + 4) + blocks(4, 2)


def with_block(kind, body, length):
    """Three packets, a block that lies about its length, three packets."""
    return NG_HEADER + blocks(0, 3) + Pcapng().block(kind, body, length).data + blocks(3, 3)


@whole(".pcapng")
def damaged_pcapng_length_huge():
    """A block that claims 4 GiB"""
    return with_block(6, bytes(24), 0xFFFFFFFC)


@whole(".pcapng")
def damaged_pcapng_length_zero():
    """A block that claims to have no length, on which a careless reader never moves on"""
    return with_block(6, bytes(24), 0)


@whole(".pcapng")
def damaged_pcapng_length_short():
    """A block that claims to be shorter than its own frame"""
    return with_block(6, bytes(24), 8)


@whole(".pcapng")
def damaged_pcapng_length_odd():
    """A block whose length is not a multiple of four"""
    return with_block(0x0ABC, b"unknown", 19)


@whole(".pcapng")
def damaged_pcapng_captured_length():
    """A packet block whose captured length reaches past the block"""
    return NG_HEADER + blocks(0, 3) + Pcapng().packet(PING, ticks(3), kept=5000).data + blocks(4, 2)


@whole(".pcapng")
def damaged_pcapng_option_length():
    """An option whose length reaches past its block"""
    option = struct.pack("<HH", EPB_FLAGS, 60000) + bytes(4)
    file = Pcapng()
    file.block(6, struct.pack("<IIIII", 0, ticks(3) >> 32, ticks(3) & 0xFFFFFFFF, 4, 4) + bytes(4) + option)
    return NG_HEADER + blocks(0, 3) + file.data + blocks(4, 2)


@whole(".pcapng")
def damaged_pcapng_interface_unknown():
    """A packet of an interface that nobody described"""
    return NG_HEADER + blocks(0, 3) + Pcapng().packet(PING, ticks(3), interface=7).data + blocks(4, 2)


@whole(".pcapng")
def damaged_pcapng_interface_none():
    """A packet before any interface is described"""
    return Pcapng().section().packet(PING, ticks(0)).data


@whole(".pcapng")
def damaged_pcapng_interface_short():
    """An interface block too short to hold its fields"""
    return Pcapng().section().block(1, b"\1\0\0\0").interface((IF_NAME, "eth0")).data + blocks()


@whole(".pcapng")
def damaged_pcapng_interfaces_many():
    """900 interfaces and one packet"""
    file = Pcapng().section()
    for _ in range(900):
        file.interface(link=Link.EN10MB)
    return file.packet(PING, ticks(0), interface=899).data


@whole(".pcapng")
def damaged_pcapng_names_short():
    """A name resolution block whose record reaches past the block"""
    return NG_HEADER + blocks(0, 3) + Pcapng().block(4, struct.pack("<HH", 1, 500) + bytes(4)).data + blocks(3, 3)
