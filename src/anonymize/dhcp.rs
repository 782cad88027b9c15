//! DHCP messages: addresses and names are their pseudonyms, numbers stay, and of options that are not known there are
//! only codes and lengths.

use super::Pseudonyms;
use super::canvas::Plan;
use crate::decode::Span;
use crate::decode::dhcp::{COOKIE, END, PAD, field};

/// Options by what they hold (RFC 2132).
mod option {
    pub const NUMBERS: [u8; 10] = [1, 23, 26, 51, 52, 53, 55, 57, 58, 59];
    pub const ADDRESSES: [u8; 8] = [3, 6, 28, 42, 44, 50, 54, 118];
    pub const NAMES: [u8; 2] = [12, 15];
    pub const CLIENT: u8 = 61;
}

const ETHERNET: u8 = 1;
/// Places that [`field`] has no name for: what is before the addresses, and the client's station address.
const ADDRESSES: usize = 12;
const HARDWARE: usize = 28;

/// A message; none where it is not there up to its options.
pub(super) fn message(pseudonyms: &mut Pseudonyms, span: Span<'_>) -> Option<Plan> {
    let bytes = span.bytes();
    let options = field::VENDOR.checked_add(4)?;
    if span.u32_at(field::VENDOR)? != COOKIE {
        return None;
    }
    let mut plan = Plan::default();
    plan.put(0, vec![0; bytes.len()]);
    plan.put(0, bytes.get(..ADDRESSES)?);
    for at in [field::CLIENT, field::YOURS, field::SERVER, field::GATEWAY] {
        plan.put(at, pseudonyms.addresses.v4(span.array_at(at)?));
    }
    if (span.u8_at(1), span.u8_at(2)) == (Some(ETHERNET), Some(6)) {
        plan.put(HARDWARE, pseudonyms.station(span.array_at(HARDWARE)?));
    }
    plan.put(field::VENDOR, bytes.get(field::VENDOR..options)?);
    let mut at = options;
    while let Some(next) = option(pseudonyms, bytes, at, &mut plan) {
        at = next;
    }
    Some(plan)
}

/// The option at a place; where the next begins, if there is one.
fn option(pseudonyms: &mut Pseudonyms, bytes: &[u8], at: usize, plan: &mut Plan) -> Option<usize> {
    let code = *bytes.get(at)?;
    let behind = at.checked_add(1)?;
    plan.put(at, [code]);
    if code == PAD || code == END {
        return (code == PAD).then_some(behind);
    }
    let length = *bytes.get(behind)?;
    let from = behind.checked_add(1)?;
    let end = from.checked_add(length.into())?;
    plan.put(behind, [length]);
    let value = bytes.get(from..end)?;
    match (code, value) {
        (code, _) if option::NUMBERS.contains(&code) => plan.put(from, value),
        (code, _) if option::ADDRESSES.contains(&code) => {
            let (addresses, _) = value.as_chunks::<4>();
            plan.put(from, addresses.iter().flat_map(|address| pseudonyms.addresses.v4(*address)).collect::<Vec<u8>>());
        }
        (code, _) if option::NAMES.contains(&code) => plan.put(from, pseudonyms.names.text(value)),
        (option::CLIENT, &[ETHERNET, a, b, c, d, e, f]) => {
            plan.put(from, [ETHERNET]);
            plan.put(from.checked_add(1)?, pseudonyms.station([a, b, c, d, e, f]));
        }
        _ => {}
    }
    Some(end)
}
