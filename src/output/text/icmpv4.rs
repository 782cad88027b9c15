//! Lines of Icmpv4.

use super::Page;
use crate::decode::Layers;
use crate::decode::icmpv4::Icmpv4;

/// Prints one message and what is inside it.
pub fn print(page: &mut Page<'_>, message: &Icmpv4<'_>, _inside: &mut Layers<'_>) {
    page.sheet.put("length ");
    page.sheet.len_of(message.span().wire());
}
