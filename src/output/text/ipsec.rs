//! Lines of IPsec and IP payload compression.

use super::{Ip, Page, walk};
use crate::decode::ipsec::{Authentication, Compression, Encapsulated};
use crate::decode::{Layers, Span};

/// Prints an authentication header and what follows it.
pub(super) fn authentication<'a>(
    page: &mut Page<'_>,
    header: &Authentication<'a>,
    layers: &mut Layers<'a>,
    ip: Option<Ip<'a>>,
) {
    match fields(page, header) {
        Some(()) => walk(page, layers, ip),
        None => page.truncated("ah"),
    }
}

/// A header whose length is not there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if !span.bytes().is_empty() {
        page.sheet.put("AH");
    }
    page.truncated("ah");
}

/// All that the header says; none where bytes are missing.
fn fields(page: &mut Page<'_>, header: &Authentication<'_>) -> Option<()> {
    let sheet = &mut *page.sheet;
    let (words, length) = (header.words(), header.length());
    sheet.put("AH(");
    if page.options.verbose > 0 {
        sheet.put("length=");
        sheet.dec(words);
        sheet.put("(");
        sheet.len_of(length);
        sheet.put("-bytes),");
    }
    let reserved = header.reserved()?;
    if reserved != 0 {
        sheet.put("reserved=0x");
        sheet.hex(reserved);
        sheet.put("[MustBeZero],");
    }
    let index = header.index()?;
    sheet.put("spi=0x");
    sheet.hex_padded(index, 8);
    sheet.put(",");
    let sequence = header.sequence()?;
    sheet.put("seq=0x");
    sheet.hex(sequence);
    sheet.put(",icv=0x");
    let value = header.check_value();
    sheet.hex_bytes(value.bytes(), "");
    if header.span().bytes().len() < length {
        return None;
    }
    sheet.put("): ");
    Some(())
}

/// Prints what can be seen of an encrypted payload.
pub(super) fn encapsulated(page: &mut Page<'_>, header: &Encapsulated) {
    page.sheet.put("ESP(spi=0x");
    page.sheet.hex_padded(header.index, 8);
    page.sheet.put(",seq=0x");
    page.sheet.hex(header.sequence);
    page.sheet.put("), length ");
    page.sheet.len_of(header.length);
}

/// Prints the header of a compressed payload.
pub(super) fn compression(page: &mut Page<'_>, header: &Compression) {
    page.sheet.put("IPComp(cpi=0x");
    page.sheet.hex_padded(header.index, 4);
    page.sheet.put(")");
}
