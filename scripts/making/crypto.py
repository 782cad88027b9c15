"""What protects the Initial packets of QUIC (RFC 9001, 5): HKDF, AES-128 and its Galois/Counter Mode, for a few packets."""

import hashlib
import hmac
import struct


def extract(salt, key):
    """HKDF-Extract (RFC 5869, 2.2)."""
    return hmac.digest(salt, key, "sha256")


def expand_label(secret, label, length):
    """HKDF-Expand-Label of TLS 1.3 (RFC 8446, 7.1) with an empty context, up to 32 bytes."""
    label = b"tls13 " + label
    info = struct.pack("!HB", length, len(label)) + label + b"\0"
    return hmac.digest(secret, info + b"\1", "sha256")[:length]


def doubled(byte):
    return byte << 1 ^ (0x11B if byte & 0x80 else 0)


def product(a, b):
    """The product in the field of AES (FIPS 197, 4.2)."""
    out = 0
    while b:
        out ^= a if b & 1 else 0
        a, b = doubled(a), b >> 1
    return out


def substitute(byte):
    """FIPS 197, 5.1.1: the inverse, then an affine map."""
    inverse = next((n for n in range(256) if product(byte, n) == 1), 0)
    turned = 0
    for bit in range(8):
        ones = sum(inverse >> (bit + n) % 8 & 1 for n in (0, 4, 5, 6, 7))
        turned |= (ones & 1) << bit
    return turned ^ 0x63


BOX = bytes(substitute(n) for n in range(256))


def round_keys(key):
    words = [key[n:n + 4] for n in range(0, 16, 4)]
    constant = 1
    for n in range(4, 44):
        word = words[-1]
        if n % 4 == 0:
            word = bytes(BOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = doubled(constant)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word)))
    return [b"".join(words[n:n + 4]) for n in range(0, 44, 4)]


def mixed(column):
    a, b, c, d = column
    return [product(p, 2) ^ product(q, 3) ^ r ^ s for p, q, r, s in
            ((a, b, c, d), (b, c, d, a), (c, d, a, b), (d, a, b, c))]


def encrypt(keys, block):
    """One block under AES-128 (FIPS 197, 5.1); `keys` are its `round_keys`."""
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [BOX[state[(n + n % 4 * 4) % 16]] for n in range(16)]
        if number < 10:
            state = sum((mixed(state[n:n + 4]) for n in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def field_product(x, y):
    """The product in the field of GCM (NIST SP 800-38D, 6.3)."""
    out = 0
    for bit in range(127, -1, -1):
        if y >> bit & 1:
            out ^= x
        x = x >> 1 ^ (0xE1 << 120 if x & 1 else 0)
    return out


def seal(key, nonce, plain, clear):
    """`plain` encrypted with AES-128-GCM and the tag behind it, which covers `clear` too (NIST SP 800-38D, 7.1)."""
    keys = round_keys(key)
    stream = b"".join(encrypt(keys, nonce + struct.pack("!I", 2 + n)) for n in range(-(-len(plain) // 16)))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    hash_key, state = int.from_bytes(encrypt(keys, bytes(16)), "big"), 0
    padded = b"".join(part + bytes(-len(part) % 16) for part in (clear, sealed))
    for n in range(0, len(padded) + 16, 16):
        block = padded[n:n + 16] or struct.pack("!QQ", 8 * len(clear), 8 * len(sealed))
        state = field_product(state ^ int.from_bytes(block, "big"), hash_key)
    first = int.from_bytes(encrypt(keys, nonce + b"\0\0\0\1"), "big")
    return sealed + (state ^ first).to_bytes(16, "big")
