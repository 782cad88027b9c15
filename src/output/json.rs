//! A packet as a line of JSON: its fields by their names, each layer an object. `docs/fields.md` describes the form.

use super::{Sheet, values};
use crate::fields::{Field, Kind, Packet, Part, Value, Visitor, visit, visit_frame};
use crate::guard::guarded;

/// The version of the form: it changes where a name or a type does, not where one is added.
pub const SCHEMA: u32 = 1;

/// The values of a packet end at this many bytes: a hostile one could ask for many times its own length.
const MAX_TEXT: usize = 1 << 20;

/// Writes packets as lines of JSON.
#[derive(Debug)]
pub struct Writer {
    /// Whether fields of the kind [`Kind::Payload`] are told.
    payloads: bool,
    failures: u64,
    scratch: Vec<u8>,
}

impl Writer {
    /// A writer that tells long fields of bytes or leaves them out.
    pub fn new(payloads: bool) -> Self {
        Writer { payloads, failures: 0, scratch: Vec::new() }
    }

    /// How many packets made a decoder panic: a fault of ours.
    pub fn failures(&self) -> u64 {
        self.failures
    }

    /// Puts a packet on the sheet: one line, its end included.
    pub fn packet(&mut self, sheet: &mut Sheet, packet: &Packet<'_>) {
        let start = sheet.len();
        if guarded(|| self.object(sheet, |line| visit(packet, line))).is_none() {
            self.failures = self.failures.saturating_add(1);
            sheet.truncate(start);
            self.object(sheet, |line| visit_frame(packet, line));
        }
    }

    fn object(&mut self, sheet: &mut Sheet, fields: impl FnOnce(&mut Line<'_>)) {
        let limit = sheet.len().saturating_add(MAX_TEXT);
        sheet.put("{\"schema\":");
        sheet.dec(SCHEMA);
        let mut line =
            Line { sheet, payloads: self.payloads, first: false, listed: false, limit, scratch: &mut self.scratch };
        fields(&mut line);
        if line.is_full() {
            line.sheet.put(",\"cut\":true");
        }
        sheet.put("}\n");
    }
}

/// A line under way.
struct Line<'s> {
    sheet: &'s mut Sheet,
    payloads: bool,
    /// Nothing stands yet in the object or array that began last.
    first: bool,
    /// What comes are values of a list, which have no keys.
    listed: bool,
    /// Where the sheet is full.
    limit: usize,
    scratch: &'s mut Vec<u8>,
}

impl Line<'_> {
    fn is_full(&self) -> bool {
        self.sheet.len() > self.limit
    }

    #[inline]
    fn comma(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.sheet.put(",");
        }
    }

    #[inline]
    fn key(&mut self, key: &'static str) {
        self.sheet.put(if std::mem::replace(&mut self.first, false) { "\"" } else { ",\"" });
        self.sheet.put(key);
        self.sheet.put("\":");
    }

    fn open(&mut self, bracket: &'static str) {
        self.sheet.put(bracket);
        self.first = true;
    }
}

impl<'a> Visitor<'a> for Line<'_> {
    #[inline]
    fn wants(&self, field: &'static Field) -> bool {
        field.kind != Kind::Payload || self.payloads
    }

    fn begin(&mut self, part: Part) {
        match part {
            Part::Layer(protocol) if protocol.comes_in_rows() => self.comma(),
            Part::Layer(protocol) | Part::Row(protocol) => self.key(protocol.name),
            Part::Inner => self.key("inner"),
            Part::Object(name) | Part::Group(name) => self.key(name),
            Part::Item => self.comma(),
            Part::List(field) => self.key(field.key),
        }
        self.open(if part.is_array() { "[" } else { "{" });
        self.listed = matches!(part, Part::List(_));
    }

    fn end(&mut self, part: Part) {
        self.sheet.put(if part.is_array() { "]" } else { "}" });
        self.first = false;
        self.listed = false;
    }

    #[inline]
    fn value(&mut self, field: &'static Field, value: Value<'a>) {
        if self.is_full() {
            return;
        }
        if self.listed {
            self.comma();
        } else {
            self.key(field.key);
        }
        let sheet = &mut *self.sheet;
        match value {
            Value::Unsigned(number) => sheet.dec(number),
            Value::Signed(number) => sheet.signed(number),
            Value::Bool(is) => sheet.put(if is { "true" } else { "false" }),
            Value::Text(bytes) => sheet.json_text(bytes),
            Value::Domain(_) | Value::ObjectIdentifier(_) | Value::Netbios(_) => {
                sheet.json_text(value.bytes(self.scratch).unwrap_or_default())
            }
            Value::Word(_) | Value::Bytes(_) | Value::Ipv4(_) | Value::Ipv6(_) | Value::Mac(_) | Value::Time(_) => {
                sheet.put("\"");
                values::plain(sheet, &value, self.scratch);
                sheet.put("\"");
            }
        }
    }
}
