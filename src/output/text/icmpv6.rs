//! Lines of ICMPv6.

use super::{Ip, Page};
use crate::decode::Layers;
use crate::decode::icmpv6::Icmpv6;

/// Prints one message and what is inside it; `ip` is the header around it.
pub fn print<'a>(page: &mut Page<'_>, message: &Icmpv6<'a>, _inside: &mut Layers<'a>, _ip: Option<Ip<'a>>) {
    page.sheet.put("length ");
    page.sheet.len_of(message.span().wire());
}
