//! Bytes of a frame in hexadecimal and ASCII, under its line.

use super::Sheet;

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

/// Dumps a frame whose link header has `link_len` bytes.
pub(super) fn dump(sheet: &mut Sheet, style: Dump, frame: &[u8], link_len: usize) {
    let inside = frame.get(link_len..).unwrap_or(&[]);
    match style {
        Dump::None => {}
        Dump::Hex => hex(sheet, inside),
        Dump::HexWithLink => hex(sheet, frame),
        Dump::HexAscii => hex_and_ascii(sheet, inside),
        Dump::HexAsciiWithLink => hex_and_ascii(sheet, frame),
        Dump::Ascii => ascii(sheet, inside),
        Dump::AsciiWithLink => ascii(sheet, frame),
    }
}

fn ascii(sheet: &mut Sheet, bytes: &[u8]) {
    sheet.put("\n");
    sheet.lines(bytes);
}

fn hex(sheet: &mut Sheet, bytes: &[u8]) {
    lines(sheet, "\n\t", bytes, false);
}

pub(super) fn hex_and_ascii(sheet: &mut Sheet, bytes: &[u8]) {
    lines(sheet, "\n\t", bytes, true);
}

/// The same with `indent` before each line: what stands inside a packet.
pub(super) fn indented_with_ascii(sheet: &mut Sheet, indent: &'static str, bytes: &[u8]) {
    lines(sheet, indent, bytes, true);
}

fn lines(sheet: &mut Sheet, indent: &'static str, bytes: &[u8], ascii: bool) {
    for (at, line) in bytes.chunks(16).enumerate() {
        sheet.dump_line(indent, at.wrapping_mul(16), line, ascii);
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
