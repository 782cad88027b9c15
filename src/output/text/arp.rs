//! Lines of Arp.

use super::Page;
use crate::decode::arp::Arp;

/// Prints one message.
pub fn print(page: &mut Page<'_>, message: &Arp<'_>) {
    page.sheet.put("length ");
    page.sheet.len_of(message.span().wire());
}
