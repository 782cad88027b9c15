//! Lines of Llc.

use super::Page;
use crate::decode::Layers;
use crate::decode::llc::Llc;

/// Prints one message and what is inside it.
pub fn print(page: &mut Page<'_>, message: &Llc<'_>, _inside: &mut Layers<'_>) {
    page.sheet.put("length ");
    page.sheet.len_of(message.span().wire());
}
