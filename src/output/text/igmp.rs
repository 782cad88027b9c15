//! Lines of Igmp.

use super::Page;
use crate::decode::igmp::Igmp;

/// Prints one message.
pub fn print(page: &mut Page<'_>, message: &Igmp<'_>) {
    page.sheet.put("length ");
    page.sheet.len_of(message.span().wire());
}
