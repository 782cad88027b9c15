//! Lines of IPsec through UDP (RFC 3948): what keeps a translation alive, and encrypted payloads.

use super::{Page, ipsec};
use crate::decode::Span;
use crate::decode::ipsec::Encapsulated;

/// Prints a datagram; whether it is one of these, and not a message of IKE.
pub(super) fn print(page: &mut Page<'_>, span: Span<'_>) -> bool {
    match (span.wire(), span.u32_at(0)) {
        (1, _) if span.u8_at(0) == Some(0xff) => page.sheet.put("isakmp-nat-keep-alive"),
        // The marker where an encrypted payload would have its index.
        (_, Some(0)) => return false,
        (4.., Some(_)) => {
            page.sheet.put("UDP-encap: ");
            match Encapsulated::parse(span) {
                Ok((header, _, _)) => ipsec::encapsulated(page, &header),
                Err(_) => page.truncated("esp"),
            }
        }
        _ => page.truncated("isakmp_rfc3948"),
    }
    true
}
