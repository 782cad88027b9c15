"""Frames in which devices tell their neighbours of themselves: LLDP, and the discovery protocols of Cisco."""

import struct

from . import frames
from .wire import *

LLDP = 0x88CC
NEAREST_BRIDGE, CISCO = "01:80:c2:00:00:0e", "01:00:0c:cc:cc:cc"
IEEE_8021, IEEE_8023, TIA, DCBX, IANA = 0x0080C2, 0x00120F, 0x0012BB, 0x001B21, 0x00005E


def field(kind, value):
    """A field of LLDP: seven bits of type, nine of length."""
    return struct.pack("!H", kind << 9 | len(value)) + value


def specific(oui, subtype, value):
    return field(127, oui.to_bytes(3, "big") + bytes([subtype]) + value)


def message(*fields):
    return ether(b"".join(fields) + b"\0\0", LLDP, dst=NEAREST_BRIDGE)


def who(chassis=b"\x04" + mac(CLIENT_MAC), port=b"\x05eth0"):
    return field(1, chassis) + field(2, port) + field(3, struct.pack("!H", 120))


@frames()
def lldp():
    """LLDP: a switch with all the fields of the standard, every kind of identifier, addresses of each family, unknown fields"""
    about = [field(4, b"uplink"), field(5, b"switch.example"), field(6, b"A switch\nof two lines"),
             field(7, struct.pack("!HH", 0x14, 0x04))]
    address4 = field(8, b"\x05\x01" + address(SERVER) + b"\x02" + struct.pack("!I", 7) + b"\0")
    address6 = field(8, b"\x11\x02" + address(SERVER6) + b"\x03" + struct.pack("!I", 7) + b"\x03\x2b\x06\x01")
    identifiers = [bytes([subtype]) + b"part/1" for subtype in (1, 2, 3, 6, 7, 9)] + [b"\x05\x01" + address(CLIENT)]
    ports = [bytes([subtype]) + b"part/1" for subtype in (1, 2, 5, 6, 7, 9)] + [b"\x03" + mac(CLIENT_MAC)]
    return [
        message(who(), *about, address4, address6),
        *[message(who(chassis, port)) for chassis, port in zip(identifiers, ports)],
        message(who(), field(9, b"reserved"), field(126, bytes(range(20)))),
        message(who(b"\x05\x07no", b"\x04\x06" + mac(SERVER_MAC))),
    ]


@frames()
def lldp_organisations():
    """LLDP fields of organisations: 802.1 (VLANs, data centre bridging), 802.3, LLDP-MED for telephones, DCBX, MUD, others"""
    tables = bytes([0x01, 0x23, 0x45, 0x67]) + bytes(range(10, 90, 10)) + bytes(range(8))
    bridging = [(1, b"\0\x64"), (2, b"\x06\0\x65"), (3, b"\0\x64\x05voice"), (4, b"\x02\x88\xcc"), (7, b"\x03\0\0\0\x07"),
                (8, b"\x55\xaa"), (9, b"\x83" + tables), (10, b"\0" + tables), (11, b"\x84\x08"),
                (12, b"\0\x63\x89\x06"), (13, b"\x01\x02\x43\x44\x85"), (14, b"\x88\0\0\x10\x01\0\x64"), (99, b"new")]
    ports = [(1, b"\x03\xc0\x36\0\x1e"), (2, b"\x07\x01\x04"), (3, b"\x03\0\0\0\x07"), (4, b"\x05\xf2"), (9, b"new")]
    place = struct.pack("!B", 16 << 2) + bytes(4) + bytes([17 << 2]) + bytes(4) + b"\x12\0\x01\x00\x01\x01"
    civic = b"\x11\x01DE\x01\x03abc\x06\x07Strasse"
    media = [(1, b"\0\x3f\x03"), (2, b"\x01\x40\xc9\x6e"), (3, b"\x01" + place), (3, b"\x02" + civic), (3, b"\x03112"),
             (3, b"\x09?"), (4, b"\x13\0\x41"), (4, b"\x42\x04\x01"), *[(n, b"text %d" % n) for n in range(5, 12)]]
    features = b"".join([
        field(1, bytes([0, 0]) + struct.pack("!II", 5, 4)),
        field(2, b"\0\0\xc0\0" + bytes([0x01, 0x23, 0x45, 0x67]) + bytes(range(8)) + b"\x08"),
        field(3, b"\0\0\x80\0\x18\x08"),
        field(4, b"\0\0\x80\0" + bytes.fromhex("8906001b2108") + bytes.fromhex("0cbc401b2110")),
        field(9, b"new"),
    ])
    return [
        message(who(), *[specific(IEEE_8021, *each) for each in bridging]),
        message(who(), *[specific(IEEE_8023, *each) for each in ports]),
        message(who(), *[specific(TIA, *each) for each in media]),
        message(who(), specific(DCBX, 2, features), specific(DCBX, 1, bytes(4)), specific(IANA, 1, b"https://example.org/mud")),
        message(who(), specific(0x123456, 1, bytes(range(20))), field(127, b"\0\x80\xc2"), field(127, b"\0\x80")),
    ]


@frames(snap=80)
def lldp_cut():
    """LLDP, its fields ending everywhere: in a frame cut at 80 bytes, and in frames that are too short themselves"""
    whole = message(who(), field(5, b"a" * 60), field(6, b"b" * 60))
    return [whole] + [whole[:end] for end in (14, 15, 16, 18, 23, 25, 40, 60)]


def cisco(protocol, payload, **addresses):
    """An 802.3 frame with Cisco's SNAP header."""
    return llc(b"\0\0\x0c" + struct.pack("!H", protocol) + payload, 0xAA, 0xAA, dst=CISCO, **addresses)


def item(kind, value, length=None):
    """A field of CDP, DTP and UDLD, whose length counts its head."""
    return struct.pack("!HH", kind, len(value) + 4 if length is None else length) + value


def discovery(*items, protocol=0x2000):
    return cisco(protocol, b"\x02\xb4\x12\x34" + b"".join(items))


@frames()
def cdp():
    """CDP: every field, addresses of IPv4, IPv6 and of another protocol, and fields with lengths that can't be"""
    v4 = b"\x01\x01\xcc\0\x04" + address(CLIENT)
    v6 = b"\x02\x08\xaa\xaa\x03\0\0\0\x86\xdd\0\x10" + address(CLIENT6)
    other = b"\x03\x01\xee\0\x03abc"
    items = [
        item(0x01, b"switch.example"), item(0x02, b"\0\0\0\x03" + v4 + other + v6), item(0x03, b"GigabitEthernet0/1"),
        item(0x04, b"\0\0\0\x29"), item(0x05, b"IOS\nversion 15"), item(0x06, b"cisco WS\x1b[0m"),
        item(0x07, address(SERVER) + b"\x18"), item(0x08, bytes(8)), item(0x09, b"lab"), item(0x0A, b"\0\x64"),
        item(0x0B, b"\x01"), item(0x0E, b"\x01\0\x65"), item(0x0F, b"\x20\0"), item(0x10, b"\x18\x9c"),
        item(0x11, b"\0\0\x05\xdc"), item(0x12, b"\0"), item(0x13, b"\x01"), item(0x14, b"name"), item(0x15, b"\x06\x01"),
        item(0x16, b"\0\0\0\x01" + v4), item(0x17, b"\0Rack 7"), item(0x1A, bytes(range(12))),
    ]
    return [
        discovery(*items),
        discovery(item(1, b"short"), item(4, b"\0"), item(7, b"odd"), item(2, b"\0\0\0\x02" + v4)),
        discovery(item(1, b"lying"), item(3, b"", length=3)),
        discovery(item(1, b"lying"), item(3, b"Fa0/1", length=99)),
        discovery(item(1, b"stray"), b"\0\x03"),
        cisco(0x2000, b"\x02\xb4"),
    ]


@frames()
def cisco_links():
    """UDLD, DTP and VTP: what the ports of a link and the switches of a domain agree on"""
    detection = [item(1, b"FOC1\0\0"), item(2, b"Gi0/1"), item(3, b"\0\0\0\x01"), item(4, b"\x0f"), item(5, b"\x05"),
                 item(6, b"switch"), item(7, b"\0\0\0\x09"), item(9, b"new")]
    trunk = [item(1, b"lab\0"), item(2, b"\x03"), item(3, b"\xa5"), item(4, mac(CLIENT_MAC)), item(9, b"new")]

    def domain(kind, body):
        return cisco(0x2003, bytes([2, kind, 1, 3]) + b"lab".ljust(32, b"\0") + body)

    def vlan(number, name, more=b""):
        padded = name + b"\0" * (-len(name) % 4)
        head = struct.pack("!BBBBHHI", 12 + len(padded) + len(more), 0, 1, len(name), number, 1500, 100000 + number)
        return head + padded + more

    digest = b"240102030405" + bytes(range(16))
    return [
        cisco(0x0111, b"\x21\x03\0\0" + b"".join(detection)),
        cisco(0x0111, b"\x22\0\0\0" + item(4, b"\0\0")),
        cisco(0x2004, b"\x01" + b"".join(trunk)),
        cisco(0x2004, b"\x01" + item(2, b"")),
        domain(1, struct.pack("!I", 16) + address(CLIENT) + digest),
        domain(2, struct.pack("!I", 16) + vlan(1, b"default") + vlan(1002, b"fddi", bytes.fromhex("060100010301000209010007"))),
        domain(3, bytes(4)),
        domain(4, b""),
    ]
