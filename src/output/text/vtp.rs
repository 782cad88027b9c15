//! Lines of the VLAN trunking protocol.

use super::words::{Words, padded, word};
use super::{Page, Sheet, hex, invalid, whole};
use crate::decode::Span;
use crate::decode::vtp::{self, Vtp};

const KINDS: Words =
    &[(1, "Summary advertisement"), (2, "Subset advertisement"), (3, "Advertisement request"), (4, "Join message")];

const FIELDS: Words = &[
    (1, "Source-Routing Ring Number TLV"),
    (2, "Source-Routing Bridge Number TLV"),
    (3, "STP type TLV"),
    (4, "Parent VLAN TLV"),
    (5, "Translationally bridged VLANs TLV"),
    (6, "Pruning TLV"),
    (7, "Bridge Type TLV"),
    (8, "Max ARP Hop Count TLV"),
    (9, "Max STE Hop Count TLV"),
    (10, "Backup CRF Mode TLV"),
];

/// Prints one message.
pub(super) fn print(page: &mut Page<'_>, message: &Vtp<'_>) {
    match fields(page, message) {
        None => page.truncated("vtp"),
        Some(Told::Whole) => {}
        Some(Told::Invalid) => {
            if invalid(page.sheet, message.span()).is_none() {
                page.truncated("vtp");
            }
        }
    }
}

/// A message whose head is not all there.
pub(super) fn malformed(page: &mut Page<'_>, span: Span<'_>) {
    if span.wire() >= vtp::HEAD || invalid(page.sheet, span).is_none() {
        page.truncated("vtp");
    }
}

/// How far a message could be told.
#[derive(PartialEq, Eq)]
enum Told {
    Whole,
    Invalid,
}

/// What the message says; none where bytes were not captured.
fn fields(page: &mut Page<'_>, message: &Vtp<'_>) -> Option<Told> {
    let sheet = &mut *page.sheet;
    sheet.put("VTPv");
    sheet.dec(message.version());
    sheet.put(", Message ");
    sheet.put(word(KINDS, message.kind()).unwrap_or("Unknown message type"));
    sheet.put(" (0x");
    sheet.hex_padded(message.kind(), 2);
    sheet.put("), length ");
    sheet.len_of(message.span().wire());
    if page.options.verbose == 0 {
        whole(message.span())?;
        return Some(Told::Whole);
    }
    sheet.put("\n\tDomain name: ");
    if !(1..=32).contains(&message.domain_len()) {
        sheet.put(" [invalid MgmtD Len ");
        sheet.dec(message.domain_len());
        sheet.put("]");
        return Some(Told::Invalid);
    }
    padded(sheet, message.domain());
    sheet.put(match message.kind() {
        vtp::SUMMARY => ", Followers: ",
        vtp::SUBSET => ", Seq number: ",
        vtp::REQUEST | vtp::JOIN => ", Rsvd: ",
        _ => ", Unknown: ",
    });
    sheet.dec(message.sequence());
    let body = message.body();
    match message.kind() {
        vtp::SUMMARY => summary(sheet, body),
        vtp::SUBSET => {
            let revision = body.u32_at(0)?;
            sheet.put(", Config Rev ");
            sheet.hex(revision);
            let mut rest = body.skip(4);
            while !rest.is_empty() {
                let length = rest.u8_at(0)?;
                if length == 0 || page.is_full() {
                    break;
                }
                let (_, behind) = rest.split(length.into()).ok()?;
                if vlan(page.sheet, rest.limit(length.into()))? == Told::Invalid {
                    return Some(Told::Invalid);
                }
                rest = behind;
            }
            Some(Told::Whole)
        }
        vtp::REQUEST => {
            let start = body.u32_at(0)?;
            sheet.put("\n\tStart value: ");
            sheet.dec(start);
            Some(Told::Whole)
        }
        _ => Some(Told::Whole),
    }
}

/// Which revision there is, who made it and when, and a digest.
fn summary(sheet: &mut Sheet, body: Span<'_>) -> Option<Told> {
    let (revision, updater) = (body.u32_at(0)?, body.array_at(4)?);
    sheet.put("\n\t  Config Rev ");
    sheet.hex(revision);
    sheet.put(", Updater ");
    sheet.ipv4(updater);
    let time = body.array_at::<12>(8)?;
    sheet.put(", Timestamp");
    for word in time.as_chunks::<4>().0 {
        sheet.put(" 0x");
        sheet.hex_bytes(word, "");
    }
    let digest = body.array_at::<16>(20)?;
    sheet.put(", MD5 digest: ");
    sheet.hex_bytes(&digest, "");
    Some(Told::Whole)
}

/// One VLAN.
fn vlan(sheet: &mut Sheet, entry: Span<'_>) -> Option<Told> {
    if entry.wire() < 12 {
        return Some(Told::Invalid);
    }
    let [_, status, kind, name_len] = entry.array_at(0)?;
    let (id, mtu, said) = (entry.u16_at(4)?, entry.u16_at(6)?, entry.u32_at(8)?);
    sheet.put("\n\tVLAN info status ");
    sheet.put(match status {
        0 => "Operational",
        1 => "Suspended",
        _ => "Unknown",
    });
    sheet.put(match kind {
        1 => ", type Ethernet",
        2 => ", type FDDI",
        3 => ", type TrCRF",
        4 => ", type FDDI-net",
        5 => ", type TrBRF",
        _ => ", type Unknown",
    });
    sheet.put(", VLAN-id ");
    sheet.dec(id);
    sheet.put(", MTU ");
    sheet.dec(mtu);
    sheet.put(", SAID 0x");
    sheet.hex_padded(said, 8);
    sheet.put(", Name ");
    // A name is filled up to a multiple of four bytes.
    let Ok((name, mut rest)) = entry.skip(12).split(usize::from(name_len).next_multiple_of(4)) else {
        return Some(Told::Invalid);
    };
    padded(sheet, name.get(..usize::from(name_len))?);
    while !rest.is_empty() {
        let Some([kind, words]) = rest.array_at(0) else { return Some(Told::Invalid) };
        sheet.put("\n\t\t");
        sheet.put(word(FIELDS, kind).unwrap_or("Unknown"));
        sheet.put(" (0x");
        sheet.hex_padded(kind, 4);
        sheet.put(") TLV");
        let length = usize::from(words).saturating_mul(2).saturating_add(2);
        if length > rest.wire() {
            sheet.put(" (TLV goes past the end of the packet)");
            return Some(Told::Invalid);
        }
        if words != 1 {
            sheet.put(" (invalid TLV length ");
            sheet.dec(words);
            sheet.put(" != 1)");
            return Some(Told::Invalid);
        }
        field(sheet, kind, rest.limit(length))?;
        rest = rest.skip(length);
    }
    Some(Told::Whole)
}

fn field(sheet: &mut Sheet, kind: u8, field: Span<'_>) -> Option<()> {
    let value = field.u16_at(2)?;
    let name = match (kind, value) {
        (3, 1) => ", SRT (",
        (3, 2) => ", SRB (",
        (3, 3) => ", Auto (",
        (3, _) => ", Unknown (",
        (6, 1) => ", Enabled (",
        (6, _) => ", Disabled (",
        (7, 1) => ", SRB (",
        (7, _) => ", SRT (",
        (10, 1) => ", Backup (",
        (10, _) => ", Not backup (",
        (9, _) => {
            sheet.put(", ");
            sheet.dec(value);
            return Some(());
        }
        _ => {
            hex::indented(sheet, "\n\t\t  ", field.bytes());
            return Some(());
        }
    };
    sheet.put(name);
    sheet.dec(value);
    sheet.put(")");
    Some(())
}
