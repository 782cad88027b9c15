"""Frames of lines between two ends: PPP in its framings, PPPoE, Cisco's HDLC."""

import struct

from . import frames
from .frames_link import ping, ping6
from .wire import *

DISCOVERY, SESSION = 0x8863, 0x8864
IP, COMPRESSED, MULTILINK, IPV6_PPP, IPCP, IPV6CP, CCP = 0x0021, 0x00FD, 0x003D, 0x0057, 0x8021, 0x8057, 0x80FD
LCP, PAP, CHAP, BACP = 0xC021, 0xC023, 0xC223, 0xC02B


class Link:
    PPP, PPP_SERIAL, PPP_ETHER, C_HDLC, PPP_PPPD = 9, 50, 51, 104, 166


def control(code, body=b"", number=1, length=None):
    return struct.pack("!BBH", code, number, len(body) + 4 if length is None else length) + body


def option(kind, value=b"", length=None):
    return bytes([kind, len(value) + 2 if length is None else length]) + value


def ppp(protocol, payload):
    return struct.pack("!H", protocol) + payload


def conversation():
    """The frames that bring a link up, use it and end it, in the order of life."""
    magic = bytes.fromhex("deadbeef")
    wishes = [(1, b"\x05\xd4"), (2, b"\0\x0a\0\0"), (3, b"\xc2\x23\x05"), (5, magic), (7, b""), (8, b""), (13, b"\x06"),
              (17, b"\x05\xdc"), (19, b"\x03" + mac(CLIENT_MAC)), (23, b"\0\x01"), (30, b"\0")]
    names = [(3, address(CLIENT)), (129, address(SERVER)), (131, address(SERVER)), (2, b"\0\x2d\x0f\x01"), (99, b"new")]
    return [
        ppp(LCP, control(1, b"".join(option(*wish) for wish in wishes))),
        ppp(LCP, control(4, option(17, b"\x05\xdc") + option(19, b"\x03" + mac(CLIENT_MAC)))),
        ppp(LCP, control(3, option(3, b"\xc0\x23") + option(4, b"\xc0\x25\0\0\0\x0a"))),
        ppp(LCP, control(2, option(1, b"\x05\xd4") + option(5, magic))),
        ppp(CHAP, control(1, b"\x10" + bytes(range(16)) + b"server")),
        ppp(CHAP, control(2, b"\x10" + bytes(range(16)) + b"client")),
        ppp(CHAP, control(3, b"Welcome")),
        ppp(PAP, control(1, b"\x06client\x06secret")),
        ppp(PAP, control(2, b"\x02ok")),
        ppp(IPCP, control(1, b"".join(option(*name) for name in names))),
        ppp(IPV6CP, control(1, option(1, bytes(range(8))))),
        ppp(CCP, control(1, option(18, b"\x01\0\0\x60") + option(21, b"\x2f") + option(26, b"\x78\0") + option(24, b"\xe5\x07"))),
        ppp(BACP, control(1, option(1, magic))),
        ppp(LCP, control(8, b"\x80\xfd" + control(1, option(18, b"\x01\0\0\x60")))),
        ppp(LCP, control(9, magic)),
        ppp(LCP, control(10, magic + b"data")),
        ppp(LCP, control(13, magic + b"\0\0\x0e\x10")),
        ppp(IP, ping()),
        ppp(IPV6_PPP, ping6()),
        ppp(MULTILINK, b"\xc0\x05" + bytes(6)),
        ppp(COMPRESSED, bytes(6)),
        ppp(0x1234, bytes(range(20))),
        ppp(LCP, control(14)),
        ppp(LCP, control(5, b"bye")),
        ppp(LCP, control(6)),
    ]


@frames(link=Link.PPP)
def ppp_frames():
    """PPP: a link from its first request to its end, with address and control bytes; and both forms of a shorter head"""
    return [b"\xff\x03" + frame for frame in conversation()] + [b"\x21" + ping(), b"\0\x21" + ping(), b"\xff\x03\x21" + ping()]


@frames(link=Link.PPP_PPPD)
def ppp_directions():
    """PPP as pppd(8) records it: in place of the address, which way a frame went"""
    return [b"\0\x03" + ppp(IP, ping()), b"\1\x03" + ppp(IP, ping()), b"\1\x03" + ppp(LCP, control(9, bytes(4)))]


@frames(link=Link.PPP)
def ppp_malformed():
    """PPP: options and messages with lengths that can't be, names that go past the end, frames cut in their head"""
    bad = [control(1, option(1, b"\x05")), control(1, option(5, b"", length=1)), control(1, option(1, b"ab", length=40)),
           control(1, option(1, b"\x05\xd4"), length=2), control(9, bytes(4), length=30), control(1)[:3], control(99, b"?")]
    access = [ppp(PAP, control(1, b"\x20ab")), ppp(PAP, control(2)), ppp(PAP, control(1, b"\x01", length=9)),
              ppp(CHAP, control(1, b"\x20ab")), ppp(CHAP, control(9, b"?")), ppp(CHAP, b"\x01")]
    heads = [b"\xff\x03\xc0", b"\xff", b"\xff\x03\x00\x21"]
    return [b"\xff\x03" + frame for frame in [ppp(LCP, each) for each in bad] + access] + heads


@frames(link=Link.PPP_SERIAL)
def ppp_serial():
    """PPP in HDLC-like framing, beside frames of Cisco's form and of an unknown address"""
    return [b"\xff\x03" + frame for frame in conversation()[::6]] + [b"\x0f\0\x08\0" + ping(), b"\x42\x03\0\x21" + ping()]


@frames(link=Link.PPP)
def ppp_asynchronous():
    """PPP as an asynchronous line carries it: escaped, between flags, with and without a head; one within another, frames cut short"""
    def line(frame):
        escaped = (bytes([0x7D, byte ^ 0x20]) if byte < 0x20 or byte in (0x7D, 0x7E) else bytes([byte]) for byte in frame)
        return b"\x7e" + b"".join(escaped) + b"\x7e"

    request = ppp(LCP, control(1, option(1, b"\x05\xd4") + option(2, bytes(4))))
    whole = [b"\xff\x03" + request, request, b"\xff\x03\0\x21" + ping(), b"\x21" + ping(), b"\x57" + ping6(), b"\xff\x03\x7e\1" + ping()]
    return [line(frame) for frame in whole] + [line(whole[2])[:end] for end in (2, 3, 4, 6, 30)] + [b"\x7e\x7e\1", b"\x7e\x21\x7d"]


@frames(link=Link.C_HDLC)
def cisco_hdlc():
    """Cisco's HDLC: IPv4, IPv6, MPLS, the keep-alives and addresses of SLARP, a type that is not known"""
    def slarp(code, body):
        return b"\x8f\0\x80\x35" + struct.pack("!I", code) + body

    return [
        b"\x0f\0\x08\0" + ping(),
        b"\x0f\0\x86\xdd" + ping6(),
        b"\x0f\0\x88\x47" + struct.pack("!I", 20 << 12 | 1 << 8 | 64) + ping(),
        slarp(0, bytes(10)),
        slarp(1, address(CLIENT) + address("255.255.255.0") + bytes(2)),
        slarp(2, struct.pack("!IIH", 7, 6, 0xFFFF)),
        slarp(2, struct.pack("!IIHI", 7, 6, 0xFFFF, 93784000)),
        slarp(9, bytes(range(10))),
        b"\x0f\0\x12\x34" + bytes(8),
    ]


@frames()
def pptp():
    """PPTP: each control message, results and errors with and without words, numbers and names, another cookie, unknown types; PPP in GRE"""
    def message(kind, body=b"", cookie=0x1A2B3C4D, category=1, reserved=0):
        head = struct.pack("!HHIHH", len(body) + 12, category, cookie, kind, reserved)
        return ether(ipv4(tcp(head + body, ACK | PSH, dport=1723), TCP))

    def text(words, size=64):
        return words.ljust(size, b"\0")

    def carried(frame, flags, *numbers):
        return ether(ipv4(struct.pack(f"!HHHH{len(numbers)}I", flags, 0x880B, len(frame), 7, *numbers) + frame, 47))

    names = text(b"client") + text(b"maker" * 20)[:64]
    call = struct.pack("!HHIIIIHH", 1, 2, 300, 100_000_000, 3, 3, 64, 10)
    about = struct.pack("!HHII", 1, 2, 1, 5)
    line = b"\x7e\xff\x7d\x23\x7d\x20\x21" + ping() + b"\x7e"
    return [
        message(1, struct.pack("!HHIIHH", 0x100, 0, 1, 3, 0, 2160) + names),
        *[message(2, struct.pack("!HBBIIHH", 0x100, *codes, 3, 1, 5, 6) + names) for codes in ((1, 0), (2, 6), (9, 9))],
        *[message(3, struct.pack("!BBH", reason, 0, 0)) for reason in (1, 2, 3, 4)], message(4, struct.pack("!BBH", 2, 3, 7)),
        message(5, struct.pack("!I", 9)), message(6, struct.pack("!IBBH", 9, 1, 0, 0)),
        message(7, call + struct.pack("!HH", 3, 0) + text(b"12345") + text(b"sub")), message(7, call + struct.pack("!HH", 99, 1) + text(b"1" * 64) + text(b"")),
        message(8, struct.pack("!HHBBHIHHI", 1, 2, 4, 0, 17, 64000, 64, 10, 5)),
        *[message(9, about + struct.pack("!HH", *sizes) + text(b"111") + text(b"222") + text(b"")) for sizes in ((3, 2), (0, 3))],
        message(10, struct.pack("!HHBBHHH", 1, 2, 3, 0, 64, 10, 0)), message(11, struct.pack("!HHIHHI", 1, 0, 64000, 64, 10, 2)),
        message(12, struct.pack("!HH", 1, 0)), message(13, struct.pack("!HBBHH", 1, 3, 0, 17, 0) + text(b"calls", 128)),
        message(14, struct.pack("!HH6I", 1, 0, *range(6))), message(15, struct.pack("!HHII", 1, 0, 0xFFFFFFFF, 7)), message(0), message(16, b"new"),
        message(5, bytes(4), cookie=5), message(5, bytes(4), category=2), message(5, bytes(4), category=3, reserved=1), message(1, b"\1"), message(13, bytes(20)),
        carried(b"\xff\x03\0\x21" + ping(), 0x3001, 1), carried(b"\x21" + ping(), 0x3081, 2, 1), carried(b"", 0x2081, 2), carried(line, 0x3001, 3),
    ]


def pppoe(code, payload=b"", session=0, first=0x11, length=None):
    return struct.pack("!BBHH", first, code, session, len(payload) if length is None else length) + payload


def tag_of(kind, value=b""):
    return struct.pack("!HH", kind, len(value)) + value


def discovery():
    unique = tag_of(0x0103, bytes.fromhex("0a0b0c0d"))
    offer = tag_of(0x0101, b"internet") + tag_of(0x0102, b"bras-1") + tag_of(0x0104, bytes(range(16))) + unique
    return [
        pppoe(0x09, tag_of(0x0101) + unique),
        pppoe(0x07, offer),
        pppoe(0x19, offer),
        pppoe(0x65, tag_of(0x0101, b"internet") + tag_of(0x0120, b"\x05\xdc"), session=0x1234),
        pppoe(0xA7, tag_of(0x0203, b"Idle\ntimeout"), session=0x1234),
        pppoe(0x65, tag_of(0x0201, b"no such service") + tag_of(0x0999, b"\xff") + tag_of(0) + bytes(8)),
        pppoe(0x33, tag_of(0x0105, b"\0\0\x0d\xe9\x01\x04line") + tag_of(0x0110, b"relay")),
        pppoe(0x09, tag_of(0x0101), first=0x23),
        pppoe(0x09, tag_of(0x0101), length=60),
        pppoe(0x09, tag_of(0x0101, b"cut")[:5]),
    ]


@frames()
def pppoe_sessions():
    """PPPoE: discovery from initiation to termination, tags of text and of bytes, wrong lengths; then PPP in a session"""
    found = [ether(frame, DISCOVERY) for frame in discovery()]
    return found + [ether(pppoe(0, frame, session=0x1234), SESSION) for frame in conversation()]


@frames(link=Link.PPP_ETHER)
def pppoe_raw():
    """PPPoE without an Ethernet header around it"""
    return discovery()[:3] + [pppoe(0, ppp(IP, ping()), session=0x1234)]
