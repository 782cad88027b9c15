//! Digits of numbers, from tables made when the crate is compiled.

/// The two hexadecimal digits of each byte.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiled"
)]
const HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    table
};

/// The decimal digits of each byte and how many they are, a dot behind them.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiled"
)]
pub(super) const DOTTED: [([u8; 4], u8); 256] = {
    let mut table = [([b'.'; 4], 0); 256];
    let mut byte = 0;
    while byte < 256 {
        let mut at = 0;
        let mut unit = if byte >= 100 {
            100
        } else if byte >= 10 {
            10
        } else {
            1
        };
        while unit > 0 {
            table[byte].0[at] = b'0' + (byte / unit % 10) as u8;
            at += 1;
            unit /= 10;
        }
        table[byte].1 = at as u8;
        byte += 1;
    }
    table
};

/// What stands for each byte in a dump: itself where it is printable and no space, else a dot.
#[allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiled"
)]
const SHOWN: [u8; 256] = {
    let mut table = [b'.'; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte] = byte as u8;
        byte += 1;
    }
    table
};

/// The hexadecimal digits of a byte.
#[inline]
pub(super) fn hex_pair(byte: u8) -> [u8; 2] {
    HEX.get(usize::from(byte)).copied().unwrap_or_default()
}

/// What stands for a byte in a dump.
#[inline]
pub(super) fn shown(byte: u8) -> u8 {
    SHOWN.get(usize::from(byte)).copied().unwrap_or(b'.')
}

/// The eight decimal digits of a number below 100,000,000, the first in the lowest byte: pairs, then digits,
/// are split off in all lanes of a word at once.
#[inline]
pub(super) fn eight_digits(number: u32) -> u64 {
    let lanes = u64::from(number / 10_000) | (u64::from(number % 10_000) << 32);
    let hundreds = (lanes.wrapping_mul(10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | (lanes.wrapping_sub(hundreds.wrapping_mul(100)) << 16);
    let tens = (pairs.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
    tens | (pairs.wrapping_sub(tens.wrapping_mul(10)) << 8)
}

/// What makes eight digits eight characters.
pub(super) const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;
