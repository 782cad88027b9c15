//! Signatures of TCP segments (RFC 2385), as the secret given with `-M` makes them.

use md5::{Digest, Md5};

use super::{Ip, Page, Sheet};
use crate::decode::tcp::Tcp;

/// The signature that a segment should have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// No secret was given.
    NoSecret,
    /// It covers more than was captured.
    Unknown,
    Digest([u8; 16]),
}

impl Expected {
    /// Says what a signature found is worth.
    pub(super) fn judge(self, sheet: &mut Sheet, found: &[u8]) {
        match self {
            Expected::Digest(digest) if digest == found => return sheet.put("valid"),
            Expected::Digest(_) => return sheet.put(" (invalid)"),
            Expected::NoSecret => sheet.put("shared secret not supplied with -M, can't check - "),
            Expected::Unknown => sheet.put("snaplen too short, can't check - "),
        }
        sheet.hex_bytes(found, "");
    }
}

/// The signature that the secret makes of a segment: over the pseudo header, the header without options and checksum, the
/// data and the secret (RFC 2385, 2.0).
pub(super) fn expected(page: &Page<'_>, segment: &Tcp<'_>, ip: Option<Ip<'_>>) -> Expected {
    let span = segment.span();
    let (Some(ip), Some(header), false) = (ip, span.array_at::<16>(0), span.is_cut()) else { return Expected::Unknown };
    let Some(secret) = &page.options.tcp_secret else { return Expected::NoSecret };
    let urgent = segment.urgent_pointer().to_be_bytes();
    let length = u32::try_from(span.wire()).unwrap_or(u32::MAX).to_be_bytes();
    let mut digest = Md5::new();
    match ip {
        Ip::V4(ip) => {
            let [_, _, length @ ..] = length;
            digest.update(ip.source());
            digest.update(ip.destination());
            digest.update([0, 6]);
            digest.update(length);
        }
        Ip::V6(ip) => {
            digest.update(ip.source());
            digest.update(page.final_destination.unwrap_or(ip.destination()));
            digest.update(length);
            digest.update([0, 0, 0, 6]);
        }
    }
    digest.update(header);
    digest.update([0, 0]);
    digest.update(urgent);
    digest.update(segment.payload().bytes());
    digest.update(secret);
    Expected::Digest(digest.finalize().into())
}
