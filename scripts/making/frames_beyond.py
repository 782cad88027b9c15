"""Frames of what tcpdump tells nothing of: TLS and QUIC hellos, SSH and HTTP/2 as they begin, messages over several segments,
and fragments that attack whoever puts them together."""

import struct

from . import crypto, frames
from .wire import *

PORT = 40000
HOST, PROTOCOLS = b"www.example.org", (b"h2", b"http/1.1")
GREASE = 0x0A0A
MINE, YOURS = 1_000_000, 4_000_000


def vector(content, width):
    """`content` with its length before it."""
    return len(content).to_bytes(width, "big") + content


def numbers(*values):
    return b"".join(struct.pack("!H", value) for value in values)


def extension(kind, content=b""):
    return numbers(kind) + vector(content, 2)


def server_name(name=HOST):
    return extension(0, vector(b"\0" + vector(name, 2), 2))


def alpn(*protocols):
    return extension(16, vector(b"".join(vector(name, 1) for name in protocols), 2))


def message(kind, body):
    return bytes([kind]) + vector(body, 3)


def client_hello(suites, *extensions, session=b""):
    """RFC 8446, 4.1.2."""
    return message(1, b"\3\3" + bytes(range(32)) + vector(session, 1) + vector(numbers(*suites), 2) + b"\1\0"
                   + vector(b"".join(extensions), 2))


def server_hello(suite, *extensions, random=bytes(range(32, 64)), session=b""):
    """RFC 8446, 4.1.3."""
    return message(2, b"\3\3" + random + vector(session, 1) + numbers(suite) + b"\0" + vector(b"".join(extensions), 2))


SIGNATURES = extension(13, vector(numbers(0x0403, 0x0804, 0x0401, 0x0503), 2))
GROUPS = extension(10, vector(numbers(GREASE, 29, 23), 2))
VERSIONS_13 = extension(43, vector(numbers(GREASE, 0x0304, 0x0303), 1))
KEY_SHARE = extension(51, vector(numbers(29) + vector(bytes(32), 2), 2))
SUITES_13 = (GREASE, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F)

HELLO_12 = client_hello((0xC02B, 0xC02F, 0x009C), server_name(), GROUPS, SIGNATURES, alpn(*PROTOCOLS), extension(35),
                        session=bytes(32))
HELLO_13 = client_hello(SUITES_13, extension(GREASE), server_name(), GROUPS, SIGNATURES, alpn(*PROTOCOLS), VERSIONS_13,
                        KEY_SHARE, session=bytes(32))
CHOICE_12 = server_hello(0xC02F, alpn(b"h2"), session=bytes(32))
CHOICE_13 = server_hello(0x1301, extension(43, numbers(0x0304)), extension(51, numbers(29) + vector(bytes(32), 2)),
                         session=bytes(32))
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def record(kind, content, version=0x0301):
    return bytes([kind]) + numbers(version) + vector(content, 2)


class Conversation:
    """The frames of one TCP connection; each side's numbers go on by themselves."""

    def __init__(self, port, local=PORT):
        self.port, self.local, self.frames = port, local, []
        self.next = {True: MINE, False: YOURS}
        self.mine(flags=SYN)
        self.yours(flags=SYN | ACK)

    def segment(self, mine, payload, flags, at):
        source, destination = (CLIENT, SERVER) if mine else (SERVER, CLIENT)
        ports = (self.local, self.port) if mine else (self.port, self.local)
        seq = self.next[mine] if at is None else at
        data = tcp(payload, flags, *ports, source, destination, seq=seq, ack=self.next[not mine] if flags & ACK else 0)
        self.frames.append(ether(ipv4(data, TCP, source, destination)))
        if at is None:
            self.next[mine] += len(payload) + bool(flags & (SYN | FIN))

    def mine(self, payload=b"", flags=PSH | ACK, at=None):
        self.segment(True, payload, flags, at)

    def yours(self, payload=b"", flags=PSH | ACK, at=None):
        self.segment(False, payload, flags, at)


@frames()
def tls_hellos():
    """TLS: hellos of 1.2 and 1.3, over two segments in both orders, over three records, without the start of the connection, a retry, sessions that go on, alerts, a name that a terminal must not obey"""
    one = Conversation(443)
    one.mine(record(22, HELLO_13))
    one.yours(record(22, CHOICE_13, 0x0303) + record(20, b"\1", 0x0303) + record(23, bytes(80), 0x0303))
    one.mine(record(20, b"\1", 0x0303) + record(23, bytes(40), 0x0303))

    two = Conversation(8443, PORT + 1)
    hello = record(22, HELLO_12)
    two.mine(hello[:100])
    two.mine(hello[100:])
    answer = record(22, CHOICE_12 + message(11, bytes(1200)), 0x0303)
    two.yours(answer[:700])
    two.yours(answer[700:])
    two.mine(record(21, b"\2\x30", 0x0303))

    swapped = Conversation(443, PORT + 2)
    swapped.mine(hello[150:], at=MINE + 1 + 150)
    swapped.mine(hello[:150], at=MINE + 1)

    parts = Conversation(443, PORT + 3)
    parts.mine(b"".join(record(22, HELLO_13[at:at + 100]) for at in range(0, len(HELLO_13), 100)))
    parts.yours(record(22, server_hello(0x1302, extension(43, numbers(0x0304)), random=RETRY_RANDOM), 0x0303))
    parts.mine(record(20, b"\1", 0x0303) + record(22, HELLO_13, 0x0303))
    parts.yours(record(22, CHOICE_13, 0x0303))

    middle = Conversation(443, PORT + 4)
    middle.frames.clear()
    middle.mine(hello[:60])
    middle.mine(hello[60:])

    resumed = Conversation(443, PORT + 5)
    key = extension(41, vector(vector(b"identity", 2) + bytes(4), 2) + vector(vector(bytes(32), 1), 2))
    resumed.mine(record(22, client_hello(SUITES_13, server_name(), VERSIONS_13, extension(42), key)))
    resumed.yours(record(22, server_hello(0x1301, extension(43, numbers(0x0304)), extension(41, numbers(0))), 0x0303))
    by_ticket = Conversation(443, PORT + 6)
    by_ticket.mine(record(22, client_hello((0xC02F,), extension(35, b"ticket"))))

    hostile = Conversation(443, PORT + 7)
    hostile.mine(record(22, client_hello((0x1301,), server_name(b"\x1b[2J\x07.example"), alpn(b"\r\n"))))
    hostile.yours(record(21, b"\2\x46"))
    cut = Conversation(443, PORT + 8)
    cut.mine(record(22, message(1, b"\3\3")))
    return sum((c.frames for c in (one, two, swapped, parts, middle, resumed, by_ticket, hostile, cut)), [])


def varint(value):
    """RFC 9000, 16."""
    return struct.pack("!H", 0x4000 | value) if value > 63 else bytes([value])


def crypto_frame(offset, data):
    return b"\6" + varint(offset) + varint(len(data)) + data


V1, V2 = 1, 0x6B3343CF
SALTS = {
    V1: bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"),
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
}
FIRST_ID = bytes.fromhex("8394c8f03e515708")


def initial(plain, number=0, version=V1, side=b"client in", first=FIRST_ID, dcid=None, scid=b"", token=b"", pad=1162):
    """A protected Initial packet (RFC 9001, 5): `plain` are its frames, `first` the connection id of the keys."""
    dcid = first if dcid is None else dcid
    plain += bytes(max(0, pad - len(plain)))
    secret = crypto.expand_label(crypto.extract(SALTS[version], first), side, 32)
    prefix = b"quic " if version == V1 else b"quicv2 "
    key, iv, mask_key = (crypto.expand_label(secret, prefix + name, size)
                         for name, size in ((b"key", 16), (b"iv", 12), (b"hp", 16)))
    head = bytes([0xC3 if version == V1 else 0xD3]) + struct.pack("!I", version) + vector(dcid, 1) + vector(scid, 1)
    head += varint(len(token)) + token + struct.pack("!H", 0x4000 | 4 + len(plain) + 16)
    clear = head + struct.pack("!I", number)
    nonce = iv[:-4] + bytes(a ^ b for a, b in zip(iv[-4:], clear[-4:]))
    sealed = crypto.seal(key, nonce, plain, clear)
    mask = crypto.encrypt(crypto.round_keys(mask_key), sealed[:16])
    number = bytes(a ^ b for a, b in zip(clear[-4:], mask[1:]))
    return bytes([head[0] ^ mask[0] & 15]) + head[1:] + number + sealed


def handshake(version=V1, size=60, dcid=b"", scid=b""):
    """A packet of the next protection level, whose keys are secret."""
    first = 0xE0 if version == V1 else 0xF0
    return bytes([first]) + struct.pack("!I", version) + vector(dcid, 1) + vector(scid, 1) + varint(size) + bytes(size)


@frames()
def quic_initials():
    """QUIC: the example of RFC 9001, hellos of versions 1 and 2 with the answers, one over two packets in the wrong order, a retry, version negotiation, a close, a changed packet"""
    def mine(payload, port=PORT, to=443):
        return ether(ipv4(udp(payload, port, to), UDP))

    def yours(payload, port=PORT):
        return ether(ipv4(udp(payload, 443, port, SERVER, CLIENT), UDP, SERVER, CLIENT), src=SERVER_MAC, dst=CLIENT_MAC)

    example = bytes.fromhex(
        "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010"
        "000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000000000330026"
        "0024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603"
        "0203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901"
        "100f088394c8f03e51570806048000ffff")
    parameters = extension(57, b"\1\4\x80\0\x75\x30")
    hello = client_hello((0x1301, 0x1302), server_name(), GROUPS, SIGNATURES, alpn(b"h3"), extension(43, vector(numbers(0x0304), 1)),
                         KEY_SHARE, parameters)
    answer = server_hello(0x1301, extension(43, numbers(0x0304)), extension(51, numbers(29) + vector(bytes(32), 2)))
    server_id = bytes.fromhex("f067a5502a4262b5")
    acknowledged = b"\2\0\0\0\0"
    server = dict(side=b"server in", dcid=b"", scid=server_id)
    second, third, fourth, fifth, sixth = (bytes([n]) * 8 for n in range(2, 7))
    changed = bytearray(initial(crypto_frame(0, hello), first=fifth))
    changed[500] ^= 1
    long = client_hello((0x1301,), server_name(b"long.example.org"), extension(43, vector(numbers(0x0304), 1)),
                        extension(51, vector(numbers(0x11EC) + vector(bytes(1216), 2), 2)), alpn(b"h3"))
    return [
        mine(initial(example, 2)),
        yours(initial(acknowledged + crypto_frame(0, answer), 1, pad=0, **server) + handshake(scid=server_id)),
        mine(initial(acknowledged, 3, dcid=server_id) + handshake(dcid=server_id)),
        mine(b"\x40" + server_id + bytes(30)),
        mine(initial(crypto_frame(0, hello), version=V2, first=second), PORT + 1, 4433),
        mine(initial(crypto_frame(700, long[700:]), 1, first=third), PORT + 2),
        mine(initial(crypto_frame(0, long[:700]), 0, first=third), PORT + 2),
        yours(initial(b"\x1c\x41\x78\6\x0cno such alpn", pad=40, first=third, **server), PORT + 2),
        yours(b"\xf0" + struct.pack("!I", V1) + vector(b"", 1) + vector(server_id, 1) + b"token" + bytes(16), PORT + 3),
        mine(initial(crypto_frame(0, hello), token=b"token", first=fourth), PORT + 3),
        yours(b"\x80\0\0\0\0" + vector(b"", 1) + vector(FIRST_ID, 1) + struct.pack("!III", V1, V2, 0x0A1A2A3A), PORT + 4),
        mine(bytes(changed), PORT + 5),
        mine(initial(crypto_frame(0, hello), first=sixth)[:900], PORT + 6),
    ]


@frames()
def ssh_beginnings():
    """SSH: first lines and key exchanges, one of them over two segments; a first line that a terminal must not obey"""
    def exchange(*lists):
        body = b"\x14" + bytes(16) + b"".join(vector(names, 4) for names in lists) + vector(b"", 4) * 2 + bytes(5)
        padding = -(len(body) + 5) % 8 + 8
        return vector(bytes([padding]) + body + bytes(padding), 4)

    kinds = b"curve25519-sha256,ecdh-sha2-nistp256", b"ssh-ed25519,rsa-sha2-512"
    ciphers, codes = b"chacha20-poly1305@openssh.com,aes128-ctr", b"hmac-sha2-256"
    offer = exchange(*kinds, ciphers, ciphers, codes, codes, b"none", b"none")
    one = Conversation(22)
    one.yours(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    one.mine(b"SSH-2.0-example\r\n" + offer)
    one.yours(offer[:200])
    one.yours(offer[200:])
    two = Conversation(2222, PORT + 1)
    two.yours(b"SSH-2.0-\x1b]0;owned\x07\r\n")
    return one.frames + two.frames


@frames()
def http2_beginnings():
    """HTTP/2 without TLS: preface, settings, their acknowledgment, headers, a reset and a goodbye"""
    def frame(kind, stream=0, flags=0, payload=b""):
        return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload

    talk = Conversation(8080)
    settings = struct.pack("!HIHI", 3, 100, 4, 65535)
    talk.mine(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, payload=settings) + frame(8, payload=b"\0\0\xff\xff"))
    talk.yours(frame(4, payload=struct.pack("!HI", 5, 16384)) + frame(4, flags=1))
    talk.mine(frame(4, flags=1) + frame(1, 1, 5, b"\x82\x86\x84")[:10])
    talk.mine(frame(1, 1, 5, b"\x82\x86\x84")[10:])
    talk.yours(frame(1, 1, 4, b"\x88") + frame(0, 1, 1, b"hello"))
    talk.yours(frame(3, 1, 0, b"\0\0\0\x08") + frame(7, payload=bytes(8)))
    return talk.frames


@frames()
def dns_over_segments():
    """DNS over TCP: a question in two segments, two answers in one, one answer cut in the middle of its length"""
    def name(text):
        return b"".join(vector(part, 1) for part in text.split(b".")) + b"\0"

    question = name(b"example.org") + numbers(1, 1)
    query = vector(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question, 2)
    answer = vector(struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + question
                    + b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 300, 4) + address(SERVER), 2)
    talk = Conversation(53)
    talk.mine(query[:10])
    talk.mine(query[10:])
    talk.yours(answer + answer)
    talk.yours(answer[:1])
    talk.yours(answer[1:])
    talk.mine(query)
    return talk.frames


@frames()
def hostile_fragments():
    """Fragments of attacks: teardrop, an overlap of two versions, a TCP header over two tiny fragments, past 65,535 bytes, two ends, odd lengths; and TCP segments of two versions"""
    datagram = udp(bytes(range(256)) * 2)

    def piece(data, start, ident, more, protocol=UDP):
        return ether(ipv4(data, protocol, flags=int(more), offset=start, ident=ident))

    segment = tcp(b"GET / HTTP/1.0\r\n\r\n", PSH | ACK, dport=80)
    talk = Conversation(443, PORT + 1)
    hello = record(22, HELLO_12)
    talk.mine(hello[:100])
    talk.mine(bytes(byte ^ 1 for byte in hello[60:120]), at=MINE + 1 + 60)
    talk.mine(hello[100:])
    return [
        piece(datagram[:64], 0, 1, True),
        piece(b"\xff" * 8, 24, 1, False),
        piece(datagram[:256], 0, 2, True),
        piece(b"\xee" * 64 + datagram[256:], 192, 2, False),
        piece(segment[:8], 0, 3, True, TCP),
        piece(segment[8:], 8, 3, False, TCP),
        piece(bytes(200), 65400, 4, False),
        piece(datagram[256:], 256, 5, False),
        piece(datagram[256:300], 256, 5, False),
        piece(datagram[:99], 0, 6, True),
        *talk.frames,
    ]
