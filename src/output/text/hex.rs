//! Bytes of a frame in hexadecimal and ASCII, under its line.

use std::ops::Range;

use super::super::marks;
use super::Sheet;

/// What stands before each line.
const BEFORE: &str = "\n\t";

/// How to show a frame's bytes; the doubled forms begin with the link header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dump {
    #[default]
    None,
    /// `-x`
    Hex,
    /// `-xx`
    HexWithLink,
    /// `-X`
    HexAscii,
    /// `-XX`
    HexAsciiWithLink,
    /// `-A`
    Ascii,
    /// `-AA`
    AsciiWithLink,
}

/// Dumps a frame whose link header has `link_len` bytes, some ranges of it marked.
pub(in crate::output) fn dump(sheet: &mut Sheet, style: Dump, frame: &[u8], link_len: usize, marked: &[Range<usize>]) {
    let start = match style {
        Dump::Hex | Dump::HexAscii | Dump::Ascii => link_len,
        Dump::None | Dump::HexWithLink | Dump::HexAsciiWithLink | Dump::AsciiWithLink => 0,
    };
    let bytes = frame.get(start..).unwrap_or(&[]);
    match style {
        Dump::None => {}
        Dump::Hex | Dump::HexWithLink => lines(sheet, bytes, false, start, marked),
        Dump::HexAscii | Dump::HexAsciiWithLink => lines(sheet, bytes, true, start, marked),
        Dump::Ascii | Dump::AsciiWithLink => {
            sheet.put("\n");
            sheet.lines(bytes);
        }
    }
}

pub(super) fn hex_and_ascii(sheet: &mut Sheet, bytes: &[u8]) {
    indented_with_ascii(sheet, BEFORE, bytes);
}

/// The same with `indent` before each line: what stands inside a packet.
pub(super) fn indented_with_ascii(sheet: &mut Sheet, indent: &'static str, bytes: &[u8]) {
    for (at, line) in bytes.chunks(16).enumerate() {
        sheet.dump_line(indent, at.wrapping_mul(16), line, true);
    }
}

/// Lines of bytes that begin at `start` of the frame in which the marked ranges are counted.
fn lines(sheet: &mut Sheet, bytes: &[u8], ascii: bool, start: usize, marked: &[Range<usize>]) {
    for (at, line) in bytes.chunks(16).enumerate() {
        let offset = at.wrapping_mul(16);
        if marked.is_empty() {
            sheet.dump_line(BEFORE, offset, line, ascii);
        } else {
            sheet.marked_dump_line(BEFORE, offset, line, ascii, marks::in_line(marked, start.wrapping_add(offset)));
        }
    }
}

/// Lines of sixteen bytes in hexadecimal, each with `indent` and their offset before them: what is not
/// understood inside a packet.
pub(super) fn indented(sheet: &mut Sheet, indent: &'static str, bytes: &[u8]) {
    for (at, line) in bytes.chunks(16).enumerate() {
        sheet.put(indent);
        sheet.put("0x");
        sheet.hex_padded((at as u64).wrapping_mul(16), 4);
        sheet.put(": ");
        for pair in line.chunks(2) {
            sheet.put(" ");
            sheet.hex_bytes(pair, "");
        }
    }
}
