//! Fields of TFTP.

use super::{Value, Visitor};
use crate::decode::tftp::{Tftp, operation, string};
use crate::decode::{Short, Span};

fields! { tftp, "tftp", Plain, "Trivial file transfer protocol (RFC 1350)";
    OPERATION "opcode" Number "1 read, 2 write, 3 data, 4 acknowledgment, 5 error, 6 options" ["tftp.opcode" "" "tftp.packet"];
    FILE "file" Text "File that is read or written" ["" "" "tftp.file"];
    MODE "mode" Text "How it is transferred" ["tftp.type" "" "tftp.mode"];
    BLOCK "block" Number "Block of data" ["tftp.block" "" ""];
    ERROR "error_code" Number "What went wrong" ["tftp.error.code" "" ""];
    ERROR_TEXT "error" Text "The same in words" ["tftp.error.message" "" ""];
    OPTION_NAME "option_name" Text "Options" ["tftp.option.name" "" ""];
    OPTION_VALUE "option_value" Text "Their values; the nth belongs to the nth name" ["tftp.option.value" "" ""];
}

pub(super) fn visit<'a>(span: Span<'a>, out: &mut impl Visitor<'a>) -> Result<(), Short> {
    let packet = Tftp::parse(span)?;
    out.put(&OPERATION, packet.operation);
    match packet.operation {
        operation::READ | operation::WRITE => {
            let mut texts = texts(packet.body);
            out.maybe(&FILE, texts.next());
            out.maybe(&MODE, texts.next());
            options(texts, out);
        }
        operation::DATA | operation::ACKNOWLEDGMENT => out.maybe(&BLOCK, packet.body.u16_at(0)),
        operation::ERROR => {
            out.maybe(&ERROR, packet.body.u16_at(0));
            out.maybe(&ERROR_TEXT, texts(packet.body.skip(2)).next());
        }
        operation::OPTIONS => options(texts(packet.body), out),
        _ => {}
    }
    if span.is_cut() { Err(span.short(span.wire())) } else { Ok(()) }
}

/// Texts that end with a zero each.
fn texts<'a>(span: Span<'a>) -> impl Iterator<Item = Value<'a>> + Clone {
    let mut rest = Some(span);
    std::iter::from_fn(move || {
        let (text, behind) = string(rest?);
        rest = behind;
        behind.map(|_| Value::Text(text))
    })
}

/// Names and values in turn.
fn options<'a>(texts: impl Iterator<Item = Value<'a>> + Clone, out: &mut impl Visitor<'a>) {
    if texts.clone().next().is_some() {
        out.list(&OPTION_NAME, texts.clone().step_by(2));
        out.list(&OPTION_VALUE, texts.skip(1).step_by(2));
    }
}
