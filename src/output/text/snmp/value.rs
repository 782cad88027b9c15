//! Values of SNMP: the elements of ASN.1 that it allows, and how each is shown.

use super::{Fault, objects};
use crate::decode::Span;
use crate::decode::asn1::{self, Element, class};
use crate::output::Sheet;

const UNIVERSAL: &[&str] = &[
    "U-0",
    "Boolean",
    "Integer",
    "Bitstring",
    "String",
    "Null",
    "ObjID",
    "ObjectDes",
    "U-8",
    "U-9",
    "U-10",
    "U-11",
    "U-12",
    "U-13",
    "U-14",
    "U-15",
    "Sequence",
    "Set",
];

const APPLICATION: &[&str] = &["IpAddress", "Counter", "Gauge", "TimeTicks", "Opaque", "C-5", "Counter64"];

const DATA_UNITS: &[&str] =
    &["GetRequest", "GetNextRequest", "GetResponse", "SetRequest", "Trap", "GetBulk", "Inform", "V2Trap", "Report"];

const EXCEPTIONS: &[&str] = &["noSuchObject", "noSuchInstance", "endOfMibView"];

const PRIVATE: &[&str] = &["P-0"];

/// The names of the tags of a class.
fn tags(class: u8) -> &'static [&'static str] {
    match class {
        class::UNIVERSAL => UNIVERSAL,
        class::APPLICATION => APPLICATION,
        class::CONTEXT => DATA_UNITS,
        _ => PRIVATE,
    }
}

/// The value of an element, all of it captured.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Integer(i32),
    Unsigned(u64),
    String(&'a [u8]),
    Null,
    Identifier(Element<'a>),
    Address(&'a [u8]),
    Sequence(Span<'a>),
    /// A data unit: its kind and what is inside.
    DataUnit(u8, Span<'a>),
    Exception(&'static str),
    /// What SNMP has no use for: its bytes.
    Other(&'a [u8]),
    /// A context-specific element that is neither data unit nor exception.
    Unknown,
}

/// The element that a span begins with and what is behind it; tells what is wrong where there is none.
pub(super) fn parse<'a>(sheet: &mut Sheet, span: Span<'a>) -> Result<(Element<'a>, Span<'a>), Fault> {
    let two = |sheet: &mut Sheet, words: &'static str, first: usize, between: &'static str, second: u64| {
        sheet.put(words);
        sheet.len_of(first);
        sheet.put(between);
        sheet.dec(second);
        sheet.put("]");
    };
    let fault = match Element::parse(span) {
        Ok(parsed) => return Ok(parsed),
        Err(fault) => fault,
    };
    match fault {
        asn1::Fault::Cut => return Err(Fault::End),
        asn1::Fault::Nothing => sheet.put("[nothing to parse]"),
        asn1::Fault::Tag => sheet.put("[Xtagfield?]"),
        asn1::Fault::NoLength => sheet.put("[no asnlen]"),
        asn1::Fault::LengthOfLength(there, said) => two(sheet, "[asnlen? ", there, "<", said as u64),
        asn1::Fault::Length(there, said) => two(sheet, "[len", there, "<asnlen", said.into()),
    }
    Err(Fault::Told)
}

impl<'a> Value<'a> {
    /// Reads an element; tells what should not be there.
    pub(super) fn of(sheet: &mut Sheet, element: &Element<'a>) -> Result<Value<'a>, Fault> {
        let Some(name) = tags(element.class).get(usize::from(element.tag)) else {
            sheet.put(if element.constructed { "[id?C/x/" } else { "[id?P/x/" });
            sheet.dec(element.tag);
            sheet.put("]");
            return Err(Fault::Told);
        };
        let content = element.content;
        if content.is_cut() {
            sheet.put(" [|snmp]");
            return Err(Fault::Told);
        }
        let mut other = |before: &'static str, after: &'static str| {
            sheet.put(before);
            sheet.put(name);
            sheet.put(after);
            Value::Other(content.bytes())
        };
        Ok(match (element.constructed, element.class, element.tag) {
            (false, class::UNIVERSAL, 2) if content.is_empty() => {
                sheet.put("[asnlen=0]");
                return Err(Fault::Told);
            }
            (false, class::UNIVERSAL, 2) => Value::Integer(element.integer()),
            (false, class::UNIVERSAL, 4) => Value::String(content.bytes()),
            (false, class::UNIVERSAL, 5) => Value::Null,
            (false, class::UNIVERSAL, 6) => Value::Identifier(*element),
            (false, class::UNIVERSAL, _) => other("[P/U/", "]"),
            (false, class::APPLICATION, 0) => Value::Address(content.bytes()),
            (false, class::APPLICATION, 1..=3) => Value::Unsigned(element.unsigned() & 0xffff_ffff),
            (false, class::APPLICATION, 6) => Value::Unsigned(element.unsigned()),
            (false, class::APPLICATION, _) => other("[P/A/", "]"),
            (false, class::CONTEXT, tag) => match EXCEPTIONS.get(usize::from(tag)) {
                Some(name) => Value::Exception(name),
                None => Value::Unknown,
            },
            (false, ..) => other("[P/x/", "]"),
            (true, class::UNIVERSAL, 16) => Value::Sequence(content),
            (true, class::UNIVERSAL, _) => other("C/U/", ""),
            (true, class::CONTEXT, kind) => Value::DataUnit(kind, content),
            (true, ..) => other("C/x/", ""),
        })
    }

    pub(super) fn put(&self, sheet: &mut Sheet) {
        let counted = |sheet: &mut Sheet, name: &'static str, inside: Span<'_>| {
            sheet.put(name);
            sheet.put("(");
            sheet.len_of(inside.wire());
            sheet.put(")");
        };
        match *self {
            Value::Integer(number) => sheet.signed(number.into()),
            Value::Unsigned(number) => sheet.dec(number),
            Value::String(bytes) => put_string(sheet, bytes),
            Value::Null => {}
            Value::Identifier(element) if sheet.names_numbers() => objects::put(sheet, element.object_identifier()),
            Value::Identifier(element) => {
                for number in element.object_identifier() {
                    sheet.put(".");
                    sheet.dec(number);
                }
            }
            Value::Address(bytes) => {
                if bytes.len() != 4 {
                    sheet.put("[inetaddr len!=4]");
                }
                let mut joint = "";
                for byte in bytes {
                    sheet.put(joint);
                    sheet.dec(*byte);
                    joint = ".";
                }
            }
            Value::Sequence(inside) => counted(sheet, "Seq", inside),
            Value::DataUnit(kind, inside) => {
                counted(sheet, DATA_UNITS.get(usize::from(kind)).copied().unwrap_or(""), inside);
            }
            Value::Exception(name) => {
                sheet.put("[");
                sheet.put(name);
                sheet.put("]");
            }
            Value::Other(bytes) => put_octets(sheet, bytes),
            Value::Unknown => sheet.put("[BE_ANY!?]"),
        }
    }
}

/// Text in quotes; bytes that are none in hexadecimal.
pub(super) fn put_string(sheet: &mut Sheet, bytes: &[u8]) {
    if bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        sheet.put("\"");
        sheet.caret(bytes);
        sheet.put("\"");
    } else {
        sheet.hex_bytes(bytes, "_");
    }
}

/// Bytes in hexadecimal, a line before each.
pub(super) fn put_octets(sheet: &mut Sheet, bytes: &[u8]) {
    for byte in bytes {
        sheet.put("_");
        sheet.hex_padded(*byte, 2);
    }
}
