//! Option lists of pcapng blocks (draft-ietf-opsawg-pcapng, section 3.5): code, length, value padded to
//! 32 bits.

use crate::frame::{ByteOrder, RawOption};

/// The option codes that mean something to this program.
pub(super) mod code {
    pub const END: u16 = 0;
    pub const SHB_HARDWARE: u16 = 2;
    pub const SHB_OS: u16 = 3;
    pub const SHB_APPLICATION: u16 = 4;
    pub const IF_TSRESOL: u16 = 9;
    pub const IF_FCSLEN: u16 = 13;
    pub const IF_TSOFFSET: u16 = 14;
    pub const EPB_FLAGS: u16 = 2;
}

impl ByteOrder {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            ByteOrder::Little => u64::from_le_bytes(bytes),
            ByteOrder::Big => u64::from_be_bytes(bytes),
        }
    }

    pub(super) fn put_u16(self, out: &mut Vec<u8>, value: u16) {
        out.extend_from_slice(&match self {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
    }

    pub(super) fn put_u32(self, out: &mut Vec<u8>, value: u32) {
        out.extend_from_slice(&match self {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
    }
}

/// An option list that ends inside an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Overrun {
    /// Bytes that option needs, and those that are left.
    pub needed: usize,
    pub available: usize,
}

/// The options in some bytes: code and value, up to the end mark or the end of the bytes.
pub(super) struct Options<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

impl<'a> Options<'a> {
    pub fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Options { bytes, order }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<(u16, &'a [u8]), Overrun>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes.is_empty() {
            return None;
        }
        let overrun = |needed| Some(Err(Overrun { needed, available: bytes.len() }));
        let Some((&[c0, c1, l0, l1], rest)) = bytes.split_first_chunk::<4>() else { return overrun(4) };
        let code = self.order.u16([c0, c1]);
        if code == code::END {
            return None;
        }
        let len = usize::from(self.order.u16([l0, l1]));
        let Some(value) = rest.get(..len) else { return overrun(len.saturating_add(4)) };
        self.bytes = rest.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        Some(Ok((code, value)))
    }
}

/// The options in the bytes of a list, up to its end mark or to what is wrong: code and value.
pub fn option_values(list: &[u8], order: ByteOrder) -> impl Iterator<Item = (u16, &[u8])> {
    Options::new(list, order).map_while(Result::ok)
}

/// Appends an option. Of a value longer than an option can hold, only its head is written.
pub(super) fn put_option(out: &mut Vec<u8>, order: ByteOrder, code: u16, value: &[u8]) {
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    order.put_u16(out, code);
    order.put_u16(out, len);
    out.extend_from_slice(value.get(..usize::from(len)).unwrap_or(&[]));
    pad(out, usize::from(len));
}

/// Appends an option list with its end mark; nothing where there are no options.
pub fn put_options(out: &mut Vec<u8>, order: ByteOrder, options: &[RawOption]) {
    for option in options {
        put_option(out, order, option.code, &option.value);
    }
    if !options.is_empty() {
        put_option(out, order, code::END, &[]);
    }
}

/// Appends the zero bytes that bring something of this length to a multiple of 32 bits.
pub(super) fn pad(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice([0; 3].get(..len.wrapping_neg() & 3).unwrap_or(&[]));
}
